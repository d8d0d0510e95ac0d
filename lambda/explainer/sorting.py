"""Which of the events behind an alarm a mail tells: not what another mail does, nor what people called harmless."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from common.incident import Incident
from common.ledger import Claim

from explainer.alarms import Episode
from explainer.facts import Watch
from explainer.kit import Kit
from explainer.memory import EVENT
from explainer.rows import LISTED
from explainer.search import BEFORE, Found, Haul
from explainer.tally import KEPT, Line, line_of

GUARDIAN_TIME = timedelta(minutes=3)
"""How long the guardian may take to deal with an event: its grace time, and a retry."""
_LOOKED_UP = 50


@dataclass(kw_only=True)
class Sorted:
    """`lines` are to be told. `elsewhere` are told by other mails, or will be; `suppressed` counts by suppression,
    `muted` what came while the alarm was muted on purpose.

    `done` are ids that this watch need not look at again although no mail tells them.
    """

    lines: list[Line] = field(default_factory=list)
    elsewhere: int = 0
    suppressed: Counter[str] = field(default_factory=Counter)
    muted: int = 0
    done: set[str] = field(default_factory=set)


def sort(haul: Haul, *, watch: Watch, kit: Kit, since: datetime, episode: Episode | None = None) -> Sorted:
    """Sort what a search brought. `since` is the start of the search.

    What a watch counts has to lie in the `episode`'s span; of others everything is told that was not told yet.
    """
    memory, now = kit.memory, kit.clock.now()
    known = memory.seen_since(since - BEFORE, watch=watch.name)
    if not watch.counts:
        known |= memory.told_since(since - BEFORE)
    found, looked_up, verdict = Sorted(), 0, False
    for event in _counted(haul, episode) if watch.counts and episode else haul.events:
        if event.event_id in known:
            found.elsewhere += 1
            continue
        if not watch.counts and kit.guardian and kit.is_guardians(event.record):
            if looked_up < _LOOKED_UP:
                looked_up, verdict = looked_up + 1, _leave(event, kit, now)
            if verdict:
                found.elsewhere += 1
                continue
        if name := kit.facts.suppression(event.record, watch=watch, now=now):
            found.suppressed[name] += 1
            found.done.add(event.event_id)
            continue
        found.lines.append(line_of(event, place=kit.environment.place, keep=len(found.lines) < KEPT))
    return found


def claim(found: Sorted, *, watch: Watch, kit: Kit) -> list[str]:
    """Claim each of a few events for this mail, and drop what another run claimed; the keys of what is ours.

    Many at once are not claimed one by one: at worst a second alarm of the same minute tells of them too.
    """
    if watch.counts or len(found.lines) > LISTED:
        return []
    mine: list[Line] = []
    for line in found.lines:
        if claim_event(line, severity=watch.severity, kit=kit) is Claim.TOLD:
            found.elsewhere += 1
        else:
            mine.append(line)
    found.lines = mine
    return [f"{EVENT}{line.event_id}" for line in mine]


def claim_event(line: Line, *, severity: str, kit: Kit) -> Claim:
    """Claim one event."""
    on = f" on {line.target}" if line.target else ""
    return kit.memory.claim(
        Incident(
            key=f"{EVENT}{line.event_id}",
            what=f"{line.call}{on} by {line.who} from {line.address}, {line.region}, account {line.account}",
            severity=severity,
            seen_at=kit.clock.now(),
            returns=False,
        )
    )


def _counted(haul: Haul, episode: Episode) -> list[Found]:
    """The events whose log time lies in the alarm's span; all of them when those are fewer than it counted."""
    start, end = episode.start.timestamp() * 1000, episode.end.timestamp() * 1000
    inside = [event for event in haul.events if start <= event.logged_ms <= end]
    return inside if episode.value is None or len(inside) >= episode.value else haul.events


def _leave(event: Found, kit: Kit, now: datetime) -> bool:
    """Whether the guardian has dealt with an event of its own, or may still be about to."""
    if kit.guardian and kit.guardian.knows(event.record):
        return True
    return now - datetime.fromtimestamp(event.logged_ms / 1000, now.tzinfo) < GUARDIAN_TIME
