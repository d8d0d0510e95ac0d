"""Which trails a stack guards, and where: what `__main__.py` goes round, known before anything is deployed."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from settings import arns
from settings.regions import GLOBAL_REGION, partition_of

if TYPE_CHECKING:
    from settings.baseline import Baseline
    from settings.trail import TrailSettings

LONGEST_SLUG = 20
"""Characters of a trail's name that stand in logical names. Names of roles and rules have 64 characters in all."""
_PLAIN = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, kw_only=True)
class TrailSite:
    """One guarded trail in its home region, with everything that is made around it there.

    `suffix` ends the logical names of what belongs to this trail: "" or a hyphen and words. It follows from the trail
    and its region alone, so that another trail never renames these. `waived` are the demands of the guardian's floor
    that the stack file gives up outright, by their names in `lambda/guardian/remit.py`. `records_reads` is whether the
    log group sees calls that only read: the guardian's own looks at the trail are such calls. With
    `is_organization` every account of an organization writes to the trail. `baseline` is what an adopted trail should
    be; None for a trail that the stack makes.
    """

    name: str
    region: str
    suffix: str = ""
    is_multi_region: bool = True
    has_global_events: bool = True
    records_reads: bool = True
    is_organization: bool = False
    waived: frozenset[str] = frozenset()
    baseline: "Baseline | None" = None

    @property
    def is_adopted(self) -> bool:
        """Whether the trail exists already and is not the stack's to make or delete."""
        return self.baseline is not None


def trail_sites(
    trail: "TrailSettings", *, trail_name: str, home_region: str, regions: Sequence[str]
) -> tuple[TrailSite, ...]:
    """The trails to guard, those of the home region first, the others by region."""
    if trail.mode == "adopt":
        return _adopted(trail, home_region=home_region)
    if trail.layout == "per-region":
        return tuple(
            _of_one_region(trail, trail_name=trail_name, home_region=home_region, region=region)
            for region in sorted(regions, key=lambda each: (each != home_region, each))
        )
    return (
        TrailSite(
            name=trail_name,
            region=home_region,
            records_reads=trail.records_reads,
            is_organization=trail.organization,
            waived=trail.waived,
        ),
    )


def suffix_of(region: str, *, home_region: str) -> str:
    """What ends the logical names of things in a region: nothing at home, so that a stack can spread from there."""
    return "" if region == home_region else f"-{region}"


def identity(trail: str, *, home_region: str) -> tuple[str, str]:
    """(home region, name) of an adopted trail, given by its name or its ARN."""
    found = arns.parsed(trail)
    return (home_region, trail) if found is None else (found.region, found.rest.partition("/")[2])


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


def _adopted(trail: "TrailSettings", *, home_region: str) -> tuple[TrailSite, ...]:
    baselines = {identity(each, home_region=home_region): base for each, base in trail.baseline.items()}
    found = {identity(each, home_region=home_region) for each in trail.trails} & baselines.keys()
    return tuple(
        TrailSite(
            name=name,
            region=region,
            suffix=f"{suffix_of(region, home_region=home_region)}-{_slug(name)}",
            is_multi_region=base.multi_region,
            has_global_events=base.multi_region or (base.global_events and region == global_region(region)),
            records_reads=base.records_reads,
            is_organization=base.organization,
            waived=base.waived,
            baseline=base,
        )
        for region, name in sorted(found, key=lambda each: (each[0] != home_region, each))
        for base in (baselines[region, name],)
    )


def _slug(name: str) -> str:
    """A trail's name as it stands in logical names, in few letters that every service takes.

    No hyphen: it would be read as the end of the name. A name that is changed otherwise ends in a hash, so that two
    trails never share one.
    """
    if _PLAIN.fullmatch(name) and len(name) <= LONGEST_SLUG:
        return name.replace("-", "_")
    digest = hashlib.sha256(name.encode()).hexdigest()[:4]
    return f"{re.sub('[^a-z0-9]', '_', name.lower())[: LONGEST_SLUG - len(digest) - 1]}_{digest}"
