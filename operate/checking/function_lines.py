"""Can the stack's functions do their work, and is it their code that runs?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from account import (
    CouldNotLook,
    Found,
    Function,
    Nothing,
    Principal,
    Role,
    Verdict,
    found_or,
    may,
    name_of,
)
from operate.checking.line import Findings
from operate.checking.site import Site
from operate.checking.verdicts import DEPLOY, best, worst
from operate.checking.words import named

CHECKOUT = Path(__file__).resolve().parents[2]
LAMBDA = Principal("lambda.amazonaws.com")
GUARDIAN_READS: Final = ("cloudtrail:GetTrailStatus", "cloudtrail:GetTrail", "cloudtrail:GetEventSelectors")
"""What the function that keeps a desired state must be able to ask of its trail. Others only know the trail's name."""
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "DESIRED_STATE_ARN": ("ssm:GetParameter",),
    "LEDGER_ARN": ("dynamodb:GetItem", "dynamodb:UpdateItem"),
    "ALERTS_TOPIC_ARN": ("sns:Publish",),
    "LAST_RESORT_TOPIC_ARN": ("sns:Publish",),
}
"""What a function must be able to do with what its environment names."""


def function_lines(site: Site, findings: Findings) -> None:
    """The stack's functions, in the order of their ARNs."""
    for arn in sorted(site.arns):
        answer = site.survey.functions.get(arn)
        if isinstance(answer, CouldNotLook):
            for check in ("function.active", "function.role"):
                findings.blind(check, f"function {name_of(arn)}", answer, resource=arn)
        elif isinstance(answer, Found):
            _function(answer.value, site, findings)


def _function(function: Function, site: Site, findings: Findings) -> None:
    update = f"aws lambda get-function-configuration --region {function.region} --function-name {function.name}"
    findings.expect(
        "function.active",
        function.state in ("Active", "Inactive") and function.last_update != "Failed",
        good=f"function {function.name} can run",
        bad=f"function {function.name} cannot run: state {function.state}, last update {function.last_update}",
        fix=f"{update} says why; {DEPLOY}",
        resource=function.arn,
    )
    _concurrency(function, findings)
    _code(function, site, findings)
    _role(function, site, findings)
    _errors(function, site, findings)
    _failures(function, site, findings)


def _concurrency(function: Function, findings: Findings) -> None:
    if isinstance(function.reserved, CouldNotLook):
        findings.blind("function.concurrency", f"the concurrency of {function.name}", function.reserved)
        return
    reserved = found_or(function.reserved, None)
    findings.expect(
        "function.concurrency",
        reserved != 0,
        good=f"function {function.name} may run" + (f", {reserved} at once" if reserved else ""),
        bad=f"function {function.name} may not run: its reserved concurrency is 0",
        fix=f"aws lambda delete-function-concurrency --region {function.region} --function-name {function.name}",
        resource=function.arn,
    )


def _code(function: Function, site: Site, findings: Findings) -> None:
    answer = site.survey.codes.get(function.arn, Nothing("code"))
    if isinstance(answer, CouldNotLook):
        findings.blind("function.code", f"the code of function {function.name}", answer, resource=function.arn)
    elif isinstance(answer, Found):
        differences = list(code_differences(answer.value, handler=function.handler))
        findings.expect(
            "function.code",
            not differences,
            good=f"function {function.name} runs the code of this checkout ({len(answer.value)} files)",
            bad=f"function {function.name} does not run the code of this checkout",
            fix=f"{DEPLOY}; if nobody of yours changed it, keep what is there first: aws lambda get-function "
            f"--region {function.region} --function-name {function.name}",
            resource=function.arn,
            evidence=named(differences) or f"every file compared; CodeSha256 {function.code_sha256}",
        )


def code_differences(deployed: Mapping[str, bytes], *, handler: str) -> Iterator[str]:
    """How deployed files differ from the checkout's, one text each.

    A file that is no Python and not in the checkout is data that a deployment wrote: it decides nothing here.
    """
    for path, content in sorted(deployed.items()):
        ours = _in_checkout(path)
        if ours is None and path.endswith(".py"):
            yield f"{path} is not in the checkout"
        elif ours is not None and ours.read_bytes() != content:
            yield f"{path} differs"
    package = handler.partition(".")[0]
    for file in sorted((CHECKOUT / "lambda" / package).rglob("*.py")):
        path = file.relative_to(CHECKOUT / "lambda").as_posix()
        if path not in deployed:
            yield f"{path} is missing"


def _in_checkout(path: str) -> Path | None:
    candidates = (CHECKOUT / "lambda" / path, CHECKOUT / path)
    return next((file for file in candidates if file.is_file() and file.resolve().is_relative_to(CHECKOUT)), None)


def _role(function: Function, site: Site, findings: Findings) -> None:
    check, answer = "function.role", site.survey.roles.get(function.role_arn, Nothing("role"))
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"the role of function {function.name}", answer, resource=function.role_arn)
    elif isinstance(answer, Nothing):
        findings.fails(
            check, f"the role of function {function.name} is gone, so it cannot run", fix=DEPLOY, resource=function.arn
        )
    elif isinstance(answer.value.policies, CouldNotLook):
        findings.blind(check, f"the policies of role {answer.value.name}", answer.value.policies)
    else:
        lacks, verdict = _lacking(function, answer.value, site)
        findings.judged(
            check,
            verdict,
            good=f"role {answer.value.name} lets function {function.name} do its work",
            bad=f"role {answer.value.name} does not let function {function.name} do its work: {named(lacks)}",
            fix=f"{DEPLOY}, with the role's policies as they were",
            resource=answer.value.arn,
        )


def _lacking(function: Function, role: Role, site: Site) -> tuple[Sequence[str], Verdict]:
    """What the function cannot do of what it needs, and the verdict that decides."""
    asked = [
        (action, function.environment[variable])
        for variable, actions in NEEDS.items()
        if function.environment.get(variable)
        for action in actions
    ]
    if "DESIRED_STATE_ARN" in function.environment and "TRAIL_ARN" in function.environment:
        asked += [(action, function.environment["TRAIL_ARN"]) for action in GUARDIAN_READS]
    if function.environment.get("MODE") == "restore" and "TRAIL_ARN" in function.environment:
        asked.append(("cloudtrail:StartLogging", function.environment["TRAIL_ARN"]))
    account, partition = function.arn.split(":")[4], function.arn.split(":")[1]
    stream = f"arn:{partition}:logs:{function.region}:{account}:log-group:{function.log_group}:log-stream:today"
    asked.append(("logs:PutLogEvents", stream))
    for topic in site.topics:
        key = site.survey.keys.get((topic.region, topic.kms_key))
        if isinstance(key, Found) and topic.arn in function.environment.values():
            # Who publishes to an encrypted topic needs both on its key.
            asked += [("kms:GenerateDataKey", key.value.arn), ("kms:Decrypt", key.value.arn)]
    verdicts = {(action, on): _best(role, action, on) for action, on in asked}
    trust = may(role.trust, principal=LAMBDA, action="sts:AssumeRole", resource=role.arn)
    lacks = [f"{action} on {name_of(on)}" for (action, on), verdict in verdicts.items() if not verdict.is_allowed]
    if not trust.is_allowed:
        lacks.append("to be taken by Lambda")
    return lacks, worst(trust, *verdicts.values())


def _best(role: Role, action: str, resource: str) -> Verdict:
    """Whether a role may do it at all: of a table, in the part that its own policies give it."""
    parts = re.findall(r'"dynamodb:LeadingKeys": *\[? *"([^"]+)"', " ".join(found_or(role.policies, ())))
    said = [
        role.can(action=action, resource=resource, context={"dynamodb:LeadingKeys": part})
        for part in (parts if action.startswith("dynamodb:") and parts else [None])
    ]
    return best(*said)


def _errors(function: Function, site: Site, findings: Findings) -> None:
    answer = site.survey.errors.get(function.arn, Nothing("metrics"))
    if isinstance(answer, CouldNotLook):
        findings.blind("function.errors", f"the errors of function {function.name}", answer, resource=function.arn)
        return
    counted = found_or(answer, {})
    bad = [f"{count:.0f} {name.lower()}" for name, count in counted.items() if count]
    findings.expect(
        "function.errors",
        not bad,
        good=f"function {function.name} had no errors and no throttles in 24 hours",
        bad=f"function {function.name} had {named(bad)} in 24 hours",
        fix=f"read its log group {function.log_group}, and the dead-letter queue",
        resource=function.arn,
    )


def _failures(function: Function, site: Site, findings: Findings) -> None:
    check, whose = "function.dead-letters", f"what function {function.name} cannot do"
    if isinstance(function.failures_go_to, CouldNotLook):
        findings.blind(check, f"where {whose} goes", function.failures_go_to, resource=function.arn)
        return
    arn = found_or(function.failures_go_to, "")
    is_topic, places = ":sns:" in arn, site.survey.topics if ":sns:" in arn else site.survey.queues
    kind = "topic" if is_topic else "queue"
    answer = places.get(arn, Nothing(kind))
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"{kind} {name_of(arn)}", answer, resource=arn)
        return
    if isinstance(answer, Nothing):
        gone = f"{whose} goes to a {kind} that is gone" if arn else f"{whose} is lost: it has no failure destination"
        findings.fails(check, gone, fix=DEPLOY, resource=function.arn)
        return
    role = site.survey.roles.get(function.role_arn)
    if isinstance(role, Found) and isinstance(role.value.policies, Found):
        findings.judged(
            check,
            role.value.can(action="sns:Publish" if is_topic else "sqs:SendMessage", resource=arn),
            good=f"{whose} goes to {kind} {answer.value.name}",
            bad=f"{whose} is lost: its role may not send to {kind} {answer.value.name}",
            fix=DEPLOY,
            resource=function.arn,
        )
