"""The page docs/lint-rules.md, made from the table of rules."""

from __future__ import annotations

from collections.abc import Iterator

from filterpattern._lint import lint
from filterpattern._rules import ERROR, LINT_RULES, WARNING, Rule

_HEAD = """\
# Lint rules for filter patterns

<!-- Made by `python -m tests.support.pattern_pages`; a test keeps it true. -->

`filterpattern.lint(text)` reads a pattern and says what is wrong or doubtful about it, in the order of the text.
A finding has a code that is stable, a severity, the place in the text, one sentence, and a fix where one is certain.
The language itself is explained in [filter-patterns.md](filter-patterns.md).

Examples show the pattern that breaks the rule, the place, and below it a pattern that says what was meant.
"""
_SECTIONS = {
    ERROR: (
        "Errors: CloudWatch refuses these",
        "A pattern that cannot be read gives the first error in it; the limits on length are checked beside it.",
    ),
    WARNING: (
        "Warnings: CloudWatch accepts these, but they seldom mean what was meant",
        "A pattern whose text is exactly that of an auditor's gives no warnings, because it must not be changed.",
    ),
}
_ASKED_ELSEWHERE = {
    "group-full": "`lint_group(patterns)`, which looks at all filters of a log group",
    "group-regex-full": "`lint_group(patterns)`, which looks at all filters of a log group",
    "metric-value": "`lint_metric(pattern, value=…)`",
    "dimension-form": "`lint_metric(pattern, dimensions=…)`",
    "dimension-default": "`lint_metric(pattern, default=…, dimensions=…)`",
    "auditor-text": "`lint(text, auditors=…)`, which is given the auditors' texts",
}
_LONGEST_EXAMPLE = 120


def lint_rules_page() -> str:
    """The whole page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    for severity, (title, about) in _SECTIONS.items():
        yield from (f"## {title}", "", about, "")
        for rule in LINT_RULES.values():
            if rule.severity == severity:
                yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield from (f"### {rule.code}", "", rule.why, "")
    if rule.code in _ASKED_ELSEWHERE:
        yield from (f"Asked by {_ASKED_ELSEWHERE[rule.code]}.", "")
    elif len(rule.bad) <= _LONGEST_EXAMPLE:
        (finding, *_) = [finding for finding in lint(rule.bad) if finding.code == rule.code]
        _, *drawing = str(finding).split("\n")
        yield from ("```text", *(line.removeprefix("  ") for line in drawing), "", rule.good or "(the empty pattern)")
        yield from ("```", "")
