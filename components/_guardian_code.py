"""The guardian's code archive: an explicit list, so that no test, cache or stray file is ever deployed."""

from pathlib import Path

import pulumi

LAMBDA_ROOT = Path(__file__).resolve().parents[1] / "lambda"
HANDLER = "guardian.handler.handle"
FILES = (
    "guardian/__init__.py",
    "guardian/actor.py",
    "guardian/advice.py",
    "guardian/cause.py",
    "guardian/decide.py",
    "guardian/environment.py",
    "guardian/errors.py",
    "guardian/handler.py",
    "guardian/headline.py",
    "guardian/links.py",
    "guardian/report.py",
    "guardian/retry.py",
    "guardian/rows.py",
    "guardian/text.py",
    "guardian/told.py",
    "guardian/trail.py",
)


def archive() -> pulumi.AssetArchive:
    """The files of the function, under the paths that Lambda imports them by."""
    return pulumi.AssetArchive({path: pulumi.FileAsset(str(LAMBDA_ROOT / path)) for path in FILES})
