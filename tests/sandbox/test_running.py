"""What counts as a function at work."""

from __future__ import annotations

from sandbox.running import Running


def test_an_event_counts_once_from_submission_to_the_end_of_its_run() -> None:
    running, event = Running(), {"n": 1}
    assert running.is_idle
    running.submit(event)
    assert not running.is_idle
    running.done(running.begin(event))
    assert running.is_idle


def test_a_second_attempt_counts_while_it_runs() -> None:
    running, event = Running(), {"n": 1}
    running.submit(event)
    running.done(running.begin(event))
    era = running.begin(event)
    assert not running.is_idle
    running.done(era)
    assert running.is_idle


def test_equal_events_are_two() -> None:
    running, one, other = Running(), {"n": 1}, {"n": 1}
    running.submit(one)
    running.submit(other)
    running.done(running.begin(one))
    assert not running.is_idle
    running.done(running.begin(other))
    assert running.is_idle


def test_what_is_certain_to_come_counts() -> None:
    running = Running()
    era = running.add()
    running.add()
    running.done(era)
    assert not running.is_idle


def test_what_began_before_a_reset_does_not_count_after_it() -> None:
    running = Running()
    old = running.add()
    running.clear()
    assert running.is_idle
    new = running.add()
    running.done(old)
    assert not running.is_idle
    running.done(new)
    assert running.is_idle
