"""The regex engine against google-re2, and its promise of linear time."""

import re
import string
import time

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

import filterpattern
from filterpattern import PatternError
from filterpattern._portable_regex import portable_regex
from filterpattern._regex_match import _MAX_MOVES, Matcher
from filterpattern._regex_syntax import parse_regex
from tests.support import regexes
from tests.support.effort import examples

QUIET = re2.Options()
QUIET.log_errors = False
# What we refuse and RE2 accepts: neither is in CloudWatch's documentation.
STRICTER = re.compile(r"named classes|the escape|\\x needs two hexadecimal digits|\\x[89a-fA-F].* is not ASCII")


def matcher(body: str) -> Matcher | PatternError:
    try:
        return Matcher(parse_regex(body, text=body, offset=0))
    except PatternError as error:
        return error


def search(body, text):
    return Matcher(parse_regex(body, text=body, offset=0)).search(text)


@settings(max_examples=examples(200))
@given(regexes.bodies, st.lists(regexes.texts, min_size=1, max_size=6))
def test_verdicts_are_those_of_re2(body, messages):
    try:
        judge = re2.compile(body, QUIET)
    except re2.error:
        with pytest.raises(PatternError):
            parse_regex(body, text=body, offset=0)
        return
    ours = matcher(body)
    if isinstance(ours, PatternError):
        assert STRICTER.match(ours.problem)
        return
    for text in messages:
        assert ours.search(text) is (judge.search(text) is not None), text


@given(st.text(alphabet=st.sampled_from(list(r"ab^$?[]{}|\*+.,-19:xdws")), min_size=1, max_size=12), regexes.texts)
@settings(max_examples=examples(200))
def test_any_text_of_the_alphabet_is_accepted_and_refused_as_by_re2(body, text):
    ours = matcher(body)
    if isinstance(ours, PatternError):
        if not STRICTER.match(ours.problem):
            with pytest.raises(re2.error):
                re2.compile(body, QUIET)
        return
    if "{," not in body:  # documented as 0 to n, plain text in RE2
        assert ours.search(text) is (re2.search(body, text) is not None)


@pytest.mark.parametrize("code", range(128))
def test_every_ascii_character_in_every_class(code):
    char = chr(code)
    for body in (r"\d", r"\D", r"\s", r"\S", r"\w", r"\W", ".", "[^a]", "[a-f]", rf"\x{code:02X}", rf"[^\x{code:02x}]"):
        assert search(body, char) is (re2.search(body, char) is not None), body


def test_the_whole_documented_alphabet_is_accepted():
    for char in string.ascii_letters + string.digits + " :_#=@/;,-":
        assert search(char, f"<{char}>")
        assert not search(char, "<>")
    for operator in r"^$?[]{}|\*+.":
        assert search("\\" + operator, f"<{operator}>")
        assert not search("\\" + operator, "<>")


def test_an_open_lower_bound_is_zero_as_documented():
    assert search("^a{,2}$", "")
    assert search("^a{,2}$", "aa")
    assert not search("^a{,2}$", "aaa")


@settings(max_examples=examples(200))
@given(regexes.bodies, st.lists(regexes.texts, min_size=1, max_size=6))
def test_the_portable_form_is_read_alike_by_other_engines(body, messages):
    ours = matcher(body)
    if isinstance(ours, PatternError):
        return
    portable = portable_regex(body)
    judge, python = re2.compile(portable, QUIET), re.compile(portable_regex(body, end=r"\Z"), re.ASCII)
    for text in messages:
        found = ours.search(text)
        assert (judge.search(text) is not None) is found, (portable, text)
        if "\x0b" not in text:  # Python's \s matches a vertical tab
            assert (python.search(text) is not None) is found, (portable, text)


PORTABLE = [
    ("a{,2}", "a{0,2}"),
    ("a{x}", r"a\{x\}"),
    ("[[a]", r"[\[a]"),
    (r"\s", r"[\x09\x0A\x0C\x0D ]"),
    (r"\D", "[^0-9]"),
    ("[^a]", "[^a]"),
    (".", "."),
    (r"[\d\D]", r"[\s\S]"),
    (r"[^\d\D]", r"[^\s\S]"),
    ("a^b", r"[^\s\S]"),
    ("x*^a$y*|b", "^a$|b"),
    ("a{2}b{2,}c{2,3}d+?", "a{2}b{2,}c{2,3}d+"),
    (r"\x41\x07/-", r"A\x07\/\-"),
]


@pytest.mark.parametrize(("body", "portable"), PORTABLE, ids=[row[0] for row in PORTABLE])
def test_the_portable_form(body, portable):
    assert portable_regex(body) == portable


ANCHORED = [
    ("a^", "a", False),
    ("$a", "a", False),
    ("x*^a", "a", True),
    ("a$x*", "a", True),
    ("a$x+", "ax", False),
    ("^$", "", True),
    ("$^", "", True),
    ("$^", "a", False),
    ("^*a", "ba", True),
    ("^+a", "ba", False),
    ("^{0}a", "ba", True),
    ("a|^", "zzz", True),
    ("b|", "zzz", True),
    ("^a|b$", "ab", True),
    ("^a$", "a\n", False),
    ("a{0}", "", True),
    ("^a{0}$", "a", False),
]


@pytest.mark.parametrize(("body", "text", "found"), ANCHORED, ids=[f"{b} on {t!r}" for b, t, _ in ANCHORED])
def test_anchors_anywhere(body, text, found):
    assert search(body, text) is found
    assert (re2.search(body, text) is not None) is found


def seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


CATASTROPHES = [
    (".*a.*a.*a.*ax", "a"),
    ("a*a*a*a*a*a*a*a*a*b", "a"),
    (".*.*.*.*=.*.*.*;", "x"),
    ("^[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[0-9]$", "a"),
    ("a?" * 60 + "a" * 60 + "b", "a"),
    ("[ab]{1000}c", "ab"),
    ("a.{300}b.{300}c", "abc"),
    (r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$", "1."),
]


@pytest.mark.parametrize(("body", "piece"), CATASTROPHES, ids=[body[:30] for body, _ in CATASTROPHES])
def test_no_regex_is_slow(body, piece):
    """A backtracking engine would never be back. The bound is loose, as the machine is shared."""
    pattern = filterpattern.compile(f"%{body}%")
    text = piece * (200_000 // len(piece))
    assert seconds(lambda: pattern.matches(text)) < 5


def test_the_largest_regex_is_bounded_on_text_without_repetition():
    """Every character leads to a new set of places, so nothing is remembered with profit, and memory stays bounded."""
    body = "|".join(["a" + "[ab]{1000}" * 9 + "c"])
    matcher = Matcher(parse_regex(body, text=body, offset=0))
    state, pieces = 1, []
    for _ in range(30_000):  # a long period, without the `random` module's promises
        state = (state * 1103515245 + 12345) % 2**31
        pieces.append("ab"[state >> 20 & 1])
    assert seconds(lambda: matcher.search("".join(pieces))) < 10
    assert matcher._moves <= _MAX_MOVES + 1


def test_a_matcher_that_forgot_gives_the_same_answers():
    matcher = Matcher(parse_regex("a[ab]{12}c", text="", offset=0))
    text = "".join("ab"[(i * i // 7 + i // 3) % 2] for i in range(30_000))
    assert matcher.search(text) is False
    assert matcher.search(text + "c") is (text[-13] == "a")
    assert matcher.search(text + "abbbbbbbbbbbbc") is True


def test_characters_beyond_ascii_do_not_fill_the_memory():
    matcher = Matcher(parse_regex("x.y", text="", offset=0))
    assert matcher.search("".join(map(chr, range(0x100, 0xD000)))) is False
    assert matcher._moves < 10
    assert matcher.search("x\U0001f600y")
