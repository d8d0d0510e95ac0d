"""One event of a critical watch, by the event rule: told at once."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from common.ledger import Claim

from explainer.facts import loudest
from explainer.kit import Kit
from explainer.mail import attributes_of, compose
from explainer.memory import EVENT
from explainer.search import Found
from explainer.sorting import claim_event
from explainer.subject import account_of, region_of
from explainer.tally import Tally, line_of
from explainer.told import Told

AT_ONCE = 5
"""Events of one watch that are told one by one within five minutes; the rest are left to the alarm, in one mail."""
_TOLD_WITHIN = timedelta(hours=1)


def tell(record: Mapping[str, Any], *, kit: Kit) -> str:
    """Tell of an event; what was done about it, in words for the log. Raises NotReported."""
    matching = [watch for watch in kit.facts.matching(record) if not watch.counts]
    ours = [watch for watch in matching if watch.by_event]
    if not ours:
        return "not watched by event"
    if kit.is_guardians(record):
        return "the guardian's"
    event_id = record.get("eventID")
    known_id = event_id if isinstance(event_id, str) and event_id else f"hash:{_hash(record)}"
    found = Found(event_id=known_id[:128], logged_ms=round(kit.noticed_at.timestamp() * 1000), record=record)
    line, watch, memory = line_of(found, place=kit.environment.place), ours[0], kit.memory
    if memory.count_single(watch.name) > AT_ONCE:
        return "left to the alarm"
    if line.event_id in memory.told_since(kit.noticed_at - _TOLD_WITHIN):
        return "told by another mail"
    if claim_event(line, severity=watch.severity, kit=kit) is Claim.TOLD:
        return "told by another mail"
    told = Told(
        watch=watch,
        severity=loudest(matching),
        tally=Tally.of([line]),
        environment=kit.environment,
        now=kit.clock.now(),
        noticed_at=kit.noticed_at,
        also=tuple(each for each in matching if each is not watch),
    )
    report = compose(told)
    kit.publish(
        report,
        attributes=attributes_of(report, told),
        set=watch.name,
        events=1,
        eventId=line.event_id,
        account=account_of(told),
        region=region_of(told),
    )
    for each in ours:
        memory.note_told({line.event_id}, watch=each.name)
    memory.told(f"{EVENT}{line.event_id}", lasts=False)
    return "told"


def _hash(record: Mapping[str, Any]) -> str:
    text = json.dumps(record, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
