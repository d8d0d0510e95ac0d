"""From an HTTP request of an SDK to the AWS operation it is, for all of AWS's protocols."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from botocore.exceptions import UnknownServiceError

from sandbox.aws import Model, service_model
from sandbox.names import BOTOCORE_NAMES

_SCOPE = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_CBOR_PATH = re.compile(r"/operation/(?P<operation>\w+)\Z")


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came over the wire; header names are in lower case, the path is not decoded."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @functools.cached_property
    def form(self) -> dict[str, str]:
        """The fields of a form body and of the query, the last of each."""
        fields = {key: values[-1] for key, values in self.query.items() if values}
        if "x-www-form-urlencoded" in self.headers.get("content-type", ""):
            parsed = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
            fields |= {key: values[-1] for key, values in parsed.items()}
        return fields


@dataclass(frozen=True)
class Call:
    """One AWS call: who signed it for what, and which operation it is. `model` is None for a service unknown here."""

    access_key: str
    region: str
    service: str
    operation: str
    model: Model | None
    request: HttpRequest


def identify(request: HttpRequest) -> Call | None:
    """The AWS call a request is; None for an unsigned request, or one that is no operation of its service."""
    scope = _SCOPE.search(request.headers.get("authorization", ""))
    if scope is None and "X-Amz-Credential" in request.query:
        scope = _SCOPE.search("Credential=" + request.query["X-Amz-Credential"][0])
    if scope is None:
        return None
    key, region, service = scope["key"], scope["region"], scope["service"]
    operation, model = _named(request, service)
    if operation is None:
        model = _by_path(request, service)
        if model is None:
            return None
        operation = str(model.name)
    return Call(key, region, service, operation, model, request)


def _models(service: str) -> list[Model]:
    found: list[Model] = []
    names = [BOTOCORE_NAMES.get(service, service)]
    names += {"s3": ["s3control"], "elasticloadbalancing": ["elb"], "apigateway": ["apigatewayv2"]}.get(service, [])
    for name in names:
        try:
            found.append(service_model(name))
        except UnknownServiceError:
            continue
    return found


def _named(request: HttpRequest, service: str) -> tuple[str | None, Model | None]:
    """The operation of a request that carries its name: JSON, CBOR and Query protocols."""
    target = request.headers.get("x-amz-target", "")
    cbor = _CBOR_PATH.search(request.path)
    if target:
        name = target.rsplit(".", 1)[-1]
    elif cbor is not None and "cbor" in request.headers.get("smithy-protocol", ""):
        name = cbor["operation"]
    elif "Action" in request.form:
        name = request.form["Action"]
    else:
        return None, None
    for model in _models(service):
        if name in model.operation_names:
            return name, model.operation_model(name)
    # The name is the client's to choose; only words get into a record.
    return (name, None) if re.fullmatch(r"\w{1,128}", name) else (None, None)


@dataclass(frozen=True)
class _Route:
    """How one REST operation is recognised; of several that fit, the one that demands most is meant."""

    model: Model
    path: re.Pattern[str]
    literal: int
    query: Mapping[str, str]
    needed_query: frozenset[str]
    needed_headers: frozenset[str]
    deprecated: bool

    def fits(self, request: HttpRequest) -> bool:
        return (
            self.path.fullmatch(request.path) is not None
            and all(
                key in request.query and (not value or value in request.query[key]) for key, value in self.query.items()
            )
            and self.needed_query <= request.query.keys()
            and self.needed_headers <= request.headers.keys()
        )

    @property
    def weight(self) -> tuple[int, int, int, bool]:
        return (len(self.query), len(self.needed_query) + len(self.needed_headers), self.literal, not self.deprecated)


@functools.cache
def _routes(service: str) -> dict[str, list[_Route]]:
    """REST operations of a service by HTTP method, the most demanding first."""
    routes: dict[str, list[_Route]] = {}
    for model in _models(service):
        if not str(model.resolved_protocol).startswith("rest"):
            continue
        for name in model.operation_names:
            operation = model.operation_model(name)
            routes.setdefault(operation.http["method"], []).append(_route(operation))
    for found in routes.values():
        found.sort(key=lambda route: route.weight, reverse=True)
    return routes


def _route(operation: Model) -> _Route:
    template, _, fixed = operation.http["requestUri"].partition("?")
    literal = 0
    pattern = ""
    for piece in re.split(r"(\{[^}]+\})", template):
        if piece.startswith("{"):
            pattern += r".+" if piece.endswith("+}") else r"[^/]+"
        else:
            pattern += re.escape(piece)
            literal += len(piece)
    query = {key: values[0] for key, values in parse_qs(fixed, keep_blank_values=True).items()}
    needed_query: set[str] = set()
    needed_headers: set[str] = set()
    shape = operation.input_shape
    for name in shape.required_members if shape else ():
        where = shape.members[name].serialization
        if where.get("location") == "querystring":
            needed_query.add(where["name"])
        elif where.get("location") == "header":
            needed_headers.add(where["name"].lower())
    return _Route(
        model=operation,
        path=re.compile(pattern.rstrip("/") + "/?"),
        literal=literal,
        query={key: value for key, value in query.items() if key != "x-id"},
        needed_query=frozenset(needed_query),
        needed_headers=frozenset(needed_headers),
        deprecated=operation.deprecated,
    )


def _by_path(request: HttpRequest, service: str) -> Model | None:
    fitting = [route for route in _routes(service).get(request.method, ()) if route.fits(request)]
    named = request.query.get("x-id")
    if named:  # newer SDKs say which of several operations on one path they mean
        fitting = [route for route in fitting if route.model.name == named[0]] or fitting
    return fitting[0].model if fitting else None


def path_parameters(request: HttpRequest, operation: Model) -> dict[str, str]:
    """The values in the path of a REST request, by their name in the path's template."""
    template = operation.http["requestUri"].partition("?")[0]
    names: list[str] = []
    pattern = ""
    for piece in re.split(r"(\{[^}]+\})", template):
        if piece.startswith("{"):
            names.append(piece.strip("{}+"))
            pattern += r"(.+)" if piece.endswith("+}") else r"([^/]+)"
        else:
            pattern += re.escape(piece)
    found = re.fullmatch(pattern.rstrip("/") + "/?", request.path)
    return dict(zip(names, map(unquote, found.groups()), strict=True)) if found else {}
