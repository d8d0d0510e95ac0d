"""SQS queues: how much waits in them, and who may send."""

from __future__ import annotations

from dataclasses import dataclass

from account.answers import Answer
from account.arns import Arn
from account.session import Session

_GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One queue. The counts are AWS's approximations. `policy` is empty where only the owner may send."""

    arn: str
    name: str
    region: str
    waiting: int
    in_flight: int
    delayed: int
    policy: str
    kms_key: str

    @property
    def depth(self) -> int:
        """Everything that nobody has dealt with."""
        return self.waiting + self.in_flight + self.delayed


def queue(session: Session, arn: str) -> Answer[Queue]:
    """A queue by its ARN. Needs sqs:GetQueueUrl and sqs:GetQueueAttributes."""
    parsed = Arn.parse(arn)
    name, region = (parsed.resource, parsed.region) if parsed else (arn, "")
    owner = {"QueueOwnerAWSAccountId": parsed.account} if parsed else {}
    what = f"queue {name}"
    url = session.ask(
        "sqs", "GetQueueUrl", region=region, what=what, none_if=_GONE, params={"QueueName": name, **owner}
    )
    told = url.then(
        lambda answer: session.ask(
            "sqs",
            "GetQueueAttributes",
            region=region,
            what=what,
            none_if=_GONE,
            params={"QueueUrl": answer["QueueUrl"], "AttributeNames": ["All"]},
        )
    )
    return told.map(lambda answer: answer.get("Attributes") or {}).map(
        lambda raw: Queue(
            arn=arn,
            name=name,
            region=region,
            waiting=int(raw.get("ApproximateNumberOfMessages") or 0),
            in_flight=int(raw.get("ApproximateNumberOfMessagesNotVisible") or 0),
            delayed=int(raw.get("ApproximateNumberOfMessagesDelayed") or 0),
            policy=str(raw.get("Policy") or ""),
            kms_key=str(raw.get("KmsMasterKeyId") or ""),
        )
    )
