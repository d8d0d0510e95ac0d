"""Things of a deployment as the inventory names them: each a plain object, once everything about it is known.

Kinds and facts are those of `lambda/guardian/inventory`, which compares them with what AWS answers.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.home import Home

Thing = pulumi.Output[dict[str, Any]]

LARGEST_MESSAGE = 262_144
"""Bytes that every queue takes; newer ones take more (SQS API reference, SetQueueAttributes, `MaximumMessageSize`)."""

ITSELF = "itself"
"""In `mends`: the guardian may make the thing anew."""


def make_thing(kind: str, *, make: Callable[..., dict[str, Any]], mends: Collection[str] = (), **facts: Any) -> Thing:
    """`make(**facts)` answers {"name", "region", "facts", …} from plain values."""
    known: pulumi.Output[Mapping[str, Any]] = pulumi.Output.all(**facts)
    return known.apply(lambda values: {"kind": kind, **make(**values)} | ({"mends": sorted(mends)} if mends else {}))


def topic(topic: aws.sns.Topic, policy: aws.sns.TopicPolicy, *, home: Home, is_mended: bool) -> Thing:
    """A topic with its policy. No data of ours is protected: that would hold messages back."""

    def make(*, arn: str, policy: str, key: str | None) -> dict[str, Any]:
        return {"name": arn, "region": home.region, "facts": {"policy": policy, "key": key or "", "protection": ""}}

    mends = ["policy", "protection"] if is_mended else []
    return make_thing("topic", make=make, mends=mends, arn=topic.arn, policy=policy.policy, key=topic.kms_master_key_id)


def subscription(subscription: aws.sns.TopicSubscription, *, home: Home) -> Thing:
    """Who is subscribed to a topic, and to what of it.

    A secret endpoint is told by its digest only, and cannot be subscribed again.
    """
    endpoint = pulumi.Output.from_input(subscription.endpoint)
    known = pulumi.Output.all(
        topic=subscription.topic,
        protocol=subscription.protocol,
        endpoint=endpoint,
        is_secret=pulumi.Output.from_input(endpoint.is_secret()),
        filter=subscription.filter_policy,
        raw=subscription.raw_message_delivery,
        dead_letters=subscription.redrive_policy,
        delivery=subscription.delivery_policy,
    ).apply(lambda facts: _subscriber(facts, region=home.region))
    return pulumi.Output.unsecret(known)


def _subscriber(facts: Mapping[str, Any], *, region: str) -> dict[str, Any]:
    protocol, endpoint, is_secret = facts["protocol"], facts["endpoint"], facts["is_secret"]
    who = who_is(protocol=protocol, endpoint=endpoint)
    attributes = {
        "FilterPolicy": facts["filter"],
        "RawMessageDelivery": "true" if facts["raw"] else None,
        "RedrivePolicy": facts["dead_letters"],
        "DeliveryPolicy": facts["delivery"],
    }
    compared = {
        "who": who,
        "filter": facts["filter"] or "",
        "scope": "MessageAttributes",
        "raw": bool(facts["raw"]),
        "dead_letters": facts["dead_letters"] or "",
        "retries": facts["delivery"] or "",
    }
    known = {
        "protocol": protocol,
        "endpoint": endpoint,
        "attributes": {name: value for name, value in attributes.items() if value},
    }
    return {
        "kind": "subscription",
        "name": f"{protocol} {who[:8]}" if is_secret else _short(endpoint),
        "of": facts["topic"],
        "region": region,
        "facts": compared if is_secret else {**compared, **known},
        **({} if is_secret else {"mends": [ITSELF]}),
    }


def _short(endpoint: str) -> str:
    """An ARN's last part; an address or a number as it is."""
    return endpoint.rpartition(":")[2] if endpoint.startswith("arn:") else endpoint


def who_is(*, protocol: str, endpoint: str) -> str:
    """A subscriber in a form that gives no secret away. SNS takes mail addresses in any case."""
    name = endpoint.casefold() if protocol.startswith("email") else endpoint
    return hashlib.sha256(f"{protocol} {name}".encode()).hexdigest()[:32]


def key(key: aws.kms.Key, *, home: Home) -> Thing:
    """A key."""

    def make(*, arn: str, policy: str) -> dict[str, Any]:
        return {"name": arn, "region": home.region, "facts": {"policy": policy, "state": "Enabled"}}

    return make_thing("key", make=make, arn=key.arn, policy=key.policy)


def bucket(
    bucket: aws.s3.Bucket,
    policy: aws.s3.BucketPolicy,
    *,
    home: Home,
    key_arn: pulumi.Input[str],
    ageing: Collection[str],
    lock: str,
) -> Thing:
    """A closed and versioned bucket with its policy, encrypted with a key.

    `ageing` is what becomes of old files, `lock` for how long nobody can delete one, both in the guardian's words.
    """

    def make(*, name: str, policy: str, key: str) -> dict[str, Any]:
        facts = {
            "policy": policy,
            "versioning": "Enabled",
            "closed": True,
            "encryption": "aws:kms",
            "key": key,
            "ageing": sorted(ageing),
            "lock": lock,
        }
        return {"name": name, "region": home.region, "facts": facts}

    return make_thing("bucket", make=make, name=bucket.id, policy=policy.policy, key=key_arn)


def role(role: aws.iam.Role, *policies: aws.iam.RolePolicy, home: Home) -> Thing:
    """A role with its policies, and with no others."""

    def make(*, name: str, trust: str, policies: list[tuple[str, str]]) -> dict[str, Any]:
        facts = {"trust": trust, "policies": dict(policies), "attached": [], "boundary": ""}
        return {"name": name, "region": home.region, "facts": facts}

    return make_thing(
        "role",
        make=make,
        name=role.name,
        trust=role.assume_role_policy,
        policies=pulumi.Output.all(*(pulumi.Output.all(each.name, each.policy) for each in policies)),
    )


def rule(
    rule: aws.cloudwatch.EventRule, target: aws.cloudwatch.EventTarget, *, region: str, is_mended: bool = False
) -> Thing:
    """An event rule with its one target."""

    def make(*, name: str, pattern: str, arn: str, target: Mapping[str, Any]) -> dict[str, Any]:
        facts = {"enabled": True, "pattern": pattern, "targets": {arn: target}}
        return {"name": name, "region": region, "facts": facts}

    mends = ["enabled", "targets"] if is_mended else []
    return make_thing(
        "rule",
        make=make,
        mends=mends,
        name=rule.name,
        pattern=rule.event_pattern,
        arn=target.arn,
        target=pulumi.Output.all(
            target.target_id, target.role_arn, target.dead_letter_config, target.retry_policy
        ).apply(lambda facts: _target(*facts)),
    )


def _target(target_id: str, role_arn: str | None, dead_letters: Any, retry: Any) -> dict[str, Any]:
    """As PutTargets takes it, without the ARN."""
    found: dict[str, Any] = {"Id": target_id}
    if role_arn:
        found["RoleArn"] = role_arn
    if dead_letters:
        found["DeadLetterConfig"] = {"Arn": dead_letters["arn"]}
    if retry:
        age, attempts = retry["maximum_event_age_in_seconds"], retry["maximum_retry_attempts"]
        found["RetryPolicy"] = {"MaximumRetryAttempts": int(attempts), "MaximumEventAgeInSeconds": int(age)}
    return found


def queue(queue: aws.sqs.Queue, policy: aws.sqs.QueuePolicy, *, region: str, is_kept_empty: bool) -> Thing:
    """A queue. In one that `is_kept_empty` nothing should wait."""

    def make(*, url: str, policy: str, retention: int) -> dict[str, Any]:
        keeps = {"retention": retention, "largest": LARGEST_MESSAGE, "delay": 0, "key": "", "redrive": ""}
        facts = {"policy": policy, **keeps, **({"waiting": 0} if is_kept_empty else {})}
        return {"name": url, "region": region, "facts": facts}

    return make_thing(
        "queue", make=make, url=queue.url, policy=policy.policy, retention=queue.message_retention_seconds
    )


def function(
    function: aws.lambda_.Function,
    *,
    callers: Collection[aws.lambda_.Permission],
    failures: aws.lambda_.FunctionEventInvokeConfig,
    home: Home,
) -> Thing:
    """A function: its code and configuration, who may call it, and where failed calls go."""

    def make(
        *,
        name: str,
        environment: Any,
        callers: list[tuple[str, str]],
        failures: Any,
        tries: int | None,
        age: int | None,
        reserved: int | None,
        **facts: Any,
    ) -> dict[str, Any]:
        stated = {
            **facts,
            "environment": dict((environment or {}).get("variables") or {}),
            "layers": sorted(facts["layers"] or []),
            "concurrency": None if reserved in (None, -1) else reserved,
            "callers": sorted(f"{service} {source}" for service, source in callers),
            "denied": [],
            "failures": failures["on_failure"]["destination"],
            "tries": _number(tries),
            "age": _number(age),
            "key": "",
            "subnets": [],
        }
        return {"name": name, "region": home.region, "facts": stated}

    return make_thing(
        "function",
        make=make,
        name=function.name,
        code=function.code_sha256,
        handler=function.handler,
        role=function.role,
        timeout=function.timeout,
        memory=function.memory_size,
        layers=function.layers,
        environment=function.environment,
        reserved=function.reserved_concurrent_executions,
        callers=pulumi.Output.all(*(pulumi.Output.all(each.principal, each.source_arn) for each in callers)),
        failures=failures.destination_config,
        tries=failures.maximum_retry_attempts,
        age=failures.maximum_event_age_in_seconds,
    )


def _number(value: float | None) -> int | None:
    """What the engine hands over as a float."""
    return None if value is None else int(value)
