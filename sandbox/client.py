"""A client of the sandbox: its own endpoints, and boto3 clients against it. Talks to loopback and to nothing else."""

from __future__ import annotations

import ipaddress
import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

DEFAULT_ENDPOINT = "http://127.0.0.1:4566"
COMMAND = ".venv/bin/python -m wizard"
"""How our own verbs are called in every command we print: it can be pasted, whatever is on the PATH."""

TIMEOUT_S = 60.0


class SandboxError(RuntimeError):
    """The sandbox did not answer, or said what was wrong."""


class NotLoopback(ValueError):  # noqa: N818 - reads as the statement it is
    """An endpoint that is not on this machine: it might be an AWS account."""


def require_loopback(url: str) -> str:
    """The URL without a trailing slash. Raises NotLoopback unless it is http(s) to `localhost` or a loopback address.

    Names are not looked up: what a name means may change between the look and the call, and only of `localhost` is it
    certain. `sandbox.localhost` is left to the resolver by some systems.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port  # a port that is none raises, as an open bracket does
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        parts, is_loopback = None, False
    if parts is None or parts.scheme not in ("http", "https") or not is_loopback or parts.username is not None:
        raise NotLoopback(
            f"{url}: the sandbox is on this machine, so its endpoint must be like {DEFAULT_ENDPOINT} "
            "(--endpoint-url, else AWS_ENDPOINT_URL)"
        )
    return url.rstrip("/")


def no_answer(endpoint_url: str) -> str:
    """What to say when nothing answers at an endpoint of this machine: the command that starts a sandbox there."""
    port = urlsplit(endpoint_url).port
    where = f" --port {port}" if port not in (None, urlsplit(DEFAULT_ENDPOINT).port) else ""
    return f"no sandbox answers at {endpoint_url}; start one with: {COMMAND} sandbox start{where}"


class SandboxClient:
    """One sandbox. Methods raise SandboxError when it does not answer."""

    def __init__(self, endpoint_url: str = DEFAULT_ENDPOINT) -> None:
        self.endpoint_url = require_loopback(endpoint_url)
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[tuple[str | None, ...], Any] = {}

    def health(self) -> dict[str, Any]:
        """`{"status": "ok", "account": "000000000000", "now": …}`, `now` by the sandbox's clock in epoch seconds."""
        return self._ask("GET", "health")

    def mail(self) -> list[dict[str, str]]:
        """Mails to confirmed addresses, oldest first: `{"at", "to", "subject", "body"}`."""
        return self._ask("GET", "mail")

    def dropped(self) -> list[dict[str, str]]:
        """What AWS would have dropped without a word: `{"at", "what", "where", "why"}`."""
        return self._ask("GET", "dropped")

    def subscriptions(self) -> list[dict[str, Any]]:
        """All subscriptions: `{"arn", "topic", "protocol", "endpoint", "confirmed", "token"}`."""
        return self._ask("GET", "subscriptions")

    def confirm(self, address: str | None = None) -> dict[str, list[str]]:
        """Confirm the pending subscriptions of one address, or of all: `{"confirmed": […], "left": […]}`."""
        return self._ask("POST", "confirm", {"address": address})

    def emit(self, records: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> dict[str, int]:
        """Deliver ready CloudTrail records; `{"delivered": n}`, how many some trail took."""
        return self._ask("POST", "emit", records)

    def settle(self) -> int:
        """Wait until every call made so far is recorded and delivered, and no function is at work.

        Answers how many functions wait for the clock to go on. Raises SandboxError when one does not come to an end.
        """
        answer = self._ask("POST", "settle")
        if not answer["settled"]:
            raise SandboxError("the sandbox does not settle: a function is still at work")
        return answer["asleep"]

    def advance_clock(self, seconds: float) -> float:
        """Turn the sandbox's clock forward, once functions are at rest; the new time in epoch seconds.

        Alarms are looked at, and functions that wait for the clock wake.
        """
        return self._ask("POST", "clock", {"advance": seconds})["now"]

    def wake_next(self, *, alarms: bool = True) -> float | None:
        """Turn the clock to the moment when the first function wakes that waits for it; the seconds that passed.

        None when none waits. So those that wait wake in their order, each at its time. Without `alarms` these are not
        looked at.
        """
        return self._ask("POST", "wake", {"alarms": alarms})["passed"]

    def set_quotas(self, *, on: bool, flood_s: float = 0.0, by: str = "") -> dict[str, Any]:
        """Let CloudTrail throttle as on AWS, or no longer: `{"on", "flooded_until"}`, the latter null or epoch seconds.

        For `flood_s` seconds by the sandbox's clock the access key `by` floods it: nobody else's changes find room.
        """
        flood = {"seconds": flood_s, "by": by} if flood_s else None
        return self._ask("POST", "quotas", {"on": on, "flood": flood})

    def set_log_troubles(
        self,
        *,
        delivered_late_s: float = 0.0,
        found_late_s: float = 0.0,
        throttled_calls: int = 0,
        throttled_s: float = 0.0,
        slow_s: float = 0.0,
        empty_pages: int = 0,
        page_events: int = 0,
    ) -> dict[str, Any]:
        """Let logs be late, throttled, slow, or in empty pages; nothing given: all is well. What holds, by name.

        Seconds are by the sandbox's clock. What each of them means: `sandbox.log_troubles.Troubles`.
        """
        return self._ask(
            "POST",
            "logs",
            {
                "delivered_late_s": delivered_late_s,
                "found_late_s": found_late_s,
                "throttled_calls": throttled_calls,
                "throttled_s": throttled_s,
                "slow_s": slow_s,
                "empty_pages": empty_pages,
                "page_events": page_events,
            },
        )

    def reset(self) -> None:
        """Bring back the state of the start."""
        self._ask("POST", "reset")

    def aws(
        self,
        service: str,
        *,
        region: str = "us-east-1",
        key: str = "test",
        secret: str = "test",  # noqa: S107 - the sandbox's root
        token: str | None = None,
        source_ip: str | None = None,
    ) -> Any:
        """A boto3 client against the sandbox; the same one when asked for again. Safe to use from any thread.

        `source_ip` is where its calls seem to come from. Raises ValueError when that is no address.
        """
        address = None if source_ip is None else str(ipaddress.ip_address(source_ip))
        wanted = (service, region, key, secret, token, address)
        with self._lock:  # neither making clients nor a session is safe in threads
            if wanted not in self._clients:
                self._clients[wanted] = self._make(*wanted)
            return self._clients[wanted]

    def _make(self, service: str, region: str, key: str, secret: str, token: str | None, address: str | None) -> Any:
        import boto3
        import botocore.session
        from botocore.config import Config

        if self._session is None:
            # No profile and no file of the user's has a say. One session for all: it keeps the descriptions of
            # services that it has read.
            nothing: dict[str, Any] = {
                "profile": (None, None, None, None),
                "config_file": (None, None, os.devnull, None),
                "credentials_file": (None, None, os.devnull, None),
            }
            self._session = boto3.Session(botocore_session=botocore.session.Session(session_vars=nothing))
        client = self._session.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            # The environment must not lead a call elsewhere.
            config=Config(proxies={}, retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        if address is not None:

            def say_where_from(request: Any, **_rest: Any) -> None:
                request.headers["X-Forwarded-For"] = address

            client.meta.events.register("before-sign", say_where_from)
        return client

    def _ask(self, method: str, name: str, body: Any = None) -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(  # noqa: S310 - require_loopback has seen the URL
            f"{self.endpoint_url}/_trailwarden/{name}",
            data=data,
            method=method,
            headers={"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                try:
                    said = json.load(error).get("error", error.reason)
                except ValueError:
                    said = error.reason
            raise SandboxError(f"the sandbox at {self.endpoint_url} refused: {said}") from error
        except (OSError, ValueError) as error:
            raise SandboxError(no_answer(self.endpoint_url)) from error
