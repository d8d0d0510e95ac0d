"""The worker process of a deploy, driven from outside: an order in, progress and a result out."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from .environment import ROOT, clean_environment

DEADLINE_S = 300  # far more than a deploy takes on a throttled machine; a hanging program must not hang its caller


def run_worker(order: Mapping[str, Any], *, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Run one worker to its end: its last line (`done` or `failed`), with `said`, what it wrote to standard error.

    `tell` gets each resource as it is made (`token`, `name`, `ms`). A worker that ends without a
    result, or takes longer than DEADLINE_S, is a `failed` of its own.
    """
    said: list[str] = []
    last: dict[str, Any] = {}
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox.deploy._worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={
            **clean_environment(),
            "PULUMI_ERROR_OUTPUT_STRING": "true",  # an output inside an f-string fails, instead of deploying a warning
            "PYTHONWARNINGS": "ignore::DeprecationWarning",  # pulumi_aws warns about itself on import
        },
        text=True,
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        errors = worker.stderr
        assert errors is not None
        listener = threading.Thread(target=lambda: said.extend(errors), daemon=True)
        listener.start()
        overdue = threading.Timer(DEADLINE_S, worker.kill)
        overdue.start()
        try:
            worker.stdin.write(json.dumps(order))
            worker.stdin.close()
            for line in worker.stdout:
                last = json.loads(line)
                if "event" in last:
                    tell(last["event"])
            worker.wait()
        finally:
            overdue.cancel()
            worker.kill()  # only reached alive if the caller was interrupted
            listener.join()
    if "done" not in last and "failed" not in last:
        problem = f"the deploy ended early (exit status {worker.returncode}; the deadline is {DEADLINE_S} s)"
        return {"failed": {"begun": True, "problems": [problem], "traceback": "".join(said)}}
    return {**last, "said": "".join(said)}
