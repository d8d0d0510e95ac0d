"""Which alarms a set has in a deployed stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import account
from account import Alarm, CouldNotLook
from catalog import EVENT_SETS
from operate.deployed import Deployed

_FIRST = "trail-changes"


def by_set(deployed: Deployed) -> dict[str, list[Alarm]] | CouldNotLook:
    """The stack's alarms on what is watched, by event set, custom set or source IP. Needs cloudwatch:DescribeAlarms."""
    names = _names(deployed)
    found: dict[str, list[Alarm]] = {name: [] for name in names.values()}  # in the order of the stack file
    told = deployed.session.spread(lambda region: account.alarms(deployed.session, region), deployed.regions)
    for answer in told:
        if isinstance(answer, CouldNotLook):
            return answer
        for alarm in account.found_or(answer, ()):
            if alarm.arn in deployed.arns and alarm.metric in names and not alarm.namespace.startswith("AWS/"):
                found[names[alarm.metric]].append(alarm)
    return {name: alarms for name, alarms in found.items() if alarms}


def first(sets: Mapping[str, Sequence[Alarm]]) -> str:
    """The set that is tested when none is named: one whose alarms are all quiet, the best known before the others.

    An alarm that is in ALARM already tells of no change. Where all of them ring it is the best known all the same.
    """
    names = [_FIRST, *sets] if _FIRST in sets else [*sets]
    return next((name for name in names if all(alarm.state != "ALARM" for alarm in sets[name])), names[0])


def _names(deployed: Deployed) -> Mapping[str, str]:
    """The name of what is watched, by metric. Without a stack file only the catalogue's are known."""
    if deployed.settings is not None:
        return {watch.metric: watch.name for watch in deployed.settings.watches}
    return {entry.metric: name for name, entry in EVENT_SETS.items()}
