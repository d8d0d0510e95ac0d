"""What must hold for trails that are adopted: each is known, described, and told apart from the others."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from settings import arns
from settings.problems import CheckError
from settings.regions import partition_of
from settings.sites import TrailSite, identity, trail_sites
from settings.trail import OF_ADOPTED, OF_ANY

if TYPE_CHECKING:
    from settings.document import KeyPath
    from settings.rules import Draft

    Contradiction = tuple[KeyPath, CheckError]

_DESCRIBE: Final = "baseline: {NAME: {logGroup: …, deliveryRole: …, bucket: …}}"


def adoption_contradictions(draft: "Draft") -> "Iterator[Contradiction]":
    """Every rule about adopted trails that is broken, with the place to mend it."""
    trail = draft.trail
    if draft.remediation.restart and draft.remediation.mode != "notify":
        yield (
            ("remediation", "restart"),
            CheckError(
                "starts a stopped trail where everything else is only told, and remediation.mode is "
                f"{draft.remediation.mode}",
                value=True,
                allowed="mode notify, or leave it out: mode restore starts a stopped trail anyway",
            ),
        )
    if not trail.is_adopted:
        for key in sorted(trail.model_fields_set & OF_ADOPTED):
            yield (
                ("trail", key),
                CheckError("is about trails that exist already", allowed="mode: adopt, or leave it out"),
            )
        return
    for field in sorted(trail.model_fields_set - OF_ADOPTED - OF_ANY):
        alias = type(trail).model_fields[field].alias or field
        yield (
            ("trail", alias),
            CheckError("is about a trail that the stack makes; an adopted one stays as it is", allowed="leave it out"),
        )
    if not trail.trails:
        yield ("trail", "trails"), CheckError("names no trail to adopt", allowed="names or ARNs, such as [org-trail]")
    if draft.home_region is None or partition_of(draft.home_region) is None:
        return  # another rule tells that
    yield from _listed(draft, home_region=draft.home_region)
    yield from _described(draft, home_region=draft.home_region)
    sites = trail_sites(trail, trail_name="", home_region=draft.home_region, regions=())
    yield from _in_one_account(draft)
    yield from _told_apart(draft, sites)


def _listed(draft: "Draft", *, home_region: str) -> "Iterator[Contradiction]":
    """Each trail once, in regions that the stack can reach, one of them at home."""
    seen: dict[tuple[str, str], str] = {}
    for index, trail in enumerate(draft.trail.trails):
        path = ("trail", "trails", index)
        region, _ = found = identity(trail, home_region=home_region)
        if partition_of(region) != partition_of(home_region):
            where = f"lies in {region}; the home region {home_region} is of the partition {partition_of(home_region)}"
            yield path, CheckError(where, value=trail, allowed="trails of one partition")
        elif (arn := arns.parsed(trail)) and arn.partition != partition_of(region):
            yield path, CheckError(f"says {arn.partition}, and {region} is of {partition_of(region)}", value=trail)
        if found in seen:
            yield path, CheckError(f"is listed twice, first as {seen[found]}", value=trail, allowed="each once")
        seen.setdefault(found, trail)
    if seen and home_region not in {region for region, _ in seen}:
        elsewhere = sorted({region for region, _ in seen})
        yield (
            ("homeRegion",),
            CheckError(
                "is not the home region of any adopted trail, and topics and functions live beside a trail",
                value=home_region,
                allowed=" or ".join(elsewhere),
            ),
        )


def _described(draft: "Draft", *, home_region: str) -> "Iterator[Contradiction]":
    """Each trail has a baseline, and each baseline a trail; what a baseline names lies where the trail is."""
    listed = {identity(each, home_region=home_region): each for each in draft.trail.trails}
    described = {identity(each, home_region=home_region) for each in draft.trail.baseline}
    for found, trail in listed.items():
        if found not in described:
            yield (
                ("trail", "baseline"),
                CheckError(f"says nothing of {trail}: without it nobody knows what to guard", allowed=_DESCRIBE),
            )
    for name, baseline in draft.trail.baseline.items():
        path = ("trail", "baseline", name)
        region, _ = found = identity(name, home_region=home_region)
        if found not in listed:
            yield path, CheckError("is about a trail that trails does not name", allowed=", ".join(listed.values()))
        group = arns.parsed(baseline.log_group)
        if group and group.region != region:
            yield (
                (*path, "logGroup"),
                CheckError(
                    f"lies in {group.region}; CloudTrail writes to a log group in the trail's home region {region}",
                    value=baseline.log_group,
                ),
            )


def _in_one_account(draft: "Draft") -> "Iterator[Contradiction]":
    """A stack guards one account: its trails, their log groups and delivery roles are of it. Key, bucket and topic may
    belong to a log archive.
    """
    places: dict[KeyPath, str] = {("trail", "trails", index): each for index, each in enumerate(draft.trail.trails)}
    for name, baseline in draft.trail.baseline.items():
        places["trail", "baseline", name, "deliveryRole"] = baseline.delivery_role
        places["trail", "baseline", name, "logGroup"] = baseline.log_group
    accounts = {path: found.account for path, text in places.items() if (found := arns.parsed(text))}
    usual = Counter(accounts.values()).most_common(1)
    for path, account in accounts.items():
        if account != usual[0][0]:
            yield (
                path,
                CheckError(
                    f"belongs to account {account}, the others to {usual[0][0]}",
                    value=places[path],
                    allowed="trails of one account; another has a stack of its own",
                ),
            )


def _told_apart(draft: "Draft", sites: Sequence[TrailSite]) -> "Iterator[Contradiction]":
    """Two trails of one region share no log group, and no name that may be there only once."""
    for region in dict.fromkeys(site.region for site in sites):
        here = [site for site in sites if site.region == region]
        if len(here) == 1:
            continue
        groups = Counter(site.baseline.log_group_name for site in here if site.baseline)
        for name, count in groups.items():
            if count > 1:
                yield (
                    ("trail", "baseline"),
                    CheckError(
                        f"has {count} trails that write to the log group {name}: each event would count {count} times",
                        allowed="a log group for each trail",
                    ),
                )
        yield from _fixed_names(draft, region=region)


def _fixed_names(draft: "Draft", *, region: str) -> "Iterator[Contradiction]":
    why = f"names alarms that would be there twice: {region} has more than one guarded trail"
    leave_out = "leave it out, and AWS tells them apart"
    if draft.alerts.alarm_prefix:
        yield ("alerts", "alarmPrefix"), CheckError(why, value=draft.alerts.alarm_prefix, allowed=leave_out)
    named: dict[KeyPath, str | None] = {("eventSets", name): each.alarm_name for name, each in draft.event_sets.items()}
    named |= {("customSets", name): each.alarm_name for name, each in draft.custom_sets.items()}
    if draft.burst:
        named["burst",] = draft.burst.alarm_name
    if draft.burst:
        named["burst",] = draft.burst.alarm_name
    for path, name in [*named.items(), *((path, each.alarm_name) for path, each in draft.source_ips.items())]:
        if name:
            yield (*path, "alarmName"), CheckError(why, value=name, allowed=leave_out)
