"""The verbs of daily use, each a plain function that returns its exit code: `sets`, `test-pattern` and `check`."""

from operate.checking.verb import check
from operate.sets import sets
from operate.try_pattern import try_pattern

__all__ = ["check", "sets", "try_pattern"]
