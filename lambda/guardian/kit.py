"""What one call of the guardian works with: the message, clocks, clients made when first needed, and the time left."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from common.retry import Clock
from common.text import clean, moment

from guardian.budget import Spent, spent
from guardian.cause import parse
from guardian.environment import Environment
from guardian.ledger import Ledger
from guardian.maintenance import Maintenance, Unusable
from guardian.maintenance import read as read_maintenance
from guardian.memory import Memory

if TYPE_CHECKING:
    from guardian.tell import Teller

ClientFor = Callable[[str, str], Any]
"""A boto3 client for a service and a region."""

Log = Callable[[Mapping[str, Any]], None]
"""Takes one record; it becomes one line."""

TELL = 0.9
"""The part of the run after which no try to publish begins."""


class Kit:
    """What one call works with. `began` and `remaining_s` are of the monotonic clock.

    `memory` outlives the call while the function is warm: when an incident was told that the ledger could not note.
    `obeys_plan` is whether something was left undone in this run because of planned work.
    """

    def __init__(
        self,
        event: object,
        *,
        environment: Environment,
        client_for: ClientFor,
        clock: Clock,
        log: Log,
        remaining_s: float,
        memory: Memory,
    ) -> None:
        self.cause = parse(event, environment=environment)
        self.environment = environment
        self.client_for = client_for
        self.clock = clock
        self.log = log
        self.remaining_s = remaining_s
        self.memory = memory
        self.noticed_at = clock.now()
        self.began = clock.monotonic()
        self.obeys_plan = False

    def say(self, level: str, message: str, **facts: Any) -> None:
        """One line of the log. Lambda's own log filter reads `timestamp` and `level`."""
        now = self.clock.now().isoformat()
        self.log({"timestamp": now, "level": level, "message": message, **self.about(), **facts})

    def about(self) -> dict[str, Any]:
        """What every line of the log, and the answer, say of the message and the deployment."""
        return {
            "operation": self.cause.operation,
            "trigger": self.cause.trigger.name.lower(),
            "eventId": self.event_id,
            "trail": self.environment.trail.arn,
            "stack": self.environment.stack,
            "version": self.environment.version,
        }

    @property
    def left_s(self) -> float:
        """Seconds until Lambda ends the run."""
        return self.began + self.remaining_s - self.clock.monotonic()

    @cached_property
    def cloudtrail(self) -> Any:
        """In the trail's home region, the only one where it can be changed."""
        return self.client_for("cloudtrail", self.environment.trail.region)

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
    def teller(self) -> "Teller":
        """Tells people; the last try to publish begins before the last mark of the run."""
        from guardian.tell import Teller  # not before StartLogging

        return Teller(
            environment=self.environment,
            ledger=self.ledger,
            sns=lambda region: self.client_for("sns", region),
            clock=self.clock,
            say=self.say,
            until=self.mark(TELL),
            memory=self.memory,
        )

    @cached_property
    def maintenance(self) -> Maintenance | Unusable | None:
        """The record of planned work, whether it holds now or not."""
        return read_maintenance(self.ledger.maintenance())

    @property
    def planned_work(self) -> Maintenance | None:
        """The planned work that holds now."""
        planned = self.maintenance
        return planned if isinstance(planned, Maintenance) and planned.is_on(self.noticed_at) else None

    def mark(self, part: float, *, of_s: float | None = None) -> float:
        """The reading of the monotonic clock when a part of the run, or of `of_s` seconds from its begin, is over."""
        return self.began + part * (self.remaining_s if of_s is None else of_s)

    def planned(self) -> str:
        """The planned work that holds now, in words; "" when there is none. Whoever asks obeys it."""
        planned = self.planned_work
        if planned is None:
            return ""
        self.obeys_plan = True
        return f"maintenance by {planned.author} until {moment(planned.ends)} ({planned.reason})"

    def spend(self) -> Spent | None:
        """Count one repair; what is spent of the budget with it, or None when nobody knows."""
        repairs = self.ledger.count_repair()
        if repairs is None:
            return None
        return spent(repairs, budget=self.environment.remit.budget, now=self.clock.now())
