"""The sweep's rounds: tell what it sees, remind of what lasts, tell what is over and what a crash left untold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from common.incident import Incident, next_reminder
from common.ledger import Claim, Entry, Phase

from guardian import notice, storm
from guardian.environment import Environment
from guardian.maintenance import Maintenance
from guardian.sweep import Condition
from guardian.tell import Teller

MAINTENANCE = "maintenance#"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What this run knows: the keys of the incidents that `hold`, and the beginnings of keys it is `blind` to.

    `at` is when the run began to look (UTC): an incident that was opened later is not judged by it.
    """

    at: datetime
    holds: frozenset[str]
    blind: tuple[str, ...] = ()

    def lasts(self, key: str) -> bool | None:
        """Whether an incident still lasts; None when this run cannot know."""
        if key in self.holds:
            return True
        return None if key.startswith(self.blind) else False


def tell_conditions(found: Iterable[Condition], *, teller: Teller, now: datetime) -> None:
    """One mail for each condition that is new. Where the alerts may reach nobody, the last resort hears first."""
    for each in found:
        report = notice.notice(
            severity=each.severity,
            title=each.title,
            sentence=each.sentence,
            steps=each.steps,
            environment=teller.environment,
        )
        incident = Incident(key=each.key, what=each.sentence, severity=each.severity, seen_at=now)
        if each.last_words and teller.claim(incident) is not Claim.TOLD:
            last = notice.last_words(each.last_words, environment=teller.environment)
            if teller.tell_last(last):
                teller.say("INFO", last.subject, reported=True, incident=each.key)
        teller.tell(report, incident, lasts=each.lasts)


def announce(maintenance: Maintenance, *, teller: Teller, now: datetime) -> str:
    """Tell that planned work has begun, once; its key, under which it stays open until `settle` tells its end."""
    key = f"{MAINTENANCE}{maintenance.begins:%Y-%m-%dT%H:%M:%SZ}"
    incident = Incident(key=key, what="Maintenance", severity="high", seen_at=now, returns=False, reminds=False)
    teller.tell(notice.begins(maintenance, environment=teller.environment), incident, lasts=True)
    return key


def settle(seen: Seen, *, maintenance: Maintenance | None, teller: Teller, now: datetime) -> None:
    """Go through everything that is not over. Does nothing while the ledger does not answer."""
    for entry in teller.ledger.unsettled() or []:
        if entry.opened_at < seen.at:
            _settle(entry, seen.lasts(entry.key), maintenance=maintenance, teller=teller, now=now)


def _settle(
    entry: Entry, lasts: bool | None, *, maintenance: Maintenance | None, teller: Teller, now: datetime
) -> None:
    environment, ledger = teller.environment, teller.ledger
    later = next_reminder(entry.opened_at, now)
    if entry.phase is Phase.CLAIMED:
        is_due = entry.lease_until is None or entry.lease_until < now
        report = notice.left_behind(entry, lasts=lasts, environment=environment)
    elif lasts is False:
        is_due, report = True, _end_of(entry, maintenance=maintenance, environment=environment, now=now)
    else:
        # A storm tells of itself, and what cannot be judged now is left for the next round.
        is_due = lasts is True and entry.key != storm.KEY and entry.remind_at is not None and entry.remind_at <= now
        report = notice.reminder(entry, environment=environment, now=now)
    if is_due and ledger.take(entry.key) is not Claim.TOLD:
        teller.publish(report, incident=entry.key)
        # What cannot be judged now stays open, so that its end will be told as well.
        ledger.told(entry.key, lasts=lasts is not False, remind_at=later)


def _end_of(entry: Entry, *, maintenance: Maintenance | None, environment: Environment, now: datetime) -> notice.Report:
    if entry.key.startswith(MAINTENANCE) and maintenance:
        return notice.ends(maintenance, environment=environment)
    return notice.cleared(entry, environment=environment, now=now)
