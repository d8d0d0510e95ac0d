"""The checks that the wizard asks with: from what a person types to the clean value, or to one clear sentence."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import filterpattern
from settings import CheckError, checks, names, problems
from settings.regions import REGIONS, partition_of


@pytest.mark.parametrize(
    ("check", "raw", "clean"),
    [
        (checks.stack_name, " prod ", "prod"),
        (checks.stack_name, "acme.prod_eu-1", "acme.prod_eu-1"),
        (checks.region, " eu-west-1\n", "eu-west-1"),
        (checks.region, "us-gov-west-1", "us-gov-west-1"),
        (checks.email, " security@example.com ", "security@example.com"),
        (checks.email, "First.Last+aws@Sub.Example.co.uk", "First.Last+aws@Sub.Example.co.uk"),
        (checks.email, "o'hara@example.com", "o'hara@example.com"),
        (checks.email, "a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        (checks.event_set, " trail-changes", "trail-changes"),
        (checks.watch_name, "head-office-2", "head-office-2"),
        (checks.cidr_blocks, " 203.0.113.0/24 ", ("203.0.113.0/24",)),
        (checks.cidr_blocks, "203.0.113.0/24, 198.51.100.7 192.0.2.1", ("203.0.113.0/24", "198.51.100.7", "192.0.2.1")),
        (checks.threshold, " 30 ", 30),
        (checks.threshold, 1, 1),
        (checks.period, "300", 300),
        (checks.period, 86_400, 86_400),
        (checks.retention_days, "365", 365),
        (checks.severity, "high ", "high"),
        (checks.match, "outside", "outside"),
        (checks.remediation_mode, "off", "off"),
        (checks.evidence, "disposable", "disposable"),
        (checks.trail_mode, "create", "create"),
        (checks.trail_mode, "adopt", "adopt"),
        (checks.trail_layout, " per-region", "per-region"),
        (checks.protocol, "email-json", "email-json"),
        (checks.protocol, " sms ", "sms"),
        (checks.gets, "last-resort", "last-resort"),
        (checks.phone_number, "+15555550123", "+15555550123"),
        (checks.phone_number, " +1 (555) 555-0123 ", "+15555550123"),
        (checks.phone_number, "+49 30.12345678", "+493012345678"),
        (names.trail_name, "acme-audit.eu_1", "acme-audit.eu_1"),
        (names.topic_name, "CloudTrailAlert", "CloudTrailAlert"),
        (names.display_name, " CT-Alert ", "CT-Alert"),
        (names.title, "Ein Trail wurde geändert", "Ein Trail wurde geändert"),
        (names.alarm_name, "CloudTrail Changes", "CloudTrail Changes"),
        (names.alarm_prefix, "acme-", "acme-"),
        (names.metric_name, "CloudTrailEventCount", "CloudTrailEventCount"),
        (names.metric_namespace, "CloudTrailMetrics", "CloudTrailMetrics"),
        (checks.pattern, "{ $.a = 1 }", "{ $.a = 1 }"),
    ],
)
def test_what_is_accepted(check: Callable[[Any], Any], raw: Any, clean: Any) -> None:
    assert check(raw) == clean
    assert check(clean) == clean if not isinstance(clean, tuple) else check(", ".join(clean)) == clean


ONE_ADDRESS = "; allowed: one address such as security@example.com"
ONE_NUMBER = "; allowed: '+', country code and number, such as \"+15555550123\""


@pytest.mark.parametrize(
    ("check", "raw", "said"),
    [
        (checks.email, "nobody", f'"nobody" is not a mail address{ONE_ADDRESS}'),
        (checks.email, "", f'"" is not a mail address{ONE_ADDRESS}'),
        (checks.email, "a@b@example.com", f'"a@b@example.com" is not a mail address{ONE_ADDRESS}'),
        (checks.email, "a..b@example.com", f'"a..b@example.com" is not a mail address{ONE_ADDRESS}'),
        (checks.email, ".a@example.com", f'".a@example.com" is not a mail address{ONE_ADDRESS}'),
        (checks.email, "a@example", f'"a@example" is not a mail address{ONE_ADDRESS}'),
        (checks.email, "a@-example.com", f'"a@-example.com" is not a mail address{ONE_ADDRESS}'),
        (checks.email, "a@192.0.2.1", f'"a@192.0.2.1" is not a mail address{ONE_ADDRESS}'),
        (checks.email, "é@example.com", f'"é@example.com" is not a mail address{ONE_ADDRESS}'),
        (
            checks.email,
            "mailto:a@example.com;",
            f'"mailto:a@example.com;" is not a mail address; did you mean a@example.com?{ONE_ADDRESS}',
        ),
        (
            checks.email,
            "a @example.com",
            f'"a @example.com" is not a mail address; did you mean a@example.com?{ONE_ADDRESS}',
        ),
        (checks.email, "a" * 65 + "@example.com", f'"{"a" * 65}@example.com" is not a mail address{ONE_ADDRESS}'),
        (
            checks.email,
            "a@" + "b" * 60 + ("." + "c" * 60) * 3 + ".example.com",
            f'"a@{"b" * 60}.{"c" * 16}…" is not a mail address{ONE_ADDRESS}',
        ),
        (checks.cidr_blocks, "10.0.0.5/24", "10.0.0.5/24 has host bits set; did you mean 10.0.0.0/24?"),
        (checks.cidr_blocks, " ", "is empty; allowed: an address or a block such as 203.0.113.0/24"),
        (checks.threshold, "0", "0 must be at least 1; allowed: a whole number of events, 1 to 1,000,000,000"),
        (checks.threshold, "-1", "-1 must be at least 1; allowed: a whole number of events, 1 to 1,000,000,000"),
        (checks.threshold, "ten", '"ten" is not a whole number; allowed: a whole number of events, 1 to 1,000,000,000'),
        (checks.threshold, "1.5", '"1.5" is not a whole number; allowed: a whole number of events, 1 to 1,000,000,000'),
        (checks.threshold, "٣", '"٣" is not a whole number; allowed: a whole number of events, 1 to 1,000,000,000'),
        (
            checks.remediation_mode,
            "of",
            '"of" is not one of the choices; did you mean off?; allowed: restore, notify, off',
        ),
        (checks.match, "in", '"in" is not one of the choices; allowed: inside, outside'),
        *(
            (
                names.bucket_name,
                f"arn:{partition}:s3:::acme-logs/",
                (
                    f'"arn:{partition}:s3:::acme-logs/" cannot be the name of a bucket; did you mean acme-logs?; '
                    "allowed: 3 to 63 lower-case letters, digits, '.' and '-', without s3:// and path"
                ),
            )
            for partition in REGIONS
        ),
        (checks.trail_mode, "adpt", '"adpt" is not one of the choices; did you mean adopt?; allowed: create, adopt'),
        (
            checks.protocol,
            "HTTPS",
            (
                '"HTTPS" is not one of the choices; did you mean https?; '
                "allowed: email-json, sms, sqs, lambda, https, http"
            ),
        ),
        (checks.gets, "last", '"last" is not one of the choices; allowed: everything, alerts, last-resort'),
        (checks.phone_number, "0301234567", f'"0301234567" is not a telephone number{ONE_NUMBER}'),
        (
            checks.phone_number,
            "0049301234567",
            f'"0049301234567" is not a telephone number; did you mean +49301234567?{ONE_NUMBER}',
        ),
        (checks.phone_number, "+0155555501", f'"+0155555501" is not a telephone number{ONE_NUMBER}'),
        (checks.phone_number, "+1234567890123456", f'"+1234567890123456" is not a telephone number{ONE_NUMBER}'),
        (checks.phone_number, "+12345", f'"+12345" is not a telephone number{ONE_NUMBER}'),
        (
            names.alarm_prefix,
            "p" * 206,
            f'"{"p" * 79}…" is too long; allowed: 1 to 205 readable characters on one line',
        ),
    ],
)
def test_what_is_said(check: Callable[[Any], Any], raw: Any, said: str) -> None:
    with pytest.raises(CheckError) as caught:
        check(raw)
    assert str(caught.value) == said


ALL = [
    checks.stack_name,
    checks.region,
    checks.email,
    checks.event_set,
    checks.watch_name,
    checks.pattern,
    checks.cidr_blocks,
    checks.threshold,
    checks.period,
    checks.retention_days,
    checks.severity,
    checks.match,
    checks.remediation_mode,
    checks.evidence,
    checks.trail_mode,
    checks.protocol,
    checks.gets,
    checks.phone_number,
    names.trail_name,
    names.topic_name,
    names.display_name,
    names.title,
    names.alarm_name,
    names.alarm_prefix,
    names.metric_name,
    names.metric_namespace,
]


@given(st.text())
@example("9" * 5000)
@example("\ud800")
@example("1" * 29)
def test_any_text_is_accepted_or_refused_in_words(raw: str) -> None:
    for check in ALL:
        refusal = None
        try:
            clean = check(raw)
        except CheckError as error:
            refusal = str(error)
        else:
            again = ", ".join(clean) if isinstance(clean, tuple) else clean
            assert check(again) == clean, check.__name__
        assert refusal is None or (refusal and "None" not in refusal), check.__name__


@given(st.sampled_from([code for regions in REGIONS.values() for code in regions]), st.data())
def test_a_slip_in_a_region_is_understood(code: str, data: st.DataObject) -> None:
    """Two neighbouring letters in the wrong order: a region so near that it is the same but for one letter, or it."""
    place = data.draw(st.integers(0, len(code) - 4))
    slip = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if partition_of(slip) or slip.startswith(("cn-", "eusc-")):
        return
    with pytest.raises(CheckError) as caught:
        checks.region(slip)
    assert caught.value.suggestion in {known for regions in REGIONS.values() for known in regions}


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("us-esat-1", ["us-west-1", "us-east-1"], "us-east-1"),
        ("us-esat-1", ["us-east-1", "us-west-1"], "us-east-1"),
        ("EVENTSETS", ["eventSets", "emails"], "eventSets"),
        ("retention_days", ["retentionDays"], "retentionDays"),
        ("nothing like it", ["retentionDays"], None),
        ("eu-west-9", ["eu-west-1", "eu-west-2"], "eu-west-1"),
        ("x", [], None),
        ("", ["a"], None),
    ],
)
def test_nearest(word: str, known: list[str], meant: str | None) -> None:
    assert problems.nearest(word, known) == meant


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "nothing"),
        (True, "true"),
        (0, "0"),
        (1.5, "1.5"),
        ('say "x"', '"say \\"x\\""'),
        ("a\nb", '"a\\nb"'),
        ("x" * 81, '"' + "x" * 79 + '…"'),
        ([], "an empty list"),
        ([1], "a list"),
        ({}, "an empty mapping"),
        ({"secret": 1}, "a mapping"),
        (b"x", "a bytes"),
        ("see https://hooks.example.com/s3cret now", '"see https://… now"'),
    ],
)
def test_shown(value: Any, shown: str) -> None:
    assert problems.shown(value) == shown


def test_numbers_that_python_refuses_to_print_are_shown_in_words() -> None:
    assert problems.shown(10**5000) == problems.shown(-(10**5000)) == "a very long number"


BAD = [rule.bad for rule in filterpattern.LINT_RULES.values() if rule.severity == "error" and rule.bad]


@pytest.mark.parametrize("bad", BAD)
def test_what_lint_calls_an_error_is_refused(bad: str) -> None:
    """CloudWatch would refuse it too. What it takes otherwise than meant is a warning, which the wizard tells."""
    assert {finding.severity for finding in filterpattern.lint(bad)} >= {"error"}
    with pytest.raises(CheckError):
        checks.pattern(bad)
