"""Every attack of the table: how it is made, what must come of it, and how it is cleared away again.

A row without an answer says why, and the test of the table fails as soon as it has one.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.deploy.environment import ROOT

from ._range import ACCOUNT, Range

EVENT, ALARM, SWEEP = "event rule", "alarm", "sweep"
Deed = Callable[[Range], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One attack.

    `told` are parts of the subject of the mail that must come, by the `trigger`. `is_repaired`: the trail must be as
    before afterwards, without anybody's help. `by_sweep`: five minutes pass before. `undo` clears away what is not
    repaired. `unanswered` says why nothing comes of it yet; such a row has no `told`.
    """

    name: str
    title: str
    attack: Deed
    told: tuple[str, ...] = ()
    trigger: str = EVENT
    is_repaired: bool = False
    by_sweep: bool = False
    undo: Deed | None = None
    unanswered: str = ""


# -- the trail itself


def _stop(region: str = "", *, by_arn: bool = False) -> Deed:
    def attack(at: Range) -> None:
        at.mallory("cloudtrail", region=region).stop_logging(Name=at.trail_arn if by_arn else at.trail_name)

    return attack


def _stop_elsewhere(at: Range) -> None:
    trails = at.mallory("cloudtrail", region="us-east-1")
    try:
        trails.stop_logging(Name=at.trail_arn)
    except trails.exceptions.InvalidHomeRegionException:
        return
    raise AssertionError("AWS refuses to stop a trail anywhere but in its home region")


def _stop_in_a_loop(at: Range) -> None:
    for _ in range(7):
        at.mallory("cloudtrail").stop_logging(Name=at.trail_name)
        at.pass_time(6)  # a stop within five seconds of another is one with it


def _update(**changes: Any) -> Deed:
    def attack(at: Range) -> None:
        at.mallory("cloudtrail").update_trail(Name=at.trail_arn, **changes)

    return attack


def _other_bucket(at: Range) -> None:
    """A bucket of the attacker's, with all that CloudTrail asks of one."""
    s3 = at.mallory("s3")
    s3.create_bucket(Bucket="mallorys", CreateBucketConfiguration={"LocationConstraint": at.region})
    who = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    read = {**who, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::mallorys"}
    write = {**who, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::mallorys/*"}
    s3.put_bucket_policy(Bucket="mallorys", Policy=json.dumps({"Version": "2012-10-17", "Statement": [read, write]}))
    at.mallory("cloudtrail").update_trail(Name=at.trail_arn, S3BucketName="mallorys")


def _select(**selectors: Any) -> Deed:
    def attack(at: Range) -> None:
        at.mallory("cloudtrail").put_event_selectors(TrailName=at.trail_arn, **selectors)

    return attack


def _basic(**changes: Any) -> Deed:
    return _select(EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True} | changes])


_EXCLUDING = [
    {
        "Name": "all but IAM",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Management"]},
            {"Field": "eventSource", "NotEquals": ["iam.amazonaws.com"]},
        ],
    }
]


def _delete_trail(at: Range) -> None:
    at.kept["trail"] = at.trail()
    at.mallory("cloudtrail").delete_trail(Name=at.trail_name)


def _make_trail(at: Range) -> None:
    """What `pulumi up` does once it is refreshed."""
    was = at.kept["trail"]
    same = ("Name", "S3BucketName", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "KmsKeyId")
    trails = at.aws("cloudtrail")
    trails.create_trail(
        **{key: was[key] for key in same},
        EnableLogFileValidation=True,
        CloudWatchLogsLogGroupArn=was["CloudWatchLogsLogGroupArn"],
        CloudWatchLogsRoleArn=was["CloudWatchLogsRoleArn"],
    )
    trails.start_logging(Name=was["Name"])


def _not_an_organization(at: Range) -> None:
    at.aws("cloudtrail").update_trail(Name=at.trail_arn, IsOrganizationTrail=False)


# -- what the trail depends on


def _delete_log_group(at: Range) -> None:
    found = at.aws("logs").describe_log_groups(logGroupNamePrefix=at.group)["logGroups"][0]
    at.kept["group"] = found
    at.kept["filters"] = at.aws("logs").describe_metric_filters(logGroupName=at.group)["metricFilters"]
    at.mallory("logs").delete_log_group(logGroupName=at.group)


def _make_log_group(at: Range) -> None:
    logs = at.aws("logs")
    logs.create_log_group(logGroupName=at.group, kmsKeyId=at.kept["group"]["kmsKeyId"])
    logs.put_retention_policy(logGroupName=at.group, retentionInDays=at.kept["group"]["retentionInDays"])
    for one in at.kept["filters"]:
        same = ("filterName", "filterPattern", "metricTransformations")
        logs.put_metric_filter(logGroupName=at.group, **{key: one[key] for key in same})


def _gut_delivery_role(at: Range) -> None:
    role, iam = at.role("delivery"), at.mallory("iam", region="us-east-1")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    at.kept["policy"] = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    at.kept["name"] = name
    iam.delete_role_policy(RoleName=role, PolicyName=name)


def _fill_delivery_role(at: Range) -> None:
    document = json.dumps(at.kept["policy"])
    at.aws("iam").put_role_policy(RoleName=at.role("delivery"), PolicyName=at.kept["name"], PolicyDocument=document)


def _deny(document: str, action: str, resource: str) -> str:
    """A policy with a Deny for CloudTrail added."""
    policy = json.loads(document)
    who = {"Service": "cloudtrail.amazonaws.com"}
    policy["Statement"].append({"Effect": "Deny", "Principal": who, "Action": action, "Resource": resource})
    return json.dumps(policy)


def _deny_in_bucket(at: Range) -> None:
    at.kept["policy"] = at.mallory("s3").get_bucket_policy(Bucket=at.bucket)["Policy"]
    denied = _deny(at.kept["policy"], "s3:PutObject", f"arn:aws:s3:::{at.bucket}/*")
    at.mallory("s3").put_bucket_policy(Bucket=at.bucket, Policy=denied)


def _allow_in_bucket(at: Range) -> None:
    at.aws("s3").put_bucket_policy(Bucket=at.bucket, Policy=at.kept["policy"])


def _deny_in_key(at: Range) -> None:
    kms, key = at.mallory("kms"), at.trail()["KmsKeyId"]
    at.kept["policy"] = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_deny(at.kept["policy"], "kms:GenerateDataKey*", "*"))


def _allow_in_key(at: Range) -> None:
    at.aws("kms").put_key_policy(KeyId=at.trail()["KmsKeyId"], PolicyName="default", Policy=at.kept["policy"])


def _disable_key(at: Range) -> None:
    at.mallory("kms").disable_key(KeyId=at.trail()["KmsKeyId"])


def _enable_key(at: Range) -> None:
    at.aws("kms").enable_key(KeyId=at.trail()["KmsKeyId"])


def _cut_retention(at: Range) -> None:
    found = at.aws("logs").describe_log_groups(logGroupNamePrefix=at.group)["logGroups"][0]
    at.kept["days"] = found["retentionInDays"]
    at.mallory("logs").put_retention_policy(logGroupName=at.group, retentionInDays=1)


def _uncut_retention(at: Range) -> None:
    at.aws("logs").put_retention_policy(logGroupName=at.group, retentionInDays=at.kept["days"])


def _edit_filter(at: Range) -> None:
    logs = at.mallory("logs")
    one = logs.describe_metric_filters(logGroupName=at.group)["metricFilters"][0]
    at.kept["filter"] = {key: one[key] for key in ("filterName", "filterPattern", "metricTransformations")}
    logs.put_metric_filter(logGroupName=at.group, **at.kept["filter"] | {"filterPattern": '{ $.eventName = "No" }'})


def _mend_filter(at: Range) -> None:
    at.aws("logs").put_metric_filter(logGroupName=at.group, **at.kept["filter"])


def _mute_alarm(at: Range) -> None:
    at.mallory("cloudwatch").disable_alarm_actions(AlarmNames=[at.outputs["alarmNames"]["trail-changes"]])


def _unmute_alarm(at: Range) -> None:
    at.aws("cloudwatch").enable_alarm_actions(AlarmNames=[at.outputs["alarmNames"]["trail-changes"]])


# -- the guardian


def _rule(at: Range) -> str:
    return at.environment()["RULE_ARN"].rpartition("/")[2]


def _disable_rule_and_stop(at: Range) -> None:
    at.mallory("events").disable_rule(Name=_rule(at))
    at.mallory("cloudtrail").stop_logging(Name=at.trail_name)


def _enable_rule(at: Range) -> None:
    at.aws("events").enable_rule(Name=_rule(at))


def _delete_schedule(at: Range) -> None:
    scheduler = at.mallory("scheduler")
    (one,) = scheduler.list_schedules()["Schedules"]
    same = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target", "State", "Description")
    whole = scheduler.get_schedule(Name=one["Name"])
    at.kept["schedule"] = {key: whole[key] for key in same}
    scheduler.delete_schedule(Name=one["Name"])


def _make_schedule(at: Range) -> None:
    at.aws("scheduler").create_schedule(**at.kept["schedule"])


def _no_concurrency(at: Range) -> None:
    at.mallory("lambda").put_function_concurrency(FunctionName=at.function, ReservedConcurrentExecutions=0)


def _any_concurrency(at: Range) -> None:
    at.aws("lambda").delete_function_concurrency(FunctionName=at.function)


def _no_concurrency_and_stop(at: Range) -> None:
    _no_concurrency(at)
    at.mallory("cloudtrail").stop_logging(Name=at.trail_name)


def _any_concurrency_and_start(at: Range) -> None:
    _any_concurrency(at)
    at.aws("cloudtrail").start_logging(Name=at.trail_name)


def _lame_environment_and_stop(at: Range) -> None:
    at.kept["environment"] = at.environment()
    variables = {"Variables": at.kept["environment"] | {"MODE": "notify"}}
    at.mallory("lambda").update_function_configuration(FunctionName=at.function, Environment=variables)
    at.mallory("cloudtrail").stop_logging(Name=at.trail_name)


def _mend_environment(at: Range) -> None:
    variables = {"Variables": at.kept["environment"]}
    at.aws("lambda").update_function_configuration(FunctionName=at.function, Environment=variables)


def _idle_code(at: Range) -> None:
    """Code that answers and does nothing, under the guardian's handler name."""
    idle = {"guardian/__init__.py": "", "guardian/handler.py": "def handle(event, context):\n    return {}\n"}
    at.mallory("lambda").update_function_code(FunctionName=at.function, ZipFile=_zipped(idle))


def _own_code(at: Range) -> None:
    """The archive is not to be had from the sandbox: its link is one of the emulator's own, which are closed."""
    rooms = ROOT / "lambda"
    sources = {str(path.relative_to(rooms)): path.read_text(encoding="utf-8") for path in rooms.rglob("*.py")}
    at.aws("lambda").update_function_code(FunctionName=at.function, ZipFile=_zipped(sources))


def _zipped(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def _weaken_desired_state(at: Range) -> None:
    name = at.environment()["DESIRED_STATE_ARN"].partition(":parameter/")[2]
    text = at.aws("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    document = json.loads(text)
    document["trail"]["IsMultiRegionTrail"] = False
    at.kept["parameter"] = {"Name": name, "Value": text}
    at.mallory("ssm").put_parameter(Name=name, Value=json.dumps(document), Overwrite=True)


def _mend_desired_state(at: Range) -> None:
    at.aws("ssm").put_parameter(**at.kept["parameter"], Overwrite=True)


def _break_topic_policy(at: Range) -> None:
    topic = at.outputs["alertsTopicArn"]
    at.kept["policy"] = at.aws("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    policy = json.loads(at.kept["policy"])
    policy["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": topic})
    at.mallory("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))


def _mend_topic_policy(at: Range) -> None:
    topic = at.outputs["alertsTopicArn"]
    at.aws("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=at.kept["policy"])


def _unsubscribe(at: Range) -> None:
    found = at.sandbox.subscriptions()
    people = [one for one in found if one["protocol"] == "email" and one["topic"] == at.outputs["alertsTopicArn"]]
    at.kept["address"] = people[0]["endpoint"]
    for one in people:
        at.mallory("sns").unsubscribe(SubscriptionArn=one["arn"])


def _subscribe(at: Range) -> None:
    topic = at.outputs["alertsTopicArn"]
    at.aws("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint=at.kept["address"])
    at.sandbox.confirm(None)


def _take_guardians_role(at: Range) -> None:
    """Open the role's trust, take it, and do with it what the guardian may do: point the trail elsewhere."""
    role, iam = at.role("guardian"), at.mallory("iam", region="us-east-1")
    at.kept["trust"] = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    open_to_all = json.loads(json.dumps(at.kept["trust"]))
    open_to_all["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    )
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(open_to_all))
    keys = at.mallory("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="mallory")
    taken = keys["Credentials"]
    trails = at.aws(
        "cloudtrail", key=taken["AccessKeyId"], secret=taken["SecretAccessKey"], token=taken["SessionToken"]
    )
    trails.update_trail(Name=at.trail_arn, IsMultiRegionTrail=False)


def _close_guardians_role(at: Range) -> None:
    trust = json.dumps(at.kept["trust"])
    at.aws("iam").update_assume_role_policy(RoleName=at.role("guardian"), PolicyDocument=trust)


_NOT_DEPLOYED = "the self-protection sets, which watch our own names, are not deployed yet"
_NOT_COMPARED = "the sweep does not compare it with what was deployed yet"
_NO_HEALTH = "there is no health alarm and no last-resort topic yet"
_PUT_BACK = ("[critical] Trail changed by mallory, put back after ",)


def _rows() -> Iterator[Row]:
    stopped = {"told": ("[critical] Trail stopped by mallory, running again",), "is_repaired": True}
    changed = {"told": _PUT_BACK, "is_repaired": True}
    yield Row(name="stop-by-name", title="StopLogging by name", attack=_stop(), **stopped)
    yield Row(name="stop-by-arn", title="StopLogging by ARN", attack=_stop(by_arn=True), **stopped)
    yield Row(
        name="stop-elsewhere",
        title="StopLogging from the wrong region, which AWS refuses",
        attack=_stop_elsewhere,
        told=('ALARM: "', "watch-trail-changes"),
        trigger=ALARM,
        is_repaired=True,
    )
    yield Row(
        name="stop-in-a-loop",
        title="StopLogging in a loop, seven times",
        attack=_stop_in_a_loop,
        told=("[critical] ", "repairs within 15 min", "somebody keeps at it"),
        is_repaired=True,
    )
    for name, title, attack in (
        ("one-region", "UpdateTrail: single region", _update(IsMultiRegionTrail=False)),
        (
            "no-global-events",
            "UpdateTrail: no global events (AWS allows it in a single region only)",
            _update(IsMultiRegionTrail=False, IncludeGlobalServiceEvents=False),
        ),
        (
            "no-log-group",
            "UpdateTrail: log group removed",
            _update(CloudWatchLogsLogGroupArn="", CloudWatchLogsRoleArn=""),
        ),
        ("other-bucket", "UpdateTrail: bucket changed to one of the attacker's", _other_bucket),
        ("no-key", "UpdateTrail: key removed", _update(KmsKeyId="")),
        ("no-validation", "UpdateTrail: log file validation off", _update(EnableLogFileValidation=False)),
        ("no-management-events", "PutEventSelectors: management events off", _basic(IncludeManagementEvents=False)),
        ("read-only", "PutEventSelectors: read-only", _basic(ReadWriteType="ReadOnly")),
        (
            "advanced-selectors",
            "PutEventSelectors: advanced selectors that leave IAM out",
            _select(AdvancedEventSelectors=_EXCLUDING),
        ),
    ):
        yield Row(name=name, title=title, attack=attack, **changed)
    yield Row(
        name="organization-flag",
        title="UpdateTrail: organization flag (on; the sandbox has no organization whose flag could go off)",
        attack=_update(IsOrganizationTrail=True),
        told=("it records more than is wanted",),
        undo=_not_an_organization,
    )
    yield from _dependencies()
    yield from _guardian()
    yield Row(  # last: with a trail made anew the clock of everything begins again
        name="delete-trail",
        title="DeleteTrail",
        attack=_delete_trail,
        told=("[critical] Trail deleted by mallory, NOT LOGGING",),
        undo=_make_trail,
    )


def _dependencies() -> Iterator[Row]:
    yield Row(
        name="log-group-deleted",
        title="log group deleted",
        attack=_delete_log_group,
        told=("[critical] Delivery to the log group fails",),
        trigger=SWEEP,
        by_sweep=True,
        undo=_make_log_group,
    )
    yield Row(
        name="delivery-role-gutted",
        title="delivery role gutted",
        attack=_gut_delivery_role,
        told=("[critical] Delivery to the log group fails",),
        trigger=SWEEP,
        by_sweep=True,
        undo=_fill_delivery_role,
    )
    for name, title, attack, undo in (
        ("deny-in-bucket-policy", "Deny in the bucket's policy", _deny_in_bucket, _allow_in_bucket),
        ("deny-in-key-policy", "Deny in the key's policy", _deny_in_key, _allow_in_key),
        ("key-disabled", "key disabled", _disable_key, _enable_key),
    ):
        yield Row(
            name=name,
            title=title,
            attack=attack,
            told=("[critical] Delivery to the bucket fails",),
            trigger=SWEEP,
            by_sweep=True,
            undo=undo,
        )
    for name, title, attack, undo, why in (
        ("retention-cut", "log group's retention cut to a day", _cut_retention, _uncut_retention, _NOT_COMPARED),
        ("filter-edited", "metric filter edited", _edit_filter, _mend_filter, f"{_NOT_COMPARED}; {_NOT_DEPLOYED}"),
        ("alarm-muted", "alarm muted", _mute_alarm, _unmute_alarm, f"{_NOT_COMPARED}; {_NOT_DEPLOYED}"),
    ):
        yield Row(name=name, title=title, attack=attack, by_sweep=True, undo=undo, unanswered=why)


def _guardian() -> Iterator[Row]:
    yield Row(
        name="rule-disabled",
        title="event rule disabled, then StopLogging",
        attack=_disable_rule_and_stop,
        told=("[critical] The guardian's event rule is disabled",),
        trigger=SWEEP,
        by_sweep=True,
        is_repaired=True,
        undo=_enable_rule,
    )
    yield Row(
        name="desired-state-weakened",
        title="desired state weakened: a trail of one region",
        attack=_weaken_desired_state,
        told=("[critical] Desired state refused",),
        trigger=SWEEP,
        by_sweep=True,
        is_repaired=True,
        undo=_mend_desired_state,
    )
    yield Row(
        name="guardians-role-taken",
        title="the guardian's own role used by somebody else",
        attack=_take_guardians_role,
        told=("[critical] Trail changed by ", "put back after "),
        is_repaired=True,
        undo=_close_guardians_role,
    )
    yield Row(
        name="no-concurrency-and-stop",
        title="guardian's concurrency 0, then StopLogging",
        attack=_no_concurrency_and_stop,
        told=('ALARM: "', "watch-trail-changes"),
        trigger=ALARM,
        undo=_any_concurrency_and_start,
    )
    yield Row(
        name="environment-changed-and-stop",
        title="guardian's environment changed so that it only tells, then StopLogging",
        attack=_lame_environment_and_stop,
        told=("[critical] Trail stopped by mallory and NOT LOGGING (notify only)",),
        undo=_mend_environment,
    )
    for name, title, attack, undo, why in (
        (
            "schedule-deleted",
            "schedule deleted",
            _delete_schedule,
            _make_schedule,
            f"the sweep cannot tell of its own end: {_NO_HEALTH}; {_NOT_DEPLOYED}",
        ),
        (
            "no-concurrency",
            "guardian's concurrency 0",
            _no_concurrency,
            _any_concurrency,
            f"its events go to the dead-letter queue, which nobody watches: {_NO_HEALTH}",
        ),
        ("code-changed", "guardian's code replaced", _idle_code, _own_code, f"{_NOT_DEPLOYED}; {_NO_HEALTH}"),
        (
            "topic-policy-broken",
            "alerts topic's policy broken: nobody may publish",
            _break_topic_policy,
            _mend_topic_policy,
            f"{_NOT_COMPARED}, and {_NO_HEALTH}",
        ),
        (
            "subscription-removed",
            "people's subscription removed",
            _unsubscribe,
            _subscribe,
            f"{_NOT_COMPARED}, and {_NO_HEALTH}",
        ),
    ):
        yield Row(name=name, title=title, attack=attack, by_sweep=True, undo=undo, unanswered=why)


ROWS: tuple[Row, ...] = tuple(_rows())
NOT_SHOWN: dict[str, str] = {
    "throttling-flood": "the sandbox has no quotas; the guardian's waiting is tested against refusals of every kind",
}
"""Attacks of the table that cannot be played here, and where else they are proven."""
