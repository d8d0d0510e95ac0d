"""Whole dialogues: somebody at the keyboard, and the stack file that comes of it."""

from pathlib import Path

import pytest

from catalog import EVENT_SETS
from exits import Exit
from settings import Settings
from settings.checks import available_event_sets
from tests.support.typist import CLEAR, CTRL_C, CTRL_D, DOWN, ENTER, SPACE, UP, Step
from tests.support.wizard_bench import Bench, bench
from wizard.questions import QUESTIONS, STACK

RECOMMENDED = {name: {} for name, each in EVENT_SETS.items() if each.recommended}

STACK_PROD: Step = ("Which stack?", ENTER)
HOME_DUBLIN: Step = ("Home region?", "ireland" + ENTER)
REGIONS_AS_TICKED: Step = ("Which regions do you work in?", ENTER)
TWO_MAILS: Step = ("Who gets the alerts?", "security@example.com, oncall@example.com" + ENTER)
SETS_AS_TICKED: Step = ("What should raise an alert?", ENTER)
NO_RANGE: Step = ("Alert when addresses make many calls?", ENTER)
RESTORE: Step = ("When somebody stops the trail?", ENTER)
WRITE: Step = ("Write it?", "y")
SHORTEST = (STACK_PROD, HOME_DUBLIN, REGIONS_AS_TICKED, TWO_MAILS, SETS_AS_TICKED, NO_RANGE, RESTORE)

TWO_RANGES: tuple[Step, ...] = (
    ("Alert when addresses make many calls?", DOWN + ENTER),
    ("Which addresses?", "203.0.113.0/24" + ENTER),
    ("A name for them?", CLEAR + "office" + ENTER),
    ("Count which calls?", ENTER),
    ("How many calls raise the alarm?", ENTER),
    ("Within how many seconds?", ENTER),
    ("add more addresses", DOWN + ENTER),
    ("Which addresses?", "198.51.100.7, 198.51.100.9" + ENTER),
    ("A name for them?", CLEAR + "vpn" + ENTER),
    ("Count which calls?", DOWN + ENTER),
    ("How many calls raise the alarm?", CLEAR + "100" + ENTER),
    ("Within how many seconds?", CLEAR + "600" + ENTER),
    ("go on with these", ENTER),
)
OFFICE = {"name": "office", "cidr": "203.0.113.0/24", "match": "inside", "threshold": 30, "period": 300}
VPN = {"name": "vpn", "cidr": ["198.51.100.7", "198.51.100.9"], "match": "outside", "threshold": 100, "period": 600}


@pytest.fixture
def project(tmp_path: Path) -> Bench:
    return bench(tmp_path)


def test_the_shortest_dialogue_writes_what_was_said(project: Bench) -> None:
    outcome = project.dialogue([*SHORTEST, WRITE])
    assert outcome.code is Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    wanted = {
        "homeRegion": "eu-west-1",
        "regions": ["eu-west-1", "us-east-1"],
        "emails": ["security@example.com", "oncall@example.com"],
        "eventSets": RECOMMENDED,
        "sourceIps": [],
        "remediation": {"mode": "restore"},
        "evidence": "keep",
    }
    assert settings == Settings.parse(wanted, stack="prod", source="test")
    assert set(project.files()) == {"Pulumi.yaml", "Pulumi.prod.yaml"}


def test_the_screen_says_what_is_needed_to_decide(project: Bench) -> None:
    outcome = project.dialogue([*SHORTEST, WRITE])
    assert "stack: prod (new)" in outcome.err
    offered = {name for name, each in EVENT_SETS.items() if each.title in outcome.screen}
    assert offered == set(available_event_sets()), "all that a stack can have, and nothing else"
    assert "CloudWatch.5 · CIS 4.5" in outcome.screen
    assert "us-east-1 US East (N. Virginia) · IAM and sign-in events arise here" in outcome.screen
    first = next(iter(EVENT_SETS.values()))
    assert " ".join(first.why.split()) in outcome.screen, "why one would tick the set under the pointer"


def test_the_summary_counts_what_the_program_makes(project: Bench) -> None:
    out = project.dialogue([*SHORTEST, WRITE]).out
    plan = Settings.from_stack_file(project.stack_file()).plan()
    words = " ".join(out.split())
    assert f"{plan.filters} filters, {plan.alarms} alarms, {plan.topics} topics" in words
    assert f"{plan.total} resources, in eu-west-1, and what sends events there in us-east-1" in words
    assert "security@example.com, oncall@example.com" in words
    assert "Security Hub 14 of 14" in words, "the recommended sets pass all"
    assert "kept: bucket, audit log group and their key are protected" in words
    assert "+  trailwarden:emails:" in out or "+ trailwarden:emails:" in out


def test_flags_answers_and_dialogue_write_the_same_bytes(tmp_path: Path) -> None:
    by_hand, by_flags, by_file = (bench(_made(tmp_path / name)) for name in ("hand", "flags", "file"))
    steps = [*SHORTEST[:5], *TWO_RANGES, ("When somebody stops the trail?", DOWN + ENTER), WRITE]
    assert by_hand.dialogue(steps).code is Exit.OK

    flags = {
        "homeRegion": "eu-west-1",
        "regions": ["eu-west-1", "us-east-1"],
        "emails": ["security@example.com", "oncall@example.com"],
        "eventSets": list(RECOMMENDED),
        "sourceIps": [
            "office=203.0.113.0/24,match=inside,threshold=30,period=300",
            "vpn=198.51.100.7 198.51.100.9,match=outside,threshold=100,period=600",
        ],
        "remediation": "notify",
    }
    assert by_flags.setup(stack="prod", yes=True, flags=flags).code is Exit.OK

    answers = by_file.folder / "answers.yaml"
    answers.write_text(
        "homeRegion: eu-west-1\nregions: [eu-west-1, us-east-1]\n"
        "emails: [security@example.com, oncall@example.com]\n"
        f"eventSets: [{', '.join(RECOMMENDED)}]\n"
        "sourceIps:\n"
        "  - {name: office, cidr: 203.0.113.0/24, match: inside, threshold: 30, period: 300}\n"
        "  - {name: vpn, cidr: [198.51.100.7, 198.51.100.9], match: outside, threshold: 100, period: 600}\n"
        "remediation: {mode: notify}\n"
    )
    assert by_file.setup(stack="prod", yes=True, answers=answers).code is Exit.OK

    written = by_hand.stack_file().read_bytes()
    assert written == by_flags.stack_file().read_bytes() == by_file.stack_file().read_bytes()
    settings = Settings.from_stack_file(by_hand.stack_file())
    assert [each.name for each in settings.source_ips] == ["office", "vpn"]
    assert settings.source_ips[1].blocks == ("198.51.100.7", "198.51.100.9")
    assert settings.remediation.mode == "notify"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


PRESENT = """\
# who to ask: the platform team
encryptionsalt: v1:abcdefgh=:v1:0123456789abcdef:Zm9vYmFy
config:
  aws:region: eu-central-1 # where we are
  aws:allowedAccountIds: ["012345678901"]
  other:key: kept
  trailwarden:trail: {mode: create}
  trailwarden:regions: [us-east-1, eu-central-1]
  trailwarden:emails:
    - security@example.com # the team's list
    - oncall@example.com
  trailwarden:subscribers:
    - {protocol: email-json, endpoint: robot@example.com}
  trailwarden:eventSets:
    unauthorized-api-calls: {threshold: 10}
    trail-changes: {}
  trailwarden:customSets:
    snapshots-shared:
      title: A snapshot was shared
      pattern: '{ $.eventName = "ModifySnapshotAttribute" }'
      severity: high
  trailwarden:sourceIps:
    - name: office
      cidr: 203.0.113.0/24
      severity: high # they pay more
    - {name: vpn, cidr: 198.51.100.0/24, match: outside}
  trailwarden:remediation: {mode: notify}
  trailwarden:alerts: {displayName: Acme security}
  trailwarden:evidence: keep
  trailwarden:webhook:
    secure: AAABAGfQvs9Bm9
"""
AS_IT_IS: tuple[Step, ...] = (
    ("Which stack?", ENTER),
    ("Home region?", ENTER),
    ("Which regions do you work in?", ENTER),
    ("Who gets the alerts?", ENTER),
    ("What should raise an alert?", ENTER),
    ("go on with these", ENTER),
    ("When somebody stops the trail?", ENTER),
)


@pytest.fixture
def grown(project: Bench) -> Bench:
    """A stack that has lived for a while."""
    project.stack_file("live").write_text(PRESENT.replace("  trailwarden:webhook:\n    secure: AAABAGfQvs9Bm9\n", ""))
    return project


def test_enter_on_every_question_changes_nothing(grown: Bench) -> None:
    before = grown.files()
    outcome = grown.dialogue(AS_IT_IS)
    assert outcome.code is Exit.OK
    assert "no changes" in outcome.out
    assert "existing" in outcome.err
    assert grown.files() == before


def test_a_second_run_changes_only_what_was_said(grown: Bench) -> None:
    before = grown.stack_file("live").read_text()
    outcome = grown.dialogue([*AS_IT_IS[:6], ("When somebody stops the trail?", UP + ENTER), WRITE])
    assert outcome.code is Exit.OK
    assert grown.stack_file("live").read_text() == before.replace("{mode: notify}", "{mode: restore}")
    assert "Subscription Confirmation" not in outcome.out, "nobody new has to confirm anything"
    assert "pulumi stack init" not in outcome.out


def test_only_new_addresses_are_told_to_confirm(grown: Bench) -> None:
    outcome = grown.dialogue(
        [*AS_IT_IS[:3], ("Who gets the alerts?", " new@example.com" + ENTER), *AS_IT_IS[4:], WRITE]
    )
    confirmation = outcome.out.partition("Subscription Confirmation")[2]
    assert "new@example.com" in confirmation
    assert "oncall@example.com" not in confirmation
    assert "# the team's list" in grown.stack_file("live").read_text()


def test_a_range_is_changed_and_another_removed(grown: Bench) -> None:
    steps: list[Step] = [
        *AS_IT_IS[:5],
        ("remove vpn", 2 * DOWN + ENTER),  # the pointer stands on "go on": then add, change office
        ("Which addresses?", ENTER),
        ("A name for them?", CLEAR + "head-office" + ENTER),
        ("Count which calls?", ENTER),
        ("How many calls raise the alarm?", CLEAR + "50" + ENTER),
        ("Within how many seconds?", ENTER),
        ("remove vpn", 5 * DOWN + ENTER),  # … change vpn, remove head-office, remove vpn
        ("go on with these", ENTER),
        AS_IT_IS[6],
        WRITE,
    ]
    assert grown.dialogue(steps).code is Exit.OK
    (source,) = Settings.from_stack_file(grown.stack_file("live")).source_ips
    assert (source.name, source.threshold, source.severity) == ("head-office", 50, "high")


def test_an_event_set_keeps_its_overrides_while_it_is_ticked(grown: Bench) -> None:
    first = next(iter(EVENT_SETS))
    assert first == "trail-changes", "the pointer starts on it"
    steps = [*AS_IT_IS[:4], ("What should raise an alert?", SPACE + ENTER), *AS_IT_IS[5:], WRITE]
    assert grown.dialogue(steps).code is Exit.OK
    sets = Settings.from_stack_file(grown.stack_file("live")).event_sets
    assert set(sets) == {"unauthorized-api-calls"}
    assert sets["unauthorized-api-calls"].threshold == 10


def test_a_broken_present_answer_is_named_and_asked_anew(grown: Bench) -> None:
    path = grown.stack_file("live")
    path.write_text(path.read_text().replace("- oncall@example.com", "- oncall(at)example.com"))
    steps = [*AS_IT_IS[:3], ("Who gets the alerts?", "security@example.com" + ENTER), *AS_IT_IS[4:], WRITE]
    outcome = grown.dialogue(steps)
    assert outcome.code is Exit.OK
    assert "emails" in outcome.err
    assert "asked anew" in outcome.err
    assert Settings.from_stack_file(path).emails == ("security@example.com",)


def test_a_broken_answer_that_is_not_asked_ends_before_the_first_question(grown: Bench) -> None:
    path = grown.stack_file("live")
    path.write_text(
        path.read_text().replace("severity: high\n  trailwarden:sourceIps", "severity: hihg\n  trailwarden:sourceIps")
    )
    before = grown.files()
    outcome = grown.dialogue([("Which stack?", ENTER)])
    assert outcome.code is Exit.NO_ANSWER
    assert "customSets.snapshots-shared.severity" in outcome.err
    assert "Home region?" not in outcome.screen
    assert grown.files() == before


def test_an_account_id_that_yaml_broke_ends_before_the_first_question(project: Bench) -> None:
    project.stack_file("live").write_text("config:\n  aws:allowedAccountIds: [012345678901]\n")
    before = project.files()
    outcome = project.dialogue([("Which stack?", ENTER)])
    assert outcome.code is Exit.NO_ANSWER
    assert "012345678901" in outcome.err
    assert "Home region?" not in outcome.screen
    assert project.files() == before


def test_a_file_that_only_knows_a_region_is_a_start(project: Bench) -> None:
    """`pulumi stack init` and `pulumi config set aws:region` leave such a file."""
    start = "encryptionsalt: v1:abcdefgh=:v1:0123456789abcdef:Zm9vYmFy\nconfig:\n  aws:region: eu-west-2\n"
    project.stack_file().write_text(start)
    steps = [STACK_PROD, ("Home region?", ENTER), *SHORTEST[2:], WRITE]
    assert project.dialogue(steps).code is Exit.OK
    assert project.stack_file().read_text().startswith(start)
    assert Settings.from_stack_file(project.stack_file()).home_region == "eu-west-2"


def test_a_wrong_flag_ends_before_the_first_question(project: Bench) -> None:
    outcome = project.dialogue([("Which stack?", ENTER)], flags={"emails": ["nobody"]})
    assert outcome.code is Exit.NO_ANSWER
    assert "--email" in outcome.err
    assert '"nobody"' in outcome.err


def test_what_a_flag_answers_is_not_asked(project: Bench) -> None:
    steps = [HOME_DUBLIN, REGIONS_AS_TICKED, SETS_AS_TICKED, NO_RANGE, WRITE]
    outcome = project.dialogue(steps, stack="prod", flags={"emails": ["a@example.com"], "remediation": "off"})
    assert outcome.code is Exit.OK
    assert "Who gets the alerts?" not in outcome.screen
    settings = Settings.from_stack_file(project.stack_file())
    assert (settings.emails, settings.remediation.mode) == (("a@example.com",), "off")


def test_wrong_answers_are_explained_under_their_question_and_then_corrected(project: Bench) -> None:
    steps: list[Step] = [
        ("Which stack?", CLEAR + "my stack" + ENTER),
        ("cannot be the name of a stack", CLEAR + "prod" + ENTER),
        HOME_DUBLIN,
        REGIONS_AS_TICKED,
        ("Who gets the alerts?", ENTER),
        ("at least one, such as", "security@example" + ENTER),
        ("is not a mail address", CLEAR + "ops@example.com OPS@example.com" + ENTER),
        ("is listed twice", CLEAR + "ops@example.com" + ENTER),
        SETS_AS_TICKED,
        ("Alert when addresses make many calls?", DOWN + ENTER),
        ("Which addresses?", "10.0.0.5/24" + ENTER),
        ("did you mean 10.0.0.0/24?", CLEAR + "10.0.0.0/24" + ENTER),
        ("A name for them?", CLEAR + "Head Office" + ENTER),
        ("did you mean head-office?", CLEAR + "trail-changes" + ENTER),
        ("is the name of an event set", CLEAR + "head-office" + ENTER),
        ("Count which calls?", ENTER),
        ("How many calls raise the alarm?", CLEAR + "0" + ENTER),
        ("must be at least 1", CLEAR + "many" + ENTER),
        ("is not a whole number", CLEAR + "5" + ENTER),
        ("Within how many seconds?", CLEAR + "90" + ENTER),
        ("must be a multiple of 60", CLEAR + "120" + ENTER),
        ("go on with these", ENTER),
        RESTORE,
        WRITE,
    ]
    assert project.dialogue(steps).code is Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    assert settings.emails == ("ops@example.com",)
    (source,) = settings.source_ips
    assert (source.name, source.cidr, source.threshold, source.period) == ("head-office", "10.0.0.0/24", 5, 120)


@pytest.mark.parametrize("gives_up", [False, True])
def test_a_range_too_many_is_explained_and_said_again_or_given_up(project: Bench, gives_up: bool) -> None:
    """Only five filters of a log group may hold a regular expression, and a /25 needs one. Its name is not at fault."""
    five = [f"half-{n}=10.0.{n}.0/25" for n in range(4)]  # and self-alarms-logs may hold one
    project.setup(
        stack="prod", yes=True, flags={"homeRegion": "eu-west-1", "emails": ["a@b.example"], "sourceIps": five}
    )
    before = project.files()
    sixth: list[Step] = [
        ("go on with these", DOWN + ENTER),
        ("Which addresses?", "10.0.9.0/25" + ENTER),
        ("A name for them?", "sixth" + ENTER),
        ("Count which calls?", ENTER),
        ("How many calls raise the alarm?", ENTER),
        ("Within how many seconds?", ENTER),
    ]
    again: list[Step] = [
        ("Say it again?", "y"),
        ("Which addresses? 10.0.9.0/25", CLEAR + "10.0.9.0/24" + ENTER),
        ("A name for them? sixth", ENTER),
        *sixth[3:],
        ("go on with these", ENTER),
        RESTORE,
        WRITE,
    ]
    up: list[Step] = [("Say it again?", "n"), ("go on with these", ENTER), RESTORE]
    outcome = project.dialogue(
        [*SHORTEST[:3], ("Who gets", ENTER), SETS_AS_TICKED, *sixth, *(up if gives_up else again)]
    )
    assert outcome.code is Exit.OK
    assert any("6 patterns hold a regular expression" in line for line in outcome.at_the_end)
    names = [each.name for each in Settings.from_stack_file(project.stack_file()).source_ips]
    assert ("sixth" in names) is not gives_up
    assert (project.files() == before) is gives_up


def test_answers_that_contradict_each_other_are_explained_and_given_again(project: Bench) -> None:
    nothing: list[Step] = [
        ("Which stack?", ENTER),
        HOME_DUBLIN,
        REGIONS_AS_TICKED,
        TWO_MAILS,
        ("What should raise an alert?", "aa" + ENTER),  # all, then none
        NO_RANGE,
        ("When somebody stops the trail?", 2 * DOWN + ENTER),
    ]
    again: list[Step] = [
        ("Answer again", "y"),
        ("Home region?", ENTER),
        ("Which regions do you work in?", ENTER),
        ("Who gets the alerts?", ENTER),
        ("What should raise an alert?", SPACE + ENTER),
        NO_RANGE,
        ("When somebody stops the trail?", ENTER),
        WRITE,
    ]
    outcome = project.dialogue([*nothing, *again])
    assert outcome.code is Exit.OK
    assert "nothing would be guarded" in outcome.err
    settings = Settings.from_stack_file(project.stack_file())
    assert settings.home_region == "eu-west-1", "what was said before is the default"
    assert set(settings.event_sets) == {next(iter(EVENT_SETS))}
    assert settings.remediation.mode == "off"


def test_who_does_not_mend_a_contradiction_writes_nothing(project: Bench) -> None:
    before = project.files()
    steps: list[Step] = [
        *SHORTEST[:4],
        ("What should raise an alert?", "aa" + ENTER),
        NO_RANGE,
        ("When somebody stops the trail?", 2 * DOWN + ENTER),
        ("Answer again", "n"),
    ]
    outcome = project.dialogue(steps)
    assert outcome.code is Exit.NO_ANSWER
    assert outcome.err.count("nothing would be guarded") == 1
    assert outcome.err.endswith("Nothing was written.\n")
    assert project.files() == before


def test_no_to_the_last_question_writes_nothing(project: Bench) -> None:
    before = project.files()
    outcome = project.dialogue([*SHORTEST, ("Write it?", "n")])
    assert outcome.code is Exit.OK
    assert "Nothing was written." in outcome.out
    assert project.files() == before


ASKED = [STACK, *(question for question in QUESTIONS if question.is_asked)]


LEAVING = [
    *(pytest.param(step, CTRL_C, id=question.key) for question, step in zip(ASKED, SHORTEST, strict=True)),
    pytest.param(WRITE, CTRL_C, id="write"),
    pytest.param(STACK_PROD, CLEAR + CTRL_D, id="stack, by ctrl-d"),
    pytest.param(TWO_MAILS, CTRL_D, id="emails, by ctrl-d"),
]


@pytest.mark.parametrize(("last", "key"), LEAVING)
def test_leaving_at_any_question_writes_nothing(project: Bench, last: Step, key: str) -> None:
    before = project.files()
    steps = [*SHORTEST, WRITE]
    outcome = project.dialogue([*steps[: steps.index(last)], (last[0], key)])
    assert outcome.code is Exit.INTERRUPTED
    assert "Nothing was written." in outcome.err
    assert project.files() == before


def test_ctrl_c_inside_a_range_writes_nothing(project: Bench) -> None:
    before = project.files()
    steps = [*SHORTEST[:5], *TWO_RANGES[:3], ("Count which calls?", CTRL_C)]
    outcome = project.dialogue(steps)
    assert outcome.code is Exit.INTERRUPTED
    assert project.files() == before


def test_the_dialogue_fits_a_narrow_terminal(project: Bench) -> None:
    project.columns = 60
    assert project.dialogue([*SHORTEST, WRITE]).code is Exit.OK


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_new_stack_is_offered_the_region_of_the_environment(project: Bench, variable: str) -> None:
    project.environ[variable] = "eu-central-1"
    steps = [STACK_PROD, ("Home region?", ENTER), *SHORTEST[2:], WRITE]
    assert project.dialogue(steps).code is Exit.OK
    assert Settings.from_stack_file(project.stack_file()).home_region == "eu-central-1"


def test_what_the_stack_says_about_a_later_question_does_not_bind_an_earlier_one(project: Bench) -> None:
    """A stack without guardian gets one, and in the same dialogue a watch on it."""
    assert (
        project.dialogue([*SHORTEST[:-1], ("When somebody stops the trail?", DOWN + DOWN + ENTER), WRITE]).code
        is Exit.OK
    )
    assert Settings.from_stack_file(project.stack_file()).remediation.mode == "off"
    again = (
        STACK_PROD,
        ("Home region?", ENTER),
        REGIONS_AS_TICKED,
        ("Who gets the alerts?", ENTER),
        ("What should raise an alert?", "a" + ENTER),
        NO_RANGE,
        ("When somebody stops the trail?", UP + UP + ENTER),
        WRITE,
    )
    assert project.dialogue([*again]).code is Exit.OK
    settings = Settings.from_stack_file(project.stack_file())
    assert settings.remediation.mode == "restore"
    assert set(settings.event_sets) == set(EVENT_SETS)
