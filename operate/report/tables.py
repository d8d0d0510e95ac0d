"""The parts of a report that Markdown and HTML have in common: headings, sentences and tables of plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.coverage import AUDITOR_NAMES, benchmark_name
from operate.report import words
from operate.report.comparison import Comparison
from operate.report.snapshot import Snapshot
from settings import NOT_COUNTED
from settings.prices import READ, REGION


@dataclass(frozen=True)
class Part:
    """A piece of the report. `rows` begin with the heads of the columns; `is_folded` may be hidden at first."""

    title: str
    sentences: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    points: tuple[str, ...] = ()
    is_folded: bool = False
    is_loud: bool = False


def parts(now: Snapshot, comparison: Comparison | None) -> Iterator[Part]:
    """The report from top to bottom."""
    if comparison is not None:
        yield from _compared(comparison)
    if now.over:
        yield Part("This no longer holds", points=now.over, is_loud=True)
    yield _summary(now)
    yield Part("Watches", rows=_watches(now), is_folded=True)
    if now.settings.alerts.mutes:
        yield Part("Planned changes", rows=_mutes(now), is_folded=True)
    yield Part("People", rows=_people(now), is_folded=True)
    yield Part("Resources", rows=_resources(now), is_folded=True)
    yield Part("Cost a month", (_cost_words(now),), _cost(now), is_folded=True)
    yield Part("Controls whose filter passes", rows=_coverage(now), is_folded=True)


def _compared(comparison: Comparison) -> Iterator[Part]:
    if comparison.before is None:
        yield Part("Changes", (f"The stack is new: {comparison.revision} has no such file.",))
        return
    if comparison.weaker:
        yield Part("This weakens the guard", points=comparison.weaker, is_loud=True)
    if comparison.replacements:
        yield Part("This deletes or makes anew", points=comparison.replacements, is_loud=True)
    if not comparison.differences:
        yield Part("Changes", (f"None against {comparison.revision}.",))
        return
    rows = [(each.key, words.value(each.before), words.value(each.after)) for each in comparison.differences]
    yield Part(f"Changes against {comparison.revision}", rows=(("what", "before", "after"), *rows))


def _summary(now: Snapshot) -> Part:
    settings, digest = now.settings, now.settings.alerts.digest
    trails = ", ".join(f"{site.name} ({site.region})" for site in settings.trails)
    rows = [
        ("what", "in this stack"),
        ("trails", trails),
        ("regions", words.value(settings.regions)),
        ("watches", words.value(len(settings.alarming))),
        ("told of alerts", words.value(sum("alerts" in channels for channels in now.people.values()))),
        ("low severity is told", f"once a day, from {digest.hour:02}:00 UTC" if digest else "at once"),
        ("on a stopped trail", settings.remediation.way if settings.has_guardian else "off"),
        ("evidence", settings.evidence),
        ("resources", words.value(settings.plan().total)),
        ("US dollars a month", f"{words.dollars(now.bill.dollars)} to {words.dollars(now.bill.at_most)}"),
    ]
    return Part("In short", rows=tuple(rows))


def _watches(now: Snapshot) -> tuple[tuple[str, ...], ...]:
    rows = [(watch.name, watch.severity, words.alarm(watch), watch.title) for watch in now.settings.alarming]
    return (("watch", "severity", "alarm", "what happened"), *rows)


def _mutes(now: Snapshot) -> tuple[tuple[str, ...], ...]:
    rows = [(each.name, words.mute(each)) for each in now.settings.alerts.mutes]
    return (("mute", "alarms that do not act, and when"), *rows)


def _people(now: Snapshot) -> tuple[tuple[str, ...], ...]:
    rows = [(name, ", ".join(channels)) for name, channels in now.people.items()]
    return (("who", "hears of"), *rows)


def _resources(now: Snapshot) -> tuple[tuple[str, ...], ...]:
    rows = [(token, words.value(count)) for token, count in now.settings.plan().resources.items()]
    return (("type", "number"), *rows)


def _cost(now: Snapshot) -> tuple[tuple[str, ...], ...]:
    rows = [
        (f"{words.value(item.number)} {item.what}", words.dollars(item.dollars), words.dollars(item.at_most))
        for item in now.bill.items
    ]
    whole = ("in all", words.dollars(now.bill.dollars), words.dollars(now.bill.at_most))
    return (("for", "with the free tier", "without"), *rows, whole)


def _cost_words(now: Snapshot) -> str:
    left_out = [each for each in NOT_COUNTED if not _is_counted(each, now)]
    return f"US dollars, {REGION}, prices read {READ}. Not counted: {'; '.join(left_out)}."


def _is_counted(what: str, now: Snapshot) -> bool:
    return what.startswith("log ingestion") and any(item.price == "log-gigabyte" for item in now.bill.items)


def _coverage(now: Snapshot) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = [("benchmark", *AUDITOR_NAMES.values())]
    for benchmark in dict.fromkeys(benchmark for _, benchmark in now.coverage):
        counts = [now.coverage.get((auditor, benchmark), (0, 0)) for auditor in AUDITOR_NAMES]
        rows.append((benchmark_name(benchmark), *(f"{passed} of {of}" if of else "-" for passed, of in counts)))
    return tuple(rows)
