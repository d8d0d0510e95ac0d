"""The desired state: what the trail should be, written before the trail changes and read at run time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from common.retry import Clock, call

from guardian.environment import Mode
from guardian.floor import weaknesses
from guardian.setup import Setup

VERSION = 1
GRACE_S = (30, 60)
"""The least and the longest wait before drift is believed: `pulumi up` changes a trail in several calls."""
MOST_REPAIRS, LONGEST_WINDOW_MIN = 100, 1440
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
class Budget:
    """So many repairs within so many minutes are told one by one; more are one incident of their own."""

    repairs: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A desired state that may be restored. `selectors` is what PutEventSelectors is given, `changed_at` in UTC."""

    setup: Setup
    mode: Mode
    grace_s: int
    budget: Budget
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
    is_weak: bool = False


DEFAULT_BUDGET = Budget(repairs=5, minutes=15)
"""Used while the desired state cannot be."""


def read(
    ssm: Ssm, name: str, *, mode: Mode, clock: Clock, until: float, waived: frozenset[str] = frozenset()
) -> Wanted | Refused:
    """The desired state as it is now.

    `mode` is the deployment's own, which the document must not lower; `waived` is what the deployment gave up of the
    floor.
    """
    answer = call(lambda: ssm.get_parameter(Name=name), clock=clock, until=until, first_wait_s=_READ_WAIT_S)
    if answer.value is None:
        return Refused(error_code=answer.error_code)
    parameter = answer.value.get("Parameter") or {}
    changed_at = parameter.get("LastModifiedDate")
    moment = changed_at.astimezone(UTC) if isinstance(changed_at, datetime) and changed_at.tzinfo else None
    return parse(str(parameter.get("Value", "")), changed_at=moment, mode=mode, now=clock.now(), waived=waived)


def parse(
    text: str, *, changed_at: datetime | None, mode: Mode, now: datetime, waived: frozenset[str] = frozenset()
) -> Wanted | Refused:
    """A document as JSON text. Everything that is wrong with it is told at once; nothing is guessed."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Refused(problems=("it is not JSON",))
    problems = _problems(document)
    if problems:
        return Refused(problems=tuple(problems))
    trail, budget = document["trail"], document["budget"]
    wanted = Wanted(
        setup=Setup.read(trail),
        mode=Mode(document["mode"]),
        grace_s=document["graceSeconds"],
        budget=Budget(repairs=budget["repairs"], minutes=budget["minutes"]),
        selectors={key: trail[key] for key in _SELECTORS if key in trail},
        changed_at=changed_at,
    )
    weak = list(weaknesses(wanted.setup, is_logging=trail.get("IsLogging") is True, waived=waived))
    # The deployment writes the document first and the function's environment last: between the two they differ.
    if mode is Mode.RESTORE and wanted.mode is not mode and not wanted.is_settling(now):
        weak.append(f"its mode is {wanted.mode}, and the deployment's is {mode}")
    return Refused(problems=tuple(weak), is_weak=True) if weak else wanted


def _problems(document: object) -> list[str]:
    if not isinstance(document, dict):
        return ["it is not a JSON object"]
    known = {"version", "mode", "graceSeconds", "budget", "trail"}
    problems = [f"{key}: unknown" for key in sorted(document.keys() - known)]
    trail, budget = document.get("trail"), document.get("budget")
    holds = {
        f"version: must be {VERSION}": document.get("version") == VERSION,
        f"mode: must be {' or '.join(Mode)}": document.get("mode") in list(Mode),
        f"graceSeconds: must be {GRACE_S[0]} to {GRACE_S[1]}": _is_within(document.get("graceSeconds"), *GRACE_S),
        "trail: must be an object": isinstance(trail, dict),
        "trail: must hold EventSelectors or AdvancedEventSelectors, and not both": (
            isinstance(trail, dict) and len([key for key in _SELECTORS if key in trail]) == 1
        ),
        f"budget.repairs: must be 1 to {MOST_REPAIRS}": (
            isinstance(budget, dict) and _is_within(budget.get("repairs"), 1, MOST_REPAIRS)
        ),
        f"budget.minutes: must be 1 to {LONGEST_WINDOW_MIN}": (
            isinstance(budget, dict) and _is_within(budget.get("minutes"), 1, LONGEST_WINDOW_MIN)
        ),
    }
    return problems + [problem for problem, good in holds.items() if not good]


def _is_within(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
