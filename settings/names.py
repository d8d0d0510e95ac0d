"""What a name in AWS must look like: a trail, a topic, an alarm, a metric. These work as `settings.checks` do."""

import re

from settings import limits
from settings.problems import CheckError


def trail_name(raw: str) -> str:
    """The name of a CloudTrail trail."""
    name = raw.strip()
    is_address = re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", name)
    if limits.TRAIL_NAME.fullmatch(name) and limits.MIN_TRAIL_NAME <= len(name) <= limits.MAX_TRAIL_NAME:
        if not is_address:
            return name
        raise CheckError("looks like an address, which no trail may be called", value=raw)
    raise CheckError(
        "cannot be the name of a trail",
        value=raw,
        allowed=f"{limits.MIN_TRAIL_NAME} to {limits.MAX_TRAIL_NAME} letters and digits, "
        "with single '.', '_' or '-' between them",
    )


def bucket_name(raw: str) -> str:
    """The name of an S3 bucket that exists."""
    name = re.sub(r"\A(s3://|arn:aws[a-z-]*:s3:::)", "", raw.strip()).rstrip("/")
    is_address = re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", name)
    if raw.strip() == name and limits.BUCKET_NAME.fullmatch(name) and not is_address:
        return name
    raise CheckError(
        "cannot be the name of a bucket",
        value=raw,
        allowed="3 to 63 lower-case letters, digits, '.' and '-', without s3:// and path",
        suggestion=name if name != raw.strip() and limits.BUCKET_NAME.fullmatch(name) else None,
    )


def log_group_name(raw: str) -> str:
    """The name of a log group that exists: not its ARN."""
    name = raw.strip()
    if limits.LOG_GROUP_NAME.fullmatch(name):
        return name
    inside = re.fullmatch(r"arn:[^:]+:logs:[^:]*:[^:]*:log-group:([\w./#-]+)(?::\*)?", name, re.ASCII)
    raise CheckError(
        "cannot be the name of a log group",
        value=raw,
        allowed="1 to 512 letters, digits and . _ - / #",
        suggestion=inside[1] if inside else None,
    )


def key_arn(raw: str) -> str:
    """The ARN of a KMS key. No alias and no bare id: CloudTrail answers with the ARN, and the guardian compares."""
    arn = raw.strip()
    if limits.KEY_ARN.fullmatch(arn):
        return arn
    raise CheckError(
        "is not the ARN of a KMS key",
        value=raw,
        allowed="an ARN such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab, "
        "not an alias and not the id alone",
    )


def topic_name(raw: str) -> str:
    """The name of an SNS topic."""
    name = raw.strip()
    if limits.TOPIC_NAME.fullmatch(name) and len(name) <= limits.MAX_TOPIC_NAME:
        return name
    raise CheckError(
        "cannot be the name of a topic",
        value=raw,
        allowed=f"letters, digits, '_' and '-', at most {limits.MAX_TOPIC_NAME} characters",
    )


def display_name(raw: str) -> str:
    """The sender's name in the mails of a topic."""
    return _line(raw, longest=limits.MAX_DISPLAY_NAME)


def title(raw: str) -> str:
    """The title of a custom set: the first words of its mails."""
    return _line(raw, longest=limits.MAX_TITLE)


def runbook_base(raw: str) -> str:
    """Where the runbooks are: an https address, in which `{set}` or `{page}` may stand for what `Alerts` says."""
    text = _line(raw, longest=limits.MAX_RUNBOOK_BASE)
    if not text.startswith("https://") or not text.isascii() or " " in text:
        raise CheckError(
            "is no address of runbooks",
            value=raw,
            allowed="an https address, such as https://wiki.example.com/runbooks/{set}",
        )
    return text


def reason(raw: str) -> str:
    """Why something unusual is wanted, for those who read the file later."""
    return _line(raw, longest=limits.MAX_REASON)


def alarm_name(raw: str) -> str:
    """The name of a CloudWatch alarm."""
    return _line(raw, longest=limits.MAX_ALARM_NAME)


def alarm_prefix(raw: str) -> str:
    """What every alarm's name begins with: `acme-` makes `acme-trail-changes`."""
    return _line(raw, longest=limits.MAX_ALARM_NAME - limits.MAX_WATCH_NAME)


def metric_name(raw: str) -> str:
    """The name of a CloudWatch metric."""
    return _metric_text(raw, longest=limits.MAX_METRIC_NAME)


def metric_namespace(raw: str) -> str:
    """The namespace of our CloudWatch metrics."""
    text = _metric_text(raw, longest=limits.MAX_METRIC_NAMESPACE)
    if text.upper().startswith("AWS/"):
        raise CheckError("begins with AWS/, as only namespaces of AWS may", value=raw, suggestion=text[4:] or None)
    return text


def _metric_text(raw: str, *, longest: int) -> str:
    text = _line(raw, longest=longest)
    if not limits.METRIC_TEXT.fullmatch(text) or not text.isascii():
        raise CheckError(
            "holds a character that CloudWatch refuses here", value=raw, allowed="ASCII without ':', '*' and '$'"
        )
    return text


def _line(raw: str, *, longest: int) -> str:
    """One line of readable text. Blanks around it are dropped."""
    text = raw.strip()
    if not text or len(text) > longest or not text.isprintable():
        raise CheckError(
            "is empty" if not text else "is too long" if len(text) > longest else "holds an unprintable character",
            value=raw,
            allowed=f"1 to {longest} readable characters on one line",
        )
    return text
