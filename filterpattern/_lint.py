"""`lint`: everything worth saying about a pattern before it is given to CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from filterpattern._errors import PatternError
from filterpattern._findings import Finding
from filterpattern._limits import MAX_FILTERS_PER_LOG_GROUP, MAX_PATTERN_LENGTH, MAX_REGEX_FILTERS_PER_LOG_GROUP
from filterpattern._lint_conditions import lint_conditions
from filterpattern._lint_literals import lint_literals
from filterpattern._lint_terms import lint_terms
from filterpattern._pattern import parse
from filterpattern._tree import Fields, Node, Regex, Terms, subtree


def lint(text: str, *, auditors: Mapping[str, str] | None = None) -> list[Finding]:
    """What is wrong (`error`) or doubtful (`warning`) about a pattern, in the order of the text.

    A pattern that cannot be read gives the first error in it. `auditors` are patterns whose text others compare, by
    name: one of them gives no warnings, as it must not be changed, and one that means the same as another is reported.
    """
    findings = list(_too_long(text))
    try:
        tree = parse(text, any_length=True)
    except PatternError as error:
        return [*findings, Finding(error.code, text, error.position, error.end, error.problem, error.fix)]
    auditors = auditors or {}
    if text not in auditors.values():
        findings += _warnings(text, tree)
        findings += _auditor_text(text, tree, auditors)
    return sorted(findings, key=lambda finding: (finding.start, finding.end))


def _warnings(text: str, tree: Node) -> Iterator[Finding]:
    if isinstance(tree, Terms):
        yield from lint_terms(text, tree)
        return
    if not isinstance(tree, Fields):
        yield from lint_conditions(text, tree)
    yield from lint_literals(text, tree)


def _too_long(text: str) -> Iterator[Finding]:
    if len(text) > MAX_PATTERN_LENGTH:
        why = f"{len(text):,} characters; a pattern may have {MAX_PATTERN_LENGTH:,}"
        yield Finding("too-long", text, MAX_PATTERN_LENGTH, len(text), why, "split it over two filters")


def _auditor_text(text: str, tree: Node, auditors: Mapping[str, str]) -> Iterator[Finding]:
    for name, other in auditors.items():
        if parse(other) == tree:
            yield Finding(
                "auditor-text", text, 0, len(text), f"it means the same as {name}, but its text differs", other
            )


def lint_group(patterns: Mapping[str, str]) -> list[Finding]:
    """What CloudWatch refuses about all metric filters of one log group together; `patterns` are theirs, by name.

    Patterns that cannot be read are left to `lint`. Subscription filters with a regex count too; hand them in as well.
    """
    found: list[Finding] = []
    if len(patterns) > MAX_FILTERS_PER_LOG_GROUP:
        why = f"{len(patterns)} metric filters; a log group takes {MAX_FILTERS_PER_LOG_GROUP}"
        found.append(Finding("group-full", "", 0, 0, why, "leave some out, or join patterns with ||"))
    names = [name for name, text in patterns.items() if _has_regex(text)]
    if len(names) > MAX_REGEX_FILTERS_PER_LOG_GROUP:
        why = (
            f"{len(names)} filters with a regex ({', '.join(names)}); "
            f"a log group takes {MAX_REGEX_FILTERS_PER_LOG_GROUP}"
        )
        found.append(Finding("group-regex-full", "", 0, 0, why, "use * in strings where that is enough"))
    return found


def _has_regex(text: str) -> bool:
    try:
        return any(isinstance(node, Regex) for node in subtree(parse(text)))
    except PatternError:
        return False
