"""Posting to URLs, on this machine and nowhere else."""

from __future__ import annotations

import base64
import ipaddress
import urllib.error
import urllib.request
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

TIMEOUT_S = 5.0  # SNS waits 15 seconds for an answer; here everything is near


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """SNS follows no redirects, and one could lead away from this machine."""

    def redirect_request(self, *asked: object, **more: object) -> None:  # noqa: ARG002 (the base class's)
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def refusal(url: str) -> str | None:
    """Why the sandbox does not post to a URL, or None: nothing may leave this machine, above all no secret URL."""
    try:
        host = urlsplit(url).hostname or ""
        is_here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        is_here = False
    return None if is_here else "the sandbox posts to loopback addresses only"


def post(url: str, body: str, headers: Mapping[str, str]) -> str | None:
    """Post once. Answers why it did not succeed, or None; never quotes the URL, which may be a secret."""
    if (why := refusal(url)) is not None:
        return why
    parts = urlsplit(url)
    headers = {"Content-Type": "text/plain; charset=UTF-8", **headers}
    if parts.username is not None:  # a name and password in the URL become a header, as with SNS
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    request = urllib.request.Request(urlunsplit(parts), body.encode(), dict(headers), method="POST")  # noqa: S310
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            return None if 200 <= answer.status < 300 else f"it answered {answer.status}"
    except urllib.error.HTTPError as error:
        error.close()
        return f"it answered {error.code}"
    except OSError as error:
        return f"it could not be reached ({type(error).__name__})"
