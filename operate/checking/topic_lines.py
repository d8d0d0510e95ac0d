"""Does what is published reach somebody? Policies and keys evaluated, subscriptions looked at one by one."""

from __future__ import annotations

from account import (
    MANAGED_BY_AWS,
    PENDING_FOR_H,
    Alarm,
    Answer,
    CouldNotLook,
    Found,
    Nothing,
    Principal,
    Queue,
    Subscription,
    Topic,
    Verdict,
    found_or,
    may,
    name_of,
    service_context,
)
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.verdicts import DEPLOY, OURS, key_fix, worst
from operate.checking.words import named

CLOUDWATCH = Principal("cloudwatch.amazonaws.com")
SNS = Principal("sns.amazonaws.com")
STRANGER = Principal("arn:aws:iam::000000000001:role/stranger", "000000000001")
"""Somebody of another account, of whom nothing else is known."""


def topic_lines(site: Site, findings: Findings) -> None:
    """The stack's topics, in the order of their ARNs."""
    for arn in sorted(site.arns):
        if ":sns:" not in arn or arn not in site.survey.topics:
            continue
        answer = site.survey.topics[arn]
        if isinstance(answer, CouldNotLook):
            for check in ("topic.cloudwatch", "topic.subscribers"):
                findings.blind(check, f"topic {name_of(arn)}", answer, resource=arn)
        elif isinstance(answer, Found):
            _topic(answer.value, site, findings)


def _topic(topic: Topic, site: Site, findings: Findings) -> None:
    rings = [alarm for alarm in site.alarms if topic.arn in alarm.alarm_actions]
    if rings:
        findings.judged(
            "topic.cloudwatch",
            worst(*(_may_publish(alarm, topic, site) for alarm in rings)),
            good=f"topic {topic.name} takes what {len(rings)} alarms say",
            bad=f"topic {topic.name} does not let CloudWatch publish, so {len(rings)} alarms ring unheard",
            fix=f"its policy must allow cloudwatch.amazonaws.com sns:Publish for this account's alarms; {DEPLOY}",
            resource=topic.arn,
        )
        _key(topic, rings[0], site, findings)
    stranger = may(topic.policy, principal=STRANGER, action="sns:Publish", resource=topic.arn)
    findings.expect(
        "topic.closed",
        not stranger.is_allowed,
        good=f"topic {topic.name} is closed to strangers",
        bad=f"anybody in AWS may publish to topic {topic.name}",
        fix="take the statement out of the topic's policy; pulumi up puts the stack's policy back",
        resource=topic.arn,
        evidence=stranger.why if stranger.is_allowed else "",
    )
    _subscribers(topic, site, findings)


def _may_publish(alarm: Alarm, topic: Topic, site: Site) -> Verdict:
    context = service_context(source_arn=alarm.arn, account=site.survey.identity.account_id)
    return may(topic.policy, principal=CLOUDWATCH, action="sns:Publish", resource=topic.arn, context=context)


def _key(topic: Topic, alarm: Alarm, site: Site, findings: Findings) -> None:
    if not topic.kms_key:
        return
    check, answer = "topic.key", site.survey.keys.get((topic.region, topic.kms_key), Nothing("key"))
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"the key of topic {topic.name}", answer, resource=topic.kms_key)
        return
    if isinstance(answer, Nothing):
        findings.fails(
            check,
            f"the key of topic {topic.name} is gone, so every message is lost",
            fix=f"give the topic a key that is there; {DEPLOY}",
            resource=topic.kms_key,
        )
        return
    key = answer.value
    if key.manager == MANAGED_BY_AWS:
        findings.fails(
            check,
            f"topic {topic.name} is encrypted with the key that AWS manages, which CloudWatch may not use",
            fix="encrypt it with a key of your own: nobody can change the policy of that one",
            resource=key.arn,
        )
    elif not key.is_enabled:
        findings.fails(
            check,
            f"the key of topic {topic.name} is {key.state}, so every message is lost",
            fix=key_fix(key.state, key.arn, key.region),
            resource=key.arn,
        )
    elif isinstance(key.policy, CouldNotLook):
        findings.blind(check, f"the policy of the key of topic {topic.name}", key.policy, resource=key.arn)
    else:
        text = found_or(key.policy, "")
        # What CloudWatch hands KMS besides the topic is not documented; a condition on more cannot be told.
        context = service_context(source_arn=alarm.arn, account=site.survey.identity.account_id)
        context["kms:EncryptionContext:aws:sns:topicArn"] = topic.arn
        findings.judged(
            check,
            worst(
                *(
                    may(text, principal=CLOUDWATCH, action=action, resource=key.arn, context=context)
                    for action in ("kms:GenerateDataKey", "kms:Decrypt")
                )
            ),
            good=f"the key of topic {topic.name} lets CloudWatch use it",
            bad=f"the key of topic {topic.name} does not let CloudWatch use it, so every message is lost",
            fix=f"its policy must allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*; {DEPLOY}",
            resource=key.arn,
        )


def _subscribers(topic: Topic, site: Site, findings: Findings) -> None:
    told = topic.subscriptions
    if isinstance(told, CouldNotLook):
        findings.blind("topic.subscribers", f"who is subscribed to {topic.name}", told, resource=topic.arn)
        return
    everybody = found_or(told, ())
    confirmed = [each for each in everybody if not each.is_pending]
    reaches = named(name_of(each.endpoint) for each in confirmed)
    if not everybody and (why := _may_be_unheard(topic, site)):
        reaches = why
    findings.expect(
        "topic.subscribers",
        bool(reaches),
        good=f"topic {topic.name} reaches {reaches}",
        bad=f"topic {topic.name} reaches nobody" + (", for nobody has confirmed" if everybody else ""),
        fix="confirm a subscription: see the lines about them" if everybody else DEPLOY,
        resource=topic.arn,
    )
    for each in everybody:
        _confirmed(each, topic, findings)
        if not each.is_pending:
            _delivered(each, topic, site, findings)


def _may_be_unheard(topic: Topic, site: Site) -> str:
    """Why a topic without subscribers is no fault, as an end of "reaches …"; empty if it is one."""
    if topic.arn in {trail.topic_arn for trail in site.trails}:
        return "whoever wants to hear of log files"  # CloudTrail's notices are an offer
    rings = [alarm for alarm in site.alarms if topic.arn in alarm.alarm_actions]
    if not site.functions and rings and all(len(alarm.alarm_actions) > 1 for alarm in rings):
        return "no function, for there is none; its alarms act on another topic too"
    return ""


def _confirmed(each: Subscription, topic: Topic, findings: Findings) -> None:
    who = name_of(each.endpoint) if each.protocol in ("lambda", "sqs") else each.endpoint
    ask = 'ask for the mail "AWS Notification - Subscription Confirmation", or send it again'
    findings.expect(
        "subscription.confirmed",
        not each.is_pending,
        good=f"{who} gets what topic {topic.name} is told",
        bad=f"subscription {each.endpoint} to {topic.name} is pending",
        fix=f"AWS forgets it after {PENDING_FOR_H} h: {ask}: {OURS} check --resend {each.endpoint}",
        resource=each.arn or f"{topic.arn} {each.protocol} {each.endpoint}",
    )


def _delivered(each: Subscription, topic: Topic, site: Site, findings: Findings) -> None:
    context = service_context(source_arn=topic.arn, account=site.survey.identity.account_id)
    if each.protocol == "lambda":
        _function(each, topic, site, context, findings)
    elif each.protocol == "sqs":
        _queue(each.endpoint, site.survey.queues.get(each.endpoint), topic, context, findings)
    if isinstance(each.details, CouldNotLook):
        findings.blind("subscription.dead-letters", f"subscription {each.endpoint}", each.details, resource=each.arn)
    elif isinstance(each.details, Found) and each.protocol == "lambda":
        dead_letters(
            "subscription.dead-letters",
            each.details.value.dead_letter_arn,
            site,
            SNS,
            context,
            findings,
            whose=f"what topic {topic.name} cannot deliver to {name_of(each.endpoint)}",
            resource=each.arn,
        )


def _function(each: Subscription, topic: Topic, site: Site, context: dict[str, str | None], findings: Findings) -> None:
    check, answer = "subscription.target", site.survey.functions.get(each.endpoint)
    if answer is None:
        return  # not ours, and nobody was asked
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"function {name_of(each.endpoint)}", answer, resource=each.endpoint)
    elif isinstance(answer, Nothing):
        findings.fails(
            check,
            f"function {name_of(each.endpoint)}, which {topic.name} tells, is gone",
            fix=DEPLOY,
            resource=each.endpoint,
        )
    elif isinstance(answer.value.policy, CouldNotLook):
        findings.blind(check, f"who may call function {answer.value.name}", answer.value.policy, resource=each.endpoint)
    else:
        findings.judged(
            check,
            may(
                found_or(answer.value.policy, ""),
                principal=SNS,
                action="lambda:InvokeFunction",
                resource=answer.value.arn,
                context=context,
            ),
            good=f"topic {topic.name} may call function {answer.value.name}",
            bad=f"topic {topic.name} may not call function {answer.value.name}",
            fix=f"the function's permission for sns.amazonaws.com is missing; {DEPLOY}",
            resource=answer.value.arn,
        )


def _queue(
    arn: str, answer: Answer[Queue] | None, topic: Topic, context: dict[str, str | None], findings: Findings
) -> None:
    check = "subscription.target"
    if answer is None:
        return
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"queue {name_of(arn)}", answer, resource=arn)
    elif isinstance(answer, Nothing):
        findings.fails(check, f"queue {name_of(arn)}, which {topic.name} tells, is gone", fix=DEPLOY, resource=arn)
    else:
        findings.judged(
            check,
            may(answer.value.policy, principal=SNS, action="sqs:SendMessage", resource=arn, context=context),
            good=f"topic {topic.name} may send to queue {answer.value.name}",
            bad=f"topic {topic.name} may not send to queue {answer.value.name}",
            fix=f"the queue's policy must allow sns.amazonaws.com sqs:SendMessage for the topic; {DEPLOY}",
            resource=arn,
        )


def dead_letters(
    check: str,
    arn: str,
    site: Site,
    who: Principal,
    context: dict[str, str | None],
    findings: Findings,
    *,
    whose: str,
    resource: str,
) -> None:
    """Whether what cannot be delivered goes to a queue that takes it. `whose` begins the sentence."""
    answer = site.survey.queues.get(arn, Nothing("queue")) if arn else Nothing("queue")
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"queue {name_of(arn)}", answer, resource=arn)
    elif isinstance(answer, Nothing):
        bad = f"{whose} goes to a queue that is gone" if arn else f"{whose} is lost: there is no dead-letter queue"
        findings.fails(check, bad, fix=DEPLOY, resource=resource)
    else:
        findings.judged(
            check,
            may(answer.value.policy, principal=who, action="sqs:SendMessage", resource=arn, context=context),
            good=f"{whose} goes to queue {answer.value.name}",
            bad=f"{whose} is lost: queue {answer.value.name} does not take it",
            fix=f"the queue's policy must allow {who.name} sqs:SendMessage; {DEPLOY}",
            resource=arn,
        )
