"""The `Condition` of a policy statement: true, false, or not to be told.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators". What is not here (numbers, dates, addresses,
binary) decides nothing about a service that delivers for a resource, so a statement with it cannot be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from account._matching import arn_like, glob, substituted

Context: TypeAlias = Mapping[str, str | None]
"""Condition keys of a call: a value, or None for a key that is known to be absent. Others are unknown."""

_Test = Callable[[str, str], bool]


def _same(wanted: str, given: str) -> bool:
    return wanted == given


def _same_in_any_case(wanted: str, given: str) -> bool:
    return wanted.lower() == given.lower()


_TESTS: Mapping[str, tuple[_Test, bool]] = {
    "StringEquals": (_same, False),
    "StringNotEquals": (_same, True),
    "StringEqualsIgnoreCase": (_same_in_any_case, False),
    "StringNotEqualsIgnoreCase": (_same_in_any_case, True),
    "StringLike": (glob, False),
    "StringNotLike": (glob, True),
    "ArnEquals": (arn_like, False),
    "ArnLike": (arn_like, False),
    "ArnNotEquals": (arn_like, True),
    "ArnNotLike": (arn_like, True),
    "Bool": (_same_in_any_case, False),
}
"""The operators, and whether each is a negated one."""


def holds(condition: Any, context: Context) -> bool | None:
    """Whether every operator and every key of a condition is satisfied. No condition always is."""
    if not condition:
        return True
    if not isinstance(condition, dict):
        return None
    answers: list[bool | None] = []
    for operator, keys in condition.items():
        if not isinstance(keys, dict):
            return None
        answers += [_one(operator, key, values, context) for key, values in keys.items()]
    return False if False in answers else None if None in answers else True


def _one(operator: str, key: str, raw: Any, context: Context) -> bool | None:
    quantifier, _, plain = operator.rpartition(":")
    if_exists, plain = plain.endswith("IfExists"), plain.removesuffix("IfExists")
    known = {name.lower(): value for name, value in context.items()}
    if quantifier not in ("", "ForAnyValue", "ForAllValues") or key.lower() not in known:
        return None
    given, wanted = known[key.lower()], _values(raw)
    if plain == "Null":
        answers = {value.lower() == "true" for value in wanted}
        return None if len(answers) != 1 else answers.pop() is (given is None)
    if plain not in _TESTS:
        return None
    test, is_negated = _TESTS[plain]
    if given is None:
        # Without the key a negated operator is true; so are …IfExists and ForAllValues, and ForAnyValue never is.
        return quantifier != "ForAnyValue" and (is_negated or if_exists or quantifier == "ForAllValues")
    texts = [substituted(value, context) if test is not _same_in_any_case else value for value in wanted]
    if any(text is not None and test(text, given) for text in texts):
        return not is_negated
    return None if None in texts else is_negated


def _values(raw: Any) -> list[str]:
    """The values as text; JSON's own true and false are taken as IAM takes them."""
    several = raw if isinstance(raw, list) else [raw]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in several]
