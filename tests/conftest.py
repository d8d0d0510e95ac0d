"""Every test runs in an environment that knows no AWS account and no Pulumi stack, and generates the same examples."""

import gc
import os

import pytest
from hypothesis import settings

from tests.support.effort import STEADY_EXAMPLES

# Pulumi, pydantic and hypothesis make so many small objects that the collector would take a fourth of the time.
gc.set_threshold(50_000, 20, 20)

# The same examples in every run, and none fails for being slow on a busy machine.
settings.register_profile("steady", max_examples=STEADY_EXAMPLES, derandomize=True, deadline=None, database=None)
# Others in every run, and many: `make test ARGS=--hypothesis-profile=thorough`, before a change of what is searched.
settings.register_profile("thorough", max_examples=10 * STEADY_EXAMPLES, deadline=None, print_blob=True)
settings.load_profile("steady")

# Files of more than about ten seconds, the longest first. A file is run by one worker, so that what is begun last
# is what the other workers wait for.
LONG = (
    "tests/sandbox/test_attacks.py",
    "tests/sandbox/test_demo.py",
    "tests/sandbox/test_guardian_whole.py",
    "tests/sandbox/test_explained.py",
    "tests/sandbox/test_explainer_attacks.py",
    "tests/wizard/test_dialogue_mistakes.py",
    "tests/wizard/test_dialogue_again.py",
    "tests/wizard/test_dialogue.py",
    "tests/operate/test_check.py",
    "tests/sandbox/test_acceptance.py",
    "tests/sandbox/test_health_whole.py",
    "tests/sandbox/test_deploy.py",
    "tests/operate/living/test_drilling.py",
    "tests/operate/living/test_maintenance.py",
    "tests/operate/test_check_layouts.py",
    "tests/sandbox/test_own_things.py",
    "tests/program/test_alarms.py",
    "tests/wizard/test_account_dialogue.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files; all others, and the tests of each file, stay in their order."""
    rank = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def hermetic_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own account, stack or network reaches a test."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "PULUMI_", "TRAILWARDEN_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("PULUMI_ERROR_OUTPUT_STRING", "true")
