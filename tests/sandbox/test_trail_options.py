"""Options of a trail: as the whole program deploys them, and what AWS refuses of them is refused here."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import SandboxClient
from sandbox.deploy import DeployError, Deployment, deploy
from tests.support.reference_stacks import recorded
from tests.support.sandbox_story import ACCOUNT, Story, policy

ROOT = Path(__file__).resolve().parents[2]
HOME = "eu-west-1"
TOPIC = f"arn:aws:sns:{HOME}:{ACCOUNT}:notices"


def deployed(sandbox: SandboxClient, folder: Path, trail: str, *, evidence: str = "keep") -> Deployment:
    """The whole program with these options of the trail, without a guardian, which they do not need."""
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    file = folder / "Pulumi.options.yaml"
    file.write_text(
        f"""\
config:
  aws:region: {HOME}
  trailwarden:trail: {trail}
  trailwarden:regions: [{HOME}]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets: {{trail-changes: {{}}}}
  trailwarden:sourceIps: []
  trailwarden:remediation: {{mode: "off"}}
  trailwarden:alerts: {{explain: false}}
  trailwarden:evidence: {evidence}
"""
    )
    return deploy(file, endpoint_url=sandbox.endpoint_url)


def refused(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def listen(sandbox: SandboxClient, topic: str) -> Callable[[], list[dict[str, Any]]]:
    """A queue on a topic; the notices that came since the last look."""
    sqs, sns = sandbox.aws("sqs", region=HOME), sandbox.aws("sns", region=HOME)
    url = sqs.create_queue(QueueName="reader")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = policy({"Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": allowed})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})

    def read() -> list[dict[str, Any]]:
        sandbox.settle()
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(each["Body"]) for each in found]

    return read


def test_lifecycle_lock_notices_and_tags_are_deployed(sandbox: SandboxClient, tmp_path: Path) -> None:
    outputs = deployed(
        sandbox,
        tmp_path,
        "{deliveryTopic: true, lifecycle: {archiveDays: 90, expireDays: 400}, "
        "objectLock: {mode: GOVERNANCE, days: 365}, tags: {team: security}}",
    ).outputs
    s3, bucket = sandbox.aws("s3", region=HOME), outputs["bucketName"]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert {each["ID"] for each in rules} == {
        "abort-unfinished-uploads",
        "archive",
        "expire",
        "drop-lone-delete-markers",
    }
    lock = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert lock["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 365}
    assert {"Key": "team", "Value": "security"} in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]

    notices = listen(sandbox, outputs["deliveryTopicArn"])
    sandbox.aws("iam").list_users()
    told = notices()
    assert {each["s3Bucket"] for each in told} == {bucket}
    files = {each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert {key for each in told for key in each["s3ObjectKey"]} <= files
    assert any("us-east-1" in key for each in told for key in each["s3ObjectKey"]), "ListUsers is an event of there"


def test_things_that_exist_work_with_the_statements_that_the_stack_asks_for(
    sandbox: SandboxClient, tmp_path: Path
) -> None:
    """No more than these: CreateTrail, the encrypted log file and the encrypted notice need no other statement."""
    asked = json.dumps(recorded("existing").exports["policiesToAdd"])
    for theirs, here in (("111122223333", ACCOUNT), ("trailwarden-existing", "trailwarden-options")):
        asked = asked.replace(theirs, here)
    statements = json.loads(asked)
    kms, s3, logs = (sandbox.aws(service, region=HOME) for service in ("kms", "s3", "logs"))
    owner = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    key = kms.create_key(Policy=policy(owner, *statements["kmsKey"]))["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket="company-audit-logs", CreateBucketConfiguration={"LocationConstraint": HOME})
    s3.put_bucket_policy(Bucket="company-audit-logs", Policy=policy(*statements["bucket"]))
    logs.create_log_group(logGroupName="/company/audit", kmsKeyId=key)

    outputs = deployed(
        sandbox,
        tmp_path,
        f'{{bucket: company-audit-logs, kmsKey: "{key}", logGroup: /company/audit, deliveryTopic: true}}',
    ).outputs
    notices = listen(sandbox, outputs["deliveryTopicArn"])
    sandbox.aws("iam").list_users()
    assert notices()
    status = sandbox.aws("cloudtrail", region=HOME).get_trail_status(Name=outputs["trailArn"])
    assert status["LatestDeliveryTime"]
    assert status["LatestCloudWatchLogsDeliveryTime"]
    assert not {"LatestDeliveryError", "LatestCloudWatchLogsDeliveryError"} & status.keys()
    events = logs.filter_log_events(logGroupName="/company/audit")["events"]
    assert "ListUsers" in {json.loads(each["message"])["eventName"] for each in events}


def test_a_log_group_that_is_not_there_is_told(sandbox: SandboxClient, tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="no log group /company/audit in eu-west-1"):
        deployed(sandbox, tmp_path, "{logGroup: /company/audit}")


# -- the notice for each log file


def prepared(sandbox: SandboxClient, *statements: dict[str, Any], **topic: str) -> Story:
    """All that a trail needs, and a topic with these statements; the trail not yet made."""
    story = Story(sandbox, name="guarded")
    story.make_bucket()
    attributes = {"Policy": policy(*statements), **topic}
    sandbox.aws("sns", region=HOME).create_topic(Name="notices", Attributes=attributes)
    return story


def publishes(story: Story, **change: Any) -> dict[str, Any]:
    return {
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC,
        "Condition": {"StringEquals": {"aws:SourceArn": story.trail_arn}},
        **change,
    }


def create(story: Story, topic: str) -> Any:
    return story.aws("cloudtrail").create_trail(Name=story.name, S3BucketName=story.bucket, SnsTopicName=topic)


@pytest.mark.parametrize(
    ("change", "topic"),
    [
        ({"Principal": {"Service": "cloudwatch.amazonaws.com"}}, "notices"),
        ({"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:1:trail/x"}}}, "notices"),
        ({}, "nobodys"),
    ],
    ids=["another service", "another trail", "no topic"],
)
def test_create_trail_tries_the_topic(sandbox: SandboxClient, change: dict[str, Any], topic: str) -> None:
    story = prepared(sandbox, publishes(Story(sandbox), **change))
    code, message = refused(lambda: create(story, topic))
    assert code == "InsufficientSnsTopicPolicyException"
    assert "SNS Topic does not exist or the topic policy is incorrect" in message


@pytest.mark.parametrize("name", ["notices", TOPIC])
def test_a_topic_may_be_named_or_given_by_its_arn(sandbox: SandboxClient, name: str) -> None:
    story = prepared(sandbox, publishes(Story(sandbox)))
    create(story, name)
    assert story.aws("cloudtrail").get_trail(Name=story.name)["Trail"]["SnsTopicName"] == name


def test_a_notice_that_the_topic_no_longer_takes_is_dropped_and_the_file_is_there(sandbox: SandboxClient) -> None:
    story = prepared(sandbox, publishes(Story(sandbox)))
    create(story, "notices")
    story.aws("cloudtrail").start_logging(Name=story.name)
    sandbox.aws("sns", region=HOME).set_topic_attributes(
        TopicArn=TOPIC, AttributeName="Policy", AttributeValue=policy(publishes(story, Action="sns:Subscribe"))
    )
    sandbox.settle()
    assert story.aws("s3").list_objects_v2(Bucket=story.bucket)["KeyCount"]
    assert any(each["where"] == TOPIC and "sns:Publish" in each["why"] for each in sandbox.dropped())


# -- what is recorded


def object_event(bucket: str, *, name: str = "GetObject") -> dict[str, Any]:
    """A call on an object, as CloudTrail records it; the sandbox records none itself."""
    return {
        "eventVersion": "1.11",
        "eventCategory": "Data",
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "readOnly": name == "GetObject",
        "awsRegion": HOME,
        "eventTime": "2026-11-26T00:00:00Z",
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        "resources": [
            {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/key"},
            {"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}", "accountId": ACCOUNT},
        ],
    }


def test_what_is_left_out_is_not_delivered_and_our_own_bucket_feeds_nothing(
    sandbox: SandboxClient, tmp_path: Path
) -> None:
    outputs = deployed(
        sandbox,
        tmp_path,
        "{management: write, dataEvents: [{type: AWS::S3::Object, record: write}], insights: [ApiCallRateInsight]}",
    ).outputs
    sandbox.aws("iam").create_user(UserName="ada")
    sandbox.aws("iam").list_users()
    for bucket in ("company-data", outputs["bucketName"]):
        sandbox.emit([object_event(bucket), object_event(bucket, name="PutObject")])
    sandbox.settle()
    delivered = sandbox.aws("logs", region=HOME).filter_log_events(logGroupName=outputs["logGroupName"])["events"]
    records = [json.loads(each["message"]) for each in delivered]
    names = [each["eventName"] for each in records]
    assert "CreateUser" in names
    assert not {"ListUsers", "GetObject"} & set(names)
    (written,) = (each for each in records if each["eventName"] == "PutObject")
    assert written["resources"][0]["ARN"] == "arn:aws:s3:::company-data/key"
    trail = sandbox.aws("cloudtrail", region=HOME)
    assert trail.get_insight_selectors(TrailName=outputs["trailName"])["InsightSelectors"] == [
        {"InsightType": "ApiCallRateInsight"}
    ]


def data(*fields: dict[str, Any]) -> dict[str, Any]:
    category = {"Field": "eventCategory", "Equals": ["Data"]}
    return {"AdvancedEventSelectors": [{"FieldSelectors": [category, *fields]}]}


def management(*fields: dict[str, Any]) -> dict[str, Any]:
    category = {"Field": "eventCategory", "Equals": ["Management"]}
    return {"AdvancedEventSelectors": [{"FieldSelectors": [category, *fields]}]}


OBJECTS = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}

REFUSED_SELECTORS = [
    ({"EventSelectors": [{"ReadWriteType": "Some"}]}, "ReadWriteType"),
    ({"EventSelectors": [{"ExcludeManagementEventSources": ["iam.amazonaws.com"]}]}, "kms.amazonaws.com"),
    ({"EventSelectors": [{"DataResources": [{"Type": "AWS::SNS::Topic", "Values": ["arn:aws:sns"]}]}]}, "DataRes"),
    ({"EventSelectors": [{"IncludeManagementEvents": False}]}, "management events or data resources"),
    ({"AdvancedEventSelectors": [{"FieldSelectors": [OBJECTS]}]}, "eventCategory"),
    (data(), "resources.type"),
    (data({**OBJECTS, "Equals": ["AWS::S3::Object", "AWS::Lambda::Function"]}), "one value"),
    (data(OBJECTS, {"Field": "readOnly", "Equals": ["yes"]}), "readOnly"),
    (data(OBJECTS, {"Field": "vpcEndpointId", "Equals": ["x"]}), "vpcEndpointId"),
    (management(OBJECTS), "resources.type"),
    (management({"Field": "readOnly"}), "no condition"),
    (management({"Field": "eventName", "Equals": ["a"]}, {"Field": "eventName", "Equals": ["b"]}), "once"),
    (management({"Field": "eventName", "NotEquals": [f"E{n}" for n in range(500)]}), "500 values"),
]


@pytest.fixture
def trail(sandbox: SandboxClient) -> Any:
    """A trail that exists, as a client of its home region."""
    story = prepared(sandbox)
    story.aws("cloudtrail").create_trail(Name=story.name, S3BucketName=story.bucket, IsMultiRegionTrail=True)
    return story.aws("cloudtrail")


def test_put_event_selectors(trail: Any) -> None:
    for selectors, words in REFUSED_SELECTORS:
        code, message = refused(lambda selectors=selectors: trail.put_event_selectors(TrailName="guarded", **selectors))
        assert code == "InvalidEventSelectorsException"
        assert words in message, selectors
    assert "AdvancedEventSelectors" not in trail.get_event_selectors(TrailName="guarded")
    taken = data(OBJECTS, {"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::guarded-logs/"]})
    assert trail.put_event_selectors(TrailName="guarded", **taken)["AdvancedEventSelectors"]


def test_put_insight_selectors(sandbox: SandboxClient, trail: Any) -> None:
    def put(*kinds: str, client: Any = trail) -> Any:
        selectors = [{"InsightType": kind} for kind in kinds]
        return client.put_insight_selectors(TrailName="guarded", InsightSelectors=selectors)

    assert refused(lambda: put("ApiCallRate"))[0] == "InvalidInsightSelectorsException"
    assert put("ApiCallRateInsight", "ApiErrorRateInsight")["InsightSelectors"]
    reads = management({"Field": "readOnly", "Equals": ["true"]})
    trail.put_event_selectors(TrailName="guarded", **reads)
    assert put("ApiErrorRateInsight")
    assert "write management events" in refused(lambda: put("ApiCallRateInsight"))[1]
    trail.put_event_selectors(TrailName="guarded", **data(OBJECTS))
    assert "management events" in refused(lambda: put("ApiErrorRateInsight"))[1]
    on_data = [{"InsightType": "ApiCallRateInsight", "EventCategories": ["Data"]}]
    assert trail.put_insight_selectors(TrailName="guarded", InsightSelectors=on_data)["InsightSelectors"] == on_data
    unknown = [{"InsightType": "ApiCallRateInsight", "EventCategories": ["Network"]}]
    code, message = refused(lambda: trail.put_insight_selectors(TrailName="guarded", InsightSelectors=unknown))
    assert (code, "'Network'" in message) == ("InvalidInsightSelectorsException", True)
    trail.put_event_selectors(TrailName="guarded", **management())
    code, message = refused(lambda: trail.put_insight_selectors(TrailName="guarded", InsightSelectors=on_data))
    assert (code, "logs data events" in message) == ("InvalidInsightSelectorsException", True)
    assert put()["InsightSelectors"] == []
    far = sandbox.aws("cloudtrail", region="us-east-1")
    arn = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/guarded"
    code, _ = refused(lambda: far.put_insight_selectors(TrailName=arn, InsightSelectors=[]))
    assert code == "InvalidHomeRegionException"
