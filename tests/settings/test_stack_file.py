"""The stack file: read, changed in place, written whole or not at all."""

from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from settings import Settings, SettingsError, StackFile, block, find_project, merge_answers, stack_file_path
from tests.support.answers_strategy import answers
from tests.support.effort import examples
from tests.support.stack_files import ANSWERS, GOOD, identity, others, parsed, stack_file

NEW_FILE = """\
config:
  aws:region: eu-west-1
  trailwarden:trail: {mode: create}
  trailwarden:regions: [eu-west-1]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets:
    trail-changes: {}
    unauthorized-api-calls: {threshold: 10}
  trailwarden:sourceIps:
    - {name: office, cidr: 203.0.113.0/24, match: inside, threshold: 30, period: 300}
  trailwarden:remediation: {mode: restore}
  trailwarden:evidence: keep
"""


def test_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.prod.yaml"
    file = StackFile.read(path)
    assert (file.exists, dict(file.answers)) == (False, {})
    change = file.plan_changes(parsed(ANSWERS))
    assert not path.exists()
    assert change.diff.startswith("--- /dev/null\n+++ Pulumi.prod.yaml\n@@ -0,0 +1,12 @@\n+config:\n")
    change.write()
    assert path.read_text() == NEW_FILE
    assert Settings.from_stack_file(path) == parsed(ANSWERS)


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = stack_file(tmp_path, NEW_FILE)
    before = identity(path)
    change = StackFile.read(path).plan_changes(parsed(ANSWERS))
    assert (change.is_empty, change.diff) == (True, "")
    change.write()
    assert path.read_text() == NEW_FILE
    assert identity(path) == before


LIVED_IN = """\
# Owned by the security team.
secretsprovider: awskms://alias/pulumi
encryptionsalt: v1:abc=:v1:def==
config:
    aws:region: "eu-west-1"   # home
    aws:allowedAccountIds: ["012345678901"]
    other:token:
        secure: v1:xyz==

    # people
    trailwarden:emails:
    - security@example.com  # the list
    - "oncall@example.com"
    # sets
    trailwarden:eventSets:
        trail-changes:
        iam-activity: {threshold: 500,  period: 3600}  # agreed in March
    trailwarden:alerts: {explain: false}
environment:
- shared
"""


def test_a_file_that_people_live_in(tmp_path: Path) -> None:
    path = stack_file(tmp_path, LIVED_IN)
    file = StackFile.read(path)
    assert file.answers == {
        "homeRegion": "eu-west-1",
        "emails": ["security@example.com", "oncall@example.com"],
        "eventSets": {"trail-changes": None, "iam-activity": {"threshold": 500, "period": 3600}},
        "alerts": {"explain": False},
    }
    wanted = merge_answers({"emails": ["security@example.com"], "evidence": "disposable"}, file.answers)
    change = file.plan_changes(parsed(wanted))
    end = LIVED_IN.index("environment:")
    assert change.new == (
        LIVED_IN[:end]
        .replace('    - "oncall@example.com"\n', "")
        .replace("500,  period: 3600}  #", "500, period: 3600}   #")
        + "    trailwarden:trail: {mode: create}\n"
        + "    trailwarden:regions: [eu-west-1]\n"
        + "    trailwarden:sourceIps: []\n"
        + "    trailwarden:remediation: {mode: restore}\n"
        + "    trailwarden:evidence: disposable\n"
        + LIVED_IN[end:]
    )
    assert [line for line in change.diff.splitlines() if line[0] in "+-"] == [
        "--- Pulumi.prod.yaml",
        "+++ Pulumi.prod.yaml",
        '-    - "oncall@example.com"',
        "-        iam-activity: {threshold: 500,  period: 3600}  # agreed in March",
        "+        iam-activity: {threshold: 500, period: 3600}   # agreed in March",
        "+    trailwarden:trail: {mode: create}",
        "+    trailwarden:regions: [eu-west-1]",
        "+    trailwarden:sourceIps: []",
        "+    trailwarden:remediation: {mode: restore}",
        "+    trailwarden:evidence: disposable",
    ]
    change.write()
    again = StackFile.read(path)
    assert again.settings() == parsed(wanted)
    assert again.plan_changes(parsed(wanted)).is_empty


# What the file says already stays as it is written, however it is written.
SAME = [
    pytest.param("trailwarden:emails: '[\"security@example.com\"]'", id="JSON text, as pulumi config set writes it"),
    pytest.param("emails: [security@example.com]", id="without prefix"),
    pytest.param('trailwarden:emails: [ "security@example.com" ]', id="quotes and blanks"),
    pytest.param("trailwarden:emails:\n  - security@example.com", id="block"),
    pytest.param("trailwarden:emails: [security@example.com]\n  trailwarden:alerts: {}", id="a default"),
    pytest.param("trailwarden:emails: [security@example.com]\n  trailwarden:customSets: {}", id="an empty mapping"),
    pytest.param("trailwarden:emails: [security@example.com]\n  trailwarden:trail: {retentionDays: 365}", id="no mode"),
]


@pytest.mark.parametrize("written", SAME)
def test_what_is_said_already_is_not_rewritten(written: str, tmp_path: Path) -> None:
    rest = "trailwarden:remediation: {mode: restore}\n  trailwarden:evidence: keep\n  trailwarden:sourceIps: []"
    sets = "trailwarden:eventSets: {trail-changes: }\n  trailwarden:regions: [eu-west-1]\n"
    text = f"config:\n  aws:region: eu-west-1\n  {written}\n  {rest}\n  {sets}"
    if "trail:" not in written:
        text += "  trailwarden:trail: {mode: create}\n"
    file = StackFile.read(stack_file(tmp_path, text))
    assert file.plan_changes(parsed({**GOOD, "eventSets": ["trail-changes"]})).diff == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", NEW_FILE),
        ("# only this\n", "# only this\n" + NEW_FILE),
        ("# only this", "# only this\n" + NEW_FILE),
        ("---\n", "---\n" + NEW_FILE),
        ("config:\n", NEW_FILE),
        ("config: {}\n", NEW_FILE),
        ("config: {} # ours\n", NEW_FILE.replace("config:", "config:    # ours")),
        ("encryptionsalt: v1:x\n", "encryptionsalt: v1:x\n" + NEW_FILE),
        ("encryptionsalt: v1:x\r\n", "encryptionsalt: v1:x\r\n" + NEW_FILE.replace("\n", "\r\n")),
        ("config:\nencryptionsalt: v1:x\n", NEW_FILE + "encryptionsalt: v1:x\n"),
    ],
)
def test_files_without_settings(before: str, after: str, tmp_path: Path) -> None:
    path = stack_file(tmp_path, before)
    StackFile.read(path).plan_changes(parsed(ANSWERS)).write()
    assert path.read_bytes().decode() == after
    assert Settings.from_stack_file(path) == parsed(ANSWERS)


def test_a_flow_file_stays_one(tmp_path: Path) -> None:
    path = stack_file(tmp_path, "{config: {aws:region: eu-west-1, x:y: {secure: abc}}, encryptionsalt: v1:x}\n")
    StackFile.read(path).plan_changes(parsed({**GOOD, "eventSets": ["trail-changes"]})).write()
    assert path.read_text() == (
        "{config: {aws:region: eu-west-1, x:y: {secure: abc}, "
        "trailwarden:trail: {mode: create}, trailwarden:regions: [eu-west-1], "
        "trailwarden:emails: [security@example.com], trailwarden:eventSets: {trail-changes: {}}, "
        "trailwarden:sourceIps: [], trailwarden:remediation: {mode: restore}, trailwarden:evidence: keep}, "
        "encryptionsalt: v1:x}\n"
    )


def test_keys_that_went_back_to_their_default_are_taken_out(tmp_path: Path) -> None:
    path = stack_file(tmp_path, NEW_FILE + "  trailwarden:customSets:\n    mine: {pattern: '{ $.a = 1 }'}\n")
    StackFile.read(path).plan_changes(parsed(ANSWERS)).write()
    assert path.read_text() == NEW_FILE


# What others wrote around our block, in both list styles.
FOREIGN = st.sampled_from(
    [
        "  other:a: 1 # one\n",
        "  other:list:\n  - 'x'\n  - \"y\"\n",
        "  other:list2:\n    - x   # flush\n\n    - y\n",
        "  # a comment\n\n  other:b: {secure: v1:abc==}\n",
        "  other:c:\n    secure: v1:abc==\n  # after\n",
        "  aws:allowedAccountIds: ['012345678901']\n",
        "  other:d: |\n    text\n      more\n",
        "  other:e:\n",
    ]
)


@hypothesis_settings(max_examples=examples(20))
@given(answers(), answers(), st.lists(FOREIGN, unique=True), st.lists(FOREIGN, unique=True), st.booleans())
def test_any_settings_survive_the_file_and_nothing_else_changes(
    first: dict[str, Any], second: dict[str, Any], head: list[str], tail: list[str], crlf: bool
) -> None:
    """Write one set of answers into a file of others, then another one, then the same once more."""
    tail = [each for each in tail if each not in head]
    text = "encryptionsalt: v1:x # salt\nconfig:\n" + "".join(head + tail) + "# shared\nenvironment: [shared]\n"
    if crlf:
        text = text.replace("\n", "\r\n")
    theirs = unindented(text)
    file = StackFile(Path("Pulumi.prod.yaml"), stack="prod", text=text)
    for each in (first, second):
        settings = parsed(each)
        change = file.plan_changes(settings)
        file = StackFile(Path("Pulumi.prod.yaml"), stack="prod", text=change.new)
        assert file.settings() == settings
        assert file.plan_changes(settings).is_empty
        assert [line for line in unindented(change.new) if line in theirs] == theirs
        assert others(change.new) == others(text)
        # Pulumi's YAML and PyYAML take bare words for more than ruamel does; all must read the same.
        assert pyyaml.safe_load(change.new)["config"] == YAML(typ="safe", pure=True).load(change.new)["config"]


def unindented(text: str) -> list[str]:
    """The lines with their ends. Lists of both styles in one file get the indentation of the majority."""
    return [line.lstrip(" ") for line in text.splitlines(keepends=True)]


@hypothesis_settings(max_examples=examples(20))
@given(answers())
def test_the_block_says_all(data: dict[str, Any]) -> None:
    settings = parsed(data)
    assert parsed(block(settings)) == settings


def test_find_project(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: trailwarden\n")
    (tmp_path / "a/b").mkdir(parents=True)
    assert find_project(tmp_path / "a/b") == tmp_path.resolve()
    assert stack_file_path(tmp_path, "prod") == tmp_path / "Pulumi.prod.yaml"
    (tmp_path / "Pulumi.prod.yml").write_text("")
    assert stack_file_path(tmp_path, "prod") == tmp_path / "Pulumi.prod.yml"


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"there is no Pulumi\.yaml here or in any folder above"):
        find_project(tmp_path)
