"""Is what is deployed what the stack file says? Only the stack file is compared; `pulumi preview` compares the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from account import VERSION_TAG, CouldNotLook, Nothing, found_or
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.verdicts import OURS
from operate.checking.words import named
from settings import CANARY_METRIC, VERSION, Settings, muting, suppressing
from settings.model import Channel

KINDS: Mapping[str, tuple[str, str]] = {
    "trails": ("cloudtrail:trail", "trail"),
    "functions": ("lambda:function", "function"),
    "topics": ("sns", "topic"),
    "rules": ("events:rule", "event rule"),
    "tables": ("dynamodb:table", "table"),
    "queues": ("sqs", "queue"),
    "keys": ("kms:key", "key"),
    "log_groups": ("logs:log-group", "log group"),
    "buckets": ("s3", "bucket"),
    "alarms": ("cloudwatch:alarm", "alarm"),
}
"""Counts of `Settings.plan()` by how the tagging API names them, and what people call them."""
CHANNELS: tuple[Channel, ...] = ("alerts", "last-resort")
PEOPLE = frozenset({"email", "email-json", "sms", "http", "https"})


def deployed_lines(site: Site, findings: Findings) -> bool:
    """Whether there is a deployment to speak of; answers it."""
    preview = f"pulumi preview --stack {site.stack}, then pulumi up --stack {site.stack}"
    if not site.arns:
        blind = site.survey.tagged.blind
        if blind:
            findings.blind("stack.deployed", f"what belongs to stack {site.stack}", blind[0])
        else:
            findings.fails(
                "stack.deployed",
                f"nothing of stack {site.stack} is deployed in {named(site.survey.regions)}",
                fix=f"{preview}; or look elsewhere with --region or --profile",
                resource=site.stack,
            )
        return False
    findings.expect(
        "stack.deployed",
        True,
        good=f"stack {site.stack} has {len(site.arns)} tagged resources here",
        bad="",
        fix="",
        resource=site.stack,
    )
    if site.settings is not None and not site.survey.tagged.blind:
        _complete(site, site.settings, preview, findings)
    _version(site, preview, findings)
    return True


def _complete(site: Site, settings: Settings, preview: str, findings: Findings) -> None:
    plan, have = settings.plan(), [each.kind for each in site.tagged]
    missing = [
        f"{wanted - have.count(kind)} {word}{'s' if wanted - have.count(kind) > 1 else ''}"
        for counted, (kind, word) in KINDS.items()
        if (wanted := int(getattr(plan, counted))) > have.count(kind) and _could_see(settings, site, kind)
    ]
    findings.expect(
        "stack.complete",
        not missing,
        good=f"every trail, function, topic, rule, alarm, queue and key of stack {site.stack} is there",
        bad=f"of stack {site.stack} is missing: {named(missing, most=9)}",
        fix=preview,
        resource=site.stack,
    )


def _could_see(settings: Settings, site: Site, kind: str) -> bool:
    """Whether all regions were looked at in which the stack has such things."""
    everywhere = {*settings.home_regions, *(settings.regions if kind in ("events:rule", "sqs") else ())}
    return everywhere <= set(site.survey.regions)


def _version(site: Site, preview: str, findings: Findings) -> None:
    versions = {each.tags[VERSION_TAG] for each in site.tagged if VERSION_TAG in each.tags}
    others = versions - {VERSION}
    findings.expect(
        "stack.version",
        not others,
        good=f"stack {site.stack} was deployed by trailwarden {VERSION}",
        bad=f"stack {site.stack} was deployed by trailwarden {named(others)}, and this is {VERSION}",
        fix=f"{preview}; or check with the version that deployed it",
        resource=site.stack,
    )


def drift_lines(site: Site, findings: Findings) -> None:
    """Watches, people, regions and mode, against the stack file."""
    settings = site.settings
    if settings is None:
        return
    up = f"pulumi up --stack {site.stack} makes it as the file says; or change the file with {OURS} setup"
    _watches(site, settings, up, findings)
    _people(site, settings, up, findings)
    _regions(site, settings, up, findings)
    _ended(site, settings, findings)
    _remediation(site, settings, up, findings)
    _retention(site, settings, findings)


def _watches(site: Site, settings: Settings, up: str, findings: Findings) -> None:
    wanted = {(watch.namespace, watch.metric) for place in settings.trails for watch in settings.watches_of(place)}
    more = [
        each.name
        for each in site.filters
        if (each.namespace, each.metric) not in wanted and each.metric != CANARY_METRIC
    ]
    findings.expect(
        "drift.watches",
        not more,
        good=f"nothing is watched beyond the {len(wanted)} of the stack file",
        bad=f"filters that the stack file does not ask for: {named(more)}",
        fix=up,
        resource=site.stack,
    )


def _people(site: Site, settings: Settings, up: str, findings: Findings) -> None:
    faults: list[str] = []
    for channel in CHANNELS:
        wanted = {
            (each.protocol, each.endpoint.lower())
            for each in settings.recipients(channel)
            if each.protocol in PEOPLE and each.endpoint
        }
        for topic in site.channel(channel):
            if isinstance(topic.subscriptions, CouldNotLook):
                return  # said at the topic
            have = {
                (each.protocol, each.endpoint.lower())
                for each in found_or(topic.subscriptions, ())
                if each.protocol in PEOPLE
            }
            faults += [f"{endpoint} is not subscribed to {topic.name}" for _, endpoint in sorted(wanted - have)]
            if not settings.secrets:  # a secret endpoint stands in no file, so nobody can be told apart from it
                faults += [f"{endpoint} is subscribed to {topic.name}" for _, endpoint in sorted(have - wanted)]
    findings.agree(
        "drift.people",
        faults,
        good="exactly the people of the stack file are subscribed",
        bad="subscribed are not the people of the stack file",
        fix=up,
        resource=site.stack,
    )


def _regions(site: Site, settings: Settings, up: str, findings: Findings) -> None:
    if not settings.has_ledger:
        return  # nobody listens
    looked = set(site.survey.regions)
    wanted = {region for home in settings.home_regions for region in settings.forwarding_regions(home)} & looked
    have = {
        rule.region for rule in site.rules if any(":event-bus/" in target.arn for target in found_or(rule.targets, ()))
    }
    seen = [answer for arn, answer in site.survey.rules.items() if arn in site.arns]
    if any(isinstance(answer, CouldNotLook) for answer in [*seen, *(rule.targets for rule in site.rules)]):
        return  # said at the rule
    faults = [
        *(f"no forwarder in {region}" for region in sorted(wanted - have)),
        *(f"a forwarder in {region}, which is not watched" for region in sorted(have - wanted)),
    ]
    findings.agree(
        "drift.regions",
        faults,
        good=f"calls are forwarded home from {named(have) or 'nowhere'}, as the stack file says",
        bad="not exactly the watched regions forward home",
        fix=up,
        resource=site.stack,
    )


def _ended(site: Site, settings: Settings, findings: Findings) -> None:
    """What has an end in the stack file, and whether it is past."""
    now, alerts = site.survey.at, settings.alerts
    if alerts.suppressions:
        _none_is_over(
            "suppressions",
            suppressing.over(alerts.suppressions, now=now),
            good="every suppression of the stack file holds",
            bad="suppressions of the stack file no longer hold, and their events are told again",
            site=site,
            findings=findings,
        )
    if alerts.mutes:
        _none_is_over(
            "mutes",
            muting.over(alerts.mutes, now=now),
            good="every planned change of the stack file is still to come or goes on",
            bad="planned changes of the stack file are over and mute nothing any more",
            site=site,
            findings=findings,
        )


def _none_is_over(key: str, ended: Sequence[str], *, good: str, bad: str, site: Site, findings: Findings) -> None:
    """`key` is that of `alerts`, `ended` a sentence for each entry whose end is past."""
    findings.expect(
        f"drift.{key}",
        not ended,
        good=good,
        bad=bad,
        fix=f"take them out of alerts.{key} or give them a new `until`, then pulumi up --stack {site.stack}",
        resource=site.stack,
        evidence=" ".join(ended),
    )


def _remediation(site: Site, settings: Settings, up: str, findings: Findings) -> None:
    if not site.functions and any(isinstance(each, CouldNotLook) for each in site.survey.functions.values()):
        return  # said at the function
    guardians = [each for each in site.functions if "MODE" in each.environment]
    wanted, asked = settings.remediation.in_effect, settings.has_guardian
    faults = {
        f"{name} {function.environment.get(name) or 'nothing'} instead of {value}"
        for function in guardians
        for name, value in wanted.remit.items()
        if asked and function.environment.get(name) != value
    }
    faults |= {
        f"{found_or(function.reserved, None) or 'no'} reserved calls instead of {wanted.reserved_concurrency or 'none'}"
        for function in guardians
        if asked
        and not isinstance(function.reserved, CouldNotLook)
        and found_or(function.reserved, None) not in (0, wanted.reserved_concurrency)  # 0: function.concurrency
    }
    if bool(guardians) != asked:
        faults.add("there is a guardian" if guardians else "there is no guardian")
    findings.agree(
        "drift.remediation",
        sorted(faults),
        good=f"remediation is {wanted.way}, as the stack file says",
        bad=f"remediation is not {wanted.way} as the stack file says",
        fix=up,
        resource=site.stack,
    )


def _retention(site: Site, settings: Settings, findings: Findings) -> None:
    wanted = settings.trail.retention_days
    for trail in site.trails:
        group = found_or(site.survey.groups.get(trail.log_group_arn, Nothing("")), None)
        if group is None or group.arn not in site.arns:
            continue
        findings.expect(
            "trail.log-retention",
            group.retention_days is None or group.retention_days >= wanted,
            good=f"log group {group.name} keeps events for {group.retention_days or 'ever'} days".replace(
                "ever days", "ever"
            ),
            bad=f"log group {group.name} keeps events for {group.retention_days} days instead of {wanted}",
            fix=f"aws logs put-retention-policy --region {group.region} --log-group-name {group.name} "
            f"--retention-in-days {wanted}",
            resource=group.arn,
        )
