"""The command line: every verb hangs here, and a verb's room is imported when the verb runs.

So `--help` answers at once, and a broken or missing extra of one verb does not take the others along.
"""

import contextlib
import errno
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, Never

import typer
from typer.core import TyperGroup

from exits import Exit
from wizard import questions
from wizard.questions import Question

DEFAULT_VERB = "setup"
DEBUG_VARIABLE = "TRAILWARDEN_DEBUG"
_TAKES_NO_MORE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
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
sandbox = typer.Typer(
    help="A local AWS in which CloudTrail really records, filters really match and Lambdas really run.",
    no_args_is_help=True,
)
app.add_typer(sandbox, name="sandbox")
maintenance = typer.Typer(
    help="Planned work: for four hours at most the guardian tells, and puts nothing back.",
    no_args_is_help=True,
)
app.add_typer(maintenance, name="maintenance")


def main() -> None:
    """The console script `trailwarden`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no `✓` shall still show the rest
    try:
        app(prog_name="trailwarden" if Path(sys.argv[0]).name == "trailwarden" else "python -m wizard")
    except OSError as error:
        if not _is_of_the_output(error):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python tries once more when it ends
        sys.stderr.write(f"cannot write the result: {error.strerror}\n")
        sys.exit(Exit.NO_ANSWER)
    except SystemExit as end:
        if end.code == Exit.INTERRUPTED:
            _leave_interrupted()
        raise


def _leave_interrupted() -> Never:
    """Exit with 130. Python itself would end by SIGINT if Ctrl-C had met an `exec`, such as an import's, on its way."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(Exit.INTERRUPTED)


def _is_of_the_output(error: Exception) -> bool:
    """Whether this is standard output that takes no more, such as a full disk: an error of no named file."""
    return isinstance(error, OSError) and error.filename is None and error.errno in _TAKES_NO_MORE


def _end_with(verb: Callable[[], int]) -> None:
    """Run a verb and exit with its code: 130 on Ctrl-C. What nobody foresaw is told in short, and in full on demand."""
    try:
        code = verb()
        sys.stdout.flush()  # a result that does not fit must not be found out after the exit code
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        code = Exit.INTERRUPTED
    except BrokenPipeError:
        raise  # the reader has gone; typer knows how to leave quietly
    except Exception as error:
        if _is_of_the_output(error):
            raise  # main() tells it, for help texts too
        if os.environ.get(DEBUG_VARIABLE):
            raise
        typer.echo(f"trailwarden failed in a way nobody foresaw: {type(error).__name__}: {error}", err=True)
        typer.echo(f"Set {DEBUG_VARIABLE}=1 to see where, and please report it.", err=True)
        code = Exit.NO_ANSWER
    raise typer.Exit(int(code))


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        from settings.version import VERSION

        typer.echo(f"trailwarden {VERSION}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What comes before the verb."""


_Stack = Annotated[
    str | None, typer.Option("--stack", metavar="NAME", help="What this stack watches.", show_default=False)
]
_Profile = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="Profile of the AWS configuration.", show_default=False)
]
_Region = Annotated[str | None, typer.Option("--region", metavar="REGION", help="Region of AWS.", show_default=False)]
_AwsUrl = Annotated[
    str | None,
    typer.Option("--endpoint-url", metavar="URL", help="Another AWS, such as the sandbox.", show_default=False),
]


def _flag(question: Question) -> Any:
    """The option that answers a question."""
    return typer.Option(question.flag, metavar=question.metavar, help=question.help, show_default=False)


@app.command(epilog="Example: .venv/bin/python -m wizard setup --stack prod --answers answers.yaml --yes")
def setup(
    stack: Annotated[str | None, _flag(questions.STACK)] = None,
    trail: Annotated[list[str] | None, _flag(questions.TRAIL)] = None,
    home_region: Annotated[str | None, _flag(questions.HOME_REGION)] = None,
    region: Annotated[list[str] | None, _flag(questions.REGIONS)] = None,
    email: Annotated[list[str] | None, _flag(questions.EMAILS)] = None,
    subscriber: Annotated[list[str] | None, _flag(questions.SUBSCRIBERS)] = None,
    event_set: Annotated[list[str] | None, _flag(questions.EVENT_SETS)] = None,
    source_ip: Annotated[list[str] | None, _flag(questions.SOURCE_IPS)] = None,
    remediation: Annotated[str | None, _flag(questions.REMEDIATION)] = None,
    evidence: Annotated[str | None, _flag(questions.EVIDENCE)] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Answers in YAML or JSON; then nothing is asked. Flags win.", show_default=False
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    look: Annotated[
        bool | None,
        typer.Option(
            "--look/--no-look",
            " /--offline",
            help="Look at the AWS account first, read-only. Left out: where questions are asked, or with --profile, "
            "--endpoint-url or the name of a --trail; a pipeline never needs AWS.",
            show_default=False,
        ),
    ] = None,
    profile: _Profile = None,
    endpoint_url: _AwsUrl = None,
) -> None:
    """Look at the account, ask what to watch and whom to tell, show the change of Pulumi.<stack>.yaml, and write it.

    What neither flag nor answers file says keeps its present value, or gets the default.
    """
    texts = {
        questions.TRAIL.key: trail,
        questions.HOME_REGION.key: home_region,
        questions.REGIONS.key: region,
        questions.EMAILS.key: email,
        questions.SUBSCRIBERS.key: subscriber,
        questions.EVENT_SETS.key: event_set,
        questions.SOURCE_IPS.key: source_ip,
        questions.REMEDIATION.key: remediation,
        questions.EVIDENCE.key: evidence,
    }

    def verb() -> int:
        from wizard.access import access_of
        from wizard.setup import Options, run
        from wizard.terminal import Terminal

        flags = {key: text for key, text in texts.items() if text is not None and text != []}
        terminal = Terminal.real()
        access = access_of(
            look=look,
            profile=profile,
            endpoint_url=endpoint_url,
            trails=trail or (),
            is_asking=terminal.is_interactive and answers is None and not yes,
        )
        return run(Options(stack=stack, answers=answers, yes=yes, flags=flags, access=access), terminal=terminal)

    _end_with(verb)


_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


@app.command(epilog="Example: .venv/bin/python -m wizard sets --coverage --stack prod")
def sets(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only this set, in full.", show_default=False)
    ] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Which controls of auditors the chosen sets pass.")
    ] = False,
    stack: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --coverage: the sets of this stack.", show_default=False)
    ] = None,
    as_json: _Json = False,
) -> None:
    """List the event sets: what each watches, why, how loud, and which control asks for it."""

    def verb() -> int:
        import operate

        return operate.sets(name, coverage=coverage, as_json=as_json, stack=stack)

    _end_with(verb)


@app.command(
    "test-pattern",
    epilog="Example: .venv/bin/python -m wizard test-pattern '{ $.eventName = StopLogging }' events.json",
)
def try_pattern(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATTERN EVENTS",
            help="A filter pattern (not with --set), then files or folders of events; '-' or none is standard input.",
            show_default=False,
        ),
    ] = None,
    set_name: Annotated[
        str | None, typer.Option("--set", metavar="NAME", help="The pattern of this event set.", show_default=False)
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Ask AWS too (TestMetricFilter), and compare.")] = False,
    as_json: _Json = False,
) -> None:
    """Say which events a filter pattern matches, without AWS; exits 1 if none does."""

    def verb() -> int:
        import operate

        return operate.try_pattern(arguments or [], set_name=set_name, as_json=as_json, live=live)

    _end_with(verb)


@app.command(
    epilog="Example: .venv/bin/python -m wizard backtest ./AWSLogs --stack prod --from 2026-03-01 --html past.html"
)
def backtest(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A folder of CloudTrail files, s3://bucket/prefix, a log group, lookup: or athena:database.table",
            show_default=False,
        ),
    ],
    stack: _Stack = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME", help="Only this set. Repeat it for several.", show_default=False),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First day or time, in UTC.", show_default=False)
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="Last day (included) or time.", show_default=False)
    ] = None,
    a_week: Annotated[
        float, typer.Option("--alarms-a-week", min=0.01, help="What one watch may raise; decides the suggestions.")
    ] = 1.0,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, max=256, help="Processes; left out: all cores.", show_default=False)
    ] = None,
    profile: _Profile = None,
    region: _Region = None,
    endpoint_url: _AwsUrl = None,
    workgroup: Annotated[
        str | None,
        typer.Option("--workgroup", metavar="NAME", help="Athena's; it says where answers lie.", show_default=False),
    ] = None,
    as_json: _Json = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with plots.", show_default=False)
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the suggested thresholds to the stack file; shows the diff first.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before writing, or before Athena costs.")
    ] = False,
) -> None:
    """Say what the alarms would have done with the events of the past, and suggest thresholds and suppressions."""

    def verb() -> int:
        from operate.backtest import Access, Options
        from operate.backtest import backtest as run

        options = Options(
            source=source,
            stack=stack,
            sets=sets or (),
            first=first,
            last=last,
            a_week=a_week,
            jobs=jobs,
            access=Access(profile=profile, region=region, endpoint_url=endpoint_url),
            workgroup=workgroup,
            as_json=as_json,
            html=html,
            apply=apply,
            yes=yes,
        )
        return run(options)

    _end_with(verb)


@app.command(epilog="Example: .venv/bin/python -m wizard report --stack prod --against main")
def report(
    stack: Annotated[str, typer.Option("--stack", metavar="NAME", help="What this stack file says.")],
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="markdown, json or html.")] = "markdown",
    against: Annotated[
        str | None,
        typer.Option(
            "--against", metavar="REV", help="Compare with the file at this git revision.", show_default=False
        ),
    ] = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", metavar="FILE", help="Prices of your own.", show_default=False)
    ] = None,
    log_gigabytes: Annotated[
        float | None,
        typer.Option("--log-gigabytes", min=0, help="Log data a month, to count its price.", show_default=False),
    ] = None,
    preview: Annotated[
        Path | None,
        typer.Option("--preview", metavar="FILE", help="What pulumi preview printed, to fold in.", show_default=False),
    ] = None,
) -> None:
    """Say what a stack file would deploy and cost, and with --against what a change of it weakens. Asks no AWS."""

    def verb() -> int:
        from operate.report import Options
        from operate.report import report as run

        options = Options(
            stack=stack, form=form, against=against, prices=prices, log_gigabytes=log_gigabytes, preview=preview
        )
        return run(options)

    _end_with(verb)


@app.command(epilog="Example: .venv/bin/python -m wizard check --stack prod --profile audit")
def check(
    stack: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Against Pulumi.<NAME>.yaml; else the whole account.", show_default=False),
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REGION",
            help="Look here; repeat it for several. Else the stack's regions, else every enabled one.",
            show_default=False,
        ),
    ] = None,
    all_regions: Annotated[
        bool, typer.Option("--all-regions", help="Look in every enabled region, also with --stack.")
    ] = False,
    as_json: _Json = False,
    output: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="text, json, junit, markdown or sarif.", show_default=False),
    ] = None,
    all_lines: Annotated[bool, typer.Option("--all", help="Show what holds too.")] = False,
    resend: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Only ask AWS to send this address its confirmation mail again.", show_default=False
        ),
    ] = None,
    profile: _Profile = None,
    endpoint_url: _AwsUrl = None,
) -> None:
    """Read an account back and say what does not hold: trail, filters, alarms, topics, people, guardian, controls.

    Changes nothing, and works on accounts that trailwarden never touched. Exits 1 if something is wrong, 2 if AWS did
    not let it look.
    """

    def verb() -> int:
        from operate.checking import check as run

        return run(
            stack=stack,
            regions=region or (),
            all_regions=all_regions,
            output=output or ("json" if as_json else "text"),
            all_lines=all_lines,
            resend=resend,
            profile=profile,
            endpoint_url=endpoint_url,
        )

    _end_with(verb)


_OfStack = Annotated[str, typer.Option("--stack", metavar="NAME", help="The stack that is deployed.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
_Where = Annotated[
    str | None,
    typer.Option(
        "--region", metavar="REGION", help="Its home region; else what the stack file says.", show_default=False
    ),
]


@maintenance.command(
    "start", epilog="Example: .venv/bin/python -m wizard maintenance start --stack prod --reason 'moving the bucket'"
)
def start_maintenance(
    stack: _OfStack,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; everybody reads it in the mail.")],
    lasts: Annotated[str, typer.Option("--for", metavar="TIME", help="At most 4h: 2h, 90m or 1h30m.")] = "2h",
    yes: _Yes = False,
    as_json: _Json = False,
    profile: _Profile = None,
    region: _Where = None,
    endpoint_url: _AwsUrl = None,
) -> None:
    """Begin: the guardians of a stack tell what happens to their trails, and put nothing back until the end.

    Exits 1 while maintenance is on already.
    """

    def verb() -> int:
        from operate.maintenance.verb import Options, start

        options = Options(stack=stack, profile=profile, region=region, endpoint_url=endpoint_url, as_json=as_json)
        return start(options, reason=reason, lasts=lasts, yes=yes)

    _end_with(verb)


@maintenance.command("end", epilog="Example: .venv/bin/python -m wizard maintenance end --stack prod")
def end_maintenance(
    stack: _OfStack,
    as_json: _Json = False,
    profile: _Profile = None,
    region: _Where = None,
    endpoint_url: _AwsUrl = None,
) -> None:
    """End it now: what is not as wanted is put back at the guardian's next look. Fine to call when none is on."""

    def verb() -> int:
        from operate.maintenance.verb import Options, end

        return end(Options(stack=stack, profile=profile, region=region, endpoint_url=endpoint_url, as_json=as_json))

    _end_with(verb)


@maintenance.command("show", epilog="Example: .venv/bin/python -m wizard maintenance show --stack prod --json")
def show_maintenance(
    stack: _OfStack,
    as_json: _Json = False,
    profile: _Profile = None,
    region: _Where = None,
    endpoint_url: _AwsUrl = None,
) -> None:
    """Say for each trail whether maintenance is on, until when, why and by whom."""

    def verb() -> int:
        from operate.maintenance.verb import Options, show

        return show(Options(stack=stack, profile=profile, region=region, endpoint_url=endpoint_url, as_json=as_json))

    _end_with(verb)


@app.command("test-alert", epilog="Example: .venv/bin/python -m wizard test-alert --stack prod --set root-account-use")
def alert_test(
    stack: _OfStack,
    set_name: Annotated[
        str | None,
        typer.Option("--set", metavar="NAME", help="Whose alarm; else trail-changes.", show_default=False),
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, max=900, help="How long to wait at each hop, in seconds.")
    ] = 90.0,
    as_json: _Json = False,
    profile: _Profile = None,
    region: _Where = None,
    endpoint_url: _AwsUrl = None,
) -> None:
    """Prove that alerts arrive: ring an alarm, marked as a test, follow it hop by hop, and put it back.

    People get a mail that says TEST. Exits 1 if a hop fails, and says which and what to do; 2 if AWS did not let it
    look.
    """

    def verb() -> int:
        from operate.alerting.verb import Options, run

        options = Options(
            stack=stack,
            set_name=set_name,
            profile=profile,
            region=region,
            endpoint_url=endpoint_url,
            as_json=as_json,
            timeout_s=timeout,
        )
        return run(options)

    _end_with(verb)


@app.command(epilog="Example: .venv/bin/python -m wizard drill --stack staging --yes-really --json")
def drill(
    stack: _OfStack,
    trail: Annotated[
        str | None,
        typer.Option("--trail", metavar="NAME", help="Which, where there are several.", show_default=False),
    ] = None,
    target: Annotated[
        float, typer.Option("--target", min=1, help="Seconds without logging that are good enough.")
    ] = 60,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, max=3600, help="Seconds after which the drill starts the trail itself.")
    ] = 600,
    yes_really: Annotated[bool, typer.Option("--yes-really", help="Do not ask twice; for pipelines.")] = False,
    as_json: _Json = False,
    profile: _Profile = None,
    region: _Where = None,
    endpoint_url: _AwsUrl = None,
) -> None:
    """Stop the trail for real, and time until the guardian has it logging again. People get a critical mail.

    The trail is left logging whatever happens, also after Ctrl-C. Exits 1 when it took longer than the target, when it
    was not the guardian, or when no mail was published.
    """

    def verb() -> int:
        from operate.drilling.verb import Options, run

        options = Options(
            stack=stack,
            trail=trail,
            yes_really=yes_really,
            target_s=target,
            timeout_s=timeout,
            profile=profile,
            region=region,
            endpoint_url=endpoint_url,
            as_json=as_json,
        )
        return run(options)

    _end_with(verb)


_Endpoint = Annotated[
    str | None,
    typer.Option(
        "--endpoint-url",
        metavar="URL",
        help="The sandbox; loopback only. Else AWS_ENDPOINT_URL, else http://127.0.0.1:4566.",
        show_default=False,
    ),
]


@sandbox.command(epilog="Example: .venv/bin/python -m wizard sandbox start --port 4566")
def start(port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 4566) -> None:
    """Start the local AWS and stay; Ctrl-C stops it. One line 'ready http://…' says when it is usable."""

    def verb() -> int:
        from sandbox import verbs

        return verbs.start(port)

    _end_with(verb)


@sandbox.command(epilog="Example: .venv/bin/python -m wizard sandbox deploy --stack prod")
def deploy(
    stack: Annotated[str, typer.Option(metavar="NAME", help="Deploy what Pulumi.<NAME>.yaml says.")],
    endpoint_url: _Endpoint = None,
    reset: Annotated[bool, typer.Option("--reset", help="Empty the sandbox first.")] = False,
) -> None:
    """Run the Pulumi program of this project against the sandbox."""

    def verb() -> int:
        from sandbox import verbs

        return verbs.deploy(stack, endpoint_url, reset)

    _end_with(verb)


@sandbox.command(epilog="Example: .venv/bin/python -m wizard sandbox confirm security@example.com")
def confirm(
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="Only this one.", show_default=False)
    ] = None,
    endpoint_url: _Endpoint = None,
) -> None:
    """Confirm the mail subscriptions that are pending in the sandbox."""

    def verb() -> int:
        from sandbox import verbs

        return verbs.confirm(address, endpoint_url)

    _end_with(verb)


@sandbox.command(epilog="Example: .venv/bin/python -m wizard sandbox mail --json")
def mail(
    as_json: _Json = False,
    endpoint_url: _Endpoint = None,
) -> None:
    """Print the mails that the sandbox has delivered."""

    def verb() -> int:
        from sandbox import verbs

        return verbs.mail(as_json, endpoint_url)

    _end_with(verb)


@sandbox.command(epilog="Example: .venv/bin/python -m wizard sandbox emit records.json")
def emit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CloudTrail records in JSON.", show_default=False)],
    endpoint_url: _Endpoint = None,
) -> None:
    """Deliver ready CloudTrail records, such as console sign-ins, as if AWS had written them."""

    def verb() -> int:
        from sandbox import verbs

        return verbs.emit(file, endpoint_url)

    _end_with(verb)


@app.command(epilog="Example: .venv/bin/python -m wizard demo --json")
def demo(
    as_json: _Json = False,
    attacks: Annotated[
        bool, typer.Option("--attacks", help="Play the table of attacks instead: what is done about each, how fast.")
    ] = False,
) -> None:
    """Tell the whole story on this machine: the trail is stopped, it comes back, and a mail says who."""

    def verb() -> int:
        if attacks:
            from sandbox.demo.attacks import run as run_attacks

            return run_attacks(as_json)
        from sandbox.demo import run

        return run(as_json)

    _end_with(verb)


if __name__ == "__main__":
    main()
