"""What Lambda refuses and the emulator takes: a large environment, roles nobody may pass, deaf destinations."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox._emulator import Answer, Emulator
from sandbox._patches import Forward, Request
from sandbox.answers import rest_error
from sandbox.grants import Grants
from sandbox.passing import Passing

SERVICE = "lambda.amazonaws.com"
MAX_ENVIRONMENT_BYTES = 4096  # Lambda Developer Guide, "Lambda quotas": all environment variables together
_FUNCTION = re.compile(r"/2015-03-31/functions/?\Z|/2015-03-31/functions/(?P<name>[^/]+)/configuration\Z")
_FAILURES = re.compile(r"/2019-09-25/functions/(?P<name>[^/]+)/event-invoke-config\Z")

# Lambda API reference, PutFunctionEventInvokeConfig: tries after the first, and seconds.
_BOUNDS = {"MaximumRetryAttempts": (0, 2), "MaximumEventAgeInSeconds": (60, 21_600)}
_KEPT = (*_BOUNDS, "DestinationConfig")


class Functions:
    """Stands around the emulator's Lambda."""

    def __init__(self, emulator: Emulator, *, grants: Grants, passing: Passing) -> None:
        self._emulator, self._grants, self._passing = emulator, grants, passing

    async def around(self, request: Request, forward: Forward) -> Answer:
        """Answer or forward one call of the service `lambda`."""
        if request.method in ("POST", "PUT"):
            try:
                asked = json.loads(request.body or b"{}")
            except ValueError:
                asked = {}
            problem = self._problem(request, asked) if isinstance(asked, dict) else None
            if problem is not None:
                return rest_error(*problem)
            if request.method == "POST" and _FAILURES.match(request.path):
                return await _change_failures(request, forward, asked)
        return await forward(request)

    def _problem(self, request: Request, asked: Mapping[str, Any]) -> tuple[str, str, int] | None:
        """Code, text and status of a refusal."""
        if _FUNCTION.match(request.path):
            return _refuse_environment(asked) or self._refuse_role(request, asked)
        found = _FAILURES.match(request.path)
        if found:
            return _refuse_failures(asked) or self._refuse_destination(found["name"], asked)
        return None

    def _refuse_role(self, request: Request, asked: Mapping[str, Any]) -> tuple[str, str, int] | None:
        role = asked.get("Role")
        if not isinstance(role, str):
            return None
        refused = self._passing.refuse(request, role, service=SERVICE)
        if refused is not None:
            return "AccessDeniedException", refused, 403
        if not self._passing.takes(role, service=SERVICE):
            text = "The role defined for the function cannot be assumed by Lambda."
            return "InvalidParameterValueException", text, 400
        return None

    def _refuse_destination(self, name: str, asked: Mapping[str, Any]) -> tuple[str, str, int] | None:
        """Lambda tries the function's role before it takes a destination for failures."""
        target = ((asked.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        role = self._emulator.function_role(name)
        if not target or not role or self._grants.refuse_destination(target, function_name=name) is None:
            return None
        action = {"sqs": "SendMessage", "sns": "Publish", "lambda": "InvokeFunction"}.get(target.split(":")[2], "")
        service = {"sqs": "SQS", "sns": "SNS", "lambda": "Lambda"}.get(target.split(":")[2], "")
        text = (
            f"The function's execution role does not have permissions to call {action} on {service}"
            if service
            else f"The provided destination {target} is invalid."
        )
        return "InvalidParameterValueException", text, 400


async def _change_failures(request: Request, forward: Forward, asked: Mapping[str, Any]) -> Answer:
    """UpdateFunctionEventInvokeConfig, which the emulator lacks: what is not said stays as it is."""
    known = await forward(replace(request, method="GET", body=b""))
    if known[0] != 200:
        return known
    whole = {**{key: value for key, value in json.loads(known[2]).items() if key in _KEPT}, **asked}
    return await forward(replace(request, method="PUT", body=json.dumps(whole).encode()))


def _refuse_failures(asked: Mapping[str, Any]) -> tuple[str, str, int] | None:
    for key, (least, most) in _BOUNDS.items():
        value = asked.get(key)
        if value is not None and not least <= value <= most:
            return "InvalidParameterValueException", f"{key} must be from {least} to {most}.", 400
    return None


def _refuse_environment(asked: Mapping[str, Any]) -> tuple[str, str, int] | None:
    variables = (asked.get("Environment") or {}).get("Variables") or {}
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) <= MAX_ENVIRONMENT_BYTES:
        return None
    text = (
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
        f"exceeded the 4KB limit. String measured: {measured}"
    )
    return "InvalidParameterValueException", text, 400
