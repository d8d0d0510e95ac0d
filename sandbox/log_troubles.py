"""What can be wrong with logs on AWS, here only when somebody asks for it: late, throttled, slow, in empty pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sandbox._emulator import Answer
from sandbox.answers import json_error
from sandbox.clock import ABOUT_TO_S, Clock

_RETRY_S = 0.3  # who is throttled waits about so long before the next try, and nobody should wait for that here
_POLL_S = 0.02

_THROTTLED = json_error("ThrottlingException", "Rate exceeded")


@dataclass(frozen=True, kw_only=True)
class Troubles:
    """What is wrong with the logs; 0 is nothing. Seconds are by the sandbox's clock.

    `delivered_late_s`: CloudTrail's records come so late to log groups, though not to EventBridge.
    `found_late_s`: FilterLogEvents finds a log event only so long after its timestamp, though filters count it at once.
    `throttled_calls`, `throttled_s`: it refuses so many calls more, and every call for so long.
    `slow_s`: the calls of roles, as functions are, take so long.
    `empty_pages`: so many pages without events, and with a token, come before each page, and one after the last.
    `page_events`: a page looks at no more log events than that.
    """

    delivered_late_s: float = 0.0
    found_late_s: float = 0.0
    throttled_calls: int = 0
    throttled_s: float = 0.0
    slow_s: float = 0.0
    empty_pages: int = 0
    page_events: int = 0

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Troubles:
        """Those that a JSON object names. Raises ValueError with everything that is wrong with it."""
        kinds = {field.name: int if field.type == "int" else float for field in fields(cls)}
        wrong = [f"{name} is none of {', '.join(kinds)}" for name in asked if name not in kinds]
        for name, kind in kinds.items():
            value = asked.get(name, 0)
            is_number = isinstance(value, (kind, int)) and not isinstance(value, bool)
            if not is_number or not 0 <= value < float("inf"):
                wrong.append(f"{name} must be a {'whole number' if kind is int else 'number'} of at least 0")
        if wrong:
            raise ValueError("; ".join(wrong))
        return cls(**asked)


class LogTroubles:
    """The troubles that hold now. None, until `set`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._troubles, self._throttled_until = Troubles(), 0.0
        self._held: dict[object, float] = {}  # until when, by call

    @property
    def now(self) -> Troubles:
        """What is still wrong: `throttled_calls` and `throttled_s` are what is left of them."""
        return replace(self._troubles, throttled_s=max(self._throttled_until - self._clock.now(), 0.0))

    @property
    def state(self) -> dict[str, Any]:
        """The same by name."""
        return asdict(self.now)

    @property
    def wake_times(self) -> list[float]:
        """When the slow calls are answered that are under way (epoch seconds); one that is about to be, is."""
        about = self._clock.now() + ABOUT_TO_S
        return [at for at in self._held.values() if at > about]

    def set(self, troubles: Troubles) -> None:
        """Let these hold from now on, and no others. Calls that are under way stay as slow as they were."""
        self._troubles = troubles
        self._throttled_until = self._clock.now() + troubles.throttled_s if troubles.throttled_s else 0.0
        is_throttled = bool(troubles.throttled_calls or troubles.throttled_s)
        self._clock.turn_for(_RETRY_S if is_throttled else None, asker="logs")

    def clear(self) -> None:
        """End them all; slow calls are answered."""
        self._held.clear()
        self.set(Troubles())

    def refuse(self) -> Answer | None:
        """ThrottlingException for a call too many, None for one that may go on."""
        if self._troubles.throttled_calls:
            self._troubles = replace(self._troubles, throttled_calls=self._troubles.throttled_calls - 1)
            return _THROTTLED
        return _THROTTLED if self._clock.now() < self._throttled_until else None

    async def hold(self) -> None:
        """Let a call last until the clock has gone on as far as it is slow."""
        if not self._troubles.slow_s:
            return
        call, until = object(), self._clock.now() + self._troubles.slow_s
        self._held[call] = until
        try:
            while call in self._held and (left := until - self._clock.now()) > 0:
                await asyncio.sleep(min(left, _POLL_S))
        finally:
            self._held.pop(call, None)
