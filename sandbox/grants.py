"""The grants AWS asks for when one service hands something to another: policies of topics, queues, keys and functions.

Every `refuse_…` answers why AWS would drop the delivery, or None when it would not. All run in the scope of the account
and region of the resource, in any thread.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Mapping
from typing import Any

from sandbox._emulator import Emulator
from sandbox.aws import ApiError, Aws
from sandbox.dropped import Dropped
from sandbox.mailbox import Mailbox

log = logging.getLogger(__name__)

CLOUDWATCH = "cloudwatch.amazonaws.com"
EVENTS = "events.amazonaws.com"
AWS_SNS_KEY = "alias/aws/sns"


class Grants:
    """Decides deliveries, and keeps what was delivered by mail or not at all."""

    def __init__(self, emulator: Emulator, aws: Aws, *, dropped: Dropped, mailbox: Mailbox) -> None:
        self._emulator, self._aws, self._dropped, self._mailbox = emulator, aws, dropped, mailbox
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._unsent = 0
        self._lock = threading.Lock()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say which event loop serves the calls: dead letters are sent from it."""
        self._loop = loop

    # -- checks

    def refuse_function(self, function_arn: str, *, service: str, source_arn: str) -> str | None:
        """A function's permissions must name the service and, if they name one, this source."""
        policy = self._emulator.resource_policy("lambda", function_arn)
        if policy is None:
            return "there is no such function"
        context = _source(source_arn)
        if self._emulator.service_may(
            service, "lambda:InvokeFunction", on=function_arn, policy=policy, context=context
        ):
            return None
        return f"the function's policy does not let {service} invoke it for {source_arn} (lambda AddPermission)"

    def refuse_queue(self, queue_arn: str, *, service: str, source_arn: str) -> str | None:
        """A queue's policy must let the service send; with a key of its own, the key's policy too."""
        policy = self._emulator.resource_policy("sqs", queue_arn)
        if policy is None:
            return "there is no such queue"
        context = _source(source_arn)
        if self._emulator.service_may(service, "sqs:SendMessage", on=queue_arn, policy=policy, context=context):
            return None
        return f"the queue's policy does not let {service} send for {source_arn} (sqs:SendMessage)"

    def refuse_topic(self, topic_arn: str, *, service: str, source_arn: str) -> str | None:
        """A topic's policy must let the service publish, and the policy of its key must let it encrypt.

        EventBridge sends no source with a topic, so a condition on one never holds (EventBridge User Guide, "Using
        resource-based policies": the statement cannot carry a Condition).
        """
        topic = self._emulator.topic(topic_arn)
        if topic is None:
            return "there is no such topic"
        context = {} if service == EVENTS else _source(source_arn)
        policy = topic["attributes"].get("Policy")
        if not self._emulator.service_may(service, "sns:Publish", on=topic_arn, policy=policy, context=context):
            return f"the topic's policy does not let {service} publish for {source_arn} (sns:Publish)"
        return self.refuse_key(topic["attributes"].get("KmsMasterKeyId", ""), service=service, topic_arn=topic_arn)

    def refuse_key(self, reference: str, *, service: str, topic_arn: str) -> str | None:
        """The key of an encrypted topic must be usable by the service that publishes."""
        if not reference:
            return None
        if reference == AWS_SNS_KEY or reference.endswith(f":{AWS_SNS_KEY}"):
            return f"the topic is encrypted with {AWS_SNS_KEY}, and the policy of that key cannot let {service} in"
        key = self._emulator.key(reference)
        if key is None:
            return f"the topic is encrypted with {reference}, and there is no such key"
        if key["KeyState"] != "Enabled":
            return f"the topic's key {key['Arn']} is {key['KeyState']}"
        context = {"kms:EncryptionContext:aws:sns:topicArn": topic_arn}
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            if not self._emulator.service_may(
                service, action, on=key["Arn"], policy=key.get("Policy"), context=context
            ):
                return f"the policy of the topic's key {key['Arn']} does not let {service} use it ({action})"
        return None

    def refuse_bus(self, bus_arn: str, *, role_arn: str, source_arn: str) -> str | None:
        """A bus in another region is reached under a role that EventBridge may take and that may put events there."""
        role = self._emulator.role(role_arn) if role_arn.count(":") == 5 else None
        if role is None:
            return f"the target has no role, or none that exists ({role_arn or 'no RoleArn'})"
        trust = role["AssumeRolePolicyDocument"]
        if not self._emulator.service_may(
            EVENTS, "sts:AssumeRole", on=role_arn, policy=trust, context=_source(source_arn)
        ):
            return f"{EVENTS} cannot assume the role {role_arn} for {source_arn}"
        if not self._emulator.role_may(role_arn, "events:PutEvents", on=bus_arn):
            return f"the role {role_arn} may not events:PutEvents on {bus_arn}"
        return None

    def refuse_destination(self, target_arn: str, *, function_name: str) -> str | None:
        """A function sends its failures under its own role."""
        role = self._emulator.function_role(function_name)
        action = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}.get(
            target_arn.split(":")[2], ""
        )
        if role and self._emulator.role_may(role, action, on=target_arn):
            return None
        return f"the function's role {role or '(none)'} may not {action} there"

    # -- outcomes

    def mail(self, subscription: Mapping[str, Any], message: Mapping[str, Any]) -> None:
        """Put a message into the mailbox of a confirmed address."""
        self._mailbox.deliver(subscription, message)

    def dropped(self, what: str, *, where: str, why: str) -> None:
        """Note what AWS would have dropped."""
        log.info("dropped: %s to %s: %s", what, where, why)
        self._dropped.note(what, where=where, why=why)

    def undelivered(
        self, payload: str, *, what: str, where: str, why: str, dead_letter_arn: str, service: str, source_arn: str
    ) -> None:
        """Send what could not be delivered to its dead-letter queue, and note it."""
        if not dead_letter_arn:
            self.dropped(what, where=where, why=why)
            return
        refused = self.refuse_queue(dead_letter_arn, service=service, source_arn=source_arn)
        if refused is not None:
            self.dropped(what, where=where, why=f"{why}; nor did the dead-letter queue take it: {refused}")
            return
        self.dropped(what, where=where, why=f"{why}; it is in the dead-letter queue {dead_letter_arn}")
        self._send(payload, dead_letter_arn, {"RULE_ARN": source_arn, "TARGET_ARN": where, "ERROR_MESSAGE": why})

    def undelivered_under_role(
        self,
        payload: str,
        *,
        what: str,
        where: str,
        why: str,
        dead_letter_arn: str,
        role_arn: str,
        attributes: Mapping[str, str],
    ) -> None:
        """The same for a service that sends to the dead-letter queue with a role it was given."""
        if not dead_letter_arn:
            self.dropped(what, where=where, why=why)
        elif not self._emulator.role_may(role_arn, "sqs:SendMessage", on=dead_letter_arn):
            refused = f"the role {role_arn} may not sqs:SendMessage there"
            self.dropped(what, where=where, why=f"{why}; nor did the dead-letter queue take it: {refused}")
        else:
            self.dropped(what, where=where, why=f"{why}; it is in the dead-letter queue {dead_letter_arn}")
            self._send(payload, dead_letter_arn, attributes)

    def failed(self, invocation: Mapping[str, Any], *, target_arn: str) -> None:
        """Send the record of a failed invocation to its destination, a queue."""
        self._send(json.dumps(invocation), target_arn, {})

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way to a queue."""
        with self._lock:
            return self._unsent == 0

    def _send(self, payload: str, queue_arn: str, attributes: Mapping[str, str]) -> None:
        """Send to a queue, from any thread."""
        if self._loop is None:
            return
        with self._lock:
            self._unsent += 1
        self._loop.call_soon_threadsafe(self._start_sending, payload, queue_arn, attributes)

    def _start_sending(self, payload: str, queue_arn: str, attributes: Mapping[str, str]) -> None:
        task = asyncio.ensure_future(self._to_queue(payload, queue_arn, attributes))
        self._sending.add(task)  # a task that nobody holds may be collected
        task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        with self._lock:
            self._unsent -= 1

    async def _to_queue(self, payload: str, queue_arn: str, attributes: Mapping[str, str]) -> None:
        _arn, _partition, _sqs, region, account, name = queue_arn.split(":", 5)
        try:
            url = await self._aws.call("sqs", "GetQueueUrl", account=account, region=region, QueueName=name)
            await self._aws.call(
                "sqs",
                "SendMessage",
                account=account,
                region=region,
                QueueUrl=url["QueueUrl"],
                MessageBody=payload,
                MessageAttributes={
                    key: {"DataType": "String", "StringValue": value} for key, value in attributes.items() if value
                },
            )
        except ApiError as error:
            self.dropped("a message for a queue", where=queue_arn, why=str(error))


def _source(source_arn: str) -> dict[str, str]:
    account = source_arn.split(":")[4] if source_arn.count(":") >= 4 else ""
    # SourceOwner is what the policy asks for that SNS gives a new topic.
    return {"aws:SourceArn": source_arn, "aws:SourceAccount": account, "aws:SourceOwner": account}
