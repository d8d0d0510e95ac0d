"""The process in which one deploy runs: the Pulumi SDK keeps global state, and the program deserves a clean start.

Started by `sandbox.deploy.deploy` as `python -m sandbox.deploy._worker`. It reads one JSON object from standard input
(`program`, `project`, `stack`, `config`, `secrets`, `endpoint_url`, `region`) and writes JSON lines to standard output:
one `{"event": …}` for each resource, then one `{"done": …}` or `{"failed": …}`.
What the program itself prints goes to standard error.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, TextIO

import pulumi
from botocore.exceptions import BotoCoreError, ClientError

from . import _program
from ._cloud import DEPLOYER, Cloud


class _Lines:
    """JSON lines on the real standard output; safe from several threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def write(self, document: dict[str, Any]) -> None:
        with self._lock:
            self._stream.write(json.dumps(document) + "\n")
            self._stream.flush()


def main() -> None:
    """Run the program that standard input describes."""
    gc.disable()  # the process ends in seconds, and Pulumi makes so many objects that collecting costs a fifth of them
    lines = _Lines(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)  # a print in the program must not end up between our lines
    order = json.load(sys.stdin)
    cloud: Cloud | None = None
    try:
        cloud = Cloud(
            endpoint_url=order["endpoint_url"],
            region=order["region"],
            tell=lambda event: lines.write({"event": event._asdict()}),
        )
        exports = _program.run(
            Path(order["program"]),
            project=order["project"],
            stack=order["stack"],
            config=order["config"],
            secrets=order["secrets"],
            cloud=cloud,
        )
    except Exception as error:  # whatever the program raised is reported, by kind, to the parent
        lines.write({"failed": _failure(error, cloud)})
    else:
        done = {"resources": cloud.resources, "outputs": exports}
        lines.write({"done": done})


def _failure(error: Exception, cloud: Cloud | None) -> dict[str, Any]:
    """What went wrong: problems for a person, and the traceback only where the program itself broke."""
    if cloud is None and isinstance(error, ClientError | BotoCoreError):
        return {"begun": False, "problems": [f"the sandbox cannot be used as role {DEPLOYER}: {error}"]}
    begun = cloud is not None and cloud.has_begun
    if cloud and cloud.failures:
        return {"begun": begun, "problems": cloud.failures}
    if isinstance(error, pulumi.RunError):
        return {"begun": begun, "problems": [str(error)]}
    problem = f"{type(error).__name__}: {error}"
    return {"begun": begun, "problems": [problem], "traceback": "".join(traceback.format_exception(error))}


if __name__ == "__main__":
    main()
