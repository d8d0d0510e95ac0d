"""The Logs Insights translation, as text: there is nothing here that could run it."""

import pytest
from hypothesis import given

import filterpattern
from filterpattern import TranslationError, cidr, to_insights
from filterpattern import _to_insights as insights
from filterpattern._render import render
from tests.support import patterns

WRITTEN = [
    ('{ $.eventName = "A" }', 'filter eventName = "A"'),
    ('{ $.eventName = "A" || $.eventName = "B" }', 'filter eventName in ["A", "B"]'),
    ('{ $.eventName != "A" }', 'filter ispresent(eventName) and eventName != "A"'),
    ("{ $.userIdentity.invokedBy NOT EXISTS }", "filter not ispresent(userIdentity.invokedBy)"),
    ('{ $.eventName = "Put*" && $.errorCode = "*X" }', "filter (eventName like /^Put/) and (errorCode like /X$/)"),
    ('{ $.eventName = "*a.b/c*" }', r"filter eventName like /a\.b\/c/"),
    ('{ $.eventName = "a*b" }', "filter eventName like /^a.*b$/"),
    ('{ $.eventName != "a*" }', "filter ispresent(eventName) and eventName not like /^a/"),
    ('{ $.errorCode = "*" }', "filter ispresent(errorCode)"),
    ("{ $.errorCode = %^a/b{,2}$% }", r"filter errorCode like /^a\/b{0,2}$/"),
    ("{ $.errorCode != %a% }", "filter ispresent(errorCode) and errorCode not like /a/"),
    ("{ $.a.b[0].c > +5 }", "filter a.b.0.c > 5"),
    ("{ $.recipientAccountId = 012 }", 'filter recipientAccountId = "012"'),
    ("{ $.['a b'].c-d = \"x\" }", 'filter `a b.c-d` = "x"'),
    (r'{ $.eventName = "q\"b\\" }', r'filter eventName = "q\"b\\"'),
    ('{ ($.eventName = "A" || $.errorCode = "B") && $.awsRegion != "c" }',
     'filter ((eventName = "A") or (errorCode = "B")) and (ispresent(awsRegion) and awsRegion != "c")'),
    ("", "filter ispresent(@message)"),
    ("%^a/b%", r"filter @message like /^a\/b/"),
    ('ERROR -"a b"', 'filter @message like "ERROR" and @message not like "a b"'),
    ("?a ?b", 'filter @message like "a" or @message like "b"'),
    ("?a b", 'filter @message like "b"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "written"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_how_it_is_written(text, written):
    assert to_insights(text).text == written


def test_an_address_block():
    assert to_insights(cidr("10.0.0.0/8")).text == r"filter sourceIPAddress like /^10\./"
    assert to_insights(cidr("10.0.0.0/8")).is_exact


CAVEATS = [
    ('{ $.eventName = "5" && $.errorCode != "true" }', []),
    ('{ $.a = "x" }', []),
    ('{ $.a != "x" }', [insights.BOOLEANS]),
    ('{ $.a = "true" }', [insights.BOOLEANS]),
    ('{ $.a = "*" }', [insights.BOOLEANS, insights.LIKE_NUMBERS]),
    ('{ $.a = "5" }', [insights.LIKE_NUMBERS]),
    ("{ $.a = 5 }", [insights.LIKE_NUMBERS]),
    ('{ $.a = "x*y" }', [insights.LINE_BREAKS]),
    ("{ $.a NOT EXISTS }", [insights.ABSENCE]),
]


@pytest.mark.parametrize(("text", "caveats"), CAVEATS, ids=[row[0] for row in CAVEATS])
def test_caveats(text, caveats):
    assert list(to_insights(text).caveats) == caveats


REFUSED = [
    ("[a, b]", "`parse`"),
    ("{ $.a IS NULL }", "not settled: $.a IS NULL"),
    ("{ $.readOnly IS FALSE }", "not settled: $.readOnly IS FALSE"),
    ('{ $.a[*] = "x" }', "no wildcard for fields"),
    ("{ $.['a.b'] = 1 }", "cannot name the field 'a.b'"),
    ("{ $.['a`b'] = 1 }", "cannot name the field"),
    ('{ $.a != "*" }', "never be true"),
    ("{ $.eventVersion > 1 }", "which no > matches"),
    ('{ $.a = "\x07" }', "control characters"),
    ('{ $.a = "\x07*" }', "control characters"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[ascii(row[0]) for row in REFUSED])
def test_refused(text, reason):
    with pytest.raises(TranslationError) as caught:
        to_insights(text)
    assert reason in str(caught.value)


@given(patterns.all_trees)
def test_it_answers_or_refuses_and_keeps_the_query_one_line(tree):
    try:
        translation = to_insights(filterpattern.compile(render(tree)))
    except TranslationError:
        return
    assert translation.text.startswith("filter ")
    assert translation.text.isprintable()
