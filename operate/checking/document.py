"""The result for programs: one JSON document, JUnit for pipelines, SARIF for code scanning, Markdown for comments."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final
from xml.etree import ElementTree as ET

from account import found_or
from catalog.coverage import AUDITOR_NAMES, benchmark_name
from operate.checking.audit import Audit
from operate.checking.catalogue import CHECKS
from operate.checking.controls import Control
from operate.checking.line import Line, exit_code
from settings import VERSION

SCHEMA: Final = 1
"""Raised when a key changes its meaning or goes; a new key does not raise it."""


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """How many hold, fail, and could not be looked at."""
    tally = Counter(line.state for line in lines)
    return {state: tally[state] for state in ("holds", "fails", "unknown")}


def as_json(done: Audit) -> dict[str, Any]:
    """The document of `--json`; docs/check.md says what each key means."""
    identity = done.survey.identity
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "at": f"{done.survey.at:%Y-%m-%dT%H:%M:%SZ}",
        "account": {
            "id": identity.account_id,
            "alias": found_or(identity.alias, None),
            "caller": identity.arn,
        },
        "regions": list(done.survey.regions),
        "stacks": list(done.stacks),
        "exit_code": int(exit_code(done.lines)),
        "counts": counts(done.lines),
        "lines": [
            {
                "check": line.check,
                "state": line.state,
                "what": line.what,
                "where": line.where,
                "resource": line.resource,
                "fix": line.fix,
                "evidence": line.evidence,
            }
            for line in done.lines
        ],
        "controls": [_control(control) for control in done.controls],
        "foreign_filters": [{"owner": owner or None, "names": list(names)} for owner, names in done.foreign.items()],
    }


def _control(control: Control) -> dict[str, Any]:
    return {
        "auditor": control.auditor,
        "benchmark": control.benchmark,
        "control": control.control,
        "event_set": control.event_set,
        "title": control.title,
        "outcome": control.outcome,
        "why": control.why,
        "filter": control.filter or None,
        "owner": control.owner or None,
        "alarm": control.alarm or None,
    }


def as_junit(done: Audit) -> str:
    """One test suite for each area; what could not be looked at is an error, not a failure."""
    tally = counts(done.lines)
    root = ET.Element(
        "testsuites",
        name="trailwarden check",
        tests=str(len(done.lines)),
        failures=str(tally["fails"]),
        errors=str(tally["unknown"]),
    )
    for area in dict.fromkeys(line.area for line in done.lines):
        lines = [line for line in done.lines if line.area == area]
        here = counts(lines)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=area,
            tests=str(len(lines)),
            failures=str(here["fails"]),
            errors=str(here["unknown"]),
        )
        for line in lines:
            case = ET.SubElement(suite, "testcase", classname=line.check, name=_xml(line.what))
            if line.state != "holds":
                kind = "failure" if line.state == "fails" else "error"
                told = ET.SubElement(case, kind, message=_xml(line.what), type=line.check)
                told.text = _xml("\n".join(filter(None, [line.evidence, line.fix])))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _xml(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return "".join(char if char in "\t\n" or " " <= char <= "\ud7ff" or char > "\ue000" else "?" for char in text)


def as_sarif(done: Audit, *, file: str) -> dict[str, Any]:
    """SARIF 2.1.0. Every result points at the stack file, because code scanning wants a file; `file` is its name."""
    named = sorted({line.check for line in done.lines if line.state != "holds"})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "trailwarden check",
                        "version": VERSION,
                        "rules": [{"id": check, "shortDescription": {"text": CHECKS[check]}} for check in named],
                    }
                },
                "results": [
                    {
                        "ruleId": line.check,
                        "ruleIndex": named.index(line.check),
                        "level": "error" if line.state == "fails" else "warning",
                        "message": {"text": ". ".join(filter(None, [line.what, line.evidence, line.fix]))},
                        "locations": [
                            {
                                "physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": 1}},
                                "logicalLocations": [{"fullyQualifiedName": line.resource or line.where or "account"}],
                            }
                        ],
                        "partialFingerprints": {"check/v1": f"{line.check} {line.resource}"},
                    }
                    for line in done.lines
                    if line.state != "holds"
                ],
            }
        ],
    }


MARKS: Final = {"holds": "✓", "fails": "✗", "unknown": "?"}


def as_markdown(done: Audit) -> str:
    """A comment for people: what is wrong on top, the controls below, nothing of what holds but its number."""
    tally = counts(done.lines)
    identity = done.survey.identity
    parts = [
        f"### trailwarden check: {_cell(identity.account)}"
        + (f", stack {', '.join(done.stacks)}" if done.stacks else ""),
        "",
        (
            f"{tally['holds']} hold, {tally['fails']} do not, {tally['unknown']} could not be looked at "
            f"({done.survey.at:%Y-%m-%d %H:%M} UTC)."
        ),
    ]
    wrong = [line for line in done.lines if line.state != "holds"]
    if wrong:
        parts += ["", "| | what | where | evidence | what to do |", "|---|---|---|---|---|"]
        parts += [
            f"| {MARKS[line.state]} | {_cell(line.what)} | {_cell(line.where)} | {_cell(line.evidence)} "
            f"| {_cell(line.fix)} |"
            for line in wrong
        ]
    rows = control_table(done.controls)
    parts += ["", "| benchmark | " + " | ".join(rows[0][1:]) + " |", "|---" * len(rows[0]) + "|"]
    parts += ["| " + " | ".join(row) + " |" for row in rows[1:]]
    return "\n".join(parts)


def control_table(controls: Iterable[Control]) -> list[list[str]]:
    """Benchmarks by auditors: `13 of 14`, or `-` where an auditor does not assess it. The first row is the heading."""
    listed = list(controls)
    rows = [["", *AUDITOR_NAMES.values()]]
    for benchmark in dict.fromkeys(each.benchmark for each in listed):
        cells = []
        for auditor in AUDITOR_NAMES:
            mine = [
                each
                for each in listed
                if (each.benchmark, each.auditor) == (benchmark, auditor) and each.outcome != "not assessed"
            ]
            passed = sum(each.outcome == "passes" for each in mine)
            unsure = sum(each.outcome == "unknown" for each in mine)
            cells.append(f"{passed} of {len(mine)}" + (f" ({unsure} ?)" if unsure else "") if mine else "-")
        rows.append([benchmark_name(benchmark), *cells])
    return rows


def _cell(text: str) -> str:
    """A value for one cell: names may hold what Markdown would take for its own."""
    plain = " ".join(text.split())
    return plain.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def dumped(document: dict[str, Any]) -> str:
    """JSON text, ASCII only, so that any name can be written anywhere."""
    return json.dumps(document, indent=2)
