"""One call of the guardian, from a message to what people are told.

Logging comes first and at once: no ledger, no desired state and no caller stands before StartLogging. The trail's
settings come second, after the grace time. The sweep's rounds come last.
"""

from dataclasses import dataclass
from typing import Any

from common.errors import NotReported
from common.ledger import Claim
from common.retry import is_transient_code

from guardian import rounds, storm
from guardian.budget import spent
from guardian.cause import Trigger
from guardian.decide import (
    Finding,
    Outcome,
    conclude,
)
from guardian.errors import NotRestored
from guardian.fields import FIELDS
from guardian.kit import Kit
from guardian.mails import Mails
from guardian.patrol import Patrol
from guardian.remit import Mode
from guardian.repair import put_back
from guardian.sight import look
from guardian.sweep import deliveries
from guardian.trail import Logging, restart
from guardian.upkeep import Hands, keep

# The whole run: parts of the time that is left when it begins.
_GO_ON, _UPKEEP = 0.6, 0.8
_HELD = frozenset({Outcome.CHANGED, Outcome.NOTHING_WRONG})  # told, if at all, with what the settings are like
_EVERY_FIELD = frozenset(field.key for field in FIELDS)
_UNKNOWN_BUT_LOGGING = frozenset({Outcome.WEAK_WANTED, Outcome.NO_WANTED, Outcome.NO_SETUP})


@dataclass
class Run:
    """One call. `kit` is what it works with."""

    kit: Kit

    def __post_init__(self) -> None:
        self.mails = Mails(self.kit)

    def answer(self, finding: Finding) -> dict[str, Any]:
        """Do the rest, once the look at logging has found something, or there was nothing to look for.

        Answers {"outcome", "settings", "mails", …}; raises NotReported, else NotRestored.
        """
        if finding.before is None:
            self.kit.say("INFO", f"silent: {finding.outcome}", **self.mails.facts(finding), reported=False)
            if finding.outcome is Outcome.OWN_REPAIR:
                self.kit.ledger.note_event(self.kit.event_id)
            return {**self.mails.facts(finding), "settings": None, "mails": 0}
        is_held = finding.outcome in _HELD
        failed = [] if is_held else self.mails.tell(finding)
        settings = None
        if finding.after and finding.after.logging is Logging.ON:
            settings = keep(self.kit.cause, told_as=finding, hands=self._hands())
            if finding.outcome is Outcome.CHANGED and settings.outcome in _UNKNOWN_BUT_LOGGING:
                failed += self.mails.tell(finding)
            if is_held or not settings.is_silent:
                failed += self.mails.tell(settings)
            if settings.aside:
                failed += self.mails.tell(settings.aside)
            if settings.outcome is Outcome.GONE:
                self.kit.teller.drop_drifts()  # claimed before the repair that found no trail; told with its end
        if not any(isinstance(error, NotReported) for error in failed):
            self.kit.ledger.note_event(self.kit.event_id)
        if finding.is_failure and self._go_on(finding):
            failed = [error for error in failed if not isinstance(error, NotRestored)]
        if self.kit.cause.trigger is Trigger.SCHEDULE:
            self._go_round(finding, settings)
        else:
            if self.kit.obeys_plan:  # whoever obeys a plan announces it, were it over before the next round
                failed += self._tell_plan()
            failed += self._look_after_sweep()
        for error in failed:
            raise error
        facts = self.mails.facts(finding)
        return {**facts, "settings": str(settings.outcome) if settings else None, "mails": self.kit.teller.mails}

    def _look_after_sweep(self) -> list[Exception]:
        try:
            Patrol(kit=self.kit).look_after_sweep()
        except NotReported as error:
            return [error]
        return []

    def _hands(self) -> Hands:
        environment, clock = self.kit.environment, self.kit.clock
        cloudtrail = self.kit.cloudtrail
        ssm = self.kit.client_for("ssm", environment.trail.region)
        until = self.kit.mark(_UPKEEP)
        remit = environment.remit
        return Hands(
            grace_s=remit.grace_s,
            # What only notifies has nothing to leave: all drift is told alike.
            fields=_EVERY_FIELD if remit.mode is Mode.NOTIFY else remit.fields,
            is_dry_run=remit.mode is Mode.DRY_RUN,
            look=lambda: look(environment=environment, ssm=ssm, cloudtrail=cloudtrail, clock=clock, until=until),
            wait=clock.sleep,
            left_s=lambda: self.kit.left_s,
            may_act=self._may_act,
            begin=self._begin,
            put_back=lambda wanted, drifts: put_back(
                cloudtrail,
                environment.trail.arn,
                drifts,
                wanted=wanted,
                clock=clock,
                until=until,
                note=self.kit.ledger.note_call,
            ),
            is_own=lambda cause: self.kit.ledger.knows_call(str(cause.record.get("requestID") or "")),
        )

    def _may_act(self) -> str:
        if self.kit.environment.mode is Mode.NOTIFY:
            return "remediation mode is notify"
        if planned := self.kit.planned():
            return planned
        budget = self.kit.environment.remit.budget
        repairs, now = self.kit.ledger.repairs(), self.kit.clock.now()
        if repairs is not None and spent([*repairs, now], budget=budget, now=now).is_exhausted:
            return f"there were {budget.repairs} repairs within {budget.minutes} min already"
        return ""

    def _begin(self, finding: Finding) -> None:
        """Claim the incident before the trail is changed: what a crash then leaves behind is told by the sweep."""
        incident = self.mails.incident(finding._replace(outcome=Outcome.PUT_BACK))
        self.kit.teller.claim(incident, event_id=self.kit.event_id)

    def _tell_plan(self) -> list[Exception]:
        try:
            rounds.look_at_plan(self.kit.maintenance, teller=self.kit.teller, now=self.kit.noticed_at)
        except NotReported as error:
            return [error]
        return []

    def _go_on(self, finding: Finding) -> bool:
        """Go on starting a trail that AWS was too busy to start in the first half minute: people know by now."""
        attempt = finding.attempt
        if attempt is None or not is_transient_code(attempt.error_code):
            return False
        cloudtrail = self.kit.cloudtrail
        marks = {"until": self.kit.mark(_GO_ON), "read_until": self.kit.mark(_UPKEEP)}
        later, after = restart(cloudtrail, self.kit.environment.trail.arn, clock=self.kit.clock, **marks)
        later = later._replace(tries=attempt.tries + later.tries)
        assert finding.before
        ended = conclude(
            self.kit.cause, mode=self.kit.environment.mode, before=finding.before, attempt=later, after=after
        )
        if ended.outcome is not Outcome.RESTORED:
            return False
        key = self.mails.incident(finding).key
        if self.kit.ledger.take(key) is not Claim.TOLD:
            self.kit.teller.publish(self.mails.report(ended), incident=key)
            self.kit.ledger.told(key, lasts=False)
        return True

    def _go_round(self, finding: Finding, settings: Finding | None) -> None:
        environment = self.kit.environment
        state = settings.after if settings and settings.after else finding.after
        inspected = Patrol(kit=self.kit).inspect()
        now = self.kit.clock.now()
        found = [*(deliveries(state, environment=environment, now=now) if state else ()), *inspected.found]
        holds = {
            self.mails.incident(each).key
            for each in (finding, settings, settings.aside if settings else None)
            if each and each.lasts
        }
        holds |= {each.key for each in found if each.lasts}
        rounds.tell_conditions(found, teller=self.kit.teller, now=self.kit.noticed_at)
        holds |= rounds.look_at_plan(self.kit.maintenance, teller=self.kit.teller, now=self.kit.noticed_at)
        repairs = self.kit.ledger.repairs() or []
        if spent(repairs, budget=environment.remit.budget, now=now).repairs:
            holds.add(storm.KEY)
        blind = (*self._blind(finding, settings), *inspected.blind)
        seen = rounds.Seen(at=self.kit.noticed_at, holds=frozenset(holds), blind=blind)
        rounds.settle(seen, teller=self.kit.teller, now=now)

    def _blind(self, finding: Finding, settings: Finding | None) -> tuple[str, ...]:
        """The beginnings of keys of which this run cannot know whether they still hold."""
        if finding.outcome is Outcome.UNREADABLE:
            return ("stopped#", "gone", "drift#", "wanted#", "settings-unreadable", "delivery#")
        # The trail is gone or stopped: nothing is known of the rest.
        if settings is None or settings.outcome is Outcome.GONE:
            return ("drift#", "wanted#", "settings-unreadable", "delivery#")
        if settings.outcome in _UNKNOWN_BUT_LOGGING:
            return ("drift#",) if settings.outcome is not Outcome.NO_SETUP else ("drift#", "wanted#")
        return ()
