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
