"""Whose key encrypts, and who else is let in: checks that work as `settings.checks` do."""

import re

from settings.problems import CheckError
from settings.regions import REGIONS, partition_of

AWS_SNS_KEY = "alias/aws/sns"
KEY_EXAMPLE = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

_PARTITIONS = "|".join(REGIONS)
_KEY = re.compile(rf"arn:({_PARTITIONS}):kms:([a-z0-9-]+):([0-9]{{12}}):key/[A-Za-z0-9-]{{1,128}}")
_PRINCIPAL = re.compile(rf"arn:({_PARTITIONS}):iam::[0-9]{{12}}:(?:root|(?:role|user)/[A-Za-z0-9_+=,.@/-]{{1,576}})")
_SESSION = re.compile(rf"arn:({_PARTITIONS}):sts::([0-9]{{12}}):assumed-role/([^/]+)/.+")


def topic_key(raw: str) -> str:
    """The ARN of a key for the topics. The key that AWS manages for SNS is refused: alarms cannot use it."""
    text = raw.strip()
    if text == AWS_SNS_KEY or text.endswith(f":{AWS_SNS_KEY}"):
        raise CheckError(
            "cannot be used by alarms: AWS manages its policy, which does not let CloudWatch in and cannot be changed, "
            "so every message would be lost",
            value=raw,
            allowed=f"a key of your own, such as {KEY_EXAMPLE}",
        )
    if (found := _KEY.fullmatch(text)) and partition_of(found[2]) == found[1]:
        return text
    hint = "; `aws kms describe-key --key-id … --query KeyMetadata.Arn` tells it"
    problem = "is not the ARN of a key"
    if "alias/" in text:
        problem = "is an alias, which policies cannot name"
    raise CheckError(problem, value=raw, allowed=f"an ARN such as {KEY_EXAMPLE}{hint}")


def account_id(raw: str) -> str:
    """The id of an account: `111122223333`."""
    text = raw.strip()
    if re.fullmatch(r"[0-9]{12}", text):
        return text
    raise CheckError("is not the id of an account", value=raw, allowed='12 digits in quotes, such as "111122223333"')


def principal(raw: str) -> str:
    """Somebody whom a policy lets in: the id of an account, or the ARN of an account, role or user."""
    text = raw.strip()
    if re.fullmatch(r"[0-9]{12}", text) or _PRINCIPAL.fullmatch(text):
        return text
    allowed = "an account id in quotes, or an ARN such as arn:aws:iam::111122223333:role/alert-sender"
    if "*" in text:
        raise CheckError("would let in everybody it matches", value=raw, allowed=f"{allowed}, without wildcards")
    suggestion = None
    if session := _SESSION.fullmatch(text):
        suggestion = f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}"
    if text.endswith(".amazonaws.com"):
        raise CheckError("is a service; only people and roles can be let in here", value=raw, allowed=allowed)
    raise CheckError("is not an account, role or user", value=raw, allowed=allowed, suggestion=suggestion)
