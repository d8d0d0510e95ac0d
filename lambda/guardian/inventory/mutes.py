"""Alarm mute rules: those of the deployment, and those of others that mute alarms of ours.

A muted alarm goes on to change its state, and tells nobody. A rule without names mutes every alarm of the account.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from common.text import clean

from guardian.advice import Step
from guardian.inventory.document import Thing
from guardian.inventory.eyes import Eyes, Seen

KIND = "mutes"
ALARMS, RULES = "alarms", "rules"
_NAMED = 3
_LIVING = ("SCHEDULED", "ACTIVE")
_GONE = ("ResourceNotFoundException",)


def mutes(things: Sequence[Thing], eyes: Eyes) -> Iterator[Seen]:
    """For the alarms that a thing names in `alarms`: `rules`, those that mute one of them, by name.

    A rule that is over mutes nothing. Facts of a rule: `expression`, `duration`, `timezone`, `start`, `until`, and
    `mutes`: which of our alarms, None for every alarm that there is.
    """
    for thing in things:
        cloudwatch = eyes.client_for("cloudwatch", thing.region)
        listed = eyes.all(
            "cloudwatch:ListAlarmMuteRules",
            partial(cloudwatch.list_alarm_mute_rules, Statuses=list(_LIVING)),
            items="AlarmMuteRuleSummaries",
            token=("NextToken", "NextToken"),
        )
        ours, found = frozenset(thing.facts.get(ALARMS) or ()), dict[str, Mapping[str, Any]]()
        for summary in listed:
            name = str(summary["AlarmMuteRuleArn"]).split(":alarm-mute-rule:")[-1]
            rule = eyes.ask(
                "cloudwatch:GetAlarmMuteRule",
                partial(cloudwatch.get_alarm_mute_rule, AlarmMuteRuleName=name),
                gone=_GONE,
            )
            if rule is not None and (facts := _facts(rule, ours)):
                found[name] = facts
        yield Seen(thing=thing, facts={RULES: found})


def _facts(rule: Mapping[str, Any], ours: frozenset[str]) -> Mapping[str, Any] | None:
    names = (rule.get("MuteTargets") or {}).get("AlarmNames") or []
    muted = sorted(ours.intersection(names)) if names else None
    if muted == []:
        return None
    schedule = (rule.get("Rule") or {}).get("Schedule") or {}
    return {
        "expression": schedule.get("Expression"),
        "duration": schedule.get("Duration"),
        "timezone": schedule.get("Timezone") or "UTC",
        "start": _stamp(rule.get("StartDate")),
        "until": _stamp(rule.get("ExpireDate")),
        "mutes": muted,
    }


def _stamp(moment: object) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(moment, datetime) else None


def differing(wanted: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]]) -> str:
    """Rules that nobody planned, and planned ones that were changed. One that is gone does no harm: its alarms act."""
    told = [_foreign(name, found[name]) for name in sorted(found.keys() - wanted.keys())]
    for name in sorted(found.keys() & wanted.keys()):
        changed = [fact for fact, value in wanted[name].items() if found[name].get(fact) != value]
        if changed:
            told.append(
                f"rule {clean(name, 80)} is not as planned: {', '.join(_now(each, found[name]) for each in changed)}"
            )
    return "; ".join(told)


def _foreign(name: str, rule: Mapping[str, Any]) -> str:
    when = f"{clean(rule['expression'], 60)} for {clean(rule['duration'], 20)}"
    return f"rule {clean(name, 80)} mutes {_which(rule['mutes'])}, {when}"


def _which(names: Sequence[str] | None) -> str:
    if names is None:
        return "every alarm"
    shown = ", ".join(clean(name, 60) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{shown}{more}"


def _now(fact: str, rule: Mapping[str, Any]) -> str:
    value = rule.get(fact)
    return f"mutes {_which(value)}" if fact == "mutes" else f"{fact} {clean(value, 60) if value else 'none'}"


def unmute(thing: Thing, facts: Mapping[str, Any] | None) -> tuple[Step, ...]:
    """The commands that take away what nobody planned, so that alarms act at once. None if only ours changed."""
    planned = thing.facts.get(RULES) or {}
    foreign = sorted(name for name in ((facts or {}).get(RULES) or {}) if name not in planned)
    commands = tuple(
        f"aws cloudwatch delete-alarm-mute-rule --alarm-mute-rule-name {shlex.quote(name)} --region {thing.region}"
        for name in foreign[:_NAMED]
    )
    return (Step("Take away what nobody planned; alarms that ring then act at once:", commands),) if commands else ()
