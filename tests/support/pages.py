"""The reference pages, made from the code they describe. Write them anew: `python -m tests.support.pages`."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML

from catalog import BENCHMARKS, EVENT_SETS, EventSet
from exits import Exit
from operate.checking.catalogue import CHECKS
from settings import Settings
from wizard.__main__ import app

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
ANSWERS = ROOT / "tests" / "data" / "answers" / "full.yaml"
ADOPT = ROOT / "tests" / "data" / "answers" / "adopt.yaml"
MADE = "<!-- Made by `python -m tests.support.pages`; a test keeps it true. -->"


def cell(text: str) -> str:
    """Text that stays inside its table cell."""
    return " ".join(text.split()).replace("|", "\\|")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """A Markdown table; every cell is escaped here."""
    lines = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(cell(each) for each in line) + " |" for line in lines]


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The model behind a field: itself, or the element of its list or mapping; None for plain values."""
    pending = [field.annotation]
    while pending:
        annotation = pending.pop()
        if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
            if issubclass(annotation, BaseModel):
                return annotation
        else:
            pending.extend(typing.get_args(annotation))
    return None


def as_yaml(value: object) -> str:
    """A value as one writes it in a stack file, on one line."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width = True, 10_000
    out = StringIO()
    yaml.dump([json.loads(json.dumps(value))], out)  # in a list, so that a plain word is no document of its own
    return out.getvalue().strip()[1:-1].replace("''", '""')


def default_of(field: FieldInfo) -> str:
    """The default as it would be written; a dash where the text of the field says what happens."""
    value = field.get_default(call_default_factory=True)
    return "-" if field.is_required() or value is None or isinstance(value, BaseModel) else f"`{as_yaml(value)}`"


def fields_of(model: type[BaseModel]) -> list[tuple[str, ...]]:
    """(key, default, what it says) for each field of a model."""
    return [(f"`{field.alias}`", default_of(field), field.description or "") for field in model.model_fields.values()]


def section_page(key: str, model: type[BaseModel], *, heading: str) -> Iterator[str]:
    """One section with its table, then the sections inside it."""
    doc, example = " ".join((model.__doc__ or "").split()), getattr(model, "EXAMPLE", "{}")
    yield from ("", f"{heading} {key}", "", doc, "", f"Written as `{example}`.", "")
    yield from table(("key", "default", "what it decides"), fields_of(model))
    for field in model.model_fields.values():
        if inner := section_of(field):
            yield from section_page(f"{key}.{field.alias}", inner, heading="###")


def stack_file() -> str:
    """docs/reference/stack-file.md: every key of the stack file and of an answers file."""
    lines = [
        "# The stack file",
        MADE,
        "",
        "`Pulumi.<stack>.yaml` holds what one stack decides, each key with the prefix `trailwarden:`.",
        "The home region stands there as `aws:region`.",
        "An answers file (YAML or JSON) holds the same keys without the prefix, and `homeRegion`.",
        "In an answers file `eventSets` may also be a plain list of names.",
        "A key that an answers file leaves out keeps the stack's present value, else it gets the default.",
        "Unknown keys are errors. All problems are reported at once, with the line they stand on.",
        "",
        "| key | default | what it decides |",
        "| --- | --- | --- |",
    ]
    sections = []
    for name, field in Settings.model_fields.items():
        if name == "stack":
            continue
        model = section_of(field)
        text = field.description or (model.__doc__ or "").splitlines()[0]
        more = f" See [{field.alias}](#{(field.alias or '').lower()})." if model else ""
        lines.append(f"| `{field.alias}` | {default_of(field)} | {cell(text)}{more} |")
        if model:
            sections += section_page(field.alias or "", model, heading="##")
    answers = ANSWERS.read_text(encoding="utf-8").rstrip()
    return "\n".join(
        [
            *(*lines, *sections, "", "## An answers file that uses every key", "", "```yaml", answers, "```"),
            *("", "## An answers file for trails that exist already", "", "```yaml"),
            *(ADOPT.read_text(encoding="utf-8").rstrip(), "```", ""),
        ]
    )


def event_set(entry: EventSet) -> Iterator[str]:
    """One event set in full."""
    yield from ("", f"### {entry.name}", "", f"**{entry.title}.** {entry.why}", "")
    controls = [
        f"{benchmark}: {', '.join(entry.controls[benchmark])}"
        for benchmark in BENCHMARKS
        if benchmark in entry.controls
    ]
    refused = [
        f"{auditor} ({verdict.why.rstrip('.')})" for auditor, verdict in entry.auditors.items() if not verdict.accepts
    ]
    reason = f" {entry.default_reason}" if entry.default_reason else ""
    yield f"- Severity {entry.severity}; {entry.recommendation}; metric `{entry.metric}`"
    yield f"- Alarm at {entry.default_threshold} in {entry.default_period} s.{reason}"
    if controls:
        yield f"- Controls: {'; '.join(controls)}"
    if refused:
        yield f"- Text not accepted by: {'; '.join(refused)}"
    if entry.parameters:
        yield f"- Filled by the deployment: {', '.join(f'`{name}`' for name in entry.parameters)} (examples below)"
    yield f"- First: {entry.runbook}"
    for noise in entry.noise:
        yield f"- Harmless when: {noise.what} {noise.answer}"
    yield from ("", "```text", entry.pattern, "```")


def event_sets() -> str:
    """docs/reference/event-sets.md: the catalogue, pack by pack."""
    lines = [
        "# Event sets",
        MADE,
        "",
        f"{len(EVENT_SETS)} sets in {len(EVENT_SETS.packs)} packs. Each becomes one metric filter and one alarm.",
        "Sets with a Security Hub control carry the text that auditors compare, byte for byte.",
        "`.venv/bin/python -m wizard sets NAME` shows one, `sets --coverage` which controls a stack passes.",
    ]
    for pack in EVENT_SETS.packs.values():
        lines += ["", f"## {pack.title}", "", pack.why]
        for name in pack.sets:
            lines += event_set(EVENT_SETS[name])
    return "\n".join([*lines, ""])


def usage_of(argument: typing.Any) -> str:
    """An argument as usage lines write it: in brackets if it may be left out."""
    name = (argument.metavar or argument.name or "").strip("[]").upper()
    return name if argument.required else f"[{name}]"


def commands() -> str:
    """docs/reference/commands.md: the verbs with their options, and the exit codes."""
    lines = [
        "# Commands",
        MADE,
        "",
        "Written as `.venv/bin/python -m wizard VERB`; the console script `trailwarden` is the same.",
        "Results go to standard output, everything else to standard error; [json.md](json.md) has the JSON documents.",
        "`trailwarden --install-completion` teaches your shell the verbs and options (bash, zsh, fish, PowerShell).",
        "Colours go with `NO_COLOR=1`, and where output is no terminal.",
        "",
        "## Exit codes",
        "",
        "| code | meaning |",
        "| --- | --- |",
        "| 0 | Done, everything holds, or the person said no and nothing was written. |",
        "| 1 | We looked, and something is wrong; or something that was claimed was not observed. |",
        "| 2 | Bad input, or AWS did not let us look. Never to be read as 0. |",
        "| 130 | Ctrl-C. Nothing was written; `drill` and `test-alert` have put back what they changed. |",
    ]
    assert [code.value for code in Exit] == [0, 1, 2, 130]
    root = typer.main.get_command(app)
    for path, command in verbs(root, ()):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        usage = " ".join([*path, *map(usage_of, arguments)])
        lines += ["", f"## {usage}", "", " ".join((command.help or "").split()), ""]
        options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
        if options:
            rows = [(", ".join(f"`{name}`" for name in p.opts), getattr(p, "help", "") or "") for p in options]
            lines += [*table(("option", "what it does"), rows), ""]
        if command.epilog:
            lines.append(f"`{command.epilog.removeprefix('Example: ')}`")
    return "\n".join([*lines, ""])


def checks() -> str:
    """docs/reference/checks.md: what `check` asks, by id."""
    lines = ["# Checks", MADE, "", "What `check` asks, by the id that its output, JUnit and SARIF carry."]
    area = ""
    for check, asks in CHECKS.items():
        if check.partition(".")[0] != area:
            area = check.partition(".")[0]
            lines += ["", f"## {area}", "", "| check | what it asks |", "| --- | --- |"]
        lines.append(f"| `{check}` | {cell(asks)} |")
    return "\n".join([*lines, ""])


def verbs(command: typing.Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], typing.Any]]:
    """(path, command) for each verb, in the order of the help text."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, each in command.commands.items():
        yield from verbs(each, (*path, name))


PAGES: dict[str, Callable[[], str]] = {
    "stack-file.md": stack_file,
    "event-sets.md": event_sets,
    "commands.md": commands,
    "checks.md": checks,
}


def main() -> None:
    """Write every page."""
    REFERENCE.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
