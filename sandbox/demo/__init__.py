"""The demo: a trail is stopped, comes back, and a mail says who; played in the sandbox, and only claiming what it saw.

Public: `run` plays it and returns the exit code.
"""

from ._run import run

__all__ = ["run"]
