"""What a trail records: on the trail, in the desired state, and what follows for guardian, alarms and people."""

import json
from typing import Any

import pytest
from guardian.remit import WAIVABLE
from guardian.selectors import management_gaps, selectors_of
from guardian.wanted import Refused, Wanted, parse

from catalog import EVENT_SETS
from settings.recording import blinded
from tests.support.recorded_program import Recording, run_program
from tests.support.reference_stacks import recorded, wire_config

ACCOUNT = "111122223333"


def with_trail(sets: tuple[str, ...] = ("iam-activity",), **trail: Any) -> Recording:
    config = wire_config("least", trail={"mode": "create", **trail}, eventSets={name: {} for name in sets})
    return run_program({**config, "trailwarden:remediation": '{"mode": "restore"}'}, stack="least")


def parameter(recording: Recording) -> str:
    return recording.one("Parameter", "desired-state").inputs["insecureValue"]


def waived(recording: Recording) -> frozenset[str]:
    text = recording.one("Function").inputs["environment"]["variables"].get("WAIVED", "")
    return frozenset(filter(None, text.split(",")))


def as_answered(recording: Recording) -> dict[str, Any]:
    """The trail's selectors in the words of GetEventSelectors."""
    words = {
        "equals": "Equals",
        "notEquals": "NotEquals",
        "startsWiths": "StartsWith",
        "notStartsWiths": "NotStartsWith",
        "field": "Field",
    }
    chosen = recording.one("Trail").inputs.get("advancedEventSelectors")
    if chosen is None:
        return {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}
    return {
        "AdvancedEventSelectors": [
            {
                "Name": each["name"],
                "FieldSelectors": [{words[key]: value for key, value in one.items()} for one in each["fieldSelectors"]],
            }
            for each in chosen
        ]
    }


def field(name: str, **conditions: list[str]) -> dict[str, Any]:
    return {"field": name, **conditions}


def test_a_trail_records_all_management_events_unless_told_otherwise() -> None:
    trail = recorded("least").one("Trail").inputs
    assert not {"eventSelectors", "advancedEventSelectors", "insightSelectors"} & trail.keys()


def test_selectors_leave_out_what_is_ours_and_nothing_else() -> None:
    name = f"eu-west-1:{ACCOUNT}"
    management, objects, functions, tables, topics, queues = (
        each["fieldSelectors"] for each in recorded("options").one("Trail").inputs["advancedEventSelectors"]
    )
    data = field("eventCategory", equals=["Data"])
    assert management == [field("eventCategory", equals=["Management"]), field("readOnly", equals=["false"])]
    assert objects == [
        data,
        field("resources.type", equals=["AWS::S3::Object"]),
        field("readOnly", equals=["false"]),
        field(
            "resources.ARN",
            startsWiths=["arn:aws:s3:::company-data/"],
            notStartsWiths=["arn:aws:s3:::trail-bucket-1a2b3c4/"],
        ),
    ]
    assert functions == [
        data,
        field("resources.type", equals=["AWS::Lambda::Function"]),
        field("resources.ARN", notEquals=[f"arn:aws:lambda:{name}:function:guardian-1a2b3c4"]),
    ]
    assert tables == [
        data,
        field("resources.type", equals=["AWS::DynamoDB::Table"]),
        field("readOnly", equals=["true"]),
        field("resources.ARN", notEquals=[f"arn:aws:dynamodb:{name}:table/ledger-1a2b3c4"]),
    ]
    own = {each.name for each in recorded("options").of("Topic")}
    assert set(topics[-1]["notEquals"]) == {f"arn:aws:sns:{name}:{topic}-1a2b3c4" for topic in own}
    own = {each.name for each in recorded("options").of("Queue") if not each.name.startswith("forward-")}
    assert set(queues[-1]["notEquals"]) == {f"arn:aws:sqs:{name}:{queue}-1a2b3c4" for queue in own}


def test_the_functions_arn_in_the_selectors_is_the_functions_own() -> None:
    """It is written before there is a function."""
    recording = recorded("options")
    arns = [one["notEquals"] for each in advanced(recording) for one in each["fieldSelectors"] if "notEquals" in one]
    assert [f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{recording.exports['guardianFunctionName']}"] in arns


def advanced(recording: Recording) -> list[dict[str, Any]]:
    return recording.one("Trail").inputs["advancedEventSelectors"]


def test_without_a_guardian_there_is_less_to_leave_out() -> None:
    config = wire_config("off", trail={"mode": "create", "dataEvents": [{"type": "AWS::DynamoDB::Table"}]})
    selectors = advanced(run_program(config, stack="off"))
    assert [one["field"] for one in selectors[1]["fieldSelectors"]] == ["eventCategory", "resources.type"]


@pytest.mark.parametrize("stack", ["full", "options", "existing"])
def test_the_guardian_keeps_what_the_trail_is_made_with(stack: str) -> None:
    recording = recorded(stack)
    document = json.loads(parameter(recording))["trail"]
    assert selectors_of(document) == selectors_of(as_answered(recording))
    insights = recording.one("Trail").inputs.get("insightSelectors", [])
    assert [each["InsightType"] for each in document["InsightSelectors"]] == [each["insightType"] for each in insights]


SETS = {"write": ("trail-changes",), "read": ("iam-activity",), "none": (), "all": ("trail-changes",)}


@pytest.mark.parametrize("management", ["all", "write", "read", "none"])
def test_the_guardians_floor_knows_what_the_deployment_decided(management: str) -> None:
    data = [{"type": "AWS::S3::Object"}]
    recording = with_trail(SETS[management], management=management, dataEvents=data)
    assert waived(recording) <= set(WAIVABLE)
    assert isinstance(parse(parameter(recording), changed_at=None, waived=waived(recording)), Wanted)
    if management != "all":
        refused = parse(parameter(recording), changed_at=None)
        assert isinstance(refused, Refused)
        assert refused.problems == management_gaps(selectors_of(as_answered(recording)))


@pytest.mark.parametrize(("management", "hears"), [("all", True), ("read", True), ("write", False), ("none", False)])
def test_what_listens_for_reads_is_there_only_if_they_are_recorded(management: str, hears: bool) -> None:
    recording = with_trail(SETS[management], management=management, dataEvents=[{"type": "AWS::S3::Object"}])
    listening = {each for each in recording.exports["healthAlarmNames"] if each in ("canary", "heartbeat")}
    assert listening == ({"canary", "heartbeat"} if hears else set())
    assert {"silence", "errors", "dead-letters"} <= recording.exports["healthAlarmNames"].keys()


def test_people_are_told_what_they_will_not_see() -> None:
    sets = ("root-account-use", "iam-activity", "trail-changes")
    said = "\n".join(with_trail(sets, management="write").exports["nextSteps"])
    assert "see only a part of their events, because trail.management is write: " in said
    assert "root-account-use, iam-activity" in said or "iam-activity, root-account-use" in said
    assert "trail-changes." not in said
    assert "their controls fail" in said
    assert "every five minutes" not in said
    assert "every five minutes" in "\n".join(with_trail(management="read").exports["nextSteps"])
    assert "AWS charges for each data event (AWS::S3::Object" in "\n".join(recorded("options").exports["nextSteps"])
    assert "part of their events" not in "\n".join(recorded("full").exports["nextSteps"])


# -- which sets a choice blinds


def test_every_set_of_the_catalogue_fires_on_a_trail_that_records_all() -> None:
    assert blinded(EVENT_SETS, management="all") == blinded((), management="all")


def test_without_management_events_no_set_fires() -> None:
    assert blinded(EVENT_SETS, management="none").wholly == tuple(EVENT_SETS)


def test_the_sets_on_the_trail_itself_need_writes() -> None:
    wholly = blinded(EVENT_SETS, management="read").wholly
    assert {"trail-changes", "trail-tampering", "trail-storage", "kms-key-disable-or-delete"} <= set(wholly)
    assert blinded(["trail-changes"], management="write").wholly == ()


def test_a_set_that_hears_both_is_not_called_blind() -> None:
    for half in ("read", "write"):
        assert blinded(["iam-activity"], management=half).partly == ("iam-activity",)
