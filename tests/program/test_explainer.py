"""The explainer as the program makes it: what wakes it, what it may do, and where its failures go."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from explainer import memory
from explainer.environment import DigestTimes, Environment

import filterpattern
from catalog import EVENT_SETS
from settings import Settings
from settings.explaining import MAX_EVENT_PATTERN
from settings.plan import EXPLAINER_ALARMS
from tests.support.eventbridge_judge import matches
from tests.support.recorded_program import ROOT, Registration, run_program
from tests.support.reference_stacks import recorded, stack_file, wire_config

STACK = "explained"
PROGRAM = recorded(STACK)
SETTINGS = Settings.from_stack_file(stack_file(STACK))
ACCOUNT = "111122223333"
HERE = f"eu-west-1:{ACCOUNT}"


def function() -> Registration:
    return PROGRAM.one("Function", "explainer")


def archived() -> dict[str, Any]:
    return function().inputs["code"].assets


def facts() -> dict[str, Any]:
    return json.loads(archived()["explainer/facts.json"].text)


def test_alarms_act_on_signals_only_and_people_are_told_by_the_explainer() -> None:
    watched = [each for each in PROGRAM.of("MetricAlarm") if PROGRAM.with_urn(each.parent).kind != "Health"]
    signals = [each for each in watched if each.inputs["alarmActions"] == [PROGRAM.exports["signalsTopicArn"]]]
    assert len(signals) == len(SETTINGS.watches) + 1  # and that on any single address
    heard = [
        each for each in PROGRAM.of("TopicSubscription") if each.inputs["topic"] == PROGRAM.exports["signalsTopicArn"]
    ]
    assert sorted(each.name for each in heard) == ["explainer", "guardian"]


def test_plain_mode_has_no_explainer() -> None:
    plain = recorded("full")
    assert not [each for each in plain.registrations if "xplainer" in each.urn]
    alarm = plain.one("MetricAlarm", "watch-trail-changes").inputs
    assert alarm["alarmActions"] == [plain.exports["signalsTopicArn"], plain.exports["alertsTopicArn"]]


def test_its_facts_are_the_stacks_watches_and_suppressions() -> None:
    told = facts()
    assert [each["name"] for each in told["watches"]] == [*(watch.name for watch in SETTINGS.watches), "any-address"]
    (policy,) = [each for each in told["watches"] if each["name"] == "iam-policy-changes"]
    entry = EVENT_SETS["iam-policy-changes"]
    assert policy == {
        "name": entry.name,
        "title": entry.title,
        "why": entry.why,
        "advice": entry.runbook,
        "severity": "high",
        "threshold": 1,
        "period": 300,
        "metric": entry.metric,
        "kind": "event-set",
        "pack": "identity",
        "pattern": entry.pattern,
        "byEvent": False,
    }
    assert [each["name"] for each in told["suppressions"]] == ["deployer"]
    assert "StopLogging" in told["guarded"]


def test_the_archive_is_what_it_needs_and_works_alone(tmp_path: Path) -> None:
    """As in Lambda: nothing of this repository but the archive, and boto3."""
    for name, asset in archived().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        text = asset.text if hasattr(asset, "text") else Path(asset.path).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
    code = {name for name in archived() if name.startswith(("common/", "explainer/")) and name.endswith(".py")}
    assert code == {
        path.relative_to(ROOT / "lambda").as_posix()
        for folder in ("lambda/common", "lambda/explainer")
        for path in (ROOT / folder).rglob("*.py")
    }
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from explainer.handler import handle\nfrom explainer.facts import Facts\n"
        "facts = Facts.load()\n"
        "event = {'userIdentity': {'type': 'Root'}, 'eventType': 'AwsApiCall', 'eventName': 'CreateUser'}\n"
        "watch = facts.matching(event)[0]\n"
        "print(watch.name, facts.suppression(event, watch=watch, now=None) == '')\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("root-account-use True", "")


def test_one_rule_finds_every_critical_event_and_no_other() -> None:
    rules = [each for each in PROGRAM.of("EventRule") if each.name.startswith("explainer-")]
    assert len(rules) == 1
    text = rules[0].inputs["eventPattern"]
    assert len(text) <= MAX_EVENT_PATTERN
    pattern = json.loads(text)
    assert pattern["source"] == [{"prefix": "aws."}]  # nobody else may begin so: events cannot be made up
    critical = {"trail-changes", "trail-tampering", "root-account-use", "detectors-off"}
    compiled = filterpattern.compile_all({name: EVENT_SETS[name].pattern for name in critical})
    for name in (*critical, "iam-policy-changes", "unauthorized-api-calls"):
        for sample in EVENT_SETS[name].samples:
            event = {"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": sample.event}
            assert matches(text, event) is bool(compiled.matches(sample.event)), (name, sample.why)


def statements(kind: str, name: str) -> dict[str, dict[str, Any]]:
    document = PROGRAM.one(kind, name).inputs["policy"]
    return {each["Sid"]: each for each in json.loads(document)["Statement"]}


def test_it_reads_alarms_and_one_log_group_and_changes_nothing() -> None:
    may = statements("RolePolicy", "explainer")
    actions = {sid: each["Action"] for sid, each in may.items()}
    assert actions == {
        "CountMuted": "cloudwatch:GetMetricData",  # it has no resource, and reads numbers only
        "NameAddress": "cloudwatch:GetInsightRuleReport",
        "ReadAlarms": ["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"],
        "ReadEvents": ["logs:DescribeMetricFilters", "logs:FilterLogEvents"],
        "KeepLedger": ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query"],
        "ReadUnsettled": "dynamodb:Query",
        "ReadGuardiansNotes": ["dynamodb:GetItem", "dynamodb:Query"],
        "Report": "sns:Publish",
        "ReportEncrypted": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "WriteOwnLog": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "KeepFailedEvents": "sqs:SendMessage",
    }
    group = f"arn:aws:logs:{HERE}:log-group:trail-log-group-1a2b3c4"
    assert may["ReadEvents"]["Resource"] == [group, f"{group}:*"]
    assert may["ReadAlarms"]["Resource"] == f"arn:aws:cloudwatch:{HERE}:alarm:*"
    assert may["NameAddress"]["Resource"] == f"arn:aws:cloudwatch:{HERE}:insight-rule/any-address-explained"
    assert may["Report"]["Resource"] == PROGRAM.exports["alertsTopicArn"]


def test_it_writes_its_own_part_of_the_ledger_only() -> None:
    """Whoever takes its role over can neither mark a stop as told nor write a maintenance record."""
    may = statements("RolePolicy", "explainer")
    parts = {
        sid: each["Condition"]["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"]
        for sid, each in may.items()
        if "dynamodb:" in str(each["Action"])
    }
    trail = PROGRAM.one("Function", "explainer").inputs["environment"]["variables"]["TRAIL_ARN"]
    assert parts == {"KeepLedger": [memory.PART], "ReadUnsettled": [memory.PART], "ReadGuardiansNotes": [trail]}


def test_it_knows_the_rule_that_counts_by_address_and_leaves_those_of_others() -> None:
    (alarm,) = (each for each in PROGRAM.of("MetricAlarm") if each.name == "watch-any-address")
    (query,) = alarm.inputs["metricQueries"]
    known = facts()["watches"][-1]
    assert known["metric"] == PROGRAM.one("ContributorInsightRule").inputs["ruleName"]
    assert query["expression"] == f'INSIGHT_RULE_METRIC("{known["metric"]}", "MaxContributorValue")'
    assert (known["name"], known["kind"], known["severity"]) == ("any-address", "any-address", "high")
    assert (known["threshold"], known["period"]) == (alarm.inputs["threshold"], query["period"])
    assert "OTHER_RULES" not in function().inputs["environment"]["variables"]


def test_it_knows_when_to_tell_what_can_wait() -> None:
    assert Environment.read(function().inputs["environment"]["variables"]).digest == DigestTimes(hour=6, weekday=6)
    told = run_program(wire_config(STACK, alerts={"digest": False}), stack=STACK).one("Function", "explainer")
    assert not {name for name in told.inputs["environment"]["variables"] if name.startswith("DIGEST")}


def test_two_trails_of_one_region_share_their_alarms_out() -> None:
    several = run_program(wire_config("several", burst={"threshold": 300}, alerts={"explain": True}), stack="several")
    left = {
        each.name: each.inputs["environment"]["variables"].get("OTHER_RULES")
        for each in several.of("Function")
        if each.name.startswith("explainer")
    }
    rules = several.of("ContributorInsightRule")
    here = [each.inputs["ruleName"] for each in rules if each.inputs["region"] == "eu-west-1"]
    assert len(here) == 2
    assert sorted(filter(None, left.values())) == sorted(here)
    assert len(left) == 3
    for name, other in left.items():
        suffix = name.removeprefix("explainer")
        assert other is None or not other.endswith(suffix)


def test_whatever_fails_reaches_people_or_a_queue_that_is_watched() -> None:
    queue = f"arn:aws:sqs:{HERE}:explainer-dead-letters-1a2b3c4"
    failed = PROGRAM.one("FunctionEventInvokeConfig", "explainer").inputs
    assert failed["destinationConfig"]["onFailure"]["destination"] == PROGRAM.exports["alertsTopicArn"]
    assert function().inputs["deadLetterConfig"] == {"targetArn": queue}
    assert PROGRAM.one("EventTarget", "explainer-1").inputs["deadLetterConfig"] == {"arn": queue}
    redrive = PROGRAM.one("TopicSubscription", "explainer").inputs["redrivePolicy"]
    assert json.loads(redrive) == {"deadLetterTargetArn": queue}
    schedule = PROGRAM.one("Schedule", "explainer-sweep").inputs
    assert schedule["target"]["deadLetterConfig"] == {"arn": queue}
    assert schedule["scheduleExpression"] == "rate(5 minutes)"
    senders = statements("QueuePolicy", "explainer-dead-letters")
    assert senders["RulesKeepUndelivered"]["Condition"] == {
        "ArnLike": {"aws:SourceArn": f"arn:aws:events:{HERE}:rule/explainer-*"}
    }
    assert senders["SignalsKeepUndelivered"]["Condition"] == {
        "ArnEquals": {"aws:SourceArn": PROGRAM.exports["signalsTopicArn"]}
    }


def test_its_health_tells_the_last_resort_alone() -> None:
    alarms = {each.name: each.inputs for each in PROGRAM.of("MetricAlarm") if "-explainer-" in each.name}
    assert tuple(name.removeprefix("watch-health-") for name in sorted(alarms)) == EXPLAINER_ALARMS
    for alarm in alarms.values():
        assert alarm["alarmActions"] == [PROGRAM.exports["lastResortTopicArn"]]
    # A destination and a dead-letter queue, and each has a metric of its own.
    metrics = {name: alarms[f"watch-health-explainer-{name}"]["metricName"] for name in ("undelivered", "unkept")}
    assert metrics == {"undelivered": "DestinationDeliveryFailures", "unkept": "DeadLetterErrors"}
    assert alarms["watch-health-explainer-errors"]["dimensions"] == {"FunctionName": "explainer-1a2b3c4"}
    assert alarms["watch-health-explainer-dead-letters"]["dimensions"] == {
        "QueueName": "explainer-dead-letters-1a2b3c4"
    }


def test_only_its_rules_and_its_topic_may_call_it() -> None:
    may = {each.name: each.inputs for each in PROGRAM.of("Permission") if each.name.startswith("explainer")}
    assert {name: (each["principal"], each["sourceArn"]) for name, each in may.items()} == {
        "explainer-rules": ("events.amazonaws.com", f"arn:aws:events:{HERE}:rule/explainer-*"),
        "explainer-signals": ("sns.amazonaws.com", PROGRAM.exports["signalsTopicArn"]),
    }


def test_without_a_guardian_it_still_has_a_ledger_and_a_last_resort_and_tells_of_the_trail() -> None:
    alone = run_program(wire_config(STACK, remediation={"mode": "off"}, subscribers=[]), stack=STACK)
    assert "TRAIL_ARN" not in alone.one("Function").inputs["environment"]["variables"]
    assert alone.one("Table").name == "ledger"
    assert alone.exports["lastResortTopicArn"]
