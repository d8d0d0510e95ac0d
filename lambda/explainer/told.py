"""What a mail is written from."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from explainer.alarms import Episode
from explainer.environment import Environment
from explainer.facts import Watch
from explainer.tally import Tally


class Kind(StrEnum):
    """Which mail of an alarm it is."""

    FIRST = "first"
    MORE = "more"
    FOLLOW_UP = "follow-up"


class Told(NamedTuple):
    """Everything that a mail says.

    `tally` holds the events that this mail tells. `alarm` is the alarm's name and `episode` when it rang; both are
    empty for an event that came by the event rule. `also` are the other watches that such events belong to. Of the
    alarm's events, `elsewhere` are told by other mails, `suppressed` are not told (by suppression), `muted` came while
    a planned change muted the alarm, `missing` were counted and are not in the log; `so_far` is how many there were in
    all. The log was read to its end if `is_complete`, else `error_code` says what AWS refused. Times are in UTC.
    """

    watch: Watch
    severity: str
    tally: Tally
    environment: Environment
    now: datetime
    noticed_at: datetime
    kind: Kind = Kind.FIRST
    alarm: str = ""
    episode: Episode | None = None
    also: tuple[Watch, ...] = ()
    elsewhere: int = 0
    so_far: int = 0
    suppressed: Mapping[str, int] = MappingProxyType({})
    muted: int = 0
    missing: int = 0
    is_complete: bool = True
    error_code: str = ""
