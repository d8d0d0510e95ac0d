"""How IAM compares texts: stars, question marks, ARNs and policy variables."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERAL = {"*": "*", "?": "?", "$": "$"}
_STAND_INS = {"*": "\N{LEFT WHITE SQUARE BRACKET}", "?": "\N{RIGHT WHITE SQUARE BRACKET}", "$": "$"}
"""A variable such as `${*}` is the plain character; it must not become a wildcard again."""


def glob(pattern: str, text: str) -> bool:
    """Whether `text` is matched by a pattern with `*` (any number of characters) and `?` (one)."""
    return _compiled(pattern).fullmatch(text) is not None


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = []
    for char in re.sub(r"\*+", "*", pattern):  # two stars match what one does, and cost more
        if char == "*":
            parts.append(".*")
        elif char == "?":
            parts.append(".")
        else:
            plain = next((key for key, stand_in in _STAND_INS.items() if char == stand_in), char)
            parts.append(re.escape(plain))
    return re.compile("".join(parts), re.DOTALL)


def arn_like(pattern: str, arn: str) -> bool:
    """Whether each of an ARN's six parts is matched by the pattern's (IAM User Guide, "ARN condition operators")."""
    if pattern == "*":
        return True
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    if len(wanted) != 6 or len(given) != 6:
        return False
    return all(glob(want, have) for want, have in zip(wanted, given, strict=True))


def substituted(text: str, context: Mapping[str, str | None]) -> str | None:
    """The text with its policy variables filled in; None if one is not known."""
    known = {key.lower(): value for key, value in context.items()}
    unknown = False

    def fill(found: re.Match[str]) -> str:
        nonlocal unknown
        name = found[1].partition(",")[0].strip()
        if name in _LITERAL:
            return _STAND_INS[name]
        value = known.get(name.lower())
        if value is None:
            unknown = True
            return ""
        return "".join(_STAND_INS.get(char, char) for char in value)

    filled = _VARIABLE.sub(fill, text)
    return None if unknown else filled
