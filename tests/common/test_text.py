"""Strangers' text made safe, and short words for moments and durations."""

from datetime import datetime, timedelta

import pytest
from common.text import clean, clock_time, cut, duration, error_name, lapse_s, moment
from hypothesis import given
from hypothesis import strategies as st

from tests.support.guardian_world import STOPPED_AT


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mallory", "mallory"),
        ("two\nlines\r\n", "two\\x0alines\\x0d\\x0a"),
        ("a\x00b\x1b[31mc\x7f", "a\\x00b\\x1b[31mc\\x7f"),
        ("right\u202eleft\u2028next", "right\\u202eleft\\u2028next"),
        ("Jürgen 🦊", "J\\xfcrgen \\U0001f98a"),
        ("\ud800", "\\ud800"),
        ("  Done     nothing to do  ", "Done nothing to do"),
        ("https://evil.example/login", "https[:]//evil.example/login"),
        ("x" * 100, "x" * 77 + "..."),
        (None, ""),
        (7, ""),
        (["x"], ""),
        ({"x": 1}, ""),
        (True, ""),
    ],
)
def test_clean(text, shown):
    assert clean(text) == shown


@given(st.text(), st.integers(3, 200))
def test_clean_is_one_short_line_of_printable_ascii(text, limit):
    shown = clean(text, limit)
    assert len(shown) <= limit
    assert all(" " <= char <= "~" for char in shown)
    assert "  " not in shown
    assert "://" not in shown


@given(st.text(max_size=50), st.integers(3, 60))
def test_cut(text, limit):
    assert len(cut(text, limit)) <= limit
    assert cut(text, limit) == text or cut(text, limit).endswith("...")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "less than 1 s"),
        (0.999, "less than 1 s"),
        (1, "1 s"),
        (1.001, "2 s"),  # never longer than told
        (3.9, "4 s"),
        (119, "119 s"),
        (119.1, "2 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (18_180, "5 h 3 min"),
        (86_400, "1 d"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations(seconds, told):
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        (STOPPED_AT, STOPPED_AT + timedelta(seconds=4), 4.0),
        (STOPPED_AT, STOPPED_AT - timedelta(seconds=0.8), 0.0),  # two clocks never agree wholly
        (STOPPED_AT, STOPPED_AT - timedelta(seconds=30), None),
        (None, STOPPED_AT, None),
        (STOPPED_AT, None, None),
    ],
)
def test_lapses(start: datetime | None, end: datetime | None, seconds: float | None):
    assert lapse_s(start, end) == seconds


def test_moments():
    assert moment(STOPPED_AT) == "2026-11-21 03:12:09 UTC"
    assert clock_time(STOPPED_AT, beside=STOPPED_AT) == "03:12:09 UTC"
    assert clock_time(STOPPED_AT, beside=STOPPED_AT - timedelta(days=1)) == "2026-11-21 03:12:09 UTC"
    assert clock_time(STOPPED_AT, beside=None) == "2026-11-21 03:12:09 UTC"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("AccessDeniedException", "AccessDenied"),
        ("AccessDenied", "AccessDenied"),
        ("Client.UnauthorizedOperation", "Client.UnauthorizedOperation"),
        ("Evil\nSubject: x", "EvilSubjectx"),
        ("Exception", "unknown error"),
        ("", "unknown error"),
    ],
)
def test_error_names(code, name):
    assert error_name(code) == name
