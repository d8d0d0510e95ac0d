"""The pages tell the truth: what is made from code is up to date, links lead somewhere, commands exist."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from settings import Settings
from tests.support.pages import PAGES, REFERENCE, ROOT
from wizard.__main__ import app

MARKDOWN = sorted(
    path.relative_to(ROOT)
    for folder in (ROOT, ROOT / "docs")
    for path in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
)
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


@pytest.mark.parametrize("page", MARKDOWN, ids=str)
def test_our_own_commands_on_a_page_exist(page: Path) -> None:
    for words in OWN_COMMAND.findall((ROOT / page).read_text(encoding="utf-8")):
        answer = CliRunner().invoke(app, [*words.split(), "--help"])
        assert answer.exit_code == 0, f"{page}: python -m wizard{words}\n{answer.output}"


def test_the_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {
        name
        for page in MARKDOWN
        for name in re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert named <= targets


def test_the_price_on_the_front_page_is_that_of_the_recommended_sets() -> None:
    # US dollars a month in us-east-1, from the pricing pages of CloudWatch and KMS, read in 2026.
    alarm, metric, key, free = 0.10, 0.30, 1.00, 10
    answers = {"homeRegion": "us-east-1", "emails": ["security@example.com"]}
    plan = Settings.parse(answers, stack="price", source="test").plan()

    def monthly(free: int) -> float:
        return max(plan.alarms - free, 0) * alarm + max(plan.filters - free, 0) * metric + plan.keys * key

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"about {monthly(free):.2f} US dollars a month, or {monthly(0):.2f} where" in readme
