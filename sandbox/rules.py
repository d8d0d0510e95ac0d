"""What EventBridge refuses when a rule gets its targets: roles that the caller may not pass."""

from __future__ import annotations

import json

from sandbox._emulator import Answer
from sandbox._patches import Forward, Request
from sandbox.answers import json_error
from sandbox.passing import Passing

SERVICE = "events.amazonaws.com"


class Rules:
    """Stands around the emulator's EventBridge."""

    def __init__(self, passing: Passing) -> None:
        self._passing = passing

    async def around(self, request: Request, forward: Forward) -> Answer:
        """Answer or forward one call of the service `events`."""
        if request.operation == "PutTargets":
            for role in sorted(_roles(request.body)):
                refused = self._passing.refuse(request, role, service=SERVICE)
                if refused is not None:
                    return json_error("AccessDeniedException", refused)
        return await forward(request)


def _roles(body: bytes) -> set[str]:
    try:
        targets = json.loads(body or b"{}").get("Targets") or []
        return {str(target["RoleArn"]) for target in targets if target.get("RoleArn")}
    except (ValueError, AttributeError, TypeError):
        return set()  # the emulator says what is wrong
