"""What chats and programs get instead of a mail."""

import json
from typing import Any

from common.chat import chat_text
from common.report import Report, line, publication

BODY = "\n".join(
    [
        "IAM policy changes: `<!channel>` called PutUserPolicy on *eve*.",
        "",
        line("Who", "mallory"),
        line("Next", "Switch off the key:"),
        "  aws iam update-access-key --user-name mallory",
        "",
        line("Event", "0c8f1e9a"),
        "  https://eu-west-1.console.aws.amazon.com/cloudtrailv2",
        line("Log", "what mallory did:"),
        "  https://eu-west-1.console.aws.amazon.com/cloudwatch",
        "",
        "trailwarden 0.1.0 · stack prod",
        "",
    ]
)
REPORT = Report(subject="[high] PutUserPolicy by `<!channel>` after < 1 s", body=BODY, severity="high")


def chat(**attributes: Any) -> dict[str, Any]:
    return json.loads(chat_text(REPORT, attributes))


def test_it_has_the_form_that_chats_show():
    told = chat(severity="high", set=["iam-policy-changes", "iam-changes"], account="")
    assert (told["version"], told["source"], told["content"]["textType"]) == ("1.0", "custom", "client-markdown")
    assert told["metadata"]["additionalContext"] == {"severity": "high", "set": "iam-policy-changes, iam-changes"}


def test_the_text_keeps_its_columns_and_the_links_are_links():
    content = chat()["content"]
    first, *inside, last = content["description"].splitlines()
    assert (first, last) == ("```", "```")
    assert line("Who", "mallory") in inside
    assert "  aws iam update-access-key --user-name mallory" in inside
    assert not any("https://" in each for each in inside)
    assert content["nextSteps"] == [
        "Event: https://eu-west-1.console.aws.amazon.com/cloudtrailv2",
        "Log: https://eu-west-1.console.aws.amazon.com/cloudwatch",
    ]


def test_nobody_can_end_the_block_or_call_a_channel():
    told = chat()
    assert "<!" not in json.dumps(told)
    assert told["content"]["description"].count("`") == 6
    assert told["content"]["title"] == "[high] PutUserPolicy by '(!channel>' after < 1 s"


def test_each_kind_of_subscriber_gets_its_text():
    request = publication(
        REPORT, topic_arn="arn:aws:sns:eu-west-1:111122223333:alerts", attributes={"severity": "high"}
    )
    texts = json.loads(request["Message"])
    assert (texts["default"], texts["sms"]) == (BODY, REPORT.subject)
    assert texts["https"] == texts["http"] == chat_text(REPORT, {"severity": "high"})
