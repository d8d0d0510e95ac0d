"""The settings of planned changes: windows of time in which alarms of some sets act on nothing.

A mute is an alarm mute rule of CloudWatch: alarms go on to change their states, their actions wait. What watches the
trail or trailwarden itself is never muted, nor what is critical: its events come by EventBridge, which no rule mutes.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import ClassVar, Final

from pydantic import Field

from catalog import EVENT_SETS
from settings import limits
from settings.document import KeyPath
from settings.kinds import Day, MuteDuration, MuteSchedule, TimeZone, Title, Until, WatchName, WatchNames
from settings.problems import CheckError, nearest
from settings.section import Section
from settings.time_checks import zone_of
from settings.windows import DURATION, SCHEDULE, Windows, parse_duration, parse_schedule

NEVER_PACKS: Final[Mapping[str, str]] = {
    "trail": "watches the trail",
    "self": "watches trailwarden itself",
}
"""Packs of the catalogue whose alarms are never muted, and what their sets do."""


class Mute(Section):
    """A planned change, and the alarms that do not act while it is under way."""

    EXAMPLE: ClassVar[str] = (
        "{name: network-release, sets: [vpc-changes], schedule: cron(0 2 * * SUN), duration: PT4H, "
        "reason: the weekly release}"
    )
    name: WatchName = Field(description="A name, under which the muted events are counted.")
    sets: WatchNames = Field(
        description="Event sets, custom sets and source-IP entries of this stack, or `any-address` for the alarm of "
        "`burst`. Never what is critical, watches the trail or watches trailwarden."
    )
    schedule: MuteSchedule = Field(description=f"When a window begins: {SCHEDULE}.")
    duration: MuteDuration = Field(description=f"How long each window lasts: {DURATION}.")
    timezone: TimeZone = Field(
        default="UTC", description="The time zone of `schedule`, `start` and `until`, such as `Europe/Berlin`."
    )
    start: Day | None = Field(
        default=None, description="A day (`2026-12-01`) before which nothing is muted; only with `cron`."
    )
    until: Until | None = Field(
        default=None,
        description="A day from which nothing is muted any more, at most "
        f"{limits.LONGEST_SUPPRESSION_D} days ahead; only with `cron`. Left out: it holds until it is taken out.",
    )
    reason: Title = Field(description="What is being done, in one line. It becomes the description of the rule.")

    @cached_property
    def windows(self) -> Windows:
        """When it mutes."""
        return Windows(
            parse_schedule(self.schedule),
            parse_duration(self.duration),
            zone=zone_of(self.timezone),
            start=self._midnight(self.start),
            until=self._midnight(self.until),
        )

    @property
    def is_once(self) -> bool:
        """Whether it is for one window only."""
        return isinstance(self.windows.when, datetime)

    def description(self, *, stack: str) -> str:
        """The description of its rule."""
        return f"{self.reason}. Planned change {self.name} of stack {stack}."

    def _midnight(self, day: str | None) -> datetime | None:
        """The moment in UTC at which a day begins in its time zone."""
        if day is None:
            return None
        return datetime.fromisoformat(day).replace(tzinfo=zone_of(self.timezone)).astimezone(UTC)

    def contradictions(self, loudness: Mapping[str, str]) -> Iterator[tuple[KeyPath, CheckError]]:
        """What is wrong with it in a stack whose watches are as loud as `loudness` says, by name."""
        yield from self._about_sets(loudness)
        windows = self.windows
        if isinstance(windows.when, datetime):
            for key, day in (("start", self.start), ("until", self.until)):
                if day is not None:
                    problem = "means nothing beside at(…), which is one window and then over"
                    yield (key,), CheckError(problem, value=day, allowed="leave it out, or cron(…)")
        elif windows.start and windows.until and windows.until <= windows.start:
            problem = f"is not after start, which is {self.start}"
            yield ("until",), CheckError(problem, value=self.until, allowed="a later day")
        elif windows.never_pauses():
            problem = "would mute without a pause: each window begins before the one before it has ended"
            yield (
                ("duration",),
                CheckError(problem, value=self.duration, allowed="a shorter one; a set nobody wants is left out"),
            )

    def _about_sets(self, loudness: Mapping[str, str]) -> Iterator[tuple[KeyPath, CheckError]]:
        if not self.sets:
            yield ("sets",), CheckError("is empty", allowed="at least one, such as [vpc-changes]")
        if len(self.sets) > limits.MAX_MUTED_ALARMS:
            problem = f"names {len(self.sets)}"
            yield ("sets",), CheckError(problem, allowed=f"at most {limits.MAX_MUTED_ALARMS}, then a second mute")
        for number, name in enumerate(self.sets):
            if name in self.sets[:number]:
                yield ("sets", number), CheckError("is listed twice", value=name, allowed="each once")
            elif name not in loudness:
                yield (
                    ("sets", number),
                    CheckError(
                        "is not watched by this stack",
                        value=name,
                        allowed=", ".join(each for each in loudness if why_never(each, loudness[each]) is None)
                        or "nothing: no alarm of this stack may be muted",
                        suggestion=nearest(name, loudness),
                    ),
                )
            elif why := why_never(name, loudness[name]):
                yield ("sets", number), CheckError(why, value=name, allowed="leave it out; see docs/alerts.md")


def why_never(name: str, severity: str) -> str | None:
    """Why the alarm of a watch is never muted; None if it may be."""
    entry = EVENT_SETS.get(name)
    if entry and entry.pack in NEVER_PACKS:
        return f"{NEVER_PACKS[entry.pack]}, so its alarm is never muted; for planned work there is `maintenance`"
    if severity == "critical":
        return "is critical, so its alarm is never muted: its events are told at once and not by the alarm alone"
    return None


def over(mutes: tuple[Mute, ...], *, now: datetime) -> tuple[str, ...]:
    """A sentence for each that will never mute again: whoever wrote it may still believe that it does."""
    return tuple(_sentence(each) for each in mutes if each.windows.is_over(now))


def _sentence(mute: Mute) -> str:
    if mute.is_once:
        return f"Mute {mute.name} was for {mute.schedule} and is over: take it out of alerts.mutes."
    return (
        f"Mute {mute.name} ended on {mute.until}, so its alarms act again: take it out of alerts.mutes, or give it a "
        "new `until`."
    )
