"""Where a subscriber is: what SNS takes as endpoint, protocol by protocol. These work as `settings.checks` do."""

import re
from urllib.parse import urlsplit

from settings import limits
from settings.checks import email, phone_number
from settings.keys import HOME_KEY, KEYS, NAMESPACE
from settings.problems import CheckError
from settings.regions import REGIONS, partition_of

_PARTITIONS = "|".join(REGIONS)
_QUEUE = re.compile(rf"arn:({_PARTITIONS}):sqs:([a-z0-9-]+):([0-9]{{12}}):([A-Za-z0-9_-]{{1,80}})")
_FUNCTION = re.compile(
    rf"arn:({_PARTITIONS}):lambda:([a-z0-9-]+):([0-9]{{12}}):function:([A-Za-z0-9_-]{{1,64}})(:[A-Za-z0-9$_-]{{1,128}})?"
)
_SECRET_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
# A path segment this long is a password more often than a word: PagerDuty's have 32 characters, Slack's 24.
_TOKEN_LENGTH = 20


def endpoint(raw: str, *, protocol: str) -> str:
    """Where messages go, in the form that the protocol wants."""
    match protocol:
        case "sms":
            return phone_number(raw)
        case "sqs":
            return queue_arn(raw)
        case "lambda":
            return function_arn(raw)
        case "http" | "https":
            return url(raw, scheme=protocol)
    return email(raw)


def queue_arn(raw: str) -> str:
    """The ARN of a standard SQS queue."""
    text = raw.strip()
    allowed = "the ARN of a queue, such as arn:aws:sqs:eu-west-1:111122223333:alerts"
    if text.endswith(".fifo"):
        problem = "is a FIFO queue, to which a standard topic cannot deliver"
        raise CheckError(problem, value=raw, allowed="the ARN of a standard queue")
    if (found := _QUEUE.fullmatch(text)) and partition_of(found[2]) == found[1]:
        return text
    suggestion = None
    if address := re.fullmatch(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.com/([0-9]{12})/([A-Za-z0-9_-]+)", text):
        suggestion = f"arn:{partition_of(address[1]) or 'aws'}:sqs:{address[1]}:{address[2]}:{address[3]}"
    raise CheckError("is not the ARN of a queue", value=raw, allowed=allowed, suggestion=suggestion)


def function_arn(raw: str) -> str:
    """The ARN of a Lambda function, with or without an alias or version."""
    text = raw.strip()
    if (found := _FUNCTION.fullmatch(text)) and partition_of(found[2]) == found[1]:
        return text
    allowed = "the ARN of a function, such as arn:aws:lambda:eu-west-1:111122223333:function:alerts"
    raise CheckError("is not the ARN of a function", value=raw, allowed=allowed)


def url(raw: str, *, scheme: str) -> str:
    """An address that SNS can post to. What looks like a password in it is refused: that belongs into a secret."""
    text = raw.strip()
    allowed = f"a URL such as {scheme}://alerts.example.com/trailwarden"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - reading it is the check
    except ValueError:
        raise CheckError("is not a URL", value=raw, allowed=allowed) from None  # its own text quotes the URL
    if parts.scheme in ("http", "https") and parts.scheme != scheme:
        raise CheckError(f"begins with {parts.scheme}://, which is another protocol", value=raw, allowed=allowed)
    if parts.scheme != scheme or not host or not text.isascii() or not text.isprintable() or " " in text:
        raise CheckError("is not a URL", value=raw, allowed=allowed)
    if len(text) > limits.MAX_URL:
        raise CheckError("is too long", value=raw, allowed=f"at most {limits.MAX_URL:,} characters")
    if _may_hold_password(text):
        raise CheckError(
            "holds what looks like a password",
            value=raw,
            allowed=f"`endpointSecret: NAME`, and the URL by `pulumi config set --secret {NAMESPACE}:NAME`",
        )
    return text


def _may_hold_password(text: str) -> bool:
    parts = urlsplit(text)
    if parts.username is not None or parts.query or parts.fragment:
        return True
    return any(len(each) >= _TOKEN_LENGTH for each in parts.path.split("/"))


def secret_name(raw: str) -> str:
    """The name of a secret of the stack: a key of its own that `pulumi config set --secret` makes."""
    name = raw.strip().removeprefix(f"{NAMESPACE}:")
    if "://" in name:
        problem = "is the URL itself; it must not stand in a plain file"
        raise CheckError(problem, value=raw, allowed=f"the name of a secret, made by {set_secret('webhookUrl')}")
    if not _SECRET_NAME.fullmatch(name):
        allowed = "letters, digits, '_' and '-', first a letter, at most 64 characters"
        raise CheckError("cannot be the name of a secret", value=raw, allowed=allowed)
    if name in (*KEYS, HOME_KEY):
        raise CheckError("is the key of a setting", value=raw, allowed="a name that no setting has")
    return name


def set_secret(name: str, *, stack: str | None = None) -> str:
    """The command that makes a secret. The CLI asks for its value, so that no shell remembers it."""
    return f"`pulumi config set --secret{f' --stack {stack}' if stack else ''} {NAMESPACE}:{name}`"
