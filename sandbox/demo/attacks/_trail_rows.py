"""Attacks on the trail itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from ._range import Range
from ._row import ALARM, Deed, Row

_FLOOD_S = 60.0  # longer than the half minute after which the guardian tells what it has not repaired yet
_MOST_CALLS = 50
_PUT_BACK = ("[critical] Trail changed by mallory, put back after ",)


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


def _flood(at: Range) -> None:
    """Stop the trail and make such calls without end: AWS takes one a second, and nobody else gets it."""
    at.flood(_FLOOD_S)
    trails = at.mallory("cloudtrail")
    for _ in range(_MOST_CALLS):
        try:
            trails.stop_logging(Name=at.trail_name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ThrottlingException":
                raise
            return
    raise AssertionError("AWS takes one such call a second")


def _no_flood(at: Range) -> None:
    at.sandbox.set_quotas(on=False)


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


_FILES = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]  # a selector has to select something
_EXCLUDING = [
    {
        "Name": "all but IAM",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Management"]},
            {"Field": "eventSource", "NotEquals": ["iam.amazonaws.com"]},
        ],
    }
]


def _insights_on_data_alone(at: Range) -> None:
    """Still switched on, and of the same kind; but data events do not tell who stops a trail."""
    on_data = [{"InsightType": "ApiCallRateInsight", "EventCategories": ["Data"]}]
    at.mallory("cloudtrail").put_insight_selectors(TrailName=at.trail_arn, InsightSelectors=on_data)


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


_CHANGES: tuple[tuple[str, str, Deed], ...] = (
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
    (
        "no-management-events",
        "PutEventSelectors: management events off",
        _basic(IncludeManagementEvents=False, DataResources=_FILES),
    ),
    ("read-only", "PutEventSelectors: read-only", _basic(ReadWriteType="ReadOnly")),
    (
        "advanced-selectors",
        "PutEventSelectors: advanced selectors that leave IAM out",
        _select(AdvancedEventSelectors=_EXCLUDING),
    ),
    ("insights-on-data", "PutInsightSelectors: Insights on data events alone", _insights_on_data_alone),
)
"""Changes that are put back: name, title, what is done."""


def rows() -> Iterator[Row]:
    """Attacks on the trail that leave it there."""
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
    yield Row(
        name="throttling-flood",
        title="StopLogging in a flood that leaves the guardian none of CloudTrail's one change a second",
        attack=_flood,
        told=("[critical] Trail stopped by mallory, could not be restarted: Throttling",),
        ended_by=("[critical] Trail stopped by mallory, running again after ",),
        alarms_late=True,
        is_repaired=True,
        undo=_no_flood,
    )
    for name, title, attack in _CHANGES:
        yield Row(name=name, title=title, attack=attack, **changed)
    yield Row(
        name="organization-flag",
        title="UpdateTrail: organization flag (on; the sandbox has no organization whose flag could go off)",
        attack=_update(IsOrganizationTrail=True),
        told=("it records more than is wanted",),
        undo=_not_an_organization,
    )


def last_rows() -> Iterator[Row]:
    """The deletion: with a trail made anew the clock of everything begins again."""
    yield Row(
        name="delete-trail",
        title="DeleteTrail",
        attack=_delete_trail,
        told=("[critical] Trail deleted by mallory, NOT LOGGING",),
        undo=_make_trail,
    )
