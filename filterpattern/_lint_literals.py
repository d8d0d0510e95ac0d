"""Lint rules for the values in conditions: strings with wildcards, strings without quotes, regexes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from filterpattern._findings import Finding
from filterpattern._regex_syntax import Branch, parse_regex
from filterpattern._render import quoted
from filterpattern._tree import Node, Regex, String, subtree

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_DIGITS = sum(1 << ord(digit) for digit in "0123456789")
_DOT = 1 << ord(".")
_MANY_REPEATS = 2
_PIECES = re.compile(r"\\x..|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{[0-9]*,?[0-9]*\}|.", re.DOTALL)
_ADDRESS_START = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){1,2}\*")


def lint_literals(text: str, tree: Node) -> Iterator[Finding]:
    """What the values themselves show, in all forms that have conditions."""
    for node in subtree(tree):
        if isinstance(node, String):
            yield from _string(text, node)
        elif isinstance(node, Regex):
            yield from _regex(text, node)


def _string(text: str, literal: String) -> Iterator[Finding]:
    start, end = literal.span
    value = literal.value
    if text[start] != '"' and not _PLAIN.issuperset(value):
        why = f"{value} should stand in quotes: only letters, digits and _ are documented without"
        yield Finding("unquoted-string", text, start, end, why, f"write {quoted(value)}")
    if "*" in value.strip("*"):
        why = (
            "a * inside a string is a wildcard since 2026 at the latest, and was documented as a plain character before"
        )
        yield Finding("mid-star", text, start, end, why, _as_regex(value))
    if _ADDRESS_START.fullmatch(value):
        why = f"{value} also covers numbers that go on, such as {value[:-1]}9"
        yield Finding("cidr-dot", text, start, end, why, f'write "{value[:-1]}.*"')


def _as_regex(value: str) -> str:
    """A regex that says what a string with wildcards says, where the alphabet of regexes allows it."""
    pieces = value.split("*")
    if not all(piece.isascii() and re.fullmatch(r"[\w :#=@/;,.-]*", piece) for piece in pieces):
        return ""
    return f"to be sure, write %^{'.*'.join(piece.replace('.', chr(92) + '.') for piece in pieces)}$%"


def _regex(text: str, regex: Regex) -> Iterator[Finding]:
    start, end = regex.span
    inside = start + 1
    pieces = list(_PIECES.finditer(regex.body))
    for before, piece, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if piece[0] == "." and _is_literal(before[0]) and _is_literal(after[0]) and after[0][0] != "{":
            at = inside + piece.start()
            yield Finding("regex-dot", text, at, at + 1, "a plain . stands for any character", r"a dot is \.")
    for piece in pieces:
        if piece[0].startswith("{,") and piece[0] != "{,}":
            why = f"{piece[0]} is documented, but may be read as plain text"
            fix = f"write {{0{piece[0][1:]}"
            yield Finding("regex-open-repeat", text, inside + piece.start(), inside + piece.end(), why, fix)
    branches = parse_regex(regex.body, text=text, offset=inside)
    yield from (finding for branch in branches for finding in _open_ends(text, (start, end), branch))
    most = max((sum(high is None for _, _, high in items) for _, items, _ in branches), default=0)
    if most > _MANY_REPEATS:
        why = f"{most} repeats without an upper bound, which engines that backtrack take long over"
        yield Finding("regex-backtracking", text, start, end, why)


def _is_literal(piece: str) -> bool:
    """Whether a piece of a regex stands for certain characters: between two of those, a dot is most likely a dot."""
    return piece.isalnum() or piece[0] in "\\[{"


def _open_ends(text: str, span: tuple[int, int], branch: Branch) -> Iterator[Finding]:
    """Numbers with dots, as addresses are, that may go on at an end without an anchor."""
    at_start, items, at_end = branch
    if not any(chars == _DOT for chars, _, _ in items):
        return
    open_start = not at_start and _only_digits(items[0][0])
    open_end = not at_end and _only_digits(items[-1][0])
    if open_start or open_end:
        ends = "both ends are" if open_start and open_end else "its start is" if open_start else "its end is"
        fix = (
            "put ^ before it and $ after it"
            if open_start and open_end
            else "put ^ before it"
            if open_start
            else "put $ after it"
        )
        why = f"{ends} open, so more digits may stand there"
        yield Finding("regex-anchor", text, *span, why, fix)


def _only_digits(chars: int) -> bool:
    return bool(chars) and not chars & ~_DIGITS
