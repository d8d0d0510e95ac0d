"""What must hold between the options of the trail, and between them and the rest of a stack's settings."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from settings.problems import CheckError
from settings.recording import HALVES, blinded
from settings.regions import partition_of
from settings.trail_checks import begins_as

if TYPE_CHECKING:
    from settings.rules import Contradiction, Draft


def option_contradictions(draft: "Draft") -> Iterator["Contradiction"]:
    """Every rule about the trail's options that is broken, with the place to mend it."""
    yield from _organization(draft)
    yield from _recording(draft)
    yield from _data_events(draft)
    yield from _lifecycle(draft)
    yield from _object_lock(draft)
    yield from _given(draft)


def _organization(draft: "Draft") -> Iterator["Contradiction"]:
    if draft.trail.organization and draft.trail.layout == "per-region":
        yield (
            ("trail", "organization"),
            CheckError(
                "with trail.layout per-region would leave the other accounts unseen wherever no trail is, and leaving "
                "regions out of it is theirs to exploit",
                value=True,
                allowed="trail.layout multi-region, or leave it out",
            ),
        )


def _recording(draft: "Draft") -> Iterator["Contradiction"]:
    trail = draft.trail
    place = ("trail", "management")
    if trail.management == "none" and not trail.data_events:
        yield place, CheckError("would record nothing", value="none", allowed="all, write, read, or dataEvents with it")
    if never := blinded(draft.event_sets, management=trail.management).wholly:
        yield (
            place,
            CheckError(
                f"would blind {', '.join(never)}: the events that {'they look' if len(never) > 1 else 'it looks'} for "
                "would not be recorded",
                value=trail.management,
                allowed=f"{_that_records(never)}, or leave {'these sets' if len(never) > 1 else 'this set'} out",
            ),
        )
    recorded = HALVES[trail.management]
    for index, kind in enumerate(trail.insights):
        needs = "writes" if kind == "ApiCallRateInsight" else "management events"
        if not recorded or (needs == "writes" and "write" not in recorded):
            yield (
                ("trail", "insights", index),
                CheckError(f"is looked for in {needs}, which this trail does not record", value=kind),
            )
        if kind in trail.insights[:index]:
            yield ("trail", "insights", index), CheckError("is listed twice", value=kind, allowed="each once")


def _that_records(names: tuple[str, ...]) -> str:
    """The words for `management` with which all these sets fire."""
    fitting = [word for word in HALVES if not blinded(names, management=word).wholly]
    return " or ".join(fitting)


def _data_events(draft: "Draft") -> Iterator["Contradiction"]:
    events, own = draft.trail.data_events, draft.trail.bucket
    for index, each in enumerate(events):
        place = ("trail", "dataEvents", index)
        if each.type in [earlier.type for earlier in events[:index]]:
            yield (*place, "type"), CheckError("is listed twice", value=each.type, allowed="each type once")
        for number, arn in enumerate(each.only):
            try:
                begins_as(arn, of_type=each.type)
            except CheckError as error:
                yield (*place, "only", number), error
                continue
            if own and each.type == "AWS::S3::Object" and arn.partition(":::")[2].startswith(f"{own}/"):
                yield (
                    (*place, "only", number),
                    CheckError(
                        "is the bucket of this trail: its own deliveries would be recorded and delivered for ever",
                        value=arn,
                        allowed="other buckets",
                    ),
                )


def _lifecycle(draft: "Draft") -> Iterator["Contradiction"]:
    lifecycle, lock = draft.trail.lifecycle, draft.trail.object_lock
    if lifecycle is None:
        return
    place = ("trail", "lifecycle")
    archive, expire = lifecycle.archive_days, lifecycle.expire_days
    if archive is None and expire is None:
        yield place, CheckError("decides nothing", allowed="archiveDays, expireDays or both, or leave it out")
    if archive is None and "archive_class" in lifecycle.model_fields_set:
        yield (
            (*place, "archiveClass"),
            CheckError("archives nothing without archiveDays", value=lifecycle.archive_class, allowed="with it"),
        )
    if archive is not None and expire is not None and archive >= expire:
        yield (
            (*place, "archiveDays"),
            CheckError("comes too late: the file is gone by then", value=archive, allowed=f"less than {expire}"),
        )
    if lock and expire is not None and expire < lock.days:
        yield (
            (*place, "expireDays"),
            CheckError(
                f"would delete files that objectLock keeps for {lock.days} days",
                value=expire,
                allowed=f"at least {lock.days}",
            ),
        )


def _object_lock(draft: "Draft") -> Iterator["Contradiction"]:
    if draft.trail.object_lock and draft.evidence == "disposable":
        yield (
            ("trail", "objectLock"),
            CheckError(
                "contradicts evidence disposable: a bucket of locked files cannot be destroyed",
                allowed="evidence keep, or no objectLock",
            ),
        )


def _given(draft: "Draft") -> Iterator["Contradiction"]:
    """Options for things of ours where somebody else's are used, and things that the trail cannot use."""
    trail, home = draft.trail, draft.home_region
    for key, option in (("lifecycle", trail.lifecycle), ("objectLock", trail.object_lock)):
        if option and trail.bucket:
            yield (
                ("trail", key),
                CheckError(
                    "is not ours to set: trail.bucket names a bucket that this stack does not make",
                    allowed="set it on that bucket yourself, or leave bucket out to have one made",
                ),
            )
    if trail.kms_key and trail.layout == "per-region":
        yield (
            ("trail", "kmsKey"),
            CheckError(
                "cannot serve trail.layout per-region: a key serves one region, and each has a trail and a log group",
                value=trail.kms_key,
                allowed="trail.layout multi-region, or leave it out to have a key made in each region",
            ),
        )
    elif trail.kms_key and home:
        _, partition, _, region, *_ = trail.kms_key.split(":")
        if (partition, region) != (partition_of(home), home):
            yield (
                ("trail", "kmsKey"),
                CheckError(
                    f"lies in another region than the trail and its log group, which are in {home}",
                    value=trail.kms_key,
                    allowed=f"a key of {home}",
                ),
            )
