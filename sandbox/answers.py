"""HTTP answers in the shapes of AWS's protocols."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from sandbox._emulator import Answer

_JSON = {"Content-Type": "application/x-amz-json-1.1"}


def json_answer(body: Any) -> Answer:
    """A success of a JSON service."""
    return 200, dict(_JSON), json.dumps(body).encode()


def json_error(code: str, message: str, status: int = 400) -> Answer:
    """An error of a JSON service."""
    return status, dict(_JSON), json.dumps({"__type": code, "message": message}).encode()


def query_answer(operation: str, body: str = "") -> Answer:
    """A success of a Query service; `body` is the XML inside the operation's result."""
    result = f"<{operation}Result>{body}</{operation}Result>" if body else ""
    return 200, {"Content-Type": "text/xml"}, f"<{operation}Response>{result}</{operation}Response>".encode()


def query_error(code: str, message: str, status: int = 400) -> Answer:
    """An error of a Query service."""
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(code)}</Code>"
        f"<Message>{escape(message)}</Message></Error></ErrorResponse>"
    )
    return status, {"Content-Type": "text/xml"}, body.encode()


def rest_error(code: str, message: str, status: int = 400) -> Answer:
    """An error of a REST service that speaks JSON."""
    headers = {"Content-Type": "application/json", "x-amzn-errortype": code}
    return status, headers, json.dumps({"Type": "User", "message": message}).encode()
