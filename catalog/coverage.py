"""Which controls of which benchmark a choice of event sets passes, per auditor, and why not.

What is judged here is the filter: whether it is deployed and whether its text is what the auditor looks for. What an
auditor looks at besides (the trail, the topic, the alarm) is listed in `CONDITIONS`; trailwarden sets it up so, and
only an account can say whether it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from catalog.loader import EVENT_SETS
from catalog.model import AUDITORS, EventSet

Outcome = Literal["passes", "fails", "not assessed"]

AUDITOR_NAMES: Mapping[str, str] = MappingProxyType(
    {"security-hub": "Security Hub", "prowler": "Prowler", "elastic": "Elastic"}
)
"""The auditors, as people call them."""

ASSESSED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "security-hub": ("security-hub", "cis-1.2", "cis-1.4"),
        "prowler": ("cis-1.4", "cis-3.0", "cis-4.0", "cis-5.0", "cis-6.0", "cis-7.0"),
        "elastic": ("cis-1.4",),
    }
)
"""Benchmarks that an auditor assesses by looking at filters: the pages of Security Hub name no later version of CIS,
Prowler's compliance files none before 1.4. Elastic's is CIS 1.5.0, whose numbers for these controls are as in 1.4."""

CONDITIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "security-hub": (
            "the trail is multi-region, owned by this account and based in this region (else FAILED or NO_DATA)",
            "the filter is on that trail's log group, and an alarm is on the filter's metric",
            "the topic has at least one subscription and can be read (else WARNING)",
            "the trail's selectors do not leave out kms.amazonaws.com (CloudWatch.7)",
            "not verified: whether it looks at threshold, statistic or default value",
        ),
        "prowler": (
            "the filter is on the log group of some trail",
            "an alarm's metric has the name of the filter's metric",
        ),
        "elastic": (
            "the trail is multi-region and logging, with a classic event selector for all management events",
            "a topic with a subscription is bound to that filter",
        ),
    }
)
"""What else an auditor looks at (documented by AWS for Security Hub; read in the code of the other two)."""

_LOOKS_FOR_CLASSIC_SELECTOR = frozenset({"elastic"})
"""See `CONDITIONS`. Advanced selectors, which data events and a part of the management events need, do not count."""

_ONLY_V12 = frozenset({"unauthorized-api-calls", "console-signin-without-mfa"})
"""Security Hub lists CloudWatch.2 and CloudWatch.3 for CIS 1.2.0, and not for 1.4.0."""


def benchmark_name(key: str) -> str:
    """`cis-1.4` → `CIS 1.4`; `security-hub` → `Security Hub ids`: a benchmark, as people call it."""
    return "Security Hub ids" if key == "security-hub" else f"CIS {key.removeprefix('cis-')}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one auditor will say about one control of one benchmark."""

    auditor: str
    benchmark: str
    control: str
    event_set: str
    """Name of the set that answers the control."""
    title: str
    outcome: Outcome
    why: str = ""
    """Why it fails or is not assessed; empty where it passes."""


def coverage(chosen: Iterable[str], *, has_classic_selector: bool = True) -> tuple[Answer, ...]:
    """One answer per auditor, benchmark and control, in that order.

    `has_classic_selector`: whether some trail has a basic event selector for all management events, as a trail has
    whose selectors nobody touched. Without it no control passes an auditor that looks for one.

    `chosen` are names of event sets; names that are in no catalogue (custom sets) answer no control. Benchmarks that
    an auditor does not know at all are left out; single controls that it does not assess are in, with the reason.
    """
    names = frozenset(chosen)
    return tuple(
        _answer(
            auditor,
            benchmark,
            control,
            event_set,
            is_chosen=event_set.name in names,
            sees_selector=has_classic_selector or auditor not in _LOOKS_FOR_CLASSIC_SELECTOR,
        )
        for auditor in AUDITORS
        for benchmark in ASSESSED[auditor]
        for control, event_set in _controls(benchmark)
    )


def tally(answers: Iterable[Answer]) -> dict[tuple[str, str], tuple[int, int]]:
    """(auditor, benchmark) → (controls passed, controls assessed)."""
    passed, assessed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for answer in answers:
        key = answer.auditor, answer.benchmark
        passed[key] += answer.outcome == "passes"
        assessed[key] += answer.outcome != "not assessed"
    return {key: (passed[key], count) for key, count in assessed.items()}


def _controls(benchmark: str) -> Iterator[tuple[str, EventSet]]:
    found = [(number, s) for s in EVENT_SETS.values() for number in s.controls.get(benchmark, ())]
    yield from sorted(found, key=lambda pair: [int(part) for part in pair[0].removeprefix("CloudWatch.").split(".")])


def _answer(
    auditor: str, benchmark: str, control: str, event_set: EventSet, *, is_chosen: bool, sees_selector: bool
) -> Answer:
    outcome, why = _judge(auditor, benchmark, control, event_set, is_chosen=is_chosen)
    if outcome == "passes" and not sees_selector:
        outcome, why = "fails", "No trail has a classic event selector for all management events."
    return Answer(
        auditor=auditor,
        benchmark=benchmark,
        control=control,
        event_set=event_set.name,
        title=event_set.title,
        outcome=outcome,
        why=why,
    )


def _judge(auditor: str, benchmark: str, control: str, event_set: EventSet, *, is_chosen: bool) -> tuple[Outcome, str]:
    if control.startswith("1.") and auditor != "security-hub":
        return "not assessed", "Only Security Hub answers this control by a filter; here it is assessed without one."
    if auditor == "security-hub" and "security-hub" not in event_set.controls:
        return "not assessed", event_set.auditors[auditor].why
    if auditor == "security-hub" and benchmark == "cis-1.4" and event_set.name in _ONLY_V12:
        return "not assessed", "Security Hub lists this control for CIS 1.2.0 only."
    verdict = event_set.auditors[auditor]
    if not verdict.accepts:
        return "fails", verdict.why
    if not is_chosen:
        return "fails", f"{event_set.name} is not among the chosen sets."
    return "passes", ""
