"""What can differ from the stack file beside trail, filters and people: the second table of single breakages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from account import Across, Ageing, Found, Lock, Nothing, Selectors, found_or
from operate.checking.survey import Survey
from tests.support.check_breakages import (
    CHANGES,
    Breakage,
    Change,
    alarms,
    alerts,
    answer,
    broken,
    each,
    named,
    one_alarm,
    status,
    subscriptions,
    then,
    topic_key,
    trail,
    trail_key,
    with_statement,
    without_action,
)

SOON = Ageing(of="files", days=1)
LATER = Ageing(of="old versions", days=2557)
DATED = Ageing(of="files", days=None, only='{"Prefix": "AWSLogs/"}')
FRIEND = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Resource": "*"}
QUEUE = "arn:aws:sqs:eu-west-1:000000000000:siem"


def bucket(**values: Any) -> Change:
    return each("buckets", named("trail"), **values)


def with_ageing(ageing: Ageing) -> Change:
    return bucket(ageing=lambda one: Found(one.ageing.value | {ageing}))


def without_ageing(ageing: Ageing) -> Change:
    def left(one: Any) -> Found[frozenset[Ageing]]:
        assert ageing in one.ageing.value
        return Found(one.ageing.value - {ageing})

    return bucket(ageing=left)


def insight_rules(make: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Change:
    def change(survey: Survey) -> Survey:
        made = {
            region: Found(make(told.value)) if isinstance(told, Found) else told
            for region, told in survey.insight_rules.items()
        }
        assert made != survey.insight_rules
        return replace(survey, insight_rules=made)

    return change


def insight_rule(**values: Any) -> Change:
    return insight_rules(lambda rules: tuple(replace(rule, **values) for rule in rules))


def burst_alarm(**values: Any) -> Change:
    return alarms(lambda found: [replace(one, **values) if "INSIGHT" in one.expression else one for one in found])


def other_facts(change_facts: Callable[[dict[str, Any]], object]) -> Change:
    """The explainer's archive, with other facts beside the same code."""

    def change(survey: Survey) -> Survey:
        (arn,) = [arn for arn in survey.codes if ":explainer-" in arn]
        told = survey.codes[arn]
        assert isinstance(told, Found)
        facts = json.loads(told.value["explainer/facts.json"])
        change_facts(facts)
        files = {**told.value, "explainer/facts.json": json.dumps(facts).encode()}
        return replace(survey, codes={**survey.codes, arn: Found(files)})

    return change


def environment(function: str, **values: str) -> Change:
    return each("functions", named(function), environment=lambda one: {**one.environment, **values})


def details(matches: Callable[[Any], bool], **values: Any) -> Change:
    return subscriptions(matches, details=lambda one: Found(replace(one.details.value, **values)))


def a_machine_more(topic: Any) -> Found[Any]:
    mine = topic.subscriptions.value
    return Found((*mine, replace(mine[0], protocol="sqs", endpoint=QUEUE, arn=f"{topic.arn}:1")))


def delivery_status(**values: str) -> Change:
    return each("topics", alerts, delivery_status=lambda topic: {**topic.delivery_status, **values})


def other_tags(survey: Survey) -> Survey:
    first, *rest = survey.tagged.found
    return replace(survey, tagged=Across((replace(first, tags={**first.tags, "team": "nobody"}), *rest)))


def ungrouped(survey: Survey) -> Survey:
    """Without the log group of failed deliveries."""
    left = tuple(one for one in survey.tagged.found if not one.arn.endswith("/Failure"))
    return replace(survey, tagged=Across(left))


def bus_key(gone: str = "", **values: Any) -> Change:
    """The bus of the other region is encrypted with a key that nobody gave to EventBridge."""

    def change(survey: Survey) -> Survey:
        buses = (told.value for told in survey.buses.values() if isinstance(told, Found))
        other = next(bus for bus in buses if bus.region == "us-east-1")
        key = next(told.value for told in survey.keys.values() if isinstance(told, Found))
        reference = gone or "arn:aws:kms:us-east-1:000000000000:key/mine"
        made = replace(key, arn=reference, region="us-east-1", **values)
        known = {} if gone else {("us-east-1", reference): Found(made)}
        changed = {**survey.buses, other.arn: Found(replace(other, kms_key=reference))}
        return replace(survey, buses=changed, keys={**survey.keys, **known})

    return change


def muted(**values: Any) -> Change:
    """The planned change, otherwise. An alarm is named by its watch, because only the deployment knows its name."""

    def change(survey: Survey) -> Survey:
        (rule,) = [rule for told in survey.mutes.values() for rule in found_or(told, ())]
        known = [alarm.name for told in survey.alarms.values() for alarm in found_or(told, ())]
        if names := values.get("alarm_names"):
            real = frozenset(name for name in known if any(f"-{part}-" in name for part in names))
            assert real
            return replace(survey, mutes={rule.region: Found((rule, replace(rule, name="x", alarm_names=real)))})
        return replace(survey, mutes={rule.region: Found((replace(rule, **values),))})

    return change


def robot(one: Any) -> bool:
    return one.protocol == "email-json"


ONLY_MANAGEMENT = Selectors(basic=({"ReadWriteType": "All", "IncludeManagementEvents": True},))

BOUNDARY = "arn:aws:iam::000000000000:policy/bounded"
NOTHING_BUT_LOGS = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}}'
NO_LOGS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "logs:*", "Resource": "*"},
        ],
    }
)


def guardians(role: Any) -> bool:
    return role.name.startswith("guardian-") and "sweep" not in role.name


BREAKAGES: tuple[Breakage, ...] = (
    # evidence
    broken("files go tomorrow", with_ageing(SOON), "trail.bucket-lifecycle", "pulumi up --stack prod"),
    broken("files go on a date", with_ageing(DATED), "trail.bucket-lifecycle", "S3 looks once a day"),
    broken("old versions stay", without_ageing(LATER), "trail.bucket-lifecycle", "pulumi up --stack prod"),
    broken("no lifecycle", bucket(ageing=Nothing("lifecycle")), "trail.bucket-lifecycle", "pulumi up --stack prod"),
    broken("lock taken away", bucket(lock=Nothing("lock")), "trail.bucket-lock", "pulumi up --stack prod"),
    broken("lock for a day", bucket(lock=Found(Lock(mode="GOVERNANCE", days=1))), "trail.bucket-lock", "pulumi up"),
    broken("trail's key not rotated", trail_key(is_rotated=Found(False)), "key.rotation", "enable-key-rotation"),
    broken("topics' key not rotated", topic_key(is_rotated=Found(False)), "key.rotation", "enable-key-rotation"),
    broken("digests refused", status(digest_error="AccessDenied"), "trail.digest-delivery", "policies of bucket"),
    broken(
        "notices refused",
        then(
            trail(topic_arn="arn:aws:sns:eu-west-1:000000000000:notices"),
            status(notification_error="AuthorizationError"),
        ),
        "trail.notices drift.trail state.trail",
        "sns:Publish",
    ),
    # the bus that the rules hear
    broken("a bus with a key that is gone", bus_key("gone"), "rule.bus", "update-event-bus"),
    broken("a bus with a key that is not for it", bus_key(), "rule.bus", "kms:GenerateDataKey"),
    broken("a bus with a disabled key", bus_key(state="Disabled"), "rule.bus", "enable the key"),
    broken("no bus", answer("buses", lambda _arn: True, Nothing("bus")), "rule.bus", "pulumi up"),
    # what bounds a role
    broken(
        "a boundary around the guardian",
        each("roles", guardians, boundary_arn=BOUNDARY, boundary=Found(NOTHING_BUT_LOGS)),
        "function.role function.dead-letters",
        "policies as they were",
    ),
    broken(
        "a boundary around the delivery",
        each("roles", named("trail-delivery"), boundary_arn=BOUNDARY, boundary=Found(NO_LOGS)),
        "trail.delivery-role",
        "logs:PutLogEvents",
    ),
    # the trail, beside its desired state
    broken("no Insights", trail(insights=Nothing("insights")), "drift.trail state.trail", "pulumi up --stack prod"),
    broken(
        "no data events", trail(selectors=Found(ONLY_MANAGEMENT)), "drift.trail state.trail", "pulumi up --stack prod"
    ),
    broken("of an organization", trail(is_organization=True), "drift.trail state.trail", "pulumi up --stack prod"),
    broken(
        "notices of log files",
        trail(topic_arn="arn:aws:sns:eu-west-1:000000000000:notices"),
        "drift.trail state.trail",
        "pulumi up --stack prod",
    ),
    broken("another team's tag", other_tags, "drift.tags", "pulumi up --stack prod"),
    # alarms
    broken("says less", one_alarm(CHANGES, description="[low] Trail changes."), "alarm.description", "pulumi up"),
    # mutes
    broken("everything muted", muted(name="quiet", alarm_names=None), "alarm.muted", "delete-alarm-mute-rule"),
    broken("one alarm muted", muted(alarm_names=frozenset({"office"})), "alarm.muted", "alerts.mutes"),
    broken("the release lasts all day", muted(duration="PT24H"), "alarm.muted", "alerts.mutes"),
    broken("the release is for ever now", muted(start=None), "alarm.muted", "alerts.mutes"),
    # any single address
    broken("rule of addresses off", insight_rule(is_enabled=False), "burst.rule", "enable-insight-rules"),
    broken("rule of addresses gone", insight_rules(lambda _rules: ()), "burst.rule", "pulumi up"),
    broken("rule counts other things", insight_rule(definition={"AggregateOn": "Sum"}), "burst.rule", "pulumi up"),
    broken("many calls are few", burst_alarm(threshold=1e6), "burst.alarm", "pulumi up"),
    broken("many calls in a day", burst_alarm(period=86_400), "burst.alarm", "pulumi up"),
    broken(
        "alarm on another rule", burst_alarm(expression='INSIGHT_RULE_METRIC("x", "Sum")'), "burst.alarm", "pulumi up"
    ),
    # the dashboard
    broken(
        "no dashboard",
        lambda survey: replace(survey, dashboards={"prod": Nothing("dashboard")}),
        "dashboard.present",
        "pulumi up --stack prod",
    ),
    broken(
        "an old dashboard",
        each("dashboards", named("trailwarden"), alarm_arns=lambda one: frozenset(sorted(one.alarm_arns)[:-1])),
        "dashboard.alarms",
        "pulumi up --stack prod",
    ),
    # topics
    broken("another sender", each("topics", alerts, display_name="AWS"), "drift.topics", "pulumi up --stack prod"),
    broken(
        "a friend publishes",
        each("topics", alerts, policy=lambda one: with_statement(one.policy, **FRIEND, Action="sns:Publish")),
        "drift.access",
        "pulumi up --stack prod",
    ),
    broken("a machine more", each("topics", alerts, subscriptions=a_machine_more), "drift.subscribers", "pulumi up"),
    broken("everything for the robot", details(robot, filter_policy=""), "drift.subscribers", "pulumi up"),
    broken("without SNS's envelope", details(robot, is_raw=True), "drift.subscribers", "pulumi up"),
    broken(
        "delivery failures not logged", delivery_status(SQSFailureFeedbackRoleArn=""), "topic.delivery-status", "pulumi"
    ),
    broken(
        "half of the deliveries", delivery_status(HTTPSuccessFeedbackSampleRate="50"), "topic.delivery-status", "pulumi"
    ),
    broken(
        "SNS may not log",
        each(
            "roles",
            named("alerts-delivery"),
            policies=lambda one: without_action(one.policies.value, "logs:PutLogEvents"),
        ),
        "topic.delivery-status",
        "pulumi up --stack prod",
    ),
    broken("delivery log gone", ungrouped, "topic.delivery-status stack.complete", "pulumi up --stack prod"),
    # the explainer
    broken(
        "a suppression slipped in",
        other_facts(lambda facts: facts["suppressions"].append({"name": "all", "pattern": "{ $.a = * }"})),
        "drift.explained",
        "somebody else",
    ),
    broken(
        "a planned change slipped in",
        other_facts(lambda facts: facts["mutes"].append({"name": "for-ever", "sets": ["office"]})),
        "drift.explained",
        "somebody else",
    ),
    broken("a watch forgotten", other_facts(lambda facts: facts["watches"].pop()), "drift.explained", "pulumi up"),
    broken(
        "a watch made quiet",
        other_facts(lambda facts: facts["watches"][0].update(severity="low")),
        "drift.explained",
        "pulumi up",
    ),
    broken("trail calls left out", other_facts(lambda facts: facts["guarded"].pop()), "drift.explained", "pulumi up"),
    broken("other runbooks", environment("explainer", RUNBOOKS="https://evil.example"), "drift.explained", "pulumi"),
    broken("digest at noon", environment("explainer", DIGEST_HOUR="12"), "drift.digest", "pulumi up --stack prod"),
    broken("digest on Monday", environment("explainer", DIGEST_WEEKDAY="0"), "drift.digest", "pulumi up"),
    broken(
        "explainer's rule hears less",
        each("rules", named("explainer"), pattern='{"source": [{"prefix": "aws."}]}'),
        "drift.rules",
        "pulumi up --stack prod",
    ),
    broken(
        "critical forwarder hears less",
        each("rules", named("critical"), pattern='{"source": [{"prefix": "aws."}]}'),
        "drift.rules",
        "pulumi up --stack prod",
    ),
    # the guardian
    broken("patience of an hour", environment("guardian", GRACE_SECONDS="3600"), "drift.remediation", "pulumi up"),
    broken("puts back nothing", environment("guardian", FIELDS="none"), "drift.remediation", "pulumi up"),
    broken("a place kept", each("functions", named("guardian"), reserved=Found(3)), "drift.remediation", "pulumi up"),
    broken(
        "no dashboard and no rule",
        then(
            insight_rules(lambda _rules: ()),
            lambda survey: replace(survey, dashboards={"prod": Nothing("dashboard")}),
        ),
        "burst.rule dashboard.present",
        "pulumi up",
    ),
)
