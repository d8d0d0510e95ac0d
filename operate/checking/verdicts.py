"""What several verdicts come to, and the ways back that several checks name."""

from __future__ import annotations

from collections.abc import Iterable

from account import Verdict

DEPLOY = "pulumi up makes it so again"
OURS = ".venv/bin/python -m wizard"
"""How our own verbs are called in every command we print: it can be pasted, whatever is on the PATH."""


def key_fix(state: str, arn: str, region: str) -> str:
    """The way back for a key that is not enabled."""
    if state == "PendingDeletion":
        return f"aws kms cancel-key-deletion --region {region} --key-id {arn}, then aws kms enable-key"
    return f"aws kms enable-key --region {region} --key-id {arn}"


def worst(*verdicts: Verdict) -> Verdict:
    """The verdict that decides when all have to be allowed."""
    return next((each for each in _by_weight(verdicts) if not each.is_allowed), verdicts[0])


def best(*verdicts: Verdict) -> Verdict:
    """The verdict that decides when one has to be allowed."""
    return _by_weight(verdicts)[-1]


def _by_weight(verdicts: Iterable[Verdict]) -> list[Verdict]:
    weight = ("denied", "not allowed", "cannot tell", "allowed")
    return sorted(verdicts, key=lambda each: weight.index(each.outcome))
