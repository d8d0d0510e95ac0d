"""The pages about the language: every example on them is executed, every number compared."""

import contextlib
import json
import re
from pathlib import Path

import pytest

import filterpattern
from filterpattern import PatternError, _limits, cidr
from tests.support.pattern_pages import LINT_RULES_PAGE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "filter-patterns.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```([a-z]+)\n(.*?)^```$", TEXT, flags=re.DOTALL | re.MULTILINE)
EXAMPLES = [body.splitlines() for language, body in BLOCKS if language == "pattern"]


@pytest.mark.parametrize("lines", EXAMPLES, ids=[lines[0] or "(empty)" for lines in EXAMPLES])
def test_an_example(lines):
    text, *answers = lines
    assert answers
    for answer in answers:
        mark, message = answer[0], answer[2:]
        if mark == "!":
            with pytest.raises(PatternError) as caught:
                filterpattern.compile(text)
            assert str(caught.value).splitlines()[0] == message
        else:
            assert mark in "✓✗"
            assert filterpattern.compile(text).matches(message) is (mark == "✓"), message


def test_there_are_examples_of_every_form():
    forms = set()
    for lines in EXAMPLES:
        with contextlib.suppress(PatternError):
            forms.add(filterpattern.compile(lines[0]).form)
    assert forms == {"json", "regex", "terms", "fields", "everything"}
    assert len(EXAMPLES) > 30


def rows(title):
    """The rows of the table in a section, without its head."""
    section = TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]


def test_the_limits_are_the_constants():
    of_the_page = {
        "characters of a pattern": _limits.MAX_PATTERN_LENGTH,
        "regexes in a pattern": _limits.MAX_REGEXES_PER_PATTERN,
        "selectors with a wildcard in a pattern": _limits.MAX_WILDCARD_SELECTORS_PER_PATTERN,
        "wildcards in a selector": _limits.MAX_WILDCARDS_PER_SELECTOR,
        "metric filters on a log group": _limits.MAX_FILTERS_PER_LOG_GROUP,
        "filters with a regex on a log group": _limits.MAX_REGEX_FILTERS_PER_LOG_GROUP,
        "subscription filters on a log group": _limits.MAX_SUBSCRIPTION_FILTERS_PER_LOG_GROUP,
        "characters of a filter's name": _limits.MAX_FILTER_NAME_LENGTH,
        "characters of a metric's name or namespace": _limits.MAX_METRIC_NAME_LENGTH,
        "characters of a metric's value": _limits.MAX_METRIC_VALUE_LENGTH,
        "dimensions of a metric": _limits.MAX_DIMENSIONS,
        "characters of a dimension's name or value": _limits.MAX_DIMENSION_TEXT_LENGTH,
        "messages in one call of TestMetricFilter": _limits.MAX_TEST_MESSAGES,
    }
    assert {name: int(most.replace(",", "")) for name, most in rows("Limits")} == of_the_page
    assert f"{_limits.MAX_DEPTH} nested brackets, and {_limits.MAX_REGEX_SIZE:,} characters" in TEXT
    assert f"counts above {_limits.MAX_REPEAT:,}" in TEXT


def test_the_blocks_are_what_cidr_writes():
    table = rows("Source addresses")
    assert len(table) == 3
    for blocks, text in table:
        assert cidr(blocks.strip("`")) == text.strip("`").replace("\\|", "|")


@pytest.mark.parametrize("target", ["eventbridge", "duckdb", "athena", "insights"])
def test_the_translations_are_what_we_write(target):
    (written,) = [body.strip() for language, body in BLOCKS if language == target]
    (text,) = re.findall(r"^For `(.*)`:$", TEXT, flags=re.MULTILINE)
    assert getattr(filterpattern, f"to_{target}")(text).text == written


def test_the_python_runs():
    (source,) = [body for language, body in BLOCKS if language == "python"]
    assert "\nassert " in source, "an example that states nothing proves nothing"
    exec(compile(source, PAGE.name, "exec"), {})


def test_the_messages_of_json_examples_are_worth_matching():
    """What stands behind a mark in a JSON example is JSON, but for the few that show what is not."""
    messages = [line[2:] for lines in EXAMPLES if lines[0].startswith("{") for line in lines[1:] if line[0] in "✓✗"]
    broken = [message for message in messages if not is_json(message)]
    assert len(broken) == 3


def is_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def test_the_page_of_lint_rules_is_up_to_date():
    written = LINT_RULES_PAGE.read_text(encoding="utf-8")
    assert written == filterpattern.lint_rules_page(), "run python -m tests.support.pattern_pages"
    for rule in filterpattern.LINT_RULES.values():
        assert f"### {rule.code}\n\n{rule.why}\n" in written
