"""The first thing that people read: what happened and who did it, in less than 100 characters."""

from collections.abc import Iterable

from common.text import clean, cut

from explainer.envelope import fitted
from explainer.told import Kind, Told

_NAMES = (60, 40, 30, 20, 16, 12)
_PREFIX = {Kind.FIRST: "", Kind.MORE: "More: ", Kind.FOLLOW_UP: "Details: "}


def subject(told: Told) -> str:
    """`[high] IAM policy changes: PutUserPolicy by mallory - 111122223333 us-east-1`. Printable ASCII."""
    texts = [_PREFIX[told.kind] + text for limit in _NAMES for text in _titles(told, limit)]
    return fitted(told.severity, texts, account=account_of(told), region=region_of(told))


def account_of(told: Told) -> str:
    """The account that all events are of; ours where there are several."""
    return _only(told.tally.accounts) or told.environment.place.account


def region_of(told: Told) -> str:
    """The region that all events are of; ours where there are several."""
    return _only(told.tally.regions) or told.environment.place.region


def _only(counted: Iterable[str]) -> str:
    found = list(counted)
    return found[0] if len(found) == 1 else ""


def _titles(told: Told, limit: int) -> list[str]:
    """What happened, the fullest first."""
    tally, title = told.tally, clean(told.watch.title, 120)
    if not tally.count and told.episode and told.episode.value is None and told.is_complete:
        return [f"{title}: rang without an event", f"{cut(title, limit)}: rang without an event"]
    if not tally.count:
        return [f"{title}: details follow", f"{cut(title, limit)}: details follow"]
    who = cut(tally.first.who, limit) if len(tally.actors) == 1 else f"{len(tally.actors)} callers"
    if told.watch.kind in ("source-ip", "any-address"):
        place = tally.first.address if len(tally.addresses) == 1 else f"{len(tally.addresses)} addresses"
        calls = f"{tally.count} calls from {place}"
        return [f"{calls} in {_minutes(told)} (threshold {told.watch.threshold})", calls]
    if told.watch.counts:
        much = f"{title}: {tally.count} in {_minutes(told)} by {who}"
        return [f"{much} (threshold {told.watch.threshold})", much, f"{cut(title, limit)}: {tally.count} by {who}"]
    call = tally.first.call if len(tally.calls) == 1 else ""
    if tally.count == 1:
        done = f"{call} by {who}" + (f" refused: {tally.first.error}" if tally.first.error else "")
    elif call:
        done = f"{tally.count} x {call} by {who}"
    else:
        done = f"{tally.count} events by {who}"
    return [f"{title}: {done}", f"{done} ({told.watch.name})", done]


def _minutes(told: Told) -> str:
    seconds = told.watch.period_s
    return f"{seconds // 3600} h" if seconds % 3600 == 0 else f"{seconds // 60} min"
