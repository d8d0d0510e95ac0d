"""Do the event rules hear, and does what they hear get through? And does the schedule wake the guardian?"""

from __future__ import annotations

import json
from typing import Any, Final

from account import (
    CouldNotLook,
    Found,
    Key,
    Nothing,
    Principal,
    Rule,
    Schedule,
    Target,
    Verdict,
    found_or,
    group_arn_of,
    may,
    name_of,
    region_of,
    service_context,
)
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.topic_lines import dead_letters
from operate.checking.verdicts import DEPLOY, worst
from operate.checking.words import named
from settings.trail_calls import TRAIL_CALLS

EVENTS = Principal("events.amazonaws.com")
SCHEDULER = Principal("scheduler.amazonaws.com")
MUST_HEAR: Final = frozenset(TRAIL_CALLS)


def event_lines(site: Site, findings: Findings) -> None:
    """The stack's rules in every region, and the schedules that wake its functions."""
    for arn in sorted(site.arns):
        answer = site.survey.rules.get(arn)
        if isinstance(answer, CouldNotLook):
            findings.blind("rule.enabled", f"rule {name_of(arn)}", answer, resource=arn)
        elif isinstance(answer, Found):
            _rule(answer.value, site, findings)
    for arn in sorted({rule.bus_arn for rule in site.rules}):
        _bus(arn, site, findings)
    for region, answer in site.survey.schedules.items():
        if isinstance(answer, CouldNotLook):
            findings.blind("schedule.enabled", f"the schedules of {region}", answer)
    for function in site.functions:
        if "DESIRED_STATE_ARN" in function.environment:
            _woken(function.name, [each for each in site.schedules if each.target_arn == function.arn], site, findings)


def _rule(rule: Rule, site: Site, findings: Findings) -> None:
    at = rule.region
    findings.expect(
        "rule.enabled",
        rule.is_enabled,
        good=f"rule {rule.name} is enabled",
        bad=f"rule {rule.name} is {rule.state or 'off'}, so nothing is heard within seconds",
        fix=f"aws events enable-rule --region {at} --name {rule.name}",
        resource=rule.arn,
        where=at,
    )
    if _guards_trail(rule, site):
        _hears(rule, findings)
    if isinstance(rule.targets, CouldNotLook):
        findings.blind("rule.targets", f"the targets of rule {rule.name}", rule.targets, resource=rule.arn)
        return
    targets = found_or(rule.targets, ())
    findings.expect(
        "rule.targets",
        bool(targets),
        good=f"rule {rule.name} tells {named(name_of(target.arn) for target in targets)}",
        bad=f"rule {rule.name} has no target",
        fix=DEPLOY,
        resource=rule.arn,
        where=at,
    )
    for target in targets:
        _reaches(rule, target, site, findings)
        _keeps(rule, target, site, findings)


def _bus(arn: str, site: Site, findings: Findings) -> None:
    """A customer key on a bus encrypts the patterns and targets of its rules: without the key no rule hears.

    Source: EventBridge User Guide, "Encrypting EventBridge event buses with AWS KMS keys".
    """
    check, answer, where = "rule.bus", site.survey.buses.get(arn, Nothing("event bus")), region_of(arn)
    what = f"event bus {name_of(arn)}"
    if isinstance(answer, CouldNotLook):
        findings.blind(check, what, answer, resource=arn, where=where)
        return
    reference = answer.value.kms_key if isinstance(answer, Found) else ""
    key = site.survey.keys.get((where, reference), Nothing("key"))
    back = f"aws events update-event-bus --region {where} --name {name_of(arn)} --kms-key-identifier ''"
    if not reference or isinstance(key, Nothing) or (isinstance(key, Found) and not key.value.is_enabled):
        findings.expect(
            check,
            isinstance(answer, Found) and not reference,
            good=f"{what} of {where} is encrypted with a key of AWS",
            bad=f"{what} of {where} is encrypted with a key that is disabled or gone, so no rule on it hears anything"
            if reference
            else f"{what} of {where} is gone",
            fix=f"{back}, or enable the key {reference}" if reference else DEPLOY,
            resource=arn,
            where=where,
        )
    elif isinstance(key, CouldNotLook) or isinstance(key.value.policy, CouldNotLook):
        why = key if isinstance(key, CouldNotLook) else key.value.policy
        assert isinstance(why, CouldNotLook)
        findings.blind(check, f"the key of {what}", why, resource=arn, where=where)
    else:
        findings.judged(
            check,
            _may_encrypt(arn, key.value, site.survey.identity.account_id),
            good=f"{what} of {where} may use its key",
            bad=f"{what} of {where} may not use its key, so no rule on it hears anything",
            fix=f"{back}, or let events.amazonaws.com use the key: kms:Decrypt and kms:GenerateDataKey",
            resource=arn,
        )


def _may_encrypt(bus_arn: str, key: Key, account_id: str) -> Verdict:
    context = service_context(source_arn=bus_arn, account=account_id)
    context["kms:EncryptionContext:aws:events:event-bus:arn"] = bus_arn
    text = found_or(key.policy, "")
    actions = ("kms:GenerateDataKey", "kms:Decrypt")
    return worst(*(may(text, principal=EVENTS, action=each, resource=key.arn, context=context) for each in actions))


def _guards_trail(rule: Rule, site: Site) -> bool:
    """Whether this is the guardian's rule, or one that sends to its bus what that one hears."""
    named_by_guardian = any(rule.arn == function.environment.get("RULE_ARN") for function in site.functions)
    forwards = any(":event-bus/" in target.arn for target in found_or(rule.targets, ()))
    return named_by_guardian or (forwards and "cloudtrail" in rule.pattern and "-critical-" not in rule.name)


def _hears(rule: Rule, findings: Findings) -> None:
    missing, why = _unheard(rule.pattern)
    findings.expect(
        "rule.pattern",
        not missing and not why,
        good=f"rule {rule.name} hears every call that changes a trail",
        bad=f"rule {rule.name} does not hear {named(missing) if missing else 'everybody'}",
        fix=DEPLOY,
        resource=rule.arn,
        evidence=why,
        where=rule.region,
    )


def _unheard(pattern: str) -> tuple[frozenset[str], str]:
    """The calls that a pattern does not hear, and what else narrows it."""
    try:
        told: Any = json.loads(pattern or "{}")
        detail = told["detail"]
        names, sources = set(detail["eventName"]), set(detail["eventSource"])
    except (ValueError, KeyError, TypeError):
        return MUST_HEAR, "it does not look for calls of CloudTrail by their names"
    if "cloudtrail.amazonaws.com" not in sources or "aws.cloudtrail" not in told.get("source", ["aws.cloudtrail"]):
        return MUST_HEAR, "it does not look for calls of CloudTrail"
    more = (set(detail) - {"eventName", "eventSource"}) | (set(told) - {"source", "detail-type", "detail"})
    why = f"a condition on {named(more)} leaves somebody out" if more else ""
    return MUST_HEAR - {name for name in names if isinstance(name, str)}, why


def _reaches(rule: Rule, target: Target, site: Site, findings: Findings) -> None:
    check, what = "rule.permission", f"rule {rule.name}"
    context = service_context(source_arn=rule.arn, account=site.survey.identity.account_id)
    if ":lambda:" in target.arn:
        answer = site.survey.functions.get(target.arn, Nothing("function"))
        if isinstance(answer, Nothing):
            findings.fails(
                check, f"{what} tells function {name_of(target.arn)}, which is gone", fix=DEPLOY, resource=target.arn
            )
        elif isinstance(answer, CouldNotLook):
            findings.blind(check, f"function {name_of(target.arn)}", answer, resource=target.arn)
        elif isinstance(answer.value.policy, CouldNotLook):
            findings.blind(
                check, f"who may call function {answer.value.name}", answer.value.policy, resource=target.arn
            )
        else:
            verdict = may(
                found_or(answer.value.policy, ""),
                principal=EVENTS,
                action="lambda:InvokeFunction",
                resource=target.arn,
                context=context,
            )
            findings.judged(
                check,
                verdict,
                good=f"{what} may call function {answer.value.name}",
                bad=f"{what} may not call function {answer.value.name}",
                fix=f"the function's permission for events.amazonaws.com is missing; {DEPLOY}",
                resource=target.arn,
            )
    elif ":event-bus/" in target.arn:
        _forwards(rule, target, site, context, findings)


def _forwards(rule: Rule, target: Target, site: Site, context: dict[str, str | None], findings: Findings) -> None:
    check, answer = "rule.permission", site.survey.roles.get(target.role_arn, Nothing("role"))
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"role {name_of(target.role_arn)}", answer, resource=target.role_arn, where=rule.region)
    elif isinstance(answer, Nothing):
        findings.fails(
            check, f"the role of forwarder {rule.name} is gone", fix=DEPLOY, resource=rule.arn, where=rule.region
        )
    elif isinstance(answer.value.policies, CouldNotLook):
        findings.blind(check, f"the policies of role {answer.value.name}", answer.value.policies, where=rule.region)
    else:
        role = answer.value
        findings.judged(
            check,
            worst(
                may(role.trust, principal=EVENTS, action="sts:AssumeRole", resource=role.arn, context=context),
                role.can(action="events:PutEvents", resource=target.arn),
            ),
            good=f"forwarder {rule.name} may send from {rule.region} to {name_of(target.arn)} in {site.home}",
            bad=f"forwarder {rule.name} in {rule.region} may not send home",
            fix=f"its role must trust events.amazonaws.com and allow events:PutEvents on the bus; {DEPLOY}",
            resource=role.arn,
        )


def _keeps(rule: Rule, target: Target, site: Site, findings: Findings) -> None:
    context = service_context(source_arn=rule.arn, account=site.survey.identity.account_id)
    whose = f"what rule {rule.name} cannot deliver"
    dead_letters(
        "rule.dead-letters", target.dead_letter_arn, site, EVENTS, context, findings, whose=whose, resource=rule.arn
    )


def _woken(name: str, schedules: list[Schedule], site: Site, findings: Findings) -> None:
    if any(isinstance(answer, CouldNotLook) for answer in site.survey.schedules.values()):
        return  # said once for the region
    on = [each for each in schedules if each.is_enabled]
    findings.expect(
        "schedule.enabled",
        bool(on),
        good=f"schedule {on[0].name if on else ''} wakes function {name}: {on[0].expression if on else ''}",
        bad=f"schedule {schedules[0].name} is disabled" if schedules else f"no schedule wakes function {name}",
        fix=DEPLOY,
        resource=(on or schedules)[0].arn if schedules else name,
    )
    for each in on:
        _may_wake(each, site, findings)


def _may_wake(each: Schedule, site: Site, findings: Findings) -> None:
    check, answer = "schedule.role", site.survey.roles.get(each.role_arn, Nothing("role"))
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"role {name_of(each.role_arn)}", answer, resource=each.role_arn)
    elif isinstance(answer, Nothing):
        findings.fails(check, f"the role of schedule {each.name} is gone", fix=DEPLOY, resource=each.arn)
    elif isinstance(answer.value.policies, CouldNotLook):
        findings.blind(check, f"the policies of role {answer.value.name}", answer.value.policies)
    else:
        role = answer.value
        context = service_context(source_arn=group_arn_of(each), account=site.survey.identity.account_id)
        verdict: Verdict = worst(
            may(role.trust, principal=SCHEDULER, action="sts:AssumeRole", resource=role.arn, context=context),
            role.can(action="lambda:InvokeFunction", resource=each.target_arn),
        )
        findings.judged(
            check,
            verdict,
            good=f"schedule {each.name} may wake its function",
            bad=f"schedule {each.name} may not wake its function",
            fix=f"its role must trust scheduler.amazonaws.com and allow lambda:InvokeFunction; {DEPLOY}",
            resource=role.arn,
        )
