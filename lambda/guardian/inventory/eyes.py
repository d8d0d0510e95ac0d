"""Asking AWS what there is: bounded, to the end of every list, and with each refusal told apart from "it is gone"."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from common.retry import Clock, call

from guardian.inventory.document import Thing

_WAIT_S = 0.3
_PATIENCE_S = 5.0
"""One call that AWS is too busy for must not take the time of all others."""
_MOST_PAGES = 50
"""More than any list of ours has; an answer that never ends is a refusal, not a loop."""


class NotSeenError(Exception):
    """AWS did not let us look: the IAM `action`, and the code with which it refused."""

    def __init__(self, action: str, code: str) -> None:
        super().__init__(f"{action}: {code}")
        self.action, self.code = action, code


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What there is of one thing: its facts, None when it is gone, or `refused` with which action and code."""

    thing: Thing
    facts: Mapping[str, Any] | None = None
    refused: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Eyes:
    """`client_for` a service and a region; no call begins after `until`, a reading of the monotonic clock."""

    client_for: Callable[[str, str], Any]
    clock: Clock
    until: float

    def ask(self, action: str, request: Callable[[], Any], *, gone: Collection[str] = ()) -> Any | None:
        """The answer, None when AWS says with a code among `gone` that there is no such thing. Raises NotSeenError."""
        if self.clock.monotonic() >= self.until:
            raise NotSeenError(action, "out of time")
        until = min(self.until, self.clock.monotonic() + _PATIENCE_S)
        answer = call(request, clock=self.clock, until=until, first_wait_s=_WAIT_S)
        if answer.error is None:
            return answer.value
        if answer.error_code in gone:
            return None
        raise NotSeenError(action, answer.error_code)

    def all(
        self,
        action: str,
        request: Callable[..., Any],
        *,
        items: str,
        token: tuple[str, str],
        gone: Collection[str] = (),
    ) -> Iterator[Any]:
        """All `items` of a list, page by page. `token` is what the answer calls the next page, and what the request.

        Raises NotSeenError; "gone" ends the list.
        """
        more: dict[str, Any] = {}
        for _ in range(_MOST_PAGES):
            page = self.ask(action, partial(request, **more), gone=gone)
            if page is None:
                return
            yield from page.get(items) or []
            following = page.get(token[0])
            if not following:
                return
            more = {token[1]: following}
        raise NotSeenError(action, "a list without end")
