"""What the deployment wrote into the archive: what is watched, and what is suppressed."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from common.shapes import parse_time

from explainer.windows import Windows

if TYPE_CHECKING:  # loaded when the first pattern is asked for: a look around at nothing needs none
    from filterpattern import PatternSet

SEVERITIES = ("critical", "high", "medium", "low")
"""From the loudest to the quietest."""
PATH = Path(__file__).with_name("facts.json")


class Watch(NamedTuple):
    """One thing that is watched. `pattern` is "" where only the deployed filter has it.

    `kind` is event-set, custom, source-ip or any-address, whose `metric` is the name of its Contributor Insights rule;
    `pack` is that of an event set. `threshold` matching events within `period_s` seconds ring the alarm. `by_event` is
    whether an event rule hands each event over at once.
    """

    name: str
    title: str
    why: str
    advice: str
    severity: str
    threshold: int
    period_s: int
    metric: str
    kind: str
    pack: str
    pattern: str
    by_event: bool

    @property
    def counts(self) -> bool:
        """It rings for many events, not for each."""
        return self.threshold > 1

    @property
    def is_suppressible(self) -> bool:
        """Whether people may say which of its events are harmless: never what is critical or watches ourselves."""
        return self.severity != "critical" and self.pack != "self"


class Suppression(NamedTuple):
    """Events that people know and do not want a mail about. `until` (UTC) is when that ends, None for never."""

    name: str
    pattern: str
    reason: str
    until: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it has not run out."""
        return self.until is None or now < self.until


class Mute(NamedTuple):
    """A planned change: the alarms of some watches, by name, do not act in its windows."""

    name: str
    reason: str
    watches: frozenset[str]
    windows: Windows


class Facts:
    """The watches by name and by metric, the suppressions, the planned changes, and the operations that are the
    guardian's to tell of.
    """

    def __init__(
        self,
        watches: Iterable[Watch],
        suppressions: Iterable[Suppression],
        guarded: Iterable[str] = (),
        mutes: Iterable[Mute] = (),
    ) -> None:
        self.watches = {watch.name: watch for watch in watches}
        self.by_metric = {watch.metric: watch for watch in self.watches.values()}
        self.suppressions = tuple(suppressions)
        self.guarded = frozenset(guarded)
        self.mutes = tuple(mutes)

    @classmethod
    def load(cls, path: Path = PATH) -> Self:
        """From the archive's file."""
        return cls.of(json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """From {"watches": [{name, title, why, advice, severity, threshold, period, metric, kind, pack, pattern,
        byEvent}], "suppressions": [{name, pattern, reason, until}], "guarded": [operation], "mutes": [{name, reason,
        sets, windows}]}; windows are those of `explainer.windows`.
        """
        return cls(
            (
                Watch(
                    name=each["name"],
                    title=each["title"],
                    why=each["why"],
                    advice=each["advice"],
                    severity=each["severity"],
                    threshold=each["threshold"],
                    period_s=each["period"],
                    metric=each["metric"],
                    kind=each["kind"],
                    pack=each["pack"],
                    pattern=each["pattern"],
                    by_event=each["byEvent"],
                )
                for each in data["watches"]
            ),
            (
                Suppression(
                    name=each["name"],
                    pattern=each["pattern"],
                    reason=each["reason"],
                    until=parse_time(each.get("until")),
                )
                for each in data["suppressions"]
            ),
            data["guarded"],
            (
                Mute(
                    name=each["name"],
                    reason=each["reason"],
                    watches=frozenset(each["sets"]),
                    windows=Windows.of(each["windows"]),
                )
                for each in data["mutes"]
            ),
        )

    @cached_property
    def _known(self) -> "PatternSet":
        import filterpattern

        known = {watch.name: watch.pattern for watch in self.watches.values() if watch.pattern}
        return filterpattern.compile_all(known)

    @cached_property
    def _harmless(self) -> "PatternSet":
        import filterpattern

        return filterpattern.compile_all({each.name: each.pattern for each in self.suppressions})

    def mutes_of(self, watch: str) -> tuple[Mute, ...]:
        """The planned changes that mute the alarm of a watch."""
        return tuple(mute for mute in self.mutes if watch in mute.watches)

    def matching(self, record: Mapping[str, Any]) -> tuple[Watch, ...]:
        """The watches whose pattern is known here and matches a record, the loudest first."""
        found = [self.watches[name] for name in self._known.matches(record)]
        order = list(self.watches)
        return tuple(sorted(found, key=lambda watch: (SEVERITIES.index(watch.severity), order.index(watch.name))))

    def suppression(self, record: Mapping[str, Any], *, watch: Watch, now: datetime) -> str:
        """The name of the suppression that holds for a record which a watch has found; "" when none does.

        None holds for what is critical or watches ourselves, be it only that the record matches such a watch too.
        """
        if not self.suppressions or not watch.is_suppressible:
            return ""
        names = self._harmless.matches(record)
        held = next((each.name for each in self.suppressions if each.name in names and each.holds(now)), "")
        return held if held and all(each.is_suppressible for each in self.matching(record)) else ""


def loudest(watches: Iterable[Watch]) -> str:
    """The loudest severity among some watches."""
    return min((watch.severity for watch in watches), key=SEVERITIES.index)
