"""The floor of the desired state, and what a deployment may give up of it: only what its stack file says outright."""

from typing import Any

import pytest
from guardian.floor import weaknesses
from guardian.remit import WAIVABLE
from guardian.setup import Setup

from tests.support.guardian_world import FakeAws, document, environment, wake

MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}


def basic(kind: str = "All", **more: Any) -> dict[str, Any]:
    return {"EventSelectors": [{"ReadWriteType": kind, "IncludeManagementEvents": True, **more}]}


NONE = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]}
WITHOUT_KMS = {
    "AdvancedEventSelectors": [
        {"FieldSelectors": [MANAGEMENT, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]}
    ],
}
# What is weaker than the floor, and the waivers without which it is refused.
WEAKER: list[tuple[dict[str, Any], set[str]]] = [
    ({"IsMultiRegionTrail": False}, {"multi-region"}),
    ({"IncludeGlobalServiceEvents": False}, {"global-events"}),
    ({"LogFileValidationEnabled": False}, {"validation"}),
    (basic("WriteOnly"), {"management-reads"}),
    (basic("ReadOnly"), {"management-writes"}),
    (NONE, {"management-reads", "management-writes"}),
    (WITHOUT_KMS, {"management-sources"}),
    ({"IsMultiRegionTrail": False, **basic("WriteOnly")}, {"multi-region", "management-reads"}),
]


def setup(**changed: Any) -> Setup:
    trail = document(**changed)["trail"]
    if "AdvancedEventSelectors" in changed:
        del trail["EventSelectors"]
    return Setup.read(trail)


@pytest.mark.parametrize(("changed", "needed"), WEAKER)
def test_what_is_waived_is_not_demanded_and_everything_else_is(changed: dict[str, Any], needed: set[str]) -> None:
    weak = setup(**changed)
    assert weaknesses(weak, is_logging=True)
    assert not weaknesses(weak, is_logging=True, waived=frozenset(needed))
    for each in needed:
        assert weaknesses(weak, is_logging=True, waived=frozenset(WAIVABLE) - {each}), each


@pytest.mark.parametrize(
    "changed", [{"S3BucketName": ""}, {"CloudWatchLogsLogGroupArn": ""}, {"CloudWatchLogsRoleArn": ""}]
)
def test_where_a_trail_writes_is_never_waived(changed: dict[str, Any]) -> None:
    assert weaknesses(setup(**changed), is_logging=True, waived=frozenset(WAIVABLE))


def test_that_a_trail_logs_is_never_waived() -> None:
    assert weaknesses(setup(), is_logging=False, waived=frozenset(WAIVABLE)) == ("logging is off",)


def test_the_environment_names_what_is_waived() -> None:
    assert environment().waived == frozenset()
    assert environment(WAIVED="multi-region,global-events").waived == {"multi-region", "global-events"}


def test_a_single_region_trail_is_restored_where_the_deployment_has_one() -> None:
    """The trail of one region in a stack that has one in each: what narrows it further is undone."""
    local = {"IsMultiRegionTrail": False, "IncludeGlobalServiceEvents": False}
    aws = FakeAws(wanted=document(**local), is_logging=True)
    aws.settings |= local
    aws.selectors = basic("ReadOnly")
    woken = wake("put-event-selectors", aws, WAIVED="multi-region,global-events")
    assert woken.raised is None
    assert [name for name, _ in aws.requests] == ["PutEventSelectors"]
