"""What no guarded trail records is said; a stack that makes its trails has no such spot."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from settings import Settings, blind_spots
from tests.support.answers_strategy import answers

BASE: dict[str, Any] = {"emails": ["security@example.com"], "eventSets": ["trail-changes"]}
IAM = "No guarded trail records IAM, console sign-ins and the root user, whose events arise in us-east-1"


def adopted(home: str, *, regions: list[str], **baseline: Any) -> Settings:
    least = {"logGroup": "logs", "deliveryRole": "arn:aws:iam::111122223333:role/delivery", "bucket": "acme-logs"}
    trail = {"mode": "adopt", "trails": ["org-trail"], "baseline": {"org-trail": {**least, **baseline}}}
    data = {**BASE, "homeRegion": home, "regions": regions, "trail": trail}
    return Settings.parse(data, stack="prod", source="test")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (adopted("eu-west-1", regions=["eu-west-1", "us-east-1"]), []),
        (
            adopted("eu-west-1", regions=["eu-west-1", "us-east-1"], multiRegion=False),
            [IAM, "us-east-1 is among the regions, and no guarded trail records it."],
        ),
        (adopted("us-east-1", regions=["us-east-1"], multiRegion=False), []),
        (adopted("us-east-1", regions=["us-east-1"], multiRegion=False, globalEvents=False), [IAM]),
    ],
)
def test_what_is_said(made: Settings, said: list[str]) -> None:
    sentences = blind_spots(made)
    assert len(sentences) == len(said)
    for sentence, beginning in zip(sentences, said, strict=True):
        assert sentence.startswith(beginning)


@hypothesis_settings(max_examples=30)
@given(answers())
def test_a_trail_of_ours_sees_all_regions(data: dict[str, Any]) -> None:
    assert blind_spots(Settings.parse(data, stack="prod", source="test")) == ()


def test_trails_in_each_region_see_each() -> None:
    regions = ["eu-west-1", "us-east-1"]
    data = {**BASE, "homeRegion": "eu-west-1", "regions": regions, "trail": {"layout": "per-region"}}
    assert blind_spots(Settings.parse(data, stack="prod", source="test")) == ()
