"""Stacks whose trail is not simply one for all regions: everything is made where it has to be, and nothing twice."""

import json
import re
from typing import Any

import pytest

import filterpattern
from catalog import EVENT_SETS
from settings import Settings
from settings.facts import lacking
from tests.support.recorded_program import Recording, Registration, run_program
from tests.support.reference_stacks import LAYOUTS, logical_names, recorded, stack_file, wire_config

every_layout = pytest.mark.parametrize("stack", LAYOUTS)
REGIONS = {"": "eu-west-1", "-us-east-1": "us-east-1", "-ap-southeast-2": "ap-southeast-2"}
"""The regions of the stack `regions`, by what ends the logical names there."""


def custom(stack: str) -> list[Registration]:
    return [each for each in recorded(stack).registrations if each.custom]


def desired_state(recording: Recording, suffix: str) -> dict[str, Any]:
    return json.loads(recording.one("Parameter", f"desired-state{suffix}").inputs["insecureValue"])


def environment(recording: Recording, suffix: str) -> dict[str, str]:
    return recording.one("Function", f"guardian{suffix}").inputs["environment"]["variables"]


def needs(recording: Recording, each: Registration) -> set[tuple[str, str]]:
    """Everything that is made before something, by way of others too: it goes after it."""
    reached: set[str] = set()
    ahead = set(each.depends_on)
    while ahead:
        reached |= ahead
        ahead = {urn for one in ahead for urn in recording.with_urn(one).depends_on} - reached
    return {(found.kind, found.name) for found in map(recording.with_urn, reached)}


@every_layout
def test_the_plan_tells_exactly_what_is_made(stack: str) -> None:
    assert dict(Settings.from_stack_file(stack_file(stack)).plan().resources) == recorded(stack).custom_types


@every_layout
def test_a_preview_shows_every_resource_that_an_update_makes(stack: str) -> None:
    assert recorded(stack, preview=True).identities == recorded(stack).identities


@every_layout
def test_nothing_acts_or_reads_across_regions(stack: str) -> None:
    """An alarm acts only on topics of its own region, a filter reads a log group there, a rule calls a function there.
    IAM has no region, and a trail or a bucket may be named from anywhere."""
    for each in custom(stack):
        region = each.inputs.get("region")
        text = json.dumps([*each.inputs.get("alarmActions", []), each.inputs.get("topic"), each.inputs.get("arn")])
        named = set(re.findall(r"arn:aws:(?:sns|lambda):([a-z0-9-]+):", text))
        assert named <= {region}, each.urn


def test_each_region_has_a_trail_of_its_own() -> None:
    recording = recorded("regions")
    trails = {each.inputs["region"]: each.inputs for each in recording.of("Trail")}
    assert trails.keys() == set(REGIONS.values())
    for region, inputs in trails.items():
        assert inputs["name"] == "trailwarden-regions"
        assert inputs["isMultiRegionTrail"] is False
        assert inputs["includeGlobalServiceEvents"] is (region == "us-east-1")
        # Logs stay where they arise, and a trail's key has to lie in its bucket's region.
        assert f":{region}:" in inputs["kmsKeyId"]
        assert f":{region}:" in inputs["cloudWatchLogsGroupArn"]
    buckets = {each.inputs["s3BucketName"]: each.inputs["region"] for each in recording.of("Trail")}
    assert {f"{each.name}-1a2b3c4": each.inputs["region"] for each in recording.of("Bucket")} == buckets


def test_everything_stands_in_each_region_under_a_name_of_its_own() -> None:
    """What stands in one region stands in all, called alike: at home plainly, elsewhere with the region in the name."""
    recording = recorded("regions")
    by_suffix: dict[str, set[tuple[str, str]]] = {suffix: set() for suffix in REGIONS}
    for each in recording.registrations:
        if each.kind in ("Stack", "Dashboard"):
            continue  # one for all
        suffix = next((suffix for suffix in REGIONS if suffix and suffix in each.name), "")
        if each.custom and "region" in each.inputs:
            assert each.inputs["region"] == REGIONS[suffix], each.urn
        by_suffix[suffix].add((each.type, each.name.replace(suffix, "", 1) if suffix else each.name))
    home, *others = by_suffix.values()
    assert len(home) > 50
    assert all(other == home for other in others)


def test_the_home_region_keeps_the_names_of_a_stack_with_one_trail() -> None:
    """So that a stack can spread to other regions: nothing at home is renamed, and so nothing is replaced."""
    named = set(map(tuple, logical_names(recorded("regions"))))
    single = {(kind, name) for kind, name in map(tuple, logical_names(recorded("least")))}
    spread = {(kind, name) for kind, name in single if "-us-east-1" not in name and not name.startswith("watch-")}
    assert spread <= named


def test_nothing_is_forwarded_between_regions_that_are_guarded_themselves() -> None:
    assert not recorded("regions").of("RegionForwarder")
    assert {each.inputs["region"] for each in recorded("regions").of("EventRule")} == set(REGIONS.values())


@pytest.mark.parametrize("suffix", REGIONS)
def test_the_guardian_accepts_the_desired_state_of_its_region(suffix: str) -> None:

    from guardian.environment import Environment
    from guardian.wanted import Refused, Wanted, parse

    recording = recorded("regions")
    read = Environment.read(environment(recording, suffix))
    region = REGIONS[suffix]
    assert (read.trail.region, read.topic_region) == (region, region)
    assert read.waived == {"multi-region"} | (set() if region == "us-east-1" else {"global-events"})
    text = recording.one("Parameter", f"desired-state{suffix}").inputs["insecureValue"]
    assert isinstance(parse(text, waived=read.waived, changed_at=None), Wanted)
    assert isinstance(parse(text, changed_at=None), Refused), "without the deployment's word such a trail is too little"


@pytest.mark.parametrize("suffix", REGIONS)
def test_the_desired_state_is_the_trail_as_it_is_deployed(suffix: str) -> None:
    recording = recorded("regions")
    made, wanted = recording.one("Trail", f"trail{suffix}").inputs, desired_state(recording, suffix)["trail"]
    assert made["isMultiRegionTrail"] is wanted["IsMultiRegionTrail"]
    assert made["includeGlobalServiceEvents"] is wanted["IncludeGlobalServiceEvents"]
    for ours, theirs in (
        ("s3BucketName", "S3BucketName"),
        ("kmsKeyId", "KmsKeyId"),
        ("cloudWatchLogsGroupArn", "CloudWatchLogsLogGroupArn"),
        ("cloudWatchLogsRoleArn", "CloudWatchLogsRoleArn"),
    ):
        assert made[ours] == wanted[theirs]


def test_no_trail_records_what_the_other_regions_are_made_of() -> None:
    """IAM calls of every region are recorded in us-east-1, and would ring `iam-policy-changes` there."""
    recording = recorded("regions")
    watched = {
        (each.kind, each.name) for each in recording.registrations if each.type.startswith(("aws:iam/", "aws:s3/"))
    }
    assert len(watched) > 3 * 8
    for trail in recording.of("Trail"):
        assert watched <= needs(recording, trail), trail.urn


def test_each_guardian_goes_before_its_trail() -> None:
    """What depends on something is destroyed before it: `pulumi destroy` must not be answered by a repair."""
    recording = recorded("regions")
    for suffix in REGIONS:
        for kind, name in (
            ("EventRule", f"guardian{suffix}"),
            ("EventTarget", f"guardian{suffix}"),
            ("TopicSubscription", f"guardian{suffix}"),
            ("Function", f"guardian{suffix}"),
            ("Schedule", f"guardian{suffix}-sweep"),
        ):
            assert ("Trail", f"trail{suffix}") in needs(recording, recording.one(kind, name)), (kind, name)


def test_each_guardian_may_touch_its_own_trail_only() -> None:
    recording = recorded("regions")
    for suffix, region in REGIONS.items():
        policy = json.loads(recording.one("RolePolicy", f"guardian{suffix}").inputs["policy"])
        touched = {each["Resource"] for each in policy["Statement"] if "cloudtrail:" in json.dumps(each["Action"])}
        assert touched == {f"arn:aws:cloudtrail:{region}:111122223333:trail/trailwarden-regions"}


@pytest.mark.parametrize("suffix", [suffix for suffix in REGIONS if suffix])
def test_policies_are_those_of_the_home_region_with_another_region_in_them(suffix: str) -> None:
    """tests/program/test_policies.py looks at those of a stack with one trail, statement by statement."""
    recording = recorded("regions")
    seen = 0
    for each in recording.registrations:
        name = each.name.replace(suffix, "", 1)
        if not each.custom or suffix not in each.name:
            continue
        at_home = recording.one(each.kind, name).inputs
        for key in ("policy", "assumeRolePolicy"):
            if key in each.inputs:
                text = each.inputs[key].replace(suffix, "").replace(REGIONS[suffix], "eu-west-1")
                assert text == at_home[key], (each.urn, key)
                seen += 1
    assert seen > 12


def test_the_region_that_sees_iam_watches_the_roles_of_all() -> None:
    recording = recorded("regions")
    change = {"eventSource": "iam.amazonaws.com", "eventName": "DeleteRolePolicy"}
    seen = filterpattern.compile(recording.one("LogMetricFilter", "watch-us-east-1-self-roles").inputs["pattern"])
    for role in recording.of("Role"):
        assert seen.matches({**change, "requestParameters": {"roleName": f"{role.name}-1a2b3c4"}}), role.name
    assert not seen.matches({**change, "requestParameters": {"roleName": "admin"}})


def test_long_names_are_watched_by_what_they_begin_with() -> None:
    recording = recorded("regions")
    seen = filterpattern.compile(recording.one("LogMetricFilter", "watch-ap-southeast-2-self-state").inputs["pattern"])
    for service, call, name, matches in (
        ("ssm", "PutParameter", "desired-state-ap-southeast-2-1a2b3c4", True),
        ("scheduler", "UpdateSchedule", "guardian-ap-southeast-2-1a2b3c4-sweep", True),
        ("ssm", "PutParameter", "desired-state-1a2b3c4", False),
    ):
        event = {"eventSource": f"{service}.amazonaws.com", "eventName": call, "requestParameters": {"name": name}}
        assert seen.matches(event) is matches, name


def test_people_are_told_by_the_topics_of_each_region() -> None:
    recording = recorded("regions")
    mails = {
        (each.inputs["region"], each.inputs["topic"].rpartition(":")[2])
        for each in recording.of("TopicSubscription")
        if each.inputs["protocol"] == "email"
    }
    assert mails == {
        (region, f"{topic}{suffix}-1a2b3c4")
        for suffix, region in REGIONS.items()
        for topic in ("alerts", "last-resort")
    }


def test_exports_of_several_trails() -> None:
    exports = recorded("regions").exports
    assert exports["trailArn"] == "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailwarden-regions"
    assert [each["homeRegion"] for each in exports["guardedTrails"]] == ["eu-west-1", "ap-southeast-2", "us-east-1"]
    by_region = {each["homeRegion"]: each for each in exports["guardedTrails"]}
    assert by_region["us-east-1"]["guardianFunctionName"] == "guardian-us-east-1-1a2b3c4"
    assert by_region["us-east-1"]["alarmNames"]["trail-changes"] == "watch-us-east-1-trail-changes-1a2b3c4"
    of_stack = ("dashboardUrl", "guardedTrails", "nextSteps")
    plain = {key: value for key, value in exports.items() if key not in of_stack}
    assert by_region["eu-west-1"] == {"homeRegion": "eu-west-1", **plain}
    steps = "\n".join(exports["nextSteps"])
    assert "Open the 6 mails" in steps
    for region in REGIONS.values():
        assert f"confirm-subscription --region {region} " in steps


OPTIONS = {
    "layout": "per-region",
    "deliveryTopic": True,
    "lifecycle": {"expireDays": 400},
    "objectLock": {"mode": "GOVERNANCE", "days": 30},
    "tags": {"team": "security"},
}


@pytest.mark.parametrize(
    ("stack", "changes"),
    [
        ("regions", {"trail": OPTIONS}),
        ("several", {"remediation": {"mode": "off"}, "eventSets": {"trail-changes": {}, "trail-storage": {}}}),
    ],
)
def test_the_plan_counts_every_trail_with_its_options(stack: str, changes: dict[str, Any]) -> None:
    config = wire_config(stack, **changes)
    keys = {key: "homeRegion" if key == "aws:region" else key.removeprefix("trailwarden:") for key in config}
    answers = {keys[key]: json.loads(text) if text[0] in "[{" else text for key, text in config.items()}
    plan = Settings.parse(answers, stack=stack, source="test").plan()
    assert dict(plan.resources) == run_program(config, stack=stack).custom_types


@every_layout
def test_sets_on_our_own_things_fit_however_long_our_names_are(stack: str) -> None:
    """Names that end in a region or a trail are longer, and a pattern is not: it then looks for how they begin."""
    own = {name: {} for name, entry in EVENT_SETS.items() if lacking(entry)}
    recording = run_program(wire_config(stack, eventSets=own, alerts={"explain": True}), stack=stack)
    for function in recording.of("Function"):
        suffix = next(each for each in ("guardian", "explainer") if function.name.startswith(each))
        watch = f"watch{function.name.removeprefix(suffix)}-self-functions"
        names = [each.name for each in recording.of("LogMetricFilter")]
        if suffix == "explainer" and watch not in names:
            continue  # one for the region, where each trail has filters of its own
        seen = filterpattern.compile(recording.one("LogMetricFilter", watch).inputs["pattern"])
        change = {"eventSource": "lambda.amazonaws.com", "eventName": "DeleteFunction20150331"}
        assert seen.matches({**change, "requestParameters": {"functionName": f"{function.name}-1a2b3c4"}})
        assert not seen.matches({**change, "requestParameters": {"functionName": "shop"}})
