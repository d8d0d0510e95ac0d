"""What the sandbox replaces inside ministack's SNS for URLs: confirmations and messages, with retries.

See `_patches` for how and why; the parameters of the functions are ministack's. ministack posts to any host, once, with
the envelope even where the message alone is wanted.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from sandbox import webhooks
from sandbox._emulator import Emulator
from sandbox.running import Running

DEFAULT_RETRIES = 3  # Amazon SNS Developer Guide, "Message delivery retries"

GiveUp = Callable[[str, Mapping[str, Any], str], None]
"""Takes what could not be delivered, the subscription, and why."""


class Webhooks:
    """Delivers to subscriptions of the protocols http and https. `give_up` runs in a thread of its own."""

    def __init__(self, emulator: Emulator, running: Running, give_up: GiveUp) -> None:
        self._emulator, self._running, self._give_up = emulator, running, give_up
        emulator.replace("services.sns", "_deliver_to_http", _leave_to_us)
        emulator.replace("services.sns", "_http_post_sync", self._confirmation)

    def deliver(
        self, subscription: Mapping[str, Any], *, msg_id: str, text: str, subject: str, attributes: Mapping[str, Any]
    ) -> None:
        """Post one message to one subscriber, as often as its delivery policy says. The retries come at once."""
        raw = subscription["attributes"].get("RawMessageDelivery", "false").lower() == "true"
        build = self._emulator.inside("services.sns", "_build_envelope")
        body = text if raw else build(subscription["topic_arn"], msg_id, text, subject, attributes, False)
        headers = {
            "x-amz-sns-message-type": "Notification",
            "x-amz-sns-message-id": msg_id,
            "x-amz-sns-topic-arn": subscription["topic_arn"],
            "x-amz-sns-subscription-arn": subscription["arn"],
            **({"x-amz-sns-rawdelivery": "true"} if raw else {}),
        }
        era = self._running.add()
        account, region = subscription["topic_arn"].split(":")[4], subscription["topic_arn"].split(":")[3]
        work = (subscription, body, headers, era, account, region)
        threading.Thread(target=self._post, args=work, daemon=True).start()

    def _post(
        self,
        subscription: Mapping[str, Any],
        body: str,
        headers: Mapping[str, str],
        era: int,
        account: str,
        region: str,
    ) -> None:
        try:
            why: str | None = ""
            for _ in range(1 + _retries(subscription)):
                why = webhooks.post(subscription["endpoint"], body, headers)
                if why is None:
                    return
                if webhooks.refusal(subscription["endpoint"]) is not None:
                    break  # it will not be nearer next time
            with self._emulator.scope(account, region):
                self._give_up(body, subscription, why or "")
        finally:
            self._running.done(era)

    @staticmethod
    def _confirmation(endpoint: str, payload: str, kind: str) -> int:
        """One post of a SubscriptionConfirmation. ministack only logs what goes wrong, so the text names no URL."""
        why = webhooks.post(endpoint, payload, {"x-amz-sns-message-type": kind})
        if why is not None:
            raise OSError(why)
        return 200


async def _leave_to_us(endpoint: str, payload: str) -> None:
    del endpoint, payload  # `deliver` has posted it


def _retries(subscription: Mapping[str, Any]) -> int:
    policy = json.loads(subscription["attributes"].get("DeliveryPolicy") or "{}")
    return int(policy.get("healthyRetryPolicy", {}).get("numRetries", DEFAULT_RETRIES))
