"""From a call and its answer to a CloudTrail record."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox._emulator import Credential, Emulator
from sandbox.aws import ApiError, read_answer
from sandbox.calls import Call
from sandbox.identity import user_identity
from sandbox.names import event_name, event_region, event_source, is_data_plane, is_read_only
from sandbox.parameters import request_parameters, response_elements

log = logging.getLogger(__name__)

EVENT_VERSION = "1.11"
MAX_RECORD_BYTES = 256 * 1024  # CloudTrail User Guide, "Quotas": larger fields are left out

# Answers to a caller whom AWS does not know: CloudTrail has no account to record them in.
_UNKNOWN_CALLER = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidToken",
        "MissingAuthenticationToken",
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
    }
)


@dataclass(frozen=True)
class Outcome:
    """What a call was answered, over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def record_of(
    call: Call, outcome: Outcome, *, caller: Credential, source_ip: str, now: float, emulator: Emulator
) -> dict[str, Any] | None:
    """The record of a call at `now` (epoch seconds); None for one that a trail does not record."""
    if is_data_plane(call.service, call.operation):
        return None
    answer, error = _answer(call, outcome)
    if error is not None and error.code in _UNKNOWN_CALLER:
        return None
    read_only = is_read_only(call.operation)
    record: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": user_identity(caller, emulator),
        "eventTime": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": event_source(call.service),
        "eventName": event_name(call.service, call.operation, call.request.path),
        "awsRegion": event_region(call.service, call.region),
        "sourceIPAddress": source_ip,
        "userAgent": call.request.headers.get("user-agent", ""),
    }
    if error is not None:
        record |= {"errorCode": _error_code(call, error), "errorMessage": error.message}
    record |= {
        "requestParameters": _told(call),
        "responseElements": None if read_only or error is not None else response_elements(call, answer),
        "requestID": outcome.headers.get("x-amzn-requestid") or str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": caller.account,
        "eventCategory": "Management",
    }
    return trimmed(record)


def _told(call: Call) -> dict[str, Any] | None:
    try:
        return request_parameters(call)
    except Exception:  # an odd request must not hide itself
        log.exception("could not tell the parameters of %s", call.operation)
        return None


def trimmed(record: dict[str, Any]) -> dict[str, Any]:
    """The record without the parameters that make it too large, as CloudTrail does it."""
    if len(json.dumps(record)) <= MAX_RECORD_BYTES:
        return record
    size = len(json.dumps(record["requestParameters"]))
    left_out = {"omitted": True, "originalSize": size, "reason": "requestParameters too large"}
    return {**record, "requestParameters": left_out}


def _answer(call: Call, outcome: Outcome) -> tuple[dict[str, Any], ApiError | None]:
    if call.model is None:
        if outcome.status < 300:
            return {}, None
        return {}, _unread_error(outcome)
    try:
        return read_answer(call.model, (outcome.status, dict(outcome.headers), outcome.body)), None
    except ApiError as error:
        return {}, error if error.code and not error.code.isdigit() else _unread_error(outcome)
    except Exception:  # a body that botocore's parser cannot read must not cost the record
        return {}, None if outcome.status < 300 else _unread_error(outcome)


def _unread_error(outcome: Outcome) -> ApiError:
    text = outcome.body.decode("utf-8", "replace")
    code = re.search(r'"__type"\s*:\s*"([^"]+)"|<Code>([^<]+)</Code>', text)
    message = re.search(r'"[mM]essage"\s*:\s*"([^"]*)"|<Message>([^<]*)</Message>', text)
    name = (code[1] or code[2]).rsplit("#", 1)[-1] if code else str(outcome.status)
    return ApiError(name, (message[1] or message[2] or "") if message else "", outcome.status)


def _error_code(call: Call, error: ApiError) -> str:
    """The error code as CloudTrail writes it: EC2 says whose fault it was, IAM names the exception."""
    if call.service == "ec2":
        return f"{'Server' if error.status >= 500 else 'Client'}.{error.code}"
    if call.service == "iam" and call.model is not None:
        for shape in call.model.error_shapes:
            if shape.metadata.get("error", {}).get("code") == error.code:
                return shape.name
    return error.code
