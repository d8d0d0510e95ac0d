"""`requestParameters` and `responseElements` of a record: what was asked and answered, never a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from sandbox.aws import Shape
from sandbox.calls import Call, path_parameters
from sandbox.form import members_of, typed

MAX_XML_BYTES = 64 * 1024
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"  # CloudTrail's own word for it

# Members that hold a secret although not every service model says so.
_SECRET = re.compile(
    r"(secret(access)?key|secretstring|secretbinary|password|plaintext|sessiontoken|authtoken|privatekey|token"
    r"|ciphertextblob|credential|securestring)\Z",
    re.IGNORECASE,
)
# Headers of S3 that say what is wanted, not how it is sent.
_TOLD_HEADER = re.compile(r"x-amz-(?!sdk-|checksum-|content-|date|security-|expected-)")
# Contents, not parameters: CloudTrail leaves them out.
_CONTENT = frozenset({"Environment", "ZipFile", "Body", "UserData"})


def request_parameters(call: Call) -> dict[str, Any] | None:
    """What the caller asked for, with the names CloudTrail gives it; None when there is nothing to tell."""
    if call.model is None or call.model.input_shape is None:
        return None
    request, shape = call.request, call.model.input_shape
    protocol = str(call.model.service_model.resolved_protocol)
    if "cbor" in request.headers.get("smithy-protocol", ""):
        return None  # nothing here reads CBOR, which boto3 does not send
    if protocol == "json" or (protocol == "query" and "x-amz-target" in request.headers):
        told = _named(_json(request.body), shape)
    elif protocol in ("query", "ec2"):
        told = _named(members_of(shape, request.form, ec2=protocol == "ec2"), shape)
    else:
        told = _from_s3(call, shape) if call.service == "s3" else _named(_from_rest(call, shape), shape)
    return told or None


def response_elements(call: Call, answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a changing call was answered, with the names CloudTrail gives it; None when there is nothing to tell."""
    if call.model is None or call.model.output_shape is None:
        return None
    body = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    return _named(body, call.model.output_shape) or None


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _named(value: Any, shape: Any, name: str = "") -> Any:
    """A value under CloudTrail's names: members begin with a small letter, the keys of maps stay as they are."""
    if name and (_SECRET.match(name) or getattr(shape, "metadata", {}).get("sensitive")):
        return HIDDEN
    if isinstance(value, Mapping):
        if _is(shape, "structure"):
            return {
                member[:1].lower() + member[1:]: _named(inner, shape.members.get(member), member)
                for member, inner in value.items()
                if member not in _CONTENT and not _is(shape.members.get(member), "blob")
            }
        inner_shape = shape.value if _is(shape, "map") else None
        return {key: _named(inner, inner_shape, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        inner_shape = shape.member if _is(shape, "list") else None
        return [_named(inner, inner_shape, name) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return HIDDEN
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _is(shape: Shape, kind: str) -> bool:
    return getattr(shape, "type_name", "") == kind


def _from_rest(call: Call, shape: Shape) -> dict[str, Any]:
    """The members of a REST request: from its path, its query, its headers and its body."""
    request, model = call.request, call.model
    if model is None or not _is(shape, "structure"):
        return {}
    found: dict[str, Any] = {}
    in_path = path_parameters(request, model)
    for name, member in shape.members.items():
        where, key = member.serialization.get("location"), member.serialization.get("name", name)
        if where == "uri" and key in in_path:
            found[name] = in_path[key]
        elif where == "querystring" and key in request.query:
            values = request.query[key]
            found[name] = values if _is(member, "list") else typed(values[-1], member)
        elif where == "header" and key.lower() in request.headers:
            found[name] = typed(request.headers[key.lower()], member)
    payload = shape.serialization.get("payload")
    if payload is None:
        found |= {key: value for key, value in _json(request.body).items() if key in shape.members}
    elif _is(shape.members[payload], "string"):
        found[payload] = request.body.decode("utf-8", "replace")
    elif str(model.service_model.resolved_protocol) == "rest-json" and _is(shape.members[payload], "structure"):
        found[payload] = _json(request.body)
    return found


def _from_s3(call: Call, shape: Shape) -> dict[str, Any]:
    """S3's own way: `bucketName`, headers and sub-resources by their names, the body in the names of its XML."""
    request = call.request
    told: dict[str, Any] = {}
    for name, value in _from_rest(call, shape).items():
        header = shape.members[name].serialization
        if name == "Bucket":
            told["bucketName"] = value
        elif name == "Policy":
            told["bucketPolicy"] = _json(request.body) or value
        elif header.get("location") == "header" and _TOLD_HEADER.match(header["name"].lower()):
            told[header["name"].lower()] = value
        elif header.get("location") == "uri":
            told[name[:1].lower() + name[1:]] = value
    told |= _xml(request.body)
    told["Host"] = request.headers.get("host", "")
    return told | {key: one[-1] for key, one in request.query.items() if not key.startswith(("X-Amz-", "x-id"))}


def _xml(body: bytes) -> dict[str, Any]:
    """A small XML document as nested objects; nothing for what is no such document."""
    if not body.lstrip().startswith(b"<") or len(body) > MAX_XML_BYTES or b"<!" in body:
        return {}  # no document types: an entity may grow without end
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - without a document type there are no entities
    except ElementTree.ParseError:
        return {}
    return {_local(root.tag): _element(root)}


def _element(element: ElementTree.Element) -> Any:
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name, value = _local(child.tag), _element(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
