"""The sandbox's server: one process, one listener on loopback, nothing left behind.

`serve` replaces the environment of the process it runs in, because Lambda code inherits it: run it in one of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.clock import Clock
from sandbox.deployer import ACCOUNT

HOST = "127.0.0.1"
ROOT_KEY = ROOT_SECRET = "test"  # noqa: S105 - the emulator's root, good for nothing elsewhere


class CannotListenError(OSError):
    """The port cannot be had; the text says why, and what to do."""


def environment(*, port: int, home: str) -> dict[str, str]:
    """All the environment the server has, made from nothing: no AWS credentials and no home of the user's."""
    return {
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin"]),  # noqa: PTH120
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": home,
        "TMPDIR": home,
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AUTH": "true",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": "us-east-1",
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
    }


def serve(port: int, *, ready: Callable[[str], None], clock_behind_s: float = 0.0, by_hand: bool = False) -> None:
    """Serve until SIGINT or SIGTERM. `ready` is told the one line to print as soon as calls are answered.

    Port 0 takes a free one; `clock_behind_s` starts with a clock that is slow by so much; with `by_hand` alarms and
    schedules are looked at only when the clock is turned. Raises CannotListenError.
    """
    listener = _listen(port)
    port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="trailwarden-sandbox-", ignore_cleanup_errors=True) as home:
        os.environ.clear()
        os.environ.update(environment(port=port, home=home))
        tempfile.tempdir = home
        logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
        line = f"ready http://{HOST}:{port} account={ACCOUNT} key={ROOT_KEY} secret={ROOT_SECRET}"
        asyncio.run(_serve(listener, lambda: ready(line), Clock(behind_s=clock_behind_s), by_hand=by_hand))


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        why = "it is taken" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        raise CannotListenError(
            f"cannot listen on port {port} of {HOST}: {why}; take another with --port, or 0 for any"
        ) from error
    listener.listen(128)
    return listener


async def _serve(listener: socket.socket, ready: Callable[[], None], clock: Clock, *, by_hand: bool) -> None:
    # The emulator reads its environment at import, so not before now.
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    from sandbox._emulator import Emulator
    from sandbox.control import Control
    from sandbox.layer import Layer
    from sandbox.world import World

    world = World(Emulator(), clock=clock, by_hand=by_hand)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)

    async def reset_emulator() -> None:
        await _ask(world.emulator.asgi, "POST", "/_ministack/reset")

    layer = Layer(world, Control(world, reset_emulator=reset_emulator))
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.errorlog = config.accesslog = None
    config.graceful_timeout = 1.0
    config.keep_alive_timeout = 60.0

    async def until_stopped() -> None:
        await world.start()
        ready()
        await stop.wait()
        await world.stop()

    await hypercorn_serve(layer, config, shutdown_trigger=until_stopped)  # pyright: ignore[reportArgumentType]


async def _ask(app: Callable[..., Any], method: str, path: str) -> int:
    """The status of one request to the emulator that needs no network."""
    status = 0
    scope: Mapping[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", HOST.encode()), (b"content-length", b"0")],
        "client": (HOST, 0),
        "scheme": "http",
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status


def main() -> None:
    """`python -m sandbox.server --port 4566`: for tests and for whoever wants no more than the server."""
    parser = argparse.ArgumentParser(description="A local AWS that records, matches, alarms and delivers.")
    parser.add_argument("--port", type=int, default=4566, help="where to listen on 127.0.0.1; 0 takes a free port")
    parser.add_argument(
        "--clock-behind", type=float, default=0.0, metavar="SECONDS", help="start with a clock that is slow by so much"
    )
    parser.add_argument(
        "--by-hand", action="store_true", help="look at alarms and schedules only when the clock is turned"
    )
    arguments = parser.parse_args()
    if arguments.clock_behind < 0:
        parser.error("--clock-behind: a number of seconds of at least 0")
    try:
        serve(
            arguments.port,
            ready=lambda line: print(line, flush=True),  # noqa: T201
            clock_behind_s=arguments.clock_behind,
            by_hand=arguments.by_hand,
        )
    except CannotListenError as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
