"""A DynamoDB table in memory, for as much of the expression language as the ledger speaks.

`tests/guardian/test_ledger.py` runs the same calls against it and against moto's DynamoDB, and compares.
"""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


class Missing:
    """An attribute that is not there: every comparison with it is false."""

    def _no(self, other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _no

    def __eq__(self, other: object) -> bool:
        return False

    __ne__ = _no
    __hash__ = object.__hash__

    def startswith(self, text: str) -> bool:
        return False


@dataclass
class FakeTable:
    """One table with the keys `trail` and `id`, and a local index on `unsettled`. Items are in DynamoDB's own form."""

    items: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def get_item(self, *, TableName: str, Key: Mapping[str, Any], ConsistentRead: bool) -> dict[str, Any]:
        assert ConsistentRead
        found = self.items.get(_key(Key))
        return {"Item": copy.deepcopy(found)} if found else {}

    def query(self, *, TableName: str, KeyConditionExpression: str, **request: Any) -> dict[str, Any]:
        assert request.get("ConsistentRead")
        index = request.get("IndexName")
        sort = index or "id"
        found = [item for item in self.items.values() if sort in item and _holds(KeyConditionExpression, item, request)]
        return {"Items": copy.deepcopy(sorted(found, key=lambda item: item[sort]["S"]))}

    def update_item(
        self, *, TableName: str, Key: Mapping[str, Any], UpdateExpression: str, **request: Any
    ) -> dict[str, Any]:
        item = self.items.get(_key(Key), {})
        if not _holds(request.get("ConditionExpression", ""), item, request):
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}, "UpdateItem")
        item = {**Key, **copy.deepcopy(item)}
        names, values = request["ExpressionAttributeNames"], request.get("ExpressionAttributeValues", {})
        unused = {name for name in values if not re.search(rf"{name}\b", _texts(UpdateExpression, request))}
        assert not unused, f"DynamoDB refuses values that no expression uses: {unused}"
        for verb, rest in re.findall(r"\b(SET|REMOVE|ADD) (.*?)(?= SET | REMOVE | ADD |$)", UpdateExpression):
            for part in re.split(r", (?![^(]*\))", rest):
                _change(item, verb, part, names, values)
        self.items[_key(Key)] = item
        return {"Attributes": copy.deepcopy(item)} if request.get("ReturnValues") else {}

    def ids(self, phase: str) -> list[str]:
        """The keys of the incidents in a phase."""
        return sorted(key for (_, key), item in self.items.items() if item.get("phase", {}).get("S") == phase)


def _texts(update: str, request: Mapping[str, Any]) -> str:
    return f"{update} {request.get('ConditionExpression', '')}"


def _key(key: Mapping[str, Any]) -> tuple[str, str]:
    return key["trail"]["S"], key["id"]["S"]


def _change(item: dict[str, Any], verb: str, part: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
    if verb == "REMOVE":
        item.pop(names[part.strip()], None)
        return
    if verb == "ADD":
        name, value = part.split()
        if "N" in values[value]:
            old = int(item.get(names[name], {"N": "0"})["N"])
            item[names[name]] = {"N": str(old + int(values[value]["N"]))}
            return
        old = item.get(names[name], {}).get("SS", [])
        item[names[name]] = {"SS": sorted({*old, *values[value]["SS"]})}
        return
    name, expression = part.split(" = ")
    if found := re.fullmatch(r"list_append\(if_not_exists\((#\w+), (:\w+)\), (:\w+)\)", expression):
        old = item.get(names[found[1]], values[found[2]])
        item[names[name]] = {"L": [*old["L"], *values[found[3]]["L"]]}
    else:
        item[names[name]] = copy.deepcopy(values[expression])


def _holds(condition: str, item: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Evaluates a condition by turning it into Python; only what the ledger writes is ever given to it."""
    if not condition:
        return True
    names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
    text = re.sub(r"(#\w+) BETWEEN (:\w+) AND (:\w+)", r"(\2 <= \1 <= \3)", condition)
    text = re.sub(r"attribute_not_exists\((#\w+)\)", r"(not has('\1'))", text)
    text = re.sub(r"attribute_exists\((#\w+)\)", r"has('\1')", text)
    text = re.sub(r"begins_with\((#\w+), (:\w+)\)", r"\1.startswith(\2)", text)
    text = text.replace(" <> ", " != ").replace(" = ", " == ").replace(" AND ", " and ").replace(" OR ", " or ")
    text = re.sub(r"(?<!')([#:]\w+)", r"at('\1')", text)

    def at(name: str) -> Any:
        typed = values[name] if name.startswith(":") else item.get(names[name])
        if typed is None:
            return Missing()
        ((kind, value),) = typed.items()
        return int(value) if kind == "N" else value

    return eval(text, {"at": at, "has": lambda name: names[name] in item, "size": len})
