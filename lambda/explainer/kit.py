"""What one call of the explainer works with: clocks, clients made when first needed, memory, and a way to people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from common.errors import NotReported
from common.report import Report, publication
from common.retry import Answer, Clock, call
from common.trail_calls import Whose, whose_trail

from explainer.alarms import Alarm
from explainer.environment import Environment
from explainer.facts import Facts, Watch
from explainer.memory import GuardianNotes, Memory

ClientFor = Callable[[str, str], Any]
"""A boto3 client for a service and a region."""

Log = Callable[[Mapping[str, Any]], None]
"""Takes one record; it becomes one line."""

# Parts of the time that is left when a run begins: the last look at AWS begins before the first, the last try to
# publish before the second.
LOOK, TELL = 0.6, 0.9
_WAIT_S = 0.4


@dataclass(kw_only=True)
class Kit:
    """One call's tools. `noticed_at` is when it began (UTC); `mails` counts what people were told."""

    environment: Environment
    facts: Facts
    client_for: ClientFor
    clock: Clock
    log: Log
    remaining_s: float
    began: float
    noticed_at: datetime
    mails: int = field(default=0)

    @classmethod
    def begin(
        cls,
        *,
        environment: Environment,
        facts: Facts,
        client_for: ClientFor,
        clock: Clock,
        log: Log,
        remaining_s: float,
    ) -> "Kit":
        """The tools of a call that begins now."""
        return cls(
            environment=environment,
            facts=facts,
            client_for=client_for,
            clock=clock,
            log=log,
            remaining_s=remaining_s,
            began=clock.monotonic(),
            noticed_at=clock.now(),
        )

    def mark(self, part: float) -> float:
        """The reading of `clock.monotonic` at which this part of the time will have passed."""
        return self.began + part * self.remaining_s

    @property
    def look_until(self) -> float:
        """No look at AWS begins after it, so that there is time to tell."""
        return self.mark(LOOK)

    def ask(self, request: Callable[[], Any]) -> Answer[Any]:
        """Make a call that reads, again while AWS is only busy. The log says when it failed."""
        answer = call(request, clock=self.clock, until=self.look_until, first_wait_s=_WAIT_S)
        if answer.error:
            self.say("WARNING", "AWS does not let the explainer look", error=str(answer.error))
        return answer

    @cached_property
    def cloudwatch(self) -> Any:
        """Where our alarms are."""
        return self.client_for("cloudwatch", self.environment.place.region)

    @cached_property
    def logs(self) -> Any:
        """Where the log group is."""
        return self.client_for("logs", self.environment.place.region)

    @cached_property
    def memory(self) -> Memory:
        """The ledger's part of the explainer."""
        return Memory(self._dynamodb, table=self.environment.ledger, clock=self.clock)

    @cached_property
    def guardian(self) -> GuardianNotes | None:
        """What the guardian noted; None where there is none."""
        trail = self.environment.trail
        if trail is None:
            return None
        return GuardianNotes(self._dynamodb, table=self.environment.ledger, trail_arn=trail.arn, clock=self.clock)

    def watch_of(self, alarm: Alarm) -> Watch | None:
        """The watch whose metric or rule an alarm reads; None for one that is not of this stack."""
        if not alarm.rule and alarm.namespace != self.environment.namespace:
            return None
        found = self.facts.by_metric.get(alarm.rule or alarm.metric)
        return found if found and (found.kind == "any-address") == bool(alarm.rule) else None

    def _dynamodb(self) -> Any:
        return self.client_for("dynamodb", self.environment.place.region)

    def is_guardians(self, record: Mapping[str, Any]) -> bool:
        """Whether an event is the guardian's to tell: a call that it listens to, on its trail or on one not named."""
        trail = self.environment.trail
        return (
            trail is not None
            and record.get("eventSource") == "cloudtrail.amazonaws.com"
            and record.get("eventName") in self.facts.guarded
            and whose_trail(record, trail) is not Whose.OTHER
        )

    def say(self, level: str, message: str, **facts: Any) -> None:
        """One line of the log."""
        self.log({"timestamp": self.clock.now().isoformat(), "level": level, "message": message, **facts})

    def say_what_was_down(self) -> None:
        """Lines of the log for a ledger that did not answer: people are told all the same, and maybe twice."""
        parts = {"the ledger": self.memory, "what the guardian noted": self.guardian}
        for what, part in parts.items():
            if part and part.is_down:
                message = f"{what} cannot be read or written: people may be told more than once"
                self.say("ERROR", message, error=part.error_code)

    def publish(self, report: Report, *, attributes: Mapping[str, str | Sequence[str]], **facts: Any) -> None:
        """Tell people. Raises NotReported; the log then holds the whole report."""
        environment = self.environment
        request = publication(report, topic_arn=environment.topic_arn, attributes=attributes)
        answer = call(
            lambda: self.client_for("sns", environment.topic_region).publish(**request)["MessageId"],
            clock=self.clock,
            until=self.mark(TELL),
            first_wait_s=_WAIT_S,
        )
        if answer.error:
            told = {"subject": report.subject, "body": report.body, "severity": report.severity}
            message = f"the report could not be published to {environment.topic_arn}"
            self.say("ERROR", message, **facts, reported=False, error=answer.error_code, report=told)
            raise NotReported(environment.topic_arn, answer.error_code) from answer.error
        self.mails += 1
        self.say("INFO", report.subject, **facts, reported=True, snsMessageId=answer.value)
