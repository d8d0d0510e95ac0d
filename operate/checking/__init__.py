"""`check`: an AWS account read back and judged. What is read is a `Survey`; judging it is pure."""

from operate.checking.verb import check

__all__ = ["check"]
