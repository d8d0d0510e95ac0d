"""Every test runs in an environment that knows no AWS account and no Pulumi stack, and generates the same examples."""

import os

import pytest
from hypothesis import settings

# The same examples in every run, and none fails for being slow on a busy machine.
settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")


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
