"""Every lint rule: where it fires, where it keeps quiet, and what it proposes."""

import pytest
from hypothesis import given

import filterpattern
from filterpattern import LINT_RULES, PatternError, lint, lint_group
from filterpattern._render import render
from tests.support import patterns

# The rules that one pattern alone can break, each with its own examples in the table of rules.
WITH_EXAMPLE = [rule for rule in LINT_RULES.values() if rule.bad]


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=lambda rule: rule.code)
def test_the_examples_of_a_rule(rule):
    found = {finding.code: finding for finding in lint(rule.bad)}
    assert rule.code in found
    assert found[rule.code].severity == rule.severity
    assert lint(rule.good) == []
    filterpattern.compile(rule.good)
    if rule.severity == "error":
        with pytest.raises(PatternError):
            filterpattern.compile(rule.bad)
    else:
        filterpattern.compile(rule.bad)


@pytest.mark.parametrize("rule", LINT_RULES.values(), ids=lambda rule: rule.code)
def test_a_rule_says_why_in_one_sentence(rule):
    assert rule.why.endswith(".")
    assert "\n" not in rule.why
    assert rule.code == rule.code.lower()
    assert rule.severity in ("error", "warning")


# A pattern with the span of the finding between « and », the code, a part of the fix.
FOUND = [
    ('{ «$.a != "x"» }', "ne-missing", 'write (($.a NOT EXISTS) || ($.a != "x"))'),
    ("{ «$.a.b!=5» && $.c = 1 }", "ne-missing", "write (($.a.b NOT EXISTS) || ($.a.b!=5))"),
    ('{ «$.a != "x"» && $.a != "y" }', "ne-missing", ""),
    ('{ $.a = "x" || «$.a != "y"» }', "ne-missing", ""),
    ('{ «$.readOnly != "true"» }', "boolean-compare", ""),
    ("{ «$.readOnly = true» }", "boolean-compare", "write $.readOnly IS TRUE"),
    ('{ «$.a = "*"» }', "star-as-exists", ""),
    ("{ «$.a != *» }", "star-as-exists", ""),
    ('{ $.a = «"*x*y"» }', "mid-star", "write %^.*x.*y$%"),
    ('{ $.a = «"a.b*c"» }', "mid-star", r"write %^a\.b.*c$%"),
    ('{ $.a = «"(a*c)"» }', "mid-star", ""),
    ("[a = «Ev*ent»]", "mid-star", "write %^Ev.*ent$%"),
    ('{ $.a = «"192.168.1*"» }', "cidr-dot", 'write "192.168.1.*"'),
    (r"{ $.a = %^10\.0«.»0\.1$% }", "regex-dot", r"\."),
    ("%iam«.»amazonaws%", "regex-dot", r"\."),
    (r"%[0-9]{1,3}«.»\d%", "regex-dot", r"\."),
    (r"{ $.a = «%^10\.0\.0\.1%» }", "regex-anchor", "put $ after it"),
    (r"{ $.a = «%10\.0\.0\.1$%» }", "regex-anchor", "put ^ before it"),
    (r"«%10\.0\.0\.1%»", "regex-anchor", "put ^ before it and $ after it"),
    ("%a«{,3}»%", "regex-open-repeat", "write {0,3}"),
    ("{ $.a = «%a+b+c+d%» }", "regex-backtracking", ""),
    ("{ $.a = 1 || «$.b = 2 && $.c = 3» }", "or-and", "write ($.b = 2 && $.c = 3)"),
    ("{ «($.b = 2) && ($.c = 3)» || $.a = 1 }", "or-and", "write (($.b = 2) && ($.c = 3))"),
    ("{ ($.a = 1 || «$.b = 2 && ($.c = 3)») && $.d = 4 }", "or-and", "write ($.b = 2 && ($.c = 3))"),
    ("{ «$.eventVersion > 1.05» }", "number-on-text", ""),
    ("{ $.userIdentity.accountId = «111122223333» }", "number-on-text", 'write "111122223333"'),
    ("{ $.a.code = «007» }", "number-on-text", 'write "007"'),
    ('{ «$.sourceIPAddress != "10.*"» && $.eventName = "x" }', "ip-ne-alone", '!= "*.amazonaws.com"'),
    (r"{ «$.sourceIPAddress != %^10\.%» }", "ip-ne-alone", '!= "AWS Internal*"'),
    ('«" "»', "blank-phrase", "leave the pattern empty"),
    ('a «-"  "»', "blank-phrase", ""),
    ("«?a» b", "optional-ignored", ""),
    ("«?a» -b", "optional-ignored", ""),
    ("«read-only»", "term-hyphen", 'write "read-only"'),
    ("«what?ever»", "term-hyphen", 'write "what?ever"'),
    ("{ $.a = «us-east-1» }", "unquoted-string", 'write "us-east-1"'),
    ("[a, b = «*.html»]", "unquoted-string", 'write "*.html"'),
    ('{ $.a «==» "x" }', "double-equals", "write ="),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "code", "fix"), FOUND, ids=[f"{row[1]}: {row[0]}" for row in FOUND])
def test_found(marked, code, fix):
    text = marked.replace("«", "").replace("»", "")
    start, end = marked.index("«"), marked.index("»") - 1
    assert [finding.fix for finding in lint(text) if (finding.code, finding.start, finding.end) == (code, start, end)]
    (finding, *_) = [finding for finding in lint(text) if finding.code == code]
    assert fix in finding.fix
    assert "\n" not in finding.why
    assert finding.text == text


QUIET = [
    ("ne-missing", '{ $.eventType != "AwsServiceEvent" }'),
    ("ne-missing", '{ $.a = "x*" && $.a != "xy" }'),
    ("ne-missing", '{ $.a NOT EXISTS || $.a != "x" }'),
    ("ne-missing", '{ $.b = 1 && ($.a NOT EXISTS || ($.a != "x" && $.c = 1)) }'),
    ("ne-missing", '{ $.a[*] != "x" }'),
    ("ne-missing", '{ $.a = "x" }'),
    ("boolean-compare", "{ $.userIdentity.sessionContext.attributes.mfaAuthenticated = false }"),
    ("boolean-compare", '{ $.a = "truer" }'),
    ("star-as-exists", '{ $.a = "" }'),
    ("mid-star", '{ $.a = "*x*" }'),
    ("mid-star", '{ $.a = "**" }'),
    ("cidr-dot", '{ $.sourceIPAddress = "10.0.1.*" }'),
    ("cidr-dot", '{ $.a = "10*" }'),
    ("cidr-dot", '{ $.a = "v10.1*" }'),
    ("regex-dot", "%a.*b%"),
    ("regex-dot", "%.at%"),
    ("regex-dot", "%[a.b]x%"),
    ("regex-dot", r"%a\.b%"),
    ("regex-dot", "%a.{3}b%"),
    ("regex-dot", "%a.%"),
    ("regex-anchor", r"%^10\.0\.0\.1$%"),
    ("regex-anchor", r"%^10\.%"),
    ("regex-anchor", r"%iam\.amazonaws%"),
    ("regex-anchor", "%[0-9]+%"),
    ("regex-open-repeat", "%[{,3}]%"),
    ("regex-open-repeat", r"%a\{,3}%"),
    ("regex-open-repeat", "%a{,}%"),
    ("regex-backtracking", "%a.*b.*c|d.*e.*f%"),
    ("regex-backtracking", "%a{1,9}b{1,9}c{1,9}%"),
    ("or-and", "{ ($.a = 1 && $.b = 1) || ($.c = 1 && $.d = 1) }"),
    ("or-and", "{ $.a = 1 && ($.b = 1 || $.c = 1) }"),
    ("or-and", "[a = x && a = y || a = z]"),
    ("number-on-text", "{ $.a = 0 || $.a = 0.5 || $.a > 5 }"),
    ("number-on-text", '{ $.recipientAccountId = "012345678901" }'),
    ("ip-ne-alone", '{ $.sourceIPAddress != "10.*" && $.sourceIPAddress != "*.amazonaws.com" }'),
    ("ip-ne-alone", '{ $.sourceIPAddress != "10.*" && $.userIdentity.invokedBy NOT EXISTS }'),
    ("ip-ne-alone", r"{ $.sourceIPAddress != 10.* && $.sourceIPAddress = %^[0-9]{1,3}\.% }"),
    ("ip-ne-alone", '{ $.sourceIPAddress = "10.*" }'),
    ("blank-phrase", '"a b"'),
    ("optional-ignored", "?a ?b"),
    ("term-hyphen", "read -only"),
    ("term-hyphen", '"read-only"'),
    ("term-hyphen", '-a-b'),
    ("unquoted-string", '{ $.a = x_1 || $.b = "x.y" || $.c = 1.5 }'),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text"), QUIET, ids=[f"{code}: {text}" for code, text in QUIET])
def test_quiet(code, text):
    filterpattern.compile(text)
    assert code not in {finding.code for finding in lint(text)}


def test_the_drawing():
    (finding,) = lint('{ $.a = "10.0.1*" }')
    assert str(finding) == (
        "warning cidr-dot: 10.0.1* also covers numbers that go on, such as 10.0.19 at column 9\n"
        '  { $.a = "10.0.1*" }\n'
        '          ^^^^^^^^^ write "10.0.1.*"'
    )


def test_findings_come_in_the_order_of_the_text():
    text = '{ $.a = true || $.b = "x*y" && $.c = iam.amazonaws.com }'
    found = lint(text)
    assert [finding.code for finding in found] == ["boolean-compare", "or-and", "mid-star", "unquoted-string"]
    assert [finding.start for finding in found] == sorted(finding.start for finding in found)


def test_a_pattern_that_is_too_long_is_read_all_the_same():
    text = "{ $.a = true || $.b = " + "x" * 1100 + " }"
    assert [finding.code for finding in lint(text)] == ["boolean-compare", "too-long"]
    broken = "{ $.a == true || $.b = " + "x" * 1100 + " }"
    assert {finding.code for finding in lint(broken)} == {"double-equals", "too-long"}


AUDITORS = {"CloudWatch.9": '{($.eventSource=config.amazonaws.com) && ($.a != "x")}'}


def test_the_text_of_an_auditor_is_left_alone():
    assert lint(AUDITORS["CloudWatch.9"])
    assert lint(AUDITORS["CloudWatch.9"], auditors=AUDITORS) == []


def test_the_meaning_of_an_auditor_in_another_text_is_reported():
    other = '{ $.eventSource = "config.amazonaws.com" && $.a != "x" }'
    (finding,) = [finding for finding in lint(other, auditors=AUDITORS) if finding.code == "auditor-text"]
    assert "CloudWatch.9" in finding.why
    assert finding.fix == AUDITORS["CloudWatch.9"]
    assert "auditor-text" not in {finding.code for finding in lint("{ $.a = 1 }", auditors=AUDITORS)}


def test_a_log_group_takes_one_hundred_filters_and_five_with_a_regex():
    plain = {f"f{number}": "{ $.a = 1 }" for number in range(100)}
    assert lint_group(plain) == []
    (full,) = lint_group({**plain, "one more": "x"})
    assert (full.code, full.severity) == ("group-full", "error")
    assert "101 metric filters; a log group takes 100" in str(full)
    with_regex = {f"r{number}": "%x%" if number % 2 else "{ $.a = %x% && $.b = %y% }" for number in range(5)}
    assert lint_group({**with_regex, "none": '{ $.a = "%x%" }', "broken": "{ % }"}) == []
    (regexes,) = lint_group({**with_regex, "sixth": "[a = %x%]"})
    assert regexes.code == "group-regex-full"
    assert "6 filters with a regex (r0, r1, r2, r3, r4, sixth)" in str(regexes)


@given(patterns.all_trees)
def test_lint_is_total_and_points_into_the_text(tree):
    text = render(tree)
    for finding in lint(text):
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.code in LINT_RULES
        assert finding.severity == "warning" or finding.code == "too-long"
        assert str(finding).count("\n") == 2


@given(patterns.trees())
def test_the_canonical_form_has_no_findings_about_spelling(tree):
    codes = {finding.code for finding in lint(render(tree))}
    if len(render(tree)) < 500:
        assert not codes & {"or-and", "unquoted-string"}


def test_a_bracketed_fix_means_what_the_pattern_meant():
    text = "{ $.a = 1 || $.b = 2 && $.c = 3 }"
    (finding,) = lint(text)
    mended = text[: finding.start] + finding.fix.removeprefix("write ") + text[finding.end :]
    assert filterpattern.compile(mended) == filterpattern.compile(text)
    assert lint(mended) == []
