"""Logs that are late, slow, throttled or in empty pages, against the deployed explainer.

The alarm has rung, so a mail comes at once in any case: a short one where the log does not show the events yet, and
then the names follow in another one, as soon as it does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from common.actor import actor_of

from catalog import EVENT_SETS
from sandbox import SandboxClient
from sandbox.deploy import deploy
from sandbox.process import SandboxProcess
from tests.support.recorded_program import ROOT

HOME, ACCOUNT = "eu-west-1", "000000000000"
SWEEP_S = 300
SHORT, FOLLOW_UP, NAMED = "{title}: details follow", "Details: ", "{title}: "


@dataclass(frozen=True, kw_only=True)
class Case:
    """Events of one set under some troubles: which mails come at once, and which with the next sweep.

    `missing` is what the first mail says of what it does not know. The troubles end before the sweep, unless they
    `last`: then the log shows the events by itself.
    """

    name: str
    of: str
    troubles: Mapping[str, Any]
    at_once: str
    missing: str = ""
    later: str = ""
    last: bool = False
    number: int = 1


# Each has a set of its own, so that no alarm rings for two of them. None is critical: no event rule tells them.
CASES = (
    Case(
        name="late by four minutes",
        of="security-group-changes",
        troubles={"found_late_s": 240},
        at_once=SHORT,
        missing="1 event that the alarm counted: not in the log yet; another mail tells the rest",
        later=FOLLOW_UP,
        last=True,
    ),
    Case(name="throttled for a moment", of="iam-policy-changes", troubles={"throttled_calls": 5}, at_once=NAMED),
    Case(
        name="throttled for minutes",
        of="s3-bucket-policy-changes",
        troubles={"throttled_s": 200},
        at_once=SHORT,
        missing="the log could not be read to its end: Throttling",
        later=FOLLOW_UP,
        last=True,
    ),
    Case(name="slow", of="route-table-changes", troubles={"slow_s": 40}, at_once=NAMED),
    Case(
        name="too slow for one run",
        of="vpc-changes",
        troubles={"slow_s": 40, "empty_pages": 2},
        at_once=SHORT,
        missing="there are more events than could be read in one go",
        later=FOLLOW_UP,
    ),
    Case(
        name="in pages, many of them empty",
        of="network-gateway-changes",
        troubles={"page_events": 10, "empty_pages": 3},
        at_once=NAMED,
        number=24,
    ),
)
DELIVERED_LATE = ("network-acl-changes", "root-account-use")
SETS = (*(case.of for case in CASES), *DELIVERED_LATE)
STACK_FILE = f"""\
config:
  aws:region: {HOME}
  trailwarden:trail: {{mode: create}}
  trailwarden:regions: [{HOME}, us-east-1]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets: {json.dumps({name: {"threshold": 1} for name in SETS})}
  trailwarden:sourceIps: []
  trailwarden:remediation: {{mode: "off"}}  # of the trail nothing happens here
  trailwarden:alerts: {{explain: true}}
  trailwarden:evidence: disposable
"""


@dataclass(kw_only=True)
class Seen:
    """What came of a case: the mails at once, those that came until the sweep was over, and the events themselves."""

    events: Sequence[Mapping[str, Any]]
    at_once: Sequence[Mapping[str, str]] = field(default_factory=list)
    later: Sequence[Mapping[str, str]] = field(default_factory=list)
    waited_s: float = 0.0


class Stack:
    """A deployed stack. Time is turned by hand, so that nobody waits for a function that does."""

    def __init__(self, client: SandboxClient) -> None:
        self.client = client

    def later(self, seconds: float) -> float:
        """Time passes, and everything that follows from it happens; how long functions waited for AWS besides (s)."""
        self.client.advance_clock(seconds)
        waited_s = 0.0
        while (passed := self.client.wake_next()) is not None:
            waited_s += passed
        return waited_s

    def events(self, case: Case) -> list[dict[str, Any]]:
        """Events that the set of a case counts, of this account and of now."""
        sample = next(sample.event for sample in EVENT_SETS[case.of].samples if sample.matches)
        at = datetime.fromtimestamp(self.client.health()["now"], UTC)
        now = {"recipientAccountId": ACCOUNT, "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        return [{**sample, **now, "eventID": f"{number:08d}-{case.of}"} for number in range(case.number)]

    def play(self, case: Case) -> Seen:
        """Let it happen, and the next sweep come."""
        before = len(self.client.mail())
        self.client.set_log_troubles(**case.troubles)
        seen = Seen(events=self.events(case))
        self.client.emit(seen.events)
        seen.waited_s = self.later(1)
        seen.at_once = self.client.mail()[before:]
        if not case.last:
            self.client.set_log_troubles()
        if case.later:
            self.later(SWEEP_S)
        seen.later = self.client.mail()[before + len(seen.at_once) :]
        self.client.set_log_troubles()
        return seen


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("late")
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    (folder / "Pulumi.late.yaml").write_text(STACK_FILE, encoding="utf-8")
    with SandboxProcess(by_hand=True) as process:
        deploy(folder / "Pulumi.late.yaml", endpoint_url=process.client.endpoint_url)
        found = Stack(process.client)
        for _ in range(3):  # the deployment itself rang; that is told to nobody and over
            found.later(SWEEP_S)
        found.client.confirm(None)
        yield found


@pytest.fixture(scope="module")
def seen(stack: Stack) -> dict[str, Seen]:
    """All cases played, one after the other."""
    return {case.name: stack.play(case) for case in CASES}


def of(case: Case, mails: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The mails that tell events of a case, or that they are not known; other cases' alarms grow quiet meanwhile."""
    told = (f"{case.number - 1:08d}-{case.of}", f"{EVENT_SETS[case.of].title}: details follow")
    return [mail for mail in mails if any(each in mail["subject"] + mail["body"] for each in told)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_people_are_told_at_once_and_of_everybody_once(stack: Stack, seen: dict[str, Seen], case: Case) -> None:
    played = seen[case.name]
    (first,) = of(case, played.at_once)
    assert case.at_once.format(title=EVENT_SETS[case.of].title) in first["subject"]
    assert case.missing in first["body"]
    assert ("Missing" in first["body"]) == bool(case.missing)
    follow_ups = of(case, played.later)
    assert len(follow_ups) == bool(case.later)
    assert len(of(case, stack.client.mail())) == 1 + len(follow_ups), "neither comes again"
    names = (follow_ups or [first])[0]
    assert names["subject"].partition("] ")[2].startswith(case.later)
    event = played.events[0]
    for part in (actor_of(event, account=ACCOUNT).short, event["eventName"], event["sourceIPAddress"], ACCOUNT):
        assert part in names["body"]
    if case.number > 1:
        assert f"{case.number} x {event['eventName']}" in names["subject"]


def test_a_slow_log_is_waited_for_and_a_busy_one_asked_again(seen: dict[str, Seen]) -> None:
    """By the sandbox's clock. Less on a machine so busy that time goes by itself."""
    assert 20 < seen["slow"].waited_s <= 40
    assert seen["too slow for one run"].waited_s > 40
    assert seen["throttled for minutes"].waited_s > 20


def test_records_that_come_late_are_told_when_they_come(stack: Stack, seen: dict[str, Seen]) -> None:
    """CloudTrail itself is late, so filter and alarm are; what is critical came by the event rule, and comes once."""
    assert seen
    before = len(stack.client.mail())
    stack.client.set_log_troubles(delivered_late_s=240)
    cases = [Case(name=name, of=name, troubles={}, at_once=NAMED) for name in DELIVERED_LATE]
    (change,), (by_root,) = (stack.events(case) for case in cases)
    stack.client.emit([change, by_root])
    stack.later(1)
    (at_once,) = stack.client.mail()[before:]
    assert by_root["eventID"] in at_once["body"]
    for _ in range(2):
        stack.later(SWEEP_S)
    later = [mail for mail in stack.client.mail()[before + 1 :] if "Cleared" not in mail["subject"]]
    assert [change["eventID"] in mail["body"] for mail in later] == [True]
