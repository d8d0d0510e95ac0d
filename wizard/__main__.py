"""The command line: the groups of verbs put together. A verb's room is imported when the verb runs.

So `--help` answers at once, and a broken or missing extra of one verb does not take the others along.
"""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from wizard.verbs import catalogue, local, looking, maintenance, proving, setup
from wizard.verbs.ending import run_to_the_end
from wizard.verbs.options import switch

DEFAULT_VERB = "setup"
_HELP_FLAGS = ["-h", "--help"]
_ROOT_FLAGS = (*_HELP_FLAGS, "--version", "--install-completion", "--show-completion")


class _SetupByDefault(TyperGroup):
    """`python -m wizard --stack prod` is `python -m wizard setup --stack prod`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # A shell that completes the first word asks with no word before it, and wants the verbs.
        is_default = not args or (args[0].startswith("-") and args[0].partition("=")[0] not in _ROOT_FLAGS)
        if is_default and not ctx.resilient_parsing:
            args = [DEFAULT_VERB, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="trailwarden",
    cls=_SetupByDefault,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": _HELP_FLAGS},
    help="Guards AWS CloudTrail: alarms on who did what, and a stopped trail is logging again seconds later.",
    epilog="Without a verb, `setup` runs. Exit codes: 0 done, 1 something is wrong, 2 bad input "
    "or AWS did not let us look, 130 Ctrl-C.",
)
for group in (setup, catalogue, looking, proving, maintenance, local):
    app.add_typer(group.verbs, rich_help_panel=group.verbs.panel)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        from settings.version import VERSION

        typer.echo(f"trailwarden {VERSION}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, switch("--version", "Print the version.", callback=_show_version, is_eager=True)] = False,
) -> None:
    """What comes before the verb."""


def main() -> None:
    """The console script `trailwarden`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no `✓` shall still show the rest
    name = "trailwarden" if Path(sys.argv[0]).name == "trailwarden" else "python -m wizard"
    run_to_the_end(lambda: app(prog_name=name))


if __name__ == "__main__":
    main()
