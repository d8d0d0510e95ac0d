"""What deployments and people do to the trail that is no attack: left alone wherever it is met, or told once."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.guardian_world import (
    ALL_MANAGEMENT,
    STOPPED_AT,
    FakeAws,
    Hands,
    document,
    wake,
)
from tests.support.trail_attacks import (
    EVENT_SELECTORS,
    EVIL,
)


class Deployment:
    """`pulumi up` in the provider's order, one step at a time: desired state, UpdateTrail, StartLogging, selectors."""

    def __init__(self, aws: FakeAws, settings: dict[str, Any], selectors: dict[str, Any]) -> None:
        self.aws, self.settings, self.selectors = aws, settings, selectors

    def steps(self):
        yield self.write
        yield self.update
        yield self.start
        yield self.select

    def write(self) -> None:
        self.aws.wanted = document(**self.settings)
        trail = self.aws.wanted["trail"]
        trail.pop("EventSelectors")
        trail.update(self.selectors)
        self.aws.wanted_at = self.aws.hands.at

    def update(self) -> None:
        self.aws.settings.update(self.settings)

    def start(self) -> None:
        self.aws.is_logging = True

    def select(self) -> None:
        self.aws.selectors = self.selectors


DEPLOYMENTS = {
    "bucket": ({"S3BucketName": "new-bucket"}, EVENT_SELECTORS),
    "prefix": ({"S3KeyPrefix": "audit"}, EVENT_SELECTORS),
    "key": ({"KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/new"}, EVENT_SELECTORS),
    "log group": ({"CloudWatchLogsLogGroupArn": EVIL}, EVENT_SELECTORS),
    "delivery role": ({"CloudWatchLogsRoleArn": "arn:aws:iam::111122223333:role/new"}, EVENT_SELECTORS),
    "organization": ({"IsOrganizationTrail": True}, EVENT_SELECTORS),
    "topic": ({"SnsTopicName": "files"}, EVENT_SELECTORS),
    "selectors": (
        {},
        {
            "EventSelectors": [
                *ALL_MANAGEMENT,
                {
                    "IncludeManagementEvents": False,
                    "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
                },
            ]
        },
    ),
    "everything": (
        {"S3BucketName": "new-bucket", "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/new"},
        {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]},
    ),
}


@pytest.mark.parametrize("message", ["add-tags", "remove-tags"])
def test_a_deployment_that_changes_tags_as_well_is_left_alone(message: str):
    aws = FakeAws(is_logging=True, wanted_at=STOPPED_AT - timedelta(seconds=20))
    wake(message, aws)
    assert aws.mails == []
    aws.wanted_at -= timedelta(days=1)
    wake(message, aws)
    assert len(aws.mails) == 1  # nobody deployed: somebody else did it


@pytest.mark.parametrize("message", ["update-trail", "put-event-selectors", "start-by-somebody", "alarm-aws"])
@pytest.mark.parametrize("wakes_after", range(1, 5))
@pytest.mark.parametrize("change", DEPLOYMENTS)
def test_a_deployment_is_left_alone_wherever_it_is_met(change: str, wakes_after: int, message: str):
    """The guardian wakes after the first, second … step, and the deployment goes on while it waits."""
    aws = FakeAws(is_logging=True, hands=Hands(at=STOPPED_AT - timedelta(seconds=20)))
    settings, selectors = DEPLOYMENTS[change]
    steps = list(Deployment(aws, settings, selectors).steps())
    for step in steps[:wakes_after]:
        step()
        aws.hands.move(4)
    rest = steps[wakes_after:]
    real = aws.hands.sleep

    def sleep(seconds: float) -> None:
        while rest:
            rest.pop(0)()
        real(seconds)

    aws.hands.sleep = sleep
    aws.hands.at = max(aws.hands.at, STOPPED_AT + timedelta(seconds=2))
    woken = wake(message, aws)
    assert woken.raised is None
    assert aws.requests == []
    assert aws.mails == []
    assert woken.log[-1]["message"] in ("silent: deployed", "silent: nothing wrong")


def test_a_deployment_that_stops_half_way_is_told_and_finished():
    """What `pulumi up` left undone is drift like any other: the desired state says so."""
    aws = FakeAws(is_logging=True)
    Deployment(aws, {"KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/new"}, EVENT_SELECTORS).write()
    assert wake("alarm-aws", aws).raised is None
    assert aws.requests == [("UpdateTrail", {"KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/new"})]


EXTENSIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "organization": ({"IsOrganizationTrail": True}, EVENT_SELECTORS),
    "topic": ({"SnsTopicName": "files"}, EVENT_SELECTORS),
    "data events": ({}, DEPLOYMENTS["selectors"][1]),
}


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_more_than_is_wanted_is_told_once_and_left(extension: str):
    aws = FakeAws(is_logging=True)
    settings, aws.selectors = EXTENSIONS[extension]
    aws.settings.update(settings)
    wake("update-trail", aws)
    for _ in range(4):
        aws.hands.move(300)
        wake("scheduled-scheduler", aws)
    assert aws.requests == []
    assert aws.mails == ["[medium] Trail changed by mallory: it records more than is wanted"]


def test_a_key_that_nobody_wanted_is_left():
    aws = FakeAws(is_logging=True, wanted=document(KmsKeyId=""))
    wake("update-trail", aws)
    assert aws.requests == []
