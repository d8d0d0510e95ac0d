"""Names and ARNs of things that exist already. Each function works as those of `settings.checks` do."""

import re
from typing import Final, NamedTuple

from settings import names
from settings.problems import CheckError

_ARN: Final = re.compile(
    r"arn:(?P<partition>[a-z0-9-]+):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12})?:(?P<rest>.+)"
)
# CloudWatch Logs, CreateLogGroup "logGroupName".
_LOG_GROUP: Final = re.compile(r"[A-Za-z0-9_./#-]{1,512}")
# IAM, CreateRole "RoleName" and "Path".
_ROLE: Final = re.compile(r"role/(?:[!-~]{1,510}/)?[A-Za-z0-9_+=,.@-]{1,64}")
# CloudTrail, CreateTrail "S3KeyPrefix": at most 200 characters.
_PREFIX: Final = re.compile(r"[!-~]{0,200}")


class Arn(NamedTuple):
    """An ARN taken apart. `region` and `account` are "" where the service has none; `rest` is the resource."""

    partition: str
    service: str
    region: str
    account: str
    rest: str


def parsed(text: str) -> Arn | None:
    """The parts of an ARN, None for any other text."""
    found = _ARN.fullmatch(text)
    return None if found is None else Arn(*(part or "" for part in found.groups()))


def trail(raw: str) -> str:
    """The name or the ARN of a trail that exists."""
    text = raw.strip()
    if not text.startswith("arn:"):
        return names.trail_name(text)
    found = parsed(text)
    allowed = "the name of a trail in the home region, or arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME"
    kind, _, name = found.rest.partition("/") if found else ("", "", "")
    if found is None or found.service != "cloudtrail" or kind != "trail" or not (found.region and found.account):
        raise CheckError("is not the ARN of a trail", value=raw, allowed=allowed)
    try:
        names.trail_name(name)
    except CheckError as error:
        raise CheckError("is not the ARN of a trail", value=raw, allowed=allowed) from error
    return text


def log_group(raw: str) -> str:
    """The name or the ARN of a log group; the ARN may end in `:*`, as CloudTrail shows it, and then loses it."""
    text = raw.strip().removesuffix(":*")
    name = text
    if text.startswith("arn:"):
        found = parsed(text)
        kind, _, name = found.rest.partition(":") if found and found.service == "logs" else ("", "", "")
        name = name if kind == "log-group" and found and found.region and found.account else ""
    if _LOG_GROUP.fullmatch(name):
        return text
    raise CheckError("is not a log group", value=raw, allowed="a name, or arn:aws:logs:REGION:ACCOUNT:log-group:NAME")


def role(raw: str) -> str:
    """The ARN of an IAM role."""
    found = parsed(raw.strip())
    if found and found.service == "iam" and found.account and _ROLE.fullmatch(found.rest):
        return raw.strip()
    raise CheckError("is not the ARN of a role", value=raw, allowed="arn:aws:iam::ACCOUNT:role/NAME")


def prefix(raw: str) -> str:
    """What the keys of log files begin with; slashes around it are dropped, as CloudTrail adds them itself."""
    text = raw.strip().strip("/")
    if _PREFIX.fullmatch(text):
        return text
    raise CheckError("cannot be a prefix", value=raw, allowed="at most 200 characters without blanks")


def topic(raw: str) -> str:
    """The name or the ARN of an SNS topic."""
    text = raw.strip()
    if text.startswith("arn:"):
        found = parsed(text)
        if found and found.service == "sns" and found.region and found.account:
            names.topic_name(found.rest)
            return text
        raise CheckError("is not the ARN of a topic", value=raw, allowed="arn:aws:sns:REGION:ACCOUNT:NAME")
    return names.topic_name(text)
