"""`check`: green on a fresh deployment, and each single breakage turns its own lines red, with the right advice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import account
from account import Access, Across, CouldNotLook, Found
from exits import Exit
from operate.checking import check, document
from operate.checking.audit import audit
from operate.checking.catalogue import CHECKS
from operate.checking.line import exit_code
from operate.checking.screen import show
from operate.checking.survey import Survey
from settings import Settings
from tests.support import check_drift
from tests.support.check_breakages import BLIND, STACK_FILE_CHANGES, Breakage, subscriptions
from tests.support.check_breakages import BREAKAGES as BROKEN
from tests.support.check_sabotage import (
    Undo,
    average,
    count_no_addresses,
    cut_retention,
    dead_letter,
    delete_dashboard,
    disable_actions,
    disable_rule,
    edit_filter,
    expire_files,
    forbid_runs,
    key_grant,
    log_no_failures,
    shorten_lock,
    stop_rotation,
    stop_schedule,
    stranger,
    take_permission,
    topic_policy,
)
from tests.support.check_world import (
    ACCOUNT,
    HOME,
    MAIL,
    OTHER,
    STACK,
    STACK_FILE,
    World,
    deployed,
    judged,
    not_holding,
)
from tests.support.recorded_program import ROOT

BREAKAGES = (*BROKEN, *check_drift.BREAKAGES)
POLICY = ROOT / "docs" / "policies" / "check.json"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        with deployed(tmp_path_factory.mktemp("project")) as made:
            yield made


@pytest.fixture(autouse=True)
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture(scope="module")
def fresh(world: World) -> Survey:
    """What was read of the deployment before anybody touched it."""
    return world.survey()


@pytest.fixture(scope="module")
def settings(world: World) -> Settings:
    return world.settings


def run(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    *,
    shared: bool = True,
    profile: str | None = None,
    **options: Any,
) -> int:
    """`check`; with `shared` by root's one session, whose clients need not be made anew."""
    monkeypatch.chdir(world.folder)
    if shared and profile is None:
        monkeypatch.setattr(account, "session", lambda **_options: world.root)
    return check(access=replace(world.access, profile=profile), **options)


# -- a fresh deployment


def test_a_fresh_deployment_is_all_green(
    world: World, fresh: Survey, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(world, monkeypatch, stack=STACK, output="json")
    told = json.loads(capsys.readouterr().out)
    assert [line for line in told["lines"] if line["state"] != "holds"] == []
    assert (code, told["exit_code"], told["counts"]["fails"], told["counts"]["unknown"]) == (0, 0, 0, 0)
    assert told["account"] == {"id": ACCOUNT, "alias": None, "caller": f"arn:aws:iam::{ACCOUNT}:root"}
    assert (told["stacks"], told["regions"]) == ([STACK], [HOME, OTHER])
    areas = {line["check"].partition(".")[0] for line in told["lines"]}
    assert areas == {check.partition(".")[0] for check in CHECKS} - {"account"}
    by_us = [each for each in told["controls"] if each["outcome"] == "passes"]
    assert {each["owner"] for each in by_us} == {"trailwarden"}
    assert {each["event_set"] for each in by_us} == {"trail-changes", "iam-policy-changes", "unauthorized-api-calls"}


def test_without_a_stack_file_the_account_and_its_stacks_are_green_too(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code = check(regions=[HOME, OTHER], access=world.access, output="text")
    said = capsys.readouterr().out
    assert code == 0, said
    assert said.splitlines()[0].endswith("hold · 0 do not · 0 could not be looked at")
    assert "stack prod" in said


# -- one thing broken at a time


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda each: each.name)
def test_a_breakage_turns_its_own_lines_red(fresh: Survey, settings: Settings, breakage: Breakage) -> None:
    done = judged(breakage.change(fresh), settings)
    red = not_holding(done.lines)
    assert frozenset(red) == breakage.turns
    assert not_holding(done.lines, "unknown") == {}
    assert any(breakage.advice in line.fix for lines in red.values() for line in lines)
    assert all(line.fix and line.what and line.resource for lines in red.values() for line in lines)
    assert exit_code(done.lines) == Exit.FOUND


@pytest.mark.parametrize(
    ("text", "instead", "turns"), [pytest.param(*change, id=name) for name, *change in STACK_FILE_CHANGES]
)
def test_what_the_stack_file_says_and_nobody_deployed_is_drift(
    fresh: Survey, tmp_path: Path, text: str, instead: str, turns: str
) -> None:
    assert text in STACK_FILE
    (tmp_path / f"Pulumi.{STACK}.yaml").write_text(STACK_FILE.replace(text, instead))
    settings = Settings.from_stack_file(tmp_path / f"Pulumi.{STACK}.yaml")
    assert set(not_holding(judged(fresh, settings).lines)) == set(turns.split())


KEPT = "arn:aws:sqs:eu-west-1:000000000000:lost"
RETRIES = json.dumps(
    {
        "healthyRetryPolicy": {
            "numRetries": 10,
            "minDelayTarget": 5,
            "maxDelayTarget": 300,
            "backoffFunction": "linear",
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "numMaxDelayRetries": 0,
        },
        "throttlePolicy": None,
        "guaranteed": False,
    }
)


@pytest.mark.parametrize(
    ("delivery_policy", "dead_letter_arn", "evidence"),
    [
        pytest.param(RETRIES, KEPT, "", id="what SNS writes beside is no difference"),
        pytest.param(RETRIES.replace("10", "1"), KEPT, "retries {", id="fewer"),
        pytest.param("", KEPT, "retries as SNS does", id="none of ours"),
        pytest.param("{", KEPT, "retries {", id="no document"),
        pytest.param(RETRIES, "", "what does not arrive is lost", id="no dead letters"),
    ],
)
def test_a_url_is_tried_again_as_the_stack_file_says(
    fresh: Survey, tmp_path: Path, delivery_policy: str, dead_letter_arn: str, evidence: str
) -> None:
    url = "https://collector.example.com/"
    robot = "protocol: email-json, endpoint: robot@example.com, gets: alerts, filter: {severity: [critical]}"
    asked = "retry: {numRetries: 10, minDelayTarget: 5, maxDelayTarget: 300}"
    assert robot in STACK_FILE
    (tmp_path / f"Pulumi.{STACK}.yaml").write_text(
        STACK_FILE.replace(robot, f"protocol: https, endpoint: {url}, gets: alerts, deadLetters: true, {asked}")
    )
    settings = Settings.from_stack_file(tmp_path / f"Pulumi.{STACK}.yaml")
    given = {"filter_policy": "", "delivery_policy": delivery_policy, "dead_letter_arn": dead_letter_arn}
    change = subscriptions(
        check_drift.robot,
        protocol="https",
        endpoint=url,
        details=lambda one: Found(replace(one.details.value, **given)),
    )
    red = not_holding(judged(change(fresh), settings).lines)
    assert set(red) - {"stack.complete"} == ({"drift.subscribers"} if evidence else set())
    assert evidence in "".join(line.evidence for line in red.get("drift.subscribers", ()))


def test_every_check_is_seen_red(fresh: Survey) -> None:
    """The table is whole: a check that no breakage turns red would prove nothing."""
    turned = {check for breakage in BREAKAGES for check in breakage.turns}
    turned |= {check for change in STACK_FILE_CHANGES for check in change[-1].split()}
    assert set(CHECKS) - turned == {"account.looked", "account.trail", "account.trail-changes", "trail.trusted"}


def test_an_account_that_nobody_guards(fresh: Survey) -> None:
    empty = Survey(
        at=fresh.at,
        identity=fresh.identity,
        regions=fresh.regions,
        trails=Across(),
        tagged=Across(),
        alarms={region: Found(()) for region in fresh.regions},
    )
    done = audit(empty)
    assert set(not_holding(done.lines)) == {"account.trail", "account.trail-changes"}
    assert {control.outcome for control in done.controls} == {"fails", "not assessed"}
    unseen = audit(replace(empty, trails=Across((), (BLIND,))))
    assert not_holding(unseen.lines) == {}
    assert set(not_holding(unseen.lines, "unknown")) == {"account.looked", "account.trail", "account.trail-changes"}
    assert "unknown" in {control.outcome for control in unseen.controls}
    assert exit_code(unseen.lines) == Exit.NO_ANSWER


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Found(frozenset({account.CLOUDTRAIL, "guardduty.amazonaws.com"})), "holds"),
        (Found(frozenset({"guardduty.amazonaws.com"})), "fails"),
        (account.Nothing("an organization"), "fails"),
        (BLIND, "unknown"),
    ],
)
def test_an_organization_has_to_trust_cloudtrail(fresh: Survey, answer: Any, state: str) -> None:
    """Its trail reads as before, and the members are no longer recorded."""
    (trail,) = fresh.trails.found
    whole = replace(fresh, trails=Across((replace(trail, is_organization=True),)), trusts={trail.arn: answer})
    (line,) = [each for each in judged(whole, None).lines if each.check == "trail.trusted"]
    assert (line.state, line.where if state != "unknown" else OTHER) == (state, OTHER)
    assert "enable-aws-service-access" in line.fix or state != "fails"


def test_a_trail_without_a_log_group_is_said_to_have_none(fresh: Survey) -> None:
    (trail,) = fresh.trails.found
    alone = replace(trail, log_group_arn="", logs_role_arn="")
    done = audit(replace(fresh, trails=Across((alone,)), tagged=Across(), groups={}))
    (line,) = not_holding(done.lines)["account.trail-changes"]
    assert line.evidence == "trail trailwarden-prod writes to no log group, and filters need one"
    assert {each.why for each in done.controls if each.outcome == "fails"} == {line.evidence}


@pytest.mark.parametrize(("all_lines", "ends"), [(False, " more: no filter has its text"), (True, "")])
def test_what_nobody_chose_is_one_line(
    fresh: Survey, settings: Settings, capsys: pytest.CaptureFixture[str], all_lines: bool, ends: str
) -> None:
    show(judged(fresh, settings), all_lines=all_lines)
    said = capsys.readouterr().out.splitlines()
    (line,) = [each for each in said if "no filter has its text" in each]
    assert line.endswith(ends)
    assert ("root-account-use" in line) is all_lines
    assert "trail-changes" not in line, "the stack has it"


# -- not allowed to look

OTHERS = frozenset({"at", "identity", "regions", "trails", "tagged", "trusts"})
"""What is no mapping of answers, or is empty here: the trail is of one account."""
MAPPINGS = [field.name for field in fields(Survey) if field.name not in OTHERS]


@pytest.mark.parametrize("field", MAPPINGS)
def test_what_could_not_be_looked_at_is_never_red_and_never_green(
    fresh: Survey, settings: Settings, field: str
) -> None:
    known = getattr(fresh, field)
    assert known, field
    done = judged(replace(fresh, **{field: dict.fromkeys(known, BLIND)}), settings)
    assert not_holding(done.lines) == {}
    unknown = not_holding(done.lines, "unknown")
    assert unknown
    assert all("could not be looked at" in line.what for lines in unknown.values() for line in lines)
    assert any(line.evidence == "kms:GetKeyPolicy denied for role auditor" for line in unknown.popitem()[1])
    assert exit_code(done.lines) == Exit.NO_ANSWER


def parts() -> Iterator[tuple[str, str]]:
    """Answers inside of answers: (mapping, attribute)."""
    yield from (
        ("groups", "filters"),
        ("topics", "subscriptions"),
        ("rules", "targets"),
        ("functions", "policy"),
        ("functions", "reserved"),
        ("functions", "failures_go_to"),
        ("keys", "policy"),
        ("buckets", "policy"),
        ("buckets", "blocks_public"),
        ("buckets", "ageing"),
        ("buckets", "lock"),
        ("keys", "is_rotated"),
        ("roles", "policies"),
    )


@pytest.mark.parametrize(("field", "part"), list(parts()))
def test_a_part_that_could_not_be_looked_at_is_never_red(
    fresh: Survey, settings: Settings, field: str, part: str
) -> None:
    known = getattr(fresh, field)
    blinded = {key: Found(replace(answer.value, **{part: BLIND})) for key, answer in known.items()}
    done = judged(replace(fresh, **{field: blinded}), settings)
    assert not_holding(done.lines) == {}
    assert not_holding(done.lines, "unknown")


@pytest.mark.parametrize("part", ["status", "selectors", "insights"])
def test_a_trail_that_does_not_tell_is_neither_logging_nor_stopped(
    fresh: Survey, settings: Settings, part: str
) -> None:
    (trail,) = fresh.trails.found
    done = judged(replace(fresh, trails=Across((replace(trail, **{part: BLIND}),))), settings)
    assert not_holding(done.lines) == {}
    assert not_holding(done.lines, "unknown")


def test_a_boundary_that_could_not_be_looked_at_is_no_boundary_and_no_right(fresh: Survey, settings: Settings) -> None:
    roles = {arn: told.value for arn, told in fresh.roles.items() if isinstance(told, Found)}
    bound = {arn: Found(replace(role, boundary_arn="b", boundary=BLIND)) for arn, role in roles.items()}
    done = judged(replace(fresh, roles=bound), settings)
    assert not_holding(done.lines) == {}
    unknown = not_holding(done.lines, "unknown")
    assert {"function.role", "trail.delivery-role", "rule.permission", "schedule.role"} <= unknown.keys()
    assert "topic.delivery-status" in unknown
    assert "permissions boundary b could not be looked at" in unknown["function.role"][0].evidence


def test_wrong_and_blind_together_is_wrong(fresh: Survey, settings: Settings) -> None:
    stopped = next(each for each in BREAKAGES if each.name == "stopped")
    done = judged(replace(stopped.change(fresh), keys=dict.fromkeys(fresh.keys, BLIND)), settings)
    assert exit_code(done.lines) == Exit.FOUND


# -- in the sandbox itself


@pytest.mark.parametrize(
    ("act", "turns", "advice", "evidence"),
    [
        (disable_actions, "alarm.actions-enabled", "enable-alarm-actions", "by root (DisableAlarmActions)"),
        (edit_filter, "filter.pattern", "pulumi up", "by root (PutMetricFilter); at character"),
        (average, "alarm.condition", "pulumi up", "by root (PutMetricAlarm)"),
        (topic_policy, "topic.cloudwatch", "sns:Publish", "by root (SetTopicAttributes); no statement allows it"),
        (key_grant, "topic.key", "kms:GenerateDataKey*", "by root (PutKeyPolicy)"),
        (disable_rule, "rule.enabled", "enable-rule", "by root (DisableRule)"),
        (take_permission, "rule.permission", "events.amazonaws.com", "by root (RemovePermission20150331v2)"),
        (forbid_runs, "function.concurrency", "delete-function-conc", "by root (PutFunctionConcurrency20171031)"),
        (dead_letter, "queue.empty", "--region us-east-1", ""),
        (stranger, "drift.people", "pulumi up", "thief@example.org is subscribed"),
        (cut_retention, "trail.log-retention", "put-retention-policy", ""),
        (stop_schedule, "schedule.enabled", "pulumi up", "by root (UpdateSchedule)"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_somebody_breaks_it_for_real(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    act: Callable[[World], Undo],
    turns: str,
    advice: str,
    evidence: str,
) -> None:
    undo = act(world)
    try:
        world.client.settle()
        assert run(world, monkeypatch, stack=STACK, output="json") == Exit.FOUND
        red = [line for line in json.loads(capsys.readouterr().out)["lines"] if line["state"] != "holds"]
        assert {line["check"] for line in red} == {turns}
        assert advice in red[0]["fix"]
        assert evidence in red[0]["evidence"]
    finally:
        undo()
        world.client.settle()


def mute_everything(world: World) -> Undo:
    cloudwatch = world.aws("cloudwatch")
    schedule = {"Expression": "cron(0 0 * * *)", "Duration": "PT24H", "Timezone": "UTC"}
    cloudwatch.put_alarm_mute_rule(Name="quiet", Rule={"Schedule": schedule})
    return lambda: cloudwatch.delete_alarm_mute_rule(AlarmMuteRuleName="quiet")


def put_boundary(world: World) -> Undo:
    iam = world.aws("iam")
    policy = iam.create_policy(PolicyName="bounded", PolicyDocument=check_drift.NOTHING_BUT_LOGS)["Policy"]["Arn"]
    function = world.aws("lambda").get_function_configuration(FunctionName=world.outputs["guardianFunctionName"])
    role = function["Role"].rpartition("/")[2]
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=policy)
    return lambda: iam.delete_role_permissions_boundary(RoleName=role)


TOGETHER: dict[str, tuple[Callable[[World], Undo], str, str]] = {
    "trail.bucket-lifecycle": (expire_files, "pulumi up", "there and not asked for: files deleted after 1 day"),
    "trail.bucket-lock": (shorten_lock, "pulumi up", ""),
    "key.rotation": (stop_rotation, "enable-key-rotation", "by root (DisableKeyRotation)"),
    "burst.rule": (count_no_addresses, "enable-insight-rules", "by root (DisableInsightRules)"),
    "dashboard.present": (delete_dashboard, "pulumi up", "by root (DeleteDashboards)"),
    "topic.delivery-status": (log_no_failures, "pulumi up", "by root (SetTopicAttributes); failures of SQS"),
    "alarm.muted": (mute_everything, "delete-alarm-mute-rule", "by root (PutAlarmMuteRule); quiet mutes every alarm"),
    "function.role": (put_boundary, "policies as they were", "its permissions boundary bounded: no statement allows"),
}
"""What is broken at once, because each look takes its time: by the check that says it, with advice and evidence."""


def test_everything_beside_is_broken_for_real(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    undo = [act(world) for act, _advice, _evidence in TOGETHER.values()]
    try:
        world.client.settle()
        assert run(world, monkeypatch, stack=STACK, output="json") == Exit.FOUND
        lines = json.loads(capsys.readouterr().out)["lines"]
        red = {line["check"]: line for line in lines if line["state"] != "holds"}
        # With the boundary the guardian cannot hand on what fails for good, either.
        assert set(red) == TOGETHER.keys() | {"function.dead-letters"}
        for check, (_act, advice, evidence) in TOGETHER.items():
            assert advice in red[check]["fix"]
            assert evidence in red[check]["evidence"]
    finally:
        for each in undo:
            each()
        world.client.settle()


def test_a_pending_mail_is_told_with_its_age_and_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sns, topic = world.aws("sns"), world.outputs["alertsTopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="late@example.com")
    try:
        world.client.settle()
        assert run(world, monkeypatch, stack=STACK) == Exit.FOUND
        said = capsys.readouterr().out
        assert "✗ subscription late@example.com to alerts" in said
        assert "since less than a minute; AWS forgets it in 47 h" in said
        assert ".venv/bin/python -m wizard check --resend late@example.com" in said
        assert run(world, monkeypatch, stack=STACK, resend="late@example.com") == Exit.OK
        assert "to late@example.com again" in capsys.readouterr().out
        assert run(world, monkeypatch, stack=STACK, resend=MAIL) == Exit.NO_ANSWER
        assert "security@example.com is not pending" in capsys.readouterr().err
    finally:
        world.client.confirm("late@example.com")
        found = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        (late,) = [each for each in found if each["Endpoint"] == "late@example.com"]
        sns.unsubscribe(SubscriptionArn=late["SubscriptionArn"])


# -- rights


def user_with(world: World, name: str, policy: dict[str, Any]) -> dict[str, str]:
    iam = world.aws("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="check", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def actions_of(policy: dict[str, Any]) -> list[str]:
    return [action for statement in policy["Statement"] for action in statement["Action"]]


ELSEWHERE = frozenset({"ec2:DescribeRegions", "organizations:ListAWSServiceAccessForOrganization"})
"""What is asked without `--stack`, and of the trail of an organization."""


def test_the_ready_policy_is_exactly_what_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has it sees everything; and nothing in it is superfluous."""
    ready = json.loads(POLICY.read_text())
    iam = world.aws("iam")
    managed = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}}
    policy = iam.create_policy(PolicyName="extra", PolicyDocument=json.dumps(managed))["Policy"]["Arn"]
    role = world.aws("lambda").get_function_configuration(FunctionName=world.outputs["guardianFunctionName"])["Role"]
    iam.attach_role_policy(RoleName=role.rpartition("/")[2], PolicyArn=policy)
    for name, value in user_with(world, "auditor", ready).items():
        monkeypatch.setenv(name, value)
    sessions: list[account.Session] = []
    make = account.session

    def remembered(**options: Any) -> account.Session:
        sessions.append(make(**options))
        return sessions[-1]

    monkeypatch.setattr(account, "session", remembered)
    undo = disable_rule(world)  # who did it is only asked about what is wrong
    try:
        assert run(world, monkeypatch, shared=False, stack=STACK, output="json") == Exit.FOUND
    finally:
        undo()
        iam.detach_role_policy(RoleName=role.rpartition("/")[2], PolicyArn=policy)
    lines = json.loads(capsys.readouterr().out)["lines"]
    assert [line for line in lines if line["state"] == "unknown"] == []
    assert [line["check"] for line in lines if line["state"] == "fails"] == ["rule.enabled"]
    asked = sessions[0].asked - {"sts:GetCallerIdentity"} | ELSEWHERE
    assert sorted(actions_of(ready)) == sorted(asked)


def test_one_missing_right_is_one_unknown_line_that_names_it(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ready = json.loads(POLICY.read_text())
    for statement in ready["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != "dynamodb:DescribeTable"]
    ready["Statement"] = [each for each in ready["Statement"] if each["Action"]]
    for name, value in user_with(world, "half-blind", ready).items():
        monkeypatch.setenv(name, value)
    assert run(world, monkeypatch, shared=False, stack=STACK) == Exit.NO_ANSWER
    said = capsys.readouterr().out
    assert "0 do not · 1 could not be looked at" in said
    assert "dynamodb:DescribeTable denied for user half-blind" in said
    assert "docs/policies/check.json" in said


def test_who_may_nothing_is_told_so_and_learns_nothing_false(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}
    for name, value in user_with(world, "blind", nothing).items():
        monkeypatch.setenv(name, value)
    assert run(world, monkeypatch, shared=False, stack=STACK, output="json") == Exit.NO_ANSWER
    told = json.loads(capsys.readouterr().out)
    assert {line["state"] for line in told["lines"]} == {"unknown"}


# -- input and output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"output": "yaml"}, "--format yaml: not one of text, json, junit, markdown, sarif"),
        ({"regions": ["eu-west-1"], "all_regions": True}, "exclude each other"),
        ({"regions": ["eu-west-1", "mars-1"]}, '--region: "mars-1" is not an AWS region'),
        ({"stack": "nope"}, "Pulumi.nope.yaml"),
        ({"profile": "nobody"}, "aws configure list-profiles"),
    ],
)
def test_bad_input(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: dict[str, Any],
    said: str,
) -> None:
    assert run(world, monkeypatch, **options) == Exit.NO_ANSWER
    told = capsys.readouterr()
    assert (told.out, said in told.err) == ("", True)


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(access=Access(endpoint_url="http://127.0.0.1:1")) == Exit.NO_ANSWER
    assert "cannot look: sts:GetCallerIdentity" in capsys.readouterr().err


def test_the_formats_say_the_same(fresh: Survey, settings: Settings) -> None:
    stopped = next(each for each in BREAKAGES if each.name == "stopped")
    done = judged(replace(stopped.change(fresh), tables=dict.fromkeys(fresh.tables, BLIND)), settings)
    tally = document.counts(done.lines)
    assert (tally["fails"], tally["unknown"]) == (2, 1)
    assert document.as_json(done)["counts"] == tally

    suites = ET.fromstring(document.as_junit(done))
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == (str(len(done.lines)), "2", "1")
    assert {each.get("type") for each in suites.iter("failure")} == {"trail.logging", "state.trail"}
    assert [each.get("type") for each in suites.iter("error")] == ["ledger.reachable"]

    (sarif,) = document.as_sarif(done, file="Pulumi.prod.yaml")["runs"]
    assert sorted((each["ruleId"], each["level"]) for each in sarif["results"]) == [
        ("ledger.reachable", "warning"),
        ("state.trail", "error"),
        ("trail.logging", "error"),
    ]
    rules = [each["id"] for each in sarif["tool"]["driver"]["rules"]]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in sarif["results"])

    markdown = document.as_markdown(done)
    assert markdown.count("\n| ✗ |") == 2
    assert markdown.count("\n| ? |") == 1
    assert "| Security Hub ids | 0 of 14 | - | - |" in markdown


def test_names_of_others_cannot_write_to_the_terminal_or_the_table(fresh: Survey, settings: Settings) -> None:
    evil = "x\x1b[31m|`<b>"
    change = next(each for each in BREAKAGES if each.name == "a stranger subscribed").change
    survey = change(fresh)
    topics = {
        arn: Found(
            replace(
                told.value,
                subscriptions=Found(tuple(replace(each, endpoint=evil) for each in told.value.subscriptions.value)),
            )
        )
        if isinstance(told, Found) and isinstance(told.value.subscriptions, Found)
        else told
        for arn, told in survey.topics.items()
    }
    markdown = document.as_markdown(judged(replace(survey, topics=topics), settings))
    row = next(line for line in markdown.splitlines() if "subscribed are not the people" in line)
    assert "\\|" in row
    assert "<b>" not in row
    assert "`" not in row


def test_a_blind_answer_reads_as_a_sentence() -> None:
    assert isinstance(BLIND, CouldNotLook)
    assert str(BLIND) == "kms:GetKeyPolicy denied for role auditor"
