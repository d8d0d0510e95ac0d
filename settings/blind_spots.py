"""What none of the guarded trails records: said before it is written, because nobody would ever hear of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from settings.sites import global_region

if TYPE_CHECKING:
    from settings.model import Settings


def blind_spots(settings: "Settings") -> tuple[str, ...]:
    """One sentence for each; only trails that a stack adopts can leave any."""
    return (*_global_events(settings), *_regions(settings))


def _global_events(settings: "Settings") -> Iterator[str]:
    if not any(site.has_global_events for site in settings.trails):
        region = global_region(settings.home_region)
        yield (
            f"No guarded trail records IAM, console sign-ins and the root user, whose events arise in {region}: event "
            "sets about them stay silent."
        )


def _regions(settings: "Settings") -> Iterator[str]:
    if any(site.is_multi_region for site in settings.trails):
        return
    recorded = {site.region for site in settings.trails}
    for region in settings.regions:
        if region not in recorded:
            yield f"{region} is among the regions, and no guarded trail records it."
