"""Which alarms a set has in a deployed stack."""

from __future__ import annotations

from collections.abc import Mapping

import account
from account import Alarm, CouldNotLook
from catalog import EVENT_SETS
from operate.deployed import Deployed

FIRST = "trail-changes"
"""The set that is taken when none is named and the stack has it."""


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


def _names(deployed: Deployed) -> Mapping[str, str]:
    """The name of what is watched, by metric. Without a stack file only the catalogue's are known."""
    if deployed.settings is not None:
        return {watch.metric: watch.name for watch in deployed.settings.watches}
    return {entry.metric: name for name, entry in EVENT_SETS.items()}
