"""One drill: stop, time, and find out who started the trail and whether people were told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import account
from account import CouldNotLook, Found, Session, TrailStatus, found_or
from operate.deployed import Deployed, Guard
from operate.drilling import safety
from operate.event_text import as_record
from operate.progress import Patience

_SKEW = timedelta(minutes=15)
"""How far this machine's clock may differ from those of AWS."""
_RESTORED = "restored"
"""The guardian's own word for: it did not log, we started it, it logs (`guardian.decide.Outcome`)."""


@dataclass(frozen=True, kw_only=True)
class Drilled:
    """What came of a drill.

    `after_s` is how long the trail did not log, as seen from here; None when the guardian did not start it in time.
    `by_guardian` says that its log tells of it, by `trigger`; `message_id` is SNS's of the mail, "" when none is known.
    `is_logging` is how the trail was left. `blind` says what could not be looked at.
    """

    stopped_at: datetime
    after_s: float | None
    by_guardian: bool = False
    trigger: str = ""
    outcome: str = ""
    message_id: str = ""
    is_logging: bool = True
    blind: str = ""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """How a drill is timed. Times in seconds by `monotonic`; `now` is for looking into logs."""

    deployed: Deployed
    guard: Guard
    until_logging: Patience
    until_told: Patience
    tell: Callable[[str], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def _session(self) -> Session:
        return self.deployed.session

    def run(self, before: TrailStatus) -> Drilled | CouldNotLook:
        """Stop the trail, and leave it logging whatever happens. Not stopped when AWS refuses to."""
        at, after_s = self.now(), None
        monotonic = self.until_logging.monotonic
        promise = safety.Promise(self._session, self.guard, sleep=self.until_logging.sleep)
        with promise.kept():
            self.tell(f"stopping {self.guard.trail}")
            promise.is_due = True
            told = safety.stop(self._session, self.guard)
            if isinstance(told, CouldNotLook) and told.why == "denied":
                promise.is_due = False  # AWS has said that nothing was stopped
                return told
            began = monotonic()
            self.tell("waiting until it logs again")
            if self.until_logging.until(self._logs_again(before)):
                after_s, promise.is_due = monotonic() - began, False
        if after_s is None:
            return Drilled(stopped_at=at, after_s=None, is_logging=promise.is_logging)
        self.tell("looking for the guardian's report")
        return self._reported(at, after_s, before)

    def _logs_again(self, before: TrailStatus) -> Callable[[], bool | None]:
        """Whether the trail was started since. Status may be read before the stop shows, so it alone is not enough."""
        was_seen_stopped = False

        def look() -> bool | None:
            nonlocal was_seen_stopped
            status = account.trail_status(self._session, self.guard.trail_arn, self.guard.region)
            if not isinstance(status, Found):
                return None
            if not status.value.is_logging:
                was_seen_stopped = True
                return None
            is_newer = status.value.started is not None and status.value.started != before.started
            return True if was_seen_stopped or is_newer else None

        return look

    def _reported(self, at: datetime, after_s: float | None, before: TrailStatus) -> Drilled:
        found = self.until_told.until(lambda: self._logged(at, before))
        if isinstance(found, CouldNotLook):
            return Drilled(stopped_at=at, after_s=after_s, blind=str(found))
        line: Mapping[str, Any] = found or {}
        return Drilled(
            stopped_at=at,
            after_s=after_s,
            by_guardian=line.get("outcome") == _RESTORED,
            trigger=str(line.get("trigger") or "").replace("_", " "),
            outcome=str(line.get("outcome") or ""),
            message_id=str(line.get("snsMessageId") or ""),
        )

    def _logged(self, at: datetime, before: TrailStatus) -> Mapping[str, Any] | CouldNotLook | None:
        """The guardian's line about this stop. It makes one when it has told people, or could not."""
        told = self._session.pages(
            "logs",
            "FilterLogEvents",
            "events",
            region=self.guard.region,
            what=f"log of {self.guard.function}",
            none_if=("ResourceNotFoundException",),
            params={
                "logGroupName": self.guard.log_group,
                "filterPattern": f'{{ $.trail = "{self.guard.trail_arn}" && $.incident = "stopped#*" }}',
                "startTime": round((at - _SKEW).timestamp() * 1000),
            },
        )
        if isinstance(told, CouldNotLook):
            return told
        lines = [as_record(str(event.get("message"))) or {} for event in found_or(told, ())]
        # A stop of before is none of this drill. Both times are CloudTrail's, so this machine's clock does not matter.
        last = before.stopped.replace(microsecond=0) if before.stopped else datetime.min.replace(tzinfo=UTC)
        ours = [line for line in lines if _stopped_at(line) > last]
        return next((line for line in sorted(ours, key=lambda line: not line.get("reported"))), None)


def _stopped_at(line: Mapping[str, Any]) -> datetime:
    """The time in the key of an incident; long ago where there is none."""
    try:
        return datetime.fromisoformat(str(line.get("incident")).removeprefix("stopped#"))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
