"""What AWS's tagging API finds and the emulator's does not: alarms, log groups, trails and parameters.

Source: Resource Groups Tagging API reference, "Services that support the Resource Groups Tagging API".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox._emulator import Emulator

Tags = list[dict[str, str]]
Found = Iterator[tuple[str, Tags]]


def complete_tagging(emulator: Emulator) -> None:
    """Let GetResources find everything that trailwarden tags, in the region where it is asked."""
    collectors: dict[str, Callable[[], Found]] = emulator.inside("services.tagging", "_COLLECTORS")
    collectors["cloudwatch"] = lambda: _here(emulator, emulator.inside("services.cloudwatch", "_resource_tags"))
    collectors["cloudtrail"] = lambda: _here(emulator, emulator.inside("services.cloudtrail", "_trail_tags"))
    collectors["ssm"] = lambda: _here(emulator, emulator.inside("services.ssm", "_tags"))
    collectors["logs"] = lambda: _log_groups(emulator)


def _here(emulator: Emulator, by_arn: Mapping[str, Mapping[str, str]]) -> Found:
    _account, region = emulator.here()
    for arn, tags in list(by_arn.items()):
        if arn.split(":")[3] == region:
            yield arn, _listed(tags)


def _log_groups(emulator: Emulator) -> Found:
    account, region = emulator.here()
    groups: Mapping[str, Mapping[str, Any]] = emulator.inside("services.cloudwatch_logs", "_log_groups")
    for name, group in list(groups.items()):
        # Without the `:*` of DescribeLogGroups, as the tagging API names them.
        yield f"arn:aws:logs:{region}:{account}:log-group:{name}", _listed(group.get("tags") or {})


def _listed(tags: Mapping[str, str]) -> Tags:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
