"""Reading a selector such as `$.userIdentity.['a b'][0][*]`."""

from __future__ import annotations

from filterpattern._errors import PatternError
from filterpattern._limits import MAX_WILDCARDS_PER_SELECTOR
from filterpattern._tree import ANY, Step

NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_DIGITS = frozenset("0123456789")
_AFTER = frozenset(" \t\r\n(){}&|=!<>,\"%'~+$")
_BRACKETS_FIX = "write the name as $.['name']"


def scan_selector(text: str, start: int) -> tuple[tuple[Step, ...], int]:
    """The path of the selector at `start` (a `$`), and where it ends. Raises PatternError."""
    if text[start + 1 : start + 2] == "[":
        fix = "write $.['name']" if text[start + 2 : start + 3] in ("'", '"') else "an event is an object: write $.name"
        raise _error("a selector starts with $. and not with $[", text, start, start + 2, fix)
    if text[start + 1 : start + 2] != ".":
        raise _error("a selector is missing its name", text, start, start + 1, "write $.name")
    path: list[Step] = []
    at = start + 1
    while text[at : at + 1] in (".", "["):
        step, end = _segment(text, at + 1) if text[at] == "." else _index(text, at)
        if step is ANY and path.count(ANY) >= MAX_WILDCARDS_PER_SELECTOR:
            raise PatternError(
                f"more than {MAX_WILDCARDS_PER_SELECTOR} wildcard in one selector",
                text=text,
                position=at,
                end=end,
                fix="name the field or give the index",
                code="too-many-wildcards",
            )
        path.append(step)
        at = end
    if at < len(text) and text[at] not in _AFTER:
        raise _error(f"{text[at]} cannot be part of a name", text, at, at + 1, _BRACKETS_FIX)
    return tuple(path), at


def _segment(text: str, at: int) -> tuple[Step, int]:
    char = text[at : at + 1]
    if char == "*":
        if text[at + 1 : at + 2] and text[at + 1] in NAME:
            raise _error("a * stands for a whole name", text, at, at + 1, "put the * into the value, or name the field")
        return ANY, at + 1
    if char == "[":
        return _quoted(text, at)
    end = at
    while end < len(text) and text[end] in NAME:
        end += 1
    if end == at:
        if char == ".":
            raise _error("two dots in a selector", text, at, at + 1, "there is no search in depth; name each step")
        if not char or char in _AFTER:
            raise _error("a selector ends in a dot", text, at - 1, at, "put a name after the dot, without a blank")
        raise _error(f"{char} cannot be part of a name", text, at, at + 1, _BRACKETS_FIX)
    if text[end : end + 1] == "*":
        raise _error("a * stands for a whole name", text, end, end + 1, "put the * into the value, or name the field")
    return text[at:end], end


def _quoted(text: str, at: int) -> tuple[str, int]:
    if text[at + 1 : at + 2] != "'":
        fix = "write $.['name']" if text[at + 1 : at + 2] == '"' else "an index follows its field directly: $.a[0]"
        raise _error("only ['name'] may follow the dot", text, at, at + 1, fix)
    close = text.find("'", at + 2)
    if close < 0:
        raise _error("the quotes are not closed", text, at + 1, at + 2, "close them with ']")
    if text[close + 1 : close + 2] != "]":
        raise _error("the bracket is not closed", text, close, close + 1, "put ] after the quote")
    if close == at + 2:
        raise _error("an empty name", text, at, close + 2, "put the name between the quotes")
    return text[at + 2 : close], close + 2


def _index(text: str, at: int) -> tuple[Step, int]:
    close = text.find("]", at)
    content = text[at + 1 : close] if close > 0 else ""
    if content == "*":
        return ANY, close + 1
    if content and _DIGITS.issuperset(content):
        return int(content), close + 1
    if text[at + 1 : at + 2] in ("'", '"'):
        raise _error("a dot is missing before the bracket", text, at, at + 1, f"write .{text[at : close + 1] or '['}")
    if close < 0:
        raise _error("the bracket is not closed", text, at, at + 1, "close it with ]")
    fix = "count from the front, from 0" if content.startswith("-") else "write a number from 0 up, or *"
    raise _error(f"[{content}] is not an index", text, at, close + 1, fix)


def _error(problem: str, text: str, start: int, end: int, fix: str) -> PatternError:
    return PatternError(problem, text=text, position=start, end=end, fix=fix, code="bracket-selector")
