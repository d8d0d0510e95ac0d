"""What an answer about days and hours must look like; see `settings.checks`."""

import zoneinfo
from datetime import UTC, date, datetime, tzinfo

from settings import limits
from settings.problems import CheckError, nearest
from settings.windows import parse_duration, parse_schedule


def until(raw: str) -> str:
    """The day from which something no longer holds, `2026-12-24`: at most 90 days ahead. Past days are fine."""
    allowed = f"a day such as 2026-12-24, at most {limits.LONGEST_SUPPRESSION_D} days ahead"
    try:
        end = date.fromisoformat(raw.strip())
    except ValueError:
        raise CheckError("is no day", value=raw, allowed=allowed) from None
    ahead = (end - datetime.now(UTC).date()).days
    if ahead > limits.LONGEST_SUPPRESSION_D:
        raise CheckError("lies too far ahead", value=raw, allowed=f"{allowed}; left out, it has no end")
    return end.isoformat()


def day(raw: str) -> str:
    """A day, `2026-12-24`."""
    try:
        return date.fromisoformat(raw.strip()).isoformat()
    except ValueError:
        raise CheckError("is no day", value=raw, allowed="a day such as 2026-12-24") from None


def time_zone(raw: str) -> str:
    """The name of a time zone: `Europe/Berlin`, `UTC`."""
    name = raw.strip()
    known = zoneinfo.available_timezones() | {"UTC"}
    if name in known and len(name) <= limits.MAX_TIME_ZONE:
        return name
    allowed = "a name such as UTC, Europe/Berlin or America/New_York"
    if known == {"UTC"}:
        allowed = "UTC; this machine knows no other, its package tzdata is missing"
    raise CheckError("is no time zone", value=raw, allowed=allowed, suggestion=nearest(name, sorted(known)))


def zone_of(name: str) -> tzinfo:
    """The clocks of a time zone."""
    return UTC if name == "UTC" else zoneinfo.ZoneInfo(name)


def mute_schedule(raw: str) -> str:
    """When a window of an alarm mute rule begins: `cron(0 2 * * SUN)`, `at(2026-12-24T22:00)`."""
    parse_schedule(raw)
    return raw.strip()


def mute_duration(raw: str) -> str:
    """How long a window of an alarm mute rule lasts: `PT4H`."""
    parse_duration(raw)
    return raw.strip()
