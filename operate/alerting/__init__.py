"""`test-alert`: one alarm set by hand and followed to the people, hop by hop. Then it is put back."""

from operate.alerting.verb import Options, run

__all__ = ["Options", "run"]
