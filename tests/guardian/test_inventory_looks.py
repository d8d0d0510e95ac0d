"""How the sweep looks at what was deployed: in peace, in the middle of a deployment, and where AWS refuses."""

import pytest
from guardian.inventory.document import digest_of

from tests.support.fake_things import (
    ALARM,
    FILTER,
    INSIGHT_RULE,
    FakeThings,
    document,
    thing,
    things,
)
from tests.support.guardian_world import refusal, wake
from tests.support.inventory_sweeps import SWEEP, aws_of, sweep, told_by


def test_a_healthy_deployment_is_looked_at_within_bounds_and_without_waiting():
    aws = aws_of()
    assert sweep(aws, times=3) == []
    assert aws.hands.slept == []
    assert len(aws.reads) / 3 < 50


def test_what_aws_states_of_its_own_accord_is_no_news():
    """Defaults, labels, the state of things, and a warm-up that is over."""
    aws = aws_of()
    found = aws.things
    found.alarms[ALARM].pop("WarmUpConfiguration")
    found.alarms[ALARM].update(
        AlarmArn="arn:alarm",
        DatapointsToAlarm=1,
        Dimensions=[],
        EvaluationState="PARTIAL_DATA",
        EvaluationWindow={"SlidingWindow": {}},
        Metrics=[],
        OKActions=[],
        StateReason="Threshold Crossed",
        StateValue="ALARM",
        ThresholdMetricId=None,
    )
    found.filters[FILTER].update(
        applyOnTransformedLogs=False, creationTime=1, emitSystemFieldDimensions=[], fieldSelectionCriteria=""
    )
    found.filters[FILTER]["metricTransformations"][0].update(dimensions={}, unit="None")
    found.group.update(
        bearerTokenAuthenticationEnabled=False,
        dataProtectionStatus="DELETED",
        deletionProtectionEnabled=True,
        inheritedProperties=[],
        logGroupClass="STANDARD",
        metricFilterCount=30,
        storedBytes=7,
    )
    found.insight_rules[INSIGHT_RULE].update(ApplyOnTransformedLogs=False, ManagedRule=False)
    assert sweep(aws, times=3) == []


def test_a_deployment_in_the_middle_of_its_calls_is_left_alone():
    """The alarm is changed, and the inventory is written half a minute later."""
    aws = aws_of()
    aws.things.alarms[ALARM]["Threshold"] = 5.0
    other = things()
    other[0]["facts"]["threshold"] = 5.0
    text = document(other)

    def on(operation: str) -> None:
        if aws.hands.slept:
            aws.things.inventory = text

    aws.on = on
    aws.hands.move(300)
    wake(SWEEP, aws)
    assert aws.mails == []
    assert aws.hands.slept == [30]


def test_a_short_run_judges_nothing_that_it_cannot_look_at_twice():
    aws = aws_of()
    aws.things.alarms.clear()
    (told,) = sweep(aws)
    assert told
    aws.things.alarms = FakeThings().alarms
    aws.things.filters.clear()
    aws.hands.move(300)
    before = len(aws.mails)
    wake(SWEEP, aws, remaining_s=60)
    assert [mail.split(" after ")[0] for mail in aws.mails[before:]] == ["[medium] Cleared"]
    assert sweep(aws) == [f"[critical] Metric filter {FILTER} gone"]


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("DescribeAlarms", "cloudwatch:DescribeAlarms"),
        ("ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic"),
        ("GetSubscriptionAttributes", "sns:GetSubscriptionAttributes"),
        ("GetDataProtectionPolicy", "sns:GetDataProtectionPolicy"),
        ("GetKeyPolicy", "kms:GetKeyPolicy"),
        ("GetBucketVersioning", "s3:GetBucketVersioning"),
        ("ListRolePolicies", "iam:ListRolePolicies"),
        ("GetQueueAttributes", "sqs:GetQueueAttributes"),
    ],
)
def test_a_refused_look_is_told_once_and_is_no_news_of_the_thing(operation: str, action: str):
    aws = aws_of(refuse={operation: [refusal("AccessDeniedException") for _ in range(6)]})
    (mail,) = sweep(aws, times=3)
    assert mail.startswith(f"[high] The guardian cannot look: {action} AccessDe")
    assert "AccessDenied" in aws.published[0]["Message"]
    aws.refuse.clear()
    assert [mail.split(" after ")[0] for mail in sweep(aws, times=2)] == ["[medium] Cleared"]


def test_one_refusal_that_is_gone_a_moment_later_is_no_news():
    aws = aws_of(refuse={"DescribeAlarms": [refusal("AccessDeniedException")]})
    assert sweep(aws, times=2) == []


def test_what_is_wrong_with_something_that_cannot_be_seen_is_not_cleared():
    aws = aws_of()
    aws.things.alarms.clear()
    assert len(sweep(aws)) == 1
    aws.refuse = {"DescribeAlarms": [refusal("AccessDeniedException") for _ in range(4)]}
    assert not [mail for mail in sweep(aws) if "Cleared" in mail]


def test_many_of_a_kind_make_one_mail():
    names = [f"watch-{number}" for number in range(7)]
    listed = [*things(), *(thing("alarm", name, {"acts": True}, mends=["acts"]) for name in names)]
    aws = aws_of()
    aws.things.inventory = document(listed)
    aws.things.alarms |= {name: {"AlarmName": name, "ActionsEnabled": True} for name in names}
    digest = {"inventory": digest_of(aws.things.inventory)}
    aws.things.alarms.clear()
    assert told_by(aws, digest) == ["[critical] 8 alarms do not exist any more"]
    assert f"{ALARM}, watch-0, watch-1" in aws.published[0]["Message"]
    assert told_by(aws, digest) == []


def test_lists_are_read_to_their_end():
    """The fake answers one thing for each page; a second filter would otherwise look deleted."""
    listed = [*things(), thing("filter", "watch-2", {"metric": "Two"}, of="trail-log-group-1a2b3c4")]
    aws = aws_of()
    aws.things.inventory = document(listed)
    aws.things.filters["watch-2"] = {"filterName": "watch-2", "metricTransformations": [{"metricName": "Two"}]}
    assert told_by(aws, {"inventory": digest_of(aws.things.inventory)}) == []
