"""Each verb hands on to its room what was typed, and ends with the code that it gets back."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from account import Access
from exits import Exit
from operate.alerting.verb import Options as Alerting
from operate.backtest import Options as Backtesting
from operate.deployed import Target
from operate.drilling.verb import Options as Drilling
from operate.maintenance.verb import Options as Maintaining
from operate.report import Options as Reporting
from tests.support.command_line import ROOT_COMMAND, leaves
from wizard.__main__ import app
from wizard.access import Access as Looking
from wizard.questions import QUESTIONS
from wizard.setup import Options as SettingUp

URL = "http://127.0.0.1:1"
WHERE = f"--profile p --region eu-west-1 --endpoint-url {URL}"
X = Target("x")
X_THERE = Target("x", Access(profile="p", region="eu-west-1", endpoint_url=URL))

CHECK: dict[str, Any] = {
    "stack": None,
    "regions": (),
    "all_regions": False,
    "output": "text",
    "all_lines": False,
    "resend": None,
    "access": Access(),
}
SETUP_WHOLE = (
    "--stack x --trail t --trail u --home-region h --region r --region s --email a --subscriber w --event-set e "
    f"--source-ip i --remediation off --evidence keep --answers a.yaml --yes --no-look --profile p --endpoint-url {URL}"
)
SETUP_FLAGS = {
    "trail": ["t", "u"],
    "homeRegion": "h",
    "regions": ["r", "s"],
    "emails": ["a"],
    "subscribers": ["w"],
    "eventSets": ["e"],
    "sourceIps": ["i"],
    "remediation": "off",
    "evidence": "keep",
}
BACKTEST_WHOLE = (
    "backtest logs --stack x --set a --set b --from 2026-03-01 --to 2026-03-02 --alarms-a-week 2 --jobs 3 "
    f"{WHERE} --workgroup w --json --html x.html --apply --yes"
)
BACKTESTING_WHOLE = Backtesting(
    source="logs",
    stack="x",
    sets=["a", "b"],
    first="2026-03-01",
    last="2026-03-02",
    a_week=2,
    jobs=3,
    access=X_THERE.access,
    workgroup="w",
    as_json=True,
    html=Path("x.html"),
    apply=True,
    yes=True,
)

ROWS: list[tuple[str, str, tuple[Any, ...], dict[str, Any]]] = [
    ("setup", "wizard.setup.run", (SettingUp(),), {}),
    ("--email a --email b", "wizard.setup.run", (SettingUp(flags={"emails": ["a", "b"]}),), {}),
    ("setup --remediation ''", "wizard.setup.run", (SettingUp(flags={"remediation": ""}),), {}),
    (
        f"setup --look --endpoint-url {URL}",
        "wizard.setup.run",
        (SettingUp(access=Looking(endpoint_url=URL, is_demanded=True)),),
        {},
    ),
    ("setup --profile p", "wizard.setup.run", (SettingUp(access=Looking(profile="p", is_demanded=True)),), {}),
    ("setup --profile p --no-look", "wizard.setup.run", (SettingUp(),), {}),
    ("setup --profile p --offline", "wizard.setup.run", (SettingUp(),), {}),
    (
        f"setup {SETUP_WHOLE}",
        "wizard.setup.run",
        (SettingUp(stack="x", answers=Path("a.yaml"), yes=True, flags=SETUP_FLAGS),),
        {},
    ),
    ("sets", "operate.sets", (None,), {"coverage": False, "as_json": False, "stack": None}),
    (
        "sets trail-changes --json --coverage --stack x",
        "operate.sets",
        ("trail-changes",),
        {"coverage": True, "as_json": True, "stack": "x"},
    ),
    (
        "test-pattern '{ $.a = b }' one.json -",
        "operate.try_pattern",
        (["{ $.a = b }", "one.json", "-"],),
        {"set_name": None, "as_json": False, "live": None},
    ),
    (
        f"test-pattern --set trail-changes --live --json {WHERE}",
        "operate.try_pattern",
        ([],),
        {"set_name": "trail-changes", "as_json": True, "live": X_THERE.access},
    ),
    (
        "test-pattern --set trail-changes --live",
        "operate.try_pattern",
        ([],),
        {"set_name": "trail-changes", "as_json": False, "live": Access()},
    ),
    (
        "test-pattern -- -ERROR one.log",
        "operate.try_pattern",
        (["-ERROR", "one.log"],),
        {"set_name": None, "as_json": False, "live": None},
    ),
    ("report --stack x", "operate.report.report", (Reporting(stack="x"),), {}),
    (
        "report --stack x --format json --against main --prices p.yaml --log-gigabytes 2 --preview t.txt",
        "operate.report.report",
        (
            Reporting(
                stack="x", form="json", against="main", prices=Path("p.yaml"), log_gigabytes=2, preview=Path("t.txt")
            ),
        ),
        {},
    ),
    ("check", "operate.checking.check", (), CHECK),
    (
        f"check --stack x --region a --region b --json --all --profile p --endpoint-url {URL}",
        "operate.checking.check",
        (),
        CHECK
        | {"stack": "x", "regions": ["a", "b"], "output": "json", "all_lines": True}
        | {"access": Access(profile="p", endpoint_url=URL)},
    ),
    (
        "check --all-regions --format sarif --resend a@example.com",
        "operate.checking.check",
        (),
        CHECK | {"all_regions": True, "output": "sarif", "resend": "a@example.com"},
    ),
    ("backtest logs", "operate.backtest.backtest", (Backtesting(source="logs"),), {}),
    (BACKTEST_WHOLE, "operate.backtest.backtest", (BACKTESTING_WHOLE,), {}),
    ("test-alert --stack x", "operate.alerting.verb.run", (Alerting(target=X),), {}),
    (
        f"test-alert --stack x --set s --timeout 5 --json {WHERE}",
        "operate.alerting.verb.run",
        (Alerting(target=X_THERE, set_name="s", timeout_s=5, as_json=True),),
        {},
    ),
    ("drill --stack x", "operate.drilling.verb.run", (Drilling(target=X),), {}),
    (
        f"drill --stack x --trail t --yes-really --target 5 --timeout 9 --json {WHERE}",
        "operate.drilling.verb.run",
        (Drilling(target=X_THERE, trail="t", yes_really=True, target_s=5, timeout_s=9, as_json=True),),
        {},
    ),
    (
        "maintenance start --stack x --reason r",
        "operate.maintenance.verb.start",
        (Maintaining(target=X),),
        {"reason": "r", "lasts": "2h", "yes": False},
    ),
    (
        f"maintenance start --stack x --reason r --for 1h --yes --json {WHERE}",
        "operate.maintenance.verb.start",
        (Maintaining(target=X_THERE, as_json=True),),
        {"reason": "r", "lasts": "1h", "yes": True},
    ),
    ("maintenance end --stack x", "operate.maintenance.verb.end", (Maintaining(target=X),), {}),
    (
        f"maintenance end --stack x --json {WHERE}",
        "operate.maintenance.verb.end",
        (Maintaining(target=X_THERE, as_json=True),),
        {},
    ),
    ("maintenance show --stack x --json", "operate.maintenance.verb.show", (Maintaining(target=X, as_json=True),), {}),
    (f"maintenance show --stack x {WHERE}", "operate.maintenance.verb.show", (Maintaining(target=X_THERE),), {}),
    ("demo", "sandbox.demo.run", (False,), {}),
    ("demo --json", "sandbox.demo.run", (True,), {}),
    ("demo --attacks", "sandbox.demo.attacks.run", (False,), {}),
    ("demo --attacks --json", "sandbox.demo.attacks.run", (True,), {}),
    ("sandbox start", "sandbox.verbs.start", (4566,), {"clock_behind_s": 0, "by_hand": False}),
    (
        "sandbox start --port 0 --clock-behind 300 --by-hand",
        "sandbox.verbs.start",
        (0,),
        {"clock_behind_s": 300, "by_hand": True},
    ),
    ("sandbox deploy --stack x", "sandbox.verbs.deploy", ("x", None, False), {}),
    (f"sandbox deploy --stack x --reset --endpoint-url {URL}", "sandbox.verbs.deploy", ("x", URL, True), {}),
    ("sandbox confirm", "sandbox.verbs.confirm", (None, None), {}),
    (
        f"sandbox confirm a@example.com --endpoint-url {URL}",
        "sandbox.verbs.confirm",
        ("a@example.com", URL),
        {},
    ),
    (f"sandbox mail --json --endpoint-url {URL}", "sandbox.verbs.mail", (True, URL), {}),
    (f"sandbox emit records.json --endpoint-url {URL}", "sandbox.verbs.emit", (Path("records.json"), URL), {}),
]


@pytest.mark.parametrize(("typed", "function", "given", "named"), ROWS, ids=[row[0] for row in ROWS])
def test_what_was_typed_reaches_the_room(
    cli: CliRunner,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    function: str,
    given: tuple[Any, ...],
    named: dict[str, Any],
) -> None:
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def note(*arguments: Any, **more: Any) -> int:
        more.pop("terminal", None)  # where the wizard runs is not typed
        calls.append((arguments, more))
        return Exit.FOUND

    monkeypatch.setattr(function, note)
    result = cli.invoke(app, shlex.split(typed))
    assert result.exit_code == Exit.FOUND, result.output
    assert calls == [(given, named)]


def test_every_verb_and_every_option_is_typed_above() -> None:
    """The rows are the whole command line: nobody can hang a verb or an option on it that goes nowhere."""
    rows = [shlex.split(row[0]) for row in ROWS]
    for path, verb in leaves(ROOT_COMMAND):
        typed = {word for words in rows if tuple(words[: len(path)]) == path for word in words}
        for parameter in verb.params:
            is_typed = typed & {*parameter.opts, *parameter.secondary_opts}
            assert is_typed or parameter.param_type_name == "argument", f"{' '.join(path)}: {parameter.opts}"
        assert typed, path
    assert {*SETUP_FLAGS} == {question.key for question in QUESTIONS}
