"""Event selectors: what a trail records, whichever of the two languages says it."""

from __future__ import annotations

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
    def has_data_events(self) -> bool:
        """Whether anything beside management events is recorded, which costs per event."""
        return any(selector.get("DataResources") for selector in self.basic) or any(
            _values(selector, "eventCategory", "Equals") != ["Management"] for selector in self.advanced
        )

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


def _excluded_sources(selector: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(_values(selector, "eventSource", "NotEquals"))
