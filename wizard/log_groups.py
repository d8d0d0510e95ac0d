"""How a trail that exists gets a log group that filters work on: the names, and the commands with them filled in.

The wizard changes nothing in an account; a person with the rights types these, before `pulumi up`.
"""

import json
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from settings import Settings, TrailSite
from settings.limits import AUDITED_DAYS

if TYPE_CHECKING:
    from account import Trail
    from wizard.look import Sight

# IAM's 64 characters for a role's name, less our own.
_LONGEST = 64 - len("trailwarden-delivery-")


def group_name(trail: "Trail") -> str:
    """The log group to make for a trail."""
    return f"aws-cloudtrail-logs-{trail.name}"


def role_name(trail: "Trail") -> str:
    """The role with which CloudTrail then writes to it."""
    return f"trailwarden-delivery-{trail.name[:_LONGEST]}"


def switch_on(settings: Settings, sight: "Sight | None") -> tuple[str, ...]:
    """The commands that are left to type: for each adopted trail that does not write where its baseline says."""
    return tuple(line for site in settings.trails for line in _of_site(sight, site)) if sight else ()


def _of_site(sight: "Sight", site: TrailSite) -> Iterator[str]:
    for seen in sight.own_trails:
        trail = seen.trail
        if site.baseline is None or (trail.home_region, trail.name) != (site.region, site.name):
            continue
        if trail.log_group_arn.rpartition(":log-group:")[2] != site.baseline.log_group_name:
            yield from _commands(trail, group=site.baseline.log_group_name, role_arn=site.baseline.delivery_role)


def _commands(trail: "Trail", *, group: str, role_arn: str) -> Iterator[str]:
    region, account, partition = trail.home_region, trail.owner, trail.arn.split(":")[1]
    arn = f"arn:{partition}:logs:{region}:{account}:log-group:{group}"
    # The streams of an organization's trail begin with the organization's number.
    streams = "*" if trail.is_organization else f"{account}_CloudTrail_{region}*"
    # No condition on the source: CloudTrail sends none when it takes this role (User Guide, "Role policy document").
    trust = _policy({"Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"})
    rights = _policy(
        {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": f"{arn}:log-stream:{streams}"}
    )
    role = role_arn.rpartition("/")[2]
    yield _line("logs create-log-group", region, log_group_name=group)
    yield _line("logs put-retention-policy", region, log_group_name=group, retention_in_days=str(AUDITED_DAYS))
    yield _line("iam create-role", None, role_name=role, assume_role_policy_document=trust)
    yield _line("iam put-role-policy", None, role_name=role, policy_name="delivery", policy_document=rights)
    yield _line(
        "cloudtrail update-trail",
        region,
        name=trail.name,
        cloud_watch_logs_log_group_arn=f"{arn}:*",
        cloud_watch_logs_role_arn=role_arn,
    )


def _policy(statement: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def _line(operation: str, region: str | None, **options: str) -> str:
    """One command on one line, so that it can be copied whole."""
    words = ["aws", *operation.split(), *(["--region", region] if region else [])]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", value]
    return shlex.join(words)
