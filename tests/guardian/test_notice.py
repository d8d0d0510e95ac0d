"""Subjects of mails that no event stands behind: the name gives way first, then the account, never what happened."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from common.ledger import Entry, Phase
from common.report import Report
from guardian import notice
from guardian.environment import Environment
from guardian.headline import SUBJECT_LIMIT
from guardian.maintenance import Maintenance, Unusable
from guardian.sweep import deliveries, rule
from guardian.trail import Logging, State

from tests.support.guardian_world import FakeAws, deliver, environment, refusal, sample

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NAMES = ("t1", "trailwarden-prod", "n" * 64, "n" * 128)
REGIONS = ("eu-west-1", "ap-southeast-7", "us-gov-west-1")
LASTED = (timedelta(hours=1), timedelta(hours=23, minutes=59), timedelta(days=40, hours=23))


def place(name: str, region: str) -> Environment:
    partition = "aws-us-gov" if "gov" in region else "aws"
    return environment(
        TRAIL_ARN=f"arn:{partition}:cloudtrail:{region}:111122223333:trail/{name}",
        RULE_ARN=f"arn:{partition}:events:{region}:111122223333:rule/{name[:64]}",
    )


def trail(where: Environment, **more: Any) -> FakeAws:
    return FakeAws(trail_arn=where.trail.arn, **more)


def drifted(where: Environment) -> FakeAws:
    denied = [refusal("AccessDeniedException") for _ in range(20)]
    aws = trail(where, is_logging=True, refuse={"UpdateTrail": denied})
    aws.settings |= {"IsMultiRegionTrail": False, "S3BucketName": "mallorys" * 6}
    return aws


DENIED = "AccessDeniedException"
# what is told of later: the world that makes the incident, and what its subjects must say whole
LASTING: dict[str, tuple[Callable[[Environment], FakeAws], str]] = {
    "gone": (lambda where: trail(where, is_gone=True), "does not exist any more and IS NOT LOGGING"),
    "not restored": (
        lambda where: trail(where, refuse={"StartLogging": [refusal(DENIED)]}),
        "was found stopped and IS NOT LOGGING",
    ),
    "unreadable": (
        lambda where: trail(where, refuse={"GetTrailStatus": [refusal(DENIED) for _ in range(9)]}),
        "may be stopped",
    ),
    "drift": (drifted, "The trail was changed"),
    "weak": (lambda where: trail(where, is_logging=True, wanted="x"), "The desired state of "),
    "unreadable document": (
        lambda where: trail(where, is_logging=True, refuse={"GetParameter": [refusal(DENIED) for _ in range(9)]}),
        "cannot be read",
    ),
    "settings": (
        lambda where: trail(where, is_logging=True, refuse={"GetTrail": [refusal(DENIED) for _ in range(9)]}),
        "cannot be read",
    ),
}


def told(incident: str, where: Environment) -> str:
    """The sentence that the ledger keeps of an incident."""
    aws = LASTING[incident][0](where)
    deliver(sample("alarm-aws"), aws)
    (what,) = {item["what"]["S"] for item in aws.table.items.values() if "what" in item}
    return what


def entry(what: str, lasted: timedelta) -> Entry:
    return Entry(
        key="k",
        phase=Phase.OPEN,
        what=what,
        severity="critical",
        opened_at=NOON - lasted,
        remind_at=None,
        lease_until=None,
    )


def check(report: Report, region: str, said: str) -> None:
    assert len(report.subject) <= SUBJECT_LIMIT
    happened, _, where = report.subject.rpartition(" - ")
    assert where in (f"111122223333 {region}", region)
    assert said in happened


@pytest.mark.parametrize("lasted", LASTED)
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("incident", LASTING)
def test_what_lasts_is_never_cut(incident: str, name: str, region: str, lasted: timedelta):
    where, said = place(name, region), LASTING[incident][1]
    of = entry(told(incident, where), lasted)
    for report in (
        notice.reminder(of, environment=where, now=NOON),
        notice.cleared(of, environment=where, now=NOON),
        notice.left_behind(of, lasts=None, environment=where),
    ):
        check(report, region, said)


@pytest.mark.parametrize("rule_state", ["", "DISABLED", "?AccessDeniedException"])
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", NAMES)
def test_what_the_sweep_sees_is_never_cut(name: str, region: str, rule_state: str):
    where = place(name, region)
    state = State(
        logging=Logging.ON, started_at=NOON - timedelta(days=9), bucket_error="e" * 90, logs_delivered_at=NOON
    )
    later = NOON + timedelta(hours=5, minutes=3)
    seen = (*deliveries(state, environment=where, now=later), *rule(rule_state, environment=where))
    found = {each.key: each for each in seen}
    said = {
        "rule": {"": "does not exist any more", "DISABLED": "is disabled"}.get(rule_state, "cannot be looked at"),
        "delivery#bucket": "Delivery to the bucket",
        "delivery#log-group": "Delivery to the log group",
    }
    assert found.keys() == said.keys()
    ends = {"rule": "", "delivery#bucket": "fails", "delivery#log-group": "has ceased"}
    for key, each in found.items():
        first = notice.notice(
            severity=each.severity, title=each.title, sentence=each.sentence, key=each.key, environment=where
        )
        for lasted in LASTED:
            of = entry(each.sentence, lasted)
            again = notice.reminder(of, environment=where, now=NOON)
            for report in (first, again, notice.cleared(of, environment=where, now=NOON)):
                check(report, region, said[key])
                assert ends[key] in report.subject


@pytest.mark.parametrize("author", ["ann", "a" * 64, "weird+name=1,2.3@x" * 6])
@pytest.mark.parametrize("region", REGIONS)
def test_planned_work_says_what_it_means(author: str, region: str):
    where = place("trailwarden-prod", region)
    planned = Maintenance(begins=NOON, ends=NOON + timedelta(hours=1), reason="r", author=author)
    check(notice.begins(planned, environment=where), region, ": nothing is put back")
    check(notice.begins(planned, environment=where), region, f"by {author[:6]}"[:6])
    check(
        notice.ends(entry(planned.what, LASTED[0]), environment=where, now=NOON),
        region,
        "is over: the trail is guarded",
    )
    check(notice.was(planned, environment=where), region, ": told when it was over")
    check(notice.unusable(Unusable(problems=("it needs a reason",)), environment=where), region, "nothing is lowered")


@pytest.mark.parametrize(
    ("what", "subject"),
    [
        (
            "The trail was changed: multi-region: off, wanted on; bucket: mallorys, wanted ours",
            "Still so after 1 h: The trail was changed: multi-region: off... - 111122223333 eu-west-1",
        ),
        ("Event rule guardian-7a8b9c0 is disabled.", "Still so after 1 h: Event rule guardian-7a8b9c0 is disabled"),
    ],
)
def test_as_much_as_fits_is_said(what: str, subject: str):
    """What follows the first clause gives way before a name or the account does."""
    found = notice.reminder(entry(what, LASTED[0]), environment=place("trailwarden-prod", "eu-west-1"), now=NOON)
    assert found.subject.startswith(f"[critical] {subject}")
