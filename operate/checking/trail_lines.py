"""Is the trail logging, complete, delivered and linked?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from account import CLOUDTRAIL, CouldNotLook, Found, LogGroup, Nothing, Selectors, Trail, TrailStatus, found_or, name_of
from operate.checking.evidence_lines import bucket_lines, delivery_role, key_lines
from operate.checking.line import Findings
from operate.checking.survey import Survey
from operate.checking.words import age, named
from settings.sites import global_region

QUIET_FOR = timedelta(hours=1)
"""CloudTrail delivers after five minutes on average; who is called every five minutes is never quiet for an hour."""
NEVER_YET = timedelta(minutes=20)
"""How long a trail may have logged before its first delivery is missed."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked of a trail. With `has_guardian` something calls AWS all the time, so silence is a fault too.

    `waived` are demands that the stack file gives up, by the names that `settings.sites` has for them.
    """

    has_guardian: bool = False
    needs_log_group: bool = False
    waived: frozenset[str] = frozenset()


def trail_lines(trail: Trail, survey: Survey, findings: Findings, wanted: Wanted) -> None:
    """Everything about one trail."""
    status = trail.status
    if isinstance(status, CouldNotLook):
        for check in ("trail.logging", "trail.bucket-delivery", "trail.logs-delivery"):
            findings.blind(check, f"the status of trail {trail.name}", status, resource=trail.arn)
    elif isinstance(status, Found):
        _status(trail, status.value, survey.at, findings, has_guardian=wanted.has_guardian)
    _coverage(trail, findings, wanted)
    _selectors(trail, findings, wanted)
    _trusted(trail, survey, findings)
    _log_group(trail, survey, findings, is_needed=wanted.needs_log_group)
    delivery_role(trail, survey, findings)
    bucket_lines(trail, survey, findings)
    key_lines(trail, survey, findings)


def _status(trail: Trail, status: TrailStatus, now: datetime, findings: Findings, *, has_guardian: bool) -> None:
    since = f" since {status.stopped:%Y-%m-%d %H:%M} UTC" if status.stopped else ""
    start = f"aws cloudtrail start-logging --region {trail.home_region} --name {trail.arn}"
    if not findings.expect(
        "trail.logging",
        status.is_logging,
        good=f"trail {trail.name} is logging",
        bad=f"trail {trail.name} is not logging{since}",
        fix=f"start it: {start}" + ("; then find out why the guardian did not" if has_guardian else ""),
        resource=trail.arn,
    ):
        return
    ways = [("trail.bucket-delivery", "the bucket", status.delivered, status.delivery_error)]
    if trail.log_group_arn:
        ways.append(("trail.logs-delivery", "the log group", status.logs_delivered, status.logs_error))
    for check, where, last, error in ways:
        _delivery(trail, status, check, where, last, error, now, findings, is_busy=has_guardian)
    _beside(trail, status, findings)


def _beside(trail: Trail, status: TrailStatus, findings: Findings) -> None:
    """What CloudTrail delivers beside the events: digests that prove the files, and notices of them."""
    ways = (
        (
            "trail.digest-delivery",
            trail.validates_files,
            status.digest_error,
            "digests, so a changed log file cannot be found out",
            "read the policies of bucket and key",
        ),
        (
            "trail.notices",
            bool(trail.topic_arn),
            status.notification_error,
            f"notices of log files to topic {name_of(trail.topic_arn)}",
            "the topic's policy must allow cloudtrail.amazonaws.com sns:Publish for the trail, and its key decryption",
        ),
    )
    for check, is_asked_for, error, what, look in ways:
        if is_asked_for:
            findings.expect(
                check,
                not error,
                good=f"trail {trail.name} delivers {what.partition(',')[0]}",
                bad=f"trail {trail.name} cannot deliver {what}",
                fix=look,
                resource=trail.arn,
                evidence=f"CloudTrail says: {error}",
            )


def _delivery(
    trail: Trail,
    status: TrailStatus,
    check: str,
    where: str,
    last: datetime | None,
    error: str,
    now: datetime,
    findings: Findings,
    *,
    is_busy: bool,
) -> None:
    """One way of delivery. `is_busy`: something of ours makes calls all the time, so silence is a fault."""
    look = {
        "trail.bucket-delivery": "read the policies of bucket and key, and whether the bucket is there",
        "trail.logs-delivery": "read the delivery role's policy and trust, the key's policy, and look for the group",
    }[check]
    if error:
        findings.fails(
            check,
            f"trail {trail.name} cannot deliver to {where}",
            fix=look,
            resource=trail.arn,
            evidence=f"CloudTrail says: {error}",
        )
        return
    begun = now - status.started if status.started else NEVER_YET
    is_late = last is None and begun >= NEVER_YET if last is None else is_busy and now - last > QUIET_FOR
    seen = f"last delivery {age(now - last)} ago" if last else f"none since it began {age(begun)} ago"
    findings.expect(
        check,
        not is_late,
        good=f"trail {trail.name} delivers to {where}",
        bad=f"nothing of trail {trail.name} arrives in {where}",
        fix=look,
        resource=trail.arn,
        evidence=seen,
    )


def _coverage(trail: Trail, findings: Findings, wanted: Wanted) -> None:
    update = f"aws cloudtrail update-trail --region {trail.home_region} --name {trail.name}"
    lacks_regions = not trail.is_multi_region and "multi-region" not in wanted.waived
    lacks_globals = not trail.has_global_events and "global-events" not in wanted.waived
    findings.expect(
        "trail.multi-region",
        not (lacks_regions or lacks_globals),
        good=f"trail {trail.name} records "
        + ("every region and the global services" if trail.is_multi_region else f"{trail.home_region}, as it should"),
        bad=f"trail {trail.name} records "
        + (f"{trail.home_region} only" if lacks_regions else "no global services such as IAM"),
        fix=f"{update} --is-multi-region-trail --include-global-service-events",
        resource=trail.arn,
    )
    findings.expect(
        "trail.validation",
        trail.validates_files or "validation" in wanted.waived,
        good=f"trail {trail.name} writes digest files" if trail.validates_files else "digest files are not asked for",
        bad=f"trail {trail.name} writes no digest files, so a changed log file cannot be found out",
        fix=f"{update} --enable-log-file-validation",
        resource=trail.arn,
    )


def _selectors(trail: Trail, findings: Findings, wanted: Wanted) -> None:
    told = trail.selectors
    if isinstance(told, CouldNotLook):
        findings.blind("trail.management-events", f"the selectors of trail {trail.name}", told, resource=trail.arn)
    elif isinstance(told, Found):
        missing = _not_recorded(told.value, wanted.waived)
        findings.expect(
            "trail.management-events",
            not missing,
            good=f"trail {trail.name} records every management event"
            + (" that the stack asks for" if wanted.waived else ""),
            bad=f"trail {trail.name} does not record {missing}",
            fix="put selectors that record all management events, reads and writes: "
            f"aws cloudtrail put-event-selectors --region {trail.home_region} --trail-name {trail.name} "
            """--event-selectors '[{"ReadWriteType":"All","IncludeManagementEvents":true}]'""",
            resource=trail.arn,
        )


def _not_recorded(selectors: Selectors, waived: frozenset[str]) -> str:
    """What the selectors leave out and nobody has given up; empty if nothing."""
    kinds = {"all": {"reads", "writes"}, "read": {"reads"}, "write": {"writes"}, "none": set[str]()}[
        selectors.management
    ]
    if missing := {"reads", "writes"} - kinds - {each.removeprefix("management-") for each in waived}:
        return "management events" if len(missing) == 2 else missing.pop()
    if "management-sources" in waived:
        return ""
    if selectors.left_out:
        return f"the calls of {named(selectors.left_out)}"
    return "all that its advanced selectors narrow away" if selectors.narrowed else ""


def _trusted(trail: Trail, survey: Survey, findings: Findings) -> None:
    """Whether CloudTrail may still look into the organization: without, members are not recorded, and nothing shows it.

    Source: AWS Organizations User Guide, "AWS CloudTrail and AWS Organizations".
    """
    answer = survey.trusts.get(trail.arn)
    if answer is None:
        return
    check, what = "trail.trusted", f"the organization of trail {trail.name}"
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"whom {what} trusts", answer, resource=CLOUDTRAIL)
        return
    findings.expect(
        check,
        CLOUDTRAIL in found_or(answer, frozenset[str]()),
        good=f"{what} trusts CloudTrail",
        bad=f"{what} does not trust CloudTrail, so its members are not recorded",
        fix=f"aws organizations enable-aws-service-access --service-principal {CLOUDTRAIL}, then look whether each "
        "member has the trail again",
        resource=CLOUDTRAIL,
        # Where Organizations records its calls, and where whoever did it is looked for.
        where=global_region(trail.home_region),
    )


def _log_group(trail: Trail, survey: Survey, findings: Findings, *, is_needed: bool) -> None:
    check, link = "trail.log-group", "pulumi up puts the link back; the guardian does if it may restore"
    if not trail.log_group_arn:
        if is_needed:
            findings.fails(
                check,
                f"trail {trail.name} is not linked to a log group, so no alarm hears it",
                fix=link,
                resource=trail.arn,
            )
        return
    answer = survey.groups.get(trail.log_group_arn, Nothing("log group"))
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"the log group of trail {trail.name}", answer, resource=trail.log_group_arn)
    elif isinstance(answer, Nothing):
        other = trail.log_group_arn.split(":")[4] != survey.identity.account_id
        findings.fails(
            check,
            f"the log group of trail {trail.name} is " + ("in another account" if other else "gone"),
            fix="look at it from the account that owns it" if other else "pulumi up makes it again",
            resource=trail.log_group_arn,
        )
    else:
        _group_class(trail, answer.value, findings)


def _group_class(trail: Trail, group: LogGroup, findings: Findings) -> None:
    findings.expect(
        "trail.log-group",
        group.log_class == "STANDARD",
        good=f"trail {trail.name} is linked to log group {group.name}",
        bad=f"log group {group.name} is of class {group.log_class}, which takes no metric filters",
        fix="a log group's class cannot be changed: link the trail to a new one of class Standard",
        resource=group.arn,
    )
