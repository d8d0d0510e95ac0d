"""Which trails a stack guards, by layout and mode, and what is refused before anything is made."""

from typing import Any

import pytest

from settings import Settings, SettingsError, TrailSite

GOOD: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"]}
EVERYWHERE = ["eu-west-1", "us-east-1", "ap-southeast-2"]


def settings(**changes: Any) -> Settings:
    return Settings.parse({**GOOD, **changes}, stack="prod", source="answers")


def problems(**changes: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        settings(**changes)
    return [str(each).removeprefix("answers: ") for each in caught.value.problems]


def per_region(**changes: Any) -> dict[str, Any]:
    return {"trail": {"layout": "per-region"}, "regions": EVERYWHERE, **changes}


def test_one_trail_sees_all_regions_by_default() -> None:
    made = settings(regions=EVERYWHERE)
    assert made.trails == (TrailSite(name="trailwarden-prod", region="eu-west-1"),)
    assert made.home_regions == ("eu-west-1",)
    assert made.forwarding_regions("eu-west-1") == ("us-east-1", "ap-southeast-2")


def test_a_trail_in_each_region() -> None:
    made = settings(**per_region())
    local = {
        "is_multi_region": False,
        "has_global_events": False,
        "waived": frozenset({"multi-region", "global-events"}),
    }
    assert made.trails == (
        TrailSite(name="trailwarden-prod", region="eu-west-1", **local),
        TrailSite(name="trailwarden-prod", region="ap-southeast-2", suffix="-ap-southeast-2", **local),
        TrailSite(
            name="trailwarden-prod",
            region="us-east-1",
            suffix="-us-east-1",
            is_multi_region=False,
            has_global_events=True,
            waived=frozenset({"multi-region"}),
        ),
    )
    assert made.home_regions == ("eu-west-1", "ap-southeast-2", "us-east-1")
    assert [made.forwarding_regions(region) for region in made.home_regions] == [(), (), ()]


def test_the_order_of_regions_is_of_no_matter() -> None:
    turned = settings(**per_region(regions=EVERYWHERE[::-1]))
    assert turned.trails == settings(**per_region()).trails


def test_a_region_more_renames_nothing() -> None:
    fewer, more = (settings(**per_region(regions=each)).trails for each in (EVERYWHERE, [*EVERYWHERE, "sa-east-1"]))
    assert set(fewer) < set(more)


def test_govcloud_sees_its_global_events_elsewhere() -> None:
    home = {"homeRegion": "us-gov-east-1"}
    made = settings(**per_region(regions=["us-gov-east-1", "us-gov-west-1"]), **home)
    assert {site.region: site.has_global_events for site in made.trails} == {
        "us-gov-east-1": False,
        "us-gov-west-1": True,
    }
    (said,) = problems(**per_region(regions=["us-gov-east-1"]), **home)
    assert "must name us-gov-west-1" in said


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no region with the events of IAM": (
        per_region(regions=["eu-west-1", "eu-central-1"]),
        ["regions: must name us-east-1 with trail.layout per-region, because the events of IAM"],
    ),
    "the home region left out": (
        per_region(regions=["us-east-1"]),
        ["regions: must name eu-west-1 with trail.layout per-region, because it is the home region"],
    ),
    "both": (
        per_region(regions=["eu-central-1"]),
        ["regions: must name us-east-1", "regions: must name eu-west-1"],
    ),
    "no regions at all": (
        {"trail": {"layout": "per-region"}},
        ["regions: must name us-east-1"],
    ),
    "a set that would see nothing": (
        per_region(eventSets=["trail-changes", "out-of-region"]),
        ["eventSets.out-of-region: would see nothing: with trail.layout per-region other regions are not recorded"],
    ),
    "two filters of one name": (
        per_region(customSets={"us-east-1-trail-changes": {"pattern": "{ $.a = 1 }"}}, eventSets=["trail-changes"]),
        ["customSets.us-east-1-trail-changes: is what trail-changes is called in us-east-1"],
    ),
    "an organization in some regions": (
        {**per_region(), "trail": {"layout": "per-region", "organization": True}},
        ["trail.organization: with trail.layout per-region would leave the other accounts unseen"],
    ),
    "an unknown layout": (
        {"trail": {"layout": "per-regoin"}},
        ['trail.layout: is not one of the choices (got "per-regoin"); did you mean per-region?'],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    changes, expected = REFUSED[case]
    said = problems(**changes)
    assert len(said) == len(expected), said
    for text, beginning in zip(sorted(said), sorted(expected), strict=True):
        assert text.startswith(beginning)


def test_what_no_trail_can_see_is_not_recommended() -> None:
    assert "out-of-region" in settings().event_sets
    assert "out-of-region" not in settings(**per_region()).event_sets
    assert settings().event_sets.keys() - settings(**per_region()).event_sets.keys() == {"out-of-region"}
