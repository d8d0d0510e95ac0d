"""What the options of a trail must look like. These work as those of `settings.checks` do."""

import re
from collections.abc import Mapping

from settings import limits
from settings.checks import number, one_of
from settings.problems import CheckError

ARCHIVE_CLASSES = ("GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
LOCK_MODES = ("GOVERNANCE", "COMPLIANCE")

LIFECYCLE_DAYS = f"a number of days, 1 to {limits.MAX_LIFECYCLE_DAYS:,}"
LOCK_DAYS = f"a number of days, 1 to {limits.MAX_LOCK_DAYS:,}"

OWN_TAG_PREFIX = "trailwarden:"
_RESERVED = ("aws:", OWN_TAG_PREFIX)
# IAM API reference, Tag: letters, digits and blanks of any script, and _ . : / = + - @
_TAG_TEXT = re.compile(r"[\w\s.:/=+@-]*")
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
