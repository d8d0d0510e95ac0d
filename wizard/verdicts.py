"""What can be made of each trail that was found: adopt it, or why not and what the way out is. Decides, asks nobody."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from account import CouldNotLook, Found, Selectors, TrailStatus, found_or
from settings.regions import partition_of
from settings.sites import global_region
from wizard.look import SeenTrail, Sight

STANDARD: Final = "STANDARD"
CLASSES: Final = {"STANDARD": "Standard", "INFREQUENT_ACCESS": "Infrequent Access", "DELIVERY": "Delivery"}
"""Classes of log groups, in the words of the console."""
NOT_VALIDATED: Final = "its log files are not validated"
HOW_TO_GIVE_A_GROUP: Final = "docs/adopting.md; where the wizard asks, it offers that with the commands"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a trail can be adopted. `obstacle` is why not, empty if it can; `way_out` what to do about that.

    `doubts` are what is wrong or less with it all the same. `needs_group`: another log group is all that it lacks.
    `is_own`: the stack made it, so it is neither to be adopted nor another trail.
    """

    seen: SeenTrail
    obstacle: str = ""
    way_out: str = ""
    doubts: tuple[str, ...] = ()
    needs_group: bool = False
    is_own: bool = False

    @property
    def can_be_adopted(self) -> bool:
        """Whether filters, alarms and a guardian can be put around it from this account."""
        return not self.obstacle

    @property
    def is_good(self) -> bool:
        """Whether it sees all that happens and works. That its files are not validated is mended by one switch."""
        return self.can_be_adopted and not set(self.doubts) - {NOT_VALIDATED}


def judge(sight: Sight, *, stack: str) -> tuple[Verdict, ...]:
    """A verdict on each trail, for a stack of this name; the stack's own first, then the best to adopt."""
    verdicts = [_judged(each, sight.identity.account_id, stack) for each in sight.trails]
    return tuple(sorted(verdicts, key=_rank))


def _rank(verdict: Verdict) -> tuple[bool, bool, bool, int, str, str]:
    trail = verdict.seen.trail
    return (
        not verdict.is_own,
        not verdict.can_be_adopted,
        not trail.is_multi_region,
        len(verdict.doubts),
        trail.home_region,
        trail.name,
    )


def _judged(seen: SeenTrail, account_id: str, stack: str) -> Verdict:
    if seen.made_by == stack:
        goes_on = "the stack goes on with it if it makes its own trail"
        own = Verdict(seen=seen, obstacle="was made by this stack", way_out=goes_on, is_own=True)
        return replace(own, doubts=tuple(_doubts(seen)))
    for obstacle, way_out in _obstacles(seen, account_id):
        return Verdict(seen=seen, obstacle=obstacle, way_out=way_out)
    for obstacle, way_out in _obstacles_of_group(seen, account_id):
        return Verdict(seen=seen, obstacle=obstacle, way_out=way_out, needs_group=True)
    return Verdict(seen=seen, doubts=tuple(_doubts(seen)))


def _obstacles(seen: SeenTrail, account_id: str) -> Iterator[tuple[str, str]]:
    """Why it cannot be adopted, each with the way out; the gravest first."""
    trail = seen.trail
    if partition_of(trail.home_region) is None:
        yield (
            f"lives in {trail.home_region}, which this version does not know",
            "let the stack make a trail, or look for a newer version",
        )
    if trail.owner != account_id:
        whose = "is the organization's trail" if trail.is_organization else "is a trail"
        yield (
            f"{whose} of account {trail.owner}, shown here: only there can it be watched and guarded",
            f"run this in account {trail.owner}; for this account alone, let the stack make a trail",
        )
    if seen.made_by:
        yield (
            f"was made by the stack {seen.made_by} of trailwarden",
            "it is guarded already; choose that stack to change it",
        )


def _obstacles_of_group(seen: SeenTrail, account_id: str) -> Iterator[tuple[str, str]]:
    """The same about its log group, for a trail with which nothing else is in the way."""
    trail = seen.trail
    if not trail.log_group_arn or not trail.logs_role_arn:
        yield (
            "does not write to CloudWatch Logs, and filters work on nothing else",
            f"give it a log group ({HOW_TO_GIVE_A_GROUP}), or let the stack make a trail",
        )
    owner = trail.log_group_arn.split(":")[4:5]
    if owner != [account_id]:
        yield (
            f"writes to a log group of account {''.join(owner)}: filters can be put on it only there",
            f"give it a log group of its own account ({HOW_TO_GIVE_A_GROUP})",
        )
    name = trail.log_group_arn.rpartition(":log-group:")[2]
    if isinstance(seen.group, Found):
        group = seen.group.value
        if group.log_class != STANDARD:
            yield (
                f"writes to {name} of the class {CLASSES.get(group.log_class, group.log_class)}, which has no filters",
                f"a class cannot be changed: give it another log group ({HOW_TO_GIVE_A_GROUP})",
            )
    elif not isinstance(seen.group, CouldNotLook):
        yield (
            f"names the log group {name}, and there is none",
            f"make it again ({HOW_TO_GIVE_A_GROUP}); until then nothing arrives there",
        )


def _doubts(seen: SeenTrail) -> Iterator[str]:
    """What is wrong with a trail that can be adopted, or less than it could be."""
    trail = seen.trail
    status: TrailStatus | None = found_or(trail.status, None)
    if status is None:
        yield "nobody let us see whether it logs"
    elif not status.is_logging:
        yield f"not logging{f' since {status.stopped:%Y-%m-%d}' if status.stopped else ''}"
    else:
        if status.delivery_error:
            yield f"cannot write to its bucket ({status.delivery_error})"
        if status.logs_error:
            yield f"cannot write to its log group ({status.logs_error})"
    if isinstance(seen.group, CouldNotLook):
        yield "nobody let us see its log group, which must be of the class Standard"
    if not trail.is_multi_region:
        # It gets the events of global services only where they arise, whatever its switch says (CloudTrail User Guide).
        has_global = trail.has_global_events and trail.home_region == global_region(trail.home_region)
        yield f"records {trail.home_region} only" + ("" if has_global else ", without IAM and sign-ins")
    if not trail.validates_files:
        yield NOT_VALIDATED
    selectors: Selectors | None = found_or(trail.selectors, None)
    if selectors is None:
        yield "nobody let us see which events it records"
    elif words := recorded_too_little(selectors):
        yield words


def recorded_too_little(selectors: Selectors) -> str:
    """Which management events a trail leaves out, in words; empty if none."""
    management = selectors.management
    if management == "none":
        return "records no management events"
    if management in ("read", "write"):
        return f"records only management events that {management}"
    if selectors.left_out:
        return f"leaves out the events of {', '.join(selectors.left_out)}"
    return "records only part of the management events" if selectors.narrowed else ""
