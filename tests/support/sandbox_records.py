"""What a trail of the sandbox has recorded, wherever it went."""

from __future__ import annotations

import gzip
import json
from typing import Any

from tests.support.sandbox_story import Story, policy


def files(story: Story, **keys: str) -> dict[str, list[dict[str, Any]]]:
    """What is in the bucket: key to records."""
    story.client.settle()
    s3 = story.aws("s3", **keys)
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in s3.list_objects_v2(Bucket=story.bucket).get("Contents", []):
        body = s3.get_object(Bucket=story.bucket, Key=entry["Key"])["Body"].read()
        found[entry["Key"]] = json.loads(gzip.decompress(body))["Records"]
    return found


def names(records: list[dict[str, Any]]) -> list[str]:
    """What was called, in order."""
    return [one["eventName"] for one in records]


def queue_for_events(story: Story, **rule: Any) -> Any:
    """A queue that gets every event of a rule: a function that takes what came since it was asked last."""
    sqs = story.aws("sqs")
    url = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = story.arn("sqs", "seen")
    allowed = {
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": story.rule_arn}},
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(allowed)})
    story.make_rule(target_arn=arn, **rule)

    def take() -> list[dict[str, Any]]:
        story.client.settle()
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for one in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return [json.loads(one["Body"]) for one in found]

    return take
