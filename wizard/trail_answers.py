"""Sections `trail` of a stack file: made from a choice, keeping what the stack has decided besides."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from account import CouldNotLook, Trail
from settings import Baseline, Problem, SettingsError
from settings.sites import identity
from settings.trail import OF_ADOPTED, OF_ANY, TrailSettings
from wizard.baselines import baseline_of, plain
from wizard.questions import TRAIL
from wizard.verdicts import Verdict

CREATE: Final = "create"
PER_REGION: Final = "per-region"

Section = dict[str, Any]
"""The key `trail` of an answers file."""


@dataclass(frozen=True, kw_only=True)
class TrailAnswer:
    """The section, and the home region that follows from it; None where another question decides that."""

    section: Section
    home_region: str | None = None


def created(layout: str, present: object) -> TrailAnswer:
    """The stack makes its trail: one for all regions, or with `PER_REGION` one in each."""
    section = _without(OF_ADOPTED, present)
    section.pop("layout", None)
    return TrailAnswer(
        section={**section, "mode": "create", **({"layout": PER_REGION} if layout == PER_REGION else {})}
    )


def adopted(chosen: Sequence[Verdict], present: object, *, strict: Mapping[str, bool], home: str | None) -> TrailAnswer:
    """The stack guards trails that exist. `strict` says by ARN what each baseline asks for.

    The home region is `home` if one of the trails lives there, else that of the first. Trails that the stack has
    adopted already keep the baseline that is written.
    """
    trails = [each.seen.trail for each in chosen]
    bare = {each.seen.trail.arn for each in chosen if each.needs_group}
    homes = [each.home_region for each in trails]
    region = home if home in homes else homes[0]
    written = written_baselines(present, home_region=home or region)
    baseline = {
        _called(each, region): written.get(_key(each))
        or baseline_of(each, is_strict=strict.get(each.arn, True), needs_group=each.arn in bare)
        for each in trails
    }
    kept = _only(OF_ANY, present)
    return TrailAnswer(
        section={**kept, "mode": "adopt", "trails": list(baseline), "baseline": baseline}, home_region=region
    )


def written_baselines(present: object, *, home_region: str) -> dict[tuple[str, str], Any]:
    """The baselines of the present section, by home region and name of the trail."""
    if not isinstance(present, Mapping) or present.get("mode") != "adopt":
        return {}
    baselines = present.get("baseline")
    if not isinstance(baselines, Mapping):
        return {}
    return {identity(str(name), home_region=home_region): each for name, each in baselines.items()}


def differences(trail: Trail, wanted: Baseline) -> tuple[str, ...]:
    """The keys in which a trail is not what a baseline says, in alphabetical order; without what nobody could see."""
    found = baseline_of(trail, is_strict=False)
    for key, answer in {"selectors": trail.selectors, "insights": trail.insights}.items():
        if isinstance(answer, CouldNotLook):
            found.pop(key, None)
    fields = {field.alias or name: name for name, field in Baseline.model_fields.items()}
    seen = {**dict.fromkeys(("prefix", "kmsKey", "deliveryTopic")), **found}
    should = {key: getattr(wanted, fields[key]) for key in seen}
    return tuple(sorted(key for key, value in seen.items() if _told(key, should[key]) != _told(key, value)))


def _told(key: str, value: Any) -> Any:
    """A value to compare: nothing is nothing; log group and topic may be given by name or ARN."""
    if key == "logGroup":
        return str(value).rpartition(":log-group:")[2]
    if key == "deliveryTopic" and value:
        return str(value).rpartition(":")[2]
    if key in ("selectors", "insights"):
        return sorted(json.dumps(plain(each), sort_keys=True) for each in value)
    return value or None


def from_flag(texts: Sequence[str], verdicts: Sequence[Verdict], present: object, *, home: str | None) -> TrailAnswer:
    """What `--trail` says. Raises SettingsError with everything that is wrong."""
    words = {CREATE, PER_REGION}
    if len(texts) == 1 and texts[0] in words:
        return created(texts[0], present)
    problems = [_wrong(each, "goes only alone") for each in texts if each in words]
    chosen: list[Verdict] = []
    for text in texts:
        if text in words:
            continue
        found = [each for each in verdicts if text in (each.seen.trail.arn, each.seen.trail.name)]
        if len(found) != 1:
            problems.append(_not_one(text, found, verdicts))
        elif found[0].can_be_adopted:
            chosen.append(found[0])
        else:
            problems.append(_wrong(text, found[0].obstacle, allowed=found[0].way_out))
    if problems:
        raise SettingsError(problems)
    return adopted(chosen, present, strict={}, home=home)


def _not_one(text: str, found: Sequence[Verdict], verdicts: Sequence[Verdict]) -> Problem:
    if found:
        return _wrong(text, "is the name of several trails", allowed=_listed(each.seen.trail.arn for each in found))
    fit = _listed(each.seen.trail.name for each in verdicts if each.can_be_adopted)
    return _wrong(text, "is no trail of this account", allowed=f"{CREATE}, {PER_REGION}{', ' if fit else ''}{fit}")


def _wrong(value: str, problem: str, *, allowed: str | None = None) -> Problem:
    return Problem(TRAIL.flag, "", value, problem, allowed=allowed)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts)


def _called(trail: Trail, home_region: str) -> str:
    """A trail is known by its name at home, and by its ARN elsewhere."""
    return trail.name if trail.home_region == home_region else trail.arn


def _key(trail: Trail) -> tuple[str, str]:
    return trail.home_region, trail.name


def _only(fields: Iterable[str], present: object) -> Section:
    aliases = {TrailSettings.model_fields[each].alias or each for each in fields}
    return {key: value for key, value in _mapping(present).items() if key in aliases}


def _without(fields: Iterable[str], present: object) -> Section:
    aliases = {TrailSettings.model_fields[each].alias or each for each in fields}
    return {key: value for key, value in _mapping(present).items() if key not in aliases}


def _mapping(present: object) -> Section:
    return {str(key): value for key, value in present.items()} if isinstance(present, Mapping) else {}
