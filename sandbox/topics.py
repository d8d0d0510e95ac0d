"""What SNS does and the emulator does not: pending mail, refused subjects, keys and roles that callers may not use."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from sandbox import subscription_checks, topic_protection
from sandbox._emulator import Answer, Emulator
from sandbox._patches import Forward, Request
from sandbox.answers import query_answer, query_error
from sandbox.passing import Passing

SERVICE = "sns.amazonaws.com"

MAIL_PROTOCOLS = frozenset({"email", "email-json"})
WEB_PROTOCOLS = frozenset({"http", "https"})
PROTECTION = "sandbox_protection"
"""Where a topic keeps its data protection policy, beside what the emulator keeps of it."""
MAX_DISPLAY_NAME = 100  # SNS API reference, SetTopicAttributes
MAX_SUBJECT = 100  # SNS API reference, Publish: a subject has fewer than 100 characters

# What a statement of a topic's policy may name; SNS refuses the rest ("Policy statement action out of service scope!").
_POLICY_ACTIONS = frozenset(
    f"sns:{action}".lower()
    for action in (
        "Publish",
        "Subscribe",
        "Receive",
        "AddPermission",
        "RemovePermission",
        "SetTopicAttributes",
        "GetTopicAttributes",
        "ListSubscriptionsByTopic",
        "DeleteTopic",
        "GetDataProtectionPolicy",
        "PutDataProtectionPolicy",
    )
)


class Topics:
    """Stands around the emulator's SNS."""

    def __init__(self, emulator: Emulator, passing: Passing) -> None:
        self._emulator, self._passing = emulator, passing

    async def around(self, request: Request, forward: Forward) -> Answer:
        """Answer or forward one call of the service `sns`."""
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        form |= {key: values[-1] for key, values in request.query.items() if values}
        arn = (form.get("TopicArn") or form.get("SubscriptionArn") or "").split(":")
        if len(arn) > 5 and self._emulator.access_key(request.headers, request.query) is None:
            # A link out of a message: on AWS its host names the region.
            with self._emulator.scope(arn[4], arn[3]):
                return await self._around(request, forward, form)
        return await self._around(request, forward, form)

    async def _around(self, request: Request, forward: Forward, form: Mapping[str, str]) -> Answer:
        match form.get("Action"):
            case "Publish" | "PublishBatch":
                return self._refuse_publish(request, form) or await forward(request)
            case "CreateTopic" | "SetTopicAttributes":
                given = _attributes(form)
                return _refuse_attributes(given) or self._refuse_roles(request, given) or await forward(request)
            case "GetDataProtectionPolicy" | "PutDataProtectionPolicy" as operation:
                return self._protect(operation, form)
            case "Subscribe" if refused := _refuse_subscription(form):
                return refused
            case "SetSubscriptionAttributes":
                return self._refuse_change(form) or await forward(request)
            case "Subscribe" if form.get("Protocol") in MAIL_PROTOCOLS:
                return await self._subscribe_mail(request, forward, form)
            case "Subscribe" if form.get("Protocol") in WEB_PROTOCOLS:
                return self._with_arn(await forward(request), form)
            case "ConfirmSubscription":
                return await self._confirm(request, forward, form)
            case "Unsubscribe":
                return self._refuse_unsubscribe(request, form) or await forward(request)
            case "ListSubscriptions" | "ListSubscriptionsByTopic":
                return self._hide_pending(await forward(request))
        return await forward(request)

    # -- publishing

    def _refuse_publish(self, request: Request, form: Mapping[str, str]) -> Answer | None:
        subjects = [value for key, value in form.items() if key == "Subject" or key.endswith(".Subject")]
        if not all(map(is_good_subject, subjects)):
            return query_error("InvalidParameter", "Invalid parameter: Subject")
        topic = self._emulator.topic(form.get("TopicArn") or form.get("TargetArn") or "")
        reference = topic["attributes"].get("KmsMasterKeyId") if topic else None
        if topic is None or not reference or reference.endswith("alias/aws/sns"):
            return None
        _arn, _partition, _sns, region, account, _name = topic["arn"].split(":")
        with self._emulator.scope(account, region):  # the publisher may be of another account
            key = self._emulator.key(reference)
        if key is None or key["KeyState"] != "Enabled":
            state = "is not found" if key is None else f"is {key['KeyState']}"
            return query_error("KMSDisabled", f"{reference} {state}.")
        caller = self._emulator.access_key(request.headers, request.query) or ""
        context = {
            "kms:EncryptionContext:aws:sns:topicArn": topic["arn"],
            "kms:ViaService": f"sns.{region}.amazonaws.com",
        }
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            if not self._emulator.caller_may(caller, action, on=key["Arn"], context=context):
                return query_error(
                    "KMSAccessDenied",
                    "The ciphertext refers to a customer master key that does not exist, does not exist in this "
                    f"region, or you are not allowed to access ({action} on {key['Arn']}).",
                )
        return None

    def _refuse_roles(self, request: Request, given: Mapping[str, str]) -> Answer | None:
        """SNS writes delivery logs with a role, which the caller has to be allowed to pass."""
        for role in sorted({value for key, value in given.items() if key.endswith("FeedbackRoleArn") and value}):
            refused = self._passing.refuse(request, role, service=SERVICE)
            if refused is not None:
                return query_error("AuthorizationError", refused, 403)
        return None

    # -- what is held back of what is published

    def _protect(self, operation: str, form: Mapping[str, str]) -> Answer:
        topic = self._emulator.topic(form.get("ResourceArn", ""))
        if topic is None:
            return query_error("NotFound", "Topic does not exist", 404)
        if operation == "GetDataProtectionPolicy":
            text = escape(topic.get(PROTECTION, ""))
            return query_answer(operation, f"<DataProtectionPolicy>{text}</DataProtectionPolicy>")
        text = form.get("DataProtectionPolicy", "")
        if (why := topic_protection.refused(text)) is not None:
            return query_error("InvalidParameter", why)
        topic[PROTECTION] = text
        return query_answer(operation)

    # -- subscriptions

    def _refuse_change(self, form: Mapping[str, str]) -> Answer | None:
        """What SNS says against one attribute; what it means depends on those that are there."""
        arn = form.get("SubscriptionArn", "")
        found = [one for one in self._subscriptions_of(arn.rpartition(":")[0]) if one["arn"] == arn]
        if not found:
            return None  # the emulator says so itself
        scope = {key: value for key, value in found[0]["attributes"].items() if key == "FilterPolicyScope"}
        why = subscription_checks.refused(
            {**scope, **_attributes(form)}, protocol=found[0]["protocol"], topic_arn=arn.rpartition(":")[0]
        )
        return query_error("InvalidParameter", why) if why else None

    async def _subscribe_mail(self, request: Request, forward: Forward, form: Mapping[str, str]) -> Answer:
        """Subscribe an address: it is pending until somebody confirms with the token of the mail."""
        before = {one["arn"] for one in self._subscriptions_of(form["TopicArn"])}
        status, headers, body = await forward(request)
        if status != 200:
            return status, headers, body
        for subscription in self._subscriptions_of(form["TopicArn"]):
            if subscription["arn"] not in before:
                subscription |= {"confirmed": False, "token": secrets.token_hex(64)}
                subscription["attributes"] |= {"PendingConfirmation": "true", "ConfirmationWasAuthenticated": "false"}
        pending = [one["arn"] for one in self._subscriptions_of(form["TopicArn"]) if not one["confirmed"]]
        if form.get("ReturnSubscriptionArn", "").lower() != "true":
            body = _replaced(body, pending, "pending confirmation")
        return status, headers, body

    def _with_arn(self, answer: Answer, form: Mapping[str, str]) -> Answer:
        """The answer to a subscription of a URL with its ARN, where that was asked for: the emulator leaves it out."""
        status, headers, body = answer
        if status != 200 or form.get("ReturnSubscriptionArn", "").lower() != "true":
            return answer
        wanted = (form["Protocol"], form.get("Endpoint"))
        (arn,) = (
            one["arn"]
            for one in self._subscriptions_of(form["TopicArn"])
            if (one["protocol"], one["endpoint"]) == wanted
        )
        pending, known = (f"<SubscriptionArn>{each}<".encode() for each in ("pending confirmation", arn))
        return status, headers, body.replace(pending, known)

    async def _confirm(self, request: Request, forward: Forward, form: Mapping[str, str]) -> Answer:
        answer = await forward(request)
        if answer[0] == 200:
            signed = self._emulator.access_key(request.headers, request.query) is not None
            locked = signed and form.get("AuthenticateOnUnsubscribe", "").lower() == "true"
            for subscription in self._subscriptions_of(form.get("TopicArn", "")):
                if subscription["arn"].encode() in answer[2]:
                    subscription["attributes"]["ConfirmationWasAuthenticated"] = str(locked).lower()
        return answer

    def _refuse_unsubscribe(self, request: Request, form: Mapping[str, str]) -> Answer | None:
        arn = form.get("SubscriptionArn", "")
        if arn.count(":") != 6:
            return query_error(
                "InvalidParameter", "Invalid parameter: SubscriptionArn Reason: not a subscription's ARN"
            )
        found = [one for one in self._subscriptions_of(arn.rpartition(":")[0]) if one["arn"] == arn]
        if found and not found[0]["confirmed"]:
            return query_error(
                "InvalidParameter", "Invalid parameter: This operation cannot be performed on a pending subscription"
            )
        unsigned = self._emulator.access_key(request.headers, request.query) is None
        if found and unsigned and found[0]["attributes"].get("ConfirmationWasAuthenticated") == "true":
            return query_error(
                "AuthorizationError", "This subscription can only be deleted by an authenticated call", 403
            )
        return None

    def _hide_pending(self, answer: Answer) -> Answer:
        status, headers, body = answer
        pending = [one["arn"] for one in self.subscriptions() if not one["confirmed"]]
        return status, headers, _replaced(body, pending, "PendingConfirmation")

    def _subscriptions_of(self, topic_arn: str) -> list[dict[str, Any]]:
        return (self._emulator.topic(topic_arn) or {}).get("subscriptions", [])

    def subscriptions(self) -> list[dict[str, Any]]:
        """Every subscription of every topic, as the emulator keeps it."""
        return [one for topic in self._emulator.all_topics() for one in topic["subscriptions"]]


def is_good_subject(subject: str) -> bool:
    """Whether SNS takes a subject: printable ASCII that begins with no blank, and fewer than 100 characters."""
    return 0 < len(subject) < MAX_SUBJECT and re.fullmatch(r"[!-~][ -~]*", subject) is not None


def _refuse_subscription(form: Mapping[str, str]) -> Answer | None:
    """What SNS says against the attributes in Subscribe."""
    why = subscription_checks.refused(
        _attributes(form), protocol=form.get("Protocol", ""), topic_arn=form.get("TopicArn", "")
    )
    return query_error("InvalidParameter", why) if why else None


def _attributes(form: Mapping[str, str]) -> dict[str, str]:
    """The attributes that a call sets, out of the flattened fields of its form."""
    given = {value: form.get(key.replace(".key", ".value"), "") for key, value in form.items() if key.endswith(".key")}
    if "AttributeName" in form:
        given[form["AttributeName"]] = form.get("AttributeValue", "")
    return given


def _refuse_attributes(given: Mapping[str, str]) -> Answer | None:
    """What SNS says against attributes."""
    if len(given.get("DisplayName", "")) > MAX_DISPLAY_NAME:
        return query_error(
            "InvalidParameter", f"Invalid parameter: DisplayName has more than {MAX_DISPLAY_NAME} characters"
        )
    return _refuse_policy(given["Policy"]) if given.get("Policy") else None


def _refuse_policy(text: str) -> Answer | None:
    """SNS takes only JSON with actions of its own in a topic's policy."""
    try:
        statements = json.loads(text)["Statement"]
    except (ValueError, KeyError, TypeError):
        return query_error("InvalidParameter", "Invalid parameter: Policy Error: null")
    for statement in [statements] if isinstance(statements, dict) else statements:
        actions = statement.get("Action", [])
        for action in [actions] if isinstance(actions, str) else actions:
            if action.lower() not in _POLICY_ACTIONS:
                text = "Invalid parameter: Policy statement action out of service scope!"
                return query_error("InvalidParameter", text)
    return None


def _replaced(body: bytes, arns: Iterable[str], text: str) -> bytes:
    for arn in arns:
        body = body.replace(f"<SubscriptionArn>{arn}<".encode(), f"<SubscriptionArn>{text}<".encode())
    return body
