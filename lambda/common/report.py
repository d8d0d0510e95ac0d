"""A mail: plain text made for a telephone at 3 a.m., and how it is handed to SNS."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from common.chat import chat_text

_LABEL_WIDTH = 9


class Report(NamedTuple):
    """What people get: `subject` is ASCII and shorter than 100 characters, `body` plain text."""

    subject: str
    body: str
    severity: str


def line(label: str, text: str) -> str:
    """A label and what is said beside it."""
    return f"{label:<{_LABEL_WIDTH}}{text}"


def publication(
    report: Report, *, topic_arn: str, attributes: Mapping[str, str | Sequence[str]] | None = None
) -> dict[str, Any]:
    """What Publish is given: a text for each kind of subscriber.

    A telephone shows the subject alone, because a mail's body would be a dozen short messages. What has a URL is a chat
    or a program (`chat_text`).
    `attributes` let a subscription's filter policy choose. Several values of one are a
    String.Array, of which a filter needs one. Empty ones are left out: SNS refuses them.
    """
    chat = chat_text(report, attributes or {})
    texts = {"default": report.body, "sms": report.subject, "https": chat, "http": chat}
    request: dict[str, Any] = {
        "TopicArn": topic_arn,
        "Subject": report.subject,
        "Message": json.dumps(texts, ensure_ascii=False),
        "MessageStructure": "json",
    }
    if attributes:
        request["MessageAttributes"] = {
            name: {"DataType": "String", "StringValue": value}
            if isinstance(value, str)
            else {"DataType": "String.Array", "StringValue": json.dumps(list(value))}
            for name, value in attributes.items()
            if value
        }
    return request
