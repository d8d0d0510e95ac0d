"""The form of terms: texts that a message must, must not or may contain.

    pattern := term+
    term    := [ "-" | "?" ] ( bare | phrase )

A term may begin directly after another at its `-` or `?`: `a-b` is `a` and not `b` (observed).
"""

from __future__ import annotations

from collections.abc import Callable

from filterpattern._errors import PatternError
from filterpattern._tokens import BLANKS, scan_string
from filterpattern._tree import Term, Terms

_SIGNS = "-?"


def is_bare(char: str) -> bool:
    """Whether a character may stand in a term without quotes: letters of any script, digits, `_` and `.` (observed)."""
    return char.isalnum() or char in "_."


def parse_terms(text: str, start: int, stop: int) -> Terms:
    """The tree of the terms between two offsets. Raises PatternError."""
    terms: list[Term] = []
    at = start
    while at < stop:
        if text[at] in BLANKS:
            at += 1
            continue
        term = _term(text, at, stop)
        terms.append(term)
        at = term.span[1]
    return Terms(tuple(terms), (start, stop))


def _term(text: str, start: int, stop: int) -> Term:
    sign = text[start] if text[start] in _SIGNS else ""
    at = start + len(sign)
    if at < stop and text[at] == '"':
        phrase = scan_string(text, at)
        if not phrase.value:
            fix = "leave it out; the empty pattern matches every message"
            raise PatternError("an empty phrase", text=text, position=at, end=phrase.end, fix=fix)
        if phrase.end < stop and text[phrase.end] not in BLANKS and text[phrase.end] not in _SIGNS:
            fix = "put a blank after the quotes"
            raise PatternError("a term directly after closing quotes", text=text, position=phrase.end, fix=fix)
        return Term(sign, str(phrase.value), (start, phrase.end))
    end = at
    while end < stop and is_bare(text[end]):
        end += 1
    if end < stop and text[end] not in BLANKS and (text[end] not in _SIGNS or end == at):
        raise _symbol(text, at, end, stop)
    if end == at:
        fix = "put the term after it without a blank, or quotes around it"
        raise PatternError(f"a {sign} without a term", text=text, position=start, fix=fix)
    return Term(sign, text[at:end], (start, end))


def _symbol(text: str, start: int, at: int, stop: int) -> PatternError:
    """The error for a character that needs quotes, with the whole run quoted as its fix."""
    char = text[at]
    end = at
    while end < stop and text[end] not in BLANKS and text[end] != '"':
        end += 1
    if char == '"':
        return PatternError(
            "quotes in the middle of a term", text=text, position=at, fix="put a blank before the quotes"
        )
    if char == "%":
        return PatternError(
            "a regex must be the whole pattern",
            text=text,
            position=at,
            fix="leave out the other terms, or put the % into quotes",
            code="regex-mixed",
        )
    if char == "*" and start == at == end - 1:
        return PatternError(
            "* is no wildcard among terms", text=text, position=at, fix="leave the pattern empty to match everything"
        )
    problem = f"a term with {char} needs quotes: without them only letters, digits, _ and . can stand"
    return PatternError(problem, text=text, position=at, fix=f'write "{text[start:end]}"', code="bare-symbol")


def terms_test(terms: Terms) -> Callable[[str], bool]:
    """The function that says whether a message fits. `?` terms count only where there is no other kind (observed)."""
    needed = tuple(term.text for term in terms.parts if not term.sign)
    banned = tuple(term.text for term in terms.parts if term.sign == "-")
    optional = tuple(term.text for term in terms.parts if term.sign == "?")
    if not needed and not banned:
        return lambda message: any(text in message for text in optional)
    return lambda message: all(text in message for text in needed) and not any(text in message for text in banned)
