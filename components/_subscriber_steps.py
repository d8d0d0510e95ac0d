"""What has to be done elsewhere before a subscriber that is no person gets anything, in words."""

import json
import re
from collections.abc import Iterator, Mapping

from settings import Recipient, Settings
from settings.model import Channel


def subscriber_steps(settings: Settings, *, topic_arns: Mapping[str, str]) -> Iterator[str]:
    """One text for each permission to give and each confirmation to wait for. `topic_arns`: by what a topic tells."""
    for what, arn in topic_arns.items():
        channel: Channel = "last-resort" if what.startswith("last resort") else "alerts"
        statement = f"trailwarden-{settings.stack}-{what.replace(' ', '-')}"
        for each in settings.recipients(channel):
            # A statement's id has letters, digits, hyphens and underscores, at most 100 (Lambda, AddPermission).
            yield from _steps(each, topic_arn=arn, statement=re.sub(r"[^A-Za-z0-9_-]", "-", statement)[-100:])


def _steps(recipient: Recipient, *, topic_arn: str, statement: str) -> Iterator[str]:
    where = recipient.endpoint or ""
    match recipient.protocol:
        case "lambda":
            region = where.split(":")[3]
            yield (
                f"Let the topic invoke the function: aws lambda add-permission --region {region} --function-name "
                f"{where} --statement-id {statement} --action lambda:InvokeFunction --principal sns.amazonaws.com "
                f"--source-arn {topic_arn}"
            )
        case "sqs":
            yield (
                f"Add to the policy of the queue {where}: {_send_statement(where, topic_arn)}. If a key of your own "
                "encrypts the queue, its policy must let sns.amazonaws.com use kms:GenerateDataKey* and kms:Decrypt."
            )
        case "http" | "https":
            what = f"the secret {recipient.secret}" if recipient.secret else where
            yield (
                f"SNS has posted a SubscriptionConfirmation of {topic_arn} to {what}; what receives it there must "
                "open its SubscribeURL, as most services for alerts do by themselves. Until then it gets nothing."
            )
    if recipient.protocol in ("sqs", "lambda") and where.split(":")[4] != topic_arn.split(":")[4]:
        yield (
            f"{where} is in another account, so its owner must confirm the subscription to {topic_arn} within 48 "
            "hours: SNS has sent it a message with a SubscribeURL. In the topic's own account none is needed."
        )


def _send_statement(queue_arn: str, topic_arn: str) -> str:
    return json.dumps(
        {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
        }
    )
