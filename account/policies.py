"""May this principal do this action on this resource? Evaluated on the policy's text, not guessed.

For resource policies (topics, queues, keys, functions, buckets, trust of roles) and for a role's own policies. It knows
what such policies are written with, and says "cannot tell" where it does not: an unknown operator, a condition on
something that is not known here. An unsure Deny makes an Allow unsure.

Sources: IAM User Guide, "Policy evaluation logic", "AWS JSON policy elements", "Condition operators".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from account._conditions import Context, holds
from account._matching import glob, substituted

Outcome = Literal["allowed", "denied", "not allowed", "cannot tell"]


@dataclass(frozen=True)
class Verdict:
    """`why` names the statement that decided, or what is missing; in words that can stand in a sentence."""

    outcome: Outcome
    why: str

    @property
    def is_allowed(self) -> bool:
        """Whether the call would go through."""
        return self.outcome == "allowed"


@dataclass(frozen=True)
class Principal:
    """Who acts: an AWS service by its name, or a role or user by ARN, with the account it belongs to."""

    name: str
    account: str = ""

    @property
    def is_service(self) -> bool:
        """Whether this is a service and not an IAM identity."""
        return not self.name.startswith("arn:")


@dataclass(frozen=True)
class _Asked:
    """The question; `principal` is None for policies that belong to somebody and so name nobody."""

    principal: Principal | None
    action: str
    resource: str
    context: Context


def may(policy: str, *, principal: Principal, action: str, resource: str, context: Context | None = None) -> Verdict:
    """What a resource policy (JSON text) says. An empty policy allows nobody.

    `context` are the condition keys of the call. A key with value None is known to be absent; one that is not there at
    all is unknown, and a condition on it makes the answer "cannot tell".
    """
    return _judged([policy], _Asked(principal, action, resource, context or {}))


def role_may(policies: Iterable[str], *, action: str, resource: str, context: Context | None = None) -> Verdict:
    """What the policies of a role say together. They name no principal: they are the role's own."""
    return _judged(policies, _Asked(None, action, resource, context or {}))


def service_context(*, source_arn: str = "", account: str = "", **more: str | None) -> dict[str, str | None]:
    """The condition keys of a call that an AWS service makes for a resource of an account.

    Keyword names stand for keys as IAM writes them, with `__` for a colon: `kms__ViaService`. What only identities have
    is known to be absent.
    """
    context: dict[str, str | None] = {
        "aws:PrincipalIsAWSService": "true",
        "aws:SecureTransport": "true",
        **dict.fromkeys(
            (
                "aws:PrincipalArn",
                "aws:PrincipalAccount",
                "aws:PrincipalOrgID",
                "aws:PrincipalType",
                "aws:userid",
                "aws:username",
                "aws:SourceIp",
                "aws:SourceVpc",
                "aws:SourceVpce",
                "aws:MultiFactorAuthPresent",
                "aws:MultiFactorAuthAge",
            )
        ),
    }
    if source_arn:
        context["aws:SourceArn"] = source_arn
    if account:
        context |= {"aws:SourceAccount": account, "aws:SourceOwner": account}
    return context | {key.replace("__", ":"): value for key, value in more.items()}


def _judged(policies: Iterable[str], asked: _Asked) -> Verdict:
    statements: list[Mapping[str, Any]] = []
    for text in policies:
        if not text:
            continue
        read = _statements(text)
        if read is None:
            return Verdict("cannot tell", "the policy cannot be read")
        statements += read
    found: dict[tuple[str, bool | None], Mapping[str, Any]] = {}
    for statement in statements:
        effect, matched = str(statement.get("Effect", "")), _matches(statement, asked)
        if effect not in ("Allow", "Deny"):
            return Verdict("cannot tell", f"statement {_name(statement)} has no effect")
        found.setdefault((effect, matched), statement)
    if ("Deny", True) in found:
        return Verdict("denied", f"statement {_name(found['Deny', True])} denies it")
    has_allow = ("Allow", True) in found
    if ("Deny", None) in found and (has_allow or ("Allow", None) in found):
        return Verdict("cannot tell", f"statement {_name(found['Deny', None])} may deny it")
    if has_allow:
        return Verdict("allowed", f"statement {_name(found['Allow', True])} allows it")
    if ("Allow", None) in found:
        return Verdict("cannot tell", f"statement {_name(found['Allow', None])} may allow it")
    return Verdict("not allowed", "no statement allows it")


def _statements(text: str) -> list[Mapping[str, Any]] | None:
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    raw = told.get("Statement", [])
    several: list[Any] = raw if isinstance(raw, list) else [raw]
    return several if all(isinstance(each, dict) for each in several) else None


def _name(statement: Mapping[str, Any]) -> str:
    return str(statement.get("Sid") or "without a Sid")


def _matches(statement: Mapping[str, Any], asked: _Asked) -> bool | None:
    """Whether a statement is about the question; None where that cannot be told."""
    parts = [
        _principal(statement, asked.principal),
        _listed(statement, "Action", lambda pattern: glob(pattern.lower(), asked.action.lower())),
        _listed(statement, "Resource", lambda pattern: _resource(pattern, asked)),
        holds(statement.get("Condition"), asked.context),
    ]
    return False if False in parts else None if None in parts else True


def _listed(statement: Mapping[str, Any], name: str, match: Callable[[str], bool | None]) -> bool | None:
    """Whether `Action` or `Resource` covers it, or its `Not…` leaves it in. A trust policy has no resource."""
    for key, is_negated in ((name, False), (f"Not{name}", True)):
        if key in statement:
            answers = [match(pattern) for pattern in _texts(statement[key])]
            covered = True if True in answers else None if None in answers else False
            return covered if not is_negated or covered is None else not covered
    return name == "Resource"


def _resource(pattern: str, asked: _Asked) -> bool | None:
    text = substituted(pattern, asked.context)
    return None if text is None else glob(text, asked.resource)


def _principal(statement: Mapping[str, Any], who: Principal | None) -> bool | None:
    if who is None:
        return True
    if "Principal" in statement:
        return _names(statement["Principal"], who)
    if "NotPrincipal" in statement:
        return not _names(statement["NotPrincipal"], who)
    return False


def _names(given: Any, who: Principal) -> bool:
    if given == "*":
        return True
    if not isinstance(given, dict):
        return False
    if "*" in _texts(given.get("AWS")):  # everybody, services too: the default policy of topics lets CloudWatch in so
        return True
    if who.is_service:
        return who.name in _texts(given.get("Service"))
    return any(_is_account(text, who) or text == who.name for text in _texts(given.get("AWS")))


def _is_account(text: str, who: Principal) -> bool:
    """An account stands for all its identities."""
    return bool(who.account) and (text == who.account or text.endswith(f":iam::{who.account}:root"))


def _texts(raw: Any) -> list[str]:
    return [raw] if isinstance(raw, str) else [each for each in raw or () if isinstance(each, str)]
