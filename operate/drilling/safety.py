"""The promise of a drill: whatever happens after the stop, the trail is left logging, or a person is told loudly."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import account
from account import Answer, CouldNotLook, Found, Session
from operate.console import note
from operate.deployed import Guard

TRIES = 10
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
_ENDS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What ends a process politely. Nothing can be done about SIGKILL: then the guardian alone is left."""


@contextmanager
def ending_politely() -> Iterator[None]:
    """The first signal that asks us to end arrives as KeyboardInterrupt, so that `finally` runs; the next only waits.

    A second Ctrl-C would otherwise end the very code that starts the trail.
    """

    def wait(_number: int, _frame: FrameType | None) -> None:
        note("Not yet: the trail is being started again.")

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in _ENDS:
            signal.signal(number, wait)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _ENDS}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


class Promise:
    """That the trail logs in the end. `is_due` from before it is stopped until it is known to log."""

    def __init__(self, session: Session, guard: Guard, *, sleep: Callable[[float], None]) -> None:
        self._session, self._guard, self._sleep = session, guard, sleep
        self.is_due = False
        self.is_logging = True

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Whatever ends the block, the trail is started when that is due."""
        with ending_politely():
            try:
                try:
                    yield
                finally:
                    self._keep()
            except BaseException:
                self._keep()  # the one signal that interrupts may have come just as `finally` began
                raise

    def _keep(self) -> None:
        if not self.is_due:
            return
        self.is_logging = ensure_logging(self._session, self._guard, sleep=self._sleep)
        self.is_due = False
        if self.is_logging:
            note(f"{self._guard.trail}: the trail logs again.")


def ensure_logging(session: Session, guard: Guard, *, sleep: Callable[[float], None]) -> bool:
    """Start the trail, read it back, and again until it logs; whether it does. Says so loudly when it does not.

    StartLogging is made even where the trail seems to log: an interrupted StopLogging may still be on its way.
    """
    wait_s, why = FIRST_WAIT_S, ""
    for attempt in range(TRIES):
        if attempt:
            sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        started = start(session, guard)
        status = account.trail_status(session, guard.trail_arn, guard.region)
        if isinstance(started, Found) and isinstance(status, Found) and status.value.is_logging:
            return True
        blind = next((each for each in (started, status) if isinstance(each, CouldNotLook)), None)
        why = str(blind) if blind else "AWS took StartLogging, and the trail is still stopped"
        note(f"The trail does not log yet ({why}); trying again.")
    note("")
    note("!" * 78)
    note(f"!!! TRAIL {guard.trail} IS NOT LOGGING, AND IT COULD NOT BE STARTED: {why}")
    note("!!! Start it now, with whatever credentials may:")
    note(f"!!!   {command(guard)}")
    note("!" * 78)
    return False


def start(session: Session, guard: Guard) -> Answer[dict[str, Any]]:
    """Start the trail; harmless when it logs. Needs cloudtrail:StartLogging."""
    return _call(session, guard, "StartLogging")


def stop(session: Session, guard: Guard) -> Answer[dict[str, Any]]:
    """Stop the trail. Needs cloudtrail:StopLogging."""
    return _call(session, guard, "StopLogging")


def command(guard: Guard) -> str:
    """What a person types to start it."""
    return f"aws cloudtrail start-logging --region {guard.region} --name {guard.trail_arn}"


def _call(session: Session, guard: Guard, operation: str) -> Answer[dict[str, Any]]:
    return session.ask(
        "cloudtrail", operation, region=guard.region, what=f"trail {guard.trail}", params={"Name": guard.trail_arn}
    )
