"""One look at the account before anything is asked: who asks, which regions, which trails, and what is on them.

Read-only. boto3 is loaded when `look` runs, and not by whoever only names these types.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import account
from account import (
    Across,
    Alarm,
    Answer,
    CouldNotLook,
    Found,
    Identity,
    LogGroup,
    Nothing,
    Session,
    Tagged,
    Trail,
    found_or,
)
from settings.regions import GLOBAL_REGION, REGIONS, partition_of
from wizard.access import Access

ATTEMPTS: Final = 2
"""Calls of the first question in all: somebody without a network is told so in seconds."""
MEASURED_D: Final = 7
"""How many days of log data say how much a month brings."""
_MONTH_D: Final = 30.4


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What a log group took in, as so much a month: gigabytes, and events."""

    gigabytes: float
    events: float


@dataclass(frozen=True, kw_only=True)
class SeenTrail:
    """A trail with its log group. `made_by` is the stack of ours that made it, empty for anybody else's."""

    trail: Trail
    group: Answer[LogGroup]
    made_by: str = ""
    flow: Flow | None = None
    """None where the group is empty, or nobody let us measure."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What there is. `blind` says what could not be looked at: what is missing here may be there all the same."""

    session: Session
    identity: Identity
    regions: tuple[str, ...]
    """Those in which trails were looked for."""
    knows_regions: bool = True
    """Whether these are all that are enabled; else nobody let us see which are."""
    trails: tuple[SeenTrail, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    """In the home regions of this account's own trails."""
    ours: tuple[Tagged, ...] = ()
    """What trailwarden has made in these regions."""
    blind: tuple[CouldNotLook, ...] = ()
    seconds: float = 0.0

    @property
    def own_trails(self) -> tuple[SeenTrail, ...]:
        """Trails of this account; the others are an organization's, shown here and kept elsewhere."""
        return tuple(each for each in self.trails if each.trail.owner == self.identity.account_id)


def look(access: Access, *, home: str | None, clock: Callable[[], float] = time.monotonic) -> Sight | CouldNotLook:
    """What is in the account of these credentials; CouldNotLook if nobody can say whose they are.

    `home` is the home region as far as it is known. Needs what `Sight.session.asked` names afterwards. Raises
    SessionError for a profile that does not exist.
    """
    start = clock()
    hurried = access.session(region=home, attempts=ATTEMPTS)
    who = account.identity(hurried)
    if not isinstance(who, Found):
        return who if isinstance(who, CouldNotLook) else _nobody(who)
    if who.value.partition not in REGIONS:
        return _unserved(who.value)
    session = access.session(region=home)
    regions, unseen = _regions(session, who.value)
    seen = account.trails(session, regions)
    own = [each for each in seen.found if each.owner == who.value.account_id]
    homes = sorted({each.home_region for each in own} | ({session.region} & set(regions) if session.region else set()))
    groups, alarms, ours = session.together(
        lambda: session.spread(lambda trail: _group(session, trail, who.value.account_id), seen.found),
        lambda: Across.of(session.spread(lambda region: account.alarms(session, region), homes)),
        lambda: Across.of(session.spread(lambda region: account.tagged(session, region), homes)),
    )
    made = {each.arn: each.stack for each in ours.found}
    trails = tuple(
        SeenTrail(trail=trail, group=group, made_by=made.get(trail.arn, ""))
        for trail, group in zip(seen.found, groups, strict=True)
    )
    return Sight(
        session=session,
        identity=who.value,
        regions=regions,
        knows_regions=unseen is None,
        trails=tuple(session.spread(lambda each: _measured(session, each), trails)),
        alarms=alarms.found,
        ours=ours.found,
        blind=(
            *([unseen] if unseen else []),
            *seen.blind,
            *alarms.blind,
            *ours.blind,
            *_blind_inside(trails, who.value.account_id),
        ),
        seconds=clock() - start,
    )


def _nobody(nothing: Nothing) -> CouldNotLook:
    return CouldNotLook(what=nothing.what, action="sts:GetCallerIdentity", where="", why="failed", reason="no answer")


def _unserved(who: Identity) -> CouldNotLook:
    served = " and ".join(REGIONS)
    reason = f"the account is of the partition {who.partition}, and trailwarden serves {served}"
    return CouldNotLook(what="trails", action="cloudtrail:DescribeTrails", where="", why="failed", reason=reason)


def _regions(session: Session, who: Identity) -> tuple[tuple[str, ...], CouldNotLook | None]:
    """Where to look for trails: the regions that are on. Where nobody says which: at home, and where IAM's events go.

    A multi-region trail shows in every region, so that even two find it.
    """
    known = REGIONS[who.partition]
    enabled = account.enabled_regions(session)
    if isinstance(enabled, Found):
        return tuple(each for each in enabled.value if each in known), None
    hub = GLOBAL_REGION[who.partition]
    first = session.region if session.region and partition_of(session.region) == who.partition else hub
    return tuple(dict.fromkeys((first, hub))), enabled if isinstance(enabled, CouldNotLook) else None


def _group(session: Session, trail: Trail, account_id: str) -> Answer[LogGroup]:
    """The log group of a trail of this account. Nobody can look at another account's."""
    if not trail.log_group_arn or trail.owner != account_id:
        return Nothing(trail.log_group_arn)
    return account.log_group(session, trail.log_group_arn)


def _measured(session: Session, seen: SeenTrail) -> SeenTrail:
    """The same trail with what its log group took in lately. Being blind here only makes the bill vaguer."""
    group = found_or(seen.group, None)
    if group is None or not group.stored_bytes:
        return seen
    size, events = (
        account.Metric("AWS/Logs", name, (("LogGroupName", group.name),))
        for name in ("IncomingBytes", "IncomingLogEvents")
    )
    until = datetime.now(UTC)
    told = account.sums(session, group.region, (size, events), since=until - timedelta(days=MEASURED_D), until=until)
    totals = found_or(told, {})
    if not totals.get(size) or not totals.get(events):
        return seen
    month = _MONTH_D / MEASURED_D
    return replace(seen, flow=Flow(gigabytes=(totals[size] or 0) / 1e9 * month, events=(totals[events] or 0) * month))


def _blind_inside(trails: Iterable[SeenTrail], account_id: str) -> Iterable[CouldNotLook]:
    """What was not to be seen of this account's own trails. Another's keeps to itself what it likes."""
    for seen in trails:
        if seen.trail.owner != account_id:
            continue
        inside: list[object] = [seen.trail.status, seen.trail.selectors, seen.trail.insights, seen.group]
        if isinstance(seen.group, Found):
            inside.append(seen.group.value.filters)
        yield from (each for each in inside if isinstance(each, CouldNotLook))
