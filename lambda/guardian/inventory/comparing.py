"""What is not as the deployment wrote it down, and how to say so. Pure."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.text import clean

from guardian.inventory import mutes
from guardian.inventory.document import Thing
from guardian.inventory.eyes import Seen
from guardian.inventory.policies import differing

_COUNTED = frozenset({"waiting"})
"""Facts whose value goes up and down while it is the same trouble."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is gone, or whose facts differ: `told` says how, by fact; empty when it is gone."""

    thing: Thing
    facts: Mapping[str, Any] | None
    told: Mapping[str, str]

    @property
    def is_gone(self) -> bool:
        """There is no such thing any more."""
        return self.facts is None

    @property
    def identity(self) -> str:
        """The same for the same trouble with the same thing, and another for another."""
        values = {fact: None if fact in _COUNTED else (self.facts or {}).get(fact) for fact in self.told}
        return json.dumps([self.thing.key, self.is_gone, values], sort_keys=True, default=str)


def compare(seen: Iterable[Seen]) -> tuple[Difference, ...]:
    """Everything that is not as it should be, of what could be seen."""
    found = (_compare(each) for each in seen if not each.refused)
    return tuple(each for each in found if each)


def _compare(seen: Seen) -> Difference | None:
    thing, facts = seen.thing, seen.facts
    if facts is None:
        return Difference(thing=thing, facts=None, told={})
    told = {fact: _differs(fact, wanted, facts.get(fact)) for fact, wanted in thing.facts.items() if fact in facts}
    told = {fact: how for fact, how in told.items() if how}
    return Difference(thing=thing, facts=facts, told=told) if told else None


def _differs(fact: str, wanted: Any, found: Any) -> str:
    """How a fact differs from what is wanted, in words; "" when it does not."""
    if fact in _IN_WORDS:
        return _IN_WORDS[fact](wanted, found)
    if wanted == found or (_is_number(wanted) and _is_number(found) and float(wanted) == float(found)):
        return ""
    return f"{fact} {_shown(found)}, not {_shown(wanted)}"


def _policy(name: str) -> Callable[[Any, Any], str]:
    def differs(wanted: Any, found: Any) -> str:
        how = differing(wanted, found)
        return f"{name} {how}" if how else ""

    return differs


def _switch(off: str) -> Callable[[Any, Any], str]:
    return lambda wanted, found: "" if wanted == found else off


def _targets(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """More targets do no harm; ours have to be there, and get the whole event."""
    told = [f"target {_last(arn)} gone" for arn in wanted if arn not in found]
    changed = (arn for arn in wanted if arn in found and found[arn] != wanted[arn])
    return ", ".join([*told, *(f"target {_last(arn)} changed" for arn in changed)])


def _callers(wanted: Iterable[str], found: Iterable[str]) -> str:
    """More callers do no harm."""
    return ", ".join(f"{each.split()[0]} may not call it" for each in sorted({*wanted} - {*found}))


def _variables(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    names = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
    return f"environment {clean(', '.join(names), 80)} changed" if names else ""


def _documents(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    told = [f"policy {name} gone" for name in wanted if name not in found]
    told += [f"policy {clean(name, 60)} added" for name in found if name not in wanted]
    for name in sorted(wanted.keys() & found.keys()):
        how = differing(wanted[name], found[name])
        told += [f"policy {name} {how}"] if how else []
    return ", ".join(told)


def _key(wanted: str, found: str) -> str:
    """A key may be named by its ARN or its id."""
    return "" if _last(wanted) == _last(found) else f"key {_shown(found)}"


def _state(wanted: str, found: str) -> str:
    words = {"Disabled": "disabled", "PendingDeletion": "scheduled for deletion"}
    return "" if wanted == found else words.get(found, f"state {_shown(found)}")


def _ageing(wanted: Iterable[str], found: Iterable[str]) -> str:
    """What becomes of old files is an attacker's choice: cleaned before it is shown."""
    added = [each for each in found if each not in wanted]
    gone = [f"no longer {each}" for each in wanted if each not in found]
    return clean(", ".join([*added, *gone]), 160)


def _largest(wanted: int, found: int) -> str:
    """What is larger than that SQS refuses, and so it is lost; room for more does no harm."""
    return f"messages over {found} bytes refused" if found < wanted else ""


def _denied(wanted: Iterable[str], found: Iterable[str]) -> str:
    added = sorted({*found} - {*wanted})
    return f"permission denied by {clean(', '.join(added), 80)}" if added else ""


def _waiting(wanted: int, found: int) -> str:
    return f"{found} undelivered message{'' if found == 1 else 's'}" if found > wanted else ""


def _document(name: str) -> Callable[[Any, Any], str]:
    """A JSON text in words; an empty object says as much as none."""

    def differs(wanted: Any, found: Any) -> str:
        before, now = (_parsed(text) or None for text in (wanted, found))
        if before == now:
            return ""
        return f"{name} {'added' if before is None else 'gone' if now is None else 'changed'}"

    return differs


def _text(name: str) -> Callable[[str, str], str]:
    """Of an event rule, of a filter, of a Contributor Insights rule: in JSON, blanks say nothing."""
    return lambda wanted, found: "" if _parsed(wanted) == _parsed(found) else f"{name} changed"


def _masked(wanted: Iterable[str], found: Iterable[str]) -> str:
    """Less of it does no harm."""
    by = [who for who in found if who not in wanted]
    return f"log events masked by {' and '.join(by)}" if by else ""


def _more(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """What has no name of its own here, by AWS's names."""
    added = [f"{field} {_shown(found[field])}" for field in sorted(found.keys() - wanted.keys())]
    # A warm-up that is gone only means that the alarm acts sooner, and AWS need not tell of one that is over.
    gone = [f"{field} gone" for field in sorted(wanted.keys() - found.keys() - {"WarmUpConfiguration"})]
    changed = (
        f"{field} {_shown(found[field])}, not {_shown(wanted[field])}"
        for field in sorted(wanted.keys() & found.keys())
        if wanted[field] != found[field]
    )
    return ", ".join([*added, *gone, *changed])


_IN_WORDS: Mapping[str, Callable[[Any, Any], str]] = {
    "acts": _switch("actions switched off"),
    "ageing": _ageing,
    "callers": _callers,
    "closed": _switch("public access no longer blocked"),
    "code": _switch("code replaced"),
    "dead_letters": _document("dead letters"),
    "enabled": _switch("switched off"),
    "denied": _denied,
    "definition": _text("definition"),
    "environment": _variables,
    "filter": _document("filter policy"),
    "key": _key,
    "largest": _largest,
    "masked": _masked,
    "message": _switch("message changed"),
    "more": _more,
    "pattern": _text("pattern"),
    "policies": _documents,
    "policy": _policy("policy"),
    "protection": _document("data protection"),
    "redrive": _document("redrive policy"),
    "retries": _document("delivery policy"),
    mutes.RULES: mutes.differing,
    "state": _state,
    "targets": _targets,
    "trust": _policy("trust"),
    "waiting": _waiting,
}


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return text


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _last(arn: str) -> str:
    return arn.rpartition(":")[2].rpartition("/")[2]


def _shown(value: Any) -> str:
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean(value if isinstance(value, str) else json.dumps(value, default=str), 60)
