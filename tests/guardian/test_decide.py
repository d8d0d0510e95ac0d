"""The decision as a table: a message, what the trail does before and after, and what comes of it."""

from datetime import timedelta

import pytest
from common.trail_calls import Whose
from guardian.cause import Cause, Trigger
from guardian.decide import Outcome, Severity, conclude, should_start, without_looking
from guardian.remit import Mode
from guardian.trail import Attempt, Logging, State

from tests.support.guardian_world import STOPPED_AT

ON, OFF, GONE, BLIND = (State(logging=logging) for logging in Logging)
STARTED = Attempt(tries=1, at=STOPPED_AT + timedelta(seconds=3))
DENIED = Attempt(tries=1, error_code="AccessDeniedException")
RESTORE, NOTIFY, DRY_RUN = Mode


def event(operation: str, *, whose: Whose = Whose.OURS, error_code: str = "", by_guardian: bool = False) -> Cause:
    return Cause(
        trigger=Trigger.EVENT_RULE,
        operation=operation,
        whose=whose,
        error_code=error_code,
        by_guardian=by_guardian,
        at=STOPPED_AT,
        record={"eventName": operation},
    )


STOP, DELETE, UPDATE, START = (event(name) for name in ("StopLogging", "DeleteTrail", "UpdateTrail", "StartLogging"))
STOP_UNNAMED = event("StopLogging", whose=Whose.UNNAMED)
DELETE_UNNAMED = event("DeleteTrail", whose=Whose.UNNAMED)
STOP_REFUSED = event("StopLogging", error_code="AccessDenied")
DELETE_REFUSED = event("DeleteTrail", error_code="AccessDenied", whose=Whose.UNNAMED)
TAGS_REFUSED = event("AddTags", error_code="AccessDenied")
ALARM = Cause(trigger=Trigger.ALARM, alarm="trail-changes")
SCHEDULE, STRANGE = Cause(trigger=Trigger.SCHEDULE), Cause(trigger=Trigger.UNKNOWN)
EVENTS = {
    "stop": STOP,
    "stop of an unnamed trail": STOP_UNNAMED,
    "delete": DELETE,
    "delete of an unnamed trail": DELETE_UNNAMED,
    "update": UPDATE,
    "start": START,
    "stop refused": STOP_REFUSED,
    "delete refused": DELETE_REFUSED,
    "tags refused": TAGS_REFUSED,
    "alarm": ALARM,
    "schedule": SCHEDULE,
    "strange": STRANGE,
}
EVERYTHING = list(EVENTS)
STOPS = ["stop", "stop of an unnamed trail"]
CHANGES = ["delete", "delete of an unnamed trail", "update", "start"]
REFUSALS = ["stop refused", "delete refused", "tags refused"]
HINTS = ["alarm", "schedule", "strange"]
CRITICAL, HIGH, MEDIUM = Severity

# messages, mode, before, attempt, after: outcome
TABLE = [
    # The trail is found stopped: whatever the message, it is started and read again.
    (EVERYTHING, RESTORE, OFF, STARTED, ON, Outcome.RESTORED),
    (EVERYTHING, RESTORE, OFF, STARTED, OFF, Outcome.NOT_RESTORED),
    (EVERYTHING, RESTORE, OFF, DENIED, OFF, Outcome.NOT_RESTORED),
    (EVERYTHING, RESTORE, OFF, DENIED, ON, Outcome.RUNNING_AGAIN),  # somebody else did it: not claimed as ours
    (EVERYTHING, RESTORE, OFF, STARTED, GONE, Outcome.GONE),
    (EVERYTHING, RESTORE, OFF, DENIED, GONE, Outcome.GONE),
    (EVERYTHING, RESTORE, OFF, STARTED, BLIND, Outcome.UNREADABLE),
    (EVERYTHING, RESTORE, OFF, DENIED, BLIND, Outcome.UNREADABLE),
    (EVERYTHING, NOTIFY, OFF, None, OFF, Outcome.STILL_STOPPED),
    (EVERYTHING, DRY_RUN, OFF, None, OFF, Outcome.STILL_STOPPED),
    # There is no trail any more: nobody claims a repair, whatever the message.
    (EVERYTHING, RESTORE, GONE, None, GONE, Outcome.GONE),
    (EVERYTHING, NOTIFY, GONE, None, GONE, Outcome.GONE),
    (EVERYTHING, DRY_RUN, GONE, None, GONE, Outcome.GONE),
    # AWS does not let us look.
    (EVERYTHING, NOTIFY, BLIND, None, BLIND, Outcome.UNREADABLE),
    (EVERYTHING, DRY_RUN, BLIND, None, BLIND, Outcome.UNREADABLE),
    (EVERYTHING, RESTORE, BLIND, STARTED, BLIND, Outcome.UNREADABLE),
    (EVERYTHING, RESTORE, BLIND, DENIED, BLIND, Outcome.UNREADABLE),
    (EVERYTHING, RESTORE, BLIND, STARTED, OFF, Outcome.NOT_RESTORED),
    (EVERYTHING, RESTORE, BLIND, DENIED, OFF, Outcome.NOT_RESTORED),
    (EVERYTHING, RESTORE, BLIND, STARTED, GONE, Outcome.GONE),
    (EVERYTHING, RESTORE, BLIND, DENIED, GONE, Outcome.GONE),
    ([*STOPS, *HINTS], RESTORE, BLIND, STARTED, ON, Outcome.RESTORED),
    ([*STOPS, *HINTS], RESTORE, BLIND, DENIED, ON, Outcome.RUNNING_AGAIN),
    (CHANGES, RESTORE, BLIND, STARTED, ON, Outcome.CHANGED),
    (CHANGES, RESTORE, BLIND, DENIED, ON, Outcome.CHANGED),
    (REFUSALS, RESTORE, BLIND, STARTED, ON, Outcome.REFUSED),
    (REFUSALS, RESTORE, BLIND, DENIED, ON, Outcome.REFUSED),
    # The trail logs.
    *[
        row
        for mode in Mode
        for row in [
            (["stop"], mode, ON, None, ON, Outcome.RUNNING_AGAIN),
            # Not known to be ours, and ours logs: no word of a stop of ours.
            (["stop of an unnamed trail"], mode, ON, None, ON, Outcome.CHANGED),
            (CHANGES, mode, ON, None, ON, Outcome.CHANGED),
            (REFUSALS, mode, ON, None, ON, Outcome.REFUSED),
            (HINTS, mode, ON, None, ON, Outcome.NOTHING_WRONG),
        ]
    ],
]
ROWS = [
    pytest.param(EVENTS[name], *row, id=f"{name}, {row[0]}: {row[1].logging} -> {row[3].logging}: {row[4]}")
    for names, *row in TABLE
    for name in names
]


@pytest.mark.parametrize(("cause", "mode", "before", "attempt", "after", "outcome"), ROWS)
def test_outcomes(cause, mode, before, attempt, after, outcome):
    assert should_start(before, mode=mode) is (attempt is not None)
    finding = conclude(cause, mode=mode, before=before, attempt=attempt, after=after)
    assert finding.outcome is outcome
    assert finding.is_silent is (outcome is Outcome.NOTHING_WRONG)
    assert finding.is_failure is (outcome in (Outcome.NOT_RESTORED, Outcome.UNREADABLE))


def test_the_table_has_every_way_it_can_go():
    """Each message in each mode, from each state before to each state after that can follow it."""
    possible = {
        (name, mode, before.logging, attempt, after.logging)
        for name in EVENTS
        for mode in Mode
        for before in (ON, OFF, GONE, BLIND)
        for attempt in ((STARTED, DENIED) if should_start(before, mode=mode) else (None,))
        for after in ((ON, OFF, GONE, BLIND) if attempt else (before,))
    }
    told = {
        (name, mode, before.logging, attempt, after.logging)
        for names, mode, before, attempt, after, _ in TABLE
        for name in names
    }
    assert told == possible


@pytest.mark.parametrize("cause", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("after", [OFF, GONE, BLIND], ids=lambda state: state.logging)
def test_nothing_but_a_logging_trail_is_ever_silent(cause, mode, after):
    for before in (ON, OFF, GONE, BLIND):
        for attempt in (None, STARTED, DENIED):
            finding = conclude(cause, mode=mode, before=before, attempt=attempt, after=after)
            assert not finding.is_silent
            assert finding.severity is CRITICAL


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (event("StopLogging", whose=Whose.OTHER), Outcome.NOT_OURS),
        (event("DeleteTrail", whose=Whose.OTHER, error_code="AccessDenied"), Outcome.NOT_OURS),
        (event("StartLogging", by_guardian=True), Outcome.OWN_REPAIR),
        (event("StartLogging", by_guardian=True, error_code="AccessDenied"), Outcome.OWN_REPAIR),
        (event("StopLogging", by_guardian=True), None),  # whoever took the role over is looked at like anybody
        (event("UpdateTrail", by_guardian=True), None),
        *[(cause, None) for cause in EVENTS.values()],
    ],
)
def test_only_other_trails_and_own_repairs_need_no_look(cause, outcome):
    finding = without_looking(cause)
    assert (finding and finding.outcome) is outcome
    assert finding is None or finding.is_silent


@pytest.mark.parametrize(
    ("cause", "severity"),
    [
        (UPDATE, HIGH),
        (event("PutEventSelectors"), HIGH),
        (DELETE, HIGH),
        (STOP_UNNAMED, HIGH),
        (STOP_REFUSED, HIGH),
        (DELETE_REFUSED, HIGH),
        (event("PutInsightSelectors"), MEDIUM),
        (event("CreateTrail"), MEDIUM),
        (event("AddTags"), MEDIUM),
        (event("RemoveTags"), MEDIUM),
        (TAGS_REFUSED, MEDIUM),
        (START, MEDIUM),
        (event("SomethingNew"), MEDIUM),
        (STOP, CRITICAL),
        (event("UpdateTrail", by_guardian=True), CRITICAL),
    ],
)
def test_how_loud_it_is_while_the_trail_logs(cause, severity):
    assert conclude(cause, mode=RESTORE, before=ON, after=ON).severity is severity


STOPPED = State(logging=Logging.OFF, stopped_at=STOPPED_AT - timedelta(minutes=5))
RUNNING = State(logging=Logging.ON, started_at=STOPPED_AT + timedelta(seconds=1.5))


@pytest.mark.parametrize(
    ("cause", "before", "attempt", "after", "gap_s"),
    [
        (STOP, STOPPED, STARTED, ON, 3.0),  # from the event's own time
        (UPDATE, STOPPED, STARTED, ON, 303.0),  # from what CloudTrail remembers: this event did not stop it
        (ALARM, STOPPED, STARTED, ON, 303.0),
        (ALARM, OFF, STARTED, ON, None),
        (STOP, RUNNING, None, RUNNING, 1.5),
        (STOP, ON, None, ON, None),
        (STOP, STOPPED, DENIED, OFF, None),  # still open
        (STOP, ON, None, State(logging=Logging.ON, started_at=STOPPED_AT - timedelta(days=1)), None),  # an older start
    ],
)
def test_the_gap_is_measured_or_not_told(cause, before, attempt, after, gap_s):
    assert conclude(cause, mode=RESTORE, before=before, attempt=attempt, after=after).gap_s == gap_s


@pytest.mark.parametrize(
    ("cause", "after", "is_unknown"),
    [
        (STOP, ON, False),
        (STOP_UNNAMED, ON, False),
        (UPDATE, ON, True),
        (STOP_REFUSED, OFF, True),
        (ALARM, ON, True),
        (DELETE, GONE, False),
        (STOP, GONE, True),
        (ALARM, GONE, True),
    ],
)
def test_nobody_is_blamed_for_what_the_message_does_not_say(cause, after, is_unknown):
    finding = conclude(cause, mode=RESTORE, before=OFF, attempt=STARTED, after=after)
    assert finding.culprit_is_unknown is is_unknown
