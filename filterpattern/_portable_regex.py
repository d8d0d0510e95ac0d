r"""A regex of CloudWatch's subset written so that every common engine reads it alike.

Engines differ in what the subset leaves open: a `{` that opens no repeat, `{,n}`, `[` inside a class, `\s`, an anchor
in the middle, `$` before a last line break. This writes none of them.
"""

from __future__ import annotations

from filterpattern._regex_syntax import EVERY, OTHER, Branch, parse_regex

_ANY_BUT_NEWLINE = EVERY ^ (1 << ord("\n"))


def portable_regex(body: str, *, end: str = "$") -> str:
    r"""The regex. `end` is how the target says "end of the text": `\z` where `$` also stands before a line break."""
    branches = parse_regex(body, text=body, offset=0)
    if not branches:
        return r"[^\s\S]"  # no branch can match
    return "|".join(_branch(branch, end) for branch in branches)


def _branch(branch: Branch, end: str) -> str:
    at_start, items, at_end = branch
    text = "".join(_chars(chars) + _repeat(low, high) for chars, low, high in items)
    return ("^" if at_start else "") + text + (end if at_end else "")


def _repeat(low: int, high: int | None) -> str:
    short = {(1, 1): "", (0, None): "*", (1, None): "+", (0, 1): "?"}
    if (low, high) in short:
        return short[low, high]
    return f"{{{low}}}" if low == high else f"{{{low},{'' if high is None else high}}}"


def _chars(chars: int) -> str:
    if chars == _ANY_BUT_NEWLINE:
        return "."
    if chars and not chars & (chars - 1) and chars < 1 << OTHER:
        return _char(chars.bit_length() - 1)
    negated = bool(chars >> OTHER)
    listed = EVERY ^ chars if negated else chars
    if not listed:
        return r"[\s\S]" if negated else r"[^\s\S]"
    return f"[{'^' if negated else ''}{_ranges(listed)}]"


def _ranges(chars: int) -> str:
    """The ASCII characters of a set as ranges of a class."""
    codes = [code for code in range(OTHER) if chars >> code & 1]
    pieces: list[str] = []
    while codes:
        length = next((i for i in range(1, len(codes)) if codes[i] != codes[0] + i), len(codes))
        first, last = codes[0], codes[length - 1]
        pieces.append(_char(first) if length == 1 else f"{_char(first)}{'-' if length > 2 else ''}{_char(last)}")
        codes = codes[length:]
    return "".join(pieces)


def _char(code: int) -> str:
    char = chr(code)
    if char.isalnum() or char in " _":
        return char
    return f"\\{char}" if char.isprintable() else f"\\x{code:02X}"
