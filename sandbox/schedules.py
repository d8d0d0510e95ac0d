"""EventBridge Scheduler: schedules that come due by the sandbox's clock invoke their function under their role."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox._emulator import Answer, Emulator
from sandbox._patches import Forward, Request
from sandbox.answers import rest_error
from sandbox.clock import Clock
from sandbox.grants import Grants
from sandbox.passing import Passing

log = logging.getLogger(__name__)

SERVICE = "scheduler.amazonaws.com"
TICK_S = 1.0
_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_RATE = re.compile(r"rate\((?P<number>[1-9]\d*) (?P<unit>minute|hour|day)s?\)\Z")


class Schedules:
    """Stands around the emulator's Scheduler, and is its clockwork.

    A schedule is first due one rate after it was made or last changed. A clock that is turned past several moments at
    which it was due invokes it once, for the last of them.
    """

    def __init__(self, emulator: Emulator, *, clock: Clock, grants: Grants, passing: Passing) -> None:
        self._emulator, self._clock, self._grants, self._passing = emulator, clock, grants, passing
        # By ARN: since when its rate counts, and for which rate that was.
        self._counted: dict[str, tuple[float, str]] = {}

    def clear(self) -> None:
        """Forget when schedules were invoked."""
        self._counted.clear()

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                self.tick()
            except Exception:  # one schedule that cannot be read must not stop the clock
                log.exception("could not look at the schedules")

    def tick(self) -> None:
        """Invoke what is due now."""
        now = self._clock.now()
        for account, region, schedule in self._emulator.schedules():
            due_at = self._due(schedule, now)
            if due_at is not None and schedule.get("State", "ENABLED") == "ENABLED":
                with self._emulator.scope(account, region):
                    self._invoke(schedule, due_at)

    def _due(self, schedule: Mapping[str, Any], now: float) -> float | None:
        """The last moment at which a schedule was due and that has not been served; None when there is none."""
        arn, expression = schedule["Arn"], schedule["ScheduleExpression"]
        since, of = self._counted.get(arn, (now, ""))
        if of != expression:
            self._counted[arn] = (now, expression)
            return None
        every = rate_s(expression)
        if every is None or now < since + every:
            return None
        due_at = since + every * int((now - since) // every)
        self._counted[arn] = (due_at, expression)
        return due_at

    def _invoke(self, schedule: Mapping[str, Any], due_at: float) -> None:
        target, arn = schedule["Target"], schedule["Arn"]
        payload = _payload(schedule, due_at)
        why = self._refuse(target, arn)
        if why is None and not self._emulator.invoke(target["Arn"], json.loads(payload)):
            why = "there is no such function"
        if why is None:
            return
        queue, role = (target.get("DeadLetterConfig") or {}).get("Arn", ""), target["RoleArn"]
        self._grants.undelivered_under_role(
            payload,
            what=f"schedule {arn}",
            where=target["Arn"],
            why=why,
            dead_letter_arn=queue,
            role_arn=role,
            attributes={
                "ERROR_CODE": "ResourceNotFoundException" if "no such" in why else "AccessDeniedException",
                "ERROR_MESSAGE": why,
                "EXECUTION_ID": str(uuid.uuid4()),
                "SCHEDULE_ARN": arn,
                "SCHEDULED_TIME": _moment(due_at),
                "TARGET_ARN": target["Arn"],
            },
        )

    def _refuse(self, target: Mapping[str, Any], arn: str) -> str | None:
        role = target["RoleArn"]
        if not self._passing.takes(role, service=SERVICE, source_arn=_group_arn(arn)):
            return f"{SERVICE} cannot assume the role {role}"
        if not self._emulator.role_may(role, "lambda:InvokeFunction", on=target["Arn"]):
            return f"the role {role} may not lambda:InvokeFunction on {target['Arn']}"
        return None

    # -- calls

    async def around(self, request: Request, forward: Forward) -> Answer:
        """Answer or forward one call of the service `scheduler`."""
        if request.method in ("POST", "PUT") and re.match(r"/schedules/[^/]+\Z", request.path):
            problem = self._problem(request)
            if problem is not None:
                return rest_error(*problem)
        return await forward(request)

    def _problem(self, request: Request) -> tuple[str, str, int] | None:
        """What AWS says against a schedule in CreateSchedule and UpdateSchedule: code, text, status."""
        try:
            asked = json.loads(request.body or b"{}")
            expression, target = str(asked["ScheduleExpression"]), asked["Target"]
            arn, role = str(target["Arn"]), str(target["RoleArn"])
        except (ValueError, KeyError, TypeError):
            return None  # the emulator says what is missing
        if rate_s(expression) is None:
            if re.match(r"(cron|at)\(.+\)\Z", expression):
                text = (
                    "The sandbox runs no cron and no at schedule, and one that never runs would look like a quiet one."
                )
                return "ValidationException", text, 400
            return "ValidationException", f"Invalid Schedule Expression {expression}.", 400
        if not re.match(r"arn:aws:lambda:[\w-]+:\d{12}:function:", arn):
            text = f"The sandbox's schedules invoke functions only, and {arn} is none."
            return "ValidationException", text, 400
        refused = self._passing.refuse(request, role, service=SERVICE)
        if refused is not None:
            return "AccessDeniedException", refused, 403
        group = (
            f"arn:aws:scheduler:{request.region}:{request.account}:schedule-group/{asked.get('GroupName', 'default')}"
        )
        if not self._passing.takes(role, service=SERVICE, source_arn=group):
            text = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
            return "ValidationException", text, 400
        return None


def rate_s(expression: str) -> int | None:
    """The seconds of `rate(5 minutes)`; None for every other expression."""
    found = _RATE.match(expression)
    return int(found["number"]) * _UNITS[found["unit"]] if found else None


def _group_arn(schedule_arn: str) -> str:
    """What `aws:SourceArn` is for a schedule: its group (Scheduler User Guide, "Confused deputy prevention")."""
    head, _schedule, tail = schedule_arn.partition(":schedule/")
    return f"{head}:schedule-group/{tail.split('/')[0]}"


def _payload(schedule: Mapping[str, Any], due_at: float) -> str:
    """What the target gets: its input with the context attributes filled in, or the message AWS sends without one."""
    arn = schedule["Arn"]
    _arn, _aws, _scheduler, region, account, _rest = arn.split(":", 5)
    given = schedule["Target"].get("Input")
    if given:
        values = {
            "schedule-arn": arn,
            "scheduled-time": _moment(due_at),
            "execution-id": str(uuid.uuid4()),
            "attempt-number": "1",
        }
        for name, value in values.items():
            given = given.replace(f"<aws.scheduler.{name}>", value)
        return given
    return json.dumps(
        {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": account,
            "time": _moment(due_at),
            "region": region,
            "resources": [arn],
            "detail": "{}",
        }
    )


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
