"""The wizard on a stack that is deployed: its trail is its own, and no other that would cost or could be adopted."""

from pathlib import Path

import pytest

import account
from exits import Exit
from tests.support.account_world import FakeTrail, World
from tests.support.typist import ENTER, Step
from tests.support.wizard_bench import Bench, Outcome, bench
from wizard.access import Access

OWN = FakeTrail(name="trailwarden-prod")
DEPLOYED = World(trails=[OWN], tags={OWN.arn: "prod"})
STEPS: tuple[Step, ...] = (
    ("Which trail should be guarded?", ENTER),
    ("When somebody stops the trail?", ENTER),
    ("Write it?", "y"),
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(account, "session", DEPLOYED.session)
    return bench(tmp_path)


def asked(project: Bench, stack: str) -> Outcome:
    flags = {"homeRegion": "eu-west-1", "regions": ["eu-west-1"], "emails": ["a@example.com"], "eventSets": ["none"]}
    return project.dialogue(STEPS, stack=stack, flags={**flags, "sourceIps": ["none"]}, access=Access())


@pytest.mark.parametrize(("stack", "is_own"), [("prod", True), ("dev", False)])
def test_a_stacks_own_trail_is_not_another_one(project: Bench, stack: str, is_own: bool) -> None:
    outcome = asked(project, stack)
    assert outcome.code is Exit.OK
    assert ("✓ trail   trailwarden-prod  this stack's own · home eu-west-1" in outcome.err) is is_own
    assert ("cannot be adopted" in outcome.err) is not is_own
    assert ("the stack's own, which is there and sees all regions" in outcome.screen) is is_own
    assert ("create one that sees all regions" in outcome.screen) is not is_own
    screen = " ".join(outcome.screen.split())
    assert ("There is another trail, so the events of this one cost $2.00" in screen) is not is_own
    assert ("events of a second trail" in " ".join(outcome.out.split())) is not is_own


def test_the_stack_is_named_before_anybody_looks(project: Bench) -> None:
    """Which trail is its own, and which home region it has, is known by its name."""
    lines = asked(project, "prod").err.splitlines()
    (named,) = (number for number, line in enumerate(lines) if line.startswith("stack: prod"))
    (looked,) = (number for number, line in enumerate(lines) if line.startswith("Looked at account"))
    assert named < looked
