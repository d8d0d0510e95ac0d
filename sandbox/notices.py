"""The notice that CloudTrail publishes for each log file, where a trail has a topic."""

from __future__ import annotations

import json

from sandbox._emulator import Emulator
from sandbox.grants import Grants
from sandbox.trail_key import SERVICE


def topic_arn(name: str, *, account: str, region: str) -> str:
    """The ARN of a trail's topic, which may be given as a name in the trail's own account and region."""
    return name if name.startswith("arn:") else f"arn:aws:sns:{region}:{account}:{name}"


class Notices:
    """Publishes as CloudTrail, if the topic and its key let it."""

    def __init__(self, emulator: Emulator, grants: Grants) -> None:
        self._emulator, self._grants = emulator, grants

    def refuse(self, topic: str, *, trail_arn: str) -> str | None:
        """Why CloudTrail cannot publish to this topic (name or ARN) for this trail, or None."""
        account, region = trail_arn.split(":")[4], trail_arn.split(":")[3]
        arn = topic_arn(topic, account=account, region=region)
        with self._emulator.scope(account, arn.split(":")[3]):
            return self._grants.refuse_topic(arn, service=SERVICE, source_arn=trail_arn)

    def publish(self, topic: str, *, trail_arn: str, bucket: str, key: str) -> None:
        """Say that a file was delivered (CloudTrail User Guide, "Configuring Amazon SNS notifications")."""
        why = self.refuse(topic, trail_arn=trail_arn)
        account, region = trail_arn.split(":")[4], trail_arn.split(":")[3]
        arn = topic_arn(topic, account=account, region=region)
        if why is not None:
            self._grants.dropped(f"the notice of s3://{bucket}/{key}", where=arn, why=why)
            return
        with self._emulator.scope(account, arn.split(":")[3]):
            publish = self._emulator.inside("services.sns", "publish_internal")
            publish(arn, json.dumps({"s3Bucket": bucket, "s3ObjectKey": [key]}), "")
