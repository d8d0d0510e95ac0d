"""The verbs as the command line has them, for the tests that look at all of them."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from wizard.__main__ import app


def leaves(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every verb with its path: `("sandbox", "deploy")`."""
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from leaves(each, (*path, name))
        else:
            yield (*path, name), each


ROOT_COMMAND: Any = typer.main.get_command(app)


VERBS = [pytest.param(path, verb, id=" ".join(path)) for path, verb in leaves(ROOT_COMMAND)]
