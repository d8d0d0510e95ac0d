"""What AWS refuses is refused here, with AWS's error code: the table of things that a wrong program gets wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient
from tests.support.sandbox_story import ACCOUNT, Story, policy


def prepared(sandbox: SandboxClient, *without: str) -> Story:
    """All that a trail needs, the trail not yet made."""
    story = Story(sandbox, without=frozenset(without))
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    return story


def refused(call: Callable[[], Any]) -> tuple[str, str]:
    """Error code and message of a call that must be refused."""
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def group_arn(story: Story, name: str, *, region: str = "eu-west-1") -> str:
    return f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}:*"


ROLE = "InvalidCloudWatchLogsRoleArnException"
GROUP = "InvalidCloudWatchLogsLogGroupArnException"
BUCKET = "InsufficientS3BucketPolicyException"
KEY = "InsufficientEncryptionPolicyException"
NAME = "InvalidTrailNameException"

CREATE = [
    pytest.param(
        (), {"S3BucketName": "nobodys-bucket"}, "S3BucketDoesNotExistException", "nobodys-bucket", id="no bucket"
    ),
    pytest.param(("bucket acl",), {}, BUCKET, "guarded-logs", id="bucket policy without GetBucketAcl"),
    pytest.param(("bucket write",), {}, BUCKET, "guarded-logs", id="bucket policy without PutObject"),
    pytest.param((), {"Name": "other"}, BUCKET, "guarded-logs", id="bucket policy for another trail"),
    pytest.param((), {"S3KeyPrefix": "audit"}, BUCKET, "guarded-logs", id="bucket policy for another prefix"),
    pytest.param(("delivery trust",), {}, ROLE, "trust policy", id="role that CloudTrail cannot assume"),
    pytest.param(("create stream",), {}, ROLE, "logs:CreateLogStream", id="role without CreateLogStream"),
    pytest.param(("put events",), {}, ROLE, "logs:PutLogEvents", id="role without PutLogEvents"),
    pytest.param((), {"CloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/nobody"}, ROLE, "nobody", id="no role"),
    pytest.param((), {"CloudWatchLogsRoleArn": "delivery"}, ROLE, "delivery", id="a role's name"),
    pytest.param((), {"CloudWatchLogsRoleArn": ""}, ROLE, "role", id="a group without a role"),
    pytest.param((), {"CloudWatchLogsLogGroupArn": ""}, GROUP, "log group ARN", id="a role without a group"),
    pytest.param(
        (),
        {"CloudWatchLogsLogGroupArn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/trail/guarded"},
        GROUP,
        r"must end with ':\*'",
        id="group ARN without :*",
    ),
    pytest.param(
        (),
        {"CloudWatchLogsLogGroupArn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/trail/none:*"},
        GROUP,
        "/trail/none",
        id="no log group",
    ),
    pytest.param(
        (),
        {"CloudWatchLogsLogGroupArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/trail/guarded:*"},
        GROUP,
        "region of the trail",
        id="log group of another region",
    ),
    pytest.param((), {"KmsKeyId": "alias/none"}, "KmsKeyNotFoundException", "alias/none", id="no key"),
    pytest.param(
        (),
        {"IncludeGlobalServiceEvents": False},
        "InvalidParameterCombinationException",
        "global service events",
        id="multi-region without global services",
    ),
    pytest.param((), {"Name": "no"}, NAME, "3 to 128", id="name too short"),
    pytest.param((), {"Name": "a..b"}, NAME, "two separators", id="name with two separators in a row"),
    pytest.param((), {"Name": "-abc"}, NAME, "begin", id="name that begins with a dash"),
    pytest.param((), {"Name": "192.168.5.4"}, NAME, "IP address", id="name like an address"),
]


@pytest.mark.parametrize(("without", "changes", "code", "words"), CREATE)
def test_create_trail(
    sandbox: SandboxClient, without: tuple[str, ...], changes: dict[str, Any], code: str, words: str
) -> None:
    story = prepared(sandbox, *without)
    found, message = refused(lambda: story.aws("cloudtrail").create_trail(**story.trail_parameters() | changes))
    assert found == code
    assert words.replace("\\", "") in message
    assert story.aws("cloudtrail").describe_trails()["trailList"] == []


def test_create_trail_takes_what_is_right(sandbox: SandboxClient) -> None:
    story = prepared(sandbox)
    answer = story.aws("cloudtrail").create_trail(**story.trail_parameters())
    assert answer["TrailARN"] == story.trail_arn
    assert answer["CloudWatchLogsLogGroupArn"] == story.group_arn
    assert answer["CloudWatchLogsRoleArn"] == story.delivery_role_arn
    assert refused(lambda: story.aws("cloudtrail").create_trail(**story.trail_parameters()))[0] == (
        "TrailAlreadyExistsException"
    )


def key_statements(story: Story) -> dict[str, dict[str, Any]]:
    who = {"Service": "cloudtrail.amazonaws.com"}
    return {
        "owner": {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
        "generate": {
            "Principal": who,
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:SourceArn": story.trail_arn},
                "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
            },
        },
        "describe": {"Principal": who, "Action": "kms:DescribeKey", "Resource": "*"},
    }


@pytest.mark.parametrize("missing", [None, "generate", "describe"])
def test_the_key_of_a_trail_must_let_cloudtrail_in(sandbox: SandboxClient, missing: str | None) -> None:
    story = prepared(sandbox)
    statements = [one for name, one in key_statements(story).items() if name != missing]
    key = story.aws("kms").create_key(Policy=policy(*statements))["KeyMetadata"]["Arn"]

    def create() -> Any:
        return story.aws("cloudtrail").create_trail(**story.trail_parameters(), KmsKeyId=key)

    if missing is None:
        assert create()["KmsKeyId"] == key
    else:
        assert refused(create)[0] == KEY


def use_bucket_key(story: Story, key: str) -> None:
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    }
    story.aws("s3").put_bucket_encryption(Bucket=story.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


OPEN_BUCKET_KEY = {"Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*"}


@pytest.mark.parametrize("granted", [True, False])
def test_a_bucket_key_asks_for_decrypt(sandbox: SandboxClient, granted: bool) -> None:
    story = prepared(sandbox)
    statements = [*key_statements(story).values(), *([OPEN_BUCKET_KEY] if granted else [])]
    key = story.aws("kms").create_key(Policy=policy(*statements))["KeyMetadata"]["Arn"]
    use_bucket_key(story, key)

    def create() -> Any:
        return story.aws("cloudtrail").create_trail(**story.trail_parameters(), KmsKeyId=key)

    if granted:
        assert create()["KmsKeyId"] == key
    else:
        code, message = refused(create)
        assert code == KEY
        assert "lacks kms:Decrypt for cloudtrail.amazonaws.com" in message


def test_a_trail_with_a_key_does_not_move_to_a_bucket_with_a_bucket_key(sandbox: SandboxClient) -> None:
    story = prepared(sandbox)
    key = story.aws("kms").create_key(Policy=policy(*key_statements(story).values()))["KeyMetadata"]["Arn"]
    story.make_trail(KmsKeyId=key)  # the bucket has no bucket key yet, so nothing is missing
    use_bucket_key(story, key)
    trails = story.aws("cloudtrail")
    for changes in ({"KmsKeyId": key}, {"S3BucketName": story.bucket}):
        code, message = refused(lambda changes=changes: trails.update_trail(Name=story.name, **changes))
        assert code == KEY
        assert "kms:Decrypt" in message


def test_a_key_and_a_bucket_of_two_regions_are_refused(sandbox: SandboxClient) -> None:
    story = prepared(sandbox)
    key = story.aws("kms").create_key(Policy=policy(*key_statements(story).values()))["KeyMetadata"]["Arn"]
    far = f"{story.bucket}-far"
    s3 = sandbox.aws("s3", region="us-east-1")
    s3.create_bucket(Bucket=far)
    s3.put_bucket_policy(Bucket=far, Policy=story.bucket_policy().replace(story.bucket, far))
    trails = story.aws("cloudtrail")
    parameters = {**story.trail_parameters(), "S3BucketName": far}

    code, message = refused(lambda: trails.create_trail(**parameters, KmsKeyId=key))
    assert code == "KmsKeyNotFoundException"
    assert f"{far}, which is in us-east-1, are not in the same Region" in message
    assert trails.create_trail(**parameters)["S3BucketName"] == far


def test_a_disabled_key_is_refused(sandbox: SandboxClient) -> None:
    story = prepared(sandbox)
    kms = story.aws("kms")
    key = kms.create_key(Policy=policy(*key_statements(story).values()))["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=key)
    assert refused(lambda: story.make_trail(KmsKeyId=key))[0] == "KmsKeyDisabledException"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"S3BucketName": "nobodys-bucket"}, "S3BucketDoesNotExistException"),
        ({"S3KeyPrefix": "elsewhere"}, BUCKET),
        ({"KmsKeyId": "alias/none"}, "KmsKeyNotFoundException"),
        ({"CloudWatchLogsLogGroupArn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/trail/none:*"}, GROUP),
        ({"CloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/nobody"}, ROLE),
        ({"Name": "nobodys"}, "TrailNotFoundException"),
        ({"S3BucketName": ""}, "InvalidS3BucketNameException"),
        ({"IncludeGlobalServiceEvents": False}, "InvalidParameterCombinationException"),
        ({"CloudWatchLogsLogGroupArn": ""}, GROUP),
        ({"CloudWatchLogsRoleArn": ""}, ROLE),
    ],
)
def test_update_trail(sandbox: SandboxClient, changes: dict[str, Any], code: str) -> None:
    story = prepared(sandbox)
    story.make_trail()
    before = story.aws("cloudtrail").get_trail(Name="guarded")["Trail"]
    assert refused(lambda: story.aws("cloudtrail").update_trail(**{"Name": "guarded"} | changes))[0] == code
    assert story.aws("cloudtrail").get_trail(Name="guarded")["Trail"] == before


def test_a_trail_can_be_blinded_by_a_lawful_update(sandbox: SandboxClient) -> None:
    story = prepared(sandbox)
    story.make_trail()
    story.aws("cloudtrail").update_trail(Name="guarded", IsMultiRegionTrail=False)
    story.aws("sns", region="us-east-1").create_topic(Name="unseen")
    assert story.records(eventName="CreateTopic") == []
    story.aws("cloudtrail").update_trail(Name="guarded", IncludeGlobalServiceEvents=False)  # lawful in one region
    story.aws("cloudtrail").update_trail(Name="guarded", CloudWatchLogsLogGroupArn="", CloudWatchLogsRoleArn="")
    story.aws("sns").create_topic(Name="unseen")
    assert story.records(eventName="CreateTopic") == []


def test_a_trail_is_changed_only_in_its_home_region(sandbox: SandboxClient) -> None:
    story = prepared(sandbox)
    story.make_trail()
    elsewhere = story.aws("cloudtrail", region="us-east-1")
    for call in (elsewhere.stop_logging, elsewhere.start_logging, elsewhere.update_trail, elsewhere.delete_trail):
        assert refused(lambda call=call: call(Name="guarded"))[0] == "InvalidHomeRegionException"
    assert story.is_logging()


def test_the_caller_must_be_allowed_to_pass_the_role(sandbox: SandboxClient) -> None:
    story = prepared(sandbox)
    keys = story.user("operator", "cloudtrail:*")
    trail = story.aws("cloudtrail", **keys)
    code, message = refused(lambda: trail.create_trail(**story.trail_parameters()))
    assert code == "AccessDeniedException"
    assert "iam:PassRole" in message
    passing = {
        "Action": "iam:PassRole",
        "Resource": story.delivery_role_arn,
        "Condition": {"StringEquals": {"iam:PassedToService": "cloudtrail.amazonaws.com"}},
    }
    story.aws("iam").put_user_policy(UserName="operator", PolicyName="pass", PolicyDocument=policy(passing))
    assert trail.create_trail(**story.trail_parameters())["Name"] == "guarded"


def test_who_may_not_create_a_trail_is_told_that_and_nothing_else(sandbox: SandboxClient) -> None:
    story = Story(sandbox)
    trail = story.aws("cloudtrail", **story.user(actions="sns:*"))
    assert refused(lambda: trail.create_trail(**story.trail_parameters()))[0].startswith("AccessDenied")


def test_insight_selectors_are_kept(sandbox: SandboxClient) -> None:
    story = prepared(sandbox)
    story.make_trail()
    trail = story.aws("cloudtrail")
    assert refused(lambda: trail.get_insight_selectors(TrailName="guarded"))[0] == "InsightNotEnabledException"
    wanted = [{"InsightType": "ApiCallRateInsight"}]
    trail.put_insight_selectors(TrailName="guarded", InsightSelectors=wanted)
    assert trail.get_insight_selectors(TrailName=story.trail_arn)["InsightSelectors"] == wanted
    assert refused(lambda: trail.put_insight_selectors(TrailName="nobodys", InsightSelectors=wanted))[0] == (
        "TrailNotFoundException"
    )
    assert story.records(eventName="PutInsightSelectors")


# -- patterns


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.eventName = }",
        '{ $.eventName == "x" }',
        '{ ($.a = "b" }',
        "{ }",
        '{ $.a = "x" || }',
        "%[%",
        "{" + "x" * 1100,
    ],
)
def test_put_metric_filter(sandbox: SandboxClient, pattern: str) -> None:
    story = Story(sandbox, pattern=pattern)
    story.make_log_group()
    code, message = refused(story.make_watch)
    assert code == "InvalidParameterException"
    assert message.startswith("Invalid metric filter pattern")
    assert story.aws("logs").describe_metric_filters(logGroupName=story.group)["metricFilters"] == []


# -- topics


def statement(action: Any, **more: Any) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*", **more}]})


@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [
        ("Policy", "not json", "Policy Error"),
        ("Policy", "[]", "Policy Error"),
        ("Policy", statement("sns:*"), "out of service scope"),
        ("Policy", statement(["sns:Publish", "sns:ListTopics"]), "out of service scope"),
        ("Policy", statement("sqs:SendMessage"), "out of service scope"),
        ("DisplayName", "x" * 101, "DisplayName"),
    ],
)
def test_topic_attributes(sandbox: SandboxClient, attribute: str, value: str, words: str) -> None:
    topics = sandbox.aws("sns")
    arn = topics.create_topic(Name="t")["TopicArn"]
    assert (
        words
        in refused(lambda: topics.set_topic_attributes(TopicArn=arn, AttributeName=attribute, AttributeValue=value))[1]
    )
    assert words in refused(lambda: topics.create_topic(Name="u", Attributes={attribute: value}))[1]
    assert len(topics.list_topics()["Topics"]) == 1


@pytest.mark.parametrize(
    "value", [statement("SNS:Publish"), statement(["sns:Subscribe", "sns:GetTopicAttributes"]), ""]
)
def test_lawful_topic_policies(sandbox: SandboxClient, value: str) -> None:
    sns = sandbox.aws("sns")
    given = {"Policy": value} if value else {"DisplayName": "x" * 100}
    arn = sns.create_topic(Name="t", Attributes=given)["TopicArn"]
    assert given.items() <= sns.get_topic_attributes(TopicArn=arn)["Attributes"].items()


@pytest.mark.parametrize(
    ("subject", "taken"),
    [
        ("x" * 99, True),
        ("[critical] Trail stopped by mallory, running again - 111122223333 eu-west-1", True),
        ("x" * 100, False),
        ("", False),
        ("two\nlines", False),
        ("a\rb", False),
        ("tab\there", False),
        ("Größe", False),
        (" begins with a blank", False),
        ("emoji \N{BELL}", False),
    ],
)
def test_subjects(sandbox: SandboxClient, subject: str, taken: bool) -> None:
    topics = sandbox.aws("sns")
    arn = topics.create_topic(Name="t")["TopicArn"]
    topics.subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
    sandbox.confirm()
    entry = [{"Id": "1", "Message": "m", "Subject": subject}]
    if taken:
        topics.publish(TopicArn=arn, Subject=subject, Message="m")
        topics.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entry)
        assert [mail["subject"] for mail in sandbox.mail()] == [subject, subject]
    else:
        code, message = refused(lambda: topics.publish(TopicArn=arn, Subject=subject, Message="m"))
        assert (code, message) == ("InvalidParameter", "Invalid parameter: Subject")
        assert refused(lambda: topics.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entry))[0] == (
            "InvalidParameter"
        )
        assert sandbox.mail() == []


# -- alarms and log groups


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Metrics": [{"Id": "e", "Expression": "1"}], "MetricName": None, "Namespace": None}, "metric math"),
        ({"ExtendedStatistic": "p99", "Statistic": None}, "percentiles"),
        ({"EvaluationWindow": {"WallClockWindow": {"Timezone": "UTC"}}}, "wall clock windows"),
    ],
)
def test_alarms_that_would_never_be_evaluated(sandbox: SandboxClient, changes: dict[str, Any], words: str) -> None:
    story = Story(sandbox)
    story.make_log_group()
    alarm = {
        "AlarmName": "a",
        "MetricName": "m",
        "Namespace": "n",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    chosen = {key: value for key, value in (alarm | changes).items() if value is not None}
    assert words in refused(lambda: story.aws("cloudwatch").put_metric_alarm(**chosen))[1]
    assert story.aws("cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_an_alarm_acts_only_in_its_own_region(sandbox: SandboxClient) -> None:
    story = Story(sandbox)
    story.make_log_group()
    far = f"arn:aws:sns:us-east-1:{ACCOUNT}:far"
    code, message = refused(lambda: story.make_watch(AlarmActions=[far]))
    assert code == "ValidationError"
    assert f"Invalid region us-east-1 specified. Only eu-west-1 is supported. ({far})" in message


@pytest.mark.parametrize("granted", [True, False])
def test_the_key_of_a_log_group_must_let_the_service_in(sandbox: SandboxClient, granted: bool) -> None:
    story = Story(sandbox)
    owner = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    service = {
        "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:*"}
        },
    }
    key = story.aws("kms").create_key(Policy=policy(owner, *([service] if granted else [])))["KeyMetadata"]["Arn"]
    logs = story.aws("logs")
    if granted:
        logs.create_log_group(logGroupName="encrypted", kmsKeyId=key)
        assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key
    else:
        code, message = refused(lambda: logs.create_log_group(logGroupName="encrypted", kmsKeyId=key))
        assert code == "InvalidParameterException"
        assert "is not allowed to be used with LogGroup" in message
        assert logs.describe_log_groups()["logGroups"] == []
