"""Whether a deployed filter's pattern is the one that the stack asks for.

Most patterns are plain text and are compared so. Those of the event sets on our own things hold names that only the
deployment knows: there the names are taken out of the deployed text, the text is written again with them and must come
out the same, and each name must be one of the stack's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from account import CouldNotLook, Trail, name_of
from catalog import EVENT_SETS, EventSet, RenderError
from operate.checking.site import Site
from operate.checking.words import named
from settings import Watch
from settings.facts import ALARMS, FACTS

_AROUND = 12
"""Characters before a gap that tell it from others."""


def compared(watch: Watch, deployed: str, trail: Trail, site: Site) -> str:
    """How a deployed pattern on the log group of a trail differs from the watch's; empty if it does not."""
    if watch.pattern is not None:
        return "" if deployed == watch.pattern else difference(deployed, watch.pattern)
    names = {fact: _names_in(watch.name, fact, deployed) for fact in watch.lacks}
    try:
        written = EVENT_SETS[watch.name].render(**names)
    except (RenderError, TypeError) as error:
        return f"it is no pattern of this set: {error}"
    if written != deployed:
        return difference(deployed, written)
    known = _known(site, trail)
    for fact, found in names.items():
        if fact not in known:
            continue  # what is missing could not be looked at, and has its own line
        # Roles are only known through what takes them, so a strange one may be that of something that is gone.
        strange = [name for name in found if not any(_covers(name, each) for each in known[fact])]
        if strange and fact != "roles":
            return f"it names what is not there: {named(strange)}"
        missing = [each for each in known[fact] if not any(_covers(name, each) for name in found)]
        # With several trails each pattern names what belongs to its own, and nobody can tell from outside which.
        if missing and len(site.trails) == 1:
            return f"it does not name {named(missing)}"
    return ""


def difference(deployed: str, wanted: str) -> str:
    """Where two texts part, for people."""
    start = next((n for n, (a, b) in enumerate(zip(deployed, wanted, strict=False)) if a != b), None)
    if start is None:
        start = min(len(deployed), len(wanted))
    left, right = deployed[start : start + 40], wanted[start : start + 40]
    return f"at character {start + 1} it has {left!r} where {right!r} should be"


def _names_in(event_set: str, fact: str, pattern: str) -> tuple[str, ...]:
    """The values of one fact that a pattern holds, each once, in their order."""
    template = EVENT_SETS[event_set].template
    parameter = next(one for one in template.parameters if one.name == fact)
    found: list[str] = []
    if parameter.each and parameter.each != "@":
        pattern = _filled(EVENT_SETS[event_set], fact, pattern)  # other facts may be looked for in the same field
    if parameter.each:
        each = parameter.each
        if each == "@":  # a bare value is only known by what stands around its gap
            before, _, after = template.text.partition(f"${{{fact}}}")
            each = f"{before[-_AROUND:]}@{after[:1]}"
        head, _, tail = each.partition("@")
        # Only the first place of the value: the condition may name it more than once.
        tail = tail.partition("@")[0]
        found = re.findall(f"{re.escape(head)}({parameter.allowed}){re.escape(tail)}", pattern)
        found = [each if isinstance(each, str) else each[0] for each in found]
    elif parameter.together:
        head, _, tail = parameter.together.partition("@")
        for literal in re.findall(f'{re.escape(head)}("[^"]*"|%[^%]*%){re.escape(tail)}', pattern):
            found += _of_literal(literal)
    return tuple(each for each in dict.fromkeys(found) if each not in parameter.always)


def _filled(entry: EventSet, fact: str, pattern: str) -> str:
    """What stands in the gap of one fact, up to the bracket that closes it; all of a pattern that has no such place."""
    gap, template = f"${{{fact}}}", entry.template
    part = next((each for each in template.alternatives if gap in each), template.text)
    before = part.partition(gap)[0].rpartition("}")[2]  # from the gap before it on, if there is one
    _, is_there, rest = pattern.partition(before)
    depth, is_text = 0, False
    for place, char in enumerate(rest):
        is_text ^= char == '"'
        depth += 0 if is_text else {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            return rest[:place]
    return rest if is_there else pattern


def _of_literal(literal: str) -> Iterable[str]:
    """The values that one literal stands for; see `catalog.template`."""
    if literal.startswith('"'):
        return [literal[1:-1]]
    return [_plain(branch) for branch in literal[1:-1].split("|")]


def _plain(branch: str) -> str:
    text = re.sub(r"\\x([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), branch.removeprefix("^"))
    return text[:-1] if text.endswith("$") else f"{text}*"


def _covers(name: str, thing: str) -> bool:
    """Whether a name in a pattern, which may be cut to its beginning, stands for a thing."""
    return thing.startswith(name[:-1]) if name.endswith("*") else thing == name


def _known(site: Site, trail: Trail) -> dict[str, frozenset[str]]:
    """What the deployment has in the trail's home region, by fact."""
    home = [each for each in site.tagged if each.arn.split(":")[3] in ("", trail.home_region)]

    def of(*kinds: str) -> frozenset[str]:
        return frozenset(name_of(each.arn).rpartition("/")[2] for each in home if each.kind in kinds)

    roles = {each.logs_role_arn for each in site.trails}
    roles |= {function.role_arn for function in site.functions}
    roles |= {schedule.role_arn for schedule in site.schedules}
    known = {
        ALARMS: frozenset(alarm.name for alarm in site.alarms),
        "bucket": frozenset({trail.bucket}),
        "functions": of("lambda:function"),
        "log_group": frozenset({name_of(trail.log_group_arn)} if trail.log_group_arn else ()),
        "parameters": of("ssm:parameter"),
        # Those of forwarders are in their own regions.
        "queues": frozenset(name_of(each.arn) for each in site.tagged if each.kind == "sqs"),
        "roles": frozenset(name_of(arn).rpartition("/")[2] for arn in roles if arn),
        "rules": of("events:rule"),
        "schedules": frozenset(each.name for each in site.schedules),
        "tables": of("dynamodb:table"),
        # The topic on which CloudTrail tells of its files is nobody's alert.
        "topics": of("sns") - {name_of(each.topic_arn) for each in site.trails},
    }
    return {fact: names for fact, names in known.items() if fact not in _unseen(site)}


def _unseen(site: Site) -> frozenset[str]:
    """Facts of which not everything could be looked at."""
    survey = site.survey
    if survey.tagged.blind:
        return frozenset(FACTS)
    of_functions = any(isinstance(each, CouldNotLook) for each in survey.functions.values())
    of_schedules = of_functions or any(isinstance(each, CouldNotLook) for each in survey.schedules.values())
    of_rules = any(isinstance(each, CouldNotLook) for each in survey.rules.values())
    unseen = {ALARMS} if isinstance(survey.alarms.get(site.home), CouldNotLook) else set[str]()
    return frozenset(
        unseen | ({"schedules"} if of_schedules else set()) | ({"roles"} if of_schedules or of_rules else set())
    )
