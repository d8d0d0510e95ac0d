"""`setup` where nobody can be asked: flags, answers files, and every mistake one can make with them."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from catalog import EVENT_SETS
from exits import Exit
from settings import Settings, find_project
from tests.support.wizard_bench import ROOT, Bench, bench

FULL = ROOT / "tests" / "data" / "answers" / "full.yaml"
ENOUGH: dict[str, Any] = {"homeRegion": "eu-west-1", "emails": ["security@example.com"]}


@pytest.fixture
def project(tmp_path: Path) -> Bench:
    return bench(tmp_path)


def test_a_full_answers_file_is_written_once_and_then_is_no_change(project: Bench) -> None:
    first = project.setup(stack="check", answers=FULL, yes=True)
    assert first.code is Exit.OK
    assert "Written: Pulumi.check.yaml" in first.out
    before = project.files()
    second = project.setup(stack="check", answers=FULL, yes=True)
    assert (second.code, second.out) == (Exit.OK, "Pulumi.check.yaml: no changes\n")
    assert project.files() == before


def test_what_nobody_said_gets_the_default(project: Bench) -> None:
    assert project.setup(stack="prod", yes=True, flags=ENOUGH).code is Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    assert settings.regions == ("eu-west-1",)
    assert set(settings.event_sets) == {name for name, each in EVENT_SETS.items() if each.recommended}
    assert (settings.remediation.mode, settings.evidence, settings.source_ips) == ("restore", "keep", ())


def test_what_nobody_said_keeps_its_present_value(project: Bench) -> None:
    project.setup(stack="check", answers=FULL, yes=True)
    before = Settings.from_stack_file(project.stack_file("check"))
    assert project.setup(stack="check", yes=True, flags={"remediation": "notify"}).code is Exit.OK
    after = Settings.from_stack_file(project.stack_file("check"))
    assert after.remediation.mode == "notify"
    assert after == before.model_copy(update={"remediation": after.remediation})


def test_the_mode_alone_changes_and_what_else_the_section_decides_stays(project: Bench) -> None:
    """But for a dry run, which only `restore` can have."""
    text = f"{json.dumps(ENOUGH)[:-1]}, remediation: {{dryRun: true, fields: [KmsKeyId], budget: {{repairs: 9}}}}}}"
    answers = project.folder / "answers.yaml"
    answers.write_text(text)
    assert project.setup(stack="check", yes=True, answers=answers).code is Exit.OK
    assert project.setup(stack="check", yes=True, flags={"remediation": "notify"}).code is Exit.OK
    after = Settings.from_stack_file(project.stack_file("check")).remediation
    assert (after.mode, after.dry_run, after.fields, after.budget.repairs) == ("notify", False, ("KmsKeyId",), 9)
    assert project.setup(stack="check", yes=True, answers=answers, flags={"remediation": "off"}).code is Exit.OK
    after = Settings.from_stack_file(project.stack_file("check")).remediation
    assert (after.mode, after.fields) == ("off", ("KmsKeyId",))


def test_without_yes_the_change_is_shown_and_not_made(project: Bench) -> None:
    before = project.files()
    outcome = project.setup(stack="prod", flags=ENOUGH)
    assert outcome.code is Exit.NO_ANSWER
    assert "trailwarden:emails: [security@example.com]" in outcome.out
    assert "Nothing was written. Add --yes to write it." in outcome.err
    assert project.files() == before


def test_a_line_of_the_change_is_never_cut(project: Bench) -> None:
    project.columns = 40
    many = [f"somebody-{n}@department.example.com" for n in range(9)]
    outcome = project.setup(stack="prod", yes=True, flags={**ENOUGH, "emails": many})
    written = project.stack_file().read_text().splitlines()
    assert max(map(len, written)) > project.columns
    assert [f"+{line}" for line in written if f"+{line}" not in outcome.out.splitlines()] == []


def test_what_a_change_deletes_or_makes_anew_is_said_before_it_is_written(project: Bench) -> None:
    outcome = project.setup(stack="prod", yes=True, flags=ENOUGH)
    assert "replaces" not in outcome.out  # a new stack has nothing to lose
    before = project.files()
    answers = project.folder / "answers.yaml"
    answers.write_text("{trail: {name: acme-audit}}")
    outcome = project.setup(stack="prod", answers=answers)
    assert "! replaces" in outcome.out
    told = " ".join(outcome.out.split())
    assert "is deleted before acme-audit is made: for about a minute nothing is recorded" in told
    assert {name: text for name, text in project.files().items() if name != "answers.yaml"} == before
    assert "replaces" not in project.setup(stack="prod", yes=True, flags={"remediation": "notify"}).out


def test_a_stack_of_adopted_trails_is_set_up_from_answers(project: Bench) -> None:
    adopt = FULL.with_name("adopt.yaml")
    outcome = project.setup(stack="prod", yes=True, answers=adopt)
    assert outcome.code is Exit.OK
    assert "restart it, and only tell us of everything else" in " ".join(outcome.out.split())
    settings = Settings.from_stack_file(project.stack_file())
    assert [(site.name, site.region) for site in settings.trails] == [
        ("org-trail", "eu-west-1"),
        ("old-trail", "us-west-2"),
    ]
    assert project.setup(stack="prod", answers=adopt).out == "Pulumi.prod.yaml: no changes\n"
    assert project.setup(stack="prod", yes=True, flags={"remediation": "restore"}).code is Exit.OK
    after = Settings.from_stack_file(project.stack_file()).remediation
    assert (after.mode, after.restart) == ("restore", False)


def test_no_change_needs_no_yes(project: Bench) -> None:
    project.setup(stack="prod", yes=True, flags=ENOUGH)
    outcome = project.setup(stack="prod", flags=ENOUGH)
    assert (outcome.code, outcome.out) == (Exit.OK, "Pulumi.prod.yaml: no changes\n")


def test_answers_in_json_are_answers(project: Bench) -> None:
    (project.folder / "answers.json").write_text(json.dumps({**ENOUGH, "eventSets": ["trail-changes"]}))
    assert project.setup(stack="prod", yes=True, answers=Path("answers.json")).code is Exit.OK
    assert set(Settings.from_stack_file(project.stack_file()).event_sets) == {"trail-changes"}


def test_a_flag_wins_over_the_answers_file(project: Bench) -> None:
    assert project.setup(stack="prod", yes=True, answers=FULL, flags={"emails": ["me@example.com"]}).code is Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    assert settings.emails == ("me@example.com",)
    assert settings.trail_name == "acme-audit", "the rest is the file's"


def test_flags_reach_every_key_of_their_setting(project: Bench) -> None:
    flags = {
        **ENOUGH,
        "regions": ["eu-west-1", "eu-central-1"],
        "eventSets": ["trail-changes", "unauthorized-api-calls:threshold=10,period=600,severity=low"],
        "sourceIps": ["office=203.0.113.0/24", "vpn=198.51.100.7 198.51.100.8,match=outside,threshold=5,period=60"],
        "evidence": "disposable",
    }
    assert project.setup(stack="prod", yes=True, flags=flags).code is Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    calls = settings.event_sets["unauthorized-api-calls"]
    assert (calls.threshold, calls.period, calls.severity) == (10, 600, "low")
    office, vpn = settings.source_ips
    assert (office.name, office.blocks, office.match, office.threshold) == ("office", ("203.0.113.0/24",), "inside", 30)
    assert (vpn.blocks, vpn.match, vpn.threshold, vpn.period) == (("198.51.100.7", "198.51.100.8"), "outside", 5, 60)
    assert (settings.regions, settings.evidence) == (("eu-west-1", "eu-central-1"), "disposable")


@pytest.mark.parametrize(("key", "field"), [("eventSets", "event_sets"), ("sourceIps", "source_ips")])
def test_none_empties_a_list(project: Bench, key: str, field: str) -> None:
    project.setup(stack="check", answers=FULL, yes=True)
    flags = {key: ["none"], "subscribers": ["none"]}  # one of them hears of an event set by its name
    assert project.setup(stack="check", yes=True, flags=flags).code is Exit.OK
    assert len(getattr(Settings.from_stack_file(project.stack_file("check")), field)) == 0


# flags, and what the message has to hold: the flag, the value, what is allowed or meant
WRONG_FLAGS = [
    pytest.param({"emails": ["nobody"]}, ["--email", '"nobody"', "security@example.com"], id="mail"),
    pytest.param({"emails": ["a@b.example", "A@B.example"]}, ["--email", "twice", "A@B.example"], id="mail twice"),
    pytest.param({"homeRegion": "eu-wst-1"}, ["--home-region", "eu-wst-1", "did you mean eu-west-1?"], id="home"),
    pytest.param({"regions": ["mars-1"]}, ["--region", "mars-1", "such as eu-west-1"], id="region"),
    pytest.param({"regions": ["cn-north-1"]}, ["--region", "aws-cn", "not support"], id="partition"),
    pytest.param({"eventSets": ["trail-chnges"]}, ["--event-set", "did you mean trail-changes?"], id="unknown set"),
    pytest.param({"eventSets": ["trail-changes"] * 2}, ["--event-set", "trail-changes", "twice"], id="set twice"),
    pytest.param({"eventSets": ["trail-changes:threshold=0"]}, ["threshold", "0", "at least 1"], id="threshold 0"),
    pytest.param({"eventSets": ["trail-changes:threshold=ten"]}, ["threshold", '"ten"', "whole"], id="threshold text"),
    pytest.param({"eventSets": ["trail-changes:treshold=5"]}, ["treshold", "threshold"], id="unknown override"),
    pytest.param({"eventSets": ["trail-changes:5"]}, ["trail-changes:5", "threshold=10"], id="no pair"),
    pytest.param({"eventSets": ["trail-changes:period=60,period=120"]}, ["period", "twice"], id="pair twice"),
    pytest.param({"sourceIps": ["office"]}, ["--source-ip", '"office"', "NAME=CIDR"], id="range without cidr"),
    pytest.param({"sourceIps": ["office=10.0.0.5/24"]}, ["--source-ip", "did you mean 10.0.0.0/24?"], id="host bits"),
    pytest.param({"sourceIps": ["v6=2001:db8::/33"]}, ["--source-ip", "2001:db8::/33", "EventBridge"], id="ipv6"),
    pytest.param({"sourceIps": ["a=10.0.0.1", "a=10.0.0.2"]}, ["--source-ip", '"a"', "another"], id="name twice"),
    pytest.param({"sourceIps": ["a=10.0.0.1,match=inn"]}, ["match", '"inn"', "inside, outside"], id="match"),
    pytest.param({"remediation": "rstore"}, ["--remediation", '"rstore"', "restore, notify, off"], id="mode"),
    pytest.param({"evidence": "burn"}, ["--evidence", '"burn"', "keep, disposable"], id="evidence"),
]


@pytest.mark.parametrize(("flags", "said"), WRONG_FLAGS)
def test_a_wrong_flag_is_named_with_its_value_and_what_is_allowed(
    project: Bench, flags: dict[str, Any], said: list[str]
) -> None:
    project.setup(stack="prod", yes=True, flags=ENOUGH)
    before = project.files()
    outcome = project.setup(stack="prod", yes=True, flags=flags)
    assert outcome.code is Exit.NO_ANSWER
    assert [text for text in said if text not in outcome.err] == [], outcome.err
    assert outcome.err.endswith("Nothing was written.\n`setup --help` lists the flags that answer.\n")
    assert outcome.out == ""
    assert project.files() == before


def test_of_flags_nothing_is_said_where_a_file_is_wrong(project: Bench) -> None:
    project.stack_file().write_text("config: [\n")
    before = project.files()
    outcome = project.setup(stack="prod", yes=True, flags=ENOUGH)
    assert outcome.code is Exit.NO_ANSWER
    assert "✗ Pulumi.prod.yaml:2: is not YAML" in outcome.err
    assert outcome.err.endswith("Nothing was written.\n")
    assert outcome.out == ""
    assert project.files() == before


def test_everything_that_is_wrong_is_said_at_once(project: Bench) -> None:
    flags = {"emails": ["x"], "eventSets": ["y", "trail-changes:z"], "sourceIps": ["w=1.2.3.4/0"], "remediation": "v"}
    outcome = project.setup(stack="prod", yes=True, flags=flags)
    assert outcome.err.count("✗") >= 5
    for flag in ("--email", "--event-set", "--source-ip", "--remediation"):
        assert flag in outcome.err


# answers, and what the message has to hold
WRONG_ANSWERS = [
    pytest.param("emial: [a@example.com]", ["emial", "did you mean emails?"], id="unknown key"),
    pytest.param("emails: [a@example.com]\neventSets: {trail-chnges: {}}", ["did you mean trail-changes?"], id="set"),
    pytest.param("emails: [a@example.com]\nremediation: {mode: undo}", ["remediation.mode", '"undo"'], id="mode"),
    pytest.param(
        "emails: [a@example.com]\ntrail: {mode: adopt}", ["trail.trails", "names no trail to adopt"], id="adopt"
    ),
    pytest.param("homeRegion: eu-west-1", ["emails", "missing"], id="no mail"),
    pytest.param("emails: [a@example.com", ["not YAML"], id="no YAML"),
    pytest.param("- a@example.com", ["answers"], id="a list"),
    pytest.param(
        "emails: [a@example.com]\ncustomSets: {big: {pattern: '{ $.a = \"" + 1100 * "x" + "\" }'}}",
        ["customSets.big.pattern", "1,024"],
        id="long pattern",
    ),
    pytest.param("emails: [a@example.com]\ncustomSets: {x: {pattern: '{ $.a == b }'}}", ["^"], id="bad pattern"),
]


@pytest.mark.parametrize(("text", "said"), WRONG_ANSWERS)
def test_a_wrong_answers_file_is_named_with_the_key(project: Bench, text: str, said: list[str]) -> None:
    (project.folder / "mine.yaml").write_text(text)
    before = project.files()
    outcome = project.setup(stack="prod", yes=True, answers=Path("mine.yaml"))
    assert outcome.code is Exit.NO_ANSWER
    assert [part for part in ["mine.yaml", *said] if part not in outcome.err] == [], outcome.err
    assert project.files() == before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nowhere.yaml", "nowhere.yaml: cannot be read: No such file or directory"),
        ("answers/nowhere.yaml", "answers/nowhere.yaml: cannot be read: No such file or directory"),
        ("answers", "answers: cannot be read: Is a directory"),
        ("answers/wrong.yaml", "answers/wrong.yaml:1: emial: there is no such key; did you mean emails?"),
    ],
)
def test_an_answers_file_is_called_as_it_was_typed(project: Bench, typed: str, said: str) -> None:
    (project.folder / "answers").mkdir()
    (project.folder / "answers" / "wrong.yaml").write_text("emial: [a@example.com]\n")
    outcome = project.setup(stack="prod", yes=True, answers=Path(typed))
    assert outcome.code is Exit.NO_ANSWER
    assert f"✗ {said}" in outcome.err


WRONG_STACK_FILES = [
    pytest.param("config: [unclosed", ["not YAML"], id="no YAML"),
    pytest.param("config:\n  aws:allowedAccountIds: [012345678901]\n", ["012345678901", "in quotes"], id="account id"),
    pytest.param("config:\n  trailwarden:emial: x\n", ["emial"], id="unknown key"),
]


@pytest.mark.parametrize(("text", "said"), WRONG_STACK_FILES)
def test_a_broken_stack_file_is_left_as_it_is(project: Bench, text: str, said: list[str]) -> None:
    project.stack_file().write_text(text)
    before = project.files()
    outcome = project.setup(stack="prod", yes=True, flags=ENOUGH)
    assert outcome.code is Exit.NO_ANSWER
    assert [part for part in ["Pulumi.prod.yaml", *said] if part not in outcome.err] == [], outcome.err
    assert project.files() == before


def test_a_read_only_stack_file_is_left_as_it_is(project: Bench) -> None:
    project.setup(stack="prod", yes=True, flags=ENOUGH)
    path = project.stack_file()
    path.chmod(stat.S_IRUSR)
    before = project.files()
    outcome = project.setup(stack="prod", yes=True, flags={"remediation": "off"})
    assert outcome.code is Exit.NO_ANSWER
    assert "Pulumi.prod.yaml" in outcome.err
    assert "Written" not in outcome.out
    assert project.files() == before


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        (None, ["--stack", "is needed", "old"]),
        ("my stack", ["--stack", "cannot be the name of a stack"]),
        ("acme/trailwarden/prod", ["--stack", "did you mean prod?"]),
    ],
)
def test_a_stack_must_be_named_well(project: Bench, stack: str | None, said: list[str]) -> None:
    project.setup(stack="old", yes=True, flags=ENOUGH)
    before = project.files()
    outcome = project.setup(stack=stack, yes=True, flags=ENOUGH)
    assert outcome.code is Exit.NO_ANSWER
    assert [part for part in said if part not in outcome.err] == [], outcome.err
    assert project.files() == before


def test_without_a_project_nothing_is_asked(tmp_path: Path) -> None:
    outcome = Bench(tmp_path).setup(stack="prod", yes=True, flags=ENOUGH)
    assert outcome.code is Exit.NO_ANSWER
    assert "Pulumi.yaml" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_the_project_is_found_upward_and_written_beside(project: Bench) -> None:
    below = project.folder / "docs" / "deep"
    below.mkdir(parents=True)
    assert Bench(below).setup(stack="prod", yes=True, flags=ENOUGH).code is Exit.OK
    assert find_project(below) == project.folder.resolve()
    assert project.stack_file().exists()
    assert list(below.iterdir()) == []


def test_the_next_commands_carry_the_names_of_this_stack(project: Bench) -> None:
    out = project.setup(stack="lab", yes=True, flags=ENOUGH).out
    for command in (
        "pulumi stack init lab",
        "pulumi preview --stack lab",
        "pulumi up --stack lab",
        "aws sns confirm-subscription --region eu-west-1",
        "--authenticate-on-unsubscribe true",
        '"$(pulumi stack output alertsTopicArn --stack lab)"',
        ".venv/bin/python -m wizard sandbox deploy --stack lab",
    ):
        assert command in out
    assert "48 hours" in out


def test_json_subscribers_have_to_confirm_too(project: Bench) -> None:
    out = project.setup(stack="check", answers=FULL, yes=True).out
    assert "robot@example.com" in out.partition("Subscription Confirmation")[2]


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_of_ours_is_wider_than_the_terminal(project: Bench, columns: int) -> None:
    project.columns = columns
    outcome = project.setup(stack="prod", yes=True, flags=ENOUGH)
    texts = [line for line in outcome.out.splitlines() if not line.startswith(("+", "-"))]
    assert [line for line in texts if len(line) > columns] == []


DOUBTFUL = """\
emails: [a@example.com]
customSets: {no-errors: {pattern: '{ ($.eventName = "GetSecretValue") && ($.errorCode != "AccessDenied") }'}}
"""


def test_a_doubtful_pattern_is_told_before_it_is_written(project: Bench) -> None:
    """CloudWatch takes it and matches something else than was meant, perhaps; whoever meant it may say yes."""
    answers = project.folder / "answers.yaml"
    answers.write_text("homeRegion: eu-west-1\n" + DOUBTFUL)
    asked = project.setup(stack="prod", answers=answers)
    assert asked.code is Exit.NO_ANSWER
    said = asked.out.splitlines()
    (first,) = [
        number for number, line in enumerate(said) if line.startswith("! customSets.no-errors.pattern: warning ")
    ]
    assert "ne-missing" in said[first]
    assert "errorCode != " in said[first + 1]
    assert said[first + 2].strip().startswith("^"), "where it is doubtful"
    assert "+  trailwarden:customSets:" in "".join(said[first:]), "before the change"
    assert project.setup(stack="prod", answers=answers, yes=True).code is Exit.OK


def test_of_a_clean_pattern_and_of_the_catalogue_nothing_is_told(project: Bench) -> None:
    answers = project.folder / "answers.yaml"
    sets = ", ".join(EVENT_SETS)
    custom = "customSets: {reads: {pattern: '{ $.eventName = \"GetSecretValue\" }'}}"
    answers.write_text(f"homeRegion: eu-west-1\nemails: [a@example.com]\neventSets: [{sets}]\n{custom}\n")
    outcome = project.setup(stack="prod", answers=answers, yes=True)
    assert outcome.code is Exit.OK
    assert "! customSets" not in outcome.out
    assert "warning" not in outcome.out
    assert re.search(r"tried +reads matches \d+ of the catalogue's \d+ sample events", outcome.out)


def test_sets_on_our_own_things_are_settings_like_any_other(project: Bench) -> None:
    flags = {**ENOUGH, "eventSets": ["self-delivery", "trail-storage:threshold=2"]}
    outcome = project.setup(stack="prod", yes=True, flags=flags)
    assert outcome.code is Exit.OK
    assert EVENT_SETS["self-delivery"].title in " ".join(outcome.out.split())
    settings = Settings.from_stack_file(project.stack_file())
    assert [(each.name, each.threshold) for each in settings.watches] == [("trail-storage", 2), ("self-delivery", 1)]
    refused = project.setup(stack="prod", yes=True, flags={"eventSets": ["self-functions"], "remediation": "off"})
    assert refused.code is Exit.NO_ANSWER
    assert "has nothing to watch: with remediation.mode off this stack makes no function" in refused.err
