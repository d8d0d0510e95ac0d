"""EventBridge's answer, given by the sandbox emulator's own evaluator, which a test judges on recorded cases."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import eventbridge


def matches(pattern: str, event: Mapping[str, Any]) -> bool:
    """Whether an event, as a rule's target would get it, matches an event pattern; the pattern must be a legal one."""
    problem = eventbridge._event_pattern_error(pattern)
    assert problem is None, f"{problem}: {pattern}"
    return bool(eventbridge._matches_pattern(pattern, eventbridge._event_from_test_payload(dict(event))))


def matches_detail(pattern: str, detail: str) -> bool:
    """The same for an event of which only the detail is known, as JSON text."""
    return matches(pattern, {"detail": json.loads(detail)})
