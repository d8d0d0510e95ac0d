"""One part of a DynamoDB table: requests, conditions and the forms of values.

The table's keys are `trail` (the part) and `id`. Every answer says three things apart: found, not so, and not answered.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from common.retry import Answer, Clock, call

_PATIENCE_S, _WAIT_S = 2.0, 0.1
_NAME = re.compile(r"#(\w+)")


class Table:
    """The items under one value of the key `trail`. After a first refusal it is not asked again (`is_down`)."""

    def __init__(self, dynamodb: Callable[[], Any], *, name: str, part: str, clock: Clock) -> None:
        self._dynamodb, self._name, self._part, self._clock = dynamodb, name, part, clock
        self.error_code = ""

    @property
    def is_down(self) -> bool:
        """The table did not answer; `error_code` says why."""
        return bool(self.error_code)

    def get(self, key: str) -> dict[str, Any] | None:
        """The item in plain values, empty when there is none; None when the table does not answer."""
        answer = self._ask(
            lambda: self._dynamodb().get_item(TableName=self._name, Key=self._key(key), ConsistentRead=True)
        )
        return None if answer is None or answer.value is None else plain(answer.value.get("Item") or {})

    def query(self, condition: str, values: Mapping[str, Any], **more: Any) -> list[dict[str, Any]] | None:
        """All items, in plain values, that a key condition finds (`:trail` is given); None when there is no answer."""
        request = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": _names(condition),
            "ExpressionAttributeValues": _typed({**values, ":trail": self._part}),
            "ConsistentRead": True,
            **more,
        }
        items: list[dict[str, Any]] = []
        while True:
            answer = self._ask(lambda: self._dynamodb().query(**request))
            if answer is None or answer.value is None:
                return None
            items += map(plain, answer.value.get("Items", []))
            if not answer.value.get("LastEvaluatedKey"):
                return items
            request["ExclusiveStartKey"] = answer.value["LastEvaluatedKey"]

    def update(
        self, key: str, expression: str, values: Mapping[str, Any], *, condition: str = "", **more: Any
    ) -> Answer[Any] | None:
        """The answer, with no value when the condition did not hold; None when the ledger does not answer."""
        request = {
            "TableName": self._name,
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
        return {"trail": {"S": self._part}, "id": {"S": key}}


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


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item without DynamoDB's marks of type; moments stay milliseconds (`moment_of`)."""
    return {name: _untyped(value) for name, value in item.items()}


def _untyped(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    return int(inner) if kind == "N" else [_untyped(each) for each in inner] if kind == "L" else inner


def moment_of(value: object) -> datetime | None:
    """A stored moment, UTC; None from anything else."""
    return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) else None


def epoch_s(at: datetime) -> int:
    """A moment as DynamoDB's time to live wants it."""
    return round(at.timestamp())
