"""The one place that makes clients, and asks: credentials, retries, pages, and what an error means.

boto3 is imported when the first client is made, so that whoever only needs the names of this room does not wait for it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

from account._errors import SessionError, explain, open_failed
from account.actions import action_of
from account.answers import Answer, Found, Nothing

T = TypeVar("T")
S = TypeVar("S")

WORKERS = 12
"""Calls at once. CloudTrail allows ten reads in a second (CloudTrail User Guide, Quotas); retries see to the rest."""
RETRIES = 6
CONNECT_S, READ_S = 5, 25
ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"
FALLBACK_REGION = "us-east-1"
"""Where global questions are asked when nobody named a region. Partitions without it are always configured by name."""


class Session:
    """Credentials of one caller. Safe to use from any thread. Make it with `account.session`, or of an `Access`."""

    def __init__(
        self, made: Any, *, profile: str | None, endpoint_url: str | None, region: str | None, attempts: int
    ) -> None:
        self._made, self.profile, self.endpoint_url, self.region = made, profile, endpoint_url, region
        self._attempts = attempts
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._asked: set[str] = set()

    @property
    def asked(self) -> frozenset[str]:
        """The IAM actions that the questions so far needed."""
        return frozenset(self._asked)

    def client(self, service: str, region: str | None = None) -> Any:
        """The boto3 client of a service in a region (else the session's); the same one when asked for again."""
        where = region or self.region or FALLBACK_REGION
        with self._lock:  # a boto3 session is not safe in threads, its clients are
            if (service, where) not in self._clients:
                self._clients[service, where] = self._make(service, where)
            return self._clients[service, where]

    def ask(
        self,
        service: str,
        operation: str,
        *,
        region: str | None = None,
        what: str,
        none_if: Collection[str] = (),
        params: Mapping[str, Any] | None = None,
    ) -> Answer[dict[str, Any]]:
        """One operation's answer. `none_if` are the error codes that mean there is none of `what`."""
        return self._guarded(
            service, operation, region, what, none_if, lambda call, given: call(**given), dict(params or {})
        )

    def pages(
        self,
        service: str,
        operation: str,
        key: str,
        *,
        region: str | None = None,
        what: str,
        none_if: Collection[str] = (),
        params: Mapping[str, Any] | None = None,
        at_most: int | None = None,
    ) -> Answer[tuple[Any, ...]]:
        """Every item under `key`, all pages of it, or as many as hold `at_most` items."""

        def read(call: Callable[..., Any], given: dict[str, Any]) -> tuple[Any, ...]:
            found: list[Any] = []
            for page in _each_page(self.client(service, region), call, given):
                found += page.get(key) or ()
                if at_most is not None and len(found) >= at_most:
                    return tuple(found[:at_most])
            return tuple(found)

        return self._guarded(service, operation, region, what, none_if, read, dict(params or {}))

    def spread(self, work: Callable[[S], T], items: Iterable[S]) -> list[T]:
        """`work` done on each item, several at once; the answers in the order of the items."""
        given: Sequence[S] = list(items)
        if len(given) <= 1:
            return [work(item) for item in given]
        with ThreadPoolExecutor(min(WORKERS, len(given)), thread_name_prefix="account") as pool:
            return list(pool.map(work, given))

    def together(self, *work: Callable[[], Any]) -> list[Any]:
        """Several different questions at once; the answers in their order."""
        return self.spread(lambda ask: ask(), work)

    def _guarded(
        self,
        service: str,
        operation: str,
        region: str | None,
        what: str,
        none_if: Collection[str],
        read: Callable[[Callable[..., Any], dict[str, Any]], T],
        params: dict[str, Any],
    ) -> Answer[T]:
        from botocore.exceptions import BotoCoreError, ClientError

        action = action_of(service, operation)
        where = region or self.region or FALLBACK_REGION
        try:
            client = self.client(service, region)
            self._asked.add(action)
            return Found(read(getattr(client, _snake(operation)), params))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in none_if:
                return Nothing(what)
            return explain(error, what=what, action=action, where=where, profile=self.profile)
        except BotoCoreError as error:
            return explain(error, what=what, action=action, where=where, profile=self.profile)

    def _make(self, service: str, region: str) -> Any:
        from botocore.config import Config

        is_here = bool(self.endpoint_url or os.environ.get(ENDPOINT_VARIABLE))
        return self._made.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            config=Config(
                connect_timeout=CONNECT_S,
                read_timeout=READ_S,
                max_pool_connections=WORKERS * 2,
                # An endpoint that somebody named is a sandbox: it throttles nobody, and is there or is not.
                retries={"mode": "standard", "total_max_attempts": 1}
                if is_here
                else {"mode": "adaptive", "total_max_attempts": self._attempts},
                s3={"addressing_style": "path"} if is_here else {},
                user_agent_extra="trailwarden",
            ),
        )


def session(
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
    attempts: int = RETRIES,
) -> Session:
    """A session with the credentials that an AWS user would expect: the profile, else the environment, else the rest.

    `region` is that of questions which name none: the given one, else `AWS_REGION`, `AWS_DEFAULT_REGION`, the
    profile's. `endpoint_url` is a sandbox. `attempts` is how often a call is made in all; fewer are for somebody who
    waits. Raises SessionError for a profile that does not exist, and for an endpoint that can be none.
    """
    import boto3
    from botocore.exceptions import BotoCoreError

    _check_endpoint(endpoint_url)
    try:
        # boto3 itself reads AWS_DEFAULT_REGION only; the other SDKs, and whoever sets it, mean AWS_REGION.
        made = boto3.Session(profile_name=profile, region_name=region or os.environ.get("AWS_REGION") or None)
        chosen = profile or os.environ.get("AWS_PROFILE") or None
        return Session(made, profile=chosen, endpoint_url=endpoint_url, region=made.region_name, attempts=attempts)
    except BotoCoreError as error:
        raise SessionError(open_failed(error)) from error


def _check_endpoint(given: str | None) -> None:
    """Raise SessionError for an endpoint that is none. botocore says so late, as a ValueError, and takes an empty one
    for AWS itself, which is not what somebody means who names another.
    """
    name, url = (
        ("--endpoint-url", given) if given is not None else (ENDPOINT_VARIABLE, os.environ.get(ENDPOINT_VARIABLE))
    )
    if given is None and not url:
        return
    try:
        parts = urlsplit(url or "")
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not match, a port that is no number
        is_good = False
    if not is_good:
        what = "is no endpoint; write it like http://127.0.0.1:4566, or leave it out for AWS itself"
        raise SessionError(f"{name} {url!r}: {what}")


def _each_page(client: Any, call: Callable[..., Any], params: dict[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The pages of an operation that botocore can turn; else its one answer."""
    name = getattr(call, "__name__", "")
    if client.can_paginate(name):
        yield from client.get_paginator(name).paginate(**params)
    else:
        yield call(**params)


def _snake(operation: str) -> str:
    from botocore import xform_name

    return xform_name(operation)
