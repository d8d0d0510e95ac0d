"""Values of the settings in words, none of them secret."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from settings import Burst, Watch
from settings.muting import Mute
from settings.subscribers import WEB, Recipient


def in_minutes(period: int) -> str:
    """300 → `5 min`."""
    return f"{period // 60:,} min"


def alarm(watch: Watch | Burst) -> str:
    """`10 in 5 min`."""
    return f"{watch.threshold:,} in {in_minutes(watch.period)}"


def person(recipient: Recipient) -> str:
    """`email ops@example.com`. A web address may hold a token in its path, so only its host is told."""
    if recipient.endpoint is None:
        return f"{recipient.protocol} (secret {recipient.secret})"
    if recipient.protocol in WEB:
        return f"{recipient.protocol} {urlsplit(recipient.endpoint).hostname}/…"
    return f"{recipient.protocol} {recipient.endpoint}"


def mute(planned: Mute) -> str:
    """`vpc-changes, office at cron(0 2 * * SUN) for PT4H, Europe/Berlin, until 2027-01-31 (the release)`."""
    days = [f"{word} {day}" for word, day in (("from", planned.start), ("until", planned.until)) if day]
    when = ", ".join([f"at {planned.schedule} for {planned.duration}", planned.timezone, *days])
    return f"{', '.join(planned.sets)} {when} ({planned.reason})"


def value(given: Any) -> str:
    """A value of the settings as one line."""
    if given is None:
        return "-"
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, str):
        return given
    if isinstance(given, int | float):
        return f"{given:,}"
    if isinstance(given, list | tuple) and all(isinstance(each, str) for each in given):
        return ", ".join(given) or "none"
    return json.dumps(given, sort_keys=True)


def dollars(amount: float) -> str:
    """`6.50`."""
    return f"{amount:,.2f}"
