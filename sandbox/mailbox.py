"""The mail that people would have in their inbox."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.clock import Clock

# What SNS writes when a message has no subject (SNS Developer Guide, "Email notifications").
DEFAULT_SUBJECT = "AWS Notification Message"


class Mailbox:
    """Every mail delivered to a confirmed address. Safe to use from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._mails: list[dict[str, str]] = []

    def deliver(self, subscription: Mapping[str, Any], message: Mapping[str, Any]) -> None:
        """One message (`id`, `topic`, `subject`, `body`) to one subscription of protocol email or email-json."""
        now = datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = message["body"]
        if subscription["protocol"] == "email-json":
            envelope = {
                "Type": "Notification",
                "MessageId": message["id"],
                "TopicArn": message["topic"],
                "Subject": message["subject"] or None,
                "Message": body,
                "Timestamp": now,
            }
            body = json.dumps({key: value for key, value in envelope.items() if value is not None}, indent=2)
        mail = {
            "at": now,
            "to": subscription["endpoint"],
            "subject": message["subject"] or DEFAULT_SUBJECT,
            "body": body,
        }
        with self._lock:
            self._mails.append(mail)

    def listed(self) -> list[dict[str, str]]:
        """All mails, oldest first: `{"at", "to", "subject", "body"}`, `at` in RFC 3339 UTC."""
        with self._lock:
            return list(self._mails)

    def clear(self) -> None:
        """Throw them away."""
        with self._lock:
            self._mails.clear()
