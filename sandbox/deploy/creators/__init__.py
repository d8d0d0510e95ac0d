"""Creators: for each resource type of the program, the AWS calls that the provider would make.

Public: `CREATED`, the table from Pulumi token to creator.
"""

from ._table import CREATED

__all__ = ["CREATED"]
