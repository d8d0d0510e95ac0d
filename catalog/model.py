"""What an entry of the catalogue is: frozen values, no reading and no writing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from catalog.template import Template

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the loudest to the quietest."""

PACKS = ("trail", "identity", "self", "network", "storage", "detectors", "compute")
"""Names of the packs, in catalogue order. A pack can be switched on whole."""

BENCHMARKS = ("security-hub", "cis-1.2", "cis-1.4", "cis-3.0", "cis-4.0", "cis-5.0", "cis-6.0", "cis-7.0")
"""Keys of `EventSet.controls`: Security Hub's own control ids, and versions of the CIS AWS Foundations Benchmark."""

AUDITORS = ("security-hub", "prowler", "elastic")
"""Keys of `EventSet.auditors`: who looks at the text of a filter."""


class CatalogError(ValueError):
    """The catalogue's data is broken. `problems` lists every fault found, one sentence each, as does `str()`."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One whole CloudTrail record, and whether the set's pattern has to match it."""

    why: str
    """What makes the record worth having. Unique within its set."""
    record: str
    """Name of the record in `catalog/records` that it was made from."""
    matches: bool
    build: Callable[[], dict[str, Any]] = field(repr=False, compare=False)

    @property
    def event(self) -> dict[str, Any]:
        """The record as parsed JSON; a fresh copy each time, so the caller may change it."""
        return self.build()


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Something harmless that raises the alarm, and what to do about it without touching the filter."""

    what: str
    answer: str
    suppression: str | None = None
    """A filter pattern that matches the harmless event and is bound to an identity; None where only the threshold,
    or announcing the work, helps."""
    example: Sample | None = None
    """A record that the set matches and, if there is one, the suppression matches too."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether an auditor accepts the set's filter text, and if not, why."""

    accepts: bool
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Event sets that belong together and can be switched on together."""

    name: str
    title: str
    why: str
    sets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class EventSet:
    """One thing to watch: one metric filter with one alarm on it. Compared and hashed by identity."""

    name: str
    title: str
    why: str
    runbook: str
    """What to do first when it fires."""
    severity: Severity
    pack: str
    recommended: bool
    """Ticked in the wizard, and part of what a stack without `eventSets` gets."""
    recommended_in_organization: bool
    """The same where a trail records an organization: elsewhere such calls never happen."""
    metric: str
    """CloudWatch metric name, unique in the catalogue."""
    source: str
    """Where the pattern comes from: an address, or a sentence."""
    template: Template = field(repr=False)
    controls: Mapping[str, tuple[str, ...]]
    """Control ids by benchmark (a key of `BENCHMARKS`); empty for what no benchmark asks for."""
    auditors: Mapping[str, Verdict]
    """By auditor (a key of `AUDITORS`); only for sets that answer a control."""
    default_threshold: int
    """Matching events within one period that raise the alarm."""
    default_period: int
    """One period, in seconds."""
    default_reason: str
    """Why threshold or period differ from 1 in 300 s; empty where they do not."""
    noise: tuple[Noise, ...]
    samples: tuple[Sample, ...] = field(repr=False)

    @property
    def recommendation(self) -> str:
        """To whom the set is recommended, in words."""
        if self.recommended_in_organization and not self.recommended:
            return "recommended where a trail records an organization"
        return "recommended" if self.recommended else "opt-in"

    @property
    def pattern(self) -> str:
        """The filter pattern. For a set with `parameters` it carries the example values."""
        return self.template.example

    @property
    def parameters(self) -> Mapping[str, str | tuple[str, ...]]:
        """Facts of the deployment that the pattern needs, with example values; empty for most sets."""
        return self.template.examples

    @property
    def auditor_exact(self) -> bool:
        """Whether an auditor compares the text, so that not one character of the pattern may change."""
        return "security-hub" in self.controls

    def render(self, **facts: str | Iterable[str]) -> str:
        """The pattern for one deployment.

        `facts` gives a value (text, or several texts) for each name in `parameters`, and nothing else.
        Raises TypeError on a missing or an unknown fact, RenderError (a ValueError) on a value that cannot stand in
        a pattern or when the result is longer than CloudWatch allows.
        """
        return self.template.render(self.name, facts)
