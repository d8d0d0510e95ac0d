"""trailwarden: alarms on an audit trail, and a guardian that puts a stopped trail back.

Not here on purpose: waiting for the mail subscriptions. A person has to confirm them, and a deployment would hang.
"""

import pulumi

from components import (
    AlertChannel,
    AuditTrail,
    DesiredState,
    Evidence,
    Guardian,
    GuardianRights,
    Home,
    Ledger,
    SourceIpWatch,
    Subscription,
    Upkeep,
    WatchPoint,
    deployment_facts,
    next_steps,
)
from settings import Settings, SettingsError

try:
    settings = Settings.from_pulumi()
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None  # it lists every problem; a traceback would bury the list

home = Home.look_up(stack=settings.stack, region=settings.home_region)
alerts = AlertChannel(
    "alerts",
    home=home,
    topic_name=settings.alerts.topic_name,
    display_name=settings.display_name,
    subscriptions=[
        *(Subscription("email", address) for address in settings.emails),
        *(Subscription(subscriber.protocol, subscriber.endpoint) for subscriber in settings.subscribers),
    ],
)
signals = AlertChannel("signals", home=home, key=alerts.key)

evidence = Evidence(
    "trail",
    home=home,
    trail_arn=home.trail_arn(settings.trail_name),
    retention_days=settings.trail.retention_days,
    keep=settings.evidence == "keep",
)
rights = None
if settings.remediation.mode != "off":
    rights = GuardianRights(
        "guardian",
        home=home,
        may_restart=settings.remediation.mode == "restore",
        trail_arn=home.trail_arn(settings.trail_name),
        evidence=evidence,
        desired_state=DesiredState(
            "desired-state", home=home, evidence=evidence, upkeep=Upkeep(mode=settings.remediation.mode)
        ),
        ledger=Ledger("ledger", home=home),
        reports_to=alerts,
        log_retention_days=settings.trail.retention_days,
    )
trail = AuditTrail(
    "trail",
    home=home,
    trail_name=settings.trail_name,
    evidence=evidence,
    after=[alerts.policy, signals.policy, *(rights.is_ready if rights else [])],
)

guardian = Guardian("guardian", home=home, rights=rights, trail=trail, listens_to=signals) if rights else None

# Plain mode: alarms tell people directly, and tell the guardian.
acts_on = [signals, alerts]
log_group = evidence.log_group.name
facts = deployment_facts(trail=trail, channels=acts_on, guardian=guardian)
ranges = [watch for watch in settings.watches if watch.kind == "source-ip"]
alarms = {}
if ranges:
    alarms = SourceIpWatch("source-ip", home=home, log_group_name=log_group, watches=ranges, acts_on=acts_on).alarms
alarms |= WatchPoint(
    "watch",
    home=home,
    log_group_name=log_group,
    watches=[watch for watch in settings.watches if watch.kind != "source-ip"],
    acts_on=acts_on,
    facts=facts,
    other_alarms=alarms.values(),
).alarms

if guardian:
    pulumi.export("guardianFunctionName", guardian.function.name)
pulumi.export("trailArn", trail.trail.arn)
pulumi.export("trailName", trail.trail.name)
pulumi.export("logGroupName", evidence.log_group.name)
pulumi.export("bucketName", evidence.bucket.id)
pulumi.export("alarmNames", {watch: alarm.name for watch, alarm in alarms.items()})
pulumi.export("signalsTopicArn", signals.topic_arn)
pulumi.export("alertsTopicArn", alerts.topic_arn)
pulumi.export("nextSteps", alerts.topic_arn.apply(lambda arn: next_steps(settings, alerts_topic_arn=arn)))
