"""What the wizard puts on the screen around its questions. It reads settings and prints; it decides nothing."""

import textwrap
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from catalog import SEVERITIES
from catalog.coverage import AUDITOR_NAMES, benchmark_name, coverage, tally
from settings import Plan, Settings, SettingsError, blind_spots
from settings.version import VERSION
from wizard.bill_line import bill_words
from wizard.questions import EVIDENCE_WORDS, MODES

if TYPE_CHECKING:
    from wizard.look import Sight
    from wizard.preflight import Preflight

NOTHING_WRITTEN = "Nothing was written."
_SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_BENCHMARKS = {"security-hub": "security-hub", "prowler": "cis-4.0", "elastic": "cis-1.4"}
"""The benchmark by which an auditor's verdict is summed up; `sets --coverage` tells them all."""
_LABEL_WIDTH = 12


def header(console: Console) -> None:
    """Who is asking."""
    console.print(Text.assemble(("trailwarden", "bold"), f" {VERSION} · watches CloudTrail and puts it back"))


def stack(console: Console, *, name: str, file: str, is_new: bool) -> None:
    """Which stack, whether it is new, and that nothing happens yet."""
    state = "(new)" if is_new else "(existing: Enter keeps what it says now)"
    console.print(Text.assemble("stack: ", (name, "bold"), f" {state}"))
    console.print(Text(f"{file} is written after the last question; Ctrl-C leaves before that.", "dim"))
    console.print()


def summary(console: Console, settings: Settings, *, sight: "Sight | None" = None) -> None:
    """What is watched, who is told, what it makes in AWS, and what that costs."""
    console.print()
    console.print(Text("What this makes", "bold"))
    by_severity = sorted(settings.alarming, key=lambda watch: SEVERITIES.index(watch.severity))
    for severity, watches in groupby(by_severity, key=lambda watch: watch.severity):
        _line(console, severity, " · ".join(watch.title for watch in watches), style=_SEVERITY_STYLES[severity])
    _line(console, "mails to", ", ".join(settings.mail_addresses))
    if digest := settings.alerts.digest:
        when = f"low severity, and every {digest.weekday} what was held back; from {digest.hour:02}:00 UTC"
        _line(console, "once a day", when)
    others = [each for each in settings.subscribers if each.protocol != "email-json"]
    if numbers := [each.endpoint for each in others if each.protocol == "sms" and each.endpoint]:
        _line(console, "texts to", ", ".join(numbers))
    if machines := [each for each in others if each.protocol != "sms"]:
        where = (f"the secret {each.endpoint_secret}" if each.endpoint_secret else each.endpoint for each in machines)
        _line(console, "also tells", ", ".join(filter(None, where)))
    dry = " (a dry run: it only says what it would do)" if settings.remediation.dry_run else ""
    _line(console, "on a stop", _on_a_stop(settings) + dry)
    words = "as the owner of the trails keeps it" if settings.trail.is_adopted else EVIDENCE_WORDS[settings.evidence]
    _line(console, "evidence", words)
    _line(console, "auditors", _verdicts(settings))
    _line(console, "in AWS", _counts(settings.plan(), settings))
    for index, words in enumerate(bill_words(settings, sight)):
        _line(console, "costs" if index == 0 else "", words)
    for sentence in settings.alerts.over(now=datetime.now(UTC)):
        _line(console, "! over", sentence, style="yellow")
    for sentence in blind_spots(settings):
        _line(console, "! unseen", sentence, style="yellow")
    _own_patterns(console, settings)


def _on_a_stop(settings: Settings) -> str:
    """What the guardian does about a stop, in words."""
    if settings.remediation.mode == "notify" and settings.remediation.restart:
        return "restart it, and only tell us of everything else"
    return MODES[settings.remediation.mode][0]


def _own_patterns(console: Console, settings: Settings) -> None:
    """What lint doubts about patterns of the stack's own, and how many of the catalogue's sample events they match."""
    for watch in settings.watches:
        matched, tried = watch.matching_samples
        if tried:
            _line(console, "tried", f"{watch.name} matches {matched} of the catalogue's {tried} sample events")
        for finding in watch.doubts:
            console.print(
                Text.assemble(("! ", "yellow"), f"customSets.{watch.name}.pattern: {finding}"), soft_wrap=True
            )


def _verdicts(settings: Settings) -> str:
    """How many controls the filters pass, by auditor: `Security Hub 14 of 14 · Prowler 15 of 15 of CIS 4.0`."""
    passed = tally(coverage(settings.event_sets))
    parts: list[str] = []
    for auditor, benchmark in _BENCHMARKS.items():
        good, total = passed[auditor, benchmark]
        suffix = "" if benchmark == auditor else f" of {benchmark_name(benchmark)}"
        parts.append(f"{AUDITOR_NAMES[auditor]} {good} of {total}{suffix}")
    return f"filters pass {', '.join(parts)}"


def _counts(plan: Plan, settings: Settings) -> str:
    counts = {
        "trail": plan.trails,
        "filter": plan.filters,
        "alarm": plan.alarms,
        "topic": plan.topics,
        "subscription": plan.subscriptions,
        "function": plan.functions,
        "rule": plan.rules,
        "queue": plan.queues,
        "bucket": plan.buckets,
        "log group": plan.log_groups,
        "key": plan.keys,
    }
    homes = settings.home_regions
    senders = sorted({each for home in homes for each in settings.forwarding_regions(home)} - {*homes})
    where = ", ".join(homes) + (f", and what sends events there in {', '.join(senders)}" if senders else "")
    parts = [f"{number} {name}{'' if number == 1 else 's'}" for name, number in counts.items() if number]
    return f"{', '.join(parts)}: with what ties them together {plan.total} resources, in {where}"


def _line(console: Console, label: str, text: str, *, style: str = "bold") -> None:
    """A label, and a text broken at words beside it."""
    lines = textwrap.wrap(text, max(console.width - _LABEL_WIDTH - 3, 20), break_on_hyphens=False) or [""]
    for index, line in enumerate(lines):
        head = label if index == 0 else ""
        console.print(Text.assemble("  ", (f"{head:<{_LABEL_WIDTH}}", style), line), soft_wrap=True)


def replaced(console: Console, sentences: Iterable[str]) -> None:
    """What a deployed stack loses or has to make anew, before anybody says yes."""
    for sentence in sentences:
        _line(console, "! replaces", sentence, style="yellow")


def obstacles(console: Console, found: "Preflight") -> None:
    """What the account has against it, and which addresses of the stack get nothing yet."""
    labelled = (
        ("! in the way", found.stops),
        ("! twice", found.doubles),
        ("! differs", found.differs),
        ("? unseen", found.unseen),
    )
    for label, sentences in labelled:
        for sentence in sentences:
            _line(console, label, sentence, style="yellow")
    if found.pending:
        words = f"{', '.join(found.pending)}: nobody has confirmed the mail yet, so nothing gets there"
        _line(console, "! pending", words, style="yellow")
    if found.confirmed:
        _line(console, "confirmed", ", ".join(found.confirmed))


def diff(console: Console, text: str) -> None:
    """A unified diff, in colours where there are colours. Lines are never cut."""
    console.print()
    for line in text.splitlines():
        style = "bold" if line.startswith(("---", "+++")) else {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        console.print(Text(line, style), soft_wrap=True)
    console.print()


def asked_anew(console: Console, *, source: str, key: str) -> None:
    """A present value cannot be the default of its question."""
    console.print(Text.assemble(("! ", "yellow"), f"{source}: {key} is not valid as it stands; it is asked anew."))


def problems(console: Console, error: SettingsError) -> None:
    """Everything that is wrong, one problem a line (a pattern's caret takes three)."""
    for problem in error.problems:
        console.print(Text.assemble(("✗ ", "red"), str(problem)), soft_wrap=True)


def lines(console: Console, texts: Iterable[str]) -> None:
    """Plain lines; commands among them stay on one line, so that they can be copied."""
    for text in texts:
        console.print(Text(text), soft_wrap=True)
