"""Dialogues of who has seen the account: what is offered, what is written, and what stands in the way of it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError, UnauthorizedSSOTokenError

import account
from catalog import EVENT_SETS
from exits import Exit
from settings import Settings
from tests.support.account_world import ACCOUNT, HOME, OTHER, FakeTrail, World, alarm_on, metric_filter, refusal
from tests.support.typist import CTRL_C, DOWN, ENTER, UP, Step, in_a_terminal
from tests.support.wizard_bench import Bench, Outcome, bench, environ
from wizard.access import Access

STACK: Step = ("Which stack?", ENTER)
HOME_REGION: Step = ("Home region?", ENTER)
REGIONS: Step = ("Which regions do you work in?", ENTER)
MAIL: Step = ("Who gets the alerts?", "security@example.com" + ENTER)
SETS: Step = ("What should raise an alert?", ENTER)
RANGES: Step = ("Alert when addresses make many calls?", ENTER)
STOP: Step = ("When somebody stops the trail?", ENTER)
WRITE: Step = ("Write it?", "y")
QUICK: dict[str, Any] = {"emails": ["security@example.com"], "eventSets": ["trail-changes"], "sourceIps": ["none"]}
"""Answers to what a test is not about."""
READS: list[dict[str, Any]] = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]
WHICH = "Which trail should be guarded?"


@pytest.fixture
def project(tmp_path: Path) -> Bench:
    return bench(tmp_path)


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the wizard find an account."""

    def live_in(world: World) -> World:
        monkeypatch.setattr(account, "session", world.session)
        return world

    return live_in


def asked(project: Bench, *steps: Step, **flags: Any) -> Outcome:
    """A dialogue about the stack prod, in which only what concerns the account is asked."""
    return project.dialogue(steps, stack="prod", flags={**QUICK, **flags}, access=Access())


def written(project: Bench) -> Settings:
    return Settings.from_stack_file(project.stack_file())


def test_a_good_trail_is_recommended_and_adopted_and_nothing_is_done_to_it(project: Bench, live: Any) -> None:
    live(World(trails=[FakeTrail()]))
    outcome = project.dialogue([STACK, (WHICH, ENTER), REGIONS, MAIL, SETS, RANGES, STOP, WRITE], access=Access())
    assert outcome.code is Exit.OK
    settings = written(project)
    (site,) = settings.trails
    assert (site.name, site.region, settings.home_region) == ("org-trail", HOME, HOME)
    assert site.baseline is not None
    assert (site.baseline.log_group, site.baseline.validation) == ("trail-logs", True)
    assert (settings.remediation.mode, settings.remediation.restart) == ("notify", False)
    assert "(recommended: multi-region, already in CloudWatch Logs)" in outcome.screen
    assert "deliveryRole: arn:aws:iam::111122223333:role/delivery" in outcome.out, "what is written was shown"
    assert "the trail's own logs cost what they cost already" in outcome.out
    assert "sandbox deploy" not in outcome.out, "a sandbox has no trail to adopt"
    # Only regions that are on in the account are offered.
    assert "us-west-2" in outcome.screen
    assert "af-south-1" not in outcome.screen


@pytest.mark.parametrize("is_of_all", [True, False])
def test_whom_an_organization_trusts_is_ticked_where_its_trail_is(project: Bench, live: Any, is_of_all: bool) -> None:
    live(World(trails=[FakeTrail(organization=is_of_all)]))
    answers = {name: answer for name, answer in QUICK.items() if name != "eventSets"}
    project.dialogue([(WHICH, ENTER), REGIONS, SETS, STOP, WRITE], stack="prod", flags=answers, access=Access())
    assert ("organization-trust" in written(project).event_sets) is is_of_all


@pytest.mark.parametrize(
    ("keys", "mode", "restart"), [("", "notify", False), (DOWN, "notify", True), (DOWN * 2, "restore", False)]
)
def test_the_guardian_restarts_an_adopted_trail_only_if_somebody_says_so(
    project: Bench, live: Any, keys: str, mode: str, restart: bool
) -> None:
    live(World(trails=[FakeTrail()]))
    stop = (STOP[0], keys + ENTER)
    asked(project, (WHICH, ENTER), REGIONS, stop, WRITE)
    assert (written(project).remediation.mode, written(project).remediation.restart) == (mode, restart)
    again = asked(project, (WHICH, ENTER), REGIONS, STOP)
    assert "Pulumi.prod.yaml: no changes" in again.out, "Enter keeps what was decided"


@pytest.mark.parametrize(("keys", "is_validated"), [(ENTER, True), (DOWN + ENTER, False)])
def test_a_weakness_is_written_only_if_it_is_meant_so(project: Bench, live: Any, keys: str, is_validated: bool) -> None:
    live(World(trails=[FakeTrail(validates=False)]))
    outcome = asked(project, (WHICH, ENTER), ("What should org-trail be?", keys), REGIONS, STOP, WRITE)
    assert "as it is: log files are not validated" in outcome.screen
    (site,) = written(project).trails
    assert site.baseline is not None
    assert site.baseline.validation is is_validated


def test_several_trails_of_single_regions_are_adopted_together(project: Bench, live: Any) -> None:
    live(
        World(
            trails=[
                FakeTrail(name="dublin", multi=False, group="a"),
                FakeTrail(name="virginia", home="us-east-1", multi=False, group="b"),
            ]
        )
    )
    steps = [STACK, (WHICH, UP + ENTER), ("Which of them?", ENTER), REGIONS, MAIL, SETS, RANGES, STOP, WRITE]
    outcome = project.dialogue(steps, access=Access())
    assert outcome.code is Exit.OK
    assert [(site.name, site.region) for site in written(project).trails] == [
        ("dublin", HOME),
        ("virginia", "us-east-1"),
    ]
    assert "Only the home region of each trail is recorded" in outcome.screen
    assert "out-of-region" not in written(project).event_sets, "what could never fire is not offered"


@pytest.mark.parametrize("lost", [False, True], ids=["never had one", "its class has no filters"])
def test_a_trail_without_a_log_group_is_adopted_with_the_commands_that_make_one(
    project: Bench, live: Any, lost: bool
) -> None:
    trail = FakeTrail(group="rare" if lost else None)
    live(World(trails=[trail], classes={"rare": "INFREQUENT_ACCESS"}))
    outcome = asked(project, (WHICH, UP + ENTER), REGIONS, STOP, WRITE)
    assert outcome.code is Exit.OK
    assert "adopt org-trail in eu-west-1, and give it a log group first" in outcome.screen
    (site,) = written(project).trails
    assert site.baseline is not None
    assert site.baseline.log_group == "aws-cloudtrail-logs-org-trail"
    lines = [line.strip() for line in outcome.out.splitlines() if line.startswith("    aws ")]
    commands = [shlex.split(line) for line in lines if not line.startswith("aws sns")]
    assert [each[1:3] for each in commands] == [
        ["logs", "create-log-group"],
        ["logs", "put-retention-policy"],
        ["iam", "create-role"],
        ["iam", "put-role-policy"],
        ["cloudtrail", "update-trail"],
    ]
    assert commands[4][-1] == site.baseline.delivery_role
    live(World(trails=[FakeTrail(group="aws-cloudtrail-logs-org-trail")]))
    again = asked(project, (WHICH, ENTER), REGIONS, STOP, WRITE, emails=["b@example.com"])
    assert "aws cloudtrail update-trail" not in again.out, "once it is done, nothing is left to type"


def test_what_an_adopted_trail_has_become_is_told_and_not_taken_for_what_it_should_be(
    project: Bench, live: Any
) -> None:
    live(World(trails=[FakeTrail()]))
    assert by_flag(project, "org-trail").code is Exit.OK
    before = written(project).trails
    live(World(trails=[FakeTrail(validates=False, selectors=READS)]))
    outcome = asked(project, (WHICH, ENTER), REGIONS, STOP, WRITE, emails=["b@example.com"])
    assert "org-trail is not what its baseline says: selectors, validation." in " ".join(outcome.out.split())
    assert written(project).trails == before


def test_without_a_trail_one_is_made_and_the_profile_says_where(project: Bench, live: Any) -> None:
    live(World())
    outcome = asked(project, (WHICH, ENTER), HOME_REGION, REGIONS, STOP, WRITE)
    settings = written(project)
    assert (settings.trail.mode, settings.home_region, settings.remediation.mode) == ("create", HOME, "restore")
    assert "The first copy of management events is free." in outcome.screen
    assert "adopt" not in outcome.screen.partition(WHICH)[2].partition("Home region?")[0]


def test_a_trail_in_each_region(project: Bench, live: Any) -> None:
    live(World())
    outcome = asked(project, (WHICH, DOWN + ENTER), HOME_REGION, REGIONS, STOP, WRITE)
    assert "Each of these gets a trail, filters, alarms and a guardian." in outcome.screen
    assert [site.region for site in written(project).trails] == [HOME, "us-east-1"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoCredentialsError(), "name a profile with --profile"),
        (UnauthorizedSSOTokenError(), "the AWS login has expired: log in again: aws sso login"),
    ],
)
def test_without_credentials_it_says_so_in_one_line_and_goes_on(
    project: Bench, live: Any, error: Exception, said: str
) -> None:
    live(World(fails={"get_caller_identity": error}))
    outcome = asked(project, HOME_REGION, REGIONS, STOP, WRITE)
    assert outcome.code is Exit.OK
    assert said in " ".join(outcome.err.split())
    assert WHICH not in outcome.screen


def test_where_the_look_was_asked_for_and_failed_nothing_is_written(project: Bench, live: Any) -> None:
    live(World(fails={"get_caller_identity": UnauthorizedSSOTokenError()}))
    flags = {"homeRegion": HOME, "emails": ["security@example.com"]}
    outcome = project.setup(stack="prod", yes=True, flags=flags, access=Access(is_demanded=True))
    assert outcome.code is Exit.NO_ANSWER
    assert "aws sso login" in outcome.err
    assert not project.stack_file().exists()


@pytest.mark.parametrize(("profile", "code"), [("nope", Exit.NO_ANSWER), (None, Exit.OK)])
def test_a_profile_that_is_not_there(
    project: Bench, monkeypatch: pytest.MonkeyPatch, profile: str | None, code: Exit
) -> None:
    """A flag that is wrong ends it; what the environment says wrong is only a look that could not be had."""

    def refuse(**_: Any) -> None:
        raise account.SessionError("the profile nope could not be found")

    monkeypatch.setattr(account, "session", refuse)
    flags = {**QUICK, "homeRegion": HOME}
    outcome = project.setup(stack="prod", yes=True, flags=flags, access=Access(profile=profile))
    assert outcome.code is code
    assert "the profile nope could not be found" in outcome.err
    assert ("--profile" in outcome.err) is (profile is not None)


# -- flags


ENOUGH: dict[str, Any] = {"emails": ["security@example.com"]}


def by_flag(project: Bench, *trails: str, **more: Any) -> Any:
    flags = {**ENOUGH, "trail": list(trails), **more}
    return project.setup(stack="prod", yes=True, flags=flags, access=Access(is_demanded=True))


@pytest.mark.parametrize("text", ["org-trail", FakeTrail().arn])
def test_a_flag_adopts_what_a_dialogue_would(project: Bench, live: Any, text: str) -> None:
    live(World(trails=[FakeTrail(validates=False)]))
    assert by_flag(project, text).code is Exit.OK
    settings = written(project)
    (site,) = settings.trails
    assert site.baseline is not None
    assert (settings.home_region, site.baseline.validation, settings.remediation.mode) == (HOME, True, "notify")


def test_a_created_trail_gives_no_leave_to_change_an_adopted_one(project: Bench, live: Any) -> None:
    live(World(trails=[FakeTrail()]))
    assert by_flag(project, "create", homeRegion=HOME, remediation="restore").code is Exit.OK
    assert by_flag(project, "org-trail").code is Exit.OK
    assert written(project).remediation.mode == "notify"
    assert by_flag(project, "org-trail", remediation="restore").code is Exit.OK
    assert written(project).remediation.mode == "restore"


@pytest.mark.parametrize(
    ("trails", "said"),
    [
        (["nope"], "is no trail of this account"),
        (["bare"], "does not write to CloudWatch Logs"),
        (["shadow"], f"is the organization's trail of account {OTHER}"),
        (["org-trail", "create"], "goes only alone"),
    ],
)
def test_a_flag_that_cannot_work_is_refused_with_the_way_out(
    project: Bench, live: Any, trails: list[str], said: str
) -> None:
    live(
        World(
            trails=[
                FakeTrail(),
                FakeTrail(name="bare", group=None),
                FakeTrail(name="shadow", owner=OTHER, organization=True),
            ]
        )
    )
    outcome = by_flag(project, *trails)
    assert outcome.code is Exit.NO_ANSWER
    assert said in outcome.err
    assert "--trail" in outcome.err
    assert not project.stack_file().exists()


def test_a_name_needs_a_look(project: Bench) -> None:
    outcome = project.setup(stack="prod", yes=True, flags={**ENOUGH, "trail": ["org-trail"]})
    assert outcome.code is Exit.NO_ANSWER
    assert "was not looked for" in outcome.err


# -- what stands in the way


ROOT = EVENT_SETS["root-account-use"]
TOPIC = f"arn:aws:sns:{HOME}:{ACCOUNT}:alerts-1"
FULL = [FakeTrail(name=f"trail-{n}", group=f"g{n}") for n in range(5)]
WAYS = (
    ("a region that is full", World(trails=FULL), {"trail": ["create"]}, "has 5 trails, and CloudTrail allows 5"),
    (
        "a name that is taken",
        World(trails=[FakeTrail(name="trailwarden-prod")]),
        {"trail": ["create"]},
        "has a trail trailwarden-prod already, made by somebody else",
    ),
    (
        "filters",
        World(trails=[FakeTrail()], filters={"trail-logs": [metric_filter(f"f{n}") for n in range(90)]}),
        {"trail": ["org-trail"]},
        "has 90 filters of others, and this needs",
    ),
    ("a new account", World(executions=(10, 10)), {"trail": ["create"]}, "Lambda runs 10 executions at once"),
    (
        "an alarm that tells already",
        World(
            trails=[FakeTrail()],
            filters={"trail-logs": [metric_filter("RootUsage", pattern=ROOT.pattern.replace("{ ", "{"))]},
            alarms=[alarm_on("RootUsage")],
        ),
        {"trail": ["org-trail"]},
        "root-account-use is watched already: filter RootUsage has the same pattern, and alarm RootUsage-alarm tells.",
    ),
    (
        "an address that is pending",
        World(
            tags={TOPIC: "prod"},
            subscriptions=[
                {
                    "TopicArn": TOPIC,
                    "Protocol": "email",
                    "Endpoint": "security@example.com",
                    "SubscriptionArn": "PendingConfirmation",
                }
            ],
        ),
        {"trail": ["create"]},
        "security@example.com: nobody has confirmed the mail yet",
    ),
    (
        "no leave to look at quotas",
        World(fails={"get_account_settings": refusal()}),
        {"trail": ["create"]},
        "lambda:GetAccountSettings denied",
    ),
)


@pytest.mark.parametrize(("name", "world", "flags", "said"), WAYS, ids=[each[0] for each in WAYS])
def test_what_stands_in_the_way_is_said_before_it_is_written(
    project: Bench, live: Any, name: str, world: World, flags: dict[str, Any], said: str
) -> None:
    live(world)
    flags = {**ENOUGH, **({"homeRegion": HOME} if flags["trail"] == ["create"] else {}), **flags}
    outcome = project.setup(stack="prod", flags=flags, access=Access(is_demanded=True))
    told = " ".join(outcome.out.split())
    assert said in told, name
    assert outcome.code is Exit.NO_ANSWER, "shown, and nothing was written without --yes"


def test_nothing_stands_in_the_way_of_a_good_trail(project: Bench, live: Any) -> None:
    live(World(trails=[FakeTrail()], filters={"trail-logs": [metric_filter("theirs")]}))
    outcome = by_flag(project, "org-trail")
    for label in ("! in the way", "! twice", "? unseen", "! pending"):
        assert label not in outcome.out


def test_confirmed_addresses_are_told_apart(project: Bench, live: Any) -> None:
    def subscribed(who: str, arn: str) -> dict[str, Any]:
        return {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": who, "SubscriptionArn": arn}

    live(
        World(
            tags={TOPIC: "prod"},
            subscriptions=[
                subscribed("a@example.com", f"{TOPIC}:1"),
                subscribed("b@example.com", "PendingConfirmation"),
            ],
        )
    )
    outcome = by_flag(project, "create", homeRegion=HOME, emails=["a@example.com", "b@example.com"])
    lines = [" ".join(line.split()) for line in outcome.out.splitlines()]
    assert "confirmed a@example.com" in lines
    assert any(line.startswith("! pending b@example.com:") for line in lines)


def test_credentials_of_another_account_are_noticed(project: Bench, live: Any) -> None:
    """The stack file names trails of one account, and the look was at another."""
    live(World(trails=[FakeTrail()]))
    by_flag(project, "org-trail")
    text = project.stack_file().read_text().replace(ACCOUNT, OTHER)
    project.stack_file().write_text(text)
    outcome = project.setup(stack="prod", flags={"emails": ["b@example.com"]}, access=Access(is_demanded=True))
    assert f"Trail org-trail is of account {OTHER}, and these credentials are of {ACCOUNT}" in " ".join(
        outcome.out.split()
    )


def test_what_a_second_trail_costs_is_measured_on_the_first(project: Bench, live: Any) -> None:
    """7 GB and 2.1 million events in a week."""
    live(World(trails=[FakeTrail()], measured={"IncomingBytes": 7e9, "IncomingLogEvents": 2.1e6}))
    told = " ".join(by_flag(project, "create", homeRegion=HOME).out.split())
    assert "as measured on org-trail: 30.4 GB of logs, and 9,120,000 events that are recorded a second time" in told
    alone = " ".join(by_flag(project, "org-trail").out.split())
    assert "as measured" not in alone


# -- in a terminal


WALKS: tuple[tuple[str, list[Step], tuple[str, ...]], ...] = (
    ("none", [STACK, (WHICH, ENTER), HOME_REGION, REGIONS], ("mode: create",)),
    ("good", [STACK, (WHICH, ENTER), REGIONS], ("mode: adopt", "trails: [org-trail]")),
    (
        "per region",
        [STACK, (WHICH, UP + ENTER), ("Which of them?", ENTER), REGIONS],
        ("mode: adopt", "arn:aws:cloudtrail:us-east-1:111122223333:trail/virginia"),
    ),
)


@pytest.mark.parametrize(("shape", "steps", "wanted"), WALKS, ids=[each[0] for each in WALKS])
def test_a_walk_in_a_terminal(project: Bench, shape: str, steps: list[Step], wanted: tuple[str, ...]) -> None:
    flags = ["--email", "security@example.com", "--event-set", "trail-changes", "--source-ip", "none"]
    program = [sys.executable, "-m", "tests.support.account_world", shape, "setup", *flags]
    code, seen = in_a_terminal(program, [*steps, STOP, WRITE], folder=project.folder, environ=environ(), rows=40)
    assert code == Exit.OK
    text = project.stack_file().read_text()
    assert [each for each in wanted if each not in text] == []
    lines = [line.strip() for line in seen.at_the_end]
    assert any(line.startswith(f"Looked at account {ACCOUNT} (acme-prod) as arn:aws:iam") for line in lines)
    assert not any("Looking at" in line for line in lines), "the line of progress has gone"
    assert not any(line.startswith("? ") for line in lines)


def test_ctrl_c_at_the_trail_writes_nothing(project: Bench, live: Any) -> None:
    live(World(trails=[FakeTrail()]))
    before = project.files()
    assert project.dialogue([STACK, (WHICH, CTRL_C)], access=Access()).code is Exit.INTERRUPTED
    assert project.files() == before
