"""The sandbox's own endpoints under `/_trailwarden`: for the person at the keyboard, the demo and the tests."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from sandbox.delivery import DETAIL_TYPES
from sandbox.deployer import ACCOUNT
from sandbox.log_troubles import Troubles
from sandbox.world import World

PREFIX = "/_trailwarden/"
SETTLE_DEADLINE_S = 30.0  # for functions that do not end
_RECORD_KEYS = ("eventName", "eventSource", "eventTime", "eventType", "awsRegion")


class BadRequestError(Exception):
    """The body is not what the endpoint takes; the text says what it takes."""


class Control:
    """Answers `/_trailwarden/…`."""

    def __init__(self, world: World, *, reset_emulator: Callable[[], Awaitable[None]]) -> None:
        self._world, self._reset_emulator = world, reset_emulator
        self._routes: Mapping[tuple[str, str], Callable[[bytes], Awaitable[Any]]] = {
            ("GET", "health"): self._health,
            ("GET", "mail"): self._mail,
            ("GET", "dropped"): self._dropped,
            ("GET", "subscriptions"): self._subscriptions,
            ("POST", "confirm"): self._confirm,
            ("POST", "emit"): self._emit,
            ("POST", "settle"): self._settle,
            ("POST", "clock"): self._clock,
            ("POST", "wake"): self._wake,
            ("POST", "quotas"): self._quotas,
            ("POST", "logs"): self._logs,
            ("POST", "reset"): self._reset,
        }

    @property
    def routes(self) -> list[tuple[str, str]]:
        """Method and name of every endpoint."""
        return list(self._routes)

    async def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Status and JSON answer of one request."""
        name = path.removeprefix(PREFIX)
        route = self._routes.get((method, name))
        if route is None:
            known = ", ".join(f"{verb} {PREFIX}{path}" for verb, path in self._routes)
            return 404, {"error": f"no such endpoint; there are: {known}"}
        try:
            return 200, await route(body)
        except BadRequestError as error:
            return 400, {"error": str(error)}

    async def _health(self, body: bytes) -> Any:
        del body
        return {"status": "ok", "account": ACCOUNT, "now": self._world.clock.now()}

    async def _mail(self, body: bytes) -> Any:
        del body
        return self._world.mailbox.listed()

    async def _dropped(self, body: bytes) -> Any:
        del body
        return self._world.dropped.listed()

    async def _subscriptions(self, body: bytes) -> Any:
        del body
        return [
            {
                "arn": one["arn"],
                "topic": one["topic_arn"],
                "protocol": one["protocol"],
                "endpoint": one["endpoint"],
                "confirmed": bool(one["confirmed"]),
                "token": one["token"] or None,
            }
            for one in self._world.topics.subscriptions()
        ]

    async def _confirm(self, body: bytes) -> Any:
        """Confirm what is pending, of one address or (null) of all: what clicking in the mail does."""
        address = _object(body).get("address")
        if address is not None and not isinstance(address, str):
            raise BadRequestError('the body is {"address": "somebody@example.com"}, or {"address": null} for everybody')
        confirmed: list[str] = []
        left: list[str] = []
        for one in self._world.topics.subscriptions():
            if one["confirmed"]:
                continue
            if address is not None and one["endpoint"].lower() != address.lower():
                left.append(one["endpoint"])
                continue
            _arn, _partition, _sns, region, account, _name = one["topic_arn"].split(":")
            await self._world.aws.call(
                "sns",
                "ConfirmSubscription",
                account=account,
                region=region,
                TopicArn=one["topic_arn"],
                Token=one["token"],
            )
            confirmed.append(one["endpoint"])
        return {"confirmed": confirmed, "left": left}

    async def _emit(self, body: bytes) -> Any:
        records = _records(body)
        return {"delivered": await self._world.emit(records)}

    async def _settle(self, body: bytes) -> Any:
        """Wait until what was done is delivered and no function is at work, but those that wait for the clock."""
        del body
        settled = await self._world.settled(deadline_s=SETTLE_DEADLINE_S)
        return {"settled": settled, "asleep": len(self._world.wake_times)}

    async def _clock(self, body: bytes) -> Any:
        """Turn the clock forward by `advance` seconds (0 looks at the alarms now): alarms, functions, schedules.

        Functions are let come to rest before, so that none is moved in time between two of its steps.
        """
        seconds = _object(body).get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < float("inf"):
            raise BadRequestError('the body is {"advance": seconds}, with a number of at least 0')
        await self._world.settled(deadline_s=SETTLE_DEADLINE_S)
        await self._turn(seconds)
        return {"now": self._world.clock.now()}

    async def _wake(self, body: bytes) -> Any:
        """Turn the clock to the moment when the first of the waiting functions wakes, and no further.

        Alarms may be left for later: on AWS they are minutes behind what events wake.
        """
        looks = _object(body).get("alarms", True)
        if not isinstance(looks, bool):
            raise BadRequestError('the body is {"alarms": true or false}, or nothing')
        await self._world.settled(deadline_s=SETTLE_DEADLINE_S)
        times = self._world.wake_times
        passed = max(times[0] - self._world.clock.now(), 0.0) if times else None
        if passed is not None:
            await self._turn(passed, looks=looks)
        return {"now": self._world.clock.now(), "passed": passed}

    async def _quotas(self, body: bytes) -> Any:
        """Let CloudTrail's quotas hold, or no longer; or let one access key use them up for some seconds."""
        asked = _object(body)
        is_on, flood = asked.get("on"), asked.get("flood")
        flood = {"seconds": 0, "by": ""} if flood is None else flood
        if not isinstance(is_on, bool) or not _is_flood(flood):
            raise BadRequestError('the body is {"on": true or false, "flood": null or {"seconds": number, "by": key}}')
        self._world.quotas.set(is_on=is_on, flood_s=flood["seconds"], flooder=flood["by"])
        return self._world.quotas.state

    async def _logs(self, body: bytes) -> Any:
        """Let logs be late, throttled, slow or in empty pages, as far as the body says; what it leaves out is well."""
        try:
            troubles = Troubles.of(_object(body))
        except ValueError as error:
            raise BadRequestError(str(error)) from error
        self._world.log_troubles.set(troubles)
        return self._world.log_troubles.state

    async def _turn(self, seconds: float, *, looks: bool = True) -> None:
        self._world.schedules.tick()  # what was made since the last look counts from now, not from afterwards
        clock, delivery = self._world.clock, self._world.delivery
        end = clock.now() + seconds
        while (due := delivery.next_late) is not None and due <= end:  # each at its time
            clock.advance(max(due - clock.now(), 0.0))
            await delivery.catch_up()
        clock.advance(max(end - clock.now(), 0.0))
        self._world.schedules.tick()  # before the alarms: one on silence sees who is called now
        if looks:
            await self._world.alarms.evaluate()

    async def _reset(self, body: bytes) -> Any:
        del body
        await self._world.delivery.settled()
        await self._reset_emulator()
        await self._world.forget()
        return {"reset": True}


def _is_flood(asked: Any) -> bool:
    if not isinstance(asked, dict) or asked.keys() != {"seconds", "by"} or not isinstance(asked["by"], str):
        return False
    seconds = asked["seconds"]
    return isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and 0 <= seconds < float("inf")


def _object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError as error:
        raise BadRequestError(f"the body is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise BadRequestError("the body must be a JSON object")
    return parsed


def _records(body: bytes) -> list[dict[str, Any]]:
    """Records from a list, one record, or a CloudTrail file's `{"Records": […]}`."""
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise BadRequestError(f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise BadRequestError("the body is nested too deeply for a CloudTrail record") from error
    found = parsed.get("Records", [parsed]) if isinstance(parsed, dict) else parsed
    if not isinstance(found, list):
        raise BadRequestError("the body must be a record, a list of records, or an object with Records")
    for number, record in enumerate(found, start=1):
        if not isinstance(record, dict):
            raise BadRequestError(f"record {number} is no JSON object")
        lacking = [key for key in _RECORD_KEYS if not isinstance(record.get(key), str)]
        if lacking:
            raise BadRequestError(f"record {number} lacks {', '.join(lacking)}")
        if record["eventType"] not in DETAIL_TYPES:
            raise BadRequestError(f"record {number}: eventType must be one of {', '.join(DETAIL_TYPES)}")
        # Both become parts of paths and scopes.
        if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", record["awsRegion"]):
            raise BadRequestError(f"record {number}: awsRegion must be like eu-west-1")
        if not re.fullmatch(r"\d{12}", str(record.get("recipientAccountId", ACCOUNT))):
            raise BadRequestError(f"record {number}: recipientAccountId must have 12 digits")
        try:
            datetime.fromisoformat(record["eventTime"])
        except ValueError as error:
            raise BadRequestError(f"record {number}: eventTime must be like 2026-11-21T03:12:09Z") from error
    return [{**record, "recipientAccountId": str(record.get("recipientAccountId", ACCOUNT))} for record in found]
