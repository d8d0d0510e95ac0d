"""Trails that exist already: what has to be said of them, what is refused, and what a baseline gives up."""

from typing import Any

import pytest
from guardian.floor import weaknesses
from guardian.setup import Setup
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from settings import Baseline, Settings, SettingsError
from settings.selectors import record_looks_at_trails, unrecorded
from tests.support.effort import examples

ROLE = "arn:aws:iam::111122223333:role/service-role/delivery"
FAR = "arn:aws:cloudtrail:us-west-2:111122223333:trail/old-trail"
LEAST: dict[str, Any] = {"logGroup": "trail-logs", "deliveryRole": ROLE, "bucket": "acme-logs"}
OTHER: dict[str, Any] = {**LEAST, "logGroup": "other-logs"}


def adopt(*trails: str, baseline: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"mode": "adopt", "trails": list(trails), "baseline": baseline or dict.fromkeys(trails, LEAST), **more}


def settings(trail: dict[str, Any], **changes: Any) -> Settings:
    data = {"homeRegion": "eu-west-1", "emails": ["security@example.com"], "trail": trail, **changes}
    return Settings.parse(data, stack="prod", source="answers")


def problems(trail: dict[str, Any], **changes: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        settings(trail, **changes)
    return [str(each).removeprefix("answers: ") for each in caught.value.problems]


def baseline(**changes: Any) -> Baseline:
    (site,) = settings(adopt("org-trail", baseline={"org-trail": {**LEAST, **changes}}), eventSets=[]).trails
    assert site.baseline
    return site.baseline


def test_a_name_is_at_home_and_an_arn_where_it_says() -> None:
    made = settings(adopt("org-trail", FAR))
    assert [(site.name, site.region, site.suffix) for site in made.trails] == [
        ("org-trail", "eu-west-1", "-org_trail"),
        ("old-trail", "us-west-2", "-us-west-2-old_trail"),
    ]
    assert made.home_regions == ("eu-west-1", "us-west-2")


@pytest.mark.parametrize(
    ("home", "changes", "sees_iam"),
    [
        ("eu-west-1", {}, True),
        ("eu-west-1", {"multiRegion": False}, False),  # global events are recorded in us-east-1 and nowhere else
        ("us-east-1", {"multiRegion": False}, True),
        ("us-east-1", {"multiRegion": False, "globalEvents": False}, False),
    ],
)
def test_who_sees_iam(home: str, changes: dict[str, Any], sees_iam: bool) -> None:
    trail = adopt("org-trail", baseline={"org-trail": {**LEAST, **changes}})
    (site,) = settings(trail, homeRegion=home, eventSets=["trail-changes"]).trails
    assert site.has_global_events is sees_iam


def test_a_baseline_may_be_given_by_arn_to_a_trail_given_by_name() -> None:
    arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-trail"
    (site,) = settings(adopt("org-trail", baseline={arn: LEAST})).trails
    assert site.is_adopted


def test_another_trail_renames_nothing() -> None:
    two = {site.name: site.suffix for site in settings(adopt("org-trail", FAR)).trails}
    more = adopt("a-trail", FAR, "org-trail", baseline={"a-trail": OTHER, FAR: LEAST, "org-trail": LEAST})
    three = {site.name: site.suffix for site in settings(more).trails}
    assert two.items() <= three.items()


@hypothesis_settings(max_examples=examples(30))
@given(
    st.lists(st.from_regex(r"[A-Za-z0-9]{1,12}([._-][A-Za-z0-9]{1,9}){1,9}", fullmatch=True), min_size=2, max_size=9)
)
def test_names_that_services_refuse_become_names_that_they_take(names: list[str]) -> None:
    names = sorted({name for name in names if not name.replace(".", "").isdecimal()})
    baselines = {name: {**LEAST, "logGroup": f"group-{number}"} for number, name in enumerate(names)}
    suffixes = [site.suffix for site in settings(adopt(*names, baseline=baselines), eventSets=[]).trails]
    assert len(set(suffixes)) == len(names)
    for suffix in suffixes:
        assert suffix[1:].replace("_", "").isalnum()
        assert suffix == suffix.lower()
        assert len(suffix) <= 21


def test_nothing_happens_to_a_trail_that_is_not_ours_unless_somebody_said_so() -> None:
    assert settings(adopt("org-trail")).remediation.mode == "notify"
    assert settings(adopt("org-trail"), remediation={"graceSeconds": 45}).remediation.mode == "notify"
    assert not settings(adopt("org-trail")).remediation.in_effect.acts
    assert settings(adopt("org-trail"), remediation={"mode": "restore"}).remediation.mode == "restore"


def test_restart_starts_the_trail_and_restores_nothing() -> None:
    effect = settings(adopt("org-trail"), remediation={"restart": True}).remediation.in_effect
    assert effect.acts
    assert effect.may_put_back == ()


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "no trail": ({"mode": "adopt"}, {}, ["trail.trails: names no trail to adopt"]),
    "a trail of ours": (
        {"trails": ["org-trail"], "baseline": {"org-trail": LEAST}},
        {},
        [
            "trail.baseline: is about trails that exist already; allowed: mode: adopt",
            "trail.trails: is about trails that exist already; allowed: mode: adopt",
        ],
    ),
    "what only a trail of ours has": (
        adopt("org-trail", name="mine", deliveryTopic=True, layout="per-region", retentionDays=30, tags={"team": "x"}),
        {},
        [f"trail.{key}: is about a trail that the stack makes" for key in ("deliveryTopic", "layout", "name")],
    ),
    "a trail without a log group": (
        adopt("org-trail", baseline={"org-trail": {"deliveryRole": ROLE, "bucket": "acme-logs"}}),
        {},
        ["trail.baseline.org-trail.logGroup: is missing"],
    ),
    "an empty log group": (
        adopt("org-trail", baseline={"org-trail": {**LEAST, "logGroup": ""}}),
        {},
        ["trail.baseline.org-trail.logGroup: is not a log group"],
    ),
    "nothing said of a trail": (
        adopt("org-trail", "other", baseline={"org-trail": LEAST}),
        {},
        ["trail.baseline: says nothing of other: without it nobody knows what to guard"],
    ),
    "something said of no trail": (
        adopt("org-trail", baseline={"org-trail": LEAST, "other": OTHER}),
        {},
        ["trail.baseline.other: is about a trail that trails does not name; allowed: org-trail"],
    ),
    "twice the same": (
        adopt("org-trail", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-trail", baseline={"org-trail": LEAST}),
        {},
        ["trail.trails[1]: is listed twice, first as org-trail"],
    ),
    "nothing at home": (
        adopt(FAR),
        {},
        ["homeRegion: is not the home region of any adopted trail, and topics and functions live beside a trail"],
    ),
    "two accounts": (
        adopt("org-trail", "arn:aws:cloudtrail:eu-west-2:444455556666:trail/other"),
        {},
        ["trail.trails[1]: belongs to account 444455556666, the others to 111122223333"],
    ),
    "the delivery role of another account": (
        adopt("org-trail", FAR, baseline={"org-trail": LEAST, FAR: {**LEAST, "deliveryRole": ROLE.replace("1", "9")}}),
        {},
        [f"trail.baseline.{FAR}.deliveryRole: belongs to account 999922223333, the others to 111122223333"],
    ),
    "another partition": (
        adopt("org-trail", "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/other"),
        {},
        ["trail.trails[1]: lies in us-gov-west-1; the home region eu-west-1 is of the partition aws"],
    ),
    "a partition that the region is not of": (
        adopt("org-trail", "arn:aws-us-gov:cloudtrail:eu-west-1:111122223333:trail/other"),
        {},
        ["trail.trails[1]: says aws-us-gov, and eu-west-1 is of aws", "trail.baseline: has 2 trails that write to"],
    ),
    "a log group elsewhere": (
        adopt(
            "org-trail",
            baseline={"org-trail": {**LEAST, "logGroup": "arn:aws:logs:us-east-1:111122223333:log-group:x"}},
        ),
        {},
        ["trail.baseline.org-trail.logGroup: lies in us-east-1; CloudTrail writes to a log group in the trail's home"],
    ),
    "one log group for two": (
        adopt("org-trail", "other"),
        {},
        ["trail.baseline: has 2 trails that write to the log group trail-logs: each event would count 2 times"],
    ),
    "names that would be there twice": (
        adopt("org-trail", "other", baseline={"org-trail": LEAST, "other": OTHER}),
        {
            "alerts": {"alarmPrefix": "acme-"},
            "eventSets": {"trail-changes": {"alarmName": "Trail changes"}},
            "sourceIps": [{"name": "office", "cidr": "203.0.113.0/24", "alarmName": "Office"}],
        },
        [
            "alerts.alarmPrefix: names alarms that would be there twice: eu-west-1 has more than one guarded trail",
            "eventSets.trail-changes.alarmName: names alarms that would be there twice",
            "sourceIps[0].alarmName: names alarms that would be there twice",
        ],
    ),
    "what CloudTrail refuses": (
        adopt("org-trail", baseline={"org-trail": {**LEAST, "globalEvents": False}}),
        {},
        ["trail.baseline.org-trail.globalEvents: is refused by CloudTrail for a trail of all regions"],
    ),
    "a key by its alias": (
        adopt("org-trail", baseline={"org-trail": {**LEAST, "kmsKey": "arn:aws:kms:eu-west-1:111122223333:alias/x"}}),
        {},
        ["trail.baseline.org-trail.kmsKey: is not the ARN of a KMS key"],
    ),
    "mixed selectors": (
        adopt(
            "org-trail",
            baseline={"org-trail": {**LEAST, "selectors": [{"ReadWriteType": "All"}, {"FieldSelectors": []}]}},
        ),
        {},
        ["trail.baseline.org-trail.selectors: mix basic and advanced selectors"],
    ),
    "more selectors than a parameter holds": (
        adopt(
            "org-trail",
            baseline={"org-trail": {**LEAST, "selectors": [{"ReadWriteType": "All"}] * 150}},
        ),
        {},
        ["trail.baseline.org-trail.selectors: have "],
    ),
    "a set that would see nothing": (
        adopt("org-trail", baseline={"org-trail": {**LEAST, "multiRegion": False}}),
        {"eventSets": ["trail-changes", "out-of-region"]},
        ["eventSets.out-of-region: would see nothing: no adopted trail records other regions"],
    ),
    "restart where it says nothing": (
        {"mode": "create"},
        {"remediation": {"restart": True}},
        ["remediation.restart: starts a stopped trail where everything else is only told, and remediation.mode"],
    ),
    "a baseline that is no mapping": (
        {"mode": "adopt", "trails": ["org-trail"], "baseline": ["org-trail"]},
        {},
        ["trail.baseline: must map trails to what they should be"],
    ),
    "a trail that is none": (
        {"mode": "adopt", "trails": ["arn:aws:s3:::acme"], "baseline": {}},
        {},
        ["trail.trails[0]: is not the ARN of a trail"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    trail, changes, expected = REFUSED[case]
    said = problems(trail, **{"eventSets": ["trail-changes"], **changes})
    assert len(said) == len(expected), said
    for text, beginning in zip(sorted(said), sorted(expected), strict=True):
        assert text.startswith(beginning), text


def test_a_key_a_bucket_and_a_topic_may_belong_to_a_log_archive() -> None:
    theirs = {
        "kmsKey": "arn:aws:kms:eu-west-1:444455556666:key/11111111-2222-4333-8444-555555555555",
        "deliveryTopic": "arn:aws:sns:eu-west-1:444455556666:log-files",
    }
    assert baseline(**theirs).account == "111122223333"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("aws-cloudtrail-logs", "aws-cloudtrail-logs"),
        ("arn:aws:logs:eu-west-1:111122223333:log-group:/cloud/trail", "/cloud/trail"),
        ("arn:aws:logs:eu-west-1:111122223333:log-group:/cloud/trail:*", "/cloud/trail"),
    ],
)
def test_log_groups_are_taken_as_cloudtrail_shows_them(written: str, name: str) -> None:
    assert baseline(logGroup=written).log_group_name == name


CONDITION = st.fixed_dictionaries(
    {"Field": st.sampled_from(["eventSource", "readOnly", "eventName"])},
    optional={
        "Equals": st.lists(st.sampled_from(["true", "false", "kms.amazonaws.com", "GetTrailStatus"]), min_size=1),
        "NotEquals": st.lists(st.sampled_from(["true", "kms.amazonaws.com"]), min_size=1),
    },
).filter(lambda condition: len(condition) > 1)
ADVANCED = st.builds(
    lambda category, more: {"FieldSelectors": [{"Field": "eventCategory", "Equals": [category]}, *more]},
    st.sampled_from(["Management", "Data"]),
    st.lists(CONDITION, max_size=2),
)
BASIC = st.fixed_dictionaries(
    {"ReadWriteType": st.sampled_from(["All", "ReadOnly", "WriteOnly"])},
    optional={
        "IncludeManagementEvents": st.booleans(),
        "ExcludeManagementEventSources": st.lists(st.just("kms.amazonaws.com"), max_size=1),
        "DataResources": st.just([{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]),
    },
)


@hypothesis_settings(max_examples=examples(120))
@given(st.one_of(st.lists(BASIC, min_size=1, max_size=3), st.lists(ADVANCED, min_size=1, max_size=3)), st.booleans())
def test_what_a_baseline_gives_up_is_what_the_floor_would_refuse(
    selectors: list[dict[str, Any]], is_wide: bool
) -> None:
    """The settings room and the function each read selectors; were they of two minds, no baseline could be restored."""
    made = baseline(selectors=selectors, multiRegion=is_wide, validation=is_wide)
    key = "AdvancedEventSelectors" if "FieldSelectors" in selectors[0] else "EventSelectors"
    setup = Setup.read(
        {
            "IsMultiRegionTrail": is_wide,
            "IncludeGlobalServiceEvents": True,
            "LogFileValidationEnabled": is_wide,
            "S3BucketName": "b",
            "CloudWatchLogsLogGroupArn": "g",
            "CloudWatchLogsRoleArn": "r",
            key: selectors,
        }
    )
    assert not weaknesses(setup, is_logging=True, waived=made.waived)
    for each in made.waived:
        assert weaknesses(setup, is_logging=True, waived=made.waived - {each}), each
    assert made.waived == unrecorded(selectors) | (frozenset() if is_wide else {"multi-region", "validation"})


@pytest.mark.parametrize(
    ("selectors", "are_recorded"),
    [
        ([{"ReadWriteType": "All"}], True),
        ([{"ReadWriteType": "ReadOnly"}], True),
        ([{"ReadWriteType": "WriteOnly"}], False),
        ([{"ReadWriteType": "All", "IncludeManagementEvents": False}], False),
        ([{"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}], True),
        ([{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}], True),
        ([{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}], False),
        (
            [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Management"]},
                        {"Field": "eventSource", "NotStartsWith": ["cloudtrail."]},
                    ]
                }
            ],
            False,
        ),
        (
            [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Management"]},
                        {
                            "Field": "userIdentity.arn",
                            "NotStartsWith": ["arn:aws:sts::111122223333:assumed-role/guardian"],
                        },
                    ]
                }
            ],
            False,  # whether that is our guardian nobody knows here
        ),
    ],
)
def test_a_guardian_that_is_not_recorded_has_no_canary(selectors: list[dict[str, Any]], are_recorded: bool) -> None:
    assert record_looks_at_trails(selectors) is are_recorded
    (site,) = settings(adopt("org-trail", baseline={"org-trail": {**LEAST, "selectors": selectors}})).trails
    assert site.records_reads is are_recorded
