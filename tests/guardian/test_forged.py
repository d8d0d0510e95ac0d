"""Numbers that somebody else wrote into the stack's metrics: told once for each hour, and asked for once an hour."""

from datetime import datetime, timedelta

from tests.support.guardian_world import STOPPED_AT, FakeAws, refusal, wake

FRESH = {
    "LatestDeliveryTime": STOPPED_AT + timedelta(days=9),
    "LatestCloudWatchLogsDeliveryTime": STOPPED_AT + timedelta(days=9),
}


def aws_of(**more: object) -> FakeAws:
    return FakeAws(is_logging=True, started_at=STOPPED_AT - timedelta(days=9), status=dict(FRESH), **more)  # pyright: ignore[reportArgumentType]


def sweep(aws: FakeAws, *, times: int) -> list[str]:
    """The mails of so many sweeps, five minutes apart."""
    before = len(aws.mails)
    for _ in range(times):
        aws.hands.move(300)
        wake("scheduled-scheduler", aws)
    return aws.mails[before:]


def this_hour(aws: FakeAws) -> datetime:
    return aws.hands.clock().now().replace(minute=0, second=0, microsecond=0)


def asked(aws: FakeAws) -> int:
    return aws.reads.count("GetMetricData")


def test_a_number_below_zero_is_told_once_and_never_cleared() -> None:
    aws = aws_of()
    hour = this_hour(aws)
    aws.things.numbers = {"TrailChanges": [(hour, -1000.0), (hour + timedelta(hours=1), 0.0)]}
    (mail,) = sweep(aws, times=40)
    assert mail == "[critical] Metric TrailChanges was forged: -1000"
    said = aws.published[0]["Message"]
    assert f"was -1000 in the hour from {hour:%Y-%m-%d %H:%M} UTC" in said
    assert "to keep the sum, and its alarm, below the threshold" in said
    assert "cloudwatch:namespace" in said


def test_each_hour_is_told() -> None:
    aws = aws_of()
    hour = this_hour(aws)
    aws.things.numbers = {"TrailChanges": [(hour + timedelta(hours=number), -1.0) for number in range(2)]}
    assert len(sweep(aws, times=40)) == 2


def test_it_is_asked_once_an_hour_and_not_at_the_first_sweep() -> None:
    aws = aws_of()
    aws.things.numbers = {"TrailChanges": [(this_hour(aws), 1.0)]}
    sweep(aws, times=1)
    assert asked(aws) == 0
    assert sweep(aws, times=36) == []
    assert asked(aws) == 3


def test_who_may_not_ask_says_so_until_it_may() -> None:
    aws = aws_of(refuse={"GetMetricData": [refusal("AccessDeniedException")]})
    mails = sweep(aws, times=20)
    assert [mail.split(" AccessDenied")[0] for mail in mails] == [
        "[high] The guardian cannot look: cloudwatch:GetMetricData"
    ]
    assert [mail.split(" after ")[0] for mail in sweep(aws, times=12)] == ["[medium] Cleared"]
