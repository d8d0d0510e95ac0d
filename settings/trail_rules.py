"""What must hold between the trail and the other sections of a stack's settings."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from settings import names
from settings.adoption_rules import adoption_contradictions
from settings.option_rules import option_contradictions
from settings.problems import CheckError
from settings.regions import partition_of
from settings.room_rules import room_contradictions
from settings.sites import global_region, trail_sites

if TYPE_CHECKING:
    from settings.document import KeyPath
    from settings.rules import Draft

OUT_OF_REGION: Final = "out-of-region"
"""The event set about activity in other regions than a stack's own."""


def trail_contradictions(draft: "Draft") -> "Iterator[tuple[KeyPath, CheckError]]":
    """Every rule about the trail that is broken, with the place to mend it."""
    yield from adoption_contradictions(draft)
    yield from room_contradictions(draft)
    if draft.trail.is_adopted:
        yield from _blind_to_other_regions(draft, why="no adopted trail records other regions")
        return
    yield from _trail_name(draft)
    yield from option_contradictions(draft)
    if draft.trail.layout == "per-region":
        yield from _per_region(draft)


def _trail_name(draft: "Draft") -> "Iterator[tuple[KeyPath, CheckError]]":
    if draft.trail.name is None:
        default = f"trailwarden-{draft.stack}"
        try:
            names.trail_name(default)
        except CheckError as error:
            yield (
                ("trail", "name"),
                CheckError(f"is needed, because CloudTrail refuses the default {default}", allowed=error.allowed),
            )


def _per_region(draft: "Draft") -> "Iterator[tuple[KeyPath, CheckError]]":
    """Each region has a trail of its own, and IAM, sign-in and root events reach that of one region only."""
    if not draft.regions or draft.home_region is None or partition_of(draft.home_region) is None:
        return  # another rule tells that
    listed = set(draft.regions.values())
    needed = {
        global_region(draft.home_region): "the events of IAM, of console sign-ins and of the root user are recorded "
        "there and nowhere else: without it nobody would see them",
        draft.home_region: "it is the home region, where the stack's own topics and functions live",
    }
    for region, reason in needed.items():
        if region not in listed:
            yield (
                ("regions",),
                CheckError(
                    f"must name {region} with trail.layout per-region, because {reason}", allowed="more regions"
                ),
            )
    yield from _blind_to_other_regions(draft, why="with trail.layout per-region other regions are not recorded")
    yield from _twice_named(draft)


def _blind_to_other_regions(draft: "Draft", *, why: str) -> "Iterator[tuple[KeyPath, CheckError]]":
    if OUT_OF_REGION in draft.event_sets and not draft.trail.sees_other_regions:
        yield (
            ("eventSets", OUT_OF_REGION),
            CheckError(f"would see nothing: {why}", allowed="a multi-region trail, or leave the set out"),
        )


def _twice_named(draft: "Draft") -> "Iterator[tuple[KeyPath, CheckError]]":
    """A custom set whose filter at home would be called as that of another watch in another region."""
    sites = trail_sites(
        draft.trail, trail_name="", home_region=draft.home_region or "", regions=list(draft.regions.values())
    )
    watches = {*draft.event_sets, *draft.custom_sets, *(each.name for each in draft.source_ips.values())}
    places = {name: ("customSets", name) for name in draft.custom_sets}
    places |= {each.name: (*path, "name") for path, each in draft.source_ips.items()}
    for name, path in places.items():
        for site in sites:
            own = name.removeprefix(f"{site.suffix[1:]}-") if site.suffix else name
            if own != name and own in watches:
                yield path, CheckError(f"is what {own} is called in {site.region}", value=name, allowed="another name")
