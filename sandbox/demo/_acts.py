"""What mallory does, and what must be seen after it. Each act is data; `_story` plays it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from ._observer import Expectation, Observer
from ._people import Person

ADDRESS = "203.0.113.77"  # mallory's; both addresses are reserved for documentation (RFC 5737)
OTHER_ADDRESS = "198.51.100.23"  # the one that answers.yaml watches
SOURCE_IP_WATCH = "unknown-host"
CALLS, THRESHOLD = 33, 30
RESTORED = "stop.restored"  # the step whose time is the document's `restore_ms`
IAM_REGION = "us-east-1"


@dataclass(frozen=True)
class Act:
    """One thing mallory does.

    `quiet` are the watches whose alarms must not be in ALARM before it; `do` makes the calls and tells of them in
    words; `expect` must be seen after it.
    """

    name: str
    title: str
    do: Callable[[], str]
    quiet: tuple[str, ...]
    expect: tuple[Expectation, ...]
    note: str = ""


def acts(*, mallory: Person, observer: Observer, region: str, trail_arn: str) -> tuple[Act, ...]:
    """The story, in order. The deletion comes last: nothing brings a deleted trail back."""
    trail_name = trail_arn.rpartition("/")[2]
    return (
        _stop(mallory, observer, region=region, trail_name=trail_name),
        _open_policy(mallory, observer),
        _many_calls(mallory, observer, region=region),
        _delete(mallory, observer, region=region, trail_arn=trail_arn),
    )


def _stop(mallory: Person, observer: Observer, *, region: str, trail_name: str) -> Act:
    cloudtrail = mallory.aws("cloudtrail", region=region, source_ip=ADDRESS)

    def do() -> str:
        cloudtrail.stop_logging(Name=trail_name)
        return f"StopLogging on {trail_name}, from {ADDRESS}"

    return Act(
        name="stop",
        title="mallory stops the trail",
        do=do,
        quiet=("trail-changes",),
        expect=(
            observer.trail_is_back(RESTORED),
            observer.mail(
                "stop.guardian-mail",
                "mail of the guardian",
                subject=("[critical]", "stopped by mallory", "running again"),
                body=("StopLogging", ADDRESS, trail_name),
            ),
            observer.alarm("stop.alarm", "trail-changes"),
        ),
        note="Two ways lead to people, the event rule and the alarm, as either may fail; the stop is mailed once.",
    )


def _open_policy(mallory: Person, observer: Observer) -> Act:
    iam = mallory.aws("iam", region=IAM_REGION, source_ip=ADDRESS)
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    everything = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def do() -> str:
        iam.put_user_policy(UserName="mallory", PolicyName="work", PolicyDocument=everything)
        return "PutUserPolicy: mallory may now do everything"

    return Act(
        name="policy",
        title="mallory opens an IAM policy",
        do=do,
        quiet=("iam-policy-changes",),
        expect=(
            observer.alarm("policy.alarm", "iam-policy-changes"),
            observer.mail(
                "policy.alarm-mail",
                "mail that explains the alarm",
                subject=("[high]", "PutUserPolicy by mallory", IAM_REGION),
                body=("PutUserPolicy", ADDRESS, "mallory (IAM user"),
            ),
        ),
        note=f"IAM records this in {IAM_REGION}; the trail sees all regions, so one set of filters at home is enough.",
    )


def _many_calls(mallory: Person, observer: Observer, *, region: str) -> Act:
    looks = (
        mallory.aws("s3", region=region, source_ip=OTHER_ADDRESS).list_buckets,
        mallory.aws("cloudtrail", region=region, source_ip=OTHER_ADDRESS).describe_trails,
        mallory.aws("sts", region=region, source_ip=OTHER_ADDRESS).get_caller_identity,
    )

    def do() -> str:
        for number in range(CALLS):
            looks[number % len(looks)]()
        return f"{CALLS} calls from {OTHER_ADDRESS}"

    return Act(
        name="calls",
        title=f"mallory looks around: {CALLS} calls from one address, and {THRESHOLD} are too many",
        do=do,
        quiet=(SOURCE_IP_WATCH,),
        expect=(
            observer.alarm("calls.alarm", SOURCE_IP_WATCH),
            observer.mail(
                "calls.alarm-mail",
                "mail that explains the alarm",
                subject=(f"calls from {OTHER_ADDRESS}", f"threshold {THRESHOLD}"),
                body=("ListBuckets", "DescribeTrails", "mallory"),
            ),
        ),
    )


def _delete(mallory: Person, observer: Observer, *, region: str, trail_arn: str) -> Act:
    cloudtrail = mallory.aws("cloudtrail", region=region, source_ip=ADDRESS)

    def do() -> str:
        cloudtrail.delete_trail(Name=trail_arn)
        return "DeleteTrail, by ARN: AWS does it"

    return Act(
        name="delete",
        title="mallory deletes the trail",
        do=do,
        quiet=(),
        expect=(
            observer.trail_is_gone("delete.gone"),
            observer.mail(
                "delete.guardian-mail",
                "mail of the guardian",
                subject=("[critical]", "deleted by mallory"),
                body=("DeleteTrail", ADDRESS),
            ),
        ),
        note="The guardian cannot bring a deleted trail back, and says so; `pulumi up` can.",
    )
