"""Attacks on the code of a function, and how they are undone."""

from __future__ import annotations

import io
import urllib.request
import zipfile
from collections.abc import Mapping

from ._range import Range


def idle_code(at: Range, function: str, *, module: str) -> None:
    """Code that answers and does nothing, under the function's handler name."""
    address = at.aws("lambda").get_function(FunctionName=function)["Code"]["Location"]
    with urllib.request.urlopen(address) as archive:  # noqa: S310 - the sandbox's own address
        at.kept["code"] = archive.read()
    idle = {f"{module}/__init__.py": "", f"{module}/handler.py": "def handle(event, context):\n    return {}\n"}
    at.mallory("lambda").update_function_code(FunctionName=function, ZipFile=_zipped(idle))


def own_code(at: Range, function: str) -> None:
    """The code that `idle_code` replaced."""
    at.aws("lambda").update_function_code(FunctionName=function, ZipFile=at.kept["code"])


def _zipped(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()
