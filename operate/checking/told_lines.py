"""Do the topics tell whom, and how, the stack file says? People are compared in `drift_lines`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from account import (
    Arn,
    CouldNotLook,
    Found,
    Principal,
    Role,
    Subscription,
    Topic,
    Verdict,
    found_or,
    may,
)
from operate.checking.drift_lines import CHANNELS
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.verdicts import worst
from operate.checking.words import named
from settings import Recipient, Settings

MACHINES: Final = frozenset({"sqs", "lambda"})
LOGGED: Final = ("HTTP", "Lambda", "SQS")
"""The protocols of ours for which SNS keeps a log of deliveries, as its attributes spell them."""
SNS: Final = Principal("sns.amazonaws.com")
OUTSIDERS: Final = ("sns:Publish", "sns:Subscribe")


def told_lines(site: Site, findings: Findings) -> None:
    """The topics that people hear, against the stack file."""
    settings = site.settings
    if settings is None:
        return
    up = f"pulumi up --stack {site.stack} makes it as the file says"
    _subscribers(site, settings, up, findings)
    _topics(site, settings, up, findings)
    for topic in site.channel("alerts"):
        _access(topic, site, settings, up, findings)
        _delivery_status(topic, site, settings, up, findings)


def _subscribers(site: Site, settings: Settings, up: str, findings: Findings) -> None:
    """Machines: who they are; and of everybody: filter, envelope, retries, and what is kept that did not arrive."""
    faults: list[str] = []
    for channel in CHANNELS:
        wanted = {each.endpoint.lower(): each for each in settings.recipients(channel) if each.endpoint}
        machines = {endpoint for endpoint, each in wanted.items() if each.protocol in MACHINES}
        for topic in site.channel(channel):
            if isinstance(topic.subscriptions, CouldNotLook):
                return  # said at the topic
            have = {each.endpoint.lower(): each for each in found_or(topic.subscriptions, ())}
            ours = {arn.lower() for arn in site.arns}  # the queue of the last resort is no subscriber of the file's
            others = {endpoint for endpoint, each in have.items() if each.protocol in MACHINES} - ours
            faults += [f"{each} is not subscribed to {topic.name}" for each in sorted(machines - have.keys())]
            faults += [f"{each} is subscribed to {topic.name}" for each in sorted(others - machines)]
            for endpoint in sorted(wanted.keys() & have.keys()):
                faults += [
                    f"{endpoint} at {topic.name}: {fault}" for fault in _differences(wanted[endpoint], have[endpoint])
                ]
    findings.agree(
        "drift.subscribers",
        faults,
        good="every subscription filters, retries and keeps what the stack file says",
        bad="subscriptions are not as the stack file says",
        fix=up,
        resource=site.stack,
    )


def _differences(wanted: Recipient, have: Subscription) -> Iterator[str]:
    if not isinstance(have.details, Found):
        return  # pending, or said at the topic
    details = have.details.value
    if details.is_raw != wanted.is_raw:
        yield "it gets the message alone" if details.is_raw else "it gets SNS's envelope"
    if _json(details.filter_policy) != (wanted.filter_policy or {}):
        yield f"filter {details.filter_policy or 'none'}"
    if _asked_retries(wanted) - _retries(details.delivery_policy):
        yield f"retries {details.delivery_policy or 'as SNS does'}"
    if bool(details.dead_letter_arn) != wanted.has_dead_letters:
        yield "what does not arrive is " + ("kept" if details.dead_letter_arn else "lost")


def _json(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def _retries(text: str) -> set[tuple[str, str, Any]]:
    told = _json(text)
    return {
        (part, name, value)
        for part, values in (told.items() if isinstance(told, dict) else ())
        if isinstance(values, Mapping)
        for name, value in values.items()
        if value is None or isinstance(value, int | float | str)
    }


def _asked_retries(wanted: Recipient) -> set[tuple[str, str, Any]]:
    """SNS adds members of its own to a policy, so only what is asked for is looked for."""
    return _retries(json.dumps(wanted.delivery_policy)) if wanted.delivery_policy else set()


def _topics(site: Site, settings: Settings, up: str, findings: Findings) -> None:
    faults = [
        f"{topic.name} is called {topic.display_name!r} in mails"
        for channel in CHANNELS
        for topic in site.channel(channel)
        if topic.display_name != settings.display_name
    ]
    for topic in site.channel("alerts"):
        if settings.alerts.topic_name not in (None, topic.name):
            faults.append(f"the alerts topic is {topic.name}")
        if settings.alerts.kms_key not in (None, topic.kms_key):
            faults.append(f"{topic.name} is encrypted with {topic.kms_key or 'no key'}")
    findings.agree(
        "drift.topics",
        faults,
        good=f"mails come from {settings.display_name!r}, as the stack file says",
        bad="topics are not called or encrypted as the stack file says",
        fix=up,
        resource=site.stack,
    )


def _access(topic: Topic, site: Site, settings: Settings, up: str, findings: Findings) -> None:
    """Accounts and principals that the topic's policy names, against those that the stack file lets in."""
    wanted = {"sns:Publish": settings.alerts.allow_publish, "sns:Subscribe": settings.alerts.allow_subscribe}
    named_here = _named_in(topic.policy)
    owner = site.survey.identity.account_id
    faults: list[str] = []
    for action in OUTSIDERS:
        asked = {_whole(each, topic) for each in wanted[action]}
        have = {
            _whole(each, topic)
            for each in named_here
            if each != "*" and (_whole(each, topic) != _whole(owner, topic)) and _lets(topic, each, action)
        }
        faults += [f"{each} may not do {action}" for each in sorted(asked - have)]
        faults += [f"{each} may do {action}" for each in sorted(have - asked)]
    findings.agree(
        "drift.access",
        faults,
        good=f"topic {topic.name} lets in exactly those whom the stack file names",
        bad=f"topic {topic.name} does not let in exactly those whom the stack file names",
        fix=up,
        resource=topic.arn,
        where=topic.region,
    )


def _named_in(policy: str) -> set[str]:
    """The accounts, roles and users that the statements of a policy name."""
    statements = _json(policy).get("Statement", ()) if isinstance(_json(policy), dict) else ()
    found: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal") if isinstance(statement, Mapping) else None
        told = principal.get("AWS", ()) if isinstance(principal, Mapping) else ()
        found |= {str(each) for each in ([told] if isinstance(told, str) else told)}
    return found


def _whole(principal: str, topic: Topic) -> str:
    """`111122223333` → `arn:aws:iam::111122223333:root`, which is the same to AWS; what is no account stays."""
    partition = topic.arn.split(":")[1]
    return f"arn:{partition}:iam::{principal}:root" if principal.isdigit() else principal


def _lets(topic: Topic, principal: str, action: str) -> bool:
    arn = _whole(principal, topic)
    parsed = Arn.parse(arn)
    who = Principal(arn, parsed.account) if parsed else Principal(arn)
    # Allowed under some condition counts: whoever is let in at all is to be seen.
    return may(topic.policy, principal=who, action=action, resource=topic.arn).outcome in ("allowed", "cannot tell")


def _delivery_status(topic: Topic, site: Site, settings: Settings, up: str, findings: Findings) -> None:
    check, rate = "topic.delivery-status", settings.alerts.delivery_status
    faults = list(_not_logged(topic, rate))
    role = next((site.survey.roles.get(arn) for arn in sorted(topic.status_role_arns)), None)
    if not faults and isinstance(role, CouldNotLook):
        findings.blind(check, f"the role under which SNS logs deliveries of {topic.name}", role, resource=topic.arn)
        return
    if not faults and rate is not None:
        if isinstance(role, Found) and isinstance(role.value.policies, CouldNotLook):
            findings.blind(check, f"the policies of role {role.value.name}", role.value.policies, resource=topic.arn)
            return
        verdict = _may_log(topic, role.value) if isinstance(role, Found) else None
        if verdict is not None and verdict.outcome == "cannot tell":
            what = f"whether SNS may log deliveries of topic {topic.name} cannot be told"
            findings.unsure(check, what, verdict.why, fix="read the role's policies and boundary", resource=topic.arn)
            return
        if verdict is None or not verdict.is_allowed:
            faults.append(f"SNS may not write the log: {verdict.why if verdict else 'the role is gone'}")
        faults += [f"log group {group} is gone" for group in _groups(topic) if not _has(group, topic, site)]
    findings.agree(
        check,
        faults,
        good=f"SNS logs what became of the messages of topic {topic.name}"
        if rate is not None
        else f"SNS logs no deliveries of topic {topic.name}, as the stack file says",
        bad=f"SNS does not log deliveries of topic {topic.name} as the stack file says",
        fix=up,
        resource=topic.arn,
        where=topic.region,
    )


def _not_logged(topic: Topic, rate: int | None) -> Iterator[str]:
    told = topic.delivery_status
    if rate is None:
        if topic.status_role_arns:
            yield "deliveries are logged, which the file does not ask for"
        return
    missing = [kind for kind in LOGGED if not told.get(f"{kind}FailureFeedbackRoleArn")]
    if missing:
        yield f"failures of {named(missing)} are not logged"
    for kind in LOGGED:
        have = int(told.get(f"{kind}SuccessFeedbackSampleRate") or 0) if _logs_success(told, kind) else 0
        if have != rate:
            yield f"{have} instead of {rate} percent of the successes of {kind} are logged"


def _logs_success(told: Mapping[str, str], kind: str) -> bool:
    return bool(told.get(f"{kind}SuccessFeedbackRoleArn"))


def _may_log(topic: Topic, role: Role) -> Verdict:
    _, partition, _, region, account, _ = topic.arn.split(":", 5)
    streams = [f"arn:{partition}:logs:{region}:{account}:log-group:{name}:log-stream:x" for name in _groups(topic)]
    return worst(
        may(role.trust, principal=SNS, action="sts:AssumeRole", resource=role.arn),
        *(role.can(action="logs:PutLogEvents", resource=stream) for stream in streams),
    )


def _groups(topic: Topic) -> Iterable[str]:
    """Where SNS logs: names follow from the topic (Amazon SNS Developer Guide, "Message delivery status")."""
    account = topic.arn.split(":")[4]
    name = f"sns/{topic.region}/{account}/{topic.name}"
    return (name, f"{name}/Failure")


def _has(group: str, topic: Topic, site: Site) -> bool:
    return any(arn.endswith(f":{topic.region}:{topic.arn.split(':')[4]}:log-group:{group}") for arn in site.arns)
