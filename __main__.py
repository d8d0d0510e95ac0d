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
    Health,
    Home,
    Inspection,
    Inventory,
    LastResort,
    Ledger,
    RegionForwarder,
    SourceIpWatch,
    Subscription,
    Sweep,
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
    subscriptions=[Subscription(*who) for who in settings.recipients("alerts")],
)
signals = AlertChannel("signals", home=home, key=alerts.key)

evidence = Evidence(
    "trail",
    home=home,
    trail_arn=home.trail_arn(settings.trail_name),
    retention_days=settings.trail.retention_days,
    keep=settings.evidence == "keep",
)
rights, inspection, last_resort, forwarders = None, None, None, []
if settings.remediation.mode != "off":
    last_resort = LastResort(
        "last-resort",
        home=home,
        display_name=settings.display_name,
        subscriptions=[Subscription(*who) for who in settings.recipients("last-resort")],
    )
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
        last_resort=last_resort,
        log_retention_days=settings.trail.retention_days,
    )
    forwarders = [
        RegionForwarder(f"forward-{region}", home=home, region=region)
        for region in settings.regions
        if region != home.region
    ]
    inspection = Inspection(
        "guardian-inspection",
        home=home,
        rights=rights,
        evidence=evidence,
        alerts=alerts,
        signals=signals,
        last_resort=last_resort,
        forwarders=forwarders,
        function="guardian",
    )
trail = AuditTrail(
    "trail",
    home=home,
    trail_name=settings.trail_name,
    evidence=evidence,
    after=[
        alerts.policy,
        signals.policy,
        *(rights.is_ready if rights else []),
        *(inspection.is_ready if inspection else []),
        *(last_resort.is_ready if last_resort else []),
        *(part for forwarder in forwarders for part in forwarder.is_ready),
    ],
)

guardian = health = None
if rights and last_resort:
    guardian = Guardian("guardian", home=home, rights=rights, trail=trail, listens_to=signals)
    health = Health(
        "watch-health",  # begins as the other alarms do: what watches them all has room for few beginnings
        home=home,
        guardian=guardian,
        trail=trail,
        metric_namespace=settings.metric_namespace,
        alarm_prefix=settings.alerts.alarm_prefix,
        acts_on=last_resort,
    )

# Plain mode: alarms tell people directly, and tell the guardian.
acts_on = [signals, alerts]
log_group = evidence.log_group.name
channels = [*acts_on, *([last_resort] if last_resort else [])]
facts = deployment_facts(trail=trail, channels=channels, guardian=guardian)
ranges = [watch for watch in settings.watches if watch.kind == "source-ip"]
watches = []
if ranges:
    watches.append(SourceIpWatch("source-ip", home=home, log_group_name=log_group, watches=ranges, acts_on=acts_on))
alarms = {name: alarm for watch in watches for name, alarm in watch.alarms.items()}
watches.append(
    WatchPoint(
        "watch",
        home=home,
        log_group_name=log_group,
        watches=[watch for watch in settings.watches if watch.kind != "source-ip"],
        acts_on=acts_on,
        facts=facts,
        other_alarms=[*alarms.values(), *(health.alarms.values() if health else [])],
    )
)
alarms |= watches[-1].alarms

if guardian and rights and inspection and health and last_resort:
    # Last of all: what was deployed, for the guardian to compare with, and the schedule that tells it to.
    parts = [alerts, signals, last_resort, evidence, rights, inspection, *forwarders, guardian, health, *watches]
    inventory = Inventory(
        "inventory",
        home=home,
        ledger=rights.ledger,
        trail_arn=trail.trail.arn,
        things=[thing for part in parts for thing in part.things],
    )
    Sweep("guardian-sweep", home=home, guardian=guardian, trail=trail, inventory=inventory)
if guardian and health and last_resort:
    pulumi.export("guardianFunctionName", guardian.function.name)
    pulumi.export("healthAlarmNames", {watched: alarm.name for watched, alarm in health.alarms.items()})
    pulumi.export("lastResortTopicArn", last_resort.topic_arn)
    pulumi.export("lastResortQueueUrl", last_resort.queue.url)
pulumi.export("trailArn", trail.trail.arn)
pulumi.export("trailName", trail.trail.name)
pulumi.export("logGroupName", evidence.log_group.name)
pulumi.export("bucketName", evidence.bucket.id)
pulumi.export("alarmNames", {watch: alarm.name for watch, alarm in alarms.items()})
pulumi.export("signalsTopicArn", signals.topic_arn)
pulumi.export("alertsTopicArn", alerts.topic_arn)
topics = {"alerts": alerts.topic_arn} | ({"last resort": last_resort.topic_arn} if last_resort else {})
pulumi.export("nextSteps", pulumi.Output.all(**topics).apply(lambda arns: next_steps(settings, topic_arns=arns)))
