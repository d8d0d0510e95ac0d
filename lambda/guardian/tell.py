"""Telling people, once for each incident: claim, publish, mark as told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from common.errors import NotReported
from common.incident import Incident, next_reminder
from common.ledger import Claim
from common.report import Report, publication
from common.retry import Answer, Clock, call

from guardian import notice
from guardian.environment import Environment
from guardian.ledger import Ledger
from guardian.memory import Memory

UNSENT = "unsent"
"""The key of the incident that reports are lost."""
_UNSENT_AGAIN = timedelta(hours=1)

Say = Callable[..., None]
"""Takes level, message and facts; it becomes one line of the log."""

_PUBLISH_WAIT_S = 0.5


@dataclass
class Teller:
    """Publishes reports. `until` is a reading of `clock.monotonic` after which no try begins; `sns` a client by region.

    Counts its `mails`, and remembers its `claims`: a run may claim an incident before it acts and tell afterwards.
    `memory` outlives the run while the function is warm: when an incident was told without a ledger.
    """

    environment: Environment
    ledger: Ledger
    sns: Callable[[str], Any]
    clock: Clock
    say: Say
    until: float
    memory: Memory = field(default_factory=Memory)
    mails: int = 0
    claims: dict[str, Claim] = field(default_factory=dict)

    def claim(self, incident: Incident, *, event_id: str = "") -> Claim:
        """Whether this run tells of the incident; a ledger that does not answer is said in the log, once."""
        known = self.claims.get(incident.key)
        if known is Claim.TOLD or known is Claim.UNKNOWN:
            return known
        claim = self.ledger.hold(incident.key) if known else self.ledger.claim(incident, event_id=event_id)
        if claim is Claim.UNKNOWN and Claim.UNKNOWN not in self.claims.values():
            error = self.ledger.error_code
            self.say("ERROR", "the ledger does not answer: people may be told more than once", error=error)
        self.claims[incident.key] = claim
        return claim

    def tell(self, report: Report, incident: Incident, *, lasts: bool, event_id: str = "", **facts: Any) -> bool:
        """Tell of an incident unless that was done; whether people were told now. Raises NotReported.

        `facts` go into the log.
        """
        claim, now = self.claim(incident, event_id=event_id), self.clock.now()
        # Whoever has an event has more to say than a warm function remembers to have told.
        is_remembered = lasts and not event_id and self.memory.holds(incident.key, now=now)
        if claim is Claim.TOLD or (claim is Claim.UNKNOWN and is_remembered):
            return False
        self.publish(report, incident=incident.key, **facts)
        self.told(incident, lasts=lasts)
        if claim is Claim.UNKNOWN:
            self.memory.note(incident.key, now=now)
        return True

    def told(self, incident: Incident, *, lasts: bool) -> None:
        """Mark an incident as told; one that lasts will be told again."""
        now = self.clock.now()
        remind_at = next_reminder(now, now) if lasts and incident.reminds else None
        with_name = incident.names_culprit is True
        self.ledger.told(incident.key, lasts=lasts, remind_at=remind_at, with_name=with_name)

    def tell_name(self, report: Report, incident: Incident, **facts: Any) -> bool:
        """Tell who did it, once, when the mail of a told incident could not; whether people were told now.

        Raises NotReported.
        """
        if not incident.names_culprit or self.claims.get(incident.key) is not Claim.TOLD:
            return False
        return self.add_name(report, incident.key, **facts)

    def add_name(self, report: Report, key: str, **facts: Any) -> bool:
        """Tell who did it, unless the mail of the incident did, or another; whether people were told now.

        Raises NotReported.
        """
        if self.ledger.take_name(key) is Claim.TOLD:
            return False
        self.publish(report, incident=key, **facts)
        self.ledger.told_name(key)
        return True

    def drop_drifts(self) -> None:
        """Settle the differences that this run claimed, and that were told as a part of another incident."""
        for key, claim in self.claims.items():
            if claim is Claim.MINE and key.startswith("drift#"):
                self.ledger.told(key, lasts=False)

    def publish(self, report: Report, *, incident: str, level: str = "INFO", **facts: Any) -> None:
        """Publish a report, whatever the ledger says. Raises NotReported; the log then holds the whole report, and the
        last resort is told that there is one.
        """
        answer = self._publish(report)
        if answer.error:
            told = {"subject": report.subject, "body": report.body, "severity": report.severity}
            message = f"the report could not be published to {self.environment.topic_arn}"
            about = {"reported": False, "incident": incident, "error": answer.error_code, "report": told}
            self.say("ERROR", message, **facts, **about)
            self._say_that_it_is_lost(answer.error_code)
            raise NotReported(self.environment.topic_arn, answer.error_code) from answer.error
        self.mails += 1
        self.say(level, report.subject, **facts, reported=True, incident=incident, snsMessageId=answer.value)

    def _publish(self, report: Report) -> Answer[str]:
        """The SNS message id. Attributes let a subscription's filter policy choose."""
        attributes = {
            "severity": report.severity,
            "set": "guardian",
            "account": self.environment.trail.account,
            "region": self.environment.trail.region,
            "stack": self.environment.stack,
        }
        request = publication(report, topic_arn=self.environment.topic_arn, attributes=attributes)
        return call(
            lambda: self.sns(self.environment.topic_region).publish(**request)["MessageId"],
            clock=self.clock,
            until=self.until,
            first_wait_s=_PUBLISH_WAIT_S,
        )

    def _say_that_it_is_lost(self, error_code: str) -> None:
        """One line to the last resort at the first lost report, and hourly while they are lost. Raises nothing."""
        if UNSENT in self.claims:
            return
        environment, now = self.environment, self.clock.now()
        report = notice.unsent(error_code, environment=environment)
        what = "Reports could not be published to the alerts topic"
        claim = self.claim(Incident(key=UNSENT, what=what, severity=report.severity, seen_at=now))
        if claim is Claim.TOLD and self.ledger.take(UNSENT, due=True) is not Claim.MINE:
            return
        if self.tell_last(report):
            self.ledger.told(UNSENT, lasts=True, remind_at=now + _UNSENT_AGAIN)

    def tell_last(self, report: Report) -> bool:
        """Say a line to the last resort; whether it took it. Raises nothing."""
        environment = self.environment
        request = publication(report, topic_arn=environment.last_resort_arn)
        answer = call(
            lambda: self.sns(environment.last_resort_region).publish(**request)["MessageId"],
            clock=self.clock,
            until=self.until,
            first_wait_s=_PUBLISH_WAIT_S,
        )
        if answer.error:
            self.say("ERROR", f"{environment.last_resort_arn} could not be told", error=answer.error_code)
        return not answer.error
