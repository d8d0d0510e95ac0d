"""Filters and alarms: each watch has exactly one pair, and the pair belongs together."""

import pytest

from settings import Settings, Watch
from tests.support.recorded_program import Recording, Registration
from tests.support.reference_stacks import STACKS, recorded, stack_file

every_stack = pytest.mark.parametrize("stack", STACKS)


def watches(stack: str) -> dict[str, Watch]:
    return {
        f"{'source-ip' if watch.kind == 'source-ip' else 'watch'}-{watch.name}": watch
        for watch in Settings.from_stack_file(stack_file(stack)).watches
    }


def of_watches(recording: Recording, kind: str) -> list[Registration]:
    """Those of filters. What watches the watching, and any address, have tests of their own."""
    others = ("Health", "ExplainerHealth", "Undelivered", "AnyAddressWatch")
    return [each for each in recording.of(kind) if recording.with_urn(each.parent).kind not in others]


def acts_on(stack: str) -> list[str]:
    """Plain mode tells people directly; else the explainer tells them."""
    explains = Settings.from_stack_file(stack_file(stack)).alerts.explain
    return ["signals"] if explains else ["signals", "alerts"]


def without_tags(each: Registration) -> dict[str, object]:
    return {key: value for key, value in each.inputs.items() if key != "tags"}


@every_stack
def test_filters(stack: str) -> None:
    """Patterns that hold names of the deployment are test_own_things' subject."""
    home = recorded(stack).one("Trail").inputs["region"]
    expected = {
        name: {
            "region": home,
            "logGroupName": recorded(stack).exports["logGroupName"],
            "pattern": watch.pattern,
            "metricTransformation": {
                "namespace": watch.namespace,
                "name": watch.metric,
                "value": "1",
                "defaultValue": "0",
            },
        }
        for name, watch in watches(stack).items()
    }
    made = {each.name: dict(each.inputs) for each in of_watches(recorded(stack), "LogMetricFilter")}
    for name, inputs in expected.items():
        if inputs["pattern"] is None:
            inputs["pattern"] = made[name]["pattern"]
    assert made == expected


@every_stack
def test_alarms(stack: str) -> None:
    exports = recorded(stack).exports
    expected = {
        name: {
            **({"name": watch.alarm_name} if watch.alarm_name else {}),
            "region": Settings.from_stack_file(stack_file(stack)).home_region,
            "alarmDescription": watch.description,
            "namespace": watch.namespace,
            "metricName": watch.metric,
            "statistic": "Sum",
            "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "threshold": watch.threshold,
            "period": watch.period,
            "evaluationPeriods": 1,
            "treatMissingData": "notBreaching",
            "actionsEnabled": True,
            "alarmActions": [exports[f"{topic}TopicArn"] for topic in acts_on(stack)],
        }
        for name, watch in watches(stack).items()
    }
    assert {each.name: without_tags(each) for each in of_watches(recorded(stack), "MetricAlarm")} == expected


@every_stack
def test_every_alarm_reads_the_metric_that_its_filter_writes(stack: str) -> None:
    recording = recorded(stack)
    written = {
        each.name: (each.inputs["metricTransformation"]["namespace"], each.inputs["metricTransformation"]["name"])
        for each in recording.of("LogMetricFilter")
    }
    read = {
        each.name: (each.inputs["namespace"], each.inputs["metricName"])
        for each in recording.of("MetricAlarm")
        # not what AWS writes, nor what a Contributor Insights rule counts
        if not each.inputs.get("namespace", "AWS/").startswith("AWS/")
    }
    assert read == written
    assert len(set(written.values())) == len(written), "two filters write one metric"


@every_stack
def test_every_alarm_is_made_after_its_filter_and_after_it_may_publish(stack: str) -> None:
    recording = recorded(stack)
    policies = {recording.one("TopicPolicy", name).urn for name in acts_on(stack)}
    for alarm in of_watches(recording, "MetricAlarm"):
        its_filter = recording.one("LogMetricFilter", alarm.name)
        # One filter names all alarms, its own among them, so that alarm has to come first.
        names_itself = alarm.name == "watch-self-alarms-logs"
        assert alarm.depends_on >= policies | (set() if names_itself else {its_filter.urn}), alarm.urn
        assert not names_itself or its_filter.depends_on >= {alarm.urn}


@every_stack
def test_neither_side_states_a_unit(stack: str) -> None:
    recording = recorded(stack)
    assert not [each.urn for each in recording.of("MetricAlarm") if "unit" in each.inputs]
    assert not [each.urn for each in recording.of("LogMetricFilter") if "unit" in each.inputs["metricTransformation"]]


def test_the_defaults_for_trail_changes_are_those_of_the_audit_procedure() -> None:
    alarm = recorded("least").one("MetricAlarm", "watch-trail-changes").inputs
    settings = {key: alarm[key] for key in ("statistic", "comparisonOperator", "evaluationPeriods", "actionsEnabled")}
    assert settings == {
        "statistic": "Sum",
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
        "evaluationPeriods": 1,
        "actionsEnabled": True,
    }
    assert (alarm["period"], alarm["threshold"]) == (300, 1)


def test_the_defaults_for_a_source_address_are_those_of_the_lecture() -> None:
    alarm = recorded("named").one("MetricAlarm", "source-ip-my-ip").inputs
    assert (alarm["name"], alarm["metricName"]) == ("SourceIPAddress", "IPAddress")
    assert (alarm["statistic"], alarm["threshold"], alarm["period"]) == ("Sum", 30, 300)


@every_stack
def test_quotas(stack: str) -> None:
    """Filters per log group: 100; actions per state: 5 (CloudWatch Logs quotas; API reference, PutMetricAlarm)."""
    assert len(recorded(stack).of("LogMetricFilter")) <= 100
    assert all(len(each.inputs["alarmActions"]) <= 5 for each in recorded(stack).of("MetricAlarm"))
