"""One mail for each event over all ways: alarms of several watches, event rules, the guardian, suppressions."""

from datetime import timedelta
from typing import Any

from common.trail_calls import SEEN

from tests.support.alarm_mails import POLICY, told
from tests.support.explainer_world import OFFICE, TRAIL_ARN, World, by_rule, many, record, watch


def test_an_event_of_two_watches_is_told_once_as_loud_as_the_loudest():
    root = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"}
    world = World()
    world.happens(record(userIdentity=root))
    world.deliver(world.rings(POLICY))
    world.deliver(world.rings("root-account-use"))
    (subject,) = told(world)
    assert subject.startswith("[critical] ")
    assert "PutUserPolicy by root" in subject
    assert world.row("Also") == "IAM policy changes (high)"


def test_nobody_hides_in_the_crowd_of_a_noisy_watch():
    """What is told in numbers only is not told for those who find it, too."""
    world = World(watches=(watch(POLICY), {**OFFICE, "threshold": 1, "severity": "low"}))
    world.happens(*many(60, "ListUsers"), record(event_id="hidden-0001"))
    world.deliver(world.rings("office", 61.0))
    world.deliver(world.rings(POLICY))
    assert told(world) == [
        "[low] 61 calls from 203.0.113.77 in 5 min (threshold 1)",
        "[high] IAM policy changes: PutUserPolicy by mallory",
    ]
    assert "hidden-0001" in world.published[1]["Message"]


def test_what_came_by_the_event_rule_is_not_told_by_the_alarm():
    root = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"}
    event = record("CreateUser", userIdentity=root)
    world = World()
    assert world.deliver(by_rule(event))["did"] == "told"
    world.happens(event)
    world.hands.move(200)
    assert world.deliver(world.rings("root-account-use"))["did"] == "told by another mail"
    assert len(world.published) == 1
    assert world.row("When") == "2026-11-21 03:12:09 UTC · noticed after 2 min by the event rule"


def test_nor_is_it_while_the_log_is_late():
    root = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"}
    world = World(late_s=400)
    event = record("CreateUser", userIdentity=root)
    world.deliver(by_rule(event))
    world.happens(event)
    assert world.deliver(world.rings("root-account-use"))["did"] == "told by another mail"
    assert len(world.published) == 1


def test_a_storm_of_critical_events_is_told_by_five_mails_and_then_by_the_alarm():
    root = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"}
    world = World()
    events = many(40, "CreateUser", userIdentity=root)
    for event in events:
        world.deliver(by_rule(event))
    assert len(world.published) == 5
    world.happens(*events)
    world.deliver(world.rings("root-account-use", 40.0))
    assert told(world)[5:] == ["[critical] The root user did something: 35 x CreateUser by root"]
    assert world.row("Not here", mail=5) == "5 of its events are told by another mail"


def guardian_noted(world: World, key: str) -> None:
    expires = round((world.hands.at + timedelta(days=1)).timestamp())
    item = {"trail": {"S": TRAIL_ARN}, "id": {"S": key}, "expiresAt": {"N": str(expires)}}
    world.table.items[TRAIL_ARN, key] = item


def stop(**changed: Any) -> dict[str, Any]:
    asked = {"requestParameters": {"name": TRAIL_ARN}, "eventSource": "cloudtrail.amazonaws.com"}
    return record("StopLogging", **{**asked, "awsRegion": "eu-west-1", **changed})


def test_what_the_guardian_told_is_not_told_again():
    world = World()
    world.happens(stop())
    guardian_noted(world, f"{SEEN}{stop()['eventID']}")
    world.hands.move(200)
    assert world.deliver(world.rings("trail-changes"))["did"] == "told by another mail"
    assert world.deliver(by_rule(stop()))["did"] == "the guardian's"
    assert world.published == []


def test_the_guardians_own_call_is_nobodys_news():
    world = World()
    world.happens(stop(eventName="StartLogging", requestID="its-own"))
    guardian_noted(world, "call#its-own")
    world.deliver(world.rings("trail-changes"))
    assert world.published == []


def test_what_the_guardian_never_saw_is_told_once_it_had_its_time():
    """EventBridge promises nothing, and whoever stops the guardian stops its mails."""
    world = World()
    world.happens(stop())
    assert world.deliver(world.rings("trail-changes"))["did"] == "told by another mail"
    world.sweep()
    assert told(world) == ["[critical] Trail changes: StopLogging by mallory"]


def test_another_trail_is_not_the_guardians():
    world = World()
    world.happens(stop(requestParameters={"name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other"}))
    assert world.deliver(world.rings("trail-changes"))["did"] == "told"


def test_without_a_guardian_its_events_are_told_as_all_others():
    world = World()
    world.happens(stop())
    world.deliver(world.rings("trail-changes"), TRAIL_ARN="")
    assert len(world.published) == 1


# -- suppressions


DEPLOYER = {
    "name": "deployer",
    "pattern": '{ ($.userIdentity.arn = "arn:aws:iam::111122223333:user/mallory") && ($.eventName = "PutUserPolicy") }',
    "reason": "the pipeline does this",
    "until": None,
}


def test_what_people_called_harmless_is_counted_and_not_told():
    world = World(suppressions=(DEPLOYER,))
    world.happens(record())
    assert world.deliver(world.rings(POLICY))["did"] == "left out on purpose"
    assert world.published == []
    item = world.table.items["explainer", "suppressed#2026-11-21#deployer"]
    assert (item["total"], item["watches"]) == ({"N": "1"}, {"SS": [POLICY]})
    world.sweep()
    assert world.table.items["explainer", "suppressed#2026-11-21#deployer"]["total"] == {"N": "1"}


def test_one_event_that_is_not_suppressed_is_enough_for_the_mail():
    world = World(suppressions=(DEPLOYER,))
    world.happens(*many(3), record("AttachUserPolicy", event_id="other-0001"))
    world.deliver(world.rings(POLICY, 4.0))
    assert told(world) == ["[high] IAM policy changes: AttachUserPolicy by mallory"]
    assert world.row("Not here") == "3 suppressed by deployer"


def test_a_suppression_that_has_run_out_holds_nothing_back():
    world = World(suppressions=({**DEPLOYER, "until": "2026-11-21T03:00:00Z"},))
    world.happens(record())
    world.deliver(world.rings(POLICY))
    assert len(world.published) == 1


def test_no_suppression_holds_for_what_is_critical_too():
    root = {"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root"}
    pattern = '{ $.userIdentity.arn = "arn:aws:iam::111122223333:root" }'
    world = World(suppressions=({**DEPLOYER, "pattern": pattern},))
    world.happens(record(userIdentity=root))
    world.deliver(world.rings(POLICY))
    assert len(world.published) == 1
