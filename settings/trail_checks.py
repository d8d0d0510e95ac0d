"""What the options of a trail must look like. These work as those of `settings.checks` do."""

import re
from collections.abc import Mapping

from settings import limits
from settings.checks import number, one_of
from settings.problems import CheckError

ARCHIVE_CLASSES = ("GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
HALVES = ("all", "write", "read")
MANAGEMENT = (*HALVES, "none")
INSIGHTS = ("ApiCallRateInsight", "ApiErrorRateInsight")
# Resource types of data events, and what the ARNs of their resources begin with after the partition. Only types of
# which we know what we have ourselves: our own must be left out (`components/event_selectors.py`).
# CloudTrail API reference, AdvancedFieldSelector "resources.type" and "resources.ARN".
DATA_TYPES = {
    "AWS::S3::Object": "s3:::",
    "AWS::Lambda::Function": "lambda:",
    "AWS::DynamoDB::Table": "dynamodb:",
    "AWS::SNS::Topic": "sns:",
    "AWS::SQS::Queue": "sqs:",
}
LOCK_MODES = ("GOVERNANCE", "COMPLIANCE")

LIFECYCLE_DAYS = f"a number of days, 1 to {limits.MAX_LIFECYCLE_DAYS:,}"
LOCK_DAYS = f"a number of days, 1 to {limits.MAX_LOCK_DAYS:,}"

OWN_TAG_PREFIX = "trailwarden:"
_RESERVED = ("aws:", OWN_TAG_PREFIX)
# IAM API reference, Tag: letters, digits and blanks of any script, and _ . : / = + - @
_TAG_TEXT = re.compile(r"[\w\s.:/=+@-]*")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[^*?\s\"]+")
_TAG_LETTERS = "letters, digits, blanks inside, and _ . : / = + - @"


def lifecycle_days(raw: int | str) -> int:
    """After how many days S3 moves or deletes a file."""
    return number(raw, at_least=1, at_most=limits.MAX_LIFECYCLE_DAYS, allowed=LIFECYCLE_DAYS)


def lock_days(raw: int | str) -> int:
    """For how many days Object Lock keeps a file."""
    return number(raw, at_least=1, at_most=limits.MAX_LOCK_DAYS, allowed=LOCK_DAYS)


def archive_class(raw: str) -> str:
    """The storage class of archived files."""
    return one_of(raw, ARCHIVE_CLASSES)


def lock_mode(raw: str) -> str:
    """Who can still delete a locked file: GOVERNANCE or COMPLIANCE."""
    return one_of(raw, LOCK_MODES)


def half(raw: str) -> str:
    """Which data events of a type are recorded: all, write or read."""
    return one_of(raw, HALVES)


def management(raw: str) -> str:
    """Which management events are recorded: all, write, read or none."""
    return one_of(raw, MANAGEMENT)


def insight(raw: str) -> str:
    """A kind of Insights events, as CloudTrail calls it."""
    return one_of(raw, INSIGHTS)


def data_type(raw: str) -> str:
    """A resource type of data events, as CloudTrail calls it."""
    return one_of(raw, tuple(DATA_TYPES))


def arn_beginning(raw: str) -> str:
    """What the ARNs of some resources begin with. Whether it fits their type is for `begins_as`."""
    text = raw.strip()
    if _ARN.fullmatch(text):
        return text
    raise CheckError(
        "is not the beginning of an ARN", value=raw, allowed="a text such as arn:aws:s3:::company-data/, without '*'"
    )


def begins_as(arn: str, *, of_type: str) -> None:
    """Whether resources of a type have ARNs that begin so; raises if none can have."""
    service = DATA_TYPES[of_type]
    example = {"s3:::": "arn:aws:s3:::company-data/"}.get(service, f"arn:aws:{service}eu-west-1:111122223333:…")
    if not arn.split(":", 2)[2].startswith(service):
        raise CheckError(f"is of no {of_type}", value=arn, allowed=f"a text such as {example}")
    if of_type == "AWS::S3::Object" and "/" not in arn:
        # `company` would be the beginning of `company-private`, too.
        raise CheckError("names a bucket without the slash that ends it", value=arn, suggestion=f"{arn}/")


def tag_key(raw: str) -> str:
    """The key of a tag that every service takes."""
    if raw.casefold().startswith(_RESERVED):
        owner = "AWS" if raw.casefold().startswith("aws:") else "trailwarden, which finds its own things by them"
        raise CheckError(f"is refused: tags that begin so belong to {owner}", allowed="another key")
    if raw.strip() == raw and raw and len(raw) <= limits.MAX_TAG_KEY and _TAG_TEXT.fullmatch(raw):
        return raw
    raise CheckError(
        "cannot be the key of a tag", value=raw, allowed=f"1 to {limits.MAX_TAG_KEY} characters: {_TAG_LETTERS}"
    )


def tag_value(raw: str) -> str:
    """The value of a tag that every service takes: not empty, because CloudTrail and EventBridge Scheduler say so."""
    if raw.strip() == raw and raw and len(raw) <= limits.MAX_TAG_VALUE and _TAG_TEXT.fullmatch(raw):
        return raw
    raise CheckError(
        "cannot be the value of a tag", value=raw, allowed=f"1 to {limits.MAX_TAG_VALUE} characters: {_TAG_LETTERS}"
    )


def tags(raw: Mapping[str, str]) -> Mapping[str, str]:
    """Tags that a resource of ours can have beside our own."""
    most = limits.MAX_TAGS - limits.OWN_TAGS
    if len(raw) > most:
        allowed = f"at most {most}; AWS takes {limits.MAX_TAGS}, and {limits.OWN_TAGS} are ours"
        raise CheckError(f"holds {len(raw)} tags", allowed=allowed)
    folded: dict[str, str] = {}
    for key in raw:
        if (twin := folded.setdefault(key.casefold(), key)) != key:
            raise CheckError(
                f"differs from {twin} in case only, and IAM takes both for one", key=key, allowed="one of the two"
            )
    return raw
