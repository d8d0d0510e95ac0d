"""FilterLogEvents: patterns and pages, and the troubles that somebody asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import filterpattern
from sandbox._emulator import Answer, Emulator
from sandbox._patches import Forward, Request
from sandbox.answers import json_answer, json_error
from sandbox.clock import Clock
from sandbox.log_troubles import LogTroubles

MAX_PAGE = 10_000
"""Log events of a page (CloudWatch Logs API reference, FilterLogEvents), and what the emulator answers at once."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a page begins: the number `skip` of the events since `start_ms`. `empty` pages without any come before."""

    start_ms: int | None = None
    skip: int = 0
    empty: int = 0
    is_end: bool = False

    @property
    def token(self) -> str:
        return f"{'e' if self.is_end else 'p'}/{self.start_ms or 0}/{self.skip}/{self.empty}"

    @classmethod
    def of(cls, token: str) -> _Place | None:
        """The place that a token names; None for one that is not ours."""
        found = re.fullmatch(r"([ep])/(\d{1,15})/(\d{1,6})/(\d{1,6})", token)
        if found is None:
            return None
        start_ms, skip, empty = (int(part) for part in found.groups()[1:])
        return cls(start_ms=start_ms or None, skip=skip, empty=empty, is_end=found[1] == "e")


class LogSearch:
    """Answers FilterLogEvents, which in the emulator takes every JSON pattern for true and knows no second page."""

    def __init__(self, emulator: Emulator, *, clock: Clock, troubles: LogTroubles) -> None:
        self._emulator, self._clock, self._troubles = emulator, clock, troubles

    async def answer(self, request: Request, forward: Forward, asked: Mapping[str, Any]) -> Answer:
        """One page. It may come out empty while there are more, as on AWS: only the token says when it is over."""
        if (throttled := self._troubles.refuse()) is not None:
            return throttled
        text = asked.get("filterPattern") or ""
        if (problem := pattern_problem(text)) is not None:
            return json_error("InvalidParameterException", problem)
        troubles = self._troubles.now
        place = _Place.of(asked["nextToken"]) if "nextToken" in asked else _Place(empty=troubles.empty_pages)
        if place is None:
            return json_error("InvalidParameterException", "The specified nextToken is invalid.")
        if self._is_role(request):
            await self._troubles.hold()
        if place.is_end:
            return json_answer({"events": [], "searchedLogStreams": []})
        if place.empty:
            rest = replace(place, empty=min(place.empty, troubles.empty_pages + 1) - 1)
            return json_answer({"events": [], "searchedLogStreams": [], "nextToken": rest.token})
        return await self._page(request, forward, asked, place)

    async def _page(self, request: Request, forward: Forward, asked: Mapping[str, Any], place: _Place) -> Answer:
        """Some log events looked at, and those of them that match."""
        troubles = self._troubles.now
        most = min(asked.get("limit") or MAX_PAGE, troubles.page_events or MAX_PAGE)
        if place.skip + most > MAX_PAGE:
            most = MAX_PAGE - place.skip
            if most < 1:
                return json_error(
                    "ServiceUnavailableException", f"the sandbox finds {MAX_PAGE:,} log events of one millisecond"
                )
        body = {name: value for name, value in asked.items() if name not in ("filterPattern", "nextToken")}
        body["limit"] = place.skip + most
        if place.start_ms is not None:
            body["startTime"] = place.start_ms
        status, headers, answered = await forward(replace(request, body=json.dumps(body).encode()))
        if status != 200:
            return status, headers, answered
        page = json.loads(answered)
        looked_at = page["events"]
        page["events"] = self._found(looked_at[place.skip :], asked.get("filterPattern") or "")
        if len(looked_at) >= body["limit"]:
            last_ms = looked_at[-1]["timestamp"]
            seen = sum(1 for event in looked_at if event["timestamp"] == last_ms)
            page["nextToken"] = _Place(start_ms=last_ms, skip=seen, empty=troubles.empty_pages).token
        elif troubles.empty_pages:
            page["nextToken"] = _Place(is_end=True).token
        return json_answer(page)

    def _found(self, events: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
        pattern = filterpattern.compile(text) if text.strip() else None
        late_s = self._troubles.now.found_late_s
        last_ms = (self._clock.now() - late_s) * 1000 if late_s else None
        return [
            event
            for event in events
            if (pattern is None or pattern.matches(event["message"]))
            and (last_ms is None or event["timestamp"] <= last_ms)
        ]

    def _is_role(self, request: Request) -> bool:
        """Whether a role calls, as a function does: who sits at the keyboard could not turn the clock meanwhile."""
        key = self._emulator.access_key(request.headers, request.query) or ""
        caller = self._emulator.credential(key, request.account)
        return caller is not None and caller.kind == "AssumedRole"


def pattern_problem(text: str) -> str | None:
    """Why CloudWatch Logs refuses a pattern; None when it takes it. An empty one matches everything."""
    if not text.strip():
        return None
    try:
        filterpattern.compile(text)
    except filterpattern.PatternError as error:
        # The first words are the service's own; AWS does not say where and why, so that is added.
        return f"Invalid metric filter pattern: {error}"
    return None
