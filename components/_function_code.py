"""The functions' code archives: explicit lists, so that no test, cache or stray file is ever deployed."""

from collections.abc import Iterable
from pathlib import Path

import pulumi

LAMBDA_ROOT = Path(__file__).resolve().parents[1] / "lambda"
COMMON = (
    "common/__init__.py",
    "common/actor.py",
    "common/chat.py",
    "common/errors.py",
    "common/incident.py",
    "common/ledger.py",
    "common/links.py",
    "common/places.py",
    "common/record.py",
    "common/report.py",
    "common/retry.py",
    "common/runbooks.py",
    "common/runtime.py",
    "common/shapes.py",
    "common/steps.py",
    "common/table.py",
    "common/text.py",
    "common/trail_calls.py",
    "common/variables.py",
)
"""What every function carries beside its own package."""


def archive(files: Iterable[str]) -> pulumi.AssetArchive:
    """The files of a function, under the paths that Lambda imports them by."""
    return pulumi.AssetArchive({path: pulumi.FileAsset(str(LAMBDA_ROOT / path)) for path in files})
