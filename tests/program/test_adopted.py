"""Adopted trails: everything around them is made, nothing of them is, and each is guarded against its own baseline."""

import json
from datetime import UTC, datetime
from typing import Any

import pulumi
import pytest
from guardian.environment import Environment
from guardian.wanted import Wanted, parse

from settings.limits import MAX_PARAMETER, MAX_SELECTORS
from tests.support.recorded_program import Recording, RecordingMonitor, run_program
from tests.support.reference_stacks import logical_names, recorded, wire_config

TRAILS = {
    "-management_even_e0a9": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/Management.Events_2019",
    "-org_trail": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-trail",
    "-us-west-2-org_trail": "arn:aws:cloudtrail:us-west-2:111122223333:trail/org-trail",
}
"""The trails of the stack `several`, by what ends the logical names of what belongs to them."""
GROUPS = {
    "-management_even_e0a9": "/cloudtrail/2019",
    "-org_trail": "aws-cloudtrail-logs",
    "-us-west-2-org_trail": "/cloudtrail/west",
}


def wanted(recording: Recording, suffix: str) -> dict[str, Any]:
    return json.loads(recording.one("Parameter", f"desired-state{suffix}").inputs["insecureValue"])["trail"]


def variables(recording: Recording, suffix: str) -> dict[str, str]:
    return recording.one("Function", f"guardian{suffix}").inputs["environment"]["variables"]


def actions(recording: Recording, suffix: str) -> dict[str, str]:
    """What the guardian's role may do: the resource by action."""
    policy = json.loads(recording.one("RolePolicy", f"guardian{suffix}").inputs["policy"])
    return {
        action: statement["Resource"]
        for statement in policy["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


@pytest.mark.parametrize("stack", ["adopted", "several"])
def test_nothing_of_the_trail_is_made(stack: str) -> None:
    kinds = {each.kind for each in recorded(stack).registrations}
    assert not kinds & {"Trail", "Bucket", "BucketPolicy", "AuditTrail", "Evidence"}
    assert not [each for each in recorded(stack).of("Key") if each.name.startswith("trail")]
    assert not [each.urn for each in recorded(stack).registrations if each.protect or each.retain_on_delete]


def test_filters_are_put_on_the_log_group_of_each_trail_in_its_region() -> None:
    recording = recorded("several")
    for suffix, arn in TRAILS.items():
        filters = [each for each in recording.of("LogMetricFilter") if f"{suffix}-" in each.name]
        filters = [each for each in filters if "us-west-2" in each.name or "us-west-2" not in suffix]
        own = [each for each in filters if suffix != "-org_trail" or "us-west-2" not in each.name]
        assert {each.inputs["logGroupName"] for each in own} == {GROUPS[suffix]}
        assert {each.inputs["region"] for each in own} == {arn.split(":")[3]}
        assert len(own) >= 8


def test_two_trails_of_a_region_do_not_add_up_in_one_metric() -> None:
    recording = recorded("several")
    written = [
        (
            each.inputs["region"],
            each.inputs["metricTransformation"]["namespace"],
            each.inputs["metricTransformation"]["name"],
        )
        for each in recording.of("LogMetricFilter")
    ]
    assert len(set(written)) == len(written)
    read = {
        (each.inputs["region"], each.inputs["namespace"], each.inputs["metricName"])
        for each in recording.of("MetricAlarm")
        if not each.inputs["namespace"].startswith("AWS/")
    }
    assert read == set(written)
    assert {namespace for region, namespace, _ in written if region == "us-west-2"} == {"trailwarden/several"}


def test_the_topics_of_a_region_are_shared_and_called_as_ever() -> None:
    """So that people need not confirm again when a stack adopts another trail."""
    recording = recorded("several")
    assert {(each.name, each.inputs["region"]) for each in recording.of("Topic")} == {
        (f"{topic}{suffix}", region)
        for topic in ("alerts", "signals", "last-resort")
        for suffix, region in (("", "eu-west-1"), ("-us-west-2", "us-west-2"))
    }


@pytest.mark.parametrize(("stack", "suffix"), [("adopted", "-org_trail"), *(("several", each) for each in TRAILS)])
def test_the_guardian_accepts_the_baseline_of_its_trail(stack: str, suffix: str) -> None:
    recording = recorded(stack)
    read = Environment.read(variables(recording, suffix))
    text = recording.one("Parameter", f"desired-state{suffix}").inputs["insecureValue"]
    assert isinstance(parse(text, changed_at=datetime.now(UTC), waived=read.waived), Wanted)


def test_the_desired_state_is_the_baseline() -> None:
    assert wanted(recorded("adopted"), "-org_trail") == {
        "IsLogging": True,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "IsOrganizationTrail": True,
        "LogFileValidationEnabled": True,
        "RecursiveLogging": True,
        "S3BucketName": "acme-log-archive",
        "S3KeyPrefix": "org",
        "SnsTopicName": "log-files",
        "KmsKeyId": "arn:aws:kms:eu-west-1:444455556666:key/11111111-2222-4333-8444-555555555555",
        "CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:aws-cloudtrail-logs:*",
        "CloudWatchLogsRoleArn": "arn:aws:iam::111122223333:role/service-role/CloudTrail_CloudWatchLogs_Role",
        "AdvancedEventSelectors": [
            {"Name": "Management events", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
            {
                "Name": "Objects of the archive",
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Data"]},
                    {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                ],
            },
        ],
        "InsightSelectors": [{"InsightType": "ApiErrorRateInsight", "EventCategories": ["Management"]}],
    }


def test_what_a_baseline_gives_up_is_said_to_its_guardian_alone() -> None:
    waived = {suffix: Environment.read(variables(recorded("several"), suffix)).waived for suffix in TRAILS}
    assert waived == {
        "-management_even_e0a9": {"multi-region", "global-events", "validation", "management-writes"},
        "-org_trail": frozenset(),
        "-us-west-2-org_trail": {"management-sources"},
    }


def test_a_trail_that_does_not_record_reads_has_neither_canary_nor_heartbeat() -> None:
    names = {each.name for each in recorded("several").of("MetricAlarm")}
    for sign in ("canary", "heartbeat"):
        assert f"watch-health-org_trail-{sign}" in names
        assert f"watch-health-management_even_e0a9-{sign}" in names
        assert f"watch-health-us-west-2-org_trail-{sign}" not in names
    assert "watch-health-us-west-2-org_trail-silence" in names


def test_by_default_nothing_of_an_adopted_trail_is_changed() -> None:
    recording = recorded("several")
    for suffix, arn in TRAILS.items():
        assert variables(recording, suffix)["MODE"] == "notify"
        assert variables(recording, suffix)["ADOPTED"] == "true"
        assert variables(recording, suffix)["TRAIL_ARN"] == arn
        touched = {action for action in actions(recording, suffix) if action.startswith("cloudtrail:")}
        assert all(action.startswith("cloudtrail:Get") for action in touched)
        assert "iam:PassRole" not in actions(recording, suffix)


def test_who_may_restart_may_do_nothing_else() -> None:
    config = wire_config("adopted", remediation={"restart": True})
    recording = run_program(config, stack="adopted")
    may = actions(recording, "-org_trail")
    changes = {action for action in may if action.startswith("cloudtrail:") and not action.startswith("cloudtrail:Get")}
    assert changes == {"cloudtrail:StartLogging"}
    assert may["cloudtrail:StartLogging"] == "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-trail"
    assert "iam:PassRole" not in may
    read = Environment.read(variables(recording, "-org_trail"))
    assert (read.mode, read.remit.fields) == ("restore", frozenset())


def test_who_restores_passes_the_trails_own_role() -> None:
    may = actions(recorded("adopted"), "-org_trail")
    assert may["iam:PassRole"] == "arn:aws:iam::111122223333:role/service-role/CloudTrail_CloudWatchLogs_Role"
    assert may["cloudtrail:UpdateTrail"] == "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-trail"


def test_events_of_other_regions_reach_the_guardian_and_go_round_no_circle() -> None:
    """Where two regions forward to each other, an event is sent only from where it was made."""
    recording = recorded("several")
    patterns = {
        each.name: json.loads(each.inputs["eventPattern"])
        for each in recording.of("EventRule")
        if "forward" in each.name
    }
    assert {name: pattern.get("region") for name, pattern in patterns.items()} == {
        "forward-us-east-1": None,
        "forward-us-west-2": ["us-west-2"],
        "forward-eu-west-1-to-us-west-2": ["eu-west-1"],
        "forward-us-east-1-to-us-west-2": None,
    }
    targets = {each.name: each.inputs["arn"] for each in recording.of("EventTarget") if "forward" in each.name}
    assert targets["forward-us-west-2"].split(":")[3] == "eu-west-1"
    assert targets["forward-eu-west-1-to-us-west-2"].split(":")[3] == "us-west-2"


def test_the_order_of_trails_is_of_no_matter() -> None:
    config = wire_config("several")
    trail = json.loads(config["trailwarden:trail"])
    turned = {**config, "trailwarden:trail": json.dumps({**trail, "trails": trail["trails"][::-1]})}
    assert logical_names(run_program(turned, stack="several")) == logical_names(recorded("several"))


def test_one_trail_more_renames_nothing() -> None:
    config = wire_config("several")
    trail = json.loads(config["trailwarden:trail"])
    fewer = {
        "mode": "adopt",
        "trails": ["org-trail"],
        "baseline": {"org-trail": trail["baseline"]["org-trail"]},
    }
    one = run_program({**config, "trailwarden:trail": json.dumps(fewer)}, stack="several")
    assert one.identities < recorded("several").identities


def test_credentials_of_another_account_make_nothing() -> None:
    """They would put filters and a guardian around a trail that is not there."""
    monitors: list[RecordingMonitor] = []
    with pytest.raises(pulumi.RunError) as caught:
        run_program(wire_config("adopted"), stack="adopted", account="444455556666", into=monitors.append)
    assert "is about trails of account 111122223333, and these credentials belong to account 444455556666" in str(
        caught.value
    )
    assert {each.kind for each in monitors[0].registrations.values()} == {"Stack"}


def test_no_step_speaks_of_evidence_that_is_not_ours() -> None:
    for stack in ("adopted", "several"):
        assert not any("protected" in step for step in recorded(stack).exports["nextSteps"])


def test_the_longest_baseline_fits_into_the_parameter() -> None:
    filler = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
    long_name = "x" * (MAX_SELECTORS - len(json.dumps([{**filler, "Name": ""}], separators=(",", ":"))))
    baseline = {
        "logGroup": "g" * 512,
        "deliveryRole": f"arn:aws:iam::111122223333:role/{'r' * 64}",
        "bucket": "b" * 63,
        "prefix": "p" * 200,
        "kmsKey": "arn:aws:kms:ap-southeast-2:111122223333:key/mrk-" + "0" * 32,
        "deliveryTopic": "t" * 256,
        "organization": True,
        "insights": ["ApiCallRateInsight", "ApiErrorRateInsight"],
        "selectors": [{**filler, "Name": long_name}],
    }
    trail = {"mode": "adopt", "trails": ["org-trail"], "baseline": {"org-trail": baseline}}
    recording = run_program(wire_config("adopted", trail=trail, eventSets={"trail-changes": {}}), stack="adopted")
    text = recording.one("Parameter").inputs["insecureValue"]
    assert MAX_PARAMETER - 400 < len(text.encode()) <= MAX_PARAMETER
