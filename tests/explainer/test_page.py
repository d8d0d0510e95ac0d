"""The page with the mails shows what the function writes today."""

from tests.support.alert_page import MAILS, PAGE, page


def test_the_page_is_up_to_date():
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(), "docs/alerts.md is out of date: python -m tests.support.alert_page"
    assert written.count("Subject: ") == len(MAILS)
