"""The desired state: what the trail should be, written before the trail changes and read at run time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from common.retry import Clock, call

from guardian.floor import weaknesses
from guardian.setup import Setup

VERSION = 1
SETTLING = timedelta(minutes=15)
"""How long after the desired state was written a change of the trail is taken for the deployment's own."""
_READ_WAIT_S = 0.3
_SELECTORS = ("EventSelectors", "AdvancedEventSelectors")


class Ssm(Protocol):
    """What is needed of a boto3 SSM client."""

    def get_parameter(self, *, Name: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's own spelling
        """ssm:GetParameter."""
        ...


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A desired state that may be restored. `selectors` is what PutEventSelectors is given, `changed_at` in UTC."""

    setup: Setup
    selectors: Mapping[str, Any]
    changed_at: datetime | None = None

    def is_settling(self, at: datetime) -> bool:
        """Whether the document was written so shortly before `at` that a deployment explains a change of the trail."""
        if self.changed_at is None:
            return False
        return timedelta(seconds=-5) <= at - self.changed_at <= SETTLING


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Why there is no desired state to restore: `problems` of the document, or the `error_code` of reading it."""

    problems: tuple[str, ...] = ()
    error_code: str = ""


def read(ssm: Ssm, name: str, *, clock: Clock, until: float, waived: frozenset[str] = frozenset()) -> Wanted | Refused:
    """The desired state as it is now. `waived` is what the deployment gave up of the floor."""
    answer = call(lambda: ssm.get_parameter(Name=name), clock=clock, until=until, first_wait_s=_READ_WAIT_S)
    if answer.value is None:
        return Refused(error_code=answer.error_code)
    parameter = answer.value.get("Parameter") or {}
    changed_at = parameter.get("LastModifiedDate")
    moment = changed_at.astimezone(UTC) if isinstance(changed_at, datetime) and changed_at.tzinfo else None
    return parse(str(parameter.get("Value", "")), changed_at=moment, waived=waived)


def parse(text: str, *, changed_at: datetime | None, waived: frozenset[str] = frozenset()) -> Wanted | Refused:
    """A document as JSON text. Everything that is wrong with it is told at once; nothing is guessed.

    It says what the trail should be and nothing else: whether and how the guardian acts is not for it to say.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Refused(problems=("it is not JSON",))
    problems = _problems(document)
    if problems:
        return Refused(problems=tuple(problems))
    trail = document["trail"]
    wanted = Wanted(
        setup=Setup.read(trail),
        selectors={key: trail[key] for key in _SELECTORS if key in trail},
        changed_at=changed_at,
    )
    weak = weaknesses(wanted.setup, is_logging=trail.get("IsLogging") is True, waived=waived)
    return Refused(problems=weak) if weak else wanted


def _problems(document: object) -> list[str]:
    if not isinstance(document, dict):
        return ["it is not a JSON object"]
    known = {"version", "trail"}
    problems = [f"{key}: unknown" for key in sorted(document.keys() - known)]
    trail = document.get("trail")
    holds = {
        f"version: must be {VERSION}": document.get("version") == VERSION,
        "trail: must be an object": isinstance(trail, dict),
        "trail: must hold EventSelectors or AdvancedEventSelectors, and not both": (
            isinstance(trail, dict) and len([key for key in _SELECTORS if key in trail]) == 1
        ),
    }
    return problems + [problem for problem, good in holds.items() if not good]
