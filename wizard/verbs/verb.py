"""A group of verbs, and what all verbs have in common: example, help, options that stand together, end."""

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, get_type_hints

import typer

from wizard.verbs.ending import end_with

COMMAND = ".venv/bin/python -m wizard"
_Function = Callable[..., int]


class Verbs(typer.Typer):
    """The verbs of one module. `--help` lists them under the heading `panel`.

    With a `name` they are verbs of that name's own (`sandbox start`), and `about` says what they are for.
    """

    def __init__(self, *, panel: str, name: str | None = None, about: str | None = None) -> None:
        super().__init__(name=name, help=about, no_args_is_help=name is not None)
        self.panel = panel
        self._name = name

    def verb(self, name: str, *, example: str) -> Callable[[_Function], _Function]:
        """Make a function the verb `name`. `example` are the words that follow the command.

        The function returns the exit code. A parameter whose type is a dataclass stands for several options: each of
        its fields is one, and the function gets the object.
        """

        def hang(function: _Function) -> _Function:
            command = self.command(
                name,
                help=_unwrapped(function),
                epilog=f"Example: {COMMAND} {example}",
                rich_help_panel=None if self._name else self.panel,
            )
            command(_as_typer_reads_it(function))
            return function

        return hang


def _as_typer_reads_it(function: _Function) -> Callable[..., None]:
    """The function with plain options only, and with its exit code as the program's."""
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    together: dict[str, type[Any]] = {each.name: each.annotation for each in parameters if _is_several(each)}

    @wraps(function)
    def run(**typed: Any) -> None:
        for name, kind in together.items():
            typed[name] = kind(**{field.name: typed.pop(field.name) for field in dataclasses.fields(kind)})
        end_with(lambda: function(**typed))

    flat = [option for each in parameters for option in _options(each)]
    vars(run).update(__signature__=inspect.Signature(flat), __annotations__={})
    return run


def _options(parameter: inspect.Parameter) -> Iterator[inspect.Parameter]:
    """The parameter, or one for each option that it stands for."""
    if not _is_several(parameter):
        yield parameter
        return
    hints = get_type_hints(parameter.annotation, include_extras=True)
    for field in dataclasses.fields(parameter.annotation):
        default = inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default
        yield parameter.replace(name=field.name, default=default, annotation=hints[field.name])


def _is_several(parameter: inspect.Parameter) -> bool:
    return dataclasses.is_dataclass(parameter.annotation)


def _unwrapped(function: _Function) -> str:
    """The docstring with one line for each paragraph: where the source breaks its lines is nothing to a terminal."""
    return "\n\n".join(" ".join(each.split()) for each in inspect.cleandoc(function.__doc__ or "").split("\n\n"))
