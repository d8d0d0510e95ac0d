"""The ASGI application around the emulator: lets every call through, and makes a record of it."""

from __future__ import annotations

import ipaddress
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from sandbox.calls import Call, HttpRequest, identify
from sandbox.control import PREFIX, Control
from sandbox.delivery import Parcel
from sandbox.record import Outcome, record_of
from sandbox.trails import LoggingTrail, logging_trails
from sandbox.world import World

log = logging.getLogger(__name__)

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

CODE_PREFIX = "/_ministack/lambda-code/"
"""Where GetFunction says a function's archive is; on AWS it is a signed address of S3."""
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


class Layer:
    """Serves the sandbox's endpoints, and AWS's calls through the emulator."""

    def __init__(self, world: World, control: Control) -> None:
        self._world, self._control = world, control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request (ASGI 3)."""
        if scope["type"] != "http":
            # Startup and shutdown concern the emulator; its web sockets concern nobody here.
            if scope["type"] == "lifespan":
                await self._world.emulator.asgi(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"]
        if not _is_loopback_host(headers.get("host", "")):
            # A web page whose name was made to point here must not reach the sandbox.
            await _send_json(send, 403, {"error": "the sandbox answers to loopback names only"})
        elif path.startswith(PREFIX):
            status, answer = await self._control.answer(scope["method"], path, await _body(receive))
            await _send_json(send, status, answer)
        elif path.startswith(CODE_PREFIX) and scope["method"] == "GET":
            await self._forward(scope, source_address(scope, headers), b"", receive, send)
        elif path.startswith("/_") or path == "/health":
            await _send_json(send, 404, {"error": "the emulator's own endpoints are closed"})
        else:
            await self._aws_call(scope, headers, receive, send)

    async def _aws_call(self, scope: Scope, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        """Let a call through and record it, for the trails that were logging before it was made."""
        body = await _body(receive)
        request = HttpRequest(
            method=scope["method"],
            path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
            query=parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True),
            headers=headers,
            body=body,
        )
        source_ip = source_address(scope, headers)
        call = self._identify(request)
        caller = account = None
        trails: tuple[LoggingTrail, ...] = ()
        if call is not None:
            account = self._world.emulator.account_of(call.access_key)
            caller = self._world.emulator.credential(call.access_key, account)
            trails = logging_trails(self._world.emulator, account)
        outcome = await self._forward(scope, source_ip, body, receive, send)
        if call is None or caller is None or account is None:
            return  # nobody AWS knows: there is no account to record it in
        try:
            record = record_of(
                call,
                outcome,
                caller=caller,
                source_ip=source_ip,
                now=self._world.clock.now(),
                emulator=self._world.emulator,
            )
        except Exception:  # the caller has the answer; a record less is our fault and is said in the log
            log.exception("could not record %s", call.operation)
            return
        if record is None:
            return
        if call.operation == "StartLogging":  # its own trail logs it, though it was not logging before
            before = {trail.arn for trail in trails}
            trails += tuple(one for one in logging_trails(self._world.emulator, account) if one.arn not in before)
        self._world.record(Parcel(record, account, trails))

    def _identify(self, request: HttpRequest) -> Call | None:
        try:
            return identify(request)
        except Exception:  # an odd request is the emulator's to answer
            log.exception("could not tell which call %s %s is", request.method, request.path)
            return None

    async def _forward(self, scope: Scope, source_ip: str, body: bytes, receive: Receive, send: Send) -> Outcome:
        told = False
        outcome = Outcome(0, {}, b"")
        answer: list[bytes] = []

        async def replay() -> dict[str, Any]:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def tee(message: dict[str, Any]) -> None:
            nonlocal outcome
            if message["type"] == "http.response.start":
                headers = {
                    name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
                }
                outcome = replace(outcome, status=message["status"], headers=headers)
            elif message["type"] == "http.response.body":
                answer.append(message.get("body", b""))
            await send(message)

        # Policies with aws:SourceIp must see the address that the record will show.
        client = (source_ip, (scope.get("client") or ("", 0))[1])
        # Calls on loopback are not encrypted; policies that ask for TLS are told they are, as AWS's clients always are.
        sent = [*scope["headers"], (b"x-forwarded-proto", b"https")]
        await self._world.emulator.asgi({**scope, "client": client, "headers": sent}, replay, tee)
        return replace(outcome, body=b"".join(answer))


def source_address(scope: Scope, headers: Mapping[str, str]) -> str:
    """Where a call comes from: what a client on loopback says of itself, else its address."""
    client = (scope.get("client") or ("127.0.0.1", 0))[0]
    said = headers.get("x-forwarded-for", "").split(",")[0].strip()
    try:
        if ipaddress.ip_address(client).is_loopback and said:
            return str(ipaddress.ip_address(said))
    except ValueError:
        pass  # no address: the connection's own is the truth
    return client


def _is_loopback_host(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name.lower() in LOOPBACK_NAMES or name.lower().endswith(".localhost")


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)  # the client went away
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send_json(send: Send, status: int, answer: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
