"""What is refused: where the caret stands, under which code, and what to write instead."""

import copy
import pickle

import pytest

import filterpattern
from filterpattern import PatternError

# The pattern with `¦` before the place the error must point at; the code; a part of the problem; a part of the fix.
REJECTED = [
    ('{ $.a ¦== "b" }', "double-equals", "no operator ==", "write ="),
    ("{ $.a ¦=== 1 }", "double-equals", "no operator ===", "write ="),
    ("{ $.a ¦=> 1 }", "syntax", "no operator =>", "write >="),
    ("{ $.a ¦=< 1 }", "syntax", "no operator =<", "write <="),
    ("{ $.a ¦<> 1 }", "syntax", "no operator <>", "write !="),
    ("{ $.a ¦=~ %x% }", "syntax", "no operator =~", "= %regex%"),
    ("{ $.a ¦>>> 1 }", "syntax", "no operator >>>", "= != < <= > >="),
    ("{ $.a = 1 ¦AND $.b = 2 }", "word-operator", "AND is not", "write &&"),
    ("{ $.a = 1 ¦or $.b = 2 }", "word-operator", "or is not", "write ||"),
    ("{ ($.a = 1 ¦or $.b = 2) }", "word-operator", "or is not", "write ||"),
    ("{ $.a = 1 && ¦and }", "word-operator", "and is not", "write &&"),
    ("{ ¦NOT ($.a = 1) }", "word-operator", "no general NOT", "!="),
    ("{ ¦!($.a = 1) }", "word-operator", "no general NOT", "!="),
    ("{ $.a = 1 ¦& $.b = 2 }", "word-operator", "single &", "write &&"),
    ("{ $.a = 1 ¦| $.b = 2 }", "word-operator", "single |", "write ||"),
    ("{ $.a = ¦'Root' }", "single-quotes", "single quotes", 'write "Root"'),
    ("{ $.a = ¦\u2018Root\u2019 }", "single-quotes", "single quotes", 'write "Root"'),
    ("{ $.a = ¦'Root }", "single-quotes", "single quotes", 'write "'),
    ("{ $.a = ¦\u201cRoot\u201d }", "syntax", "typographic quotes", 'write "'),
    ("{ $.a =¦\u00a01 }", "syntax", "U+00A0", "plain blank"),
    ("{ $.a IS ¦NOT NULL }", "is-not", "IS NOT", '= "*"'),
    ("{ $.a IS ¦5 }", "syntax", "may follow IS", "write ="),
    ("{ $.a ¦EXISTS }", "exists", "EXISTS alone", '= "*"'),
    ("{ $.a NOT ¦IN }", "syntax", "follow NOT", "NOT EXISTS"),
    ("{ $.a = ¦null }", "bare-null", "null is not a value", "IS NULL"),
    ("{ $.a != ¦NULL }", "bare-null", "null is not a value", "IS NULL"),
    ('{ $.a > ¦"5" }', "ordered-text", "compares numbers", "without quotes"),
    ("{ $.a <= ¦five }", "ordered-text", "compares numbers", "number"),
    ("{ $.a < ¦5* }", "ordered-text", "compares numbers", "number"),
    ("{ $.a >= ¦%5% }", "ordered-text", "compares numbers", "number"),
    ("{ $.a = arn¦:aws:iam }", "bare-symbol", "needs quotes", 'write "arn:aws:iam"'),
    ("{ $.a = me¦@example.com }", "bare-symbol", "needs quotes", 'write "me@example.com"'),
    ("{ $.a = ¦/path/x && $.b = 1 }", "bare-symbol", "needs quotes", 'write "/path/x"'),
    ("{ $.a = caf¦é }", "bare-symbol", "needs quotes", 'write "café"'),
    ("{ $.a = ¦, }", "bare-symbol", "needs quotes", ""),
    ("{ $.a = one ¦two }", "syntax", "after a whole condition", "quotes"),
    ('{ $.a = "one" ¦two }', "syntax", "after a whole condition", "quotes"),
    ('{ $.a = "one"¦two }', "syntax", "after a whole condition", "quotes"),
    ('{ $.a = one¦"two" }', "syntax", "directly after", "blank"),
    ('{ $.a = ¦"one }', "syntax", "quotes are not closed", '"'),
    ("{ $.a = ¦%x }", "syntax", "regex is not closed", "%"),
    ("{ $.a = ¦$.b }", "syntax", "two fields", "string"),
    ("{ $.a = ¦}", "syntax", "value", "quotes"),
    ("{ $.a = ¦", "syntax", "value is missing", "add it"),
    ("{ $.a ¦}", "syntax", "needs an operator", "NOT EXISTS"),
    ("{ $.a ¦&& $.b = 1 }", "syntax", "needs an operator", ""),
    ("{ $.a ¦LIKE x }", "syntax", "operator", "= != <"),
    ('{ $.a ¦"x" }', "syntax", "operator", "= != <"),
    ("{ ¦a = 1 }", "syntax", "starts with a selector", "write $.a"),
    ('{ ¦"x" = $.a }', "syntax", "starts with a selector", "field comes first"),
    ("{ $.a = 1 && ¦}", "syntax", "missing before }", "leave out"),
    ("{ ¦&& $.a = 1 }", "syntax", "missing before &&", "leave out"),
    ("{ (¦) }", "syntax", "missing before )", "leave out"),
    ("{ ¦= 1 }", "syntax", "where a condition should start", "$.field"),
    ("{ ¦}", "syntax", "no condition", "$.eventName"),
    ("{¦", "syntax", "missing", ""),
    ("{ $.a = 1¦", "syntax", "closing } is missing", "add it"),
    ("{ ¦($.a = 1 }", "syntax", "not closed", ")"),
    ("{ ¦(($.a = 1) }", "syntax", "not closed", ")"),
    ("{ $.a = 1¦) }", "syntax", "closes nothing", "leave it out"),
    ("{ $.a = 1 ¦$.b = 2 }", "syntax", "missing between", "one of them"),
    ("{ $.a = 1 ¦($.b = 2) }", "syntax", "missing between", "one of them"),
    ("{ $.a = 1 } ¦x", "text-after-brace", "may follow", "one pair"),
    ("{ $.a = 1 } ¦{ $.b = 1 }", "text-after-brace", "may follow", "one pair"),
    ("{ $.a = 1 }¦}", "text-after-brace", "may follow", "one pair"),
    ("{ $.a = ¦1e2147483648 }", "syntax", "exponent", "smaller"),
    ("{ $.a = ¦1e-2147483648 }", "syntax", "exponent", "smaller"),
    ("{ ¦@message = 1 }", "syntax", "log event itself", "$."),
    ("{ ¦[a] = 1 }", "syntax", "does not belong", "$.a[0]"),
    # selectors
    ("{ ¦$['x'] = 1 }", "bracket-selector", "$[", "$.['name']"),
    ("{ ¦$[1] = 1 }", "bracket-selector", "$[", "$.name"),
    ("{ ¦$ = 1 }", "bracket-selector", "missing its name", "$.name"),
    ("{ ¦$a = 1 }", "bracket-selector", "missing its name", "$.name"),
    ('{ $.¦["x"] = 1 }', "bracket-selector", "['name']", "$.['name']"),
    ("{ $.¦[0] = 1 }", "bracket-selector", "['name']", "$.a[0]"),
    ("{ $.['¦' = 1 }", "bracket-selector", "not closed", "]"),
    ("{ $.[¦'a = 1 }", "bracket-selector", "not closed", "']"),
    ("{ $.¦[''] = 1 }", "bracket-selector", "empty name", "name"),
    ("{ $.a¦['b.c'] = 1 }", "bracket-selector", "dot is missing", "write .['b.c']"),
    ("{ $.a¦[-1] = 1 }", "bracket-selector", "not an index", "from the front"),
    ("{ $.a¦[x] = 1 }", "bracket-selector", "not an index", "from 0 up"),
    ("{ $.a¦[] = 1 }", "bracket-selector", "not an index", "from 0 up"),
    ("{ $.a¦[0 = 1 }", "bracket-selector", "not closed", "]"),
    ("{ $.a.¦.b = 1 }", "bracket-selector", "two dots", "each step"),
    ("{ $.a¦. = 1 }", "bracket-selector", "ends in a dot", "without a blank"),
    ("{ $.a¦:b = 1 }", "bracket-selector", "part of a name", "$.['name']"),
    ("{ $.¦é = 1 }", "bracket-selector", "part of a name", "$.['name']"),
    ("{ $.a¦* = 1 }", "bracket-selector", "whole name", "value"),
    ("{ $.¦*a = 1 }", "bracket-selector", "whole name", "value"),
    ("{ $.a[*].b¦[*] = 1 }", "too-many-wildcards", "in one selector", "index"),
    ("{ $.*¦.* = 1 }", "too-many-wildcards", "in one selector", "index"),
    ("{ $.a[*]=1 || $.b[*]=1 || $.c.*=1 || ¦$.d[*]=1 }", "too-many-wildcards", "more than 3", "split"),
    # regexes
    ("{ $.a = %x% || $.b = %y% || $.c = ¦%z% }", "too-many-regexes", "more than 2", "|"),
    ("%a% ¦%b%", "regex-mixed", "whole pattern", "one regex"),
    ("%a%¦b", "regex-mixed", "whole pattern", "one regex"),
    ("¦%abc", "syntax", "not closed", "%"),
    ("%¦%", "regex-alphabet", "empty regex", "leave the pattern empty"),
    ("%something¦!%", "regex-alphabet", "! is not allowed", r"\x21"),
    ("%¦(ab)%", "regex-alphabet", "no groups", r"\x28"),
    (r"%\¦(ab%", "regex-alphabet", "no groups", r"\x28"),
    ("%a¦)%", "regex-alphabet", "no groups", r"\x29"),
    ("%a¦&b%", "regex-alphabet", "& is not allowed", r"\x26"),
    ('%a¦"b%', "regex-alphabet", '" is not allowed', r"\x22"),
    ("%a¦'b%", "regex-alphabet", "' is not allowed", r"\x27"),
    ("%a¦<b%", "regex-alphabet", "< is not allowed", r"\x3C"),
    ("%[a¦~]%", "regex-alphabet", "~ is not allowed", r"\x7E"),
    ("%a¦\tb%", "regex-alphabet", "U+0009", r"\x09"),
    ("%caf¦é%", "regex-alphabet", "ASCII", "."),
    ("%¦*a%", "regex-alphabet", "nothing before it", r"\*"),
    ("%a|¦+%", "regex-alphabet", "nothing before it", r"\+"),
    ("%¦{2}a%", "regex-alphabet", "nothing before it", r"\{"),
    ("%a+¦+%", "regex-alphabet", "possessive", "second +"),
    ("%a*¦*%", "regex-alphabet", "directly after another", "keep one"),
    ("%a{2}¦{3}%", "regex-alphabet", "directly after another", "keep one"),
    ("%a¦{3,2}%", "regex-alphabet", "counts down", ""),
    ("%a¦{1001}%", "regex-alphabet", "above 1,000", "smaller"),
    ("%a¦{2,1001}%", "regex-alphabet", "above 1,000", "smaller"),
    ("%" + "a{1000}" * 10 + "¦b%", "regex-alphabet", "more than 10,000", "smaller"),
    ("%¦[a%", "regex-alphabet", "not closed", r"\["),
    ("%¦[]%", "regex-alphabet", "not closed", r"\["),
    ("%[¦9-0]%", "regex-alphabet", "counts down", "swap"),
    ("%[¦[:digit:]]%", "regex-alphabet", "named classes", "0-9"),
    (r"%[a-¦\d]%", "regex-alphabet", "cannot end in a class", r"\-"),
    (r"%a¦\p%", "regex-alphabet", r"\p", r"\d"),
    (r"%¦\bword%", "regex-alphabet", r"\b", "word boundaries"),
    (r"%¦\n%", "regex-alphabet", r"\n", r"\x0A"),
    (r"%¦\1%", "regex-alphabet", r"\1", "back references"),
    (r"%¦\_%", "regex-alphabet", r"\_", "write _"),
    ("%a¦\\%", "regex-alphabet", "nothing after it", "\\\\"),
    (r"%¦\x2%", "regex-alphabet", "two hexadecimal digits", r"\x28"),
    (r"%¦\xE9%", "regex-alphabet", "not ASCII", "."),
    ("{ $.a = %a|b¦!% }", "regex-alphabet", "! is not allowed", r"\x21"),
]


@pytest.mark.parametrize(("marked", "code", "problem", "fix"), REJECTED, ids=[row[0] for row in REJECTED])
def test_rejected(marked, code, problem, fix):
    text = marked.replace("¦", "")
    with pytest.raises(PatternError) as caught:
        filterpattern.compile(text)
    error = caught.value
    assert error.position == marked.index("¦")
    assert error.code == code
    assert problem in error.problem
    assert fix in error.fix
    assert error.text == text
    assert error.position < error.end <= len(text) + 1


def test_the_fix_of_a_bare_symbol_is_accepted():
    text = "{ $.a = arn:aws:iam::111122223333:role/x && $.b = 1 }"
    with pytest.raises(PatternError) as caught:
        filterpattern.compile(text)
    quoted = caught.value.fix.removeprefix("write ")
    mended = text.replace(quoted.strip('"'), quoted)
    assert filterpattern.compile(mended).matches({"a": "arn:aws:iam::111122223333:role/x", "b": 1})


def test_length():
    longest = '{ $.a = "' + "x" * (1024 - 12) + '" }'
    assert len(longest) == 1024
    assert filterpattern.compile(longest).matches({"a": "x" * 1012})
    with pytest.raises(PatternError) as caught:
        filterpattern.compile(longest + " ")
    assert (caught.value.code, caught.value.position) == ("too-long", 1024)
    assert "1,025 characters" in str(caught.value)


def test_depth():
    at_most = "{" + "(" * 100 + "$.a = 1" + ")" * 100 + "}"
    assert filterpattern.compile(at_most).matches({"a": 1})
    for brackets in (101, 500):
        with pytest.raises(PatternError) as caught:
            filterpattern.compile("{" + "(" * brackets + "$.a = 1" + ")" * brackets + "}")
        assert (caught.value.code, caught.value.position) == ("too-deep", 101)


def test_a_pattern_is_text():
    with pytest.raises(TypeError, match="a filter pattern is text, not bytes"):
        filterpattern.compile(b"{ $.a = 1 }")  # pyright: ignore[reportArgumentType]


DRAWN = [
    (
        '{ $.a == "b" }',
        'there is no operator == at column 7\n  { $.a == "b" }\n        ^^ write =',
    ),
    (
        "{\n  $.a = 1 &&\n  $.b AND\n}",
        "a condition needs an operator and a value at line 3, column 7\n"  # noqa: ISC004
        '    $.b AND\n        ^^^ such as = "value" or NOT EXISTS',
    ),
]


@pytest.mark.parametrize(("text", "drawing"), DRAWN)
def test_the_drawing(text, drawing):
    with pytest.raises(PatternError) as caught:
        filterpattern.compile(text)
    assert str(caught.value) == drawing


@pytest.mark.parametrize(
    "text", ["{ $.a = 1\x1b[2J }", "{ $.a = \x1b", "{ $.\x1b", "%\x1b%", "\x07", "{ $.a = 1 } \x1b[2J"]
)
def test_no_control_character_reaches_the_terminal(text):
    with pytest.raises(PatternError) as caught:
        filterpattern.compile(text)
    assert all(char.isprintable() or char == "\n" for char in str(caught.value))


def test_a_long_line_is_cut_around_the_place():
    text = "{ " + " || ".join(f'$.field = "value {number}"' for number in range(20)) + " || $.a == 1 || $.b = 2 }"
    with pytest.raises(PatternError) as caught:
        filterpattern.compile(text)
    _, line, marks = str(caught.value).split("\n")
    assert len(line) < 110
    assert line[marks.index("^") :].startswith("== 1")


def test_errors_survive_copying_and_pickling():
    with pytest.raises(PatternError) as caught:
        filterpattern.compile('{ $.a == "b" }')
    for twin in (copy.copy(caught.value), pickle.loads(pickle.dumps(caught.value))):
        assert vars(twin) == vars(caught.value)
        assert str(twin) == str(caught.value)
