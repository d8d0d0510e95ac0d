"""What the sandbox replaces inside ministack's SNS: mail, and the checks on the way to queues and functions.

See `_patches` for how and why; the parameters of the functions are ministack's.
"""

from __future__ import annotations

import contextvars
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox import topic_protection
from sandbox._emulator import Emulator
from sandbox._patched_webhooks import Webhooks
from sandbox._patches import Deliveries
from sandbox.running import Running
from sandbox.topics import PROTECTION

SERVICE = "sns.amazonaws.com"


def guard_topics(emulator: Emulator, deliveries: Deliveries, running: Running) -> None:
    """Put a guard on every way out of a topic."""
    guard = _TopicGuard(emulator, deliveries, running)
    emulator.replace("services.sns", "_fanout", guard.deliver)
    emulator.replace("services.sns", "_deliver_to_lambda", guard.to_function)
    emulator.replace("services.sns", "_deliver_to_sqs", guard.to_queue)


class _TopicGuard:
    def __init__(self, emulator: Emulator, deliveries: Deliveries, running: Running) -> None:
        self._emulator, self._deliveries, self._running = emulator, deliveries, running
        self._fan_out = emulator.inside("services.sns", "_fanout")
        self._to_queue = emulator.inside("services.sns", "_deliver_to_sqs")
        # Travels into the thread that ministack makes for each function.
        self._era: contextvars.ContextVar[int] = contextvars.ContextVar("era")
        self._webhooks = Webhooks(emulator, running, self._give_up_post)

    def deliver(
        self,
        topic_arn: str,
        msg_id: str,
        message: str,
        subject: str,
        message_structure: str = "",
        message_attributes: dict[str, Any] | None = None,
        *fifo: str,
        **more_fifo: str,
    ) -> None:
        """One message to all subscribers."""
        topic = self._emulator.topic(topic_arn) or {}
        subscriptions = topic.get("subscriptions", [])
        if held_back := topic_protection.holding_back(topic.get(PROTECTION, ""), message):
            what = f"message {subject or msg_id!r} of {topic_arn}"
            why = f"the topic's data protection policy denies what holds {held_back}"
            self._deliveries.dropped(what, where=topic_arn, why=why)
            return
        texts = [(one, self._text(one, message, message_structure, message_attributes or {})) for one in subscriptions]
        for subscription, text in texts:
            if subscription["protocol"] == "lambda" and text is not None:
                self._era.set(self._running.add())
        self._fan_out(topic_arn, msg_id, message, subject, message_structure, message_attributes, *fifo, **more_fifo)
        for subscription, text in texts:
            protocol = subscription["protocol"]
            if not subscription.get("confirmed"):
                self._deliveries.dropped(
                    f"message {subject or msg_id!r} of {topic_arn}",
                    where=f"{protocol}:{_shown(subscription)}",
                    why="the subscription is pending: nobody has confirmed it",
                )
            elif protocol in ("email", "email-json") and text is not None:
                mail = {"id": msg_id, "topic": topic_arn, "subject": subject, "body": text}
                self._deliveries.mail(subscription, mail)
            elif protocol in ("http", "https") and text is not None:
                self._webhooks.deliver(
                    subscription, msg_id=msg_id, text=text, subject=subject, attributes=message_attributes or {}
                )

    def _text(
        self, subscription: Mapping[str, Any], message: str, structure: str, attributes: Mapping[str, Any]
    ) -> str | None:
        """What a subscription gets of a message; None when its filter policy wants none of it."""
        resolve = self._emulator.inside("services.sns", "_resolve_message_for_protocol")
        text = resolve(message, structure, subscription["protocol"])
        wanted = self._emulator.inside("services.sns", "_matches_filter_policy")(subscription, attributes, text)
        return text if wanted else None

    def to_function(
        self,
        endpoint: str,
        envelope: str,
        topic_arn: str,
        sub_arn: str,
        msg_id: str,
        raw_message: str,
        message_attributes: dict[str, Any],
    ) -> None:
        """One message to one function, asynchronously and with retries, as SNS does it."""
        del raw_message, message_attributes  # both are in the envelope
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": sub_arn,
            "Sns": json.loads(envelope),
        }
        try:
            why = self._deliveries.refuse_function(endpoint, service=SERVICE, source_arn=topic_arn)
            if why is None and not self._emulator.invoke(endpoint, {"Records": [record]}):
                why = "there is no such function"
            if why is not None:
                self._give_up(envelope, topic_arn, endpoint, msg_id, why)
        finally:
            self._running.done(self._era.get())  # from here on the invocation counts for itself

    def to_queue(self, endpoint: str, envelope: str, raw: bool, raw_message: str, **rest: Any) -> None:
        """One message to one queue."""
        topic_arn = rest.get("topic_arn", "")
        why = self._deliveries.refuse_queue(endpoint, service=SERVICE, source_arn=topic_arn)
        if why is None:
            self._to_queue(endpoint, envelope, raw, raw_message, **rest)
        else:
            self._give_up(raw_message if raw else envelope, topic_arn, endpoint, "", why)

    def _give_up_post(self, payload: str, subscription: Mapping[str, Any], why: str) -> None:
        redrive = json.loads(subscription["attributes"].get("RedrivePolicy") or "{}")
        self._deliveries.undelivered(
            payload,
            what=f"message of {subscription['topic_arn']}",
            where=f"{subscription['protocol']}:{_shown(subscription)}",
            why=why,
            dead_letter_arn=redrive.get("deadLetterTargetArn", ""),
            service=SERVICE,
            source_arn=subscription["topic_arn"],
        )

    def _give_up(self, payload: str, topic_arn: str, endpoint: str, msg_id: str, why: str) -> None:
        subscriptions = (self._emulator.topic(topic_arn) or {}).get("subscriptions", [])
        attributes = [one["attributes"] for one in subscriptions if one["endpoint"] == endpoint]
        redrive = json.loads(attributes[0].get("RedrivePolicy") or "{}") if attributes else {}
        self._deliveries.undelivered(
            payload,
            what=f"message {msg_id} of {topic_arn}".replace("  ", " "),
            where=endpoint,
            why=why,
            dead_letter_arn=redrive.get("deadLetterTargetArn", ""),
            service=SERVICE,
            source_arn=topic_arn,
        )


def _shown(subscription: Mapping[str, Any]) -> str:
    """An endpoint for the list of what was dropped. Of a URL only the host: its path may be a password."""
    endpoint = subscription["endpoint"]
    return f"//{urlsplit(endpoint).hostname}/…" if subscription["protocol"] in ("http", "https") else endpoint
