"""The dashboard: a row for each event set, within what CloudWatch takes, however many sets and regions there are."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components._dashboard_body import Site, body
from settings import Settings
from settings.aws_sizes import MAX_WIDGETS
from settings.dashboard import dashboard_name
from tests.support.recorded_program import run_program
from tests.support.reference_stacks import recorded, stack_file, wire_config

GROUP = "trail-log-group-1a2b3c4"


def widgets(stack: str = "full") -> list[dict[str, Any]]:
    (made,) = (each for each in recorded(stack).of("Dashboard") if each.custom)
    return json.loads(made.inputs["dashboardBody"])["widgets"]


def titled(found: list[dict[str, Any]], title: str) -> dict[str, Any]:
    (widget,) = (each for each in found if each["properties"].get("title") == title)
    return widget


def custom(number: int) -> dict[str, Any]:
    """A stack with so many sets of its own; every tenth is critical."""
    return {
        f"own-set-{index:03}": {
            "pattern": f'{{ ($.eventName = "Call{index}") && ($.sourceIPAddress != "203.0.113.*") }}',
            "severity": "critical" if index % 10 == 0 else "low",
        }
        for index in range(number)
    }


def sites(settings: Settings, number: int) -> list[Site]:
    return [
        Site(
            title=f"trail in region-{index}",
            region="eu-west-1",
            namespace=settings.metric_namespace,
            log_group_name=GROUP,
            watches=settings.watches,
            alarm_arns={
                watch.name: f"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:watch-{watch.name}-1a2b3c4-{index}"
                for watch in settings.watches
            },
            functions={"guardian": "guardian-1a2b3c4"},
            guardian_log_group="guardian-1a2b3c4",
            rule_name="any-address-full",
            has_canary=True,
        )
        for index in range(number)
    ]


def many(sets: int, *, regions: int = 1) -> dict[str, Any]:
    settings = Settings.parse(
        {"homeRegion": "eu-west-1", "emails": ["a@example.com"], "eventSets": {}, "customSets": custom(sets)},
        stack="full",
        source="test",
    )
    return body(sites(settings, regions), stack="full")


def test_every_event_set_has_a_row_with_metric_alarm_and_events() -> None:
    found = widgets()
    settings = Settings.from_stack_file(stack_file("full"))
    for watch in settings.watches:
        metric = titled(found, f"[{watch.severity}] {watch.title}")
        assert metric["properties"]["metrics"] == [[watch.namespace, watch.metric, {"label": "matching events"}]]
        assert metric["properties"]["annotations"]["horizontal"][0]["value"] == watch.threshold
        assert (metric["properties"]["stat"], metric["properties"]["period"]) == ("Sum", watch.period)
        (arn,) = titled(found, watch.name)["properties"]["alarms"]
        assert f"-{watch.name}-" in arn
        assert titled(found, watch.name)["y"] == metric["y"]


def test_the_events_of_a_set_are_asked_for_in_the_words_of_logs_insights() -> None:
    events = titled(widgets(), "Last 20 matching events: secret-reads")
    assert events["properties"]["query"] == (
        f"SOURCE '{GROUP}' | fields @timestamp, eventName, userIdentity.arn, sourceIPAddress, awsRegion, errorCode"
        ' | filter (eventSource = "secretsmanager.amazonaws.com") and (eventName = "GetSecretValue")'
        " | sort @timestamp desc | limit 20"
    )


def test_a_pattern_that_insights_cannot_say_has_a_wider_graph_instead() -> None:
    """`$.readOnly IS FALSE` has no sure translation, and a wrong table is worse than none."""
    found = widgets()
    assert not [each for each in found if each["properties"].get("title") == "Last 20 matching events: out-of-region"]
    title = next(
        f"[{each.severity}] {each.title}"
        for each in Settings.from_stack_file(stack_file("full")).watches
        if each.name == "out-of-region"
    )
    assert titled(found, title)["width"] == 20


def test_it_shows_the_guardian_the_signs_of_life_and_the_busiest_addresses() -> None:
    found = widgets("burst")
    query = titled(found, "What the guardian did and told")["properties"]["query"]
    assert query.startswith("SOURCE 'guardian-1a2b3c4' | ")
    lives = titled(found, "Signs of life")["properties"]["metrics"]
    assert ["AWS/Logs", "IncomingLogEvents", "LogGroupName", GROUP] in [each[:4] for each in lives]
    assert ["trailwarden/burst", "GuardianCanary"] in [each[:2] for each in lives]
    rule = titled(found, "Addresses with the most calls")["properties"]["insightRule"]
    assert rule == {"ruleName": "any-address-burst", "maxContributorCount": 10, "orderBy": "Sum"}
    overview = titled(found, "Alarms of trailwarden-burst in eu-west-1")["properties"]["alarms"]
    assert len(overview) == len(recorded("burst").of("MetricAlarm"))


def test_without_a_guardian_nothing_of_it_is_shown() -> None:
    titles = {each["properties"].get("title") for each in widgets("off")}
    assert not {"What the guardian did and told", "Functions"} & titles
    assert "GuardianCanary" not in json.dumps(widgets("off"))


def overlaps(found: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    taken: set[tuple[int, int]] = set()
    for each in found:
        assert each["x"] + each["width"] <= 24
        cells = {
            (x, y)
            for x in range(each["x"], each["x"] + each["width"])
            for y in range(each["y"], each["y"] + each["height"])
        }
        yield from taken & cells
        taken |= cells


@pytest.mark.parametrize(("sets", "regions"), [(1, 1), (99, 1), (99, 2), (99, 3), (99, 4), (99, 5), (99, 17)])
def test_it_grows_within_the_limits(sets: int, regions: int) -> None:
    made = many(sets, regions=regions)
    found = made["widgets"]
    assert len(found) <= MAX_WIDGETS
    assert max(len(each["properties"].get("alarms", ())) for each in found) <= 100
    assert len(json.dumps(made)) < 400_000
    assert not list(overlaps(found))
    said = [each["properties"]["markdown"] for each in found if "have no row here" in str(each["properties"])]
    rows = [each for each in found if each["properties"].get("annotations")]
    if sets * regions <= MAX_WIDGETS - 6 * regions - 2:  # what each trail has beside its sets
        assert (len(rows), said) == (sets * regions, [])
    else:
        assert said
        # Those that are left out are the least severe ones.
        assert len([row for row in rows if "[critical]" in row["properties"]["title"]]) == regions * len(
            range(0, sets, 10)
        )


def test_with_99_sets_of_ones_own_every_one_still_has_its_events() -> None:
    found = many(99)["widgets"]
    assert len([each for each in found if each["type"] == "log"]) == 99 + 1  # and the guardian's
    assert len([each for each in found if each["type"] == "alarm"]) == 99 + 1  # and the overview


def test_it_can_be_left_out() -> None:
    without = run_program(wire_config("least", dashboard=False), stack="least")
    assert not without.of("Dashboard")
    assert "dashboardUrl" not in without.exports


@pytest.mark.parametrize(
    ("stack", "name"),
    [("prod", "trailwarden-prod"), ("a_b-C", "trailwarden-a_b-C"), ("a.b", "trailwarden-a_b--dots")],
)
def test_its_name_is_one_that_cloudwatch_takes(stack: str, name: str) -> None:
    assert dashboard_name(stack) == name


def test_each_partition_has_its_console() -> None:
    assert recorded("government").exports["dashboardUrl"] == (
        "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1"
        "#dashboards/dashboard/trailwarden-government"
    )
