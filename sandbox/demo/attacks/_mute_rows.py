"""Attacks by alarm mute rules: alarms that ring as ever, and tell nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from ._range import Range
from ._row import SWEEP, Row

_NAME = "quiet"


def _mute(at: Range, *alarms: str) -> None:
    """Mute some alarms from now on for two weeks; all that there are, if none is named."""
    now = datetime.fromtimestamp(at.sandbox.health()["now"], UTC)
    at.mallory("cloudwatch").put_alarm_mute_rule(
        Name=_NAME,
        Rule={"Schedule": {"Expression": f"at({now:%Y-%m-%dT%H:%M})", "Duration": "P14D"}},
        **({"MuteTargets": {"AlarmNames": list(alarms)}} if alarms else {}),
    )


def _mute_one(at: Range) -> None:
    _mute(at, at.outputs["alarmNames"]["trail-changes"])


def _unmute(at: Range) -> None:
    at.aws("cloudwatch").delete_alarm_mute_rule(AlarmMuteRuleName=_NAME)


def rows() -> Iterator[Row]:
    """A rule on one alarm, and one on all of them: the latter mutes the alarm that would tell of it, too."""
    yield Row(
        name="alarm-muted-by-rule",
        title="alarm muted by a mute rule",
        attack=_mute_one,
        told=("[critical] Alarms are muted: rule quiet mutes watch-trail-changes",),
        trigger=SWEEP,
        by_sweep=True,
        undo=_unmute,
    )
    yield Row(
        name="all-alarms-muted",
        title="every alarm muted by a mute rule",
        attack=_mute,
        told=("[critical] Alarms are muted: rule quiet mutes every alarm",),
        trigger=SWEEP,
        by_sweep=True,
        undo=_unmute,
    )
