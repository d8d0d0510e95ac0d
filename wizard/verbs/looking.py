"""Verbs that look and change nothing in AWS: `report` before a deployment, `backtest` at the past, `check` after."""

from pathlib import Path
from typing import Annotated

import typer

from wizard.verbs.options import Account, Json, switch, value
from wizard.verbs.verb import Verbs

verbs = Verbs(panel="Look before and after")


@verbs.verb("report", example="report --stack prod --against main")
def report(
    *,
    stack: Annotated[str, value("--stack", "NAME", "What this stack file says.")],
    form: Annotated[str, value("--format", "FORMAT", "markdown, json or html.")] = "markdown",
    against: Annotated[str | None, value("--against", "REV", "Compare with the file at this git revision.")] = None,
    prices: Annotated[Path | None, value("--prices", "FILE", "Prices of your own.")] = None,
    log_gigabytes: Annotated[
        float | None, value("--log-gigabytes", "GB", "Log data a month, to count its price.", min=0)
    ] = None,
    preview: Annotated[Path | None, value("--preview", "FILE", "What pulumi preview printed, to fold in.")] = None,
) -> int:
    """Say what a stack file would deploy and cost, and with --against what a change of it weakens. Asks no AWS."""
    from operate.report import Options
    from operate.report import report as run

    options = Options(
        stack=stack, form=form, against=against, prices=prices, log_gigabytes=log_gigabytes, preview=preview
    )
    return run(options)


@verbs.verb("check", example="check --stack prod --profile audit")
def check(
    *,
    stack: Annotated[
        str | None, value("--stack", "NAME", "Against Pulumi.<NAME>.yaml; else the whole account.")
    ] = None,
    regions: Annotated[
        list[str] | None,
        value(
            "--region",
            "REGION",
            "Look here; repeat it for several. Else the stack's regions, else every enabled one.",
        ),
    ] = None,
    all_regions: Annotated[bool, switch("--all-regions", "Look in every enabled region, also with --stack.")] = False,
    as_json: Json = False,
    output: Annotated[str | None, value("--format", "FORMAT", "text, json, junit, markdown or sarif.")] = None,
    all_lines: Annotated[bool, switch("--all", "Show what holds too.")] = False,
    resend: Annotated[
        str | None,
        value("--resend", "ADDRESS", "Only ask AWS to send this address its confirmation mail again."),
    ] = None,
    account: Account,
) -> int:
    """Read an account back and say what does not hold: trail, filters, alarms, topics, people, guardian, controls.

    Changes nothing, and works on accounts that trailwarden never touched. Exits 1 if something is wrong, 2 if AWS did
    not let it look.
    """
    from operate.checking import check as run

    return run(
        stack=stack,
        regions=regions or (),
        all_regions=all_regions,
        output=output or ("json" if as_json else "text"),
        all_lines=all_lines,
        resend=resend,
        access=account.access(),
    )


@verbs.verb("backtest", example="backtest ./AWSLogs --stack prod --from 2026-03-01 --html past.html")
def backtest(
    *,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A folder of CloudTrail files, s3://bucket/prefix, a log group, lookup: or athena:database.table",
        ),
    ],
    stack: Annotated[str | None, value("--stack", "NAME", "What this stack watches.")] = None,
    sets: Annotated[list[str] | None, value("--set", "NAME", "Only this set. Repeat it for several.")] = None,
    first: Annotated[str | None, value("--from", "DAY", "First day or time, in UTC.")] = None,
    last: Annotated[str | None, value("--to", "DAY", "Last day (included) or time.")] = None,
    a_week: Annotated[
        float, value("--alarms-a-week", "N", "What one watch may raise; decides the suggestions.", min=0.01)
    ] = 1.0,
    jobs: Annotated[int | None, value("--jobs", "N", "Processes; left out: all cores.", min=1, max=256)] = None,
    region: Annotated[
        str | None, value("--region", "REGION", "Where to read; else the stack's home region, else as AWS tools do.")
    ] = None,
    account: Account,
    workgroup: Annotated[str | None, value("--workgroup", "NAME", "Athena's; it says where answers lie.")] = None,
    as_json: Json = False,
    html: Annotated[Path | None, value("--html", "FILE", "Write a page with plots.")] = None,
    apply: Annotated[
        bool, switch("--apply", "Write the suggested thresholds to the stack file; shows the diff first.")
    ] = False,
    yes: Annotated[bool, switch("--yes -y", "Do not ask before writing, or before Athena costs.")] = False,
) -> int:
    """Say what the alarms would have done with the events of the past, and suggest thresholds and suppressions."""
    from operate.backtest import Options
    from operate.backtest import backtest as run

    options = Options(
        source=source,
        stack=stack,
        sets=sets or (),
        first=first,
        last=last,
        a_week=a_week,
        jobs=jobs,
        access=account.access(region),
        workgroup=workgroup,
        as_json=as_json,
        html=html,
        apply=apply,
        yes=yes,
    )
    return run(options)
