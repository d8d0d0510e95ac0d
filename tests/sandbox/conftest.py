"""One sandbox for all tests of the room, brought back to its start before each."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from sandbox import SandboxClient
from sandbox.process import SandboxProcess
from tests.support.sandbox_story import Story


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[SandboxProcess]:
    """The server's process. Tests use `sandbox` instead, unless they are about the process."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SECRET_OF_THE_DEVELOPER", "hunter2!")  # no Lambda may ever see it
        environment.setenv("AWS_PROFILE", "production")
        with SandboxProcess() as process:
            yield process


@pytest.fixture
def sandbox(running_sandbox: SandboxProcess) -> SandboxClient:
    """A client of a sandbox in which nothing has happened."""
    running_sandbox.client.reset()
    return running_sandbox.client


@pytest.fixture
def story(sandbox: SandboxClient) -> Story:
    """A guarded trail, not yet made."""
    return Story(sandbox)


@pytest.fixture
def recorded(story: Story) -> Story:
    """A trail that logs, and nothing that reacts to it."""
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    story.make_trail()
    return story


@pytest.fixture
def unused_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
