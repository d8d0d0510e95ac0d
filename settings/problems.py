"""What is wrong with a setting, in words that a person can act on."""

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

LONGEST_SHOWN = 80
NEAR = 0.7
"""How like a word must be, on difflib's scale from 0 to 1, to be what was probably meant."""

_ABSENT: Final = object()
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)\S+")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the settings of a stack.

    `source` names the file (or "configuration of stack prod"), `line` counts from 1. `key` is written as in the file,
    without prefix: `eventSets.iam-changes.threshold`, `emails[1]`. `value` is what was found, as it is shown to a
    person; it is None where nothing was found or where the value might be secret. `suggestion` is the value that was
    probably meant.
    """

    source: str
    key: str
    value: str | None
    problem: str
    allowed: str | None = None
    suggestion: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        what = sentence(self.problem, value=self.value, allowed=self.allowed, suggestion=self.suggestion)
        return ": ".join(part for part in (place, self.key, what) if part)


class SettingsError(ValueError):
    """The settings of a stack cannot be used. Lists every problem that was found, one per line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class CheckError(ValueError):
    """One value is not acceptable. `str()` is the sentence that is shown below the question or beside the key.

    `value` is what was found, as it came, and `problem` then goes on from it: "is not a mail address". It is left out
    where the sentence names it already. `key` is the key inside a checked mapping that the problem is about.
    """

    def __init__(
        self,
        problem: str,
        *,
        value: Any = _ABSENT,
        allowed: str | None = None,
        suggestion: str | None = None,
        key: str | None = None,
    ) -> None:
        self.key = key
        self.problem = problem
        self.value = None if value is _ABSENT else shown(value)
        self.allowed = allowed
        self.suggestion = suggestion
        subject = problem if self.value is None else f"{self.value} {problem}"
        super().__init__(sentence(subject, value=None, allowed=allowed, suggestion=suggestion))


def sentence(problem: str, *, value: str | None, allowed: str | None, suggestion: str | None) -> str:
    """The parts of a problem as one line: what is wrong, what was found, what was probably meant, what is allowed."""
    text = problem if value is None else f"{problem} (got {value})"
    if suggestion is not None:
        text += f"; did you mean {suggestion}?"
    if allowed is not None:
        text += f"; allowed: {allowed}"
    return text


def shown(value: Any) -> str:
    """A value as it stands in a message: one line, quoted if it is text, cut if it is long.

    Of a URL only the scheme is shown: the path of a webhook is its password.
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            # A number of thousands of digits is refused by str(), which would hide the real problem.
            return str(value) if abs(value) < 10**LONGEST_SHOWN else "a very long number"
        case str():
            text = _URL.sub(r"\1…", value)
            text = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
            # json.dumps escapes C0 only; the other unprintable characters could still repaint a terminal.
            quoted = json.dumps(text, ensure_ascii=False)
            return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in quoted)
        case dict():
            return "a mapping" if value else "an empty mapping"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case _:
            return f"a {type(value).__name__}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None. Case, `_` and `-` make no difference."""
    by_fold = {_fold(each): each for each in reversed(tuple(known))}
    by_fold = dict(reversed(by_fold.items()))
    folded = _fold(word)
    # Equally near words share more of their beginning with what was meant: us-esat-1 is us-east-1, not us-west-1.
    best = max(by_fold, key=lambda each: (_likeness(folded, each), _shared_start(folded, each)), default=None)
    return by_fold[best] if best is not None and _likeness(folded, best) >= NEAR else None


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _shared_start(one: str, other: str) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _fold(word: str) -> str:
    return word.casefold().replace("_", "").replace("-", "").replace(" ", "")
