"""Writes the page about lint rules anew: `python -m tests.support.pattern_pages`."""

from pathlib import Path

from filterpattern import lint_rules_page

LINT_RULES_PAGE = Path(__file__).resolve().parents[2] / "docs" / "lint-rules.md"

if __name__ == "__main__":
    LINT_RULES_PAGE.write_text(lint_rules_page(), encoding="utf-8")
