"""What has to hold over the whole catalogue. Each check lists every offender, not just the first."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import filterpattern
from catalog import AUDITORS, BENCHMARKS, EVENT_SETS, PACKS, SEVERITIES

ROOT = Path(__file__).parents[2]
EXPECTED_FIRST = {
    "trail-changes",
    "trail-tampering",
    "iam-policy-changes",
    "iam-changes",
    "iam-activity",
    "iam-auth-config-changes",
    "console-signin-failures",
    "unauthorized-api-calls",
    "security-group-changes",
    "network-acl-changes",
    "ec2-instance-changes",
    "s3-bucket-policy-changes",
    "root-account-use",
    "out-of-region",
}


def test_the_sets_that_stack_files_may_name_are_there() -> None:
    assert set(EVENT_SETS) >= EXPECTED_FIRST


def test_names_are_kebab_case_and_keys() -> None:
    assert [name for name, s in EVENT_SETS.items() if s.name != name] == []
    assert [name for name in EVENT_SETS if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_every_pattern_compiles_and_keeps_the_limits_of_one_pattern() -> None:
    compiled = {name: filterpattern.compile(event_set.pattern) for name, event_set in EVENT_SETS.items()}
    assert [n for n, p in compiled.items() if len(p.text) > filterpattern.MAX_PATTERN_LENGTH] == []
    assert [n for n, p in compiled.items() if p.regexes > filterpattern.MAX_REGEXES_PER_PATTERN] == []


def test_lint_has_nothing_to_say() -> None:
    """Not about our own texts, nor about the suppressions; what auditors compare is theirs to write."""
    audited = {name: event_set.pattern for name, event_set in EVENT_SETS.items() if event_set.controls}
    texts = [(name, event_set.pattern) for name, event_set in EVENT_SETS.items()]
    texts += [(n, noise.suppression) for n, s in EVENT_SETS.items() for noise in s.noise if noise.suppression]
    assert [(n, str(f)) for n, text in texts for f in filterpattern.lint(text, auditors=audited)] == []


def test_the_whole_catalogue_fits_into_one_log_group() -> None:
    """And leaves room for custom sets and source addresses."""
    assert len(EVENT_SETS) <= filterpattern.MAX_FILTERS_PER_LOG_GROUP // 2
    with_regex = [n for n, s in EVENT_SETS.items() if filterpattern.compile(s.pattern).regexes]
    assert with_regex == [], "regex filters are few (5 a log group): leave them to sourceIps and custom sets"


@pytest.mark.parametrize("key", ["name", "title", "why", "runbook", "metric", "pattern"])
def test_nothing_that_identifies_a_set_is_shared(key: str) -> None:
    values = [getattr(event_set, key) for event_set in EVENT_SETS.values()]
    assert sorted({value for value in values if values.count(value) > 1}) == []


def test_no_two_patterns_mean_the_same() -> None:
    compiled = [filterpattern.compile(event_set.pattern) for event_set in EVENT_SETS.values()]
    assert len(set(compiled)) == len(compiled)


def test_metric_names_are_cloudwatch_names() -> None:
    """No colon, star or dollar (PutMetricFilter, MetricTransformation)."""
    assert [s.metric for s in EVENT_SETS.values() if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,254}", s.metric)] == []


def test_metric_names_of_published_procedures_are_kept() -> None:
    assert EVENT_SETS["trail-changes"].metric == "CloudTrailEventCount"
    assert EVENT_SETS["iam-auth-config-changes"].metric == "IAMAuthnAuthzActivity"


def test_words_from_fixed_lists() -> None:
    assert {event_set.severity for event_set in EVENT_SETS.values()} <= set(SEVERITIES)
    assert {event_set.pack for event_set in EVENT_SETS.values()} <= set(PACKS)
    assert {key for event_set in EVENT_SETS.values() for key in event_set.controls} <= set(BENCHMARKS)
    assert {key for event_set in EVENT_SETS.values() for key in event_set.auditors} <= set(AUDITORS)


def test_packs_hold_every_set_once_in_catalogue_order() -> None:
    packs = EVENT_SETS.packs
    assert tuple(packs) == PACKS
    assert [name for pack in packs.values() for name in pack.sets] == list(EVENT_SETS)
    assert [n for n, s in EVENT_SETS.items() if n not in packs[s.pack].sets] == []


def test_within_a_pack_the_loudest_sets_come_first() -> None:
    order = {
        pack.name: [SEVERITIES.index(EVENT_SETS[n].severity) for n in pack.sets] for pack in EVENT_SETS.packs.values()
    }
    assert {pack: loudness for pack, loudness in order.items() if loudness != sorted(loudness)} == {}


def test_what_is_said_is_a_sentence_and_fits_a_telephone() -> None:
    texts = [
        (name, text)
        for name, s in EVENT_SETS.items()
        for text in (s.why, s.runbook, *(t for noise in s.noise for t in (noise.what, noise.answer)))
    ]
    assert [(name, text) for name, text in texts if not re.fullmatch(r"[A-Z`].*[.?]", text)] == []
    assert [(name, text) for name, text in texts if len(text) > 220] == []


def test_an_alarm_description_made_of_title_and_reasons_fits_cloudwatch() -> None:
    """AlarmDescription: at most 1,024 characters (PutMetricAlarm)."""
    assert [n for n, s in EVENT_SETS.items() if len(s.title) + len(s.why) + len(s.runbook) > 800] == []


def test_only_thresholds_with_a_reason_differ_from_one_in_five_minutes() -> None:
    unusual = {
        n: s.default_reason for n, s in EVENT_SETS.items() if (s.default_threshold, s.default_period) != (1, 300)
    }
    assert [name for name, reason in unusual.items() if not reason] == []
    assert unusual.keys() >= {"unauthorized-api-calls", "iam-activity"}
    assert 5 <= EVENT_SETS["unauthorized-api-calls"].default_threshold <= 10


def test_tampering_is_loud_and_alarms_on_the_first_event() -> None:
    loud = [s for s in EVENT_SETS.values() if s.severity in ("critical", "high")]
    assert [s.name for s in loud if s.default_threshold != 1] == []
    assert EVENT_SETS["trail-changes"].severity == EVENT_SETS["trail-tampering"].severity == "critical"


def test_what_a_stack_gets_that_says_nothing() -> None:
    recommended = {name for name, event_set in EVENT_SETS.items() if event_set.recommended}
    assert recommended >= {
        "trail-changes",
        "trail-tampering",
        "root-account-use",
        "iam-policy-changes",
        "out-of-region",
    }
    assert recommended.isdisjoint({"iam-changes", "iam-activity", "iam-auth-config-changes", "ec2-instance-changes"})


def test_what_a_stack_gets_needs_no_facts_but_its_regions() -> None:
    needed = {fact for event_set in EVENT_SETS.values() if event_set.recommended for fact in event_set.parameters}
    # Beside the regions only names of what every deployment makes itself.
    assert needed == {"regions", "alarms", "log_group", "topics", "rules", "functions", "roles", "parameters"} | {
        "bucket",
        "queues",
        "schedules",
        "tables",
    }


def test_at_least_two_samples_of_each_kind_and_some_known_noise() -> None:
    few = [
        (n, wanted)
        for n, s in EVENT_SETS.items()
        for wanted in (True, False)
        if sum(x.matches is wanted for x in s.samples) < 2
    ]
    assert few == []
    assert [n for n, s in EVENT_SETS.items() if not s.noise] == []


def test_the_mapping_is_read_only() -> None:
    catalogue: Any = EVENT_SETS
    event_set: Any = EVENT_SETS["out-of-region"]
    with pytest.raises(TypeError):
        catalogue["mine"] = event_set
    with pytest.raises(TypeError):
        del catalogue["trail-changes"]
    with pytest.raises(TypeError):
        catalogue.packs["trail"] = None
    audited = EVENT_SETS["trail-changes"]
    mappings: list[Any] = [audited.controls, audited.auditors, event_set.parameters]
    for mapping in mappings:
        with pytest.raises(TypeError):
            mapping["mine"] = ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        event_set.severity = "low"


def test_sets_can_be_members_of_sets() -> None:
    assert len({*EVENT_SETS.values(), *EVENT_SETS.values()}) == len(EVENT_SETS)


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        EVENT_SETS["trail-change"]
    assert "trail-change" not in EVENT_SETS


def test_the_catalogue_travels_with_the_standard_library_alone() -> None:
    """It goes into the archives of Lambdas, which have nothing else but boto3."""
    code = "import sys, catalog; len(catalog.EVENT_SETS); print('\\n'.join({n.partition('.')[0] for n in sys.modules}))"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    foreign = set(done.stdout.split()) - sys.stdlib_module_names - {"__main__", "catalog", "filterpattern"}
    assert foreign == set()
