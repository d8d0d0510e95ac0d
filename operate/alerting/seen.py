"""What AWS says of one alarm, and of the function that explains it, for one test."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from account import Alarm, Answer, CouldNotLook, Session, found_or
from operate.deployed import Runner
from operate.event_text import as_record

Item = Mapping[str, Any]


@dataclass(kw_only=True)
class Seen:
    """The questions of one test, which began no earlier than `since`. Its id `test` is in what is looked for."""

    session: Session
    alarm: Alarm
    test: str
    since: datetime
    changed_at: datetime | None = None
    """When the alarm changed its state, once that was seen."""

    def set_state(self, state: str, reason: str) -> Answer[dict[str, Any]]:
        """Set the alarm by hand. Needs cloudwatch:SetAlarmState."""
        return self.session.ask(
            "cloudwatch",
            "SetAlarmState",
            region=self.alarm.region,
            what=f"alarm {self.alarm.name}",
            params={"AlarmName": self.alarm.name, "StateValue": state, "StateReason": reason[:1023]},
        )

    def change(self) -> Item | CouldNotLook | None:
        """The change of state that the test made, as the alarm's history has it. Needs cloudwatch:DescribeAlarmHistory.

        None while it is not there.
        """
        change = self._newest("StateUpdate", lambda item: self.test in str(item.get("HistoryData")), since=self.since)
        if isinstance(change, Mapping):
            self.changed_at = change["Timestamp"]
        return change

    def action(self, topics: Collection[str]) -> Item | CouldNotLook | None:
        """What the alarm did then to one of these topics. An action before its change is of another time."""

        def is_meant(item: Item) -> bool:
            return any(topic in str(item.get("HistorySummary")) for topic in topics)

        return self._newest("Action", is_meant, since=self.changed_at or self.since)

    def reserved(self, function: Runner) -> Answer[int | None]:
        """The concurrency that is reserved for a function. Needs lambda:GetFunctionConcurrency."""
        told = self.session.ask(
            "lambda",
            "GetFunctionConcurrency",
            region=function.region,
            what=f"concurrency of {function.name}",
            params={"FunctionName": function.name},
        )
        return told.map(lambda raw: raw.get("ReservedConcurrentExecutions"))

    def logged(self, function: Runner) -> Item | CouldNotLook | None:
        """What a function's log says of this test; of several lines the one that tells of a mail.

        Needs logs:FilterLogEvents.
        """
        told = self.session.pages(
            "logs",
            "FilterLogEvents",
            "events",
            region=function.region,
            what=f"log of {function.name}",
            none_if=("ResourceNotFoundException",),
            params={
                "logGroupName": function.log_group,
                "filterPattern": f'{{ $.test = "{self.test}" }}',
                "startTime": round(self.since.timestamp() * 1000),
            },
        )
        if isinstance(told, CouldNotLook):
            return told
        lines = [as_record(str(event.get("message"))) or {} for event in found_or(told, ())]
        return next((line for line in sorted(lines, key=lambda line: not line.get("reported")) if line), None)

    def _newest(self, kind: str, is_meant: Callable[[Item], bool], *, since: datetime) -> Item | CouldNotLook | None:
        told = self.session.pages(
            "cloudwatch",
            "DescribeAlarmHistory",
            "AlarmHistoryItems",
            region=self.alarm.region,
            what=f"history of {self.alarm.name}",
            params={"AlarmName": self.alarm.name, "HistoryItemType": kind, "StartDate": since},
            at_most=50,
        )
        if isinstance(told, CouldNotLook):
            return told
        items = sorted(found_or(told, ()), key=lambda item: item["Timestamp"], reverse=True)
        return next(filter(is_meant, items), None)
