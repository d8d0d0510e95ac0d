"""Where a trail differs from its desired state. Pure."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from guardian.fields import FIELDS, Call, Field
from guardian.selectors import described
from guardian.setup import Setup


class Drift(NamedTuple):
    """One setting that is not as wanted; `adds` as in Field."""

    field: Field
    wanted: Any
    actual: Any
    adds: bool

    @property
    def told(self) -> str:
        """`multi-region: off, wanted on`. The actual value may be an attacker's choice: clean it before it is shown."""
        words = {Call.EVENTS: described, Call.INSIGHTS: _insights}.get(self.field.call, _words)
        return f"{self.field.label}: {words(self.actual)}, wanted {words(self.wanted)}"


def compare(wanted: Setup, actual: Setup) -> tuple[Drift, ...]:
    """Every difference, in the order of FIELDS."""
    pairs = ((field, getattr(wanted, field.name), getattr(actual, field.name)) for field in FIELDS)
    return tuple(
        Drift(field=field, wanted=should, actual=is_now, adds=field.adds(should, is_now))
        for field, should, is_now in pairs
        if should != is_now
    )


def to_undo(drifts: Iterable[Drift]) -> tuple[Drift, ...]:
    """Those that weaken the trail, or lead its records elsewhere."""
    return tuple(drift for drift in drifts if not drift.adds)


def fingerprint(drifts: Iterable[Drift]) -> str:
    """The same text for the same drift, and another for every other: 16 hexadecimal digits."""
    facts = sorted([drift.field.name, _plain(drift.actual), _plain(drift.wanted)] for drift in drifts)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _plain(value: object) -> str:
    if isinstance(value, frozenset):
        return repr(sorted(repr(sorted(each)) if isinstance(each, frozenset) else each for each in value))
    return repr(value)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) or "none"


def _insights(value: Iterable[tuple[str, str]]) -> str:
    """`ApiCallRateInsight`, `ApiErrorRateInsight on data events`: management events are what is meant by itself."""
    found = (kind if on == "Management" else f"{kind} on {on.lower()} events" for kind, on in sorted(value))
    return ", ".join(found) or "none"
