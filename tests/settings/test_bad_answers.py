"""Every bad input gets a clear message of its own: file, line, key, value, what is allowed, what was probably meant."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from catalog import EVENT_SETS
from filterpattern import MAX_PATTERN_LENGTH
from settings import KEYS, Settings, SettingsError, merge_answers, read_answers
from settings.checks import PROTOCOLS, available_event_sets
from settings.regions import REGIONS
from settings.repairs import TRAIL_FIELDS

GOOD: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"]}
TABLE = Path(__file__).parents[1] / "data/settings/bad_answers.yaml"
CASES: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(TABLE)

# What grows with the catalogue and the settings.
LONG = {
    "<sets>": f"the {len(available_event_sets())} names that `trailwarden sets` lists",
    "<regions>": "a region's code, such as eu-west-1",
    "<protocols>": ", ".join(PROTOCOLS),
    "<fields>": ", ".join(TRAIL_FIELDS),
    "<keys>": ", ".join(["homeRegion", *KEYS]),
}


def problems(data: dict[str, Any], *, stack: str = "prod") -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.parse(data, stack=stack, source="answers")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_what_is_said(case: dict[str, Any], tmp_path: Path) -> None:
    expected = case["says"]
    for short, long in LONG.items():
        expected = [line.replace(short, long) for line in expected]
    path = tmp_path / "answers.yaml"
    path.write_text(case["answers"])
    with pytest.raises(SettingsError) as caught:
        Settings.parse(merge_answers(read_answers(path), GOOD), stack="prod", source="unused")
    assert [str(problem) for problem in caught.value.problems] == expected
    assert str(caught.value) == "\n".join(expected)


def test_the_table_is_long_and_has_each_case_once() -> None:
    ids = [case["id"] for case in CASES]
    assert len(ids) == len(set(ids)) >= 90


@pytest.mark.parametrize("case", [case for case in CASES if "s3cret" in case["answers"]], ids=lambda case: case["id"])
def test_a_webhook_is_never_quoted(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(case["answers"])
    with pytest.raises(SettingsError) as caught:
        Settings.parse(merge_answers(read_answers(path), GOOD), stack="prod", source="unused")
    assert "s3cret" not in repr(caught.value) + repr(caught.value.problems)


def test_no_answers_at_all_names_the_wizard() -> None:
    assert problems({}) == ["answers: stack prod has no settings yet; `.venv/bin/python -m wizard` asks for them"]


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("emails", "emails: is missing; write for example emails: [security@example.com]"),
        ("homeRegion", "homeRegion: is missing; write for example homeRegion: eu-west-1"),
    ],
)
def test_what_is_missing(missing: str, said: str) -> None:
    data = {key: value for key, value in GOOD.items() if key != missing}
    assert problems(data) == [f"answers: {said}, or let `.venv/bin/python -m wizard` ask for it"]


def test_a_pattern_that_is_too_long() -> None:
    pattern = '{ $.eventName = "' + "x" * MAX_PATTERN_LENGTH + '" }'
    assert problems({**GOOD, "customSets": {"mine": {"pattern": pattern}}}) == [
        (
            "answers: customSets.mine.pattern: has 1,044 characters; "
            "allowed: at most 1,024 characters, the limit of CloudWatch Logs"
        )
    ]


@pytest.mark.parametrize(("mode", "ours"), [("off", 0), ("notify", 1)])
def test_a_hundred_filters_are_the_limit(mode: str, ours: int) -> None:
    """The canary is one of them."""
    custom = {f"set-{number}": {"pattern": "{ $.a = 1 }"} for number in range(99 - ours)}
    data = {**GOOD, "customSets": custom, "remediation": {"mode": mode}}
    settings = Settings.parse({**data, "eventSets": ["trail-changes"]}, stack="prod", source="")
    assert settings.plan().filters == 100
    assert problems({**data, "eventSets": ["trail-changes", "iam-changes"]}) == [
        (
            "answers: eventSets: with customSets, sourceIps and our own these are 101 metric filters; "
            "allowed: at most 100 per log group, a limit of CloudWatch"
        )
    ]


def test_five_filters_with_regular_expressions_are_the_limit() -> None:
    def sources(count: int) -> dict[str, Any]:
        blocks = [f"198.51.{number}.0/26" for number in range(count)]
        return {
            **GOOD,
            "eventSets": {},
            "sourceIps": [{"name": f"range-{n}", "cidr": block} for n, block in enumerate(blocks)],
        }

    assert Settings.parse(sources(5), stack="prod", source="").source_ips
    assert problems(sources(6)) == [
        (
            "answers: sourceIps: 6 patterns hold a regular expression: range-0, range-1, range-2, range-3, range-4, "
            "range-5; allowed: at most 5 per log group, a limit of CloudWatch; blocks of /8, /16, /24 and /32 need none"
        )
    ]


def test_a_pattern_for_too_many_regions_is_told_at_its_set() -> None:
    (said,) = problems({**GOOD, "eventSets": ["out-of-region"], "regions": list(REGIONS["aws"])})
    assert said.startswith("answers: eventSets.out-of-region: the pattern would be ")
    assert "leave the set out" in said
    all_but_that = [name for name in available_event_sets() if name != "out-of-region"]
    data = {**GOOD, "eventSets": all_but_that, "regions": list(REGIONS["aws"])}
    assert len(Settings.parse(data, stack="prod", source="").watches) == len(all_but_that)


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("self-functions", "function"),
        ("self-state", "event rule and no parameter and no schedule"),
        ("self-queues", "queue and no table"),
    ],
)
def test_a_set_on_things_that_the_stack_does_not_have(name: str, gone: str) -> None:
    assert problems({**GOOD, "eventSets": [name], "remediation": {"mode": "off"}}) == [
        (
            f"answers: eventSets.{name}: has nothing to watch: with remediation.mode off this stack makes no {gone}; "
            "allowed: remediation.mode restore or notify, or leave the set out"
        )
    ]
    for mode in ("restore", "notify"):
        assert Settings.parse({**GOOD, "eventSets": [name], "remediation": {"mode": mode}}, stack="prod", source="")


@pytest.mark.parametrize("name", ["self-delivery", "self-roles", "self-alarms-logs", "trail-storage"])
def test_a_set_on_things_that_every_stack_has_needs_no_guardian(name: str) -> None:
    assert Settings.parse({**GOOD, "eventSets": [name], "remediation": {"mode": "off"}}, stack="prod", source="")


def test_an_alarm_name_that_no_pattern_can_look_for() -> None:
    named = {"trail-changes": {"alarmName": 'the "trail"*'}, "self-alarms-logs": {}}
    assert problems({**GOOD, "eventSets": named}) == [
        (
            "answers: eventSets.self-alarms-logs: no filter pattern can look for the alarm name 'the \"trail\"*', "
            'which holds " *'
        )
    ]
    assert Settings.parse({**GOOD, "eventSets": {"trail-changes": named["trail-changes"]}}, stack="prod", source="")


def test_alarm_names_that_share_nothing_are_too_many_for_a_pattern() -> None:
    """Told before anything is made where all names are chosen by hand; else the deployment tells it."""
    sets = list(EVENT_SETS)
    (said,) = problems({**GOOD, "eventSets": sets, "alerts": {"alarmPrefix": "x"}})
    assert said.startswith("answers: eventSets.self-alarms-logs: the pattern would be ")
    assert said.endswith(f"an alerts.alarmPrefix of 4 characters or more makes all {len(sets)} alarms begin alike")
    assert Settings.parse({**GOOD, "eventSets": sets, "alerts": {"alarmPrefix": "acme"}}, stack="prod", source="")


def test_a_watch_on_alarms_may_need_a_regex() -> None:
    data: dict[str, Any] = {
        **GOOD,
        "eventSets": ["trail-changes"],
        "sourceIps": [{"name": f"range-{n}", "cidr": f"198.51.{n}.0/26"} for n in range(5)],
    }
    assert Settings.parse(data, stack="prod", source="")
    (said,) = problems({**data, "eventSets": ["self-alarms-logs"]})
    assert said.startswith("answers: sourceIps: 6 patterns hold a regular expression: self-alarms-logs, range-0")


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        (
            "acme/trailwarden/prod",
            (
                'stack: is more than the name of a stack (got "acme/trailwarden/prod"); did you mean prod?; '
                "allowed: letters, digits, '.', '_' and '-', at most 100 characters"
            ),
        ),
        (
            "my stack",
            (
                'stack: cannot be the name of a stack (got "my stack"); '
                "allowed: letters, digits, '.', '_' and '-', at most 100 characters"
            ),
        ),
        (
            "a--b",
            (
                "trail.name: is needed, because CloudTrail refuses the default trailwarden-a--b; "
                "allowed: 3 to 128 letters and digits, with single '.', '_' or '-' between them"
            ),
        ),
    ],
)
def test_stack_names(stack: str, said: str) -> None:
    assert problems(GOOD, stack=stack)[0] == f"answers: {said}"


def test_a_trail_name_of_ones_own_helps_a_stack_with_an_odd_name() -> None:
    assert Settings.parse({**GOOD, "trail": {"name": "audit"}}, stack="a--b", source="").trail_name == "audit"


@pytest.mark.parametrize(
    ("metric", "shown"),
    [("x" * 256, '"' + "x" * 79 + '…"'), ("tick\x1b[2J", '"tick\\u001b[2J"'), ("cafe\u202e", '"cafe\\u202e"')],
)
def test_a_value_cannot_flood_or_repaint_the_terminal(metric: str, shown: str) -> None:
    (said,) = problems({**GOOD, "eventSets": {"iam-changes": {"metricName": metric}}})
    assert f"(got {shown})" in said
    assert said.isprintable()


def test_huge_numbers_are_shown_without_trouble() -> None:
    (said,) = problems({**GOOD, "eventSets": {"iam-changes": {"threshold": 10**5000}}})
    assert "must be at most 1,000,000,000 (got a very long number)" in said
