"""What a change of the settings takes away from the guard, in words for whoever reviews it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from catalog import SEVERITIES
from operate.report import words
from settings import Settings, Watch
from settings.model import Channel
from settings.samples import Samples

MODES = ("restore", "notify", "off")
"""Ways of the guardian, the strongest first."""

_MEANS = {
    "notify": "a stopped trail is told of, and stays stopped",
    "off": "a stopped trail stays stopped, and only its alarm tells",
}


def weaker(before: Settings, after: Settings) -> list[str]:
    """One sentence for each thing that the guard would do less of. A stronger or another guard is no entry."""
    return [sentence for look in _LOOKS for sentence in look(before, after)]


def _watches(before: Settings, after: Settings) -> Iterator[str]:
    now = {watch.name: watch for watch in after.watches}
    for old in before.watches:
        if old.name not in now:
            yield f"{old.name} ({old.title}) is no longer watched."
        else:
            yield from _watch(old, now[old.name])


def _watch(old: Watch, new: Watch) -> Iterator[str]:
    if new.threshold > old.threshold or new.period < old.period:
        yield f"{old.name} fires later: at {words.alarm(new)} instead of {words.alarm(old)}."
    elif new.period > old.period:
        yield f"{old.name} hides repeats for longer: one alarm in {words.in_minutes(new.period)} at most."
    if SEVERITIES.index(new.severity) > SEVERITIES.index(old.severity):
        yield f"{old.name} is less urgent: {new.severity} instead of {old.severity}."
    if new.pattern != old.pattern:
        yield f"{old.name} has another pattern; compare what it matches (test-pattern, backtest)."


def _samples(before: Settings, after: Settings) -> Iterator[str]:
    """Samples only hold a pattern; but whoever takes them out may do so because it no longer matches them."""
    none = Samples()
    for name in sorted(before.custom_sets.keys() & after.custom_sets.keys()):
        old, new = (each.custom_sets[name].samples or none for each in (before, after))
        lost = sum(event not in new.matches for event in old.matches)
        lost += sum(event not in new.matches_not for event in old.matches_not)
        if lost:
            yield f"The pattern of {name} is held to {lost} sample{'s' if lost > 1 else ''} less."


def _burst(before: Settings, after: Settings) -> Iterator[str]:
    old, new = before.burst, after.burst
    if old and not new:
        yield "Many calls from any single address raise no alarm any more (burst)."
    elif old and new and (new.threshold > old.threshold or new.period < old.period):
        ways = (f"{each.threshold:,} calls in {words.in_minutes(each.period)}" for each in (new, old))
        yield f"One address may make more calls: the alarm fires at {' instead of '.join(ways)}."


def _people(before: Settings, after: Settings) -> Iterator[str]:
    heard: dict[Channel, str] = {"alerts": "of alerts", "last-resort": "when the watching itself fails"}
    lost: dict[str, list[str]] = {}
    for channel, what in heard.items():
        old, new = ([words.person(each) for each in s.recipients(channel)] for s in (before, after))
        if channel == "alerts" or (before.has_ledger and after.has_ledger):  # else nothing is left that could fail
            for name in _less(old, new):
                lost.setdefault(name, []).append(what)
    yield from (f"{name} no longer hears {' or '.join(what)}." for name, what in lost.items())


def _chosen(before: Settings, after: Settings) -> Iterator[str]:
    """Who hears a part only, or another part."""
    old = {words.person(each): each.filter_policy for each in before.recipients("alerts")}
    for each in after.recipients("alerts"):
        who, chosen = words.person(each), each.filter_policy
        if chosen and who in old and old[who] != chosen:
            parts = (f"{name} {', '.join(v for v in values if isinstance(v, str))}" for name, values in chosen.items())
            yield f"{who} hears only alerts of {'; '.join(parts)}."


def _places(before: Settings, after: Settings) -> Iterator[str]:
    for region in _less(before.regions, after.regions):
        yield f"{region} is no longer a region in which the guardian listens."
    given_up = {demand for site in before.trails for demand in site.waived}
    for demand in sorted({demand for site in after.trails for demand in site.waived} - given_up):
        yield f"The guardian's floor is waived for a trail: {demand}."


def _recorded(before: Settings, after: Settings) -> Iterator[str]:
    """What the trail records beside management events; those are part of the floor."""
    for each in _less(before.trail.data_events, after.trail.data_events):
        only = f" of {', '.join(each.only)}" if each.only else ""
        which = "" if each.record == "all" else f" that {each.record}"
        yield f"No longer recorded as before: calls on {each.type}{only}{which}."
    for kind in _less(before.trail.insights, after.trail.insights):
        yield f"CloudTrail no longer looks for unusual rates: {kind}."


def _remediation(before: Settings, after: Settings) -> Iterator[str]:
    old, new = before.remediation.in_effect, after.remediation.in_effect
    if MODES.index(new.mode) > MODES.index(old.mode):
        yield f"Remediation goes from {old.mode} to {new.mode}: {_MEANS[new.mode]}."
    if new.dry_run and not old.dry_run:
        yield "Remediation only says what it would do (dryRun)."
    if fewer := _less(old.may_put_back, new.may_put_back):
        yield f"No longer put back: {', '.join(fewer)}."
    if new.grace_seconds > old.grace_seconds:
        yield f"A change of the trail stands for {new.grace_seconds} s instead of {old.grace_seconds} s."
    if new.budget.repairs * old.budget.minutes < old.budget.repairs * new.budget.minutes:
        yield f"The guardian repairs {_budget(new)} instead of {_budget(old)} and tells more as one."


def _budget(remediation: Any) -> str:
    return f"{remediation.budget.repairs} times in {remediation.budget.minutes} minutes"


def _evidence(before: Settings, after: Settings) -> Iterator[str]:
    old, new = before.trail, after.trail
    if before.evidence == "keep" and after.evidence != "keep":
        yield "Logs and their keys go with the stack when it is destroyed (evidence: disposable)."
    if old.organization and not new.organization:
        yield "The organization's other accounts are no longer recorded."
    if new.may_be_masked and not old.may_be_masked:
        yield "Nobody is told when a data protection policy masks events, which filters then do not see."
    if new.retention_days < old.retention_days:
        yield f"The log group keeps events {new.retention_days:,} days instead of {old.retention_days:,}."
    kept, keeps = (trail.lifecycle.expire_days if trail.lifecycle else None for trail in (old, new))
    if keeps is not None and (kept is None or keeps < kept):
        yield f"Log files are deleted after {keeps:,} days{f' instead of {kept:,}' if kept else ''}."
    if old.object_lock and not new.object_lock:
        yield "New log files are no longer locked against deletion."
    elif old.object_lock and new.object_lock and _lock(new) < _lock(old):
        yield f"New log files are locked for {new.object_lock.days:,} days, {new.object_lock.mode}."


def _lock(trail: Any) -> tuple[bool, int]:
    return trail.object_lock.mode == "COMPLIANCE", trail.object_lock.days


def _alerts(before: Settings, after: Settings) -> Iterator[str]:
    old, new = (each.alerts.model_dump(by_alias=True) for each in (before, after))
    if old.get("explain") and not new.get("explain"):
        yield "Alarms are no longer explained: a mail says how often, and not who."
    if new.get("digest") and not old.get("digest"):
        yield "What is of low severity is mailed once a day, not when it happens (digest)."
    for key, may in {"allowPublish": "send what looks like an alert", "allowSubscribe": "read the alerts"}.items():
        for who in _less(new.get(key) or (), old.get(key) or ()):
            yield f"{who} may {may} ({key})."
    known = {each["name"]: each for each in old.get("suppressions") or ()}
    for each in new.get("suppressions") or ():
        if known.get(each["name"]) != each:
            word = "changes" if each["name"] in known else "is added"
            yield f"The suppression {each['name']} {word}: {each['pattern']} ({each['reason']})."
    muted = {each.name: each for each in before.alerts.mutes}
    for mute in after.alerts.mutes:
        if muted.get(mute.name) != mute:
            word = "changes" if mute.name in muted else "is added"
            yield f"The mute {mute.name} {word}: {words.mute(mute)}."


def _less(before: Sequence[Any] | Mapping[str, Any], after: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    """What is in the one and not in the other, in its order."""
    return [each for each in before if each not in after]


_LOOKS: tuple[Callable[[Settings, Settings], Iterator[str]], ...] = (
    _remediation, _watches, _samples, _burst, _people, _chosen, _places, _recorded, _alerts, _evidence,
)  # fmt: skip
