"""What can break, one thing at a time, as a change of what was read: each turns exactly these lines red.

The survey is real, read from a deployed sandbox; only the broken value is put in by hand, because a table of so many
deployments would take minutes. A dozen of the same breakages are done in the sandbox itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from account import Across, CouldNotLook, FailedAction, Found, Nothing, Selectors, found_or
from catalog import EVENT_SETS
from operate.checking.survey import Survey
from settings import CANARY_METRIC

T = TypeVar("T")
Change = Callable[[Survey], Survey]
CHANGES = EVENT_SETS["trail-changes"].metric
NO_CLOUDWATCH = json.dumps({"Version": "2012-10-17", "Statement": []})
ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
BLIND = CouldNotLook(
    what="it",
    action="kms:GetKeyPolicy",
    where="eu-west-1",
    why="denied",
    reason="AccessDenied",
    who="arn:aws:sts::000000000000:assumed-role/auditor/ann",
    fix="allow it",
)


@dataclass(frozen=True)
class Breakage:
    """`turns` are the checks that fail afterwards, and no other; `advice` stands in the first one's fix."""

    name: str
    change: Change
    turns: frozenset[str]
    advice: str


def broken(name: str, change: Change, turns: str, advice: str) -> Breakage:
    return Breakage(name, change, frozenset(turns.split()), advice)


# -- changing one thing of a survey


def each(field: str, matches: Callable[[Any], bool], **values: Any) -> Change:
    """Change attributes of every found thing of a mapping that matches."""

    def change(survey: Survey) -> Survey:
        known: Mapping[Any, Any] = getattr(survey, field)
        hit = 0
        made: dict[Any, Any] = {}
        for key, answer in known.items():
            if isinstance(answer, Found) and matches(answer.value):
                hit += 1
                fresh = {name: value(answer.value) if callable(value) else value for name, value in values.items()}
                made[key] = Found(replace(answer.value, **fresh))
            else:
                made[key] = answer
        assert hit, f"nothing in {field} to break"
        return replace(survey, **{field: made})

    return change


def answer(field: str, matches: Callable[[Any], bool], value: Any) -> Change:
    """Put another answer in the place of those whose key matches."""

    def change(survey: Survey) -> Survey:
        known: Mapping[Any, Any] = getattr(survey, field)
        hits = [key for key in known if matches(key)]
        assert hits, f"nothing in {field} to break"
        return replace(survey, **{field: {**known, **dict.fromkeys(hits, value)}})

    return change


def trail(**values: Any) -> Change:
    def change(survey: Survey) -> Survey:
        (only,) = survey.trails.found
        return replace(survey, trails=Across((replace(only, **values),)))

    return change


def status(**values: Any) -> Change:
    def change(survey: Survey) -> Survey:
        (only,) = survey.trails.found
        assert isinstance(only.status, Found)
        return trail(status=Found(replace(only.status.value, **values)))(survey)

    return change


def filters(make: Callable[[tuple[Any, ...]], Iterable[Any]]) -> Change:
    def change(survey: Survey) -> Survey:
        return each(
            "groups",
            lambda group: bool(found_or(group.filters, ())),
            filters=lambda group: Found(tuple(make(group.filters.value))),
        )(survey)

    return change


def one_filter(metric: str, /, **values: Any) -> Change:
    def made(found: tuple[Any, ...]) -> Iterable[Any]:
        assert any(one.metric == metric for one in found), metric
        return [replace(one, **values) if one.metric == metric else one for one in found]

    return filters(made)


def alarms(make: Callable[[tuple[Any, ...]], Iterable[Any]]) -> Change:
    def change(survey: Survey) -> Survey:
        made = {
            region: Found(tuple(make(told.value))) if isinstance(told, Found) else told
            for region, told in survey.alarms.items()
        }
        return replace(survey, alarms=made)

    return change


def one_alarm(metric: str, /, **values: Any) -> Change:
    return alarms(lambda found: [replace(one, **values) if one.metric == metric else one for one in found])


def untagged(matches: Callable[[str], bool]) -> Change:
    def change(survey: Survey) -> Survey:
        left = tuple(one for one in survey.tagged.found if not matches(one.arn))
        assert len(left) < len(survey.tagged.found)
        return replace(survey, tagged=Across(left))

    return change


def then(*changes: Change) -> Change:
    def change(survey: Survey) -> Survey:
        for one in changes:
            survey = one(survey)
        return survey

    return change


def named(part: str) -> Callable[[Any], bool]:
    return lambda thing: part in getattr(thing, "name", thing if isinstance(thing, str) else "")


def signals(topic: Any) -> bool:
    return topic.name.startswith("signals")


def alerts(topic: Any) -> bool:
    return topic.name.startswith("alerts")


def with_statement(policy: str, **statement: Any) -> str:
    told = json.loads(policy)
    return json.dumps({**told, "Statement": [*told["Statement"], statement]})


def without(policy: str, *, principal: str) -> str:
    told = json.loads(policy)
    kept = [one for one in told["Statement"] if one.get("Principal") != {"Service": principal}]
    assert len(kept) < len(told["Statement"])
    return json.dumps({**told, "Statement": kept})


def without_action(policies: tuple[str, ...], action: str) -> Found[tuple[str, ...]]:
    told = [json.loads(text) for text in policies]
    for document in told:
        for statement in document["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            statement["Action"] = [one for one in actions if one != action]
    return Found(tuple(json.dumps(document) for document in told))


def function_policy(principal: str) -> Change:
    return each(
        "functions", named("guardian"), policy=lambda one: Found(without(one.policy.value, principal=principal))
    )


def subscriptions(matches: Callable[[Any], bool], **values: Any) -> Change:
    def changed(topic: Any) -> Found[Any]:
        return Found(
            tuple(
                replace(one, **{k: v(one) if callable(v) else v for k, v in values.items()}) if matches(one) else one
                for one in topic.subscriptions.value
            )
        )

    return each("topics", lambda topic: any(map(matches, topic.subscriptions.value)), subscriptions=changed)


def rule_pattern(**detail: Any) -> Change:
    def changed(rule: Any) -> str:
        told = json.loads(rule.pattern)
        return json.dumps({**told, "detail": {**told["detail"], **detail}})

    return each("rules", named("guardian"), pattern=changed)


def parameter(**fields: Any) -> Change:
    def changed(one: Any) -> str:
        told = json.loads(one.value)
        return json.dumps({**told, "trail": {**told["trail"], **fields}})

    return each("parameters", named("desired-state"), value=changed)


def topic_key(**values: Any) -> Change:
    def change(survey: Survey) -> Survey:
        (region, reference) = next(
            (one.value.region, one.value.kms_key)
            for one in survey.topics.values()
            if isinstance(one, Found) and one.value.kms_key
        )
        return _key(survey, (region, reference), values)

    return change


def trail_key(**values: Any) -> Change:
    return lambda survey: _key(survey, (survey.trails.found[0].home_region, survey.trails.found[0].kms_key), values)


def _key(survey: Survey, where: tuple[str, str], values: Mapping[str, Any]) -> Survey:
    known = survey.keys[where]
    assert isinstance(known, Found)
    fresh = {name: value(known.value) if callable(value) else value for name, value in values.items()}
    return replace(survey, keys={**survey.keys, where: Found(replace(known.value, **fresh))})


def failed_action(survey: Survey) -> Survey:
    said = 'Failed to execute action arn. Received error: "not authorized to perform: SNS:Publish"'
    item = FailedAction(at=datetime(2026, 11, 20, 17, 2, tzinfo=UTC), summary=said)
    key = next(arn for arn in survey.failed if "watch-trail-changes" in arn)
    return replace(survey, failed={**survey.failed, key: Found((item,))})


def changed_code(survey: Survey) -> Survey:
    (arn,) = [arn for arn in survey.codes if ":guardian-" in arn]
    told = survey.codes[arn]
    assert isinstance(told, Found)
    files = {**told.value, "guardian/handler.py": b"def handle(event, context): pass\n", "guardian/extra.py": b"1"}
    return replace(survey, codes={**survey.codes, arn: Found(files)})


def function_errors(survey: Survey) -> Survey:
    (arn,) = [arn for arn in survey.errors if ":guardian-" in arn]
    return replace(survey, errors={**survey.errors, arn: Found({"Errors": 3.0, "Throttles": 0.0})})


def gone_target(survey: Survey) -> Survey:
    gone = "arn:aws:sns:eu-west-1:000000000000:gone"
    survey = replace(survey, topics={**survey.topics, gone: Nothing("topic gone")})
    return alarms(
        lambda found: [
            replace(one, alarm_actions=(*one.alarm_actions, gone)) if one.metric == CHANGES else one for one in found
        ]
    )(survey)


def schedule(**values: Any) -> Change:
    def change(survey: Survey) -> Survey:
        made = {
            region: Found(tuple(replace(one, **values) for one in told.value)) if isinstance(told, Found) else told
            for region, told in survey.schedules.items()
        }
        return replace(survey, schedules=made)

    return change


def extra_filter(found: tuple[Any, ...]) -> Iterable[Any]:
    return [*found, replace(found[0], name="forgotten", metric="Forgotten")]


def old_version(survey: Survey) -> Survey:
    tagged = tuple(replace(one, tags={**one.tags, "trailwarden:version": "0.0.1"}) for one in survey.tagged.found)
    return replace(survey, tagged=Across(tagged))


LATE = datetime(2020, 1, 1, tzinfo=UTC)
READ_ONLY = ({"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True},)
NO_KMS = ({"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]},)

BREAKAGES = (
    # the trail
    broken("stopped", status(is_logging=False, stopped=LATE), "trail.logging state.trail", "start-logging"),
    broken("single region", trail(is_multi_region=False), "trail.multi-region state.trail", "--is-multi-region-trail"),
    broken("no digests", trail(validates_files=False), "trail.validation state.trail", "--enable-log-file-validation"),
    broken(
        "reads only",
        trail(selectors=Found(Selectors(basic=READ_ONLY))),
        "trail.management-events state.trail drift.trail",
        "put-event-selectors",
    ),
    broken(
        "KMS left out",
        trail(selectors=Found(Selectors(basic=NO_KMS))),
        "trail.management-events state.trail drift.trail",
        "put-event-selectors",
    ),
    broken(
        "bucket error", status(delivery_error="AccessDenied"), "trail.bucket-delivery", "policies of bucket and key"
    ),
    broken("logs error", status(logs_error="AccessDenied"), "trail.logs-delivery", "delivery role"),
    broken("logs are late", status(logs_delivered=LATE), "trail.logs-delivery", "delivery role"),
    broken("nothing ever came", status(delivered=None, started=LATE), "trail.bucket-delivery", "bucket and key"),
    broken(
        "log group gone",
        answer("groups", lambda arn: "trail-log-group" in arn, Nothing("log group")),
        "trail.log-group filter.present alarm.metric",
        "pulumi up",
    ),
    broken(
        "infrequent access", each("groups", named("trail"), log_class="INFREQUENT_ACCESS"), "trail.log-group", "class"
    ),
    broken(
        "retention cut", each("groups", named("trail"), retention_days=1), "trail.log-retention", "put-retention-policy"
    ),
    broken(
        "delivery role gutted",
        each("roles", named("trail-delivery"), policies=Found(())),
        "trail.delivery-role",
        "logs:PutLogEvents",
    ),
    broken(
        "delivery role gone",
        answer("roles", named("trail-delivery"), Nothing("role")),
        "trail.delivery-role",
        "pulumi up",
    ),
    broken(
        "bucket policy refuses",
        each(
            "buckets",
            named("trail"),
            policy=lambda one: Found(
                with_statement(one.policy.value, Effect="Deny", Principal="*", Action="s3:PutObject", Resource="*")
            ),
        ),
        "trail.bucket-policy",
        "s3:PutObject",
    ),
    broken("bucket gone", answer("buckets", named("trail"), Nothing("bucket")), "trail.bucket-policy", "lost"),
    broken(
        "bucket open", each("buckets", named("trail"), blocks_public=Found(False)), "trail.bucket-closed", "pulumi up"
    ),
    broken("trail's key disabled", trail_key(state="Disabled"), "trail.key", "enable-key"),
    broken("trail's key dying", trail_key(state="PendingDeletion"), "trail.key", "cancel-key-deletion"),
    broken(
        "trail's key forgets CloudTrail", trail_key(policy=Found(NO_CLOUDWATCH)), "trail.key", "kms:GenerateDataKey*"
    ),
    broken(
        "trail deleted",
        then(lambda survey: replace(survey, trails=Across()), untagged(lambda arn: ":trail/" in arn)),
        "trail.present stack.complete",
        "pulumi",
    ),
    # filters
    broken(
        "pattern edited", one_filter(CHANGES, pattern="{ $.eventName = StopLogging }"), "filter.pattern", "pulumi up"
    ),
    broken(
        "our names edited",
        filters(lambda found: [replace(f, pattern=f.pattern.replace("signals-", "other-")) for f in found]),
        "filter.pattern",
        "pulumi up",
    ),
    broken("other namespace", one_filter(CHANGES, namespace="Other"), "filter.present alarm.metric", "pulumi up"),
    broken(
        "filter deleted",
        filters(lambda found: [one for one in found if one.metric != CHANGES]),
        "filter.present alarm.metric",
        "pulumi up",
    ),
    broken("counts nothing", one_filter(CHANGES, value="0"), "filter.metric", "pulumi up"),
    broken(
        "has a dimension", one_filter(CHANGES, dimensions={"Who": "$.userIdentity.arn"}), "filter.metric", "pulumi up"
    ),
    broken("default value 1", one_filter(CHANGES, default_value=1.0), "filter.metric", "pulumi up"),
    # alarms
    broken("Average", one_alarm(CHANGES, statistic="Average"), "alarm.condition", "pulumi up"),
    broken("threshold", one_alarm(CHANGES, threshold=5.0), "alarm.condition", "pulumi up"),
    broken("period", one_alarm(CHANGES, period=3600), "alarm.condition", "pulumi up"),
    broken("three periods", one_alarm(CHANGES, evaluation_periods=3), "alarm.condition", "pulumi up"),
    broken("a unit", one_alarm(CHANGES, unit="Count"), "alarm.condition", "pulumi up"),
    broken("less than", one_alarm(CHANGES, comparison="LessThanThreshold"), "alarm.condition", "pulumi up"),
    broken("missing data rings", one_alarm(CHANGES, missing_data="breaching"), "alarm.missing-data", "pulumi up"),
    broken(
        "actions disabled", one_alarm(CHANGES, actions_enabled=False), "alarm.actions-enabled", "enable-alarm-actions"
    ),
    broken("no action", one_alarm(CHANGES, alarm_actions=()), "alarm.actions", "pulumi up"),
    broken("acts on what is gone", gone_target, "alarm.targets", "pulumi up"),
    broken("an action failed", failed_action, "alarm.failed-actions", "set-alarm-state"),
    broken("other metric", one_alarm(CHANGES, metric="Typo"), "alarm.metric alarm.present", "pulumi up"),
    broken(
        "alarm deleted",
        then(
            alarms(lambda found: [one for one in found if one.metric != CHANGES]),
            untagged(lambda arn: ":alarm:watch-trail-changes" in arn),
        ),
        "alarm.present stack.complete",
        "pulumi",
    ),
    broken(
        "the canary rings",
        one_alarm(CANARY_METRIC, state="ALARM"),
        "health.quiet",
        "its calls no longer reach the log group",
    ),
    broken("silence is quiet", one_alarm("Invocations", missing_data="ignore"), "alarm.missing-data", "pulumi up"),
    # topics, keys, people
    broken(
        "topic forgets CloudWatch", each("topics", signals, policy=NO_CLOUDWATCH), "topic.cloudwatch", "sns:Publish"
    ),
    broken(
        "topic denies",
        each(
            "topics",
            signals,
            policy=lambda one: with_statement(one.policy, **{**ANYBODY, "Effect": "Deny", "Sid": "No"}),
        ),
        "topic.cloudwatch",
        "sns:Publish",
    ),
    broken(
        "topic open",
        each("topics", alerts, policy=lambda one: with_statement(one.policy, **ANYBODY)),
        "topic.closed drift.access",
        "statement",
    ),
    broken("key disabled", topic_key(state="Disabled"), "topic.key", "enable-key"),
    broken("key of AWS", topic_key(manager="AWS"), "topic.key", "key of your own"),
    broken(
        "key forgets CloudWatch",
        topic_key(policy=lambda one: Found(without(one.policy.value, principal="cloudwatch.amazonaws.com"))),
        "topic.key",
        "kms:GenerateDataKey*",
    ),
    broken(
        "key gone",
        lambda survey: replace(
            survey,
            keys={
                k: v
                for k, v in survey.keys.items()
                if k == (survey.trails.found[0].home_region, survey.trails.found[0].kms_key)
            },
        ),
        "topic.key",
        "key that is there",
    ),
    broken(
        "pending",
        subscriptions(lambda one: one.protocol == "email" and ":last-resort" in one.topic_arn, arn=""),
        "subscription.confirmed",
        "--resend security@example.com",
    ),
    broken(
        "nobody confirmed",
        subscriptions(lambda one: "email" in one.protocol and ":alerts" in one.topic_arn, arn=""),
        "subscription.confirmed topic.subscribers",
        "confirm",
    ),
    broken(
        "no dead letters for signals",
        subscriptions(
            lambda one: one.protocol == "lambda",
            details=lambda one: Found(replace(one.details.value, dead_letter_arn="")),
        ),
        "subscription.dead-letters",
        "pulumi up",
    ),
    broken("signals may not call", function_policy("sns.amazonaws.com"), "subscription.target", "sns.amazonaws.com"),
    broken(
        "queue refuses last resort", each("queues", named("last-resort"), policy=""), "subscription.target", "queue"
    ),
    # rules and schedule
    broken("rule disabled", each("rules", named("guardian"), state="DISABLED"), "rule.enabled", "enable-rule"),
    broken(
        "rule leaves somebody out",
        rule_pattern(userIdentity={"type": ["IAMUser"]}),
        "rule.pattern",
        "pulumi up",
    ),
    broken("rule hears less", rule_pattern(eventName=["StartLogging"]), "rule.pattern", "pulumi up"),
    broken("rule without target", each("rules", named("guardian"), targets=Found(())), "rule.targets", "pulumi up"),
    broken("rule may not call", function_policy("events.amazonaws.com"), "rule.permission", "events.amazonaws.com"),
    broken(
        "forwarder may not send",
        each("roles", named("forward"), policies=Found(())),
        "rule.permission",
        "events:PutEvents",
    ),
    broken(
        "queue refuses the forwarder",
        each("queues", named("forward"), policy=""),
        "rule.dead-letters",
        "sqs:SendMessage",
    ),
    broken(
        "forwarder gone",
        untagged(lambda arn: ":rule/forward" in arn),
        "stack.complete drift.regions drift.rules",
        "pulumi",
    ),
    broken("schedule off", schedule(is_enabled=False), "schedule.enabled", "pulumi up"),
    broken(
        "schedule may not wake", each("roles", named("sweep"), policies=Found(())), "schedule.role", "InvokeFunction"
    ),
    # function
    broken("function failed", each("functions", named("guardian"), state="Failed"), "function.active", "says why"),
    broken(
        "concurrency 0",
        each("functions", named("guardian"), reserved=Found(0)),
        "function.concurrency",
        "delete-function-concurrency",
    ),
    broken("other code", changed_code, "function.code", "get-function"),
    broken(
        "role may not restart",
        each(
            "roles",
            lambda role: role.name.startswith("guardian-") and "sweep" not in role.name,
            policies=lambda one: without_action(one.policies.value, "cloudtrail:StartLogging"),
        ),
        "function.role",
        "policies as they were",
    ),
    broken("errors", function_errors, "function.errors", "log group"),
    broken(
        "failures go nowhere",
        each("functions", named("guardian"), failures_go_to=Nothing("destination")),
        "function.dead-letters",
        "pulumi up",
    ),
    # state
    broken("dead letters", each("queues", named("guardian-dead-letters"), waiting=2), "queue.empty", "receive-message"),
    broken(
        "desired state gone",
        answer("parameters", named("desired-state"), Nothing("parameter")),
        "state.readable",
        "guardian only starts",
    ),
    broken("desired state garbled", each("parameters", named("desired"), value="{"), "state.readable", "pulumi up"),
    broken("desired state asks for less", parameter(IsMultiRegionTrail=False), "state.trail", "pulumi up"),
    broken(
        "desired state of a stranger",
        parameter(S3BucketName="thief"),
        "state.trail state.ours",
        "guardian puts it back",
    ),
    broken("ledger gone", answer("tables", named("ledger"), Nothing("table")), "ledger.reachable", "pulumi up"),
    # drift
    broken("a filter too many", filters(extra_filter), "drift.watches", "pulumi up --stack prod"),
    broken("another version", old_version, "stack.version", "pulumi up --stack prod"),
    broken(
        "not deployed",
        lambda survey: replace(survey, tagged=Across()),
        "stack.deployed",
        "pulumi up --stack prod",
    ),
    broken(
        "a stranger subscribed",
        subscriptions(lambda one: ":alerts" in one.topic_arn, endpoint="thief@example.org"),
        "drift.people",
        "pulumi up --stack prod",
    ),
)

ENDED_SUPPRESSION = """trailwarden:alerts:
    suppressions:
      - {name: ci, until: "2026-01-31", reason: r, pattern: '{ $.userIdentity.userName = "ci-robot" }'}"""
ENDED_MUTE = """    mutes:
      - {name: done, sets: [office], schedule: at(2026-01-31T20:00), duration: PT4H, reason: r}
"""
STACK_FILE_CHANGES = (
    (
        "somebody new",
        "emails: [security@example.com]",
        "emails: [security@example.com, new@example.com]",
        "drift.people",
    ),
    (
        "a suppression that ended",
        "trailwarden:alerts:",
        ENDED_SUPPRESSION,
        "drift.suppressions drift.explained",
    ),
    ("a mute that is over", "    mutes:\n", ENDED_MUTE, "drift.mutes drift.explained"),
    ("less remediation", "{mode: restore}", "{mode: notify}", "drift.remediation"),
    ("one region less", "regions: [eu-west-1, us-east-1]", "regions: [eu-west-1]", "drift.regions"),
    ("a lower threshold", "threshold: 30", "threshold: 5", "alarm.condition drift.explained"),
    ("longer retention", "mode: create", "mode: create\n    retentionDays: 731", "trail.log-retention"),
    ("no archive", "archiveDays: 90, ", "", "trail.bucket-lifecycle"),
    ("a longer lock", "GOVERNANCE, days: 365", "GOVERNANCE, days: 730", "trail.bucket-lock"),
    ("data events of everything", ', only: ["arn:aws:s3:::acme-data/"]', "", "drift.trail"),
    ("another Insights", "[ApiCallRateInsight]", "[ApiErrorRateInsight]", "drift.trail"),
    ("other tags", "team: security", "team: platform", "drift.tags"),
    ("fewer calls are many", "threshold: 500", "threshold: 50", "burst.alarm drift.explained"),
    ("nobody counts addresses", "  trailwarden:burst: {threshold: 500}\n", "", "burst.rule drift.explained"),
    ("another hour", "cron(0 2 * * SUN)", "cron(0 3 * * SUN)", "alarm.muted drift.explained"),
    ("no dashboard", "  trailwarden:evidence: keep", "  trailwarden:dashboard: false", "dashboard.present"),
    (
        "a louder set",
        "iam-policy-changes: {}",
        "iam-policy-changes: {severity: low}",
        "alarm.description drift.explained",
    ),
    (
        "a critical set more",
        "iam-policy-changes: {}",
        "iam-policy-changes: {severity: critical}",
        "alarm.description drift.explained drift.rules",
    ),
    ("digest on Friday", "weekday: sunday", "weekday: friday", "drift.digest"),
    ("nothing logged", "    deliveryStatus: 10\n", "", "topic.delivery-status"),
    ("another account", "444455556666", "555566667777", "drift.access"),
    ("another filter", "severity: [critical]", "severity: [critical, high]", "drift.subscribers"),
    ("a sender's name", "    deliveryStatus: 10", "    deliveryStatus: 10\n    displayName: Acme", "drift.topics"),
    ("more patience", "{mode: restore}", "{mode: restore, graceSeconds: 60}", "drift.remediation"),
)
"""What the stack file says and nobody has deployed: a text, another in its place, and the checks that fail then."""
