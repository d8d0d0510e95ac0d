"""Event selectors: what a trail records, whichever of the two languages says it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Management = Literal["all", "write", "read", "none"]


@dataclass(frozen=True)
class Selectors:
    """A trail's selectors as GetEventSelectors tells them; one of the two is empty.

    Sources: CloudTrail User Guide, "Logging management events"; API reference, AdvancedFieldSelector.
    """

    basic: tuple[Mapping[str, Any], ...] = ()
    advanced: tuple[Mapping[str, Any], ...] = ()

    @property
    def management(self) -> Management:
        """Which management events are recorded. Leaving out single sources does not count here."""
        kinds: set[str] = set()
        for selector in self.basic:
            if selector.get("IncludeManagementEvents", True):
                kinds |= {"All": {"read", "write"}, "WriteOnly": {"write"}, "ReadOnly": {"read"}}[
                    selector.get("ReadWriteType", "All")
                ]
        for selector in self._management_selectors():
            kinds |= _read_or_write(selector)
        if kinds == {"read", "write"}:
            return "all"
        return "write" if kinds == {"write"} else "read" if kinds == {"read"} else "none"

    @property
    def left_out(self) -> tuple[str, ...]:
        """Event sources whose management events no selector records, such as `kms.amazonaws.com`."""
        basic = [
            frozenset(selector.get("ExcludeManagementEventSources") or ())
            for selector in self.basic
            if selector.get("IncludeManagementEvents", True)
        ]
        advanced = [_excluded_sources(selector) for selector in self._management_selectors()]
        every = basic + advanced
        return tuple(sorted(frozenset.intersection(*every))) if every else ()

    @property
    def narrowed(self) -> bool:
        """Whether every management selector asks for more than read or write and sources left out."""
        known = {"eventCategory", "readOnly", "eventSource"}
        selectors = self._management_selectors()
        return bool(selectors) and all(
            {field.get("Field") for field in _fields(selector)} - known or _only_sources(selector)
            for selector in selectors
        )

    @property
    def data(self) -> frozenset[tuple[str, str, tuple[str, ...]]]:
        """Data events: (resource type, `all`, `read` or `write`, what ARNs begin with; empty for every resource).

        What is left out beside does not count here.
        """
        words = {"All": "all", "ReadOnly": "read", "WriteOnly": "write"}
        basic = (
            (
                str(each.get("Type")),
                words[selector.get("ReadWriteType", "All")],
                tuple(sorted(each.get("Values") or ())),
            )
            for selector in self.basic
            for each in selector.get("DataResources") or ()
        )
        advanced = (
            (kind, _half(_read_or_write(selector)), tuple(sorted(_values(selector, "resources.ARN", "StartsWith"))))
            for selector in self.advanced
            if "Data" in _values(selector, "eventCategory", "Equals")
            for kind in _values(selector, "resources.type", "Equals")
        )
        return frozenset((*basic, *advanced))

    @property
    def canonical(self) -> frozenset[str]:
        """What is recorded, as comparable text: without the selectors' names and the order of their parts."""
        return frozenset(_in_order(each) for each in (*self.basic, *self.advanced))

    def _management_selectors(self) -> list[Mapping[str, Any]]:
        return [one for one in self.advanced if "Management" in _values(one, "eventCategory", "Equals")]


def _fields(selector: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return selector.get("FieldSelectors") or ()


def _values(selector: Mapping[str, Any], name: str, operator: str) -> list[str]:
    return [value for field in _fields(selector) if field.get("Field") == name for value in field.get(operator) or ()]


def _only_sources(selector: Mapping[str, Any]) -> bool:
    return any(_values(selector, "eventSource", how) for how in ("Equals", "StartsWith", "EndsWith"))


def _read_or_write(selector: Mapping[str, Any]) -> set[str]:
    wanted = _values(selector, "readOnly", "Equals")
    unwanted = _values(selector, "readOnly", "NotEquals")
    words = {"true": "read", "false": "write"}
    kinds = {words[value] for value in wanted if value in words} if wanted else {"read", "write"}
    return kinds - {words[value] for value in unwanted if value in words}


def _half(kinds: set[str]) -> str:
    return "all" if kinds == {"read", "write"} else "".join(kinds) or "none"


def _in_order(selector: Mapping[str, Any]) -> str:
    return json.dumps(_sorted({name: value for name, value in selector.items() if name != "Name"}), sort_keys=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _sorted(each) for name, each in value.items() if each not in (None, [], ())}
    if isinstance(value, list | tuple):
        return sorted((_sorted(each) for each in value), key=repr)
    return value


def _excluded_sources(selector: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(_values(selector, "eventSource", "NotEquals"))
