"""What a forwarder's role may do, who may take it, and who may leave messages in its queue, statement by statement."""

from collections.abc import Sequence

from components._policy import Document, document

EVENTBRIDGE = "events.amazonaws.com"


def trust(*, account_id: str, rule_arns: Sequence[str]) -> Document:
    """Who may assume the forwarder's role: EventBridge, for these rules of this account."""
    return document(
        {
            "Sid": "RuleAssumesRole",
            "Effect": "Allow",
            "Principal": {"Service": EVENTBRIDGE},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnEquals": {"aws:SourceArn": list(rule_arns)},
            },
        }
    )


def role(*, bus_arn: str) -> Document:
    """Policy of the forwarder's role: put events on the home region's default bus, and on no other.

    Source: re:Post, "How do I send events to a bus in another Region": inside one account the bus needs no policy.
    """
    return document(
        {
            "Sid": "PutEventsAtHome",
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": bus_arn,
        }
    )


def dead_letter_queue(*, queue_arn: str, rule_arns: Sequence[str]) -> Document:
    """Policy of the forwarder's dead-letter queue: its own rules may send, nothing else.

    Source: EventBridge User Guide, "Using dead-letter queues to process undelivered events".
    """
    return document(
        {
            "Sid": "RulesKeepUndelivered",
            "Effect": "Allow",
            "Principal": {"Service": EVENTBRIDGE},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": list(rule_arns)}},
        }
    )
