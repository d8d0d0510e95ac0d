"""Lint rules for patterns of terms."""

from __future__ import annotations

from collections.abc import Iterator

from filterpattern._findings import Finding
from filterpattern._render import quoted
from filterpattern._tree import Terms


def lint_terms(text: str, terms: Terms) -> Iterator[Finding]:
    """Phrases of blanks, terms that count for nothing, and words that are cut at a hyphen."""
    others = any(term.sign != "?" for term in terms.parts)
    for term in terms.parts:
        start, end = term.span
        if not term.text.strip():
            why = "this matches messages that contain a blank"
            yield Finding("blank-phrase", text, start, end, why, "to match every message, leave the pattern empty")
        if term.sign == "?" and others:
            why = "this term counts for nothing beside terms of another kind"
            yield Finding("optional-ignored", text, start, end, why)
    yield from _cut_words(text, terms)


def _cut_words(text: str, terms: Terms) -> Iterator[Finding]:
    for before, term in zip(terms.parts, terms.parts[1:], strict=False):
        glued = before.span[1] == term.span[0] and '"' not in text[before.span[0] : term.span[1]]
        if glued and not before.sign:
            meant = "not" if term.sign == "-" else "perhaps"
            why = f"this reads as {before.text} and {meant} {term.text}"
            fix = f"write {quoted(text[before.span[0] : term.span[1]])}"
            yield Finding("term-hyphen", text, before.span[0], term.span[1], why, fix)
