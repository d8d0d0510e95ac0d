"""The attack table, played: each way to blind the trail, and what comes of it: undone, or told.

Public: `Range`, a deployed stack to attack; `ROWS`, every attack with what must come of it; `play`, which plays one on
a range and answers what was seen; `run`, the command `demo --attacks`.
"""

from ._play import Result, play
from ._range import Range
from ._row import Row
from ._rows import ROWS
from ._run import run

__all__ = ["ROWS", "Range", "Result", "Row", "play", "run"]
