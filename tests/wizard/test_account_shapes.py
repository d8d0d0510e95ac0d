"""What the wizard makes of an account: each shape looked at, judged, told, and answered for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError, UnauthorizedSSOTokenError
from rich.console import Console

import account
from account import CouldNotLook, SessionError
from settings import Settings
from settings.regions import REGIONS
from tests.support.account_world import ACCOUNT, CALLER, HOME, OTHER, FakeTrail, World, alarm_on, metric_filter, refusal
from tests.support.wizard_bench import ROOT
from wizard import sight_screen
from wizard.access import Access, access_of
from wizard.look import Sight, look
from wizard.preflight import preflight
from wizard.trail_question import recommended
from wizard.verdicts import Verdict, judge

READS: list[dict[str, Any]] = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]
NO_KMS: list[dict[str, Any]] = [
    {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
    }
]


def seen(world: World, monkeypatch: pytest.MonkeyPatch) -> Sight | CouldNotLook:
    """What the wizard sees of this account."""
    monkeypatch.setattr(account, "session", world.session)
    return look(Access(), home=None, clock=iter((0.0, 1.8)).__next__)


def screen(found: Sight, *, columns: int = 300) -> str:
    """What it puts on the screen."""
    out = StringIO()
    console = Console(file=out, width=columns, markup=False, highlight=False)
    sight_screen.sight(console, found, judge(found, stack="prod"))
    return out.getvalue()


@dataclass(frozen=True, kw_only=True)
class Shape:
    """An account; what is on the screen and what is not; which trail is recommended, and which can be adopted."""

    name: str
    world: Callable[[], World]
    says: Sequence[str]
    never: Sequence[str] = ()
    best: str | None = None
    fit: Sequence[str] = ()


def alone(**trail: Any) -> Callable[[], World]:
    """An account with this one trail."""
    return lambda: World(trails=[FakeTrail(**trail)])


SHAPES = (
    Shape(name="none", world=World, says=["trail   none: nothing is recorded"]),
    Shape(
        name="multi-region and good",
        world=alone(),
        says=[
            f"Looked at account {ACCOUNT} (acme-prod) as {CALLER}",
            "3 regions, 1.8 s",
            "✓ trail   org-trail  home eu-west-1 · multi-region · logging since 2026-03-02 · log group trail-logs",
            "(Standard)",
        ],
        never=["!", "✗", "?"],
        best="org-trail",
        fit=["org-trail"],
    ),
    Shape(
        name="single region",
        world=alone(multi=False),
        says=["! trail   org-trail  home eu-west-1 · single region"],
        fit=["org-trail"],
    ),
    Shape(
        name="owner of the organization's trail",
        world=alone(organization=True),
        says=["✓ trail", "multi-region · organization · logging"],
        best="org-trail",
        fit=["org-trail"],
    ),
    Shape(
        name="a shadow of the organization's trail",
        world=alone(organization=True, owner=OTHER, home="us-east-1"),
        says=[
            "✗ trail   org-trail  home us-east-1",
            f"it is the organization's trail of account {OTHER}, shown here",
            f"Way out: run this in account {OTHER}; for this account alone, let the stack make a trail.",
        ],
        never=["denied"],  # another account keeps to itself what it likes
    ),
    Shape(
        name="no log group",
        world=alone(group=None),
        says=["no log group", "does not write to CloudWatch Logs", "give it a log group (docs/adopting.md"],
    ),
    Shape(
        name="its log group is gone",
        world=lambda: World(trails=[FakeTrail()], lost_groups={"trail-logs"}),
        says=["✗ trail", "it names the log group trail-logs, and there is none"],
    ),
    Shape(
        name="a log group of another account",
        world=alone(group_owner=OTHER),
        says=["✗ trail", f"writes to a log group of account {OTHER}"],
    ),
    Shape(
        name="Infrequent Access",
        world=lambda: World(trails=[FakeTrail()], classes={"trail-logs": "INFREQUENT_ACCESS"}),
        says=["(Infrequent Access)", "which has no filters. Way out: a class cannot be changed"],
    ),
    Shape(
        name="not logging",
        world=alone(logging=False),
        says=["! trail   org-trail  home eu-west-1 · multi-region · not logging since 2026-03-02"],
        fit=["org-trail"],
    ),
    Shape(
        name="records too little",
        world=lambda: World(
            trails=[FakeTrail(selectors=READS, validates=False), FakeTrail(name="quiet", selectors=NO_KMS)]
        ),
        says=["its log files are not validated", "! trail   quiet    "],
        fit=["quiet", "org-trail"],
    ),
    Shape(
        name="with filters and alarms of peers",
        world=lambda: World(
            trails=[FakeTrail()],
            filters={"trail-logs": [metric_filter("VPCChanges"), metric_filter("mine", namespace="Acme")]},
            alarms=[alarm_on("VPCChanges")],
        ),
        says=[
            "1 metric filter and 1 alarm on trail-logs are not ours (names of terraform-aws-modules/cloudwatch",
            "1 metric filter on trail-logs is not ours (a name that nobody we know uses); it stays as it is",
        ],
        best="org-trail",
        fit=["org-trail"],
    ),
    Shape(
        name="a trail in each region",
        world=lambda: World(
            trails=[
                FakeTrail(name="dublin", multi=False, group="a"),
                FakeTrail(name="virginia", home="us-east-1", multi=False, group="b"),
            ]
        ),
        says=["dublin    home eu-west-1 · single region", "virginia  home us-east-1 · single region"],
        fit=["dublin", "virginia"],
    ),
    Shape(
        name="a trail of this stack, and one of another",
        world=lambda: World(
            trails=[FakeTrail(name="trailwarden-prod"), FakeTrail(name="trailwarden-dev", group="dev")],
            tags={FakeTrail(name=f"trailwarden-{stack}").arn: stack for stack in ("prod", "dev")},
        ),
        says=[
            "✓ trail   trailwarden-prod  this stack's own ·",
            "made by the stack dev",
            "choose that stack to change it",
        ],
        never=["the stack prod"],
    ),
    Shape(
        name="trails may not be listed",
        world=lambda: World(trails=[FakeTrail()], fails={"describe_trails": refusal()}),
        says=[
            "? unseen  cloudtrail:DescribeTrails denied in eu-west-1, us-east-1, us-west-2; docs/policies/setup.json"
        ],
        never=["nothing is recorded"],
    ),
    Shape(
        name="one region does not answer",
        world=lambda: World(trails=[FakeTrail()], fails={"describe_trails@us-west-2": refusal()}),
        says=["✓ trail   org-trail", "? unseen  cloudtrail:DescribeTrails denied in us-west-2"],
        best="org-trail",
        fit=["org-trail"],
    ),
    Shape(
        name="regions may not be listed",
        world=lambda: World(trails=[FakeTrail()], fails={"describe_regions": refusal("UnauthorizedOperation")}),
        says=["2 regions", "✓ trail   org-trail", "ec2:DescribeRegions denied in eu-west-1"],
        best="org-trail",
        fit=["org-trail"],
    ),
    Shape(
        name="nothing of a trail may be seen but that it is there",
        world=lambda: World(
            trails=[FakeTrail()],
            alias=None,
            fails={
                each: refusal()
                for each in ("get_trail_status", "get_event_selectors", "describe_log_groups", "get_resources")
            },
        ),
        says=[
            "! trail   org-trail  home eu-west-1 · multi-region · logging unknown · log group trail-logs",
            "nobody let us see whether it logs",
            "nobody let us see its log group, which must be of the class Standard",
            "logs:DescribeLogGroups denied",
            "tag:GetResources denied",
        ],
        fit=["org-trail"],
    ),
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda each: each.name)
def test_a_shape(shape: Shape, monkeypatch: pytest.MonkeyPatch) -> None:
    found = seen(shape.world(), monkeypatch)
    assert isinstance(found, Sight)
    text = screen(found)
    assert [each for each in shape.says if each not in text] == [], text
    assert [each for each in shape.never if each in text] == [], text
    fit = [each for each in judge(found, stack="prod") if each.can_be_adopted]
    assert [each.seen.trail.name for each in fit] == list(shape.fit)
    best = recommended(fit)
    assert (best.seen.trail.name if best else None) == shape.best


def test_many_regions_are_not_all_named() -> None:
    blind = [
        CouldNotLook(what="x", action="cloudtrail:DescribeTrails", where=region, why="denied", reason="")
        for region in sorted(REGIONS["aws"])[:9]
    ]
    (line,) = sight_screen.blindness(blind)
    assert "denied in af-south-1, ap-east-1, ap-east-2, ap-northeast-1 and 5 more; docs/policies/setup.json" in line


def test_lines_fit_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the first, whose ARN shall be copied."""
    found = seen(World(trails=[FakeTrail(group=None), FakeTrail(name="quiet", validates=False)]), monkeypatch)
    assert isinstance(found, Sight)
    assert max(map(len, screen(found, columns=80).splitlines()[1:])) <= 80


def test_two_accounts_never_share_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same trail, seen from its owner's account and from a member's."""
    found = seen(World(trails=[FakeTrail()]), monkeypatch)
    assert isinstance(found, Sight)
    member = replace(found, identity=replace(found.identity, account_id=OTHER))

    def fit(sight: Sight) -> list[bool]:
        return [each.can_be_adopted for each in judge(sight, stack="prod")]

    assert (fit(found), fit(member)) == ([True], [False])


def test_the_ready_policy_is_exactly_what_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the look and the preflight; whoever lacks a right is sent to this policy."""
    topic = f"arn:aws:sns:{HOME}:{ACCOUNT}:alerts-1"
    subscription = {
        "TopicArn": topic,
        "Protocol": "email",
        "Endpoint": "a@example.com",
        "SubscriptionArn": f"{topic}:1",
    }
    world = World(
        trails=[FakeTrail()], measured={"IncomingBytes": 1.0}, tags={topic: "prod"}, subscriptions=[subscription]
    )
    sessions: list[account.Session] = []

    def remembered(**options: Any) -> account.Session:
        sessions.append(world.session(**options))
        return sessions[-1]

    monkeypatch.setattr(account, "session", remembered)
    found = look(Access(), home=None)
    assert isinstance(found, Sight)
    answers = {"homeRegion": HOME, "emails": ["a@example.com"], "trail": {"mode": "create", "logGroup": "trail-logs"}}
    preflight(Settings.parse(answers, stack="prod", source="test"), found)
    policy = json.loads((ROOT / "docs" / "policies" / "setup.json").read_text())
    (statement,) = policy["Statement"]
    asked = {action for session in sessions for action in session.asked}
    assert {*statement["Action"], "sts:GetCallerIdentity"} == asked


NO_LOOK = (
    (NoCredentialsError(), ["no credentials", "Unable to locate credentials", "--profile"]),
    (UnauthorizedSSOTokenError(), ["the AWS login has expired", "aws sso login --profile acme"]),
    (refusal("ExpiredToken", "expired"), ["the AWS login has expired", "aws sso login --profile acme"]),
    (refusal("InvalidClientTokenId", "no such key"), ["AWS does not know these credentials"]),
    (refusal("AccessDenied", "an explicit deny"), ["sts:GetCallerIdentity"]),
)


@pytest.mark.parametrize(("error", "words"), NO_LOOK, ids=lambda each: type(each).__name__)
def test_where_nobody_can_say_who_asks(error: Exception, words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, and no further question to AWS."""
    world = World(fails={"get_caller_identity": error})
    monkeypatch.setattr(account, "session", world.session)
    why = look(Access(profile="acme"), home=None)
    assert isinstance(why, CouldNotLook)
    assert world.asked == ["get_caller_identity"]
    text = sight_screen.why_not(why)
    assert "\n" not in text
    assert [each for each in words[1:] if each not in text] == [], text


def test_a_profile_that_does_not_exist_is_the_callers_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(SessionError, match="aws configure list-profiles"):
        look(Access(profile="nobody-has-this-profile"), home=None)


def test_an_account_of_a_partition_that_is_not_served_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(account, "session", world.session)
    chinese = {"Account": ACCOUNT, "Arn": f"arn:aws-cn:iam::{ACCOUNT}:user/ops"}
    monkeypatch.setitem(world.__dict__, "answer", lambda name, *_: chinese if "identity" in name else {})
    why = look(Access(), home=None)
    assert isinstance(why, CouldNotLook)
    assert "aws-cn, and trailwarden serves aws and aws-us-gov" in sight_screen.why_not(why)


WHEN = (
    ({"is_asking": True}, (True, False)),
    ({"is_asking": True, "look": False}, None),
    ({"is_asking": True, "look": False, "profile": "p"}, None),
    ({"is_asking": False}, None),
    ({"is_asking": False, "trails": ["create"]}, None),
    ({"is_asking": False, "look": True}, (True, True)),
    ({"is_asking": False, "profile": "p"}, (True, True)),
    ({"is_asking": False, "endpoint_url": "http://127.0.0.1:1"}, (True, True)),
    ({"is_asking": False, "trails": ["org-trail"]}, (True, True)),
)


@pytest.mark.parametrize(("given", "expected"), WHEN, ids=str)
def test_when_it_looks(given: dict[str, Any], expected: tuple[bool, bool] | None) -> None:
    """A pipeline never depends on AWS unless it asked to."""
    access = access_of(**{"look": None, "profile": None, "endpoint_url": None, "trails": (), **given})
    assert (None if access is None else (True, access.is_demanded)) == expected


def test_the_best_trail_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["zulu", "alpha", "single", "stopped"]
    world = World(
        trails=[
            FakeTrail(name="stopped", logging=False),
            FakeTrail(name="single", multi=False),
            FakeTrail(name="zulu"),
            FakeTrail(name="alpha", home="us-east-1"),
            FakeTrail(name="bare", group=None),
        ]
    )
    found = seen(world, monkeypatch)
    assert isinstance(found, Sight)
    verdicts: tuple[Verdict, ...] = judge(found, stack="prod")
    assert [each.seen.trail.name for each in verdicts] == ["zulu", "alpha", "stopped", "single", "bare"]
    assert set(names) < {each.seen.trail.name for each in verdicts}
    assert verdicts[0].seen.trail.home_region == HOME
