"""The verbs that need no AWS account: `demo`, and `sandbox` with what one does in a local AWS."""

from pathlib import Path
from typing import Annotated

import typer

from wizard.verbs.options import Json, switch, value
from wizard.verbs.verb import Verbs

_PANEL = "On this machine"
_sandbox = Verbs(
    panel=_PANEL,
    name="sandbox",
    about="A local AWS in which CloudTrail really records, filters really match and Lambdas really run.",
)
verbs = Verbs(panel=_PANEL)
verbs.add_typer(_sandbox, rich_help_panel=_PANEL)

_Endpoint = Annotated[
    str | None,
    value("--endpoint-url", "URL", "The sandbox; loopback only. Else AWS_ENDPOINT_URL, else http://127.0.0.1:4566."),
]


@verbs.verb("demo", example="demo --json")
def demo(
    *,
    as_json: Json = False,
    attacks: Annotated[
        bool, switch("--attacks", "Play the table of attacks instead: what is done about each, how fast.")
    ] = False,
) -> int:
    """Tell the whole story on this machine: the trail is stopped, it comes back, and a mail says who."""
    if attacks:
        from sandbox.demo.attacks import run as run_attacks

        return run_attacks(as_json)
    from sandbox.demo import run

    return run(as_json)


@_sandbox.verb("start", example="sandbox start --port 4566")
def start(
    *,
    port: Annotated[int, value("--port", "PORT", "0 takes a free one.", min=0, max=65535)] = 4566,
    clock_behind: Annotated[
        float, value("--clock-behind", "SECONDS", "Start with a clock that is slow by so much, to turn forward.", min=0)
    ] = 0,
    by_hand: Annotated[
        bool, switch("--by-hand", "Look at alarms and schedules only when the clock is turned.")
    ] = False,
) -> int:
    """Start the local AWS and stay; Ctrl-C stops it. One line 'ready http://…' says when it is usable."""
    from sandbox import verbs

    return verbs.start(port, clock_behind_s=clock_behind, by_hand=by_hand)


@_sandbox.verb("deploy", example="sandbox deploy --stack prod")
def deploy(
    *,
    stack: Annotated[str, value("--stack", "NAME", "Deploy what Pulumi.<NAME>.yaml says.")],
    endpoint_url: _Endpoint = None,
    reset: Annotated[bool, switch("--reset", "Empty the sandbox first.")] = False,
) -> int:
    """Run the Pulumi program of this project against the sandbox."""
    from sandbox import verbs

    return verbs.deploy(stack, endpoint_url, reset)


@_sandbox.verb("confirm", example="sandbox confirm security@example.com")
def confirm(
    *,
    address: Annotated[str | None, typer.Argument(metavar="[ADDRESS]", help="Only this one.")] = None,
    endpoint_url: _Endpoint = None,
) -> int:
    """Confirm the mail subscriptions that are pending in the sandbox."""
    from sandbox import verbs

    return verbs.confirm(address, endpoint_url)


@_sandbox.verb("mail", example="sandbox mail --json")
def mail(*, as_json: Json = False, endpoint_url: _Endpoint = None) -> int:
    """Print the mails that the sandbox has delivered."""
    from sandbox import verbs

    return verbs.mail(as_json, endpoint_url)


@_sandbox.verb("emit", example="sandbox emit records.json")
def emit(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CloudTrail records in JSON.")],
    endpoint_url: _Endpoint = None,
) -> int:
    """Deliver ready CloudTrail records, such as console sign-ins, as if AWS had written them."""
    from sandbox import verbs

    return verbs.emit(file, endpoint_url)
