"""What a stack tells people when it is deployed."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.channels import Channels
from components.guarded_trail import GuardedTrail
from components.next_steps import next_steps
from settings import Settings


def exports(
    settings: Settings, *, channels: Mapping[str, Channels], guarded: Sequence[GuardedTrail]
) -> dict[str, pulumi.Input[Any]]:
    """The stack's outputs by name. `channels` are by region; the plain names are those of the first trail."""
    told: dict[str, pulumi.Input[Any]] = {**_of_trail(guarded[0]), **_of_channels(channels[guarded[0].site.region])}
    if len(guarded) > 1:
        told["guardedTrails"] = [
            {"homeRegion": each.site.region, **_of_trail(each), **_of_channels(each.channels)} for each in guarded
        ]
    topics = {
        f"{what}{'' if len(channels) == 1 else f' in {region}'}": topic.topic_arn
        for region, each in channels.items()
        for what, topic in {"alerts": each.alerts, "last resort": each.last_resort}.items()
        if topic
    }
    steps = pulumi.Output.all(**topics).apply(lambda arns: next_steps(settings, topic_arns=arns))
    return {**told, "nextSteps": steps}


def _of_trail(guarded: GuardedTrail) -> dict[str, pulumi.Input[Any]]:
    told: dict[str, pulumi.Input[Any]] = {
        "trailArn": guarded.trail.arn,
        "trailName": guarded.site.name,
        "logGroupName": guarded.trail.log_group_name,
        "bucketName": guarded.trail.bucket_name,
        "alarmNames": {watch: alarm.name for watch, alarm in guarded.alarms.items()},
    }
    if guarded.delivery_topic:
        told["deliveryTopicArn"] = guarded.delivery_topic.topic.arn
    if guarded.evidence and guarded.evidence.policies_to_add:
        told["policiesToAdd"] = guarded.evidence.policies_to_add
    if guarded.explained and guarded.explained.explainer:
        told["explainerFunctionName"] = guarded.explained.explainer.function.name
    if guarded.watched and guarded.watched.any_address:
        told["insightRuleName"] = guarded.watched.any_address.rule.rule_name
    if guarded.guardian and guarded.health:
        told["guardianFunctionName"] = guarded.guardian.function.name
        told["healthAlarmNames"] = {watched: alarm.name for watched, alarm in guarded.health.alarms.items()}
    return told


def _of_channels(channels: Channels) -> dict[str, pulumi.Input[Any]]:
    told: dict[str, pulumi.Input[Any]] = {
        "signalsTopicArn": channels.signals.topic_arn,
        "alertsTopicArn": channels.alerts.topic_arn,
    }
    if channels.last_resort:
        told["lastResortTopicArn"] = channels.last_resort.topic_arn
        told["lastResortQueueUrl"] = channels.last_resort.queue.url
    if channels.dead_letters:
        told["deadLetterQueueUrls"] = {each.name: each.queue.url for each in channels.dead_letters}
    return told
