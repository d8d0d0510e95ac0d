"""Stack files written in odd ways, anchors and all: changed rightly or not at all."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import Settings, SettingsError, StackFile
from tests.support.stack_files import ANSWERS, BASE, GOOD, others, parsed, stack_file


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
