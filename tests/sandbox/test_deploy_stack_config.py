"""A stack file reaches the program as the Pulumi CLI would hand it over."""

from pathlib import Path

import pytest

from sandbox.deploy._stack_config import StackConfigError, read

PROJECT = """\
name: trailwarden
runtime: python
config:
  emails: {type: array}
  pace: {type: integer, default: 7}
  aws:retries: {value: 3}
"""
STACK = """\
config:
  aws:region: eu-west-1
  trailwarden:emails: [security@example.com]
  plain: text
  trailwarden:flag: true
  trailwarden:number: 5
  trailwarden:share: 0.5
  trailwarden:nested: {deep: [1, true, null, "012345678901"]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.prod.yaml").write_text(STACK)
    return tmp_path


def test_scalars_are_text_and_objects_are_json_text(folder: Path) -> None:
    config = read(folder / "Pulumi.prod.yaml")
    assert (config.project, config.stack, config.region) == ("trailwarden", "prod", "eu-west-1")
    assert config.config == {
        "aws:region": "eu-west-1",
        "aws:retries": "3",
        "trailwarden:emails": '["security@example.com"]',
        "trailwarden:plain": "text",
        "trailwarden:flag": "true",
        "trailwarden:number": "5",
        "trailwarden:share": "0.5",
        "trailwarden:nested": '{"deep": [1, true, null, "012345678901"]}',
        "trailwarden:pace": "7",
    }


def test_the_stack_wins_over_the_project_files_default(folder: Path) -> None:
    path = folder / "Pulumi.prod.yaml"
    path.write_text(STACK + "  trailwarden:pace: 9\n")
    assert read(path).config["trailwarden:pace"] == "9"


@pytest.mark.parametrize(
    ("stack", "says"),
    [
        ("config: {aws:region: eu-west-1}", "trailwarden:emails: is missing, and Pulumi.yaml requires it"),
        ("config: {emails: [a@example.com]}", "aws:region: is missing"),
        (STACK + "  trailwarden:alerts: {secure: v1:abc}\n", "alerts: is encrypted"),
        (STACK + "  other:hook: {secure: v1:abc}\n", "hook: is encrypted"),
        (STACK + "  trailwarden:hook: [{url: {secure: v1:abc}}]\n", "hook: is encrypted"),
        (STACK + "  trailwarden:id: 012345678901\n", "YAML readers disagree about this number"),
        (STACK + "  trailwarden:day: 2026-11-21\n", "YAML takes this for a date"),
        ("config: [", "is not YAML"),
        ("- a\n", "must be a mapping"),
        ("config:\n  a: 1\n  a: 2\n", "is written twice"),
    ],
    ids=[
        "a required key",
        "no region",
        "a secret where a setting belongs",
        "a secret of another program",
        "a secret inside",
        "an octal number",
        "a date",
        "not YAML",
        "a list",
        "a key twice",
    ],
)
def test_a_stack_file_that_cannot_be_used(folder: Path, stack: str, says: str) -> None:
    path = folder / "Pulumi.prod.yaml"
    path.write_text(stack)
    with pytest.raises(StackConfigError) as error:
        read(path)
    assert says in str(error.value)
    assert str(path) in str(error.value)


def test_the_ciphertext_of_a_secret_is_not_repeated(folder: Path) -> None:
    path = folder / "Pulumi.prod.yaml"
    path.write_text(STACK + "  other:hook: {secure: v1:q3Zx9}\n")
    with pytest.raises(StackConfigError) as error:
        read(path)
    assert "q3Zx9" not in str(error.value)


def test_a_secret_of_the_stacks_own_becomes_a_url_that_leads_nowhere(folder: Path) -> None:
    path = folder / "Pulumi.prod.yaml"
    path.write_text(STACK + "  trailwarden:webhookUrl: {secure: v1:q3Zx9}\n")
    config = read(path)
    assert config.config["trailwarden:webhookUrl"] == "https://secret.invalid/webhookUrl"
    assert config.secrets == ("trailwarden:webhookUrl",)


@pytest.mark.parametrize("name", ["stack.yaml", "Pulumi.yaml", "Pulumi..yaml", "Pulumi.prod.json"])
def test_a_file_that_is_no_stack_file_by_its_name(folder: Path, name: str) -> None:
    with pytest.raises(StackConfigError, match=r"is called Pulumi\.<stack>\.yaml"):
        read(folder / name)


def test_a_stack_that_is_not_there_names_the_way_to_it(folder: Path) -> None:
    with pytest.raises(StackConfigError, match="setup --stack dev"):
        read(folder / "Pulumi.dev.yaml")


def test_a_stack_file_without_a_project(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_text(STACK)
    with pytest.raises(StackConfigError, match=r"Pulumi\.yaml: cannot be read"):
        read(path)
    (tmp_path / "Pulumi.yaml").write_text("runtime: python\n")
    with pytest.raises(StackConfigError, match="name: must be the project's name"):
        read(path)
