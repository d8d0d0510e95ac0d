"""What the guardian remembers of one trail: its incidents (`common.ledger`), its repairs and its own calls."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from common import ledger
from common.incident import KEPT
from common.retry import Clock
from common.table import epoch_s, moment_of, plain
from common.trail_calls import CALL, SEEN

CALL_KEPT = timedelta(days=1)
EVENT_KEPT = timedelta(days=1)
_REPAIRS_KEPT = 200


def stop_key(at: datetime | None) -> str:
    """The key of a stop, by its time in whole seconds; sorts by time."""
    return f"stopped#{at:%Y-%m-%dT%H:%M:%SZ}" if at else "stopped#unknown"


def stopped_at(key: str) -> datetime:
    """The time in the key of a stop that has one."""
    return datetime.fromisoformat(key.removeprefix("stopped#"))


class Swept(NamedTuple):
    """The last sweep: when (UTC), by which schedule (ARN), and the digest of an inventory that was none of its own."""

    at: datetime
    schedule: str
    odd: str


class Explained(NamedTuple):
    """The drift that a change made. `is_untold`: the run that undid it ended before it could tell anybody."""

    key: str
    is_untold: bool


class Ledger(ledger.Ledger):
    """The incidents of one trail. After a first refusal it is not asked again in the same run (`is_down`)."""

    def __init__(self, dynamodb: Callable[[], Any], *, table: str, trail_arn: str, clock: Clock) -> None:
        super().__init__(dynamodb, table=table, part=trail_arn, clock=clock)

    def same_stop(self, at: datetime, *, within: timedelta) -> str:
        """The key under which the stop nearest to a moment is known, if it is no further away than `within`; "" when
        there is none, or nobody knows.
        """
        found = self._table.query(
            "#trail = :trail AND #id BETWEEN :first AND :last",
            {":first": stop_key(at - within), ":last": stop_key(at + within)},
        )
        known = {str(facts.get("id", "")) for facts in found or []}
        return min(known, key=lambda key: abs(stopped_at(key) - at), default="")

    def explains(self, at: datetime, *, within: timedelta) -> Explained | None:
        """The drift that was found and undone after a change at this moment, if there is one.

        `within` is how long before the drift was found the change may lie.
        """
        now = self._clock.now()
        for facts in self._table.query("#trail = :trail AND begins_with(#id, :drift)", {":drift": "drift#"}) or []:
            opened, over = moment_of(facts.get("openedAt")), moment_of(facts.get("overAt"))
            lease = moment_of(facts.get("leaseUntil"))
            is_left = facts.get("phase") == ledger.Phase.CLAIMED and lease is not None and lease < now
            until = now if is_left else over
            if opened and until and opened - within <= at <= until:
                return Explained(key=str(facts["id"]), is_untold=is_left)
        return None

    def note_sweep(self, *, at: datetime, schedule: str, odd: str) -> None:
        """A sweep has come."""
        values = {":at": at, ":schedule": schedule, ":odd": odd}
        self._table.update("sweep", "SET #at = :at, #schedule = :schedule, #odd = :odd", values)

    def last_sweep(self) -> Swept | None:
        """The last sweep that came; None when there was none, or the ledger does not answer."""
        found = self._table.get("sweep") or {}
        at = moment_of(found.get("at"))
        if at is None:
            return None
        return Swept(at=at, schedule=str(found.get("schedule", "")), odd=str(found.get("odd", "")))

    def knows_any(self, beginning: str) -> bool:
        """Whether there is an item whose key begins so; False as well when nobody knows."""
        return bool(self._table.query("#trail = :trail AND begins_with(#id, :beginning)", {":beginning": beginning}))

    def count_repair(self) -> list[datetime] | None:
        """Note one repair; the moments of the latest, this one among them; None when the ledger does not answer."""
        now = self._clock.now()
        answer = self._table.update(
            "repairs",
            "SET #times = list_append(if_not_exists(#times, :none), :one), #expiresAt = :expires",
            {":none": [], ":one": [now], ":expires": epoch_s(now + KEPT)},
            ReturnValues="UPDATED_NEW",
        )
        if answer is None or answer.value is None:
            return None
        times = plain(answer.value.get("Attributes", {})).get("times", [])
        if len(times) > 2 * _REPAIRS_KEPT:
            self._table.update(
                "repairs", "SET #times = :last", {":last": [moment_of(at) for at in times[-_REPAIRS_KEPT:]]}
            )
        return [at for at in map(moment_of, times) if at]

    def repairs(self) -> list[datetime] | None:
        """The moments of the latest repairs; None when the ledger does not answer."""
        found = self._table.get("repairs")
        return None if found is None else [at for at in map(moment_of, found.get("times", [])) if at]

    def note_call(self, request_id: str) -> None:
        """Remember a change of the trail as the guardian's own, by its AWS request id."""
        if request_id:
            expires = epoch_s(self._clock.now() + CALL_KEPT)
            self._table.update(f"{CALL}{request_id}", "SET #expiresAt = :expires", {":expires": expires})

    def knows_call(self, request_id: str) -> bool | None:
        """Whether a call was the guardian's own; None when nobody knows."""
        found = self._table.get(f"{CALL}{request_id}") if request_id else {}
        return None if found is None else bool(found)

    def note_event(self, event_id: str) -> None:
        """Remember an event of the trail as dealt with, told or not: the explainer leaves it to the guardian."""
        if event_id:
            expires = epoch_s(self._clock.now() + EVENT_KEPT)
            self._table.update(f"{SEEN}{event_id}", "SET #expiresAt = :expires", {":expires": expires})

    def maintenance(self) -> Mapping[str, Any]:
        """The maintenance record as it was written; empty when there is none, or the ledger does not answer."""
        return self._table.get("maintenance") or {}
