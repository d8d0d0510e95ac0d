"""The pages tell the truth: what is made from code is up to date, links lead somewhere, commands exist."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from settings import Settings, monthly_bill
from tests.support.pages import PAGES, REFERENCE, ROOT
from wizard.__main__ import app

MARKDOWN = sorted(
    path.relative_to(ROOT)
    for folder in (ROOT, ROOT / "docs")
    for path in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
)
ROOMS = "account|benchmarks|catalog|components|docs|filterpattern|lambda|operate|sandbox|settings|tests|wizard"
OWN_PATH = re.compile(rf"(?<![\w./-])((?:{ROOMS})/[\w./-]*)([<*{{]?)")
OWN_COMMAND = re.compile(r"\.venv/bin/python -m wizard((?: [a-z][a-z-]*)*)")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_code_is_up_to_date(name: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), f"docs/reference/{name} is out of date: python -m tests.support.pages"


@pytest.mark.parametrize("page", MARKDOWN, ids=str)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [target for target in targets if target and not (ROOT / page.parent / target).exists()] == []


def reached(start: Path) -> set[Path]:
    """Every file that links lead to from a page, over as many pages as it takes."""
    seen, pending = {start}, [start]
    while pending:
        page = pending.pop()
        if page.suffix != ".md":
            continue
        links = re.findall(r"\]\(([^)\s#]+)", (ROOT / page).read_text(encoding="utf-8"))
        targets = {(ROOT / page.parent / link).resolve() for link in links if "://" not in link}
        found = {target.relative_to(ROOT) for target in targets if target.is_file()} - seen
        seen |= found
        pending += found
    return seen


def test_every_page_and_policy_is_reached_from_the_front_page() -> None:
    policies = {path.relative_to(ROOT) for path in (ROOT / "docs" / "policies").iterdir()}
    assert sorted({*MARKDOWN, *policies} - reached(Path("README.md"))) == []


def test_the_front_page_names_every_verb() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| verb |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = [verb for each in cells for verb in re.findall(r"`([\w-]+)`", each)]
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    assert sorted(named) == sorted(root.commands)


def lost_paths(text: str) -> list[str]:
    """The paths in code spans of a page that lead nowhere. Of `catalog/sets/<name>.toml` the folder must be there."""
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    named = [match for span in spans for match in OWN_PATH.findall(span)]
    return [path for path, rest in named if not (ROOT / (path.rpartition("/")[0] if rest else path)).exists()]


@pytest.mark.parametrize("page", MARKDOWN, ids=str)
def test_paths_on_a_page_exist(page: Path) -> None:
    assert lost_paths((ROOT / page).read_text(encoding="utf-8")) == []


def test_a_path_that_leads_nowhere_would_be_seen() -> None:
    text = "`docs/none.md`, `tests/none.py::test_it`, `ls catalog/none/`, `lambda/none/*.py`, `settings/<name>.py`"
    assert lost_paths(text) == ["docs/none.md", "tests/none.py", "catalog/none/", "lambda/none/"]
    assert lost_paths("`docs/sandbox.md` and `tests/test_docs.py::test_it`\n```\ndocs/none.md\n```\n") == []


@pytest.mark.parametrize("page", MARKDOWN, ids=str)
def test_our_own_commands_on_a_page_exist(page: Path) -> None:
    for words in OWN_COMMAND.findall((ROOT / page).read_text(encoding="utf-8")):
        answer = CliRunner().invoke(app, [*words.split(), "--help"])
        assert answer.exit_code == 0, f"{page}: python -m wizard{words}\n{answer.output}"


def modules_lost(makefile: str) -> list[str]:
    """The modules that a Makefile runs (`python -m MODULE`) and that nobody has."""
    return [name for name in re.findall(r"(?<=\s)-m ([\w.]+)", makefile) if find_spec(name) is None]


def test_the_modules_that_make_runs_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "-m wizard demo" in makefile
    assert modules_lost(makefile) == []
    assert modules_lost("x:\n\tpython -m no_such_module $(ARGS)\n") == ["no_such_module"]


def test_the_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {
        name
        for page in MARKDOWN
        for name in re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert named <= targets


def test_the_price_on_the_front_page_is_that_of_the_recommended_sets() -> None:
    answers = {"homeRegion": "us-east-1", "emails": ["security@example.com"]}
    bill = monthly_bill(Settings.parse(answers, stack="price", source="test").plan())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"about {bill.dollars:.2f} US dollars a month, or {bill.at_most:.2f} where" in readme
