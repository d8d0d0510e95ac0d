"""Seeing what happened, and counting only what happened since an act began."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sandbox.client import SandboxClient

from ._people import Person
from .document import Observed

POLL_S = 0.02
_EVENT = re.compile(r"^ *[Ee]vent +([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.MULTILINE)
Mail = Mapping[str, str]


class VanishedError(Exception):
    """Something that the deploy made is no longer there."""


@dataclass(frozen=True)
class Mark:
    """A moment: the clock before an act (epoch seconds), and how many mails there were."""

    began_at: float
    mails: int


@dataclass(frozen=True)
class Seen:
    """Something that was awaited was seen: what to tell of it, and the mail, if it is one."""

    text: str
    mail: Mail | None = None


@dataclass(frozen=True)
class Expectation:
    """Something that must be seen after an act. `name` is the step's; `what` is what we wait for, in words.

    `lines` is how much of the awaited mail is worth showing; None for all of it.
    """

    name: str
    what: str
    look: Callable[[Mark], Seen | None]
    lines: int | None = None


class Observer:
    """The auditor's eyes on the trail and the alarms, and the mailbox. Reads only.

    `alarm_names` maps the name of a watch (event set or source-IP entry) to its alarm's name.
    """

    def __init__(
        self,
        *,
        auditor: Person,
        sandbox: SandboxClient,
        region: str,
        trail_arn: str,
        alarm_names: Mapping[str, str],
        observed: Observed,
    ) -> None:
        self._sandbox, self._trail_arn = sandbox, trail_arn
        self._watch_of = {alarm: watch for watch, alarm in alarm_names.items()}
        self.alarm_names = dict(alarm_names)
        self._cloudtrail = auditor.aws("cloudtrail", region=region)
        self._cloudwatch = auditor.aws("cloudwatch", region=region)
        self._observed = observed

    def mark(self) -> Mark:
        """The moment before an act."""
        return Mark(time.time(), len(self.mails()))

    def mails(self) -> list[Mail]:
        """All mails to confirmed addresses, oldest first; also kept for the document."""
        self._observed.mails = list(self._sandbox.mail())
        return list(self._observed.mails)

    def alarms(self) -> dict[str, Mapping[str, Any]]:
        """Every alarm of the stack by the name of its watch, as DescribeAlarms tells it. Raises VanishedError."""
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate()
        found = {
            self._watch_of[alarm["AlarmName"]]: alarm
            for page in pages
            for alarm in page["MetricAlarms"]
            if alarm["AlarmName"] in self._watch_of
        }
        if missing := set(self.alarm_names) - set(found):
            raise VanishedError(f"DescribeAlarms does not show the alarms of {', '.join(sorted(missing))}")
        for watch in self.alarm_names:  # in the stack's order, which the document keeps
            self._observed.saw_alarm(watch, found[watch]["StateValue"])
        return found

    def is_gone(self) -> bool:
        """Whether AWS no longer knows the trail."""
        try:
            self._cloudtrail.get_trail(Name=self._trail_arn)
        except ClientError as error:
            return error.response.get("Error", {}).get("Code") == "TrailNotFoundException"
        return False

    # -- what can be expected

    def trail_is_back(self, name: str) -> Expectation:
        """The trail was stopped after the act began (whole seconds: AWS tells no finer), and logs."""

        def look(mark: Mark) -> Seen | None:
            status = self._cloudtrail.get_trail_status(Name=self._trail_arn)
            stopped = status.get("StopLoggingTime")
            if status["IsLogging"] and stopped is not None and stopped.timestamp() >= int(mark.began_at):
                return Seen("the trail is logging again, as another client reads it")
            return None

        return Expectation(name, "the trail to log again", look)

    def trail_is_gone(self, name: str) -> Expectation:
        """AWS no longer knows the trail."""

        def look(_mark: Mark) -> Seen | None:
            return Seen("the trail is gone, as another client reads it") if self.is_gone() else None

        return Expectation(name, "the trail to be gone", look)

    def alarm(self, name: str, watch: str) -> Expectation:
        """The alarm of a watch is in ALARM. It must have been seen in another state before the act."""

        def look(_mark: Mark) -> Seen | None:
            alarm = self.alarms()[watch]
            return Seen(f"alarm {watch} goes to ALARM") if alarm["StateValue"] == "ALARM" else None

        return Expectation(name, f"alarm {watch}", look)

    def mail(self, name: str, what: str, *, subject: Sequence[str], body: Sequence[str]) -> Expectation:
        """A mail that came after the act began, with all these texts in its subject and its body."""

        def look(mark: Mark) -> Seen | None:
            for mail in self.mails()[mark.mails :]:
                if all(part in mail["subject"] for part in subject) and all(part in mail["body"] for part in body):
                    return Seen(f"{what}, to {mail['to']}", mail)
            return None

        return Expectation(name, what, look)


def told_twice(mails: Sequence[Mail]) -> list[str]:
    """Ids of events that more than one mail tells. A mail names its events behind the word `event`."""
    named = [event_id for mail in mails for event_id in set(_EVENT.findall(mail["body"]))]
    return sorted(event_id for event_id, times in Counter(named).items() if times > 1)


def wait_for(
    expected: Sequence[Expectation], *, mark: Mark, answered: float, patience_s: float
) -> Iterator[tuple[Expectation, Seen, float]]:
    """Each expectation as it is seen, with the milliseconds since `answered`; those never seen do not come.

    `answered` is a moment of `time.perf_counter`, from which all share one deadline of `patience_s` seconds.
    """
    waiting = list(expected)
    while waiting:
        for expectation in list(waiting):
            if (seen := expectation.look(mark)) is not None:
                waiting.remove(expectation)
                yield expectation, seen, (time.perf_counter() - answered) * 1000
        if time.perf_counter() - answered > patience_s:
            return
        time.sleep(POLL_S)
