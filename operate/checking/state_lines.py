"""Desired state, ledger and dead-letter queues: what the functions keep outside of themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from account import CouldNotLook, Found, Function, Nothing, Parameter, Selectors, Trail, found_or, name_of
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.verdicts import DEPLOY
from operate.checking.words import named


def state_lines(site: Site, findings: Findings) -> None:
    """What the functions' environments name, and the queues where failures end."""
    named_states: dict[str, Function] = {}
    ledgers: dict[str, list[str]] = {}
    for function in site.functions:
        if arn := function.environment.get("DESIRED_STATE_ARN"):
            named_states[arn] = function
        if arn := function.environment.get("LEDGER_ARN"):
            ledgers.setdefault(arn, []).append(function.name)
    for arn, function in sorted(named_states.items()):
        _state(arn, function, site, findings)
    for arn, users in sorted(ledgers.items()):
        _ledger(arn, users, site, findings)
    _queues(site, findings)


def _state(arn: str, function: Function, site: Site, findings: Findings) -> None:
    answer = site.survey.parameters.get(arn, Nothing("parameter"))
    what = f"the desired state in parameter {name_of(arn)}"
    if isinstance(answer, CouldNotLook):
        findings.blind("state.readable", what, answer, resource=arn)
        return
    wanted = _document(answer.value) if isinstance(answer, Found) else None
    findings.expect(
        "state.readable",
        wanted is not None,
        good=f"{what} can be read",
        bad=f"{what} is gone" if isinstance(answer, Nothing) else f"{what} is no such document",
        fix=f"{DEPLOY}; until then the guardian only starts a stopped trail, and says so",
        resource=arn,
    )
    trail = next((each for each in site.trails if each.arn == function.environment.get("TRAIL_ARN")), None)
    if wanted is None or trail is None:
        return
    differences = list(_differences(wanted, trail))
    findings.expect(
        "state.trail",
        not differences,
        good=f"trail {trail.name} is as the desired state says",
        bad=f"trail {trail.name} is not as the desired state says: {named(differences)}",
        fix=f"if the trail was changed, the guardian puts it back; if the stack was, {DEPLOY}",
        resource=trail.arn,
    )
    if trail.arn in site.arns:
        _ours(wanted, arn, site, findings)


def _document(parameter: Parameter) -> Mapping[str, Any] | None:
    try:
        told = json.loads(parameter.value)
        return told["trail"] if isinstance(told["trail"], dict) else None
    except (ValueError, KeyError, TypeError):
        return None


def _differences(wanted: Mapping[str, Any], trail: Trail) -> Iterator[str]:
    """The fields in which a trail differs from the document, but for those that could not be looked at."""
    status, selectors = found_or(trail.status, None), found_or(trail.selectors, None)
    actual: dict[str, Any] = {
        "IsMultiRegionTrail": trail.is_multi_region,
        "IncludeGlobalServiceEvents": trail.has_global_events,
        "IsOrganizationTrail": trail.is_organization,
        "LogFileValidationEnabled": trail.validates_files,
        "S3BucketName": trail.bucket,
        "S3KeyPrefix": trail.bucket_prefix,
        "KmsKeyId": trail.kms_key,
        "CloudWatchLogsLogGroupArn": trail.log_group_arn,
        "CloudWatchLogsRoleArn": trail.logs_role_arn,
        "SnsTopicName": name_of(trail.topic_arn) if trail.topic_arn else "",
    }
    if status is not None:
        actual["IsLogging"] = status.is_logging
    for name, value in actual.items():
        if name in wanted and _plain(wanted[name]) != value:
            yield name
    if selectors is not None and "EventSelectors" in wanted:
        asked = Selectors(basic=tuple(wanted["EventSelectors"] or ()))
        if (asked.management, asked.left_out) != (selectors.management, selectors.left_out):
            yield "EventSelectors"
    if selectors is not None and "AdvancedEventSelectors" in wanted:
        asked = Selectors(advanced=tuple(wanted["AdvancedEventSelectors"] or ()))
        if asked.canonical != selectors.canonical:
            yield "AdvancedEventSelectors"
    if "InsightSelectors" in wanted and not isinstance(trail.insights, CouldNotLook):
        kinds = {each.get("InsightType") for each in wanted["InsightSelectors"] or ()}
        if kinds != set(found_or(trail.insights, ())):
            yield "InsightSelectors"


def _plain(value: Any) -> Any:
    return value.removesuffix(":*") if isinstance(value, str) else value


def _ours(wanted: Mapping[str, Any], arn: str, site: Site, findings: Findings) -> None:
    bucket, group, key = (
        str(wanted.get(name) or "") for name in ("S3BucketName", "CloudWatchLogsLogGroupArn", "KmsKeyId")
    )
    names = {each.rpartition(":::")[2] for each in site.arns if ":s3:::" in each}
    strange = [
        *([f"bucket {bucket}"] if bucket and bucket not in names else []),
        *([f"log group {group}"] if group and group.removesuffix(":*") not in site.arns else []),
        *([f"key {key}"] if key and key not in site.arns else []),
    ]
    findings.expect(
        "state.ours",
        not strange,
        good="the desired state names the stack's own bucket, log group and key",
        bad=f"the desired state names what is not the stack's: {named(strange)}",
        fix=f"{DEPLOY}; find out who wrote the parameter, because the guardian restores what it says",
        resource=arn,
    )


def _ledger(arn: str, users: list[str], site: Site, findings: Findings) -> None:
    answer = site.survey.tables.get(arn, Nothing("table"))
    if isinstance(answer, CouldNotLook):
        findings.blind("ledger.reachable", f"the ledger, table {name_of(arn)}", answer, resource=arn)
        return
    status = answer.value.status if isinstance(answer, Found) else "gone"
    findings.expect(
        "ledger.reachable",
        status == "ACTIVE",
        good=f"the ledger, table {name_of(arn)}, is there for {named(users)}",
        bad=f"the ledger, table {name_of(arn)}, is {status}: people are told more than once",
        fix=DEPLOY,
        resource=arn,
    )


def _queues(site: Site, findings: Findings) -> None:
    for arn, whose in site.dead_letter_arns.items():
        answer = site.survey.queues.get(arn)
        if isinstance(answer, CouldNotLook):
            findings.blind("queue.empty", f"queue {name_of(arn)}", answer, resource=arn)
        elif isinstance(answer, Found):
            queue = answer.value
            findings.expect(
                "queue.empty",
                queue.depth == 0,
                good=f"dead-letter queue {queue.name} is empty",
                bad=f"dead-letter queue {queue.name} of {whose} holds {queue.depth}: what is in it was not looked at",
                fix="read them before anything empties it: "
                f"aws sqs receive-message --region {queue.region} --queue-url "
                f"$(aws sqs get-queue-url --region {queue.region} --queue-name {queue.name} --output text)",
                resource=arn,
                where=queue.region,
            )
