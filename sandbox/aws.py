"""AWS API calls inside the server: no socket, no credentials, no record.

The emulator's handlers are called with what an SDK would send, made and read by botocore's own serializers, so a bridge
speaks the public API (`await aws.call("logs", "PutLogEvents", …)`) and only skips the network and the signature.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
from botocore.model import ServiceModel

from sandbox._emulator import Answer, Emulator, Handler

# botocore's OperationModel, ServiceModel and Shape: their lazy properties carry no types that a checker could read.
Model = Any
Shape = Any

# botocore's name of a service, where the emulator has another.
EMULATOR_NAMES: Mapping[str, str] = {"cloudwatch": "monitoring"}


class ApiError(Exception):
    """An AWS call answered with an error: its code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


@functools.cache
def service_model(service: str) -> Model:
    """What botocore says of a service. Raises botocore's UnknownServiceError."""
    description = botocore.loaders.Loader().load_service_model(service, "service-2")
    return ServiceModel(description, service)


@functools.cache
def _codec(protocol: str) -> tuple[Any, Any]:
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    return serializer, botocore.parsers.create_parser(protocol)


class Aws:
    """Calls services of the emulator in this process."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        # As they were before anything was wrapped around them.
        self._bare: dict[str, Handler] = dict(emulator.handlers)

    async def call(self, service: str, operation: str, *, account: str, region: str, **params: Any) -> dict[str, Any]:
        """One operation's answer, as boto3 would return it. Raises ApiError."""
        return await self._ask(self._emulator.handlers, service, operation, account, region, params)

    async def call_bare(
        self, service: str, operation: str, *, account: str, region: str, **params: Any
    ) -> dict[str, Any]:
        """The same, past everything that the sandbox wrapped around the service. Raises ApiError."""
        return await self._ask(self._bare, service, operation, account, region, params)

    async def _ask(
        self,
        handlers: Mapping[str, Handler],
        service: str,
        operation: str,
        account: str,
        region: str,
        params: dict[str, Any],
    ) -> dict[str, Any]:
        model = service_model(service).operation_model(operation)
        name = EMULATOR_NAMES.get(service, service)
        method, path, headers, body, query = _request(model, params)
        # The account's root: some services look for a caller again, though nobody checks a signature here.
        headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={account}/20000101/{region}/{name}/aws4_request"
        with self._emulator.scope(account, region):
            answer = await handlers[name](method, path, headers, body, query)
        return read_answer(model, answer)


def _request(model: Model, params: dict[str, Any]) -> tuple[str, str, dict[str, str], bytes, dict[str, list[str]]]:
    """Method, path, headers, body and query of a call."""
    serializer, _parser = _codec(model.service_model.resolved_protocol)
    made = serializer.serialize_to_request(params, model)
    path, _, fixed = made["url_path"].partition("?")
    query = parse_qs(fixed, keep_blank_values=True)
    given = made.get("query_string") or {}
    for key, value in given.items() if isinstance(given, Mapping) else parse_qs(given, keep_blank_values=True).items():
        query[key] = [str(item) for item in value] if isinstance(value, list) else [str(value)]
    headers = {str(key).lower(): str(value) for key, value in made["headers"].items()}
    body = made["body"]
    if isinstance(body, Mapping):
        body = urlencode(body)
        headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8"
    if isinstance(body, str):
        body = body.encode()
    return made["method"], unquote(path), headers, body or b"", query


def read_answer(model: Model, answer: Answer) -> dict[str, Any]:
    """An HTTP answer as boto3 would return it. Raises ApiError for an error."""
    status, headers, body = answer
    _serializer, parser = _codec(model.service_model.resolved_protocol)
    lowered = {key.lower(): value for key, value in headers.items()}
    parsed = parser.parse({"status_code": status, "headers": lowered, "body": body}, model.output_shape)
    if status >= 300:
        error = parsed.get("Error", {})
        raise ApiError(error.get("Code", str(status)), error.get("Message", ""), status)
    return parsed
