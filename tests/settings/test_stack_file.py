"""The stack file: read, changed in place, written whole or not at all."""

from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from settings import KEYS, Settings, SettingsError, StackFile, block, find_project, merge_answers, stack_file_path
from tests.support.answers_strategy import answers
from tests.support.effort import examples

GOOD: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"]}


def identity(path: Path) -> tuple[int, ...]:
    """What changes when a file is written, and not when it is read."""
    state = path.stat()
    return state.st_ino, state.st_mode, state.st_size, state.st_mtime_ns


def parsed(data: dict[str, Any]) -> Settings:
    return Settings.parse(data, stack="prod", source="test")


def stack_file(folder: Path, text: str | bytes) -> Path:
    path = folder / "Pulumi.prod.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(path: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_stack_file(path)
    return [str(problem) for problem in caught.value.problems]


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
ANSWERS: dict[str, Any] = {
    **GOOD,
    "eventSets": {"trail-changes": {}, "unauthorized-api-calls": {"threshold": 10}},
    "sourceIps": [{"name": "office", "cidr": "203.0.113.0/24", "match": "inside", "threshold": 30, "period": 300}],
}


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


BROKEN = [
    pytest.param(
        "config: [\n",
        "Pulumi.prod.yaml:2: is not YAML: while parsing a flow node, "
        "expected the node content, but found '<stream end>' in column 1",
        id="cut off",
    ),
    pytest.param(
        "config:\n\ttrailwarden:emails: []\n",
        "Pulumi.prod.yaml:2: is not YAML: while scanning for the next token, "
        "found character '\\t' that cannot start any token in column 1",
        id="tab",
    ),
    pytest.param(
        "just text\n", "Pulumi.prod.yaml:1: the file is not a mapping; allowed: config: {key: value}", id="text"
    ),
    pytest.param(
        "config: []\n", "Pulumi.prod.yaml:1: config is not a mapping; allowed: config: {key: value}", id="list"
    ),
    pytest.param(
        "config:\n  aws:region: a\n  aws:region: b\n",
        "Pulumi.prod.yaml:3: config.aws:region: is written twice",
        id="twice",
    ),
    pytest.param("a: 1\na: 2\nconfig:\n", "Pulumi.prod.yaml:2: a: is written twice", id="twice at the top"),
    pytest.param(
        "config:\n  trailwarden:eventSets:\n    trail-changes: {}\n    trail-changes: {threshold: 3}\n",
        "Pulumi.prod.yaml:4: config.trailwarden:eventSets.trail-changes: is written twice",
        id="twice inside",
    ),
    pytest.param(
        "base: &b {x: 1}\nconfig:\n  <<: *b\n",
        "Pulumi.prod.yaml:3: config: holds a key that is not a simple text; allowed: key: value",
        id="merge",
    ),
    pytest.param(
        "config: {}\n---\nconfig: {}\n",
        "Pulumi.prod.yaml:2: is not YAML: expected a single document in the stream, "
        "but found another document in column 1",
        id="two documents",
    ),
    pytest.param(b"config: \xff\n", "Pulumi.prod.yaml: is not UTF-8 text (byte 9)", id="not UTF-8"),
    pytest.param("config: {}\n".encode("utf-16"), "Pulumi.prod.yaml: is UTF-16 text; save it as UTF-8", id="UTF-16"),
    pytest.param(
        "config: {a: \x00}\n",
        "Pulumi.prod.yaml: is not YAML: unacceptable character #x0000: special characters are not allowed "
        'in "<unicode string>", position 12',
        id="NUL",
    ),
    pytest.param("config: " + "[" * 900, "Pulumi.prod.yaml: is nested too deeply", id="deep"),
]


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_files_that_are_no_stack_files(text: str | bytes, said: str, tmp_path: Path) -> None:
    path = stack_file(tmp_path, text)
    before = path.read_bytes()
    assert refused(path) == [said]
    assert path.read_bytes() == before


BASE = "config:\n  aws:region: eu-west-1\n  trailwarden:emails: [security@example.com]\n"
WRONG = [
    pytest.param(
        BASE + "  trailwarden:evidnce: keep\n  trailwarden:emial: x\n  emals: []\n",
        [
            ":4: evidnce: there is no such key; did you mean evidence?; allowed: <keys>",
            ":5: emial: there is no such key; did you mean emails?; allowed: <keys>",
            ":6: emals: there is no such key; did you mean emails?; allowed: <keys>",
        ],
        id="unknown keys",
    ),
    pytest.param(
        BASE + "  trailwarden:homeRegion: eu-west-1\n",
        [":4: trailwarden:homeRegion: there is no such key; did you mean aws:region?; allowed: <keys>"],
        id="home region under its name in answers",
    ),
    pytest.param(
        BASE + "  emails: [a@example.com]\n",
        [":4: emails: is written twice, with and without prefix"],
        id="with and without prefix",
    ),
    pytest.param(
        BASE + "  trailwarden:eventSets: [trail-changes]\n",
        [":4: eventSets: must map names to settings (got a list); allowed: a mapping, such as {trail-changes: {}}"],
        id="list of sets",
    ),
    pytest.param(
        BASE + "  trailwarden:sourceIps:\n    - name: office\n      cidr: 192.0.2.7\n      threshold: 0\n",
        [
            (
                ":7: sourceIps[0].threshold: must be at least 1 (got 0); "
                "allowed: a whole number of events, 1 to 1,000,000,000"
            )
        ],
        id="line of a nested key",
    ),
    pytest.param(
        "config:\n  aws:region: eu-west-1\n  trailwarden:emails:\n    secure: v1:abc==\n",
        [":3: emails: is a secret, but this setting must be readable; allowed: a plain value"],
        id="secret",
    ),
    pytest.param(
        BASE + "  trailwarden:alerts:\n    topicName: {secure: v1:abc==}\n",
        [":4: alerts: is a secret, but this setting must be readable; allowed: a plain value"],
        id="nested secret",
    ),
    pytest.param(
        BASE + "  aws:allowedAccountIds: [012345678901]\n  other:accounts: {main: 123456789012}\n",
        [
            (
                ":4: aws:allowedAccountIds[0]: YAML takes this account id for a number (got 012345678901); "
                'allowed: in quotes: "012345678901"'
            ),
            (
                ":5: other:accounts.main: YAML takes this account id for a number (got 123456789012); "
                'allowed: in quotes: "123456789012"'
            ),
        ],
        id="account ids of others",
    ),
    pytest.param(
        BASE + "  trailwarden:trail: {name: 012345678901}\n",
        [
            (
                ":4: trail.name: YAML readers disagree about this number (got 012345678901); allowed: "
                '"012345678901" in quotes if it is a text, plain digits without leading zeros if it is a number'
            )
        ],
        id="account id of ours",
    ),
    pytest.param(
        "config:\n  trailwarden:emails: [security@example.com]\n",
        [": aws:region: is missing; write for example aws:region: eu-west-1, or let <wizard> ask for it"],
        id="no region",
    ),
    pytest.param("encryptionsalt: x\n", [": stack prod has no settings yet; <wizard> asks for them"], id="no settings"),
    pytest.param(
        BASE + '  trailwarden:customSets: \'{"a": {}, "a": {}}\'\n',
        [
            ":4: customSets.a: is written twice",
            ":4: customSets.a.pattern: is missing; write for example {pattern: '{ $.eventName = \"GetSecretValue\" }'}",
        ],
        id="JSON text with a key written twice",
    ),
    pytest.param(
        BASE + "  trailwarden:trail:\n",
        [":4: trail: must be a mapping (got nothing); allowed: a mapping, such as {mode: create}"],
        id="empty value",
    ),
]
ALL_KEYS = ", ".join(["aws:region", *KEYS])


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_settings_that_are_wrong(text: str, said: list[str], tmp_path: Path) -> None:
    path = stack_file(tmp_path, text)
    wizard = "`.venv/bin/python -m wizard`"
    expected = ["Pulumi.prod.yaml" + line.replace("<keys>", ALL_KEYS).replace("<wizard>", wizard) for line in said]
    assert refused(path) == expected


def test_account_ids_that_are_broken_already_stop_a_change(tmp_path: Path) -> None:
    path = stack_file(tmp_path, "config:\n  aws:allowedAccountIds: [012345678901]\n")
    with pytest.raises(SettingsError, match="YAML takes this account id for a number"):
        StackFile.read(path).plan_changes(parsed(GOOD))


def test_keys_that_do_not_exist_stop_a_change(tmp_path: Path) -> None:
    path = stack_file(tmp_path, "config:\n  trailwarden:evidnce: keep\n")
    with pytest.raises(SettingsError, match=r"yaml:2: evidnce: there is no such key; did you mean evidence"):
        StackFile.read(path).plan_changes(parsed(GOOD))


def test_numbers_that_are_no_account_ids_are_left_alone(tmp_path: Path) -> None:
    path = stack_file(tmp_path, BASE + "  other:maxBytes: 100000000000\n  other:accountId: '012345678901'\n")
    assert Settings.from_stack_file(path).emails == ("security@example.com",)


def test_secrets_of_ours_are_replaced_by_what_is_answered(tmp_path: Path) -> None:
    path = stack_file(tmp_path, "config:\n  trailwarden:emails:\n    secure: v1:abc==\n  x:y: 1\n")
    file = StackFile.read(path)
    assert "emails" not in file.answers
    change = file.plan_changes(parsed(merge_answers(GOOD, file.answers)))
    assert "trailwarden:emails: [security@example.com]\n" in change.new
    assert "secure" not in change.new


def test_an_anchor_that_is_set_twice_is_legal_and_warns_nobody(tmp_path: Path) -> None:
    theirs = "  other:x: &t [1]\n  other:y: &t [2]\n"
    file = StackFile.read(stack_file(tmp_path, BASE + theirs))  # pytest makes errors of warnings
    assert file.settings().emails == ("security@example.com",)
    assert theirs.replace("&t ", "") in file.plan_changes(parsed(ANSWERS)).new


def test_anchors_are_refused_before_they_are_damaged(tmp_path: Path) -> None:
    text = BASE.replace("[security", "&people [security") + "  other:people: *people\n"
    path = stack_file(tmp_path, text)
    file = StackFile.read(path)
    assert file.settings().emails == ("security@example.com",)
    with pytest.raises(SettingsError, match="cannot be changed safely; nothing was changed"):
        file.plan_changes(parsed({**GOOD, "emails": ["other@example.com"]}))


@pytest.mark.parametrize(
    "other",
    ["2026-13-45", "[" * 300 + "]" * 300, "!!binary '*'", "+1", "2026-01-01t10:00:00.5+02:00"],
    ids=["no date", "deep", "no binary", "number", "time"],
)
def test_what_ruamel_would_change_or_cannot_load_is_refused(other: str, tmp_path: Path) -> None:
    file = StackFile.read(stack_file(tmp_path, f"config:\n  other:x: {other}\n"))
    with pytest.raises(SettingsError, match="cannot be changed safely; nothing was changed"):
        file.plan_changes(parsed(GOOD))


def test_what_others_wrote_keeps_its_data_in_any_spelling(tmp_path: Path) -> None:
    words = ["~", "True", "TRUE", "no", "0x1F", "0o17", "012", "1_000", "1e5", "1.50", ".inf", "2026-01-01", "!foo x"]
    text = "config:\n" + "".join(f"  other:x{index}: {word}\n" for index, word in enumerate(words))
    new = StackFile.read(stack_file(tmp_path, text)).plan_changes(parsed(GOOD)).new
    respelled = [line for line in text.splitlines() if line not in new.splitlines()]
    assert respelled == ["  other:x0: ~", "  other:x1: True", "  other:x2: TRUE"]
    assert "  other:x0:\n  other:x1: true\n  other:x2: true\n" in new


ODD_FILES = [
    pytest.param("\ufeffconfig:\n  aws:region: eu-west-2\n", True, id="byte order mark"),
    pytest.param('"config":\n  "aws:region": eu-west-2\n', True, id="quoted keys"),
    pytest.param("config:\n  aws:region :  eu-west-2\n", True, id="blank before the colon"),
    pytest.param("%YAML 1.2\n---\nconfig:\n  aws:region: eu-west-2\n...\n", True, id="directive"),
    pytest.param("config:\n    aws:region: !!str eu-west-2\n", True, id="tag"),
    pytest.param("config:\n  ? aws:region\n  : eu-west-2\n  z:z: 1\n", True, id="complex key"),
    pytest.param("config: &c\n  aws:region: eu-west-2\nother: *c\n", False, id="alias of everything"),
    pytest.param("!!set {config, a}\n", False, id="set"),
    pytest.param("config: !!set {x:y, a:b}\n", False, id="set of settings"),
    pytest.param("config: !foo\n  x:y: !bar {a: 1}\n", True, id="tags of others"),
    pytest.param("config:\r  aws:region: eu-west-2\r", True, id="line ends of old"),
]


@pytest.mark.parametrize(("text", "can_change"), ODD_FILES)
def test_odd_files_are_changed_rightly_or_not_at_all(text: str, can_change: bool, tmp_path: Path) -> None:
    path = stack_file(tmp_path, text)
    file = StackFile.read(path)
    if can_change:
        file.plan_changes(parsed(ANSWERS)).write()
        assert Settings.from_stack_file(path) == parsed(ANSWERS)
        assert path.read_text()[:7] == text[:7]
    else:
        with pytest.raises(SettingsError, match="cannot be changed safely; nothing was changed"):
            file.plan_changes(parsed(ANSWERS))


FRAGMENTS = [
    "config:",
    "config: {}",
    "  aws:region: eu-west-2",
    "  trailwarden:emails:",
    "  emails: [a@example.com]",
    "  - a@example.com",
    "    - b@example.com # b",
    "  trailwarden:sourceIps: [{name: a, cidr: 192.0.2.1}, ]",
    "  trailwarden:eventSets: {trail-changes: , iam-changes: {threshold: 3}}",
    "  trailwarden:trail: &t {mode: create}",
    "  other:x: *t",
    "  other:y: |",
    "      text",
    "  other:z: {a: [1, 2],",
    "    b: 3}",
    "other: 1",
    "# note",
    "",
    "---",
    "...",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=10), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\n"]))
def test_no_file_is_ever_damaged(rows: list[str], newline: str, end: str) -> None:
    """Whatever is in the file: it is refused, or it says the settings afterwards and all others say what they said."""
    text = newline.join(rows) + end
    settings = parsed(ANSWERS)
    try:
        change = StackFile(Path("Pulumi.prod.yaml"), stack="prod", text=text).plan_changes(settings)
    except SettingsError:
        return
    assert StackFile(Path("Pulumi.prod.yaml"), stack="prod", text=change.new).settings() == settings
    assert others(change.new) == others(text)


def others(text: str) -> Any:
    """What is not ours, read by another YAML library than the code uses."""
    data = pyyaml.safe_load(text) or {}
    config = {key: value for key, value in (data.pop("config", None) or {}).items() if key.startswith("other:")}
    return data, config


@pytest.mark.parametrize("name", ["Pulumi.yaml", "settings.yaml", "Pulumi.prod.json"])
def test_other_files_are_no_stack_files(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"is not a stack file's name; allowed: a name such as Pulumi\.prod\.yaml"):
        StackFile.read(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "Pulumi.prod.yaml") == [
        "Pulumi.prod.yaml: does not exist; `.venv/bin/python -m wizard` makes it"
    ]


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.prod.yaml").mkdir()
    assert refused(tmp_path / "Pulumi.prod.yaml") == ["Pulumi.prod.yaml: cannot be read: Is a directory"]


def test_settings_of_another_stack_are_a_mistake_of_the_caller(tmp_path: Path) -> None:
    other = Settings.parse(GOOD, stack="other", source="test")
    with pytest.raises(ValueError, match="those of stack other"):
        StackFile.read(stack_file(tmp_path, BASE)).plan_changes(other)


WITH_SECRET = (
    BASE
    + "  trailwarden:webhookUrl:\n    secure: v1:hush==  # rotated in May\n"
    + "  trailwarden:subscribers:\n    - {protocol: https, endpointSecret: webhookUrl}\n"
)


def test_the_stacks_own_secrets_are_kept_as_they_are(tmp_path: Path) -> None:
    file = StackFile.read(stack_file(tmp_path, WITH_SECRET))
    assert file.answers.secrets == {"webhookUrl"}
    assert file.settings().secrets == ("webhookUrl",)
    merged = merge_answers({**GOOD, "emails": ["other@example.com"]}, file.answers)
    assert merged.secrets == {"webhookUrl"}
    change = file.plan_changes(parsed(merged))
    assert "  trailwarden:webhookUrl:\n    secure: v1:hush==  # rotated in May\n" in change.new
    assert "emails: [other@example.com]" in change.new
    # Nobody refers to it any more; it stays until somebody takes it out.
    assert "secure: v1:hush==" in file.plan_changes(parsed({**GOOD, "subscribers": []})).new


def test_a_secret_in_plain_text_is_refused_and_not_quoted(tmp_path: Path) -> None:
    path = stack_file(tmp_path, WITH_SECRET.replace("\n    secure: v1:hush==", " https://hooks.example.com/hush"))
    with pytest.raises(SettingsError) as caught:
        StackFile.read(path).settings()
    (problem,) = caught.value.problems
    assert str(problem) == (
        "Pulumi.prod.yaml:4: webhookUrl: is a secret in plain text; "
        "allowed: `pulumi config set --secret trailwarden:webhookUrl`"
    )
    assert "hush" not in repr(caught.value)
