"""The sandbox verbs of the command line: start, deploy, confirm, mail, emit. Each returns its exit code.

0 done; 1 looked, and something is wrong; 2 bad input, or the sandbox did not let us look. Results go to standard
output, progress and problems to standard error. No verb talks to anything that is not on this machine.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import shlex
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from exits import Exit
from sandbox import NotLoopback, SandboxClient, SandboxError, require_loopback
from sandbox.client import COMMAND, DEFAULT_ENDPOINT

_EXTRA = {"ministack": "ministack", "hypercorn": "hypercorn"}  # module: distribution, of the extra `sandbox`


def endpoint(given: str | None) -> str:
    """The sandbox to talk to: what was given, else AWS_ENDPOINT_URL, else the default port on this machine.

    Raises NotLoopback for any address that is not on this machine.
    """
    return require_loopback(given or os.environ.get("AWS_ENDPOINT_URL") or DEFAULT_ENDPOINT)


def missing_extra() -> str | None:
    """What to install if the sandbox's own requirements are not there, else None."""
    missing = [name for module, name in _EXTRA.items() if importlib.util.find_spec(module) is None]
    if not missing:
        return None
    return (
        f"the sandbox needs {' and '.join(missing)}, which the program itself does not: "
        "make install, or .venv/bin/python -m pip install --require-hashes -r requirements-sandbox.txt"
    )


def start(port: int, *, clock_behind_s: float = 0.0, by_hand: bool = False) -> int:
    """Serve the local AWS in the foreground until SIGINT or SIGTERM.

    Prints one line on standard output when it is usable. Port 0 takes a free one; the clock is as for `serve`.
    """
    if problem := missing_extra():
        return _refuse(problem)
    from sandbox.server import CannotListenError, serve  # what serves is an extra that only this verb needs

    try:
        serve(port, ready=_say, clock_behind_s=clock_behind_s, by_hand=by_hand)
    except CannotListenError as error:
        return _refuse(str(error))
    return Exit.OK


def deploy(stack: str, endpoint_url: str | None, reset: bool) -> int:
    """Run the Pulumi program for a stack of this folder's project against the sandbox."""
    from sandbox.deploy import DeployError
    from settings.problems import SettingsError

    def act(client: SandboxClient) -> int:
        try:
            deployment = _deploy(stack, endpoint_url=client.endpoint_url, reset=reset)
        except SettingsError as error:
            return _refuse(str(error))
        except DeployError as error:
            if error.traceback:
                _err().out(error.traceback, highlight=False)
            return _refuse(*error.problems)
        _say(f"{deployment.resources} resources are there, stack {stack!r}, made as role deployer:")
        for name, value in sorted(deployment.outputs.items()):
            for line in _output_lines(name, value):
                _say(f"  {line}")
        _say("")
        _say("No state is kept: a sandbox is not updated but emptied, and deployed anew (--reset).")
        _say("Next:")
        there = _again(endpoint_url)
        _say(f"  {COMMAND} sandbox confirm{there}      confirm the mail addresses, as people would in their inbox")
        _say(f"  {COMMAND} sandbox mail{there}         read what they got since")
        return Exit.OK

    return _with_sandbox(endpoint_url, act)


def confirm(address: str | None, endpoint_url: str | None) -> int:
    """Confirm pending mail subscriptions: all of them, or those of one address."""

    def act(client: SandboxClient) -> int:
        result = client.confirm(address)
        # An address waits at each topic that it is subscribed to; here one mention is enough.
        for confirmed in dict.fromkeys(result["confirmed"]):
            _say(f"confirmed     {confirmed}")
        for left in dict.fromkeys(result["left"]):
            _say(f"still pending {left}")
        if result["confirmed"]:
            return Exit.OK
        if address:
            return _refuse(f"no subscription of {address!r} is pending", code=Exit.FOUND)
        _say("No subscription is pending.")
        return Exit.OK

    return _with_sandbox(endpoint_url, act)


def mail(as_json: bool, endpoint_url: str | None) -> int:
    """What confirmed addresses received, oldest first: as people read it, or as one JSON document."""

    def act(client: SandboxClient) -> int:
        client.settle()
        mails = client.mail()
        if as_json:
            _say(json.dumps(mails, indent=2, ensure_ascii=False))
            return Exit.OK
        from sandbox.demo.screen import mail_panel

        console = Console()
        for each in mails:
            console.print(mail_panel(each))
        if not mails:
            _say("No mail yet.")
            # An address waits at each topic that it is subscribed to; here one mention is enough.
            if pending := sorted({each["endpoint"] for each in client.subscriptions() if not each["confirmed"]}):
                _say(f"Not confirmed, and so without mail: {', '.join(pending)}.")
                _say(f"Next: {COMMAND} sandbox confirm{_again(endpoint_url)}")
        return Exit.OK

    return _with_sandbox(endpoint_url, act)


def emit(file: Path, endpoint_url: str | None) -> int:
    """Deliver ready CloudTrail records from a file, as if AWS had just recorded them."""

    def act(client: SandboxClient) -> int:
        try:
            records = read_records(file)
            delivered = client.emit(records)["delivered"]
        except ValueError as error:
            return _refuse(str(error))
        except RecursionError:
            return _refuse(f"{file}: is nested too deeply for a CloudTrail record")
        _say(f"{delivered} of {len(records)} records were delivered")
        if delivered == len(records):
            return Exit.OK
        account = client.health()["account"]
        told = f"no logging trail takes the others; this sandbox's account is {account} (recipientAccountId)"
        return _refuse(told, code=Exit.FOUND)

    return _with_sandbox(endpoint_url, act)


def read_records(file: Path) -> list[dict[str, Any]]:
    """CloudTrail records from a file: `{"Records": […]}`, a list, one record, or one per line; `.gz` is unpacked.

    Raises ValueError, with the file's name, for anything else, and RecursionError for JSON that nests without end.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ValueError(f"{file}: cannot be read: {error.strerror or error}") from error
    try:
        text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{file}: cannot be unpacked; it is cut short, or no gzip file ({error})") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: is not UTF-8 text ({error.reason} at byte {error.start})") from error
    try:
        document: Any = json.loads(text)
    except json.JSONDecodeError as whole:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            document = [json.loads(line) for line in lines]
        except json.JSONDecodeError:
            raise ValueError(f"{file}: is neither JSON nor one JSON record per line: {whole}") from whole
    if isinstance(document, Mapping):
        document = document.get("Records", [document])
    if not (isinstance(document, Sequence) and all(isinstance(each, Mapping) for each in document)):
        raise ValueError(f'{file}: must hold CloudTrail records: {{"Records": […]}}, a list, or one record per line')
    records = [dict(each) for each in document]
    if not records:
        raise ValueError(f"{file}: holds no record")
    for number, record in enumerate(records, start=1):
        if lacking := [key for key in ("eventName", "eventSource") if not isinstance(record.get(key), str)]:
            raise ValueError(
                f"{file}: record {number}: {' and '.join(lacking)} must be there; is it a CloudTrail record?"
            )
    return records


def _deploy(stack: str, *, endpoint_url: str, reset: bool) -> Any:
    """Deploy with a progress line on standard error: `sandbox.deploy.Deployment`."""
    from sandbox.deploy import deploy as run
    from settings.stack_file import find_project, stack_file_path

    stack_file = stack_file_path(find_project(Path.cwd()), stack)
    with _err().status("The program starts ...") as status:
        deployment = run(
            stack_file,
            endpoint_url=endpoint_url,
            reset=reset,
            on_progress=lambda done: status.update(f"{done.count:>3}  {done.token.rpartition(':')[2]} {done.name}"),
        )
    if deployment.said:
        _err().out(deployment.said.rstrip(), highlight=False)
    return deployment


def _again(endpoint_url: str | None) -> str:
    """The option of a next command that leads to the same sandbox; the variable of the environment is still there."""
    return f" --endpoint-url {shlex.quote(endpoint_url)}" if endpoint_url else ""


def _with_sandbox(endpoint_url: str | None, act: Callable[[SandboxClient], int]) -> int:
    """Run `act` with a client; addresses beyond this machine and a silent sandbox end with exit code 2."""
    try:
        return act(SandboxClient(endpoint(endpoint_url)))
    except (NotLoopback, SandboxError) as error:
        return _refuse(str(error))


def _refuse(*problems: str, code: int = Exit.NO_ANSWER) -> int:
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return code


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _err() -> Console:
    return Console(stderr=True, highlight=False)


def _output_lines(name: str, value: Any) -> list[str]:
    """An output as a person reads it: one line, or a line for each of its parts, their values below each other."""
    if isinstance(value, Mapping | list):
        return [name, *(f"  {line}" for line in _part_lines(value))]
    return [f"{name:<26} {value}"]


def _part_lines(value: Mapping[str, Any] | list[Any]) -> Iterator[str]:
    """The parts of an output, theirs indented below them; in a list, a dash begins what has parts itself."""
    if isinstance(value, list):
        for item in value:
            lines = [*_part_lines(item)] if isinstance(item, Mapping | list) else []
            yield f"- {lines[0]}" if lines else str(item)
            yield from (f"  {line}" for line in lines[1:])
        return
    plain = [key for key, item in value.items() if not isinstance(item, Mapping | list)]
    width = max(map(len, plain), default=0)
    for key, item in value.items():
        yield f"{key:<{width}}  {item}" if key in plain else key
        if key not in plain:
            yield from (f"  {line}" for line in _part_lines(item))
