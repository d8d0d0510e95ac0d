"""IAM roles: who may take them, what they may do, and what bounds that."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from account.answers import Answer, CouldNotLook, Nothing, found_or, whole
from account.arns import name_of
from account.policies import Context, Verdict, role_may
from account.session import Session

_GONE = ("NoSuchEntity", "NoSuchEntityException")


@dataclass(frozen=True, kw_only=True)
class Role:
    """One role. Policies are JSON texts; `policies` are its own and the attached ones together.

    `boundary` is its permissions boundary, `Nothing` where there is none: what that does not allow, no policy allows.
    """

    arn: str
    name: str
    trust: str
    boundary_arn: str
    policies: Answer[tuple[str, ...]]
    boundary: Answer[str]

    def can(self, *, action: str, resource: str, context: Context | None = None) -> Verdict:
        """What its policies and its boundary say together; policies that could not be read allow nothing."""
        asked = {"action": action, "resource": resource, "context": context}
        verdict = role_may(found_or(self.policies, ()), **asked)
        if not verdict.is_allowed or isinstance(self.boundary, Nothing):
            return verdict
        bound = f"permissions boundary {name_of(self.boundary_arn)}"
        if isinstance(self.boundary, CouldNotLook):
            return Verdict("cannot tell", f"its {bound} could not be looked at: {self.boundary}")
        bounded = role_may([self.boundary.value], **asked)
        return verdict if bounded.is_allowed else Verdict(bounded.outcome, f"its {bound}: {bounded.why}")


def role(session: Session, arn: str) -> Answer[Role]:
    """A role by its ARN, with the text of every policy.

    Needs iam:GetRole, ListRolePolicies, GetRolePolicy, ListAttachedRolePolicies, and for attached policies and a
    boundary iam:GetPolicy and GetPolicyVersion.
    """
    name = name_of(arn).rpartition("/")[2]
    told = session.ask("iam", "GetRole", what=f"role {name}", none_if=_GONE, params={"RoleName": name})
    return told.map(lambda answer: _role(session, answer["Role"], name=name, arn=arn))


def _role(session: Session, raw: Mapping[str, Any], *, name: str, arn: str) -> Role:
    bound = str((raw.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") or "")
    return Role(
        arn=str(raw.get("Arn") or arn),
        name=name,
        trust=_text(raw.get("AssumeRolePolicyDocument")),
        boundary_arn=bound,
        policies=_policies(session, name),
        boundary=_managed(session, bound) if bound else Nothing(f"boundary of {name}"),
    )


def _policies(session: Session, name: str) -> Answer[tuple[str, ...]]:
    """All policies of the role, or the first reason why they are not all known."""
    own = session.pages(
        "iam", "ListRolePolicies", "PolicyNames", what=f"policies of {name}", none_if=_GONE, params={"RoleName": name}
    )
    attached = session.pages(
        "iam",
        "ListAttachedRolePolicies",
        "AttachedPolicies",
        what=f"policies attached to {name}",
        none_if=_GONE,
        params={"RoleName": name},
    )
    kinds = (
        (own, lambda policy: _own(session, name, policy)),
        (attached, lambda policy: _managed(session, str(policy["PolicyArn"]))),
    )
    texts = whole(_each(session, listed, read) for listed, read in kinds)
    return texts.map(lambda both: tuple(text for each in both for text in each))


def _each(
    session: Session, listed: Answer[tuple[Any, ...]], read: Callable[[Any], Answer[str]]
) -> Answer[tuple[str, ...]]:
    return listed.then(lambda policies: whole(session.spread(read, policies)))


def _own(session: Session, role_name: str, policy: str) -> Answer[str]:
    told = session.ask(
        "iam",
        "GetRolePolicy",
        what=f"policy {policy} of {role_name}",
        none_if=_GONE,
        params={"RoleName": role_name, "PolicyName": policy},
    )
    return told.map(lambda raw: _text(raw.get("PolicyDocument")))


def _managed(session: Session, arn: str) -> Answer[str]:
    about = session.ask("iam", "GetPolicy", what=f"policy {arn}", none_if=_GONE, params={"PolicyArn": arn})
    told = about.then(
        lambda raw: session.ask(
            "iam",
            "GetPolicyVersion",
            what=f"policy {arn}",
            none_if=_GONE,
            params={"PolicyArn": arn, "VersionId": raw["Policy"]["DefaultVersionId"]},
        )
    )
    return told.map(lambda raw: _text(raw["PolicyVersion"].get("Document")))


def _text(document: Any) -> str:
    """A policy as JSON; boto3 has parsed it already."""
    return document if isinstance(document, str) else json.dumps(document or {})
