"""The verbs of daily use, each a plain function that returns its exit code: `sets` and `test-pattern`."""

from operate.sets import sets
from operate.try_pattern import try_pattern

__all__ = ["sets", "try_pattern"]
