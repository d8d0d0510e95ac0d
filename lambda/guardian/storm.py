"""Repairs that do not end: one escalation, then a mail now and then, however often the trail is repaired."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from common.incident import Incident
from common.ledger import Claim
from common.report import Report

from guardian import notice
from guardian.budget import Spent
from guardian.tell import Teller

KEY = "storm"


def tell_repair(
    report: Report,
    incident: Incident,
    *,
    spent: Spent | None,
    rows: Iterable[tuple[str, str]],
    event_id: str,
    teller: Teller,
    facts: Mapping[str, Any],
) -> bool:
    """Tell of a repair that worked; whether people were told. `spent` is None when nobody knows how many there were.

    Beyond the budget the repair's own mail becomes the storm's: the first at once, another after each window. `facts`
    go into the log.
    """
    if spent is None or not spent.is_exhausted:
        return teller.tell(report, incident, lasts=False, event_id=event_id, **facts)
    incident = incident._replace(names_culprit=None)  # no mails that add a name: the storm would be louder by them
    if teller.claim(incident, event_id=event_id) is Claim.TOLD:
        return False
    now = teller.clock.now()
    what = f"{spent.repairs} repairs within {spent.budget.minutes} min"
    storm = Incident(key=KEY, what=what, severity="critical", seen_at=now)
    claim = teller.claim(storm)
    goes_on = claim is Claim.TOLD
    is_due = not goes_on or teller.ledger.take(KEY, due=True) is Claim.MINE
    if is_due:
        loud = notice.escalation(spent, last=report, rows=rows, goes_on=goes_on, environment=teller.environment)
        teller.publish(loud, incident=KEY, **facts)
        teller.ledger.told(KEY, lasts=True, remind_at=now + timedelta(minutes=spent.budget.minutes))
    teller.told(incident, lasts=False)
    return is_due
