"""The kinds of values that settings consist of: what YAML or JSON may hand over, then the check of `settings.checks`.

Kinds are strict. A number where a text belongs is refused and not converted, because YAML may have dropped its zeros.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from settings import access, arns, checks, endpoints, limits, names, repairs, time_checks
from settings.problems import CheckError, shown


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    allowed = "a text"
    if isinstance(value, int):
        allowed += f', here in quotes: "{shown(value)}"'
    elif isinstance(value, float):  # it may have been `012345678901` once, so what it was cannot be shown
        allowed += ", in quotes if it looks like a number"
    raise CheckError("must be a text", value=value, allowed=allowed)


def choice(*options: str) -> BeforeValidator:
    """A text that a check then compares with `options`."""

    def check(value: Any) -> str:
        if isinstance(value, str):
            return value
        raise CheckError("must be a text", value=value, allowed=", ".join(options))

    return BeforeValidator(check)


def whole(allowed: str) -> BeforeValidator:
    """A whole number that is not written as a text; `allowed` says what it may be."""

    def check(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        is_quoted = isinstance(value, str) and value.strip().isdecimal()
        hint = f"{allowed}, without quotes" if is_quoted else allowed
        raise CheckError("must be a whole number", value=value, allowed=hint)

    return BeforeValidator(check)


def _cidr(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(_text(each) for each in value)
    if isinstance(value, str):
        return value
    raise CheckError(
        "must be a text or a list of texts", value=value, allowed="a block such as 203.0.113.0/24, or a list of them"
    )


def _within(low: int, high: int, *, what: str) -> tuple[BeforeValidator, AfterValidator]:
    """A whole number from `low` to `high`."""
    allowed = f"{what}, {low} to {high:,}"

    def check(value: int) -> int:
        if low <= value <= high:
            return value
        problem = f"must be at least {low}" if value < low else f"must be at most {high:,}"
        raise CheckError(problem, value=value, allowed=allowed)

    return whole(allowed), AfterValidator(check)


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise CheckError("must be true or false", value=value, allowed="true, false, or leave it out")


def _names(example: str) -> Callable[[Any], tuple[Any, ...]]:
    """A list of texts. `example` is how one is written."""

    def check(value: Any) -> tuple[Any, ...]:
        if isinstance(value, list | tuple):
            return tuple(value)
        raise CheckError("must be a list", value=value, allowed=f"a list, such as {example}")

    return check


def _day(value: Any) -> str:
    """YAML reads a plain day as a date."""
    return _text(value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value)


def _trail_ids(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return value
    raise CheckError("must be a list", value=value, allowed="a list of names or ARNs, such as [org-trail]")


Text = BeforeValidator(_text)

Region = Annotated[str, Text, AfterValidator(checks.region)]
Email = Annotated[str, Text, AfterValidator(checks.email)]
EventSetName = Annotated[str, Text, AfterValidator(checks.event_set)]
WatchName = Annotated[str, Text, AfterValidator(checks.watch_name)]
PatternText = Annotated[str, Text, AfterValidator(checks.pattern)]
Title = Annotated[str, Text, AfterValidator(names.title)]
Cidr = Annotated[str | tuple[str, ...], BeforeValidator(_cidr)]
TrailName = Annotated[str, Text, AfterValidator(names.trail_name)]
TrailId = Annotated[str, Text, AfterValidator(arns.trail)]
TrailIds = Annotated[tuple[TrailId, ...], BeforeValidator(_trail_ids)]
TopicName = Annotated[str, Text, AfterValidator(names.topic_name)]
DisplayName = Annotated[str, Text, AfterValidator(names.display_name)]
AlarmName = Annotated[str, Text, AfterValidator(names.alarm_name)]
AlarmPrefix = Annotated[str, Text, AfterValidator(names.alarm_prefix)]
MetricName = Annotated[str, Text, AfterValidator(names.metric_name)]
MetricNamespace = Annotated[str, Text, AfterValidator(names.metric_namespace)]

RunbookBase = Annotated[str, Text, AfterValidator(names.runbook_base)]
Day = Annotated[str, BeforeValidator(_day), AfterValidator(time_checks.day)]
TimeZone = Annotated[str, Text, AfterValidator(time_checks.time_zone)]
MuteSchedule = Annotated[str, Text, AfterValidator(time_checks.mute_schedule)]
MuteDuration = Annotated[str, Text, AfterValidator(time_checks.mute_duration)]
Until = Annotated[str, BeforeValidator(_day), AfterValidator(time_checks.until)]

Threshold = Annotated[int, whole(checks.THRESHOLD), AfterValidator(checks.threshold)]
Period = Annotated[int, whole(checks.PERIOD), AfterValidator(checks.period)]
RetentionDays = Annotated[int, whole(checks.RETENTION), AfterValidator(checks.retention_days)]

Severity = Annotated[str, choice(*checks.SEVERITIES), AfterValidator(checks.severity)]
Hour = Annotated[int, *_within(0, 23, what="an hour of the day in UTC")]
Weekday = Annotated[str, choice(*checks.WEEKDAYS), AfterValidator(checks.weekday)]
OrFalse = BeforeValidator(lambda value: None if value is False else value)
Severities = Annotated[tuple[Severity, ...], BeforeValidator(_names("[critical, high]"))]
Match = Annotated[str, choice(*checks.MATCHES), AfterValidator(checks.match)]
TrailMode = Annotated[str, choice(*checks.TRAIL_MODES), AfterValidator(checks.trail_mode)]
TrailLayout = Annotated[str, choice(*checks.TRAIL_LAYOUTS), AfterValidator(checks.trail_layout)]
Protocol = Annotated[str, choice(*checks.PROTOCOLS), AfterValidator(checks.protocol)]
Gets = Annotated[str, choice(*checks.GETS), AfterValidator(checks.gets)]
Endpoint = Annotated[str, Text]
SecretName = Annotated[str, Text, AfterValidator(endpoints.secret_name)]
ClearTextReason = Annotated[str, Text, AfterValidator(names.reason)]
Backoff = Annotated[str, choice(*checks.BACKOFFS), AfterValidator(checks.backoff)]
Retries = Annotated[int, *_within(0, limits.MAX_RETRIES, what="a number of tries")]
RetryDelay = Annotated[int, *_within(1, limits.MAX_RETRY_DELAY_S, what="a number of seconds")]
Rate = Annotated[int, *_within(1, limits.MAX_RATE, what="messages per second")]
TopicKey = Annotated[str, Text, AfterValidator(access.topic_key)]
Principal = Annotated[str, Text, AfterValidator(access.principal)]
Principals = Annotated[tuple[Principal, ...], BeforeValidator(_names('["111122223333"]'))]
SampleRate = Annotated[int, *_within(0, 100, what="a share of successes, in percent")]
AccountId = Annotated[str, Text, AfterValidator(access.account_id)]
AccountIds = Annotated[tuple[AccountId, ...], BeforeValidator(_names('["111122223333"]'))]
Regions = Annotated[tuple[Region, ...], BeforeValidator(_names("[eu-west-1]"))]
WatchNames = Annotated[tuple[WatchName, ...], BeforeValidator(_names("[root-account-use]"))]
RemediationMode = Annotated[str, choice(*checks.REMEDIATION_MODES), AfterValidator(checks.remediation_mode)]
TrailField = Annotated[str, Text, AfterValidator(repairs.trail_field)]
TrailFields = Annotated[
    tuple[TrailField, ...],
    BeforeValidator(_names("[EventSelectors, S3BucketName]")),
    AfterValidator(repairs.trail_fields),
]
GraceSeconds = Annotated[int, whole(repairs.GRACE), AfterValidator(repairs.grace_seconds)]
BudgetRepairs = Annotated[int, whole(repairs.REPAIRS), AfterValidator(repairs.budget_repairs)]
BudgetMinutes = Annotated[int, whole(repairs.WINDOW), AfterValidator(repairs.budget_minutes)]
ReservedConcurrency = Annotated[int, whole(repairs.CONCURRENCY), AfterValidator(repairs.reserved_concurrency)]
Switch = Annotated[bool, BeforeValidator(_switch)]
EvidenceMode = Annotated[str, choice(*checks.EVIDENCE_MODES), AfterValidator(checks.evidence)]
