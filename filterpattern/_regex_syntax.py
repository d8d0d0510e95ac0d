r"""Reading a regex of the subset that CloudWatch Logs accepts, and refusing the rest with its reason.

Allowed (FilterAndPatternSyntax in the CloudWatch Logs guide): letters, digits, blank, `: _ # = @ / ; , -`; the
operators `^ $ ? [ ] { } | \ * + .`; the escapes `\d \D \s \S \w \W \xhh`, and a backslash before an allowed symbol.
There are no groups, so a regex is a list of branches and each branch a list of repeated characters. Where the guide is
silent the reading is that of RE2, which everything seen of the service fits.
"""

from __future__ import annotations

from filterpattern._errors import PatternError
from filterpattern._limits import MAX_REGEX_SIZE, MAX_REPEAT

# A set of characters is a number of 129 bits: one for each ASCII character, and bit 128 for all others together. That
# is enough, because no regex of the subset can tell two non-ASCII characters apart.
OTHER = 128
EVERY = (1 << (OTHER + 1)) - 1
_ANY_BUT_NEWLINE = EVERY ^ (1 << ord("\n"))

_SYMBOLS = frozenset(" :_#=@/;,-")
_OPERATORS = frozenset("^$?[]{}|\\*+.")
_HEX = frozenset("0123456789abcdefABCDEF")


def _set(chars: str) -> int:
    return sum(1 << ord(char) for char in set(chars))


_DIGITS = _set("0123456789")
_WORD = _DIGITS | _set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_SPACE = _set("\t\n\f\r ")  # RE2's \s: a vertical tab is not in it, unlike Python's
_CLASSES = {
    "d": _DIGITS,
    "D": EVERY ^ _DIGITS,
    "s": _SPACE,
    "S": EVERY ^ _SPACE,
    "w": _WORD,
    "W": EVERY ^ _WORD,
}
_ESCAPES_OF_OTHERS = {"n": r"\x0A", "t": r"\x09", "r": r"\x0D", "f": r"\x0C", "v": r"\x0B", "0": r"\x00"}

Item = tuple[int, int, "int | None"]
"""A set of characters, and how often at least and at most it is repeated (None: without end)."""

Branch = tuple[bool, tuple[Item, ...], bool]
"""Starts at the start of the text; what it consumes; ends at the end of the text."""

_START, _END = "^", "$"


def parse_regex(body: str, *, text: str, offset: int) -> tuple[Branch, ...]:
    """The branches of a regex, without those that can never match. `offset` is where `body` stands in `text`."""
    return _Reader(body, text, offset).regex()


class _Reader:
    """One pass over the body."""

    def __init__(self, body: str, text: str, offset: int) -> None:
        self._body, self._text, self._offset = body, text, offset
        self._at = 0
        self._size = 0

    def regex(self) -> tuple[Branch, ...]:
        if not self._body:
            raise self._error("an empty regex", 0, fix='to match everything, leave the pattern empty or write = "*"')
        branches = [self._branch()]
        while self._at < len(self._body):
            self._at += 1  # the `|` that ended the branch
            branches.append(self._branch())
        return tuple(branch for branch in branches if branch is not None)

    def _branch(self) -> Branch | None:
        items: list[Item | str] = []
        while self._at < len(self._body) and self._body[self._at] != "|":
            start = self._at
            atom = self._atom()
            low, high = self._repeat()
            if isinstance(atom, str):
                if low:  # a repeated anchor says no more than one; a repeat that may be none says nothing
                    items.append(atom)
                continue
            self._size += low + 1 if high is None else high
            if self._size > MAX_REGEX_SIZE:
                raise self._error(
                    f"the repeats of this regex add up to more than {MAX_REGEX_SIZE:,} characters",
                    start,
                    end=self._at,
                    fix="use smaller counts, or * and +",
                )
            items.append((atom, low, high))
        return _settle_anchors(items)

    def _atom(self) -> int | str:
        """A set of characters, or one of the two anchors."""
        char = self._body[self._at]
        if char in "*+?" or (char == "{" and self._bounds() is not None):
            raise self._error(f"{char} has nothing before it to repeat", self._at, fix=f"escape it: \\{char}")
        if char == "\\":
            return self._escape(in_class=False)
        if char == "[":
            return self._class()
        self._check(char, self._at)
        self._at += 1
        if char in (_START, _END):
            return char
        return _ANY_BUT_NEWLINE if char == "." else 1 << ord(char)

    def _repeat(self) -> tuple[int, int | None]:
        """The repeat after an atom, else `(1, 1)`. Greedy and lazy are one: only whether it matches counts."""
        bounds = self._bounds()
        if bounds is None:
            return 1, 1
        start = self._at
        low, high, self._at = bounds
        if max(low, high or 0) > MAX_REPEAT:
            raise self._error(f"a repeat count above {MAX_REPEAT:,}", start, end=self._at, fix="use a smaller count")
        if high is not None and low > high:
            raise self._error(f"the repeat {self._body[start : self._at]} counts down", start, end=self._at)
        if self._peek() == "?":
            self._at += 1
        if self._peek() == "+" and self._bounds():
            raise self._error("possessive repeats do not exist here", self._at, fix="leave out the second +")
        if self._bounds() is not None:
            raise self._error("one repeat directly after another", self._at, fix="keep one of the two")
        return low, high

    def _bounds(self) -> tuple[int, int | None, int] | None:
        """Least, most and end of the repeat that stands here. A `{` that opens none is plain text, as in RE2."""
        char = self._peek()
        if char in ("*", "+", "?"):
            return (1 if char == "+" else 0), (1 if char == "?" else None), self._at + 1
        close = self._body.find("}", self._at) if char == "{" else -1
        if close < 0:
            return None
        low, comma, high = self._body[self._at + 1 : close].partition(",")
        if not (_is_count(low) or (comma and not low)) or not (_is_count(high) or not high) or not (low or high):
            return None
        # {,n} is 0 to n in the guide and plain text in RE2. What is documented goes; lint says to write {0,n}.
        least = int(low or 0)
        return least, (int(high) if high else None) if comma else least, close + 1

    def _escape(self, *, in_class: bool) -> int:
        start = self._at
        char = self._body[start + 1 : start + 2]
        self._at += 2
        if not char:
            raise self._error("a backslash with nothing after it", start, fix=r"a plain backslash is \\")
        if char in _CLASSES:
            return _CLASSES[char]
        if char == "x":
            return self._hex(start)
        if char in _OPERATORS or (char in _SYMBOLS and char != "_"):
            return 1 << ord(char)
        if not (char.isascii() and (char.isalnum() or char == "_")):
            self._check(char, start + 1)
        if char == "_":
            fix = "write _"
        elif char == "b" and not in_class:
            fix = "there are no word boundaries; name what may stand there, such as [^a-z]"
        elif char.isdigit() and char != "0":
            fix = "there are no back references"
        else:
            fix = (
                f"write {_ESCAPES_OF_OTHERS[char]}"
                if char in _ESCAPES_OF_OTHERS
                else r"only \d \D \s \S \w \W \xhh exist"
            )
        raise self._error(f"the escape \\{char} does not exist here", start, end=start + 2, fix=fix)

    def _hex(self, start: int) -> int:
        digits = self._body[start + 2 : start + 4]
        if len(digits) < 2 or not _HEX.issuperset(digits):
            raise self._error(r"\x needs two hexadecimal digits", start, end=start + 2, fix=r"such as \x28")
        self._at += 2
        code = int(digits, 16)
        if code >= OTHER:
            raise self._error(f"\\x{digits} is not ASCII", start, end=start + 4, fix="let . stand for any character")
        return 1 << code

    def _class(self) -> int:
        start = self._at
        self._at += 1
        negated = self._peek() == "^"
        self._at += negated
        found, first = 0, True
        while first or self._peek() != "]":
            if self._at >= len(self._body):
                raise self._error("the character class is not closed", start, fix=r"close it with ], or escape it: \[")
            first = False
            if self._body.startswith("[:", self._at) and ":]" in self._body[self._at + 2 :]:
                raise self._error("named classes are not documented", self._at, fix="write 0-9, a-z and so on")
            if self._peek() == "\\" and self._body[self._at + 1 : self._at + 2] in _CLASSES:
                found |= self._escape(in_class=True)
            else:
                found |= self._range()
        self._at += 1
        return EVERY ^ found if negated else found

    def _range(self) -> int:
        start = self._at
        low = self._class_char()
        if self._peek() != "-" or self._body[self._at + 1 : self._at + 2] in ("]", ""):
            return 1 << low
        self._at += 1
        high = self._class_char()
        if high < low:
            raise self._error("a range that counts down", start, end=self._at, fix="swap the two ends")
        return (1 << (high + 1)) - (1 << low)

    def _class_char(self) -> int:
        char = self._peek()
        if char != "\\":
            self._check(char, self._at)
            self._at += 1
            return ord(char)
        start = self._at
        if self._body[start + 1 : start + 2] in _CLASSES:
            raise self._error("a range cannot end in a class", start, end=start + 2, fix=r"escape the hyphen: \-")
        return self._escape(in_class=True).bit_length() - 1

    def _check(self, char: str, at: int) -> None:
        """Refuse a character outside the documented alphabet."""
        if char in _SYMBOLS or char in _OPERATORS or (char.isascii() and char.isalnum()):
            return
        if char in ("(", ")"):
            problem = f"{char} in a regex: there are no groups, and no escaped brackets either"
            fix = f"repeat the prefix in every alternative; a plain {char} is \\x{ord(char):02X}"
        elif char.isascii():
            shown = char if char.isprintable() else f"the character U+{ord(char):04X}"
            problem, fix = f"{shown} is not allowed in a regex", f"write \\x{ord(char):02X}"
        else:
            problem, fix = "a regex may hold ASCII characters only", "let . stand for any character"
        raise self._error(problem, at, fix=fix)

    def _peek(self) -> str:
        return self._body[self._at : self._at + 1]

    def _error(self, problem: str, at: int, *, end: int | None = None, fix: str = "") -> PatternError:
        position = self._offset + at
        stop = position + 1 if end is None else self._offset + end
        return PatternError(problem, text=self._text, position=position, end=stop, fix=fix, code="regex-alphabet")


def _is_count(digits: str) -> bool:
    """Whether RE2 reads this as a repeat count: leading zeros make it plain text."""
    return digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0")


def _settle_anchors(items: list[Item | str]) -> Branch | None:
    """Move the anchors of one branch to its ends, or None if it can never match.

    What stands before a `^` or after a `$` must consume nothing. So it is either dropped, or, where it has to consume
    something, the whole branch is impossible.
    """
    starts = [index for index, item in enumerate(items) if item == _START]
    ends = [index for index, item in enumerate(items) if item == _END]
    left, right = (starts[-1] if starts else -1), (ends[0] if ends else len(items))
    kept: list[Item] = []
    for index, item in enumerate(items):
        if isinstance(item, str):
            continue
        if left < index < right:
            kept.append(item)
        elif item[1]:
            return None
    return bool(starts), tuple(kept), bool(ends)
