"""The space-delimited form: cutting a message into fields, counting them, testing each."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import filterpattern
from filterpattern import PatternError
from filterpattern._fields import split

CUT = [
    ("", []),
    (" \t ", []),
    ("a", ["a"]),
    ("a b", ["a", "b"]),
    (" a \t b ", ["a", "b"]),
    ('"a b" c', ["a b", "c"]),
    ("[a b] c", ["a b", "c"]),
    ('"a"b', ["a", "b"]),  # the closing quote ends the field
    ('""', [""]),
    ("[]x", ["", "x"]),
    ('"a b', ['"a', "b"]),  # unclosed: an ordinary character
    ("[a b", ["[a", "b"]),
    ('x"a b"', ['x"a', 'b"']),
    ('"[a]" ["b"]', ["[a]", '"b"']),
    ("a\nb c", ["a\nb", "c"]),
]


@pytest.mark.parametrize(("message", "fields"), CUT)
def test_cutting(message, fields):
    assert split(message) == fields


LIMITED = [
    ("a b c", 2, ["a", "b c"]),
    ("a b  c ", 2, ["a", "b  c"]),
    ('a "b c"', 2, ["a", "b c"]),
    ('a "b c" d', 2, ["a", '"b c" d']),
    ('a "b c"d', 2, ["a", '"b c"d']),
    ("a [b] [c]", 2, ["a", "[b] [c]"]),
    ("a b", 1, ["a b"]),
    ('"a b"', 1, ["a b"]),
    ("a", 2, ["a"]),
]


@pytest.mark.parametrize(("message", "limit", "fields"), LIMITED)
def test_the_last_field_takes_the_rest(message, limit, fields):
    assert split(message, limit) == fields


LINE = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
MATCHES = [
    ("[]", "", True),
    ("[ ]", "anything at all", True),
    ("[a]", "x", True),
    ("[a]", "x y", True),
    ("[a]", "", False),
    ("[a, b]", "x", False),
    ("[a, b]", "x y z", True),
    ("[, b,]", "x y", False),
    ("[, b,]", "x y z", True),
    ("[,]", "x y", True),
    ("[,]", "x", False),
    ("[...]", "", True),
    ("[..., a]", "", False),
    ("[a, ..., b]", "x", False),
    ("[a = x, ..., b = z]", "x z", True),
    ("[a = x, ..., b = z]", "x y y z", True),
    ("[a = x, ..., b = z]", "x y z y", False),
    ("[a = x, ...]", "x", True),
    ("[a = x, ...]", "x y z", True),
    ("[..., code = 4*, bytes]", LINE, True),
    ("[ip, , , , request = GET*, code = 404 || code = 410, bytes > 1000]", LINE, True),
    ("[ip, , , , request = GET*, code = 410, bytes]", LINE, False),
    ('[a = "x y"]', "x y", True),
    ('[a, b = "y z"]', "x y z", True),
    ("[a = X]", "x", False),
    ("[a != x]", "y", True),
    ("[a != x && a != y]", "z", True),
    ("[a != x && a != y]", "y", False),
    ("[a = x && a = y || a = z]", "z", True),
    ("[a = x && a = y || a = z]", "x", False),
    ("[a = z || a = x && a = y]", "z", True),
    ("[a = %^x+$%, b = %,]$%]", "xx y,]", True),
    ("[a != %x%]", "y", True),
    ("[n = 1, r]", "1.0 x", True),
    ("[n = 1, r]", "01 x", True),
    ('[n = "1", r]', "1.0 x", False),
    ('[n = "1", r]', "1 x", True),
    ("[n = 1e3, r]", "1000 x", True),
    ("[n != 1, r]", "1.0 x", False),
    ("[n = 1, r]", "one x", False),
    ("[n < 1, r]", "one x", False),
    ("[n != 1, r]", "one x", True),  # not settled
    ("[n >= 1.5, r]", "1.50 x", True),
    ("[n > 1.5, r]", "1.50 x", False),
    ("[n = 1, r]", "1e99999999999 x", False),
    ("[a = Ev*ent]", "EvXXent", True),
    ("[a = NULLS]", "NULLS", True),
    ('[a = "null"]', "null", True),
]


@pytest.mark.parametrize(("text", "message", "expected"), MATCHES, ids=[f"{t} on {m[:20]!r}" for t, m, _ in MATCHES])
def test_matches(text, message, expected):
    pattern = filterpattern.compile(text)
    assert pattern.form == "fields"
    assert pattern.matches(message) is expected
    assert pattern.matches(message.encode()) is expected
    assert filterpattern.compile(str(pattern)).matches(message) is expected
    assert bool(pattern.extracted_values(message)) is (expected and bool(message.strip()) and text.strip("[ ]") != "")


EXTRACTED = [
    ("[ip, user, , time, request, code]", LINE, {"$ip": "127.0.0.1", "$user": "Prod", "$3": "frank",
     "$time": "10/Oct/2000:13:25:15 -0700", "$request": "GET /index.html HTTP/1.0", "$code": "404 1534"}),
    ("[a, rest]", "x y z", {"$a": "x", "$rest": "y z"}),
    ("[..., last]", "x y", {"$1": "x", "$last": "y"}),
    ("[a = z, b]", "x y", {}),
    ("[]", "x y", {}),
    ("%x%", "x y", {}),
    ("{ $.a = 1 }", '{"a": 1}', {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "values"), EXTRACTED)
def test_extracted_values(text, message, values):
    assert filterpattern.compile(text).extracted_values(message) == values
    assert filterpattern.compile(text).extracted_values(message.encode()) == values
    assert filterpattern.compile(text).extracted_values(b"\xff") == {}


REJECTED = [
    ("¦[a", "syntax", "not closed", "close it with ]"),
    ("[a,¦", "syntax", "closing ] is missing", "add it"),
    ("[a] ¦b", "text-after-brace", "may follow", "one pair"),
    ("[a]¦]", "text-after-brace", "may follow", "one pair"),
    ("[a = x || ¦b = y]", "syntax", "condition on b in the field a", "other field"),
    ("[a = x && ¦y]", "syntax", "condition on y in the field a", "other field"),
    ("[a = x || ¦= y]", "syntax", "condition should start", "repeat the name: a = value"),
    ("[a, ¦a]", "syntax", "two fields named a", "own name"),
    ("[..., a, ¦...]", "syntax", "second ...", "only one"),
    ("[¦1a]", "syntax", "field's name", "write _1a"),
    ("[¦a-b]", "syntax", "field's name", "write a_b"),
    ("[¦$a]", "syntax", "named without $", "leave out"),
    ("[a ¦== x]", "double-equals", "no operator ==", "write ="),
    ("[a ¦AND b]", "word-operator", "AND is not an operator", "write &&"),
    ('[a > ¦"5"]', "ordered-text", "compares numbers", "without quotes"),
    ("[a > ¦x]", "ordered-text", "compares numbers", "number"),
    ("[¦(a = x)]", "syntax", "round brackets", "binds tighter"),
    ("[a = x¦)]", "syntax", "round brackets", "binds tighter"),
    ("[a = ¦null]", "bare-null", "null is not a value", 'write "null"'),
    ("[a = ¦]", "syntax", "where a value should stand", "quotes"),
    ("[a = ¦", "syntax", "value is missing", "add it"),
    ("[a ¦b]", "syntax", "does not belong", "commas"),
    ("[a ¦IS NULL]", "syntax", "does not belong", "commas"),
    ("[a = ¦/x/y, b]", "bare-symbol", "needs quotes", 'write "/x/y"'),
    ("[a = x¦:y, b]", "bare-symbol", "needs quotes", 'write "x:y"'),
    ("[a = %x%, b = %y%, c = ¦%z%]", "too-many-regexes", "more than 2", "|"),
    ("[a = %x¦(y%]", "regex-alphabet", "no groups", r"\x28"),
    ("[a ¦&& b = 1]", "syntax", "does not belong", "commas"),
]


@pytest.mark.parametrize(("marked", "code", "problem", "fix"), REJECTED, ids=[row[0] for row in REJECTED])
def test_rejected(marked, code, problem, fix):
    text = marked.replace("¦", "")
    with pytest.raises(PatternError) as caught:
        filterpattern.compile(text)
    assert problem in caught.value.problem
    assert fix in caught.value.fix
    assert caught.value.code == code
    assert caught.value.position == marked.index("¦")


CANONICAL = [
    ("[ a,b = x||b=5 , ,... ]", '[a, b = "x" || b = 5, , ...]'),
    ("[a=*.html*]", '[a = "*.html*"]'),
    ("[,]", "[, ]"),
    ("[ ]", "[]"),
    ('[a = "..."]', '[a = "..."]'),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_canonical(text, canonical):
    assert str(filterpattern.compile(text)) == canonical
    assert str(filterpattern.compile(canonical)) == canonical


@given(st.text(alphabet=st.sampled_from(list('ab "[]\t')), max_size=20), st.none() | st.integers(1, 4))
def test_cutting_loses_nothing_but_blanks_and_delimiters(message, limit):
    fields = split(message, limit)
    kept = "".join(fields).replace(" ", "").replace("\t", "")
    assert [c for c in kept if c in "ab"] == [c for c in message if c in "ab"]
    assert limit is None or len(fields) <= limit
    assert len(fields) <= len(split(message))


HOSTILE = [
    "[a " * 400_000,  # a search for the closing bracket at each would be square
    '"a ' * 100_000,
    "[a " * 100_000,
    '"] [" ' * 50_000,
    "a " * 150_000,
    "\t" * 300_000 + "a",
    "a\t" * 100_000,
    '""' * 100_000,
]


@pytest.mark.parametrize("message", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("text", ["[..., a = x, b]", "[a, b = x]", "[" + "," * 900 + "]"])
def test_cutting_is_linear(text, message):
    begin = time.perf_counter()
    filterpattern.compile(text).matches(message)
    assert time.perf_counter() - begin < 3
