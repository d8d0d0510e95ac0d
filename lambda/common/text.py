"""Text for people: what a stranger chose made safe to show, moments and durations made short."""

import math
import re
from datetime import datetime

_SPACES = re.compile(r" {2,}")


def clean(value: object, limit: int = 80) -> str:
    r"""One line of printable ASCII, at most `limit` characters; empty when `value` is no text.

    Whoever makes an API call chooses its user agent and often a session's name. Control characters and everything
    outside ASCII are shown escaped (`\x0a`, `\u202e`), so such text can neither start a line of its own in a mail nor
    turn its direction; runs of spaces shrink, so it cannot imitate our columns; `://` is broken, so that no mail
    program makes a link of it.
    """
    if not isinstance(value, str):
        return ""
    ascii_text = value[: 4 * limit].encode("ascii", "backslashreplace").decode("ascii")
    shown = "".join(char if " " <= char <= "~" else f"\\x{ord(char):02x}" for char in ascii_text)
    return cut(_SPACES.sub(" ", shown).replace("://", "[:]//").strip(), limit)


def cut(text: str, limit: int) -> str:
    """`text`, or its beginning and `...`; never longer than `limit`, which is at least 3."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def moment(at: datetime) -> str:
    """A moment in full: `2026-11-21 03:12:09 UTC`. `at` is in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def clock_time(at: datetime, *, beside: datetime | None) -> str:
    """A moment that stands beside another: only its time of day when both are of one day."""
    return f"{at:%H:%M:%S} UTC" if beside is not None and beside.date() == at.date() else moment(at)


def duration(seconds: float) -> str:
    """A duration in at most two units, rounded up: `less than 1 s`, `4 s`, `3 min 20 s`, `5 h 3 min`, `2 d 4 h`.

    Rounded up because CloudTrail writes whole seconds, the fraction dropped: the true time is never longer than shown.
    """
    if seconds < 1:
        return "less than 1 s"
    whole = math.ceil(seconds)
    if whole < 120:
        return f"{whole} s"
    for unit_s, unit, part_s, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= unit_s:
            rest = whole % unit_s // part_s
            return f"{whole // unit_s} {unit}" + (f" {rest} {part}" if rest else "")
    raise AssertionError(whole)


def lapse_s(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from `start` to `end`, or None when that cannot be told.

    Both may come from different clocks: up to a second in the wrong direction is 0, more is no measurement.
    """
    if start is None or end is None:
        return None
    seconds = (end - start).total_seconds()
    return None if seconds < -1 else max(0.0, seconds)


def error_name(code: str) -> str:
    """An AWS error code without its ending: `AccessDeniedException` is `AccessDenied`. Only letters, digits, dots."""
    return re.sub(r"[^A-Za-z0-9.]", "", code)[:60].removesuffix("Exception") or "unknown error"
