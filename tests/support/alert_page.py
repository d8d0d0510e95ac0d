"""docs/alerts.md: the mails of the explainer, as it writes them. Write it anew: `python -m tests.support.alert_page`.

The mails come from the function's own code, in an account that `tests.support.explainer_world` plays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from settings.windows import Windows, parse_duration, parse_schedule
from tests.support.explainer_world import ANY, BEGAN_AT, OFFICE, SWEEP, WATCHES, World, by_rule, many, record, watch
from tests.support.pages import ROOT

PAGE = ROOT / "docs" / "alerts.md"
POLICY = "iam-policy-changes"
_ROOT = {
    "type": "Root",
    "principalId": "111122223333",
    "arn": "arn:aws:iam::111122223333:root",
    "accountId": "111122223333",
}

HEAD = ROOT / "tests" / "data" / "alerts" / "head.md"


def _one() -> World:
    world = World()
    world.happens(record(at=BEGAN_AT))
    world.deliver(world.rings(POLICY))
    return world


def _at_once() -> World:
    world = World()
    world.hands.at = BEGAN_AT + timedelta(seconds=3)
    asked = {"userName": "backup-admin"}
    world.deliver(by_rule(record("CreateUser", userIdentity=_ROOT, requestParameters=asked)))
    return world


def _burst() -> World:
    world = World()
    kinds = ("DescribeInstances", "ListBuckets", "GetCallerIdentity")
    world.happens(
        *(
            record(
                kinds[0] if n % 3 == 0 else kinds[n % 3],
                event_id=f"{n:08d}-5c1e-4d0a-9b7e-3f2a1b0c9d8e",
                at=BEGAN_AT + timedelta(seconds=3 * n),
                awsRegion="eu-west-1",
                errorCode="AccessDenied" if n % 3 == 1 else None,
            )
            for n in range(33)
        )
    )
    world.deliver(world.rings("office", 33.0))
    return world


def _more() -> World:
    world = _one()
    world.hands.move(170)
    world.happens(
        record(
            "AttachUserPolicy",
            event_id="5d7f2c1b-0000-4000-8000-000000000002",
            at=world.hands.at,
            sourceIPAddress="198.51.100.23",
            requestParameters={"userName": "eve", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        )
    )
    world.sweep(after_s=100)
    world.published = world.published[1:]
    return world


def _late() -> World:
    world = World(late_s=240)
    world.happens(record())
    world.deliver(world.rings(POLICY))
    return world


def _storm() -> World:
    world = World()
    world.happens(*many(5_000))
    world.deliver(world.rings(POLICY, 5_000.0))
    return world


def _cleared() -> World:
    world = _storm()
    world.quiet(POLICY)
    world.sweep(after_s=600)
    world.published = world.published[1:]
    return world


def _any_address() -> World:
    world = World(watches=[*WATCHES, ANY])
    for name, number, begin in (("DescribeInstances", 19, "1"), ("ListBuckets", 8, "2"), ("GetCallerIdentity", 6, "3")):
        error = {"errorCode": "AccessDenied"} if name == "ListBuckets" else {}
        calls = many(number, name, within_s=100, awsRegion="eu-west-1", **error)
        world.happens(*({**each, "eventID": begin + each["eventID"][1:]} for each in calls))
    world.deliver(world.rings("any-address", 33.0))
    return world


DIGEST: Any = {"DIGEST_HOUR": "7", "DIGEST_WEEKDAY": "0"}


def _digest() -> World:
    world = World(watches=[watch("iam-changes", severity="low", byEvent=False), {**OFFICE, "severity": "low"}])
    world.happens(*many(40, "DescribeInstances", awsRegion="eu-west-1"), record("CreateUser"))
    world.deliver(world.rings("office", 40.0), **DIGEST)
    world.deliver(world.rings("iam-changes"), **DIGEST)
    world.hands.move(28 * 3600)
    world.deliver(SWEEP, **DIGEST)
    return world


def _week() -> World:
    pattern = '{ $.userIdentity.userName = "mallory" }'
    known = {"name": "deployer", "pattern": pattern, "reason": "the pipeline writes policies", "until": None}
    world = World(suppressions=[known])
    world.happens(*many(3))
    world.deliver(world.rings(POLICY, 3.0), **DIGEST)
    world.quiet(POLICY)
    world.hands.move(2 * 24 * 3600 + 4 * 3600)
    world.deliver(SWEEP, **DIGEST)
    return world


def _muted_week() -> World:
    at = BEGAN_AT.replace(minute=0, second=0)
    windows = Windows(parse_schedule("cron(0 3 * * SAT)"), parse_duration("PT2H"))
    reason = "old users are taken away"
    planned = {"name": "clean-up", "reason": reason, "sets": [POLICY, "office"], "windows": windows.document()}
    world = World(mutes=[planned])
    world.happens(*many(3, awsRegion="eu-west-1"))
    world.rings(POLICY, 3.0)
    world.quiet(POLICY)
    world.hands.at = at + timedelta(days=2, hours=4, minutes=1)
    world.deliver(SWEEP, **DIGEST)
    return world


def _plain() -> World:
    world = World(down={"cloudwatch"})
    world.deliver(world.rings(POLICY))
    return world


MAILS: dict[str, tuple[str, Callable[[], World]]] = {
    "An event": ("Somebody changed an IAM policy, and the alarm found it two minutes later.", _one),
    "A critical event, at once": (
        "Root did something; the event rule heard it after three seconds.",
        _at_once,
    ),
    "Many calls from one address": ("33 calls within the period, and 30 are too many.", _burst),
    "Who holds the alarm and acts": (
        "The alarm was in ALARM already when somebody did something else: the look around every five minutes tells it.",
        _more,
    ),
    "The log is late": (
        "CloudWatch has counted an event that the log does not show yet. The details follow once they are there.",
        _late,
    ),
    "A storm": ("5,000 events within a minute are one mail.", _storm),
    "It is over": ("After a storm, or after an alarm that counts: how much there was.", _cleared),
    "Many calls from any single address": (
        "The alarm of `burst` knows how many; the rule's report says which address, and the log what it did.",
        _any_address,
    ),
    "What can wait": (
        "With `alerts.digest` what is of low severity is one mail a day.",
        _digest,
    ),
    "What was suppressed": ("And once a week: what `alerts.suppressions` held back.", _week),
    "What was muted": (
        "In the same mail: what came while [planned changes](planned-changes.md) muted alarms.",
        _muted_week,
    ),
    "It cannot be explained": ("Whatever fails, the alarm itself reaches people.", _plain),
}


def page() -> str:
    """The page's text."""
    lines = [HEAD.read_text(encoding="utf-8").rstrip("\n")]
    for title, (what, play) in MAILS.items():
        (mail,) = play().published
        lines += [
            "",
            f"## {title}",
            "",
            what,
            "",
            "```text",
            f"Subject: {mail['Subject']}",
            "",
            mail["Message"].rstrip(),
            "```",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
