"""iam:PassRole: whoever gives a role to a service must be allowed to."""

from __future__ import annotations

from sandbox._emulator import Emulator
from sandbox._patches import Request


class Passing:
    """Decides whether a caller may hand a role to a service, and whether that service may take it."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def refuse(self, request: Request, role_arn: str, *, service: str) -> str | None:
        """Why a caller may not pass a role (IAM User Guide, "Granting a user permissions to pass a role"), or None."""
        caller = self._emulator.access_key(request.headers, request.query)
        context = {"iam:PassedToService": service}
        if not caller or self._emulator.caller_may(caller, "iam:PassRole", on=role_arn, context=context):
            return None
        found = self._emulator.credential(caller, request.account)
        who = found.arn if found else caller
        return (
            f"User: {who} is not authorized to perform: iam:PassRole on resource: {role_arn} because no identity-based "
            "policy allows the iam:PassRole action"
        )

    def takes(self, role_arn: str, *, service: str, source_arn: str = "") -> bool:
        """Whether a role exists and its trust policy lets the service assume it, on behalf of `source_arn` if given."""
        role = self._emulator.role(role_arn) if role_arn.count(":") == 5 and ":role/" in role_arn else None
        if role is None:
            return False
        context = {"aws:SourceArn": source_arn, "aws:SourceAccount": role_arn.split(":")[4]} if source_arn else {}
        trust = role["AssumeRolePolicyDocument"]
        # A trust policy names no resource; the evaluator wants one.
        return self._emulator.service_may(service, "sts:AssumeRole", on=role_arn, policy=trust, context=context)
