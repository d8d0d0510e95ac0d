"""Hypothesis strategies for what a person may answer: data in the shape of an answers file that is accepted."""

from typing import Any

from hypothesis import strategies as st

from settings.checks import (
    EVIDENCE_MODES,
    REMEDIATION_MODES,
    SEVERITIES,
    available_event_sets,
)
from settings.facts import SHORTEST_BEGINNING
from settings.limits import (
    BUDGET_MINUTES,
    BUDGET_REPAIRS,
    GRACE_S,
    MAX_PERIOD_S,
    MAX_THRESHOLD,
    PERIOD_STEP_S,
    RESERVED_CONCURRENCY,
    RETENTION_DAYS,
)
from settings.regions import REGIONS

# Words that YAML readers like to take for something else.
_ODD_WORDS = ["012345678901", "1e5", "yes", "off", "null", "2026-01-01", "~", "a: b", "- x", "it's", 'say "x"', "#1"]

thresholds = st.integers(1, MAX_THRESHOLD)
periods = st.integers(1, MAX_PERIOD_S // PERIOD_STEP_S).map(lambda minutes: minutes * PERIOD_STEP_S)
severities = st.sampled_from(SEVERITIES)
words = st.from_regex(r"[a-z]{1,6}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
emails = st.builds(
    "{}@{}.example.com".format,
    st.from_regex(r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,12}", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True),
)
subscribers = st.one_of(
    emails.map(lambda email: {"protocol": "email-json", "endpoint": email}),
    st.builds(
        lambda name, raw: {"protocol": "sqs", "endpoint": f"arn:aws:sqs:eu-west-1:111122223333:{name}", "raw": raw},
        words,
        st.booleans(),
    ),
    st.builds(
        lambda name, tries: {
            "protocol": "https",
            "endpoint": f"https://{name}.example.com/alerts",
            "retry": {"numRetries": tries},
        },
        words,
        st.integers(0, 100),
    ),
    st.builds(
        lambda name: {"protocol": "lambda", "endpoint": f"arn:aws:lambda:us-east-1:111122223333:function:{name}"}, words
    ),
    st.fixed_dictionaries(
        {"protocol": st.just("sms"), "endpoint": st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)},
        optional={"gets": st.sampled_from(["everything", "alerts"])},  # last-resort does not go with remediation off
    ),
)
lines = st.one_of(
    st.sampled_from(_ODD_WORDS),
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30),
)
blocks = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.builds("{}.{}.{}.0/24".format, *[st.integers(1, 254)] * 3),
    st.builds("{}.0.0.0/8".format, st.integers(1, 254)),
)
patterns = st.one_of(
    st.sampled_from(
        [
            '{ $.eventName = "GetSecretValue" }',
            "{ $.a = 1 }",
            '{($.eventSource=s3.amazonaws.com) && ($.x = "it\'s")}',
            "{ $.a IS TRUE }",
        ]
    )
)


def _optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


event_sets = st.dictionaries(
    st.sampled_from([name for name in available_event_sets() if name != "out-of-region"]),
    _optional(threshold=thresholds, period=periods, severity=severities),
    max_size=6,
)

remediations = st.one_of(
    st.sampled_from(REMEDIATION_MODES).map(lambda mode: {"mode": mode}),
    _optional(
        mode=st.just("restore"),
        fields=st.lists(st.sampled_from(["EventSelectors", "S3BucketName", "KmsKeyId"]), unique=True),
        dryRun=st.booleans(),
        graceSeconds=st.integers(*GRACE_S),
        budget=_optional(repairs=st.integers(*BUDGET_REPAIRS), minutes=st.integers(*BUDGET_MINUTES)),
        reservedConcurrency=st.integers(*RESERVED_CONCURRENCY),
    ),
)


trails = _optional(
    mode=st.just("create"),
    name=st.from_regex(r"[a-z]{3}(-[a-z0-9]{1,4}){0,3}", fullmatch=True),
    retentionDays=st.sampled_from(RETENTION_DAYS),
)
alerts = _optional(
    explain=st.just(value=False),
    displayName=lines,
    topicName=st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
    alarmPrefix=st.sampled_from(["acme-", "0", "off", "1e5"]),
    metricNamespace=st.sampled_from(["Acme/Logs", "012345678901", "yes"]),
)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """Answers that `Settings.parse` accepts, each key and each sub-key there or not."""
    partition = draw(st.sampled_from(sorted(REGIONS)))
    regions = st.sampled_from(sorted(REGIONS[partition]))
    names = draw(st.lists(words.map("own-{}".format), unique_by=lambda name: name.replace("-", ""), max_size=5))
    cut = draw(st.integers(0, len(names)))
    custom = {
        name: {"pattern": draw(patterns), **draw(_optional(title=lines, severity=severities, threshold=thresholds))}
        for name in names[:cut]
    }
    sources = [
        {
            "name": name,
            "cidr": draw(st.one_of(blocks, st.lists(blocks, min_size=1, max_size=4))),
            **draw(_optional(match=st.sampled_from(["inside", "outside"]), threshold=thresholds, period=periods)),
        }
        for name in names[cut:]
    ]
    result = {
        "homeRegion": draw(regions),
        "emails": draw(st.lists(emails, min_size=1, max_size=4, unique_by=str.casefold)),
        "eventSets": {"trail-changes": {}} | draw(event_sets),
    }
    result |= draw(
        _optional(
            trail=trails,
            regions=st.lists(regions, min_size=1, max_size=5, unique=True),
            subscribers=st.lists(
                subscribers,
                max_size=2,
                unique_by=lambda subscriber: subscriber["endpoint"].casefold(),
            ),
            customSets=st.just(custom),
            sourceIps=st.just(sources),
            remediation=remediations,
            alerts=alerts,
            evidence=st.sampled_from(EVIDENCE_MODES),
        )
    )
    if partition != "aws":
        result["subscribers"] = [
            each for each in result.get("subscribers", []) if each["protocol"] not in ("sqs", "lambda")
        ]
    _leave_out_what_it_cannot_watch(result)
    return result


def _leave_out_what_it_cannot_watch(result: dict[str, Any]) -> None:
    """Things that such a stack does not have, and alarms that begin with next to nothing."""
    has_guardian = result.get("remediation", {}).get("mode") != "off"
    is_short = len(result.get("alerts", {}).get("alarmPrefix", "long")) < SHORTEST_BEGINNING
    for name in [
        *(["self-functions", "self-state", "self-queues"] * (not has_guardian)),
        *(["self-alarms-logs"] * is_short),
    ]:
        result["eventSets"].pop(name, None)
