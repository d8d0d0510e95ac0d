"""What AWS finds too long and the emulator takes: policies of a role, the value of a parameter."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from sandbox._emulator import Answer, Emulator
from sandbox._patches import Forward, Request
from sandbox.answers import json_error, query_error
from settings.aws_sizes import MAX_INLINE_POLICIES, MAX_TRUST_POLICY
from settings.limits import MAX_PARAMETER


class Sizes:
    """Stands around the emulator's IAM and Systems Manager."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def around_iam(self, request: Request, forward: Forward) -> Answer:
        """Answer or forward one call of the service `iam`."""
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        name, why = form.get("RoleName", ""), ""
        match form.get("Action"):
            case "PutRolePolicy" if self._with(request, name, form) > MAX_INLINE_POLICIES:
                why = f"Maximum policy size of {MAX_INLINE_POLICIES} bytes exceeded for role {name}"
            case "CreateRole" if _length(form.get("AssumeRolePolicyDocument", "")) > MAX_TRUST_POLICY:
                why = f"Cannot exceed quota for ACLSizePerRole: {MAX_TRUST_POLICY}"
            case "UpdateAssumeRolePolicy" if _length(form.get("PolicyDocument", "")) > MAX_TRUST_POLICY:
                why = f"Cannot exceed quota for ACLSizePerRole: {MAX_TRUST_POLICY}"
        return query_error("LimitExceeded", why, 409) if why else await forward(request)

    async def around_parameters(self, request: Request, forward: Forward) -> Answer:
        """Answer or forward one call of the service `ssm`."""
        if request.headers.get("x-amz-target", "").endswith(".PutParameter") and _is_too_long(request.body):
            return json_error(
                "ValidationException",
                f"Standard tier parameters support a maximum parameter value of {MAX_PARAMETER} characters. To create "
                "a larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
            )
        return await forward(request)

    def _with(self, request: Request, name: str, form: dict[str, str]) -> int:
        """Characters of all inline policies of a role, once it has this one too."""
        role = self._emulator.role(f"arn:aws:iam::{request.account}:role/{name}") or {}
        policies = {**role.get("InlinePolicies", {}), form.get("PolicyName", ""): form.get("PolicyDocument", "")}
        return sum(map(_length, policies.values()))


def _length(text: str) -> int:
    """How IAM counts: without white space."""
    return len("".join(text.split()))


def _is_too_long(body: bytes) -> bool:
    try:
        asked = json.loads(body or b"{}")
        return asked.get("Tier", "Standard") == "Standard" and len(asked["Value"].encode()) > MAX_PARAMETER
    except (ValueError, AttributeError, KeyError, TypeError):
        return False  # the emulator says what is wrong
