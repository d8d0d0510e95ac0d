"""A finding with what the parts of its report share."""

from dataclasses import dataclass
from datetime import datetime

from common.actor import Actor

from guardian.decide import Finding
from guardian.environment import Environment


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a report is written from.

    `actor` is None when the message tells nothing of who it was. `noticed_at` is when the guardian woke, `now` when it
    writes, both UTC.
    """

    finding: Finding
    environment: Environment
    actor: Actor | None
    noticed_at: datetime
    now: datetime
