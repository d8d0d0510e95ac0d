"""The baseline that is proposed for a trail: valid, no weaker than it should be unless it is meant so, and kept."""

from __future__ import annotations

from typing import Any

import pytest

import account
from account import Trail
from settings import Baseline, Settings
from settings.selectors import unrecorded
from tests.support.account_world import ACCOUNT, FakeTrail, World
from wizard.access import Access
from wizard.baselines import baseline_of, weaknesses
from wizard.look import Sight, look
from wizard.trail_answers import adopted, created, differences
from wizard.verdicts import judge

Selectors = list[dict[str, Any]]
OBJECTS = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::shop/"]}
BASIC: Selectors = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
WRITES_AND_DATA: Selectors = [
    {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [OBJECTS]},
]
NO_KMS: Selectors = [{**BASIC[0], "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]
DATA_ONLY: Selectors = [{"ReadWriteType": "All", "IncludeManagementEvents": False, "DataResources": [OBJECTS]}]
ADVANCED: Selectors = [{"Name": "m", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]
ADVANCED_DATA: Selectors = [
    {
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"], "NotEquals": []},
        ]
    },
]
ADVANCED_WRITES: Selectors = [
    {
        "Name": "w",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Management"]},
            {"Field": "readOnly", "Equals": ["false"]},
        ],
    },
    *ADVANCED_DATA,
]
CASES = (
    ("basic, all", BASIC, 0, BASIC),
    ("writes and data", WRITES_AND_DATA, 1, None),
    ("without KMS", NO_KMS, 1, None),
    ("data only", DATA_ONLY, 1, None),
    ("advanced, all", ADVANCED, 0, ADVANCED),
    ("advanced, writes and data", ADVANCED_WRITES, 1, None),
)


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Looks at an account with these trails."""

    def look_at(*trails: FakeTrail) -> Sight:
        monkeypatch.setattr(account, "session", World(trails=list(trails)).session)
        found = look(Access(), home=None)
        assert isinstance(found, Sight)
        return found

    return look_at


def trail_of(find: Any, **fields: Any) -> Trail:
    return find(FakeTrail(**fields)).trails[0].trail


@pytest.mark.parametrize(("name", "selectors", "weak", "same"), CASES, ids=[each[0] for each in CASES])
def test_what_a_trail_should_record(name: str, selectors: Selectors, weak: int, same: object, find: Any) -> None:
    trail = trail_of(find, selectors=selectors)
    assert len(weaknesses(trail)) == weak, name
    strict, lax = (Baseline.model_validate(baseline_of(trail, is_strict=each)) for each in (True, False))
    assert unrecorded(strict.selectors) == frozenset()
    assert bool(unrecorded(lax.selectors)) == bool(weak), "as it is, if somebody says that it is meant so"
    assert (strict.selectors == lax.selectors) == (same is not None)
    assert _data(strict.selectors) == _data(lax.selectors), "what costs money is neither added nor taken away"


def _data(selectors: Any) -> list[Any]:
    basic = [each for selector in selectors for each in selector.get("DataResources", ())]
    return basic + [each for each in selectors if "Data" in str(each.get("FieldSelectors", ""))]


def test_what_is_found_is_written_and_its_weakness_only_on_demand(find: Any) -> None:
    more = {
        "S3KeyPrefix": "audit",
        "KmsKeyId": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-4333-8444-555555555555",
        "SnsTopicARN": f"arn:aws:sns:eu-west-1:{ACCOUNT}:files",
    }
    trail = trail_of(find, validates=False, organization=True, more=more)
    strict = baseline_of(trail, is_strict=True)
    assert strict == {
        "logGroup": "trail-logs",
        "deliveryRole": f"arn:aws:iam::{ACCOUNT}:role/delivery",
        "bucket": "org-trail-logs",
        "prefix": "audit",
        "kmsKey": more["KmsKeyId"],
        "deliveryTopic": more["SnsTopicARN"],
        "multiRegion": True,
        "globalEvents": True,
        "organization": True,
        "validation": True,
        "selectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}],
    }
    assert baseline_of(trail, is_strict=False) == {**strict, "validation": False}
    assert [each.is_ for each in weaknesses(trail)] == ["log files are not validated"]
    Baseline.model_validate(strict)


def test_a_written_baseline_is_kept_and_what_differs_from_it_is_known(find: Any) -> None:
    """Adopting once more what is adopted already takes nothing of the state that is found."""
    found = find(FakeTrail(logging=True, validates=False))
    verdicts = judge(found, stack="prod")
    written = {**baseline_of(verdicts[0].seen.trail, is_strict=True), "bucket": "another"}
    present = {"mode": "adopt", "trails": ["org-trail"], "baseline": {"org-trail": written}, "retentionDays": 90}
    answer = adopted(verdicts, present, strict={}, home="eu-west-1")
    assert answer.section == present
    trail = verdicts[0].seen.trail
    assert differences(trail, Baseline.model_validate(written)) == ("bucket", "validation")
    assert differences(trail, Baseline.model_validate(baseline_of(trail, is_strict=False))) == ()


@pytest.mark.parametrize("home", [None, "eu-west-1", "us-east-1", "us-west-2"])
def test_trails_of_several_regions_make_settings(home: str | None, find: Any) -> None:
    """By name at home and by ARN elsewhere, with the home region where one of them is."""
    dublin, virginia = (
        FakeTrail(name="dublin", multi=False, group="a"),
        FakeTrail(name="virginia", home="us-east-1", multi=False, group="b"),
    )
    answer = adopted(judge(find(dublin, virginia), stack="prod"), None, strict={}, home=home)
    assert answer.home_region == ("us-east-1" if home == "us-east-1" else "eu-west-1")
    rest = {"homeRegion": answer.home_region, "regions": ["eu-west-1", "us-east-1"], "emails": ["a@example.com"]}
    settings = Settings.parse(
        {**rest, "eventSets": {"trail-changes": {}}, "trail": answer.section}, stack="prod", source="test"
    )
    assert {(site.name, site.region) for site in settings.trails} == {
        ("dublin", "eu-west-1"),
        ("virginia", "us-east-1"),
    }


@pytest.mark.parametrize(("name", "selectors", "weak", "same"), CASES, ids=[each[0] for each in CASES])
def test_a_trail_does_not_differ_from_what_was_written_of_it(
    name: str, selectors: Selectors, weak: int, same: object, find: Any
) -> None:
    more = {"S3KeyPrefix": "audit", "SnsTopicARN": f"arn:aws:sns:eu-west-1:{ACCOUNT}:files"}
    trail = trail_of(find, selectors=selectors, more=more)
    lax = Baseline.model_validate(baseline_of(trail, is_strict=False))
    assert differences(trail, lax) == (), name
    assert differences(trail, lax.model_copy(update={"prefix": "", "delivery_topic": None})) == (
        "deliveryTopic",
        "prefix",
    )
    strict = Baseline.model_validate(baseline_of(trail, is_strict=True))
    assert differences(trail, strict) == (() if same is not None else ("selectors",))


def test_a_choice_keeps_what_else_the_section_decides() -> None:
    present = {"mode": "create", "name": "acme", "retentionDays": 90, "layout": "per-region"}
    assert created("create", present).section == {"mode": "create", "name": "acme", "retentionDays": 90}
    assert created("per-region", present).section == present
    was = {"mode": "adopt", "trails": ["x"], "baseline": {"x": {}}, "tags": {"team": "audit"}}
    assert created("create", was).section == {"mode": "create", "tags": {"team": "audit"}}
