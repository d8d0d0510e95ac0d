"""`trailwarden report`: what a stack file would deploy, for a pull request and for whoever decides about it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from exits import Exit
from operate.console import refuse, say_json
from operate.report.comparison import Comparison, compare
from operate.report.document import as_document
from operate.report.markdown import as_markdown
from operate.report.page import as_page
from operate.report.revision import RevisionError, settings_at
from operate.report.snapshot import Snapshot, take
from operate.report.tables import parts
from settings import PRICES, Settings, SettingsError, find_project, read_prices, stack_file_path

FORMATS = ("markdown", "json", "html")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says."""

    stack: str
    form: str = "markdown"
    against: str | None = None
    prices: Path | None = None
    log_gigabytes: float | None = None
    preview: Path | None = None


def report(options: Options) -> Exit:
    """Print the report. It reads the stack file alone, and git for `against`: never AWS.

    Returns the exit code: 0, or 2 for a file, a revision or a format that cannot be read.
    """
    if options.form not in FORMATS:
        return refuse(f"--format {options.form}: write one of {', '.join(FORMATS)}")
    if options.preview is not None and options.form != "markdown":
        return refuse("--preview is folded into the Markdown report only")
    try:
        preview = options.preview.read_text(encoding="utf-8", errors="replace") if options.preview else None
    except OSError as error:
        return refuse(f"{options.preview}: {error.strerror or error}")
    try:
        path = stack_file_path(find_project(Path.cwd()), options.stack)
        prices = read_prices(options.prices) if options.prices else PRICES

        def of(settings: Settings) -> Snapshot:
            return take(settings, prices=prices, log_gigabytes=options.log_gigabytes, now=datetime.now(UTC))

        now = of(Settings.from_stack_file(path))
        comparison = None
        if options.against is not None:
            try:
                before = settings_at(path, options.against)
            except SettingsError as error:
                return refuse(
                    f"{path.name} as it was at {options.against} is not valid today, so nothing is compared:\n{error}"
                )
            comparison = compare(of(before) if before else None, now, revision=options.against)
    except (SettingsError, RevisionError) as error:
        return refuse(str(error))
    _print(now, comparison, options, preview=preview)
    return Exit.OK


def _print(now: Snapshot, comparison: Comparison | None, options: Options, *, preview: str | None) -> None:
    title = f"trailwarden · stack {options.stack}"
    if options.form == "json":
        say_json(as_document(now, comparison))
    elif options.form == "html":
        sys.stdout.write(as_page(title, parts(now, comparison)))
    else:
        marker = f"trailwarden report of stack {options.stack}"
        sys.stdout.write(as_markdown(title, parts(now, comparison), marker=marker, preview=preview))
