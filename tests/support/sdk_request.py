"""The HTTP request that boto3 makes for an operation, without sending it."""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from sandbox.calls import HttpRequest


class _RawResponse:
    def stream(self, **_rest: Any) -> Any:
        yield b""


def sent(service: str, operation: str, params: dict[str, Any], *, region: str = "eu-west-1") -> HttpRequest:
    """The request that boto3 would send for an operation."""
    caught: list[Any] = []

    def catch(request: Any, **_rest: Any) -> AWSResponse:
        caught.append(request)
        return AWSResponse(request.url, 200, {}, _RawResponse())  # pyright: ignore[reportArgumentType]

    client = client_of(service, region)
    client.meta.events.register("before-send", catch, unique_id="catch")
    try:
        client._make_api_call(operation, params)
    except Exception:  # the empty answer need not parse
        assert caught
    finally:
        client.meta.events.unregister("before-send", unique_id="catch")
    request = caught[-1]
    parts = urlsplit(request.url)
    body: Any = request.body if request.body is not None else b""
    if hasattr(body, "read"):
        body = body.read()
    headers = {key.lower(): one if isinstance(one, str) else one.decode() for key, one in request.headers.items()}
    return HttpRequest(
        method=request.method,
        path=parts.path,
        query=parse_qs(parts.query, keep_blank_values=True),
        headers={"host": parts.netloc, **headers},
        body=body if isinstance(body, bytes) else body.encode(),
    )


@functools.cache
def client_of(service: str, region: str) -> Any:
    config = Config(
        parameter_validation=False,
        s3={"addressing_style": "path"},
        retries={"max_attempts": 1},
        inject_host_prefix=False,
    )
    return boto3.client(
        service,
        endpoint_url="http://127.0.0.1:1",
        region_name=region,
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="secret",
        config=config,
    )
