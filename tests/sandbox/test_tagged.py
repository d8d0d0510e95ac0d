"""The tagging API finds in the sandbox what it finds on AWS, and a function's code can be read as there."""

from __future__ import annotations

import io
import urllib.request
import zipfile

from tests.support.sandbox_story import Story

TAGS = {"team": "security"}
LIST = [{"Key": "team", "Value": "security"}]


def found(story: Story, region: str | None = None) -> set[str]:
    tagging = story.client.aws("resourcegroupstaggingapi", region=region or story.region)
    told = tagging.get_resources(TagFilters=[{"Key": "team", "Values": ["security"]}])["ResourceTagMappingList"]
    return {each["ResourceARN"] for each in told}


def test_what_carries_a_tag_is_found_where_it_is(story: Story) -> None:
    story.make_bucket()
    story.aws("logs").create_log_group(logGroupName=story.group, tags=TAGS)
    story.aws("ssm").put_parameter(Name="wanted", Value="{}", Type="String", Tags=LIST)
    story.aws("cloudwatch").put_metric_alarm(
        AlarmName="quiet",
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        Tags=LIST,
    )
    story.aws("cloudtrail").create_trail(
        Name=story.name, S3BucketName=story.bucket, IsMultiRegionTrail=True, TagsList=LIST
    )
    assert found(story) == {
        story.group_arn.removesuffix(":*"),
        story.arn("ssm", "parameter/wanted"),
        story.arn("cloudwatch", "alarm:quiet"),
        story.trail_arn,
    }
    assert found(story, "us-east-1") == set()


def test_the_code_of_a_function_is_where_get_function_says(story: Story) -> None:
    story.make_topic()
    story.make_function()
    told = story.aws("lambda").get_function(FunctionName=f"{story.name}-guardian")
    with urllib.request.urlopen(told["Code"]["Location"]) as answer:
        names = zipfile.ZipFile(io.BytesIO(answer.read())).namelist()
    assert names == ["index.py"]
