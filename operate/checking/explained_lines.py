"""Does the explainer know what the stack file says, and do its rules hear it?

What it is told lies in its archive beside the code: a suppression that somebody puts in there silences an alarm
without touching filter, alarm or topic.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from account import CouldNotLook, Function, Nothing, found_or
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.words import named
from settings import Settings, TrailSite
from settings.checks import WEEKDAYS
from settings.explaining import event_patterns, facts_of

FACTS: Final = "explainer/facts.json"
MADE_UP: Final = "METRIC_NAMESPACE"
"""A variable that only the environment of an explainer has."""


def explained_lines(site: Site, findings: Findings) -> None:
    """The stack's explainers, each against what the stack file says of its trail, and what regions send to them."""
    settings = site.settings
    if settings is None:
        return
    up = f"pulumi up --stack {site.stack} makes it as the file says"
    explainers = [each for each in site.functions if MADE_UP in each.environment]
    for function in explainers:
        place = _place(function, settings)
        if place is not None:
            _knows(function, place, site, settings, up, findings)
        _digest(function, settings, up, findings)
    _rules(explainers, site, settings, up, findings)


def _place(function: Function, settings: Settings) -> TrailSite | None:
    """The trail whose alarms a function explains: each has a namespace of its own in its region."""
    namespace = function.environment[MADE_UP]
    return next(
        (
            each
            for each in settings.trails
            if (each.region, settings.namespace_of(each)) == (function.region, namespace)
        ),
        None,
    )


def _knows(function: Function, place: TrailSite, site: Site, settings: Settings, up: str, findings: Findings) -> None:
    answer = site.survey.codes.get(function.arn, Nothing("code"))
    if isinstance(answer, CouldNotLook):
        return  # said at the function's code
    told = _document(found_or(answer, {}).get(FACTS, b""))
    wanted = _comparable(facts_of(settings, place))
    faults = [*_differences(told, wanted)]
    runbooks = function.environment.get("RUNBOOKS")
    if runbooks != settings.alerts.runbook_base:
        faults.append(f"runbooks are at {runbooks or 'nowhere'}")
    findings.agree(
        "drift.explained",
        faults,
        good=f"function {function.name} knows the {len(wanted['watches'])} watches of the stack file and what it "
        "holds back",
        bad=f"function {function.name} does not know what the stack file says",
        fix=f"{up}; what stands in its archive and not in the file was put there by somebody else",
        resource=function.arn,
        where=function.region,
    )


def _document(text: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return _comparable(told) if isinstance(told, dict) else {}


def _comparable(told: Mapping[str, Any]) -> dict[str, Any]:
    """Entries by their names, so that a person is told which one differs."""
    made: dict[str, Any] = {}
    for name, value in told.items():
        if isinstance(value, list) and all(isinstance(each, Mapping) and "name" in each for each in value):
            made[name] = {str(each["name"]): dict(each) for each in value}
        else:
            made[name] = frozenset(value) if isinstance(value, list) else value
    return made


def _differences(told: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    if not told:
        return [f"{FACTS} is missing in its archive, or is no such document"]
    faults: list[str] = []
    for part in sorted(told.keys() | wanted.keys()):
        have, asked = told.get(part), wanted.get(part)
        if isinstance(have, Mapping) and isinstance(asked, Mapping):
            changed = {name for name in have.keys() & asked.keys() if have[name] != asked[name]}
            for word, names in (
                ("lacks", asked.keys() - have.keys()),
                ("also has", have.keys() - asked.keys()),
                ("has otherwise", changed),
            ):
                faults += [f"{part} {word} {named(names)}"] if names else []
        elif have != asked:
            faults.append(f"{part} is not that of the file")
    return faults


def _digest(function: Function, settings: Settings, up: str, findings: Findings) -> None:
    hour, day = (function.environment.get(name) for name in ("DIGEST_HOUR", "DIGEST_WEEKDAY"))
    asked = settings.alerts.digest
    wanted = (str(asked.hour), str(WEEKDAYS.index(asked.weekday))) if asked else (None, None)
    said = f"from {asked.hour} h UTC each day and on {asked.weekday}s" if asked else "not at all"
    findings.expect(
        "drift.digest",
        (hour, day) == wanted,
        good=f"function {function.name} sums up {said}, as the stack file says",
        bad=f"function {function.name} does not sum up {said}, as the stack file says",
        fix=up,
        resource=function.arn,
        evidence=f"DIGEST_HOUR {hour or 'missing'}, DIGEST_WEEKDAY {day or 'missing'}",
        where=function.region,
    )


def _rules(explainers: list[Function], site: Site, settings: Settings, up: str, findings: Findings) -> None:
    """What comes at once: to each explainer by its own rules, from watched regions by the forwarders'."""
    seen = [answer for arn, answer in site.survey.rules.items() if arn in site.arns]
    if any(isinstance(answer, CouldNotLook) for answer in [*seen, *(rule.targets for rule in site.rules)]):
        return  # said at the rule
    at_home = _parsed(event_patterns(settings.watches))
    faults = [
        f"rules of {function.name}"
        for function in explainers
        if _heard(site, lambda arn, own=function.arn: arn == own) != at_home
    ]
    for region in sorted({region for home in settings.home_regions for region in settings.forwarding_regions(home)}):
        if region in site.survey.regions:
            have = _heard(site, lambda arn: ":event-bus/" in arn, region=region)
            if have != _parsed(settings.forwarded_patterns(region)):
                faults.append(f"forwarders of {region}")
    findings.expect(
        "drift.rules",
        not faults,
        good=f"rules hear every critical set of the stack file at once ({len(at_home)} patterns)",
        bad=f"rules do not hear what the stack file says: {named(faults)}",
        fix=up,
        resource=site.stack,
    )


def _heard(site: Site, is_target: Any, *, region: str | None = None) -> frozenset[str]:
    """The patterns of the rules with such a target, but for those of the guardian."""
    return _parsed(
        rule.pattern
        for rule in site.rules
        if region in (None, rule.region)
        and any(is_target(target.arn) for target in found_or(rule.targets, ()))
        and not _is_about_trails(rule.pattern)
    )


def _is_about_trails(pattern: str) -> bool:
    """Whether a rule is one that hears changes of trails: those have a check of their own."""
    told = _json(pattern)
    return isinstance(told, dict) and told.get("source") == ["aws.cloudtrail"]


def _parsed(patterns: Any) -> frozenset[str]:
    return frozenset(json.dumps(_json(pattern), sort_keys=True) for pattern in patterns)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
