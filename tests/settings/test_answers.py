"""Answers files: YAML or JSON, over what the stack has, over the defaults."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from settings import (
    HOME_KEY,
    KEYS,
    Baseline,
    Document,
    Settings,
    SettingsError,
    StackFile,
    merge_answers,
    read_answers,
    recommended_sets,
)
from settings.yaml_writer import new_node
from tests.support.answers_strategy import answers
from tests.support.effort import examples

FULL = Path(__file__).parents[1] / "data/answers/full.yaml"
ADOPT = Path(__file__).parents[1] / "data/answers/adopt.yaml"
GOOD: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"]}


def parsed(data: dict[str, Any]) -> Settings:
    return Settings.parse(data, stack="prod", source="test")


def written(folder: Path, text: str, name: str = "answers.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def refused(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        read_answers(path)
    return str(caught.value)


# Keys that take the place of others, so that no file can have them all: a given bucket has its own lifecycle.
INSTEAD_OF_OTHERS = {"bucket"}


def test_the_file_for_adopted_trails_uses_their_keys_and_survives_the_stack_file(tmp_path: Path) -> None:
    data = read_answers(ADOPT)
    assert set(data["trail"]) == {"mode", "trails", "baseline"}
    fullest = data["trail"]["baseline"]["org-trail"]
    assert set(fullest) == {field.alias for field in Baseline.model_fields.values()}
    assert data["remediation"]["restart"] is True
    settings = parsed(merge_answers(data, None))
    assert {site.region: site.is_adopted for site in settings.trails} == {"eu-west-1": True, "us-west-2": True}
    path = tmp_path / "Pulumi.prod.yaml"
    StackFile.read(path).plan_changes(settings).write()
    assert Settings.from_stack_file(path) == settings
    assert StackFile.read(path).plan_changes(settings).is_empty


def test_the_full_file_uses_every_key_and_survives_the_stack_file(tmp_path: Path) -> None:
    data = read_answers(FULL)
    assert set(data) == {HOME_KEY, *KEYS}
    for name, model in [("trail", "TrailSettings"), ("alerts", "Alerts"), ("remediation", "Remediation")]:
        fields = getattr(__import__("settings"), model).model_fields
        elsewhere = {"trail": {"trails", "baseline"}, "remediation": {"restart"}}.get(name, set())  # in adopt.yaml
        expected = {field.alias for field in fields.values()} - INSTEAD_OF_OTHERS - elsewhere
        assert set(data[name]) == expected, name
    some_set = data["eventSets"]["iam-activity"]
    assert set(some_set) == {"threshold", "period", "severity", "alarmName", "metricName"}
    settings = parsed(merge_answers(data, None))
    assert {watch.kind for watch in settings.watches} == {"event-set", "custom", "source-ip"}
    path = tmp_path / "Pulumi.prod.yaml"
    StackFile.read(path).plan_changes(settings).write()
    before = path.read_bytes()
    again = StackFile.read(path)
    change = again.plan_changes(parsed(merge_answers(read_answers(FULL), again.answers)))
    assert change.is_empty
    change.write()
    assert path.read_bytes() == before


@hypothesis_settings(max_examples=examples(20))
@given(answers())
def test_yaml_and_json_say_the_same(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("answers")
    stream = io.StringIO()
    YAML().dump(new_node(data), stream)
    text = stream.getvalue()
    from_yaml = read_answers(written(folder, text))
    from_json = read_answers(written(folder, json.dumps(data, indent="\t"), name="answers.json"))
    assert from_yaml == from_json == data
    assert parsed(from_yaml) == parsed(from_json) == parsed(data)


def test_a_list_of_sets_means_their_defaults() -> None:
    as_list = parsed({**GOOD, "eventSets": ["trail-changes", "iam-changes"]})
    assert as_list == parsed({**GOOD, "eventSets": {"trail-changes": {}, "iam-changes": {}}})


def test_what_nobody_says_has_its_default() -> None:
    settings = parsed(GOOD)
    assert settings.regions == ("eu-west-1",)
    assert settings.event_sets == recommended_sets()
    assert "trail-changes" in settings.event_sets
    assert (settings.trail.mode, settings.trail_name) == ("create", "trailwarden-prod")
    assert settings.trail.retention_days == 365
    assert (settings.remediation.mode, settings.evidence) == ("restore", "keep")
    assert (settings.source_ips, settings.custom_sets, settings.subscribers) == ((), {}, ())
    assert (settings.display_name, settings.metric_namespace) == ("trailwarden prod", "trailwarden/prod")


PRESENT = {"homeRegion": "us-east-1", "regions": ["us-east-1"], "emails": ["old@example.com"], "evidence": "disposable"}


@pytest.mark.parametrize(
    ("given_answers", "present", "merged"),
    [
        ({"emails": ["new@example.com"]}, PRESENT, {**PRESENT, "emails": ["new@example.com"]}),
        ({}, PRESENT, PRESENT),
        (GOOD, None, GOOD),
        (GOOD, {}, GOOD),
        (
            {"regions": ["eu-west-3", "us-east-1"]},
            None,
            {"homeRegion": "eu-west-3", "regions": ["eu-west-3", "us-east-1"]},
        ),
        ({"regions": ["eu-west-3"]}, PRESENT, {**PRESENT, "regions": ["eu-west-3"]}),
        ({}, {"regions": ["eu-west-3"]}, {"homeRegion": "eu-west-3", "regions": ["eu-west-3"]}),
        ({"regions": []}, None, {"regions": []}),
    ],
)
def test_merging(given_answers: dict[str, Any], present: dict[str, Any] | None, merged: dict[str, Any]) -> None:
    before = (dict(given_answers), dict(present or {}))
    assert merge_answers(given_answers, present) == merged
    assert (given_answers, present or {}) == before


def test_messages_name_the_file_that_said_it(tmp_path: Path) -> None:
    stack_file = written(
        tmp_path,
        "config:\n  aws:region: eu-west-9\n  trailwarden:evidence: kept\n  trailwarden:trail: {name: 012}\n",
        name="Pulumi.prod.yaml",
    )
    present = StackFile.read(stack_file).answers
    given_answers = read_answers(written(tmp_path, "# mine\nemails:\n  - nobody\nremediation: {mode: on}\n"))
    flags = Document({"regions": ["nowhere"]}, source="--regions")
    with pytest.raises(SettingsError) as caught:
        parsed(merge_answers(given_answers.layered(flags), present))
    assert [(problem.source, problem.key, problem.line) for problem in caught.value.problems] == [
        ("--regions", "regions[0]", None),
        ("Pulumi.prod.yaml", "aws:region", 2),
        ("Pulumi.prod.yaml", "evidence", 3),
        ("Pulumi.prod.yaml", "trail.name", 4),
        ("answers.yaml", "emails[0]", 3),
        ("answers.yaml", "remediation.mode", 4),
    ]


def test_an_answer_heals_what_is_wrong_in_the_stack_file(tmp_path: Path) -> None:
    text = "config:\n  aws:region: eu-west-1\n  trailwarden:eventSets: [a]\n  trailwarden:trail: {name: 012}\n"
    present = StackFile.read(written(tmp_path, text, name="Pulumi.prod.yaml")).answers
    assert len(present.problems) == 2
    merged = merge_answers({**GOOD, "eventSets": ["trail-changes"], "trail": {"name": "audit"}}, present)
    assert parsed(merged).trail_name == "audit"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("answers.yaml", "", "answers.yaml: holds no answers; allowed: keys such as emails: [security@example.com]"),
        (
            "answers.yaml",
            "- a\n",
            "answers.yaml: holds no answers; allowed: keys such as emails: [security@example.com]",
        ),
        ("answers.json", "[]", "answers.json: holds no answers; allowed: keys such as emails: [security@example.com]"),
        ("answers.json", "{\n,}", "answers.json:2: is not JSON: "),
        ("answers.json", "[" * 100_000, "answers.json: is nested too deeply, or holds a number that is too long"),
        ("answers.yaml", "emails: ]\n", "answers.yaml:1: is not YAML: "),
        ("answers.yaml", "[a]: 1\n", "answers.yaml:1: holds a key that is not a simple text"),
    ],
)
def test_files_that_hold_no_answers(name: str, text: str, said: str, tmp_path: Path) -> None:
    assert refused(written(tmp_path, text, name=name)).startswith(said)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "answers.json",
            '{"emails": 1, "emails": [1], "evidence": "x"}',
            ["emails is written twice", "emails[0] must be a text", "evidence is not one of the choices"],
        ),
        (
            "answers.json",
            '{"trail": {"mode": "x", "mode": "adopt", "mode": "create"}, "evidnce": 1}',
            ["mode is written twice", "evidnce there is no such key"],
        ),
        (
            "answers.yaml",
            "emails: 1\nevidence: x\nemails: [1]\n",
            ["2 evidence is not one of the choices", "3 emails is written twice", "3 emails[0] must be a text"],
        ),
        (
            "answers.yaml",
            "trail:\n  name: [a]\n  name: good\nevidnce: 1\n",
            ["3 trail.name is written twice", "4 evidnce there is no such key"],
        ),
    ],
)
def test_a_key_that_is_written_twice_hides_nothing_else(name: str, text: str, said: list[str], tmp_path: Path) -> None:
    """Of its values the last is judged, and everything else as ever."""
    with pytest.raises(SettingsError) as caught:
        parsed(merge_answers(read_answers(written(tmp_path, text, name=name)), GOOD))
    assert [
        " ".join(filter(None, [str(each.line or ""), each.key, each.problem])) for each in caught.value.problems
    ] == said


def test_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "answers.yaml") == "answers.yaml: cannot be read: No such file or directory"


def test_aliases_of_aliases_do_not_keep_anybody_waiting(tmp_path: Path) -> None:
    levels = [f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 9)}]" for level in range(1, 9)]
    text = "\n".join(["x0: &x0 [1]", *levels])
    assert "is too large: more than 100,000 values" in refused(written(tmp_path, text))


def test_a_bare_account_id_in_json_is_refused_too(tmp_path: Path) -> None:
    data = {**GOOD, "trail": {"name": 123456789012}}
    document = read_answers(written(tmp_path, json.dumps(data), name="answers.json"))
    with pytest.raises(SettingsError, match=r'trail\.name: must be a text \(got 123456789012\).*"123456789012"'):
        parsed(document)


@given(st.text() | st.binary())
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: str | bytes) -> None:
    path = tmp_path_factory.mktemp("answers") / "answers.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    refusal = error_of(lambda: read_answers(path)) or error_of(lambda: parsed(read_answers(path)))
    assert str(refusal).startswith("answers.yaml")


def error_of(work: Callable[[], Any]) -> SettingsError | None:
    """The refusal, if there is one. Any other error goes through."""
    try:
        work()
    except SettingsError as error:
        return error
    return None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([HOME_KEY, *KEYS]), json_values, max_size=5), answers())
def test_any_data_are_accepted_or_refused_in_words(odd: dict[str, Any], good: dict[str, Any]) -> None:
    """No other error than ours, whatever the data are, and no word of the library behind the model."""
    refusal = error_of(lambda: parsed({**good, **odd}).plan())
    if refusal is not None:
        assert refusal.problems
        words, own = str(refusal).lower(), repr(odd).lower()  # who writes such a word gets it back
        jargon = ["pydantic", "validation error", "type=", "input should", "ctx"]
        assert not [word for word in jargon if word in words and word not in own]
