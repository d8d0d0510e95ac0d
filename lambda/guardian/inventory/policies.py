"""Policies compared by meaning: the order of statements and of lists, and lists of one, say nothing. Pure."""

import json
from collections.abc import Mapping
from typing import Any


def canonical(policy: object) -> Any:
    """A policy, given as JSON text or as an object, in a form in which the same policies are equal.

    What is no policy stands for itself, so that it equals none.
    """
    if isinstance(policy, str):
        try:
            policy = json.loads(policy) if policy else {}
        except (ValueError, RecursionError):
            return policy
    if not isinstance(policy, Mapping):
        return policy
    return _by_text([_sorted(each) for each in _listed(policy.get("Statement", []))])


def differing(wanted: object, found: object) -> str:
    """In which statements a policy differs, in words; "" when it does not."""
    before, now = canonical(wanted), canonical(found)
    if before == now:
        return ""
    if not isinstance(now, list) or not isinstance(before, list):
        return "is none any more"
    if not now:
        return "gone"
    gone = [_named(each) for each in before if each not in now]
    new = [_named(each) for each in now if each not in before]
    same = sorted(set(gone) & set(new))
    told = {
        "changed": same,
        "removed": [name for name in gone if name not in same],
        "added": [name for name in new if name not in same],
    }
    return "; ".join(f"{what} {', '.join(names)}" for what, names in told.items() if names)


def _named(statement: object) -> str:
    """What people call a statement: its id, else what it does."""
    if not isinstance(statement, Mapping):
        return "a statement"
    if statement.get("Sid"):
        return str(statement["Sid"])
    actions = [str(each) for each in _listed(statement.get("Action", statement.get("NotAction", "")))]
    more = f" and {len(actions) - 1} more" if len(actions) > 1 else ""
    return f"{statement.get('Effect', 'a')} of {actions[0] if actions else 'nothing'}{more}"


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _sorted(inner) for key, inner in sorted(value.items(), key=lambda pair: str(pair[0]))}
    if isinstance(value, list):
        found = [_sorted(each) for each in value]
        return found[0] if len(found) == 1 else _by_text(found)
    return value


def _by_text(values: list[Any]) -> list[Any]:
    return sorted(values, key=lambda each: json.dumps(each, sort_keys=True, default=str))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
