"""Every mail of the guardian has a page that says what to do about it."""

import re
from pathlib import Path
from typing import Any

import pytest
from guardian.environment import Mode
from guardian.runbooks import PAGES

from tests.support.fake_things import RULE, FakeThings
from tests.support.guardian_world import ALL_MANAGEMENT, STOPPED_AT, FakeAws, document, refusal, wake

RUNBOOKS = Path(__file__).resolve().parents[2] / "docs" / "runbooks"
DENIED = "AccessDeniedException"
NARROW = {"EventSelectors": [*ALL_MANAGEMENT, {"IncludeManagementEvents": False, "DataResources": []}]}


def index() -> dict[str, str]:
    """Phrase of a subject to the page that the index names for it."""
    text = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*`) \| \[([\w-]+\.md)\]", text, re.MULTILINE)
    return {phrase: page for phrases, page in rows for phrase in re.findall(r"`([^`]+)`", phrases)}


def drifted(**more: Any) -> FakeAws:
    aws = FakeAws(is_logging=True, **more)
    aws.settings["LogFileValidationEnabled"] = False
    return aws


def extended() -> FakeAws:
    aws = FakeAws(is_logging=True)
    aws.settings["IsOrganizationTrail"] = True
    return aws


WAKINGS: list[tuple[str, FakeAws, dict[str, Any]]] = [
    ("stop-by-name-iam-user", FakeAws(), {}),
    ("alarm-aws", FakeAws(), {}),
    ("stop-by-name-iam-user", FakeAws(is_logging=True), {}),
    ("stop-by-name-iam-user", FakeAws(), {"MODE": Mode.NOTIFY}),
    ("stop-by-name-iam-user", FakeAws(refuse={"StartLogging": [refusal(DENIED)]}), {}),
    ("alarm-aws", FakeAws(refuse={"GetTrailStatus": [refusal(DENIED), refusal(DENIED)]}), {}),
    ("alarm-aws", FakeAws(refuse={"GetTrailStatus": [refusal(DENIED)]}), {}),
    ("delete-trail", FakeAws(is_gone=True), {}),
    ("alarm-aws", FakeAws(is_gone=True), {}),
    ("stop-refused-access-denied", FakeAws(is_logging=True), {}),
    ("add-tags", FakeAws(is_logging=True), {}),
    ("update-trail", drifted(), {}),
    ("alarm-aws", drifted(), {}),
    ("update-trail", drifted(), {"MODE": Mode.NOTIFY}),
    ("update-trail", drifted(refuse={"UpdateTrail": [refusal(DENIED)]}), {}),
    ("update-trail", extended(), {}),
    ("alarm-aws", FakeAws(is_logging=True, wanted=document(IsLogging=False)), {}),
    ("alarm-aws", FakeAws(is_logging=True, refuse={"GetParameter": [refusal(DENIED)] * 2}), {}),
    ("alarm-aws", FakeAws(is_logging=True, refuse={"GetTrail": [refusal(DENIED)] * 2}), {}),
    (
        "scheduled-scheduler",
        FakeAws(is_logging=True, started_at=STOPPED_AT, things=FakeThings(rules={RULE: "DISABLED"}, inventory="")),
        {},
    ),
    ("scheduled-scheduler", FakeAws(is_logging=True, status={"LatestDeliveryError": "AccessDenied"}), {}),
]


@pytest.mark.parametrize(("name", "aws", "changed"), WAKINGS)
def test_every_subject_leads_to_a_page(name: str, aws: FakeAws, changed: dict[str, Any]):
    wake(name, aws, **changed)
    assert aws.mails
    for mail in aws.mails:
        pages = {page for phrase, page in index().items() if phrase in mail}
        assert pages, mail
        assert all((RUNBOOKS / page).is_file() for page in pages)
    for request in aws.published:
        (named,) = re.findall(r"^Runbook  docs/runbooks/(.*)$", request["Message"], re.MULTILINE)
        assert any(phrase in request["Subject"] and page == named for phrase, page in index().items()), request


def test_every_kind_of_incident_has_a_page():
    for page in PAGES.values():
        assert (RUNBOOKS / f"{page}.md").is_file()


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("https://github.com/acme/trailwarden/blob/main/docs/{page}", "main/docs/runbooks/trail-stopped.md"),
        ("https://wiki.example.com/{set}?view=1", "https://wiki.example.com/trail-stopped?view=1"),
        ("https://wiki.example.com/runbooks/", "https://wiki.example.com/runbooks/trail-stopped"),
    ],
)
def test_runbooks_may_be_elsewhere(base: str, told: str):
    assert wake("stop-by-name-iam-user", RUNBOOKS=base).row("Runbook").endswith(told)


def test_every_page_is_in_the_index():
    assert {path.name for path in RUNBOOKS.glob("*.md")} - {"README.md"} == set(index().values())
