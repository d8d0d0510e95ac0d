"""IAM roles: who may take them, and what they may do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from account.answers import Answer, CouldNotLook, Found, Nothing
from account.arns import name_of
from account.session import Session

_GONE = ("NoSuchEntity", "NoSuchEntityException")


@dataclass(frozen=True, kw_only=True)
class Role:
    """One role. Policies are JSON texts; `policies` are its own and the attached ones together."""

    arn: str
    name: str
    trust: str
    boundary_arn: str
    policies: Answer[tuple[str, ...]]


def role(session: Session, arn: str) -> Answer[Role]:
    """A role by its ARN, with the text of every policy.

    Needs iam:GetRole, ListRolePolicies, GetRolePolicy, ListAttachedRolePolicies, and for attached policies
    iam:GetPolicy and GetPolicyVersion.
    """
    name = name_of(arn).rpartition("/")[2]
    told = session.ask("iam", "GetRole", what=f"role {name}", none_if=_GONE, params={"RoleName": name})
    if not isinstance(told, Found):
        return told
    raw = told.value["Role"]
    return Found(
        Role(
            arn=str(raw.get("Arn") or arn),
            name=name,
            trust=_text(raw.get("AssumeRolePolicyDocument")),
            boundary_arn=str((raw.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") or ""),
            policies=_policies(session, name),
        )
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
    texts: list[str] = []
    for listed, read in (
        (own, lambda policy: _own(session, name, policy)),
        (attached, lambda policy: _attached(session, policy)),
    ):
        if isinstance(listed, CouldNotLook):
            return listed
        if isinstance(listed, Nothing):
            continue
        for answer in session.spread(read, listed.value):
            if isinstance(answer, CouldNotLook):
                return answer
            if isinstance(answer, Found):
                texts.append(answer.value)
    return Found(tuple(texts))


def _own(session: Session, role_name: str, policy: str) -> Answer[str]:
    told = session.ask(
        "iam",
        "GetRolePolicy",
        what=f"policy {policy} of {role_name}",
        none_if=_GONE,
        params={"RoleName": role_name, "PolicyName": policy},
    )
    return Found(_text(told.value.get("PolicyDocument"))) if isinstance(told, Found) else told


def _attached(session: Session, listed: Mapping[str, Any]) -> Answer[str]:
    arn = str(listed["PolicyArn"])
    about = session.ask("iam", "GetPolicy", what=f"policy {arn}", none_if=_GONE, params={"PolicyArn": arn})
    if not isinstance(about, Found):
        return about
    told = session.ask(
        "iam",
        "GetPolicyVersion",
        what=f"policy {arn}",
        none_if=_GONE,
        params={"PolicyArn": arn, "VersionId": about.value["Policy"]["DefaultVersionId"]},
    )
    return Found(_text(told.value["PolicyVersion"].get("Document"))) if isinstance(told, Found) else told


def _text(document: Any) -> str:
    """A policy as JSON; boto3 has parsed it already."""
    return document if isinstance(document, str) else json.dumps(document or {})
