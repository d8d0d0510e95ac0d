"""Which trails a stack guards, and where: what `__main__.py` goes round, known before anything is deployed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from settings.regions import GLOBAL_REGION, partition_of

if TYPE_CHECKING:
    from settings.trail import TrailSettings


@dataclass(frozen=True, kw_only=True)
class TrailSite:
    """One guarded trail in its home region, with everything that is made around it there.

    `suffix` ends the logical names of what belongs to this trail: "" or a hyphen and words. It follows from the trail
    and its region alone, so that another trail never renames these. `waived` are the demands of the guardian's floor
    that the stack file gives up outright, by their names in `lambda/guardian/floor.py`. `records_reads` is whether the
    log group sees calls that only read: the guardian's own looks at the trail are such calls.
    """

    name: str
    region: str
    suffix: str = ""
    is_multi_region: bool = True
    has_global_events: bool = True
    records_reads: bool = True
    waived: frozenset[str] = frozenset()


def trail_sites(
    trail: "TrailSettings", *, trail_name: str, home_region: str, regions: Sequence[str]
) -> tuple[TrailSite, ...]:
    """The trails to guard, that of the home region first, the others by region."""
    if trail.layout == "per-region":
        return tuple(
            _of_one_region(trail, trail_name=trail_name, home_region=home_region, region=region)
            for region in sorted(regions, key=lambda each: (each != home_region, each))
        )
    return (TrailSite(name=trail_name, region=home_region, records_reads=trail.records_reads, waived=trail.waived),)


def suffix_of(region: str, *, home_region: str) -> str:
    """What ends the logical names of things in a region: nothing at home, so that a stack can spread from there."""
    return "" if region == home_region else f"-{region}"


def global_region(region: str) -> str:
    """The region of the same partition in which the events of global services (IAM, sign-in) are recorded."""
    partition = partition_of(region)
    assert partition, region
    return GLOBAL_REGION[partition]


def _of_one_region(trail: "TrailSettings", *, trail_name: str, home_region: str, region: str) -> TrailSite:
    is_global = region == global_region(region)
    return TrailSite(
        name=trail_name,
        region=region,
        suffix=suffix_of(region, home_region=home_region),
        is_multi_region=False,
        has_global_events=is_global,
        records_reads=trail.records_reads,
        # On purpose, both: one trail for each region, and global events are recorded in one region only.
        waived=trail.waived | {"multi-region"} | (set() if is_global else {"global-events"}),
    )
