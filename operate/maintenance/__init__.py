"""`maintenance`: planned work, told to the guardian, so that it tells and does not restore. Four hours at most."""

from operate.maintenance.verb import end, show, start

__all__ = ["end", "show", "start"]
