"""Links into the console and commands for a terminal, made only from values whose shape is known to be harmless."""

import re
import shlex
from datetime import datetime
from urllib.parse import quote

from common.places import Place, Trail

_CONSOLE = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
}
_EVENT_ID = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)
# What IAM allows in a name (API CreateUser), but no leading hyphen: the command line would read it as an option.
_IAM_NAME = re.compile(r"[\w+=,.@][\w+=,.@-]{0,127}", re.ASCII)


def event_link(place: Place, event_id: str, *, region: str = "") -> str:
    """One event in CloudTrail's Event history; "" when partition or id are of unknown shape.

    Event history knows only calls of its own `region`: the place's, unless another is given (a checked one).

    The page knows the event some minutes after the call. The shape of the address is the console's, not documented.
    """
    return _history(place, f"/{event_id}", region) if _EVENT_ID.fullmatch(event_id) else ""


def history_link(place: Place, *, key: str, value: str, region: str = "") -> str:
    """Event history filtered by one lookup attribute, such as AccessKeyId or EventName; `value` letters and digits.

    `region` as in event_link.
    """
    return _history(place, f"?{key}={value}", region) if value.isascii() and value.isalnum() else ""


def _history(place: Place, rest: str, region: str) -> str:
    domain, region = _CONSOLE.get(place.partition), region or place.region
    return f"https://{region}.{domain}/cloudtrailv2/home?region={region}#/events{rest}" if domain else ""


def start_logging(trail: Trail) -> str:
    """Starts the trail."""
    return f"aws cloudtrail start-logging --name {trail.arn} --region {trail.region}"


def trail_status(trail: Trail) -> str:
    """Shows whether the trail logs."""
    return f"aws cloudtrail get-trail-status --name {trail.arn} --region {trail.region}"


def parameter_history(name: str, trail: Trail) -> str:
    """Shows who wrote a parameter, and what, the latest last."""
    return f"aws ssm get-parameter-history --name {shlex.quote(name)} --region {trail.region}"


def parameter(name: str, trail: Trail) -> str:
    """Shows what a parameter holds."""
    what = f"--name {shlex.quote(name)} --region {trail.region}"
    return f"aws ssm get-parameter {what} --query Parameter.Value --output text"


def trail_settings(trail: Trail) -> tuple[str, ...]:
    """Show what a trail is and what it records."""
    return (
        f"aws cloudtrail get-trail --name {trail.arn} --region {trail.region}",
        f"aws cloudtrail get-event-selectors --trail-name {trail.arn} --region {trail.region}",
    )


def look_up(place: Place, *, key: str, value: str, region: str = "") -> str:
    """Event history in a terminal, for one lookup attribute; `region` as in event_link."""
    attribute = shlex.quote(f"AttributeKey={key},AttributeValue={value}")
    return f"aws cloudtrail lookup-events --lookup-attributes {attribute} --region {region or place.region}"


def switch_off_key(*, user: str, key_id: str) -> str:
    """Makes a user's long-term access key useless; "" when the user's name is not one that IAM allows."""
    if not _IAM_NAME.fullmatch(user):
        return ""
    return f"aws iam update-access-key --user-name {shlex.quote(user)} --access-key-id {key_id} --status Inactive"


def deny_user(place: Place, *, user: str) -> str:
    """Denies a user everything, sessions included, at once; "" as for switch_off_key."""
    if not _IAM_NAME.fullmatch(user):
        return ""
    policy = f"arn:{place.partition}:iam::aws:policy/AWSDenyAll"
    return f"aws iam attach-user-policy --user-name {shlex.quote(user)} --policy-arn {policy}"


def end_role_sessions(*, role: str, before: datetime) -> str:
    """Denies everything to a role's sessions that began before a moment (UTC); "" as for switch_off_key.

    The inline policy is the console's "Revoke active sessions": IAM User Guide "Revoke IAM role temporary security
    credentials".
    """
    if not _IAM_NAME.fullmatch(role):
        return ""
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":'
        f'{{"DateLessThan":{{"aws:TokenIssueTime":"{before:%Y-%m-%dT%H:%M:%SZ}"}}}}}}]}}'
    )
    return (
        f"aws iam put-role-policy --role-name {shlex.quote(role)} --policy-name AWSRevokeOlderSessions"
        f" --policy-document '{policy}'"
    )


def schedule(name: str, *, region: str) -> str:
    """Shows a schedule of the default group."""
    return f"aws scheduler get-schedule --name {shlex.quote(name)} --region {region}"


def pulumi(verb: str, *, stack: str) -> str:
    """A Pulumi command on the stack."""
    return f"pulumi {verb} --stack {shlex.quote(stack)}"


def insights_link(place: Place, *, log_group: str, query: str, start: datetime, end: datetime) -> str:
    """CloudWatch Logs Insights with a query, over a span of time (UTC); "" in a partition whose console is unknown.

    `query` and `log_group` may hold any text: all of it is encoded. The shape of the address is the console's, not
    documented: values in its own notation, percent-encoded with a dollar sign for the percent.
    """
    domain = _CONSOLE.get(place.partition)
    if not domain:
        return ""
    span = f"end~'{_iso(end)}~start~'{_iso(start)}~timeType~'ABSOLUTE~tz~'UTC"
    detail = f"~({span}~editorString~'{_starred(query)}~source~(~'{_starred(log_group)}))"
    asked = quote(f"?queryDetail={detail}", safe="").replace("%", "$")
    return f"https://{place.region}.{domain}/cloudwatch/home?region={place.region}#logsV2:logs-insights{asked}"


def alarm_link(place: Place, name: str) -> str:
    """One alarm in the console; "" in a partition whose console is unknown. `name` may hold any text."""
    domain = _CONSOLE.get(place.partition)
    if not domain:
        return ""
    shown = quote(name, safe="")
    return f"https://{place.region}.{domain}/cloudwatch/home?region={place.region}#alarmsV2:alarm/{shown}"


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def _starred(text: str) -> str:
    """A text in the console's notation: everything but letters, digits, `-`, `_` and `.` as `*` and hexadecimal."""
    return re.sub(r"[^A-Za-z0-9_.-]", lambda found: "".join(f"*{byte:02x}" for byte in found[0].encode()), text)
