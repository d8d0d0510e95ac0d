"""Account shapes, each read as it is: what is there, what is not, and where nobody let us look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

import account
from account import Across, Found, LogGroup, Nothing, Session, Trail

HOME, OTHER = "eu-west-1", "us-east-1"
REGIONS = (HOME, OTHER)
ACCOUNT = "123456789012"
PEER = "terraform-aws-modules/cloudwatch (cis-alarms), nozaq/secure-baseline or trussworks/cloudtrail-alarms"


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def client(service: str, region: str = HOME) -> Any:
    return boto3.client(service, region_name=region)


def make_trail(name: str = "audit", *, region: str = HOME, group: str | None = "trail", **more: Any) -> str:
    """A trail with a bucket, and with a log group unless `group` is None."""
    s3 = client("s3", "us-east-1")
    s3.create_bucket(Bucket=f"{name}-{region}-logs")
    logging: dict[str, Any] = {}
    if group:
        client("logs", region).create_log_group(logGroupName=group)
        logging = {
            "CloudWatchLogsLogGroupArn": f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{group}:*",
            "CloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/delivery",
        }
    made = client("cloudtrail", region).create_trail(Name=name, S3BucketName=f"{name}-{region}-logs", **logging, **more)
    return made["TrailARN"]


def start(arn: str, region: str = HOME) -> str:
    client("cloudtrail", region).start_logging(Name=arn)
    return arn


def put_filter(name: str, *, group: str = "trail", namespace: str = "CISBenchmark", metric: str | None = None) -> None:
    client("logs").put_metric_filter(
        logGroupName=group,
        filterName=name,
        filterPattern="{ $.eventName = StopLogging }",
        metricTransformations=[
            {"metricName": metric or name, "metricNamespace": namespace, "metricValue": "1", "defaultValue": 0}
        ],
    )


@dataclass(frozen=True)
class Seen:
    """What the readers say of an account."""

    session: Session
    trails: Across[Trail]

    @property
    def trail(self) -> Trail:
        (only,) = self.trails.found
        return only

    @property
    def group(self) -> LogGroup:
        found = account.log_group(self.session, self.trail.log_group_arn)
        assert isinstance(found, Found)
        return found.value

    @property
    def is_logging(self) -> bool:
        assert isinstance(self.trail.status, Found)
        return self.trail.status.value.is_logging


def look() -> Seen:
    session = account.session(region=HOME)
    return Seen(session, account.trails(session, REGIONS))


def none(seen: Seen) -> None:
    assert seen.trails == Across((), ())


def single_region(seen: Seen) -> None:
    assert (seen.trail.is_multi_region, seen.trail.home_region, seen.is_logging) == (False, HOME, True)


def multi_region(seen: Seen) -> None:
    """Shown by both regions, found once."""
    assert (seen.trail.is_multi_region, seen.trail.has_global_events, seen.trail.validates_files) == (True, True, True)
    assert seen.trail.owner == ACCOUNT
    assert (seen.group.name, seen.group.log_class, seen.group.retention_days) == ("trail", "STANDARD", None)
    assert seen.group.filters == Found(())


def stopped(seen: Seen) -> None:
    assert not seen.is_logging


def without_log_group(seen: Seen) -> None:
    assert seen.trail.log_group_arn == ""
    assert account.log_group(seen.session, "") == Nothing("")


def log_group_gone(seen: Seen) -> None:
    assert account.log_group(seen.session, seen.trail.log_group_arn) == Nothing("log group trail")


def organization(seen: Seen) -> None:
    assert seen.trail.is_organization


def with_peers(seen: Seen) -> None:
    assert isinstance(seen.group.filters, Found)
    assert account.by_owner(seen.group.filters.value) == {
        "": ("homemade",),
        "Security Hub's instructions": ("sechub",),
        "cloudposse/cloudtrail-cloudwatch-alarms": ("VpcEventCount",),
        PEER: ("RootUsage", "prefixed"),
        "the audit procedure for trail changes": ("audited",),
        "trailwarden": ("ours",),
    }
    alarms = account.alarms(seen.session, HOME)
    assert isinstance(alarms, Found)
    (alarm,) = alarms.value
    assert (alarm.metric, alarm.namespace, alarm.statistic, alarm.period) == ("RootUsage", "CISBenchmark", "Sum", 300)
    assert (alarm.missing_data, alarm.datapoints_to_alarm, alarm.actions_enabled) == ("missing", 1, True)


def per_region(seen: Seen) -> None:
    assert [(trail.name, trail.home_region) for trail in seen.trails.found] == [("here", HOME), ("there", OTHER)]


def read_only(seen: Seen) -> None:
    assert isinstance(seen.trail.selectors, Found)
    assert seen.trail.selectors.value.management == "read"


def advanced(seen: Seen) -> None:
    assert isinstance(seen.trail.selectors, Found)
    selectors = seen.trail.selectors.value
    assert (selectors.management, selectors.left_out) == ("write", ("kms.amazonaws.com",))
    assert selectors.narrowed is False


def insights(seen: Seen) -> None:
    assert seen.trail.insights == Found(("ApiCallRateInsight",))


def _alarm(name: str, **more: Any) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        **{
            "Namespace": "CISBenchmark",
            "MetricName": "RootUsage",
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            **more,
        },
    )


def make_peers() -> None:
    start(make_trail(IsMultiRegionTrail=True))
    put_filter("RootUsage")
    put_filter("prefixed", metric="acme-IAMChanges")
    put_filter("VpcEventCount")
    put_filter("audited", namespace="CloudTrailMetrics", metric="CloudTrailEventCount")
    put_filter("sechub", namespace="LogMetrics", metric="RootAccount")
    put_filter("ours", namespace="trailwarden/prod", metric="RootAccountUse")
    put_filter("homemade", namespace="Acme")
    _alarm("root")


def make_selectors(**selectors: Any) -> None:
    client("cloudtrail").put_event_selectors(TrailName=make_trail(), **selectors)


def make_insights() -> None:
    client("cloudtrail").put_insight_selectors(
        TrailName=make_trail(), InsightSelectors=[{"InsightType": "ApiCallRateInsight"}]
    )


def make_advanced() -> None:
    fields = [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "readOnly", "Equals": ["false"]},
        {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
    ]
    data = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]
    make_selectors(AdvancedEventSelectors=[{"Name": "w", "FieldSelectors": fields}, {"FieldSelectors": data}])


def make_log_group_gone() -> None:
    make_trail()
    client("logs").delete_log_group(logGroupName="trail")


def make_per_region() -> None:
    start(make_trail("here"))
    start(make_trail("there", region=OTHER), OTHER)


SHAPES: list[tuple[str, Callable[[], Any], Callable[[Seen], None]]] = [
    ("none", lambda: None, none),
    ("single region", lambda: start(make_trail()), single_region),
    (
        "multi-region",
        lambda: start(make_trail(IsMultiRegionTrail=True, EnableLogFileValidation=True)),
        multi_region,
    ),
    ("stopped", lambda: make_trail(), stopped),
    ("without a log group", lambda: start(make_trail(group=None)), without_log_group),
    ("its log group is gone", make_log_group_gone, log_group_gone),
    ("organization", lambda: start(make_trail(IsMultiRegionTrail=True, IsOrganizationTrail=True)), organization),
    ("with filters and alarms of peers", make_peers, with_peers),
    ("a trail for each region", make_per_region, per_region),
    (
        "records reads only",
        lambda: make_selectors(EventSelectors=[{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]),
        read_only,
    ),
    ("advanced selectors", make_advanced, advanced),
    ("insights", make_insights, insights),
]


@pytest.mark.parametrize(("make", "expect"), [pytest.param(m, e, id=name) for name, m, e in SHAPES])
def test_an_account(aws: None, make: Callable[[], Any], expect: Callable[[Seen], None]) -> None:
    make()
    expect(look())


# -- shapes that nobody emulates, in the words of the API


class Scripted:
    """A client that answers from a table, or raises."""

    def __init__(self, service: str, region: str, answers: dict[str, Any]) -> None:
        self._service, self._region, self._answers = service, region, answers

    def can_paginate(self, name: str) -> bool:
        return False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**params: Any) -> Any:
            answer = self._answers[name]
            answer = answer(self._region, params) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            return answer

        call.__name__ = name
        return call


def scripted(**answers: Any) -> Session:
    session = account.session(region=HOME)
    session.client = lambda service, region=None: Scripted(service, region or HOME, answers)  # pyright: ignore[reportAttributeAccessIssue]
    return session


def refusal(code: str = "AccessDeniedException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Op")


ORG_TRAIL = {
    "Name": "org",
    "TrailARN": "arn:aws:cloudtrail:us-east-1:999999999999:trail/org",
    "HomeRegion": "us-east-1",
    "IsMultiRegionTrail": True,
    "IsOrganizationTrail": True,
    "CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:999999999999:log-group:org:*",
}


def test_a_members_view_of_an_organizations_trail() -> None:
    """Seen by ARN, owned by another account; a group of the same name here is not that group."""
    session = scripted(
        describe_trails={"trailList": [ORG_TRAIL]},
        get_trail_status={"IsLogging": True},
        get_event_selectors=refusal(),
        get_insight_selectors=refusal("InsightNotEnabledException"),
        describe_log_groups={
            "logGroups": [{"logGroupName": "org", "arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:org:*"}]
        },
    )
    (trail,) = account.trails(session, REGIONS).found
    assert (trail.owner, trail.is_organization, trail.home_region) == ("999999999999", True, "us-east-1")
    assert isinstance(trail.selectors, account.CouldNotLook)
    assert isinstance(trail.insights, Nothing)
    assert account.log_group(session, trail.log_group_arn) == Nothing("log group org")


def test_insights_on_data_events_alone_are_none_that_tell_of_a_trail() -> None:
    on_data = {"InsightType": "ApiCallRateInsight", "EventCategories": ["Data"]}
    on_both = {"InsightType": "ApiErrorRateInsight", "EventCategories": ["Data", "Management"]}
    session = scripted(
        describe_trails={"trailList": [ORG_TRAIL]},
        get_trail_status={"IsLogging": True},
        get_event_selectors=refusal(),
        get_insight_selectors={"InsightSelectors": [on_data, on_both]},
    )
    (trail,) = account.trails(session, REGIONS).found
    assert trail.insights == Found(("ApiErrorRateInsight",))


def test_a_region_that_does_not_answer_is_no_region_without_trails() -> None:
    def describe(region: str, _params: Any) -> Any:
        return refusal() if region == OTHER else {"trailList": []}

    seen = account.trails(scripted(describe_trails=describe), REGIONS)
    assert seen.found == ()
    assert [(blind.where, blind.action) for blind in seen.blind] == [(OTHER, "cloudtrail:DescribeTrails")]


class Paged(Scripted):
    """A client whose lists come in pages of one item, turned by botocore's own way."""

    def can_paginate(self, name: str) -> bool:
        return True

    def get_paginator(self, name: str) -> Any:
        answers = self._answers[name]

        class Pages:
            def paginate(self, **_params: Any) -> Any:
                return iter(answers)

        return Pages()


def test_every_page_is_read() -> None:
    session = scripted()
    pages = [{"LogGroups": []}, *({"MetricAlarms": [{"AlarmName": f"a{n}", "AlarmArn": f"arn{n}"}]} for n in range(3))]
    session.client = lambda service, region=None: Paged(service, HOME, {"describe_alarms": pages})  # pyright: ignore[reportAttributeAccessIssue]
    told = account.alarms(session, HOME)
    assert isinstance(told, Found)
    assert [alarm.name for alarm in told.value] == ["a0", "a1", "a2"]
    some = session.pages("cloudwatch", "DescribeAlarms", "MetricAlarms", what="alarms", at_most=2)
    assert isinstance(some, Found)
    assert len(some.value) == 2


def test_an_infrequent_access_group_is_seen_as_such() -> None:
    arn = f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:trail"
    group = {"logGroupName": "trail", "arn": f"{arn}:*", "logGroupClass": "INFREQUENT_ACCESS", "retentionInDays": 30}
    session = scripted(describe_log_groups={"logGroups": [group]}, describe_metric_filters={"metricFilters": []})
    found = account.log_group(session, arn)
    assert isinstance(found, Found)
    assert (found.value.log_class, found.value.retention_days) == ("INFREQUENT_ACCESS", 30)


def test_a_topic_of_another_account_could_not_be_looked_at() -> None:
    told = account.topic(scripted(get_topic_attributes=refusal("AuthorizationError")), f"arn:aws:sns:{HOME}:9:alerts")
    assert isinstance(told, account.CouldNotLook)
    assert (told.why, told.action) == ("denied", "sns:GetTopicAttributes")


def test_a_role_with_one_policy_that_may_not_be_read_is_not_known() -> None:
    session = scripted(
        get_role={"Role": {"Arn": "arn:aws:iam::1:role/r", "AssumeRolePolicyDocument": {"Statement": []}}},
        list_role_policies={"PolicyNames": ["a", "b"]},
        list_attached_role_policies={"AttachedPolicies": []},
        get_role_policy=lambda _region, given: (
            refusal() if given["PolicyName"] == "b" else {"PolicyDocument": {"Statement": []}}
        ),
    )
    told = account.role(session, "arn:aws:iam::1:role/path/r")
    assert isinstance(told, Found)
    assert isinstance(told.value.policies, account.CouldNotLook)
    assert json.loads(told.value.trust) == {"Statement": []}


def test_new_accounts_cannot_reserve_concurrency() -> None:
    limit = {"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}}
    told = account.concurrency(scripted(get_account_settings=limit), HOME)
    assert isinstance(told, Found)
    assert told.value.reservable == 0


def test_what_an_organization_trusts(aws: None) -> None:
    session = account.session(region=HOME)
    with Stubber(session.client("organizations", HOME)) as alone:  # moto does not refuse whoever is in none
        alone.add_client_error("list_aws_service_access_for_organization", "AWSOrganizationsNotInUseException")
        assert isinstance(account.trusted_services(session, HOME), Nothing)
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    assert account.trusted_services(session, HOME) == Found(frozenset())
    for service in (account.CLOUDTRAIL, "guardduty.amazonaws.com"):
        organizations.enable_aws_service_access(ServicePrincipal=service)
    assert account.trusted_services(session, HOME) == Found(frozenset({account.CLOUDTRAIL, "guardduty.amazonaws.com"}))
    organizations.disable_aws_service_access(ServicePrincipal=account.CLOUDTRAIL)
    assert account.trusted_services(session, HOME) == Found(frozenset({"guardduty.amazonaws.com"}))
    assert session.asked == {"organizations:ListAWSServiceAccessForOrganization"}
