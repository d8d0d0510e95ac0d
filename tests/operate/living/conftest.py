"""One deployed stack for the verbs that act on a living one; each test leaves it as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.check_world import World, deployed


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        with deployed(tmp_path_factory.mktemp("project")) as made:
            yield made


@pytest.fixture(autouse=True)
def in_the_project(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world.folder)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
