"""`drill`: the real trail stopped on purpose, and timed until it logs again. It is left logging, whatever happens."""

from operate.drilling.verb import Options, run

__all__ = ["Options", "run"]
