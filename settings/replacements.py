"""What a change of trail, home region, layout or mode does to a stack that is deployed: what is lost meanwhile, what
Pulumi refuses, and what people have to do again. Known from the settings alone, so that it is said before anything is
written.

Sources: Pulumi, "Resource option: protect" (a protected resource is neither deleted nor replaced); the provider's
schema (a changed `name` or `region` replaces).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from settings.sites import TrailSite

if TYPE_CHECKING:
    from settings.model import Settings


def replacements(before: "Settings", after: "Settings") -> tuple[str, ...]:
    """One sentence for each thing that `pulumi up` deletes or makes anew, the gravest first; none for other changes."""
    sentences = (
        *_home(before, after),
        *_trails(before, after),
        *_let_go(before, after),
        *_evidence(before, after),
        *_topics(before, after),
    )
    return tuple(dict.fromkeys(sentences))


def _made(settings: "Settings") -> dict[str, TrailSite]:
    """The trails that a stack makes, by what Pulumi knows them by."""
    return {site.suffix: site for site in settings.trails if not site.is_adopted}


def _home(before: "Settings", after: "Settings") -> Iterator[str]:
    old, new = before.home_region, after.home_region
    if old == new:
        return
    yield (
        f"The home region moves from {old} to {new}: topics, functions and alarms are deleted in {old} and made anew. "
        f"Safer is a second stack with its home in {new}, and this one destroyed once that works."
    )
    if any(site.region == new for suffix, site in _made(before).items() if suffix):
        yield (
            f"CloudTrail refuses that in one step: {new} has a trail of this stack already, and would have to have it "
            "twice meanwhile. The second stack needs a trail.name of its own."
        )


def _trails(before: "Settings", after: "Settings") -> Iterator[str]:
    """Trails that are deleted, made anew or narrowed: what is not recorded then, or no longer."""
    now = _made(after)
    for suffix, old in _made(before).items():
        new = now.get(suffix)
        if new is None:
            yield f"Trail {old.name} in {old.region} is deleted. {_recorded_by(old.region, after)}"
        elif (new.name, new.region) != (old.name, old.region):
            place = "" if new.region == old.region else f" in {new.region}"
            yield (
                f"Trail {old.name} in {old.region} is deleted before {new.name}{place} is made: for about a minute "
                "nothing is recorded, and the guardian mails that the trail is gone."
            )
        elif old.is_multi_region and not new.is_multi_region:
            kept = ", ".join(sorted(site.region for site in after.trails))
            yield f"Trail {old.name} is narrowed to {old.region}: only {kept} are recorded then."


def _recorded_by(region: str, after: "Settings") -> str:
    """Who records a region once its own trail is gone."""
    for site in after.trails:
        if site.is_multi_region or site.region == region:
            return f"What happens there is then recorded by {site.name} in {site.region}."
    return f"What happens in {region} is then recorded by no trail of this stack."


def _let_go(before: "Settings", after: "Settings") -> Iterator[str]:
    adopted = {(site.name, site.region) for site in after.trails if site.is_adopted}
    for site in before.trails:
        if site.is_adopted and (site.name, site.region) not in adopted:
            yield f"Trail {site.name} in {site.region} is no longer watched or guarded. It stays as it is."


def _evidence(before: "Settings", after: "Settings") -> Iterator[str]:
    """Buckets, log groups and keys that the stack has made and will not have any longer."""
    now = _made(after)
    for suffix, old in _made(before).items():
        new = now.get(suffix)
        is_gone = new is None or new.region != old.region
        lost = [
            what
            for what, key in (("bucket", "bucket"), ("log group", "log_group"), ("key", "kms_key"))
            if not getattr(before.trail, key) and (is_gone or getattr(after.trail, key))
        ]
        if not lost:
            continue
        things = " and ".join([*([", ".join(lost[:-1])] if lost[:-1] else []), lost[-1]])
        verb, them = ("is", "it") if len(lost) == 1 else ("are", "them")
        if before.evidence == "keep":
            yield (
                f"The {things} of trail {old.name} in {old.region} {verb} protected (evidence: keep), and `pulumi up` "
                f"stops there. `pulumi state unprotect` lets go of {them}, by the URNs of `pulumi stack --show-urns`; "
                f"then the account keeps {them}, and no stack knows {them}."
            )
        elif lost != ["key"]:
            yield f"The {things} of trail {old.name} in {old.region} {verb} deleted with everything in {them}."


def _topics(before: "Settings", after: "Settings") -> Iterator[str]:
    """Topics that are new in a region: AWS asks each address again."""
    old, new = _topic_names(before), _topic_names(after)
    for region, name in new.items():
        if region not in old:
            yield f"Topics in {region} are new: each address has to confirm there as well."
        elif old[region] != name:
            yield f"The alerts topic in {region} is made anew: each address has to confirm again."
    for region in old:
        if region not in new:
            yield f"The topics in {region} are deleted, with their subscriptions."


def _topic_names(settings: "Settings") -> Mapping[str, tuple[str, str | None]]:
    """What Pulumi and AWS know the alerts topic of each region by."""
    return {region: (settings.suffix_of(region), settings.alerts.topic_name) for region in settings.home_regions}
