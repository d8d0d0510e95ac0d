"""Attacks on the guardian."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ._functions import idle_code, own_code
from ._range import ACCOUNT, Range
from ._row import ALARM, SWEEP, Row


def _rule(at: Range) -> str:
    return at.environment()["RULE_ARN"].rpartition("/")[2]


def _disable_rule_and_stop(at: Range) -> None:
    at.mallory("events").disable_rule(Name=_rule(at))
    at.mallory("cloudtrail").stop_logging(Name=at.trail_name)


def _is_heard(at: Range) -> bool:
    return at.aws("events").describe_rule(Name=_rule(at))["State"] == "ENABLED"


def _remove_target(at: Range) -> None:
    events = at.mallory("events")
    at.kept["targets"] = events.list_targets_by_rule(Rule=_rule(at))["Targets"]
    events.remove_targets(Rule=_rule(at), Ids=[each["Id"] for each in at.kept["targets"]])


def _has_target(at: Range) -> bool:
    return at.aws("events").list_targets_by_rule(Rule=_rule(at))["Targets"] == at.kept["targets"]


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
    idle_code(at, at.function, module="guardian")


def _own_code(at: Range) -> None:
    own_code(at, at.function)


def _weaken_desired_state(at: Range) -> None:
    name = at.environment()["DESIRED_STATE_ARN"].partition(":parameter/")[2]
    text = at.aws("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    document = json.loads(text)
    document["trail"]["IsMultiRegionTrail"] = False
    at.kept["parameter"] = {"Name": name, "Value": text}
    at.mallory("ssm").put_parameter(Name=name, Value=json.dumps(document), Overwrite=True)


def _mend_desired_state(at: Range) -> None:
    at.aws("ssm").put_parameter(**at.kept["parameter"], Overwrite=True)


def _delete_desired_state(at: Range) -> None:
    """By the call that deletes several, among others' parameters."""
    name = at.environment()["DESIRED_STATE_ARN"].partition(":parameter/")[2]
    at.kept["parameter"] = {
        "Name": name,
        "Value": at.aws("ssm").get_parameter(Name=name)["Parameter"]["Value"],
        "Type": "String",
    }
    at.mallory("ssm").delete_parameters(Names=["/shop/prices", name])


def _forget_failures(at: Range) -> None:
    """What the guardian cannot do at once it does not try again, and after a minute nobody knows of it."""
    at.kept["failing"] = at.aws("lambda").get_function_event_invoke_config(FunctionName=at.function)
    at.mallory("lambda").update_function_event_invoke_config(
        FunctionName=at.function, MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60
    )


def _remember_failures(at: Range) -> None:
    same = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")
    was = {key: at.kept["failing"][key] for key in same}
    at.aws("lambda").update_function_event_invoke_config(FunctionName=at.function, **was)


def _throw_away_dead_letters(at: Range) -> None:
    """A minute, and then a purge: what was lost is lost for good."""
    sqs = at.mallory("sqs")
    (url,) = sqs.list_queues(QueueNamePrefix="guardian-dead-letters")["QueueUrls"]
    at.kept["queue"] = url
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"})
    sqs.purge_queue(QueueUrl=url)


def _keep_dead_letters(at: Range) -> None:
    fortnight = {"MessageRetentionPeriod": "1209600"}
    at.aws("sqs").set_queue_attributes(QueueUrl=at.kept["queue"], Attributes=fortnight)


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


def rows() -> Iterator[Row]:
    """Attacks on rule, schedule, function, role and desired state."""
    yield from _of_what_it_hears_and_restores()
    yield from _of_what_it_leaves()
    yield from _of_what_it_is()


def _of_what_it_hears_and_restores() -> Iterator[Row]:
    yield Row(
        name="rule-disabled",
        title="event rule disabled, then StopLogging",
        attack=_disable_rule_and_stop,
        told=("[critical] Event rule guardian-", " put back: switched off"),
        trigger=SWEEP,
        by_sweep=True,
        is_repaired=True,
        is_mended=_is_heard,
    )
    yield Row(
        name="target-removed",
        title="event rule's target removed",
        attack=_remove_target,
        told=("[critical] Event rule guardian-", " put back: target"),
        trigger=SWEEP,
        by_sweep=True,
        is_mended=_has_target,
    )
    yield Row(
        name="desired-state-weakened",
        title="desired state weakened: a trail of one region",
        attack=_weaken_desired_state,
        told=("[critical] Desired state refused",),
        trigger=ALARM,  # self-state hears the call, and its alarm wakes the guardian before the sweep comes
        is_repaired=True,
        undo=_mend_desired_state,
    )
    yield Row(
        name="desired-state-deleted",
        title="desired state deleted, among other parameters",
        attack=_delete_desired_state,
        told=("[critical] Desired state ", "ParameterNotFound"),
        trigger=ALARM,  # self-state hears this call too
        is_repaired=True,
        undo=_mend_desired_state,
    )


def _of_what_it_leaves() -> Iterator[Row]:
    yield Row(
        name="failures-forgotten",
        title="guardian's failed calls neither tried again nor kept for more than a minute",
        attack=_forget_failures,
        told=("[critical] Function guardian-", " changed: age 60, not 21600"),
        trigger=SWEEP,
        by_sweep=True,
        undo=_remember_failures,
    )
    yield Row(
        name="dead-letters-thrown-away",
        title="guardian's dead letters purged, and kept for a minute only",
        attack=_throw_away_dead_letters,
        told=("[critical] Queue guardian-dead-letters", " changed: retention 60"),
        trigger=SWEEP,
        by_sweep=True,
        undo=_keep_dead_letters,
    )


def _of_what_it_is() -> Iterator[Row]:
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
    for name, title, attack, undo, heard_by in (
        ("schedule-deleted", "schedule deleted", _delete_schedule, _make_schedule, "self-state"),
        ("no-concurrency", "guardian's concurrency 0", _no_concurrency, _any_concurrency, "self-functions"),
        ("code-changed", "guardian's code replaced", _idle_code, _own_code, "self-functions"),
    ):
        yield Row(
            name=name, title=title, attack=attack, told=('ALARM: "', f"watch-{heard_by}"), trigger=ALARM, undo=undo
        )
