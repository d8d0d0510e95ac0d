"""What was told already: one DynamoDB table, every change conditional, so that parallel runs agree on who tells.

An item is one incident of one trail. Phases: *claimed* (a run is about to tell; its lease ends by time, so that what a
crash leaves behind is told by the next), *open* (told, and it lasts), *over*. While nobody was told who did it, the
item's `nameDueAt` says from when on a mail may tell: where the lease ends of the run that is about to, or 0. The ledger
is help, not a condition: what it cannot answer is `UNKNOWN`, and then people are told once too often rather than not at
all.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from guardian.decide import SAME_STOP
from guardian.incident import KEPT, LEASE, Incident, stop_key
from guardian.retry import Answer, Clock, call

UNSETTLED = "unsettled"
"""The local index of what is claimed or open: the sweep reads it, and it stays short however much is over."""
CALL_KEPT = timedelta(days=1)
_PATIENCE_S, _WAIT_S = 2.0, 0.1
_NAME = re.compile(r"#(\w+)")
_REPAIRS_KEPT = 200


class Claim(StrEnum):
    """Whether this run is the one that tells."""

    MINE = "mine"
    TOLD = "told"  # or being told by a run whose lease has not ended
    UNKNOWN = "unknown"  # the ledger does not answer


class Phase(StrEnum):
    """How far an incident has come."""

    CLAIMED = "claimed"
    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An incident as the ledger remembers it. Times in UTC."""

    key: str
    phase: Phase
    what: str
    severity: str
    opened_at: datetime
    remind_at: datetime | None
    lease_until: datetime | None


class Ledger:
    """The incidents of one trail. After a first refusal it is not asked again in the same run (`is_down`)."""

    def __init__(self, dynamodb: Callable[[], Any], *, table: str, trail_arn: str, clock: Clock) -> None:
        self._dynamodb, self._table, self._trail, self._clock = dynamodb, table, trail_arn, clock
        self.error_code = ""

    @property
    def is_down(self) -> bool:
        """The ledger did not answer; `error_code` says why."""
        return bool(self.error_code)

    def claim(self, incident: Incident, *, event_id: str = "") -> Claim:
        """Ask to be the one that tells. Whoever is refused leaves its event behind as a member of the incident."""
        now, names = self._clock.now(), incident.names_culprit
        may_return = " OR (#phase = :over AND #overAt < :seen)" if incident.returns else ""
        values = {
            ":claimed": Phase.CLAIMED,
            ":now": now,
            ":lease": now + LEASE,
            ":what": incident.what,
            ":severity": incident.severity,
            ":id": incident.key,
            ":expires": _epoch_s(now + KEPT),
            **({":over": Phase.OVER, ":seen": incident.seen_at} if incident.returns else {}),
            **({":members": {event_id}} if event_id else {}),
            # A mail without a name may be followed by one with it, at once, by whatever clock; a run that is about to
            # tell the name keeps others from it as long as its lease.
            **({} if names is None else {":nameDue": now + LEASE if names else 0}),
        }
        answer = self._update(
            incident.key,
            "SET #phase = :claimed, #leaseUntil = :lease, #openedAt = :now, #what = :what, #severity = :severity, "
            "#unsettled = :id, #expiresAt = :expires"
            + (" REMOVE #nameDueAt," if names is None else ", #nameDueAt = :nameDue REMOVE")
            + " #remindAt, #overAt"
            + (" ADD #members :members" if event_id else ""),
            values,
            condition="attribute_not_exists(#id) OR (#phase = :claimed AND #leaseUntil < :now)" + may_return,
        )
        if answer is None:
            return Claim.UNKNOWN
        if answer.value is not None:
            return Claim.MINE
        if event_id:
            self._update(incident.key, "ADD #members :members", {":members": {event_id}}, condition="")
        return Claim.TOLD

    def told(self, key: str, *, lasts: bool, remind_at: datetime | None = None, with_name: bool = False) -> None:
        """The mail is out. An incident that `lasts` stays open until `told(lasts=False)`, the rest is over."""
        now, name = self._clock.now(), ", #nameDueAt" if with_name else ""
        if not lasts:
            self._update(
                key,
                "SET #phase = :over, #overAt = :now REMOVE #unsettled, #leaseUntil, #remindAt" + name,
                {":over": Phase.OVER, ":now": now},
            )
        elif remind_at is None:
            self._update(key, "SET #phase = :open REMOVE #leaseUntil, #remindAt" + name, {":open": Phase.OPEN})
        else:
            self._update(
                key,
                "SET #phase = :open, #remindAt = :at REMOVE #leaseUntil" + name,
                {":open": Phase.OPEN, ":at": remind_at},
            )

    def take(self, key: str, *, due: bool = False) -> Claim:
        """Ask to be the one that tells of an unsettled incident again: a reminder, its end, or what a crash left.

        With `due` only when its reminder is.
        """
        now = self._clock.now()
        answer = self._update(
            key,
            "SET #leaseUntil = :lease",
            {":lease": now + LEASE, ":now": now, ":over": Phase.OVER},
            condition="attribute_exists(#id) AND #phase <> :over "
            "AND (attribute_not_exists(#leaseUntil) OR #leaseUntil < :now)" + (" AND #remindAt < :now" if due else ""),
        )
        if answer is None:
            return Claim.UNKNOWN
        return Claim.TOLD if answer.value is None else Claim.MINE

    def take_name(self, key: str) -> Claim:
        """Ask to be the one that tells who did it, where the incident's own mail could not."""
        now = self._clock.now()
        values = {":now": now, ":lease": now + LEASE}
        answer = self._update(key, "SET #nameDueAt = :lease", values, condition="#nameDueAt < :now")
        if answer is None:
            return Claim.UNKNOWN
        return Claim.TOLD if answer.value is None else Claim.MINE

    def told_name(self, key: str) -> None:
        """The mail that says who did it is out."""
        self._update(key, "REMOVE #nameDueAt", {})

    def unsettled(self) -> list[Entry] | None:
        """Everything claimed or open, the oldest key first; None when the ledger does not answer."""
        found = self._query("#trail = :trail", {}, IndexName=UNSETTLED)
        return None if found is None else [entry for entry in map(_entry, found) if entry]

    def same_stop(self, at: datetime) -> str:
        """The key under which a stop at about this moment is known; "" when it is not, or nobody knows."""
        found = self._query(
            "#trail = :trail AND #id BETWEEN :first AND :last",
            {":first": stop_key(at - SAME_STOP), ":last": stop_key(at + SAME_STOP)},
        )
        return str(_plain(found[0]).get("id", "")) if found else ""

    def explains(self, at: datetime, *, within: timedelta) -> str:
        """The drift that was found, told and undone after a change at this moment; "" when there is none.

        `within` is how long before the drift was found the change may lie.
        """
        for item in self._query("#trail = :trail AND begins_with(#id, :drift)", {":drift": "drift#"}) or []:
            facts = _plain(item)
            opened, over = _moment(facts.get("openedAt")), _moment(facts.get("overAt"))
            if opened and over and opened - within <= at <= over:
                return str(facts["id"])
        return ""

    def count_repair(self) -> list[datetime] | None:
        """Note one repair; the moments of the latest, this one among them; None when the ledger does not answer."""
        now = self._clock.now()
        answer = self._update(
            "repairs",
            "SET #times = list_append(if_not_exists(#times, :none), :one), #expiresAt = :expires",
            {":none": [], ":one": [now], ":expires": _epoch_s(now + KEPT)},
            ReturnValues="UPDATED_NEW",
        )
        if answer is None or answer.value is None:
            return None
        times = _plain(answer.value.get("Attributes", {})).get("times", [])
        if len(times) > 2 * _REPAIRS_KEPT:
            self._update("repairs", "SET #times = :last", {":last": [_moment(at) for at in times[-_REPAIRS_KEPT:]]})
        return [at for at in map(_moment, times) if at]

    def repairs(self) -> list[datetime] | None:
        """The moments of the latest repairs; None when the ledger does not answer."""
        found = self._get("repairs")
        return None if found is None else [at for at in map(_moment, found.get("times", [])) if at]

    def note_call(self, request_id: str) -> None:
        """Remember a change of the trail as the guardian's own, by its AWS request id."""
        if request_id:
            expires = _epoch_s(self._clock.now() + CALL_KEPT)
            self._update(f"call#{request_id}", "SET #expiresAt = :expires", {":expires": expires})

    def knows_call(self, request_id: str) -> bool | None:
        """Whether a call was the guardian's own; None when nobody knows."""
        found = self._get(f"call#{request_id}") if request_id else {}
        return None if found is None else bool(found)

    def maintenance(self) -> Mapping[str, Any]:
        """The maintenance record as it was written; empty when there is none, or the ledger does not answer."""
        return self._get("maintenance") or {}

    def _get(self, key: str) -> dict[str, Any] | None:
        answer = self._ask(
            lambda: self._dynamodb().get_item(TableName=self._table, Key=self._key(key), ConsistentRead=True)
        )
        return None if answer is None or answer.value is None else _plain(answer.value.get("Item") or {})

    def _query(self, condition: str, values: Mapping[str, Any], **more: Any) -> list[Mapping[str, Any]] | None:
        request = {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": _names(condition),
            "ExpressionAttributeValues": _typed({**values, ":trail": self._trail}),
            "ConsistentRead": True,
            **more,
        }
        items: list[Mapping[str, Any]] = []
        while True:
            answer = self._ask(lambda: self._dynamodb().query(**request))
            if answer is None or answer.value is None:
                return None
            items += answer.value.get("Items", [])
            if not answer.value.get("LastEvaluatedKey"):
                return items
            request["ExclusiveStartKey"] = answer.value["LastEvaluatedKey"]

    def _update(
        self, key: str, expression: str, values: Mapping[str, Any], *, condition: str = "", **more: Any
    ) -> Answer[Any] | None:
        """The answer, with no value when the condition did not hold; None when the ledger does not answer."""
        request = {
            "TableName": self._table,
            "Key": self._key(key),
            "UpdateExpression": expression,
            "ExpressionAttributeNames": _names(f"{expression} {condition}"),
            **({"ExpressionAttributeValues": _typed(values)} if values else {}),
            **({"ConditionExpression": condition} if condition else {}),
            **more,
        }
        return self._ask(lambda: self._dynamodb().update_item(**request))

    def _ask(self, request: Callable[[], Any]) -> Answer[Any] | None:
        if self.is_down:
            return None
        until = self._clock.monotonic() + _PATIENCE_S
        answer = call(request, clock=self._clock, until=until, first_wait_s=_WAIT_S)
        if answer.error and answer.error_code != "ConditionalCheckFailedException":
            self.error_code = answer.error_code
            return None
        return answer

    def _key(self, key: str) -> dict[str, Any]:
        return {"trail": {"S": self._trail}, "id": {"S": key}}


def _names(expression: str) -> dict[str, str]:
    return {f"#{name}": name for name in _NAME.findall(expression)}


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _type(value) for name, value in values.items()}


def _type(value: Any) -> dict[str, Any]:
    """A value as DynamoDB takes it; moments are milliseconds since 1970."""
    if isinstance(value, datetime):
        return {"N": str(round(value.timestamp() * 1000))}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, set):
        return {"SS": sorted(value)}
    if isinstance(value, list):
        return {"L": [_type(each) for each in value]}
    return {"S": str(value)}


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _untyped(value) for name, value in item.items()}


def _untyped(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    return int(inner) if kind == "N" else [_untyped(each) for each in inner] if kind == "L" else inner


def _moment(value: object) -> datetime | None:
    return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) else None


def _epoch_s(at: datetime) -> int:
    return round(at.timestamp())


def _entry(item: Mapping[str, Any]) -> Entry | None:
    facts = _plain(item)
    opened_at = _moment(facts.get("openedAt"))
    if facts.get("phase") not in list(Phase) or opened_at is None:
        return None
    return Entry(
        key=facts["id"],
        phase=Phase(facts["phase"]),
        what=str(facts.get("what", "")),
        severity=str(facts.get("severity", "critical")),
        opened_at=opened_at,
        remind_at=_moment(facts.get("remindAt")),
        lease_until=_moment(facts.get("leaseUntil")),
    )
