"""CloudTrail's quotas, as far as the sandbox holds them: how many calls a second, of which kind, and whose flood."""

from __future__ import annotations

import json

import pytest

from sandbox._patches import Request
from sandbox.clock import Clock
from sandbox.quotas import Quotas


class HandClock(Clock):
    """A clock that stands still between two turns."""

    def __init__(self) -> None:
        super().__init__()
        self.at, self.long_s = 1_000_000.0, 5.0

    def now(self) -> float:
        return self.at

    def turn_for(self, long_s: float | None, *, asker: str) -> None:
        assert asker == "quotas"
        self.long_s = 5.0 if long_s is None else long_s


class World:
    """Quotas on a clock that is turned by hand."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.quotas = Quotas(self.clock)

    def taken(
        self, calls: int, operation: str, *, key: str = "AKIAOWNER", account: str = "1" * 12, region: str = "eu-west-1"
    ) -> int:
        """How many of so many calls at one moment are taken."""
        request = Request("cloudtrail", "POST", "/", {}, b"{}", {}, account, region)
        return sum(self.quotas.refuse(request, operation, access_key=key) is None for _ in range(calls))


@pytest.fixture
def world() -> World:
    return World()


def test_nothing_is_throttled_until_somebody_asks_for_it(world: World) -> None:
    assert world.taken(100, "StartLogging") == 100
    assert world.quotas.state == {"on": False, "flooded_until": None}


@pytest.mark.parametrize(
    ("operation", "a_second"),
    [
        ("GetTrailStatus", 10),
        ("DescribeTrails", 10),
        ("ListTags", 10),
        ("LookupEvents", 2),
        ("StartLogging", 1),
        ("StopLogging", 1),
        ("UpdateTrail", 1),
        ("PutEventSelectors", 1),
    ],
)
def test_each_kind_of_call_has_its_quota(world: World, operation: str, a_second: int) -> None:
    world.quotas.set(is_on=True)
    assert world.taken(30, operation) == a_second
    world.clock.at += 0.5
    assert world.taken(30, operation) == a_second // 2
    world.clock.at += 1
    assert world.taken(30, operation) == a_second
    world.clock.at += 3600  # what was not used is not saved up
    assert world.taken(30, operation) == a_second


def test_kinds_accounts_and_regions_do_not_use_each_others_up(world: World) -> None:
    world.quotas.set(is_on=True)
    assert world.taken(5, "StopLogging") == 1
    assert world.taken(5, "UpdateTrail") == 0  # the same kind
    assert world.taken(5, "GetTrailStatus") == 5
    assert world.taken(5, "StopLogging", account="2" * 12) == 1
    assert world.taken(5, "StopLogging", region="us-east-1") == 1


def test_a_flood_leaves_nobody_else_a_change_while_it_lasts(world: World) -> None:
    world.quotas.set(is_on=True, flood_s=60, flooder="AKIAMALLORY")
    assert world.quotas.state == {"on": True, "flooded_until": world.clock.at + 60}
    for _ in range(3):
        assert world.taken(5, "StartLogging") == 0
        assert world.taken(5, "StopLogging", key="AKIAMALLORY") == 1
        assert world.taken(1, "GetTrailStatus") == 1  # reads have a quota of their own
        world.clock.at += 19.9
    world.clock.at += 1
    assert world.quotas.state == {"on": True, "flooded_until": None}
    assert world.taken(5, "StartLogging") == 1


def test_what_is_throttled_waits_for_the_clock_between_two_tries(world: World) -> None:
    world.quotas.set(is_on=True)
    assert world.clock.long_s == 1
    world.quotas.set(is_on=False)
    assert world.clock.long_s == 5
    assert world.taken(5, "StartLogging") == 5


def test_the_refusal_is_cloudtrails(world: World) -> None:
    world.quotas.set(is_on=True, flood_s=1, flooder="AKIAMALLORY")
    request = Request("cloudtrail", "POST", "/", {}, b"{}", {}, "1" * 12, "eu-west-1")
    refused = world.quotas.refuse(request, "StartLogging", access_key="AKIAOWNER")
    assert refused is not None
    status, _headers, body = refused
    assert (status, json.loads(body)) == (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
