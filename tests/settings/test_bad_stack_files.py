"""Stack files that are wrong: every problem with its line, and what stops a change."""

from pathlib import Path

import pytest

from settings import KEYS, Settings, SettingsError, StackFile, merge_answers, stack_file_path
from tests.support.stack_files import BASE, GOOD, parsed, refused, stack_file

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


@pytest.mark.parametrize("name", ["Pulumi.yaml", "settings.yaml", "Pulumi.prod.json"])
def test_other_files_are_no_stack_files(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"is not a stack file's name; allowed: a name such as Pulumi\.prod\.yaml"):
        StackFile.read(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    makes = "`.venv/bin/python -m wizard --stack prod` makes it"
    assert refused(tmp_path / "Pulumi.prod.yaml") == [f"Pulumi.prod.yaml: does not exist; {makes}"]
    for stack in ("staging", "dev"):
        (tmp_path / f"Pulumi.{stack}.yaml").touch()
    there = "(there is: dev, staging)"
    assert refused(tmp_path / "Pulumi.prod.yaml") == [f"Pulumi.prod.yaml: does not exist {there}; {makes}"]


@pytest.mark.parametrize("stack", ["", "a b", "../x", "acme/prod", ".."])
def test_what_is_no_stack_has_no_file(tmp_path: Path, stack: str) -> None:
    with pytest.raises(SettingsError, match=r"--stack: .*allowed: letters, digits"):
        stack_file_path(tmp_path, stack)


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
