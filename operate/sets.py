"""`trailwarden sets`: the catalogue for people and for programs, and what auditors will say about a choice of sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from catalog import EVENT_SETS, EventSet
from catalog.coverage import AUDITOR_NAMES, CONDITIONS, Answer, benchmark_name, tally
from catalog.coverage import coverage as judge
from catalog.tables import suggestion
from exits import Exit
from operate.console import columns, refuse, say, say_json

if TYPE_CHECKING:
    from settings import Settings

_PARTS = {
    "management-reads": "calls that only read",
    "management-writes": "calls that write",
    "management-sources": "the events of some sources",
}
"""Parts of the management events, by the names with which a trail is said to give them up."""
COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}


def sets(name: str | None = None, *, coverage: bool = False, as_json: bool = False, stack: str | None = None) -> int:
    """Show every event set, one of them in full, or which controls the chosen ones pass.

    Chosen are the sets of `stack` (its stack file), else what a stack gets that says nothing. Returns the exit code:
    0, or 2 for a name or a stack that is not there.
    """
    if name is not None and name not in EVENT_SETS:
        return refuse(f"there is no event set {name!r}{suggestion(name, EVENT_SETS)}")
    if coverage:
        return _show_coverage(name, as_json=as_json, stack=stack)
    if name is not None:
        event_set = EVENT_SETS[name]
        say_json(as_document(event_set, is_whole=True)) if as_json else _show_one(event_set)
    elif as_json:
        say_json([as_document(event_set) for event_set in EVENT_SETS.values()])
    else:
        _show_all()
    return Exit.OK


def as_document(event_set: EventSet, *, is_whole: bool = False) -> dict[str, Any]:
    """An event set as plain data. The samples carry their events only if `is_whole`: they are long."""
    return {
        "name": event_set.name,
        "title": event_set.title,
        "why": event_set.why,
        "runbook": event_set.runbook,
        "severity": event_set.severity,
        "pack": event_set.pack,
        "recommended": event_set.recommended,
        "recommended_in_organization": event_set.recommended or event_set.recommended_in_organization,
        "metric": event_set.metric,
        "pattern": event_set.pattern,
        "parameters": {key: list(v) if isinstance(v, tuple) else v for key, v in event_set.parameters.items()},
        "auditor_exact": event_set.auditor_exact,
        "source": event_set.source,
        "controls": {benchmark: list(ids) for benchmark, ids in event_set.controls.items()},
        "auditors": {name: {"accepts": v.accepts, "why": v.why} for name, v in event_set.auditors.items()},
        "default_threshold": event_set.default_threshold,
        "default_period": event_set.default_period,
        "default_reason": event_set.default_reason,
        "noise": [{"what": n.what, "answer": n.answer, "suppression": n.suppression} for n in event_set.noise],
        "samples": [
            {"why": s.why, "matches": s.matches, "record": s.record} | ({"event": s.event} if is_whole else {})
            for s in event_set.samples
        ],
    }


def controls_in_words(event_set: EventSet) -> str:
    """`CloudWatch.5 · CIS 1.2 3.5 · CIS 1.4 to 5.0 4.5 · CIS 6.0 to 7.0 5.5`; versions that agree stand together."""
    groups: list[tuple[tuple[str, ...], list[str]]] = []
    for benchmark, ids in event_set.controls.items():
        if benchmark != "security-hub":
            if groups and groups[-1][0] == ids:
                groups[-1][1].append(benchmark.removeprefix("cis-"))
            else:
                groups.append((ids, [benchmark.removeprefix("cis-")]))
    words = [*event_set.controls.get("security-hub", ())]
    for ids, versions in groups:
        span = versions[0] if len(versions) == 1 else f"{versions[0]} to {versions[-1]}"
        words.append(f"CIS {span}: {', '.join(ids)}")
    return " · ".join(words)


def alarm_in_words(event_set: EventSet) -> str:
    """`1 event in 5 minutes`."""
    minutes = event_set.default_period // 60
    events = "1 event" if event_set.default_threshold == 1 else f"{event_set.default_threshold} events"
    return f"{events} in {f'{minutes} minutes' if minutes != 1 else '1 minute'}"


def _console() -> Console:
    """Standard output, in colour if it is a terminal that has some."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def _show_all() -> None:
    console = _console()
    sets_in_order = list(EVENT_SETS.values())
    cells = columns(
        [
            (
                f"  {'✓' if event_set.recommended else '·'} {event_set.name}",
                event_set.severity,
                alarm_in_words(event_set),
                ", ".join(event_set.controls.get("security-hub", ())) or "-",
                event_set.title,
            )
            for event_set in sets_in_order
        ]
    )
    pack = ""
    for event_set, (name, severity, *rest) in zip(sets_in_order, cells, strict=True):
        if event_set.pack != pack:
            pack = event_set.pack
            console.print(Text(f"{pack}: {EVENT_SETS.packs[pack].why}", style="bold"))
        console.print(Text.assemble(name, (severity, COLOURS[event_set.severity]), *rest))
    chosen = sum(event_set.recommended for event_set in sets_in_order)
    console.print(f"{len(sets_in_order)} sets; ✓ marks the {chosen} that a stack gets unless it says otherwise.")


def _show_one(event_set: EventSet) -> None:
    say(f"{event_set.name} · {event_set.title}")
    rows = [
        ("", f"{event_set.severity} · pack {event_set.pack} · {event_set.recommendation}"),
        ("Why", event_set.why),
        ("Do first", event_set.runbook),
        ("Alarm", f"at least {alarm_in_words(event_set)} · metric {event_set.metric}"),
        ("", event_set.default_reason),
        ("Controls", controls_in_words(event_set)),
        *(("Auditor", _verdict_in_words(event_set, auditor)) for auditor in event_set.auditors),
        ("Pattern", event_set.pattern),
        *(("Needs", f"{p.name}: {p.what}") for p in event_set.template.parameters),
        ("Source", event_set.source),
    ]
    for noise in event_set.noise:
        rows += [("Noise", noise.what), ("", noise.answer), ("", noise.suppression or "")]
    rows += [("Matches" if s.matches else "Leaves", s.why) for s in event_set.samples]
    for label, text in rows:
        if text:
            say(f"  {label:<10}{text}")


def _verdict_in_words(event_set: EventSet, auditor: str) -> str:
    verdict = event_set.auditors[auditor]
    return f"{AUDITOR_NAMES[auditor]} {'accepts it' if verdict.accepts else 'refuses it'}. {verdict.why}".strip()


def _settings_of(stack: str) -> Settings:
    """What a stack file says. Raises SettingsError."""
    from settings import Settings, find_project, stack_file_path  # only this question needs the settings model

    return Settings.from_stack_file(stack_file_path(find_project(Path.cwd()), stack))


def _missed(settings: Settings) -> str:
    """What of the management events no trail of a stack records, in words for a person; "" if nothing is missed."""
    missed = frozenset.intersection(*(site.waived for site in settings.trails))
    return " and ".join(_PARTS[word] for word in sorted(missed & _PARTS.keys()))


def _has_classic_selector(settings: Settings) -> bool:
    """Whether some trail of a stack has a basic selector for all management events."""
    from settings.selectors import are_advanced

    return any(
        not (site.waived & _PARTS.keys())
        and not (are_advanced(site.baseline.selectors) if site.baseline else settings.trail.data_events)
        for site in settings.trails
    )


def _show_coverage(name: str | None, *, as_json: bool, stack: str | None) -> int:
    has_classic_selector, missed = True, ""
    if stack is None:
        chosen = tuple(n for n, event_set in EVENT_SETS.items() if event_set.recommended)
    else:
        from settings import SettingsError

        try:
            settings = _settings_of(stack)
        except SettingsError as error:
            return refuse(str(error))
        chosen = tuple(name for name in EVENT_SETS if name in settings.event_sets)
        has_classic_selector, missed = _has_classic_selector(settings), _missed(settings)
    judged = judge(chosen, has_classic_selector=has_classic_selector)
    answers = [answer for answer in judged if name in (None, answer.event_set)]
    if as_json:
        say_json({**_coverage_document(chosen, answers), "not_recorded": missed})
    else:
        _print_coverage(chosen, answers, stack=stack)
        if missed:
            _console().print(
                f"No trail of this stack records {missed}: CloudTrail.1 of Security Hub fails, and so does every "
                "control that asks for a trail of all management events, whatever the filters are."
            )
    return Exit.OK


def _coverage_document(chosen: Sequence[str], answers: Sequence[Answer]) -> dict[str, Any]:
    return {
        "chosen": list(chosen),
        "tally": [
            {"auditor": auditor, "benchmark": benchmark, "passed": passed, "assessed": assessed}
            for (auditor, benchmark), (passed, assessed) in tally(answers).items()
        ],
        "answers": [
            {
                "auditor": answer.auditor,
                "benchmark": answer.benchmark,
                "control": answer.control,
                "event_set": answer.event_set,
                "outcome": answer.outcome,
                "why": answer.why,
            }
            for answer in answers
        ],
        "conditions": {auditor: list(conditions) for auditor, conditions in CONDITIONS.items()},
    }


def _print_coverage(chosen: Sequence[str], answers: Sequence[Answer], *, stack: str | None) -> None:
    console = _console()
    whose = f"stack {stack}" if stack else "a stack that says nothing about event sets"
    console.print(f"{len(chosen)} chosen sets, those of {whose}.")
    counts = tally(answers)
    rows = [["", *AUDITOR_NAMES.values()]]
    for benchmark in dict.fromkeys(answer.benchmark for answer in answers):
        pairs = [counts.get((auditor, benchmark), (0, 0)) for auditor in AUDITOR_NAMES]
        rows.append([benchmark_name(benchmark), *(f"{passed} of {of}" if of else "-" for passed, of in pairs)])
    for cells in columns(rows, gap=3):
        console.print("".join(cells))
    for outcome, heading in (("fails", "Does not pass"), ("not assessed", "Not assessed by a filter")):
        reasons = _grouped(answer for answer in answers if answer.outcome == outcome)
        if reasons:
            console.print(Text(heading, style="bold"))
            for (auditor, event_set, why), numbers in reasons.items():
                console.print(f"  {AUDITOR_NAMES[auditor]} {', '.join(numbers)} ({event_set}): {why}")
    console.print(Text("An auditor looks besides at", style="bold"))
    for auditor, conditions in CONDITIONS.items():
        for condition in conditions:
            console.print(f"  {AUDITOR_NAMES[auditor]}: {condition}")


def _grouped(answers: Iterable[Answer]) -> dict[tuple[str, str, str], list[str]]:
    """The same reason for several versions of a benchmark is said once."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for answer in answers:
        is_own_id = answer.benchmark == "security-hub"
        number = answer.control if is_own_id else f"{benchmark_name(answer.benchmark)}: {answer.control}"
        rows.setdefault((answer.auditor, answer.event_set, answer.why), []).append(number)
    return rows
