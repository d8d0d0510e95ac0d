"""One call of the guardian, from a message to what people are told.

Logging comes first and at once: no ledger, no desired state and no caller stands before StartLogging. The trail's
settings come second, after the grace time. The sweep's rounds come last.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from guardian import rounds, storm
from guardian.actor import actor_of
from guardian.budget import Spent, spent
from guardian.cause import Cause, Trigger, parse
from guardian.decide import CHANGES, Finding, Outcome, conclude, overlooked, should_start, without_looking
from guardian.environment import Environment, Mode
from guardian.errors import NotPutBack, NotReported, NotRestored
from guardian.incident import Incident, incident_of
from guardian.ledger import Claim, Ledger
from guardian.maintenance import Maintenance
from guardian.maintenance import read as read_maintenance
from guardian.repair import put_back
from guardian.report import Report, compose
from guardian.retry import Clock, call, is_transient_code
from guardian.rows import rows
from guardian.sight import look
from guardian.sweep import conditions
from guardian.tell import Teller
from guardian.text import clean, moment
from guardian.told import Told
from guardian.trail import Logging, read, restart
from guardian.upkeep import Hands, keep
from guardian.wanted import DEFAULT_BUDGET, Budget, Wanted
from guardian.wanted import read as read_wanted

ClientFor = Callable[[str, str], Any]
"""A boto3 client for a service and a region."""

Log = Callable[[Mapping[str, Any]], None]
"""Takes one record; it becomes one line."""

# Logging: parts of the first half minute (or of all the time there is). The last try of each step begins before its
# mark, so a repair that AWS throttles is told by then; what is tried afterwards is told as well.
_FIRST_S = 30.0
_LOOK, _START, _READ_BACK = 0.15, 0.55, 0.65
# The whole run: parts of the time that is left when it begins.
_GO_ON, _UPKEEP, _TELL = 0.6, 0.8, 0.9
# A stop that no event told: older than an event takes to arrive, younger than the day in which it is news.
_OVERLOOKED = (timedelta(minutes=3), timedelta(hours=24))
_OVERLOOKED_WITHOUT_LEDGER = (timedelta(minutes=3), timedelta(minutes=13))
_EXPLAINS = timedelta(minutes=20)  # a change and the drift it made: an event may come late, the sweep every 5 minutes
_HELD = frozenset({Outcome.CHANGED, Outcome.NOTHING_WRONG})  # told, if at all, with what the settings are like
_BUDGET_S = 2.0  # how long a mail about a stop waits for the desired state, which only knows how many are too many
_REPAIRED = frozenset({Outcome.RESTORED, Outcome.PUT_BACK})
_UNKNOWN_BUT_LOGGING = frozenset({Outcome.WEAK_WANTED, Outcome.NO_WANTED, Outcome.NO_SETUP})


@dataclass
class Run:
    """What one call works with. `began` and `remaining_s` are of the monotonic clock."""

    cause: Cause
    environment: Environment
    client_for: ClientFor
    clock: Clock
    log: Log
    remaining_s: float
    noticed_at: datetime
    began: float

    @classmethod
    def begin(
        cls,
        event: object,
        *,
        environment: Environment,
        client_for: ClientFor,
        clock: Clock,
        log: Log,
        remaining_s: float,
    ) -> "Run":
        """Read the message and the clocks."""
        return cls(
            cause=parse(event, environment=environment),
            environment=environment,
            client_for=client_for,
            clock=clock,
            log=log,
            remaining_s=remaining_s,
            noticed_at=clock.now(),
            began=clock.monotonic(),
        )

    def answer(self) -> dict[str, Any]:
        """Do everything. Answers {"outcome", "settings", "mails", …}; raises NotReported, else NotRestored."""
        silent = without_looking(self.cause)
        if silent:
            self.say("INFO", f"silent: {silent.outcome}", **self._facts(silent), reported=False)
            return {**self._facts(silent), "settings": None, "mails": 0}
        finding = self._watch_logging()
        is_held = finding.outcome in _HELD
        failed = [] if is_held else self._tell(finding)
        settings = None
        if finding.after and finding.after.logging is Logging.ON:
            settings = keep(self.cause, told_as=finding, hands=self._hands())
            if finding.outcome is Outcome.CHANGED and settings.outcome in _UNKNOWN_BUT_LOGGING:
                failed += self._tell(finding)
            if is_held or not settings.is_silent:
                failed += self._tell(settings)
        if finding.is_failure and self._go_on(finding):
            failed = [error for error in failed if not isinstance(error, NotRestored)]
        if self.cause.trigger is Trigger.SCHEDULE:
            self._go_round(finding, settings)
        for error in failed:
            raise error
        facts = self._facts(finding)
        return {**facts, "settings": str(settings.outcome) if settings else None, "mails": self.teller.mails}

    def say(self, level: str, message: str, **facts: Any) -> None:
        """One line of the log. Lambda's own log filter reads `timestamp` and `level`."""
        now = self.clock.now().isoformat()
        self.log({"timestamp": now, "level": level, "message": message, **self._about(), **facts})

    def _about(self) -> dict[str, Any]:
        return {
            "operation": self.cause.operation,
            "trigger": self.cause.trigger.name.lower(),
            "eventId": self.event_id,
            "trail": self.environment.trail.arn,
            "stack": self.environment.stack,
            "version": self.environment.version,
        }

    @property
    def event_id(self) -> str:
        """Of the CloudTrail event, "" when the message holds none."""
        return clean(self.cause.record.get("eventID"), 64)

    @cached_property
    def ledger(self) -> Ledger:
        """Not asked before StartLogging, except for planned work."""
        environment = self.environment
        return Ledger(
            lambda: self.client_for("dynamodb", environment.trail.region),
            table=environment.ledger,
            trail_arn=environment.trail.arn,
            clock=self.clock,
        )

    @cached_property
    def teller(self) -> Teller:
        """Tells people; the last try to publish begins before the last mark of the run."""
        return Teller(
            environment=self.environment,
            ledger=self.ledger,
            sns=lambda: self.client_for("sns", self.environment.topic_region),
            clock=self.clock,
            say=self.say,
            until=self._mark(_TELL),
        )

    @cached_property
    def maintenance(self) -> Maintenance | None:
        """The record of planned work, whether it holds now or not."""
        return read_maintenance(self.ledger.maintenance())

    @cached_property
    def budget(self) -> Budget:
        """The desired state's; the default while that cannot be used."""
        ssm = self.client_for("ssm", self.environment.trail.region)
        name, mode, now = self.environment.wanted, self.environment.mode, self.clock.monotonic()
        wanted = read_wanted(ssm, name, mode=mode, clock=self.clock, until=now + _BUDGET_S)
        return wanted.budget if isinstance(wanted, Wanted) else DEFAULT_BUDGET

    def _mark(self, part: float, *, of_s: float | None = None) -> float:
        return self.began + part * (self.remaining_s if of_s is None else of_s)

    def _watch_logging(self) -> Finding:
        first_s = min(_FIRST_S, self.remaining_s)
        arn, mode = self.environment.trail.arn, self.environment.mode
        cloudtrail = self.client_for("cloudtrail", self.environment.trail.region)
        before = read(cloudtrail, arn, clock=self.clock, until=self._mark(_LOOK, of_s=first_s))
        planned = self._planned() if should_start(before, mode=mode) else ""
        if planned and before.logging is Logging.OFF:
            mode = Mode.NOTIFY
        if not should_start(before, mode=mode):
            finding = conclude(self.cause, mode=mode, before=before, after=before)
            return self._overlooked(replace(finding, left=planned))
        attempt, after = restart(
            cloudtrail,
            arn,
            clock=self.clock,
            until=self._mark(_START, of_s=first_s),
            read_until=self._mark(_READ_BACK, of_s=first_s),
        )
        return conclude(self.cause, mode=mode, before=before, attempt=attempt, after=after)

    def _planned(self) -> str:
        planned = self.maintenance
        if planned is None or not planned.is_on(self.noticed_at):
            return ""
        return f"maintenance by {planned.author} until {moment(planned.ends)} ({planned.reason})"

    def _overlooked(self, finding: Finding) -> Finding:
        """A hint that finds the trail logging, and CloudTrail remembers a stop that nobody was told of."""
        state = finding.after
        if finding.outcome is not Outcome.NOTHING_WRONG or state is None or state.stopped_at is None:
            return finding
        age = self.noticed_at - state.stopped_at
        if not _OVERLOOKED[0] <= age <= _OVERLOOKED[1]:
            return finding
        key = self.ledger.same_stop(state.stopped_at)
        least, most = _OVERLOOKED_WITHOUT_LEDGER if self.ledger.is_down else _OVERLOOKED
        if key or not least <= age <= most:
            return finding
        return overlooked(finding)

    def _hands(self) -> Hands:
        environment, clock = self.environment, self.clock
        cloudtrail = self.client_for("cloudtrail", environment.trail.region)
        ssm = self.client_for("ssm", environment.trail.region)
        until = self._mark(_UPKEEP)
        return Hands(
            look=lambda: look(environment=environment, ssm=ssm, cloudtrail=cloudtrail, clock=clock, until=until),
            wait=clock.sleep,
            left_s=lambda: self.began + self.remaining_s - clock.monotonic(),
            may_act=self._may_act,
            begin=self._begin,
            put_back=lambda wanted, drifts: put_back(
                cloudtrail,
                environment.trail.arn,
                drifts,
                wanted=wanted,
                clock=clock,
                until=until,
                note=self.ledger.note_call,
            ),
            is_own=lambda cause: self.ledger.knows_call(str(cause.record.get("requestID") or "")),
        )

    def _may_act(self, wanted: Wanted) -> str:
        if self.environment.mode is Mode.NOTIFY:
            return "remediation mode is notify"
        if planned := self._planned():
            return planned
        repairs, now = self.ledger.repairs(), self.clock.now()
        if repairs is not None and spent([*repairs, now], budget=wanted.budget, now=now).is_exhausted:
            return f"there were {wanted.budget.repairs} repairs within {wanted.budget.minutes} min already"
        return ""

    def _begin(self, finding: Finding) -> None:
        """Claim the incident before the trail is changed: what a crash then leaves behind is told by the sweep."""
        self.teller.claim(self._incident(replace(finding, outcome=Outcome.PUT_BACK)), event_id=self.event_id)

    def _incident(self, finding: Finding) -> Incident:
        report = self._report(finding)
        incident = incident_of(finding, what=report.body.partition("\n")[0], seen_at=self.noticed_at)
        if incident.key.startswith("stopped#") and finding.stopped_at:
            known = self.ledger.same_stop(finding.stopped_at)
            return replace(incident, key=known or incident.key)
        return incident

    def _report(self, finding: Finding) -> Report:
        return compose(finding, environment=self.environment, noticed_at=self.noticed_at, now=self.clock.now())

    def _tell(self, finding: Finding) -> list[Exception]:
        """Tell of a finding; what has to be raised once everything is done, the gravest first."""
        facts = self._facts(finding)
        if finding.is_silent:
            self.say("INFO", f"silent: {finding.outcome}", **facts, reported=False)
            return []
        failed: list[Exception] = []
        try:
            if not self._tell_once(finding):
                self.say("INFO", f"told already: {finding.outcome}", **facts, reported=False)
        except NotReported as error:
            failed.append(error)
        arn = self.environment.trail.arn
        if finding.outcome is Outcome.NOT_PUT_BACK:
            failed.append(NotPutBack(arn, "; ".join(drift.field.label for drift in finding.drifts)))
        elif finding.is_failure:
            failed.append(NotRestored(arn, str(finding.outcome)))
        return failed

    def _tell_once(self, finding: Finding) -> bool:
        incident, report = self._incident(finding), self._report(finding)
        if finding.outcome is Outcome.CHANGED and self._is_explained():
            return False
        if finding.outcome not in _REPAIRED:
            level = "ERROR" if finding.is_failure else "INFO"
            return self.teller.tell(
                report,
                incident,
                lasts=finding.lasts,
                event_id=self.event_id,
                level=level,
                **self._facts(finding),
            )
        told = Told(
            finding=finding,
            environment=self.environment,
            actor=actor_of(self.cause.record, account=self.environment.trail.account) if self.cause.record else None,
            noticed_at=self.noticed_at,
            now=self.clock.now(),
        )
        return storm.tell_repair(
            report,
            incident,
            spent=self._spend(),
            rows=rows(told),
            event_id=self.event_id,
            teller=self.teller,
            facts=self._facts(finding),
        )

    def _is_explained(self) -> bool:
        """The change was found, undone and told by another run: this event is one more member of that incident."""
        at = self.cause.at
        if at is None or self.cause.operation not in CHANGES or self.cause.by_guardian:
            return False
        return bool(self.ledger.explains(at, within=_EXPLAINS))

    def _spend(self) -> Spent | None:
        repairs = self.ledger.count_repair()
        if repairs is None:
            return None
        # The first repair is within every budget: its mail does not wait for the desired state.
        budget = self.budget if len(repairs) > 1 else DEFAULT_BUDGET
        return spent(repairs, budget=budget, now=self.clock.now())

    def _go_on(self, finding: Finding) -> bool:
        """Go on starting a trail that AWS was too busy to start in the first half minute: people know by now."""
        attempt = finding.attempt
        if attempt is None or not is_transient_code(attempt.error_code):
            return False
        cloudtrail = self.client_for("cloudtrail", self.environment.trail.region)
        marks = {"until": self._mark(_GO_ON), "read_until": self._mark(_UPKEEP)}
        later, after = restart(cloudtrail, self.environment.trail.arn, clock=self.clock, **marks)
        later = replace(later, tries=attempt.tries + later.tries)
        assert finding.before
        ended = conclude(self.cause, mode=self.environment.mode, before=finding.before, attempt=later, after=after)
        if ended.outcome is not Outcome.RESTORED:
            return False
        key = self._incident(finding).key
        if self.ledger.take(key) is not Claim.TOLD:
            self.teller.publish(self._report(ended), incident=key)
            self.ledger.told(key, lasts=False)
        return True

    def _go_round(self, finding: Finding, settings: Finding | None) -> None:
        now, environment = self.clock.now(), self.environment
        found = (
            list(conditions(finding.after, self._rule_state(), environment=environment, now=now))
            if finding.after
            else []
        )
        holds = {self._incident(each).key for each in (finding, settings) if each and each.lasts}
        holds |= {each.key for each in found}
        rounds.tell_conditions(found, teller=self.teller, now=self.noticed_at)
        planned = self.maintenance
        if planned and planned.is_on(self.noticed_at):
            holds.add(rounds.announce(planned, teller=self.teller, now=self.noticed_at))
        repairs = self.ledger.repairs() or []
        if spent(repairs, budget=self.budget, now=now).count:
            holds.add(storm.KEY)
        seen = rounds.Seen(at=self.noticed_at, holds=frozenset(holds), blind=self._blind(finding, settings))
        rounds.settle(seen, maintenance=planned, teller=self.teller, now=now)

    def _blind(self, finding: Finding, settings: Finding | None) -> tuple[str, ...]:
        """The beginnings of keys of which this run cannot know whether they still hold."""
        if finding.outcome is Outcome.UNREADABLE:
            return ("stopped#", "gone", "drift#", "wanted#", "settings-unreadable", "delivery#")
        if settings is None:  # the trail is gone or stopped: nothing is known of the rest
            return ("drift#", "wanted#", "settings-unreadable", "delivery#")
        if settings.outcome in _UNKNOWN_BUT_LOGGING:
            return ("drift#",) if settings.outcome is not Outcome.NO_SETUP else ("drift#", "wanted#")
        return ()

    def _rule_state(self) -> str:
        events = self.client_for("events", self.environment.trail.region)
        answer = call(
            lambda: str(events.describe_rule(Name=self.environment.rule).get("State", "")),
            clock=self.clock,
            until=self._mark(_UPKEEP),
            first_wait_s=0.3,
        )
        if answer.value is not None:
            return answer.value
        return "" if answer.error_code == "ResourceNotFoundException" else f"?{answer.error_code}"

    def _facts(self, finding: Finding) -> dict[str, Any]:
        restarted_at = finding.attempt.at if finding.attempt else None
        return {
            **self._about(),
            "outcome": str(finding.outcome),
            "mode": str(self.environment.mode),
            "gapMs": None if finding.gap_s is None else round(finding.gap_s * 1000),
            "restartMs": round((restarted_at - self.noticed_at).total_seconds() * 1000) if restarted_at else None,
        }
