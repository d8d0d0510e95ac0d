"""The sweep's rounds: tell what it sees, remind of what lasts, tell what is over and what a crash left untold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.incident import Incident, next_reminder
from common.ledger import Claim, Entry, Phase

from guardian import notice, storm
from guardian.environment import Environment
from guardian.maintenance import BEGINS, Maintenance, Unusable
from guardian.sweep import Condition
from guardian.tell import Teller

_NEWS = timedelta(days=1)
"""How long planned work that is over, and that nobody was told of, is news."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What this run knows: the keys of the incidents that last (`holds`), and the beginnings of keys it is `blind` to.

    `at` is when the run began to look (UTC): an incident that was opened later is not judged by it.
    """

    at: datetime
    holds: frozenset[str]
    blind: tuple[str, ...] = ()

    @property
    def has_plan(self) -> bool:
        """Planned work is on."""
        return any(key.startswith(BEGINS) for key in self.holds)

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
            key=each.key,
            environment=teller.environment,
        )
        incident = Incident(key=each.key, what=each.sentence, severity=each.severity, seen_at=now)
        if each.last_words and teller.claim(incident) is not Claim.TOLD:
            last = notice.last_words(each.last_words, environment=teller.environment)
            if teller.tell_last(last):
                teller.say("INFO", last.subject, reported=True, incident=each.key)
        teller.tell(report, incident, lasts=each.lasts)


def look_at_plan(plan: Maintenance | Unusable | None, *, teller: Teller, now: datetime) -> frozenset[str]:
    """Tell of planned work, or of a record that cannot be used; the keys of what lasts."""
    if isinstance(plan, Unusable):
        report = notice.unusable(plan, environment=teller.environment)
        what = f"A maintenance record cannot be used: {'; '.join(plan.problems)}"
        teller.tell(report, Incident(key=plan.key, what=what, severity="high", seen_at=now), lasts=True)
        return frozenset({plan.key})
    if plan is None or now < plan.begins:
        return frozenset()
    is_on = plan.is_on(now)
    if not is_on and (now - plan.begins > _NEWS or teller.ledger.knows_any(plan.beginning)):
        return frozenset()  # its end is told by `settle`
    # Else it is told when it begins; what was over before anybody looked is told in one mail.
    report = (notice.begins if is_on else notice.was)(plan, environment=teller.environment)
    incident = Incident(key=plan.key, what=plan.what, severity="high", seen_at=now, returns=False, reminds=False)
    teller.tell(report, incident, lasts=is_on)
    return frozenset({plan.key}) if is_on else frozenset()


def settle(seen: Seen, *, teller: Teller, now: datetime) -> None:
    """Go through everything that is not over. Does nothing while the ledger does not answer."""
    for entry in teller.ledger.unsettled() or []:
        if entry.opened_at < seen.at:
            _settle(entry, seen, teller=teller, now=now)


def _settle(entry: Entry, seen: Seen, *, teller: Teller, now: datetime) -> None:
    environment, ledger, lasts = teller.environment, teller.ledger, seen.lasts(entry.key)
    later = next_reminder(entry.opened_at, now)
    if entry.phase is Phase.CLAIMED:
        is_due = entry.lease_until is None or entry.lease_until < now
        report = notice.left_behind(entry, lasts=lasts, environment=environment)
    elif lasts is False and entry.key.startswith(BEGINS) and seen.has_plan:
        ledger.told(entry.key, lasts=False)  # its end was moved, or other work follows: the mail of that has told it
        return
    elif lasts is False:
        is_due, report = True, _end_of(entry, environment=environment, now=now)
    else:
        # A storm tells of itself, and what cannot be judged now is left for the next round.
        is_due = lasts is True and entry.key != storm.KEY and entry.remind_at is not None and entry.remind_at <= now
        report = notice.reminder(entry, environment=environment, now=now)
    if is_due and ledger.take(entry.key) is not Claim.TOLD:
        teller.publish(report, incident=entry.key)
        # What cannot be judged now stays open, so that its end will be told as well.
        ledger.told(entry.key, lasts=lasts is not False, remind_at=later)


def _end_of(entry: Entry, *, environment: Environment, now: datetime) -> notice.Report:
    compose = notice.ends if entry.key.startswith(BEGINS) else notice.cleared
    return compose(entry, environment=environment, now=now)
