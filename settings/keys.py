"""How the keys of a stack's settings are called, in the stack file and in an answers file."""

from typing import Final

NAMESPACE: Final = "trailwarden"
"""The Pulumi namespace of our keys. Fixed, so that a renamed project does not lose its settings."""

HOME_KEY: Final = "homeRegion"
"""The home region in an answers file."""

REGION_KEY: Final = "aws:region"
"""The home region in a stack file: the region of Pulumi's AWS provider."""

KEYS: Final = (
    "trail",
    "regions",
    "emails",
    "subscribers",
    "eventSets",
    "customSets",
    "sourceIps",
    "burst",
    "remediation",
    "alerts",
    "evidence",
    "dashboard",
)
"""Every other key, without prefix, in the order in which they are written. A test compares them with the model."""

ALWAYS_WRITTEN: Final = ("trail", "regions", "emails", "eventSets", "sourceIps", "remediation", "evidence")
"""The keys that the wizard always writes beside `aws:region`. `Pulumi.yaml` declares exactly these: the CLI refuses a
stack in which a declared key without default is missing."""

TEXT_KEYS: Final = frozenset({HOME_KEY, "evidence"})
"""Keys whose value is a text. Pulumi hands the values of all others to a program as JSON."""


def qualified(key: str) -> str:
    """The key as it stands in a stack file: `emails` → `trailwarden:emails`, `homeRegion` → `aws:region`."""
    return REGION_KEY if key == HOME_KEY else f"{NAMESPACE}:{key}"


def unqualified(key: str) -> str | None:
    """The key without prefix, None if it is not ours. Pulumi reads a key without prefix as one of the project.

    `homeRegion` does not exist in a stack file; it keeps its prefix, so that it is refused as unknown.
    """
    if key == REGION_KEY:
        return HOME_KEY
    namespace, colon, name = key.rpartition(":")
    if colon and namespace != NAMESPACE:
        return None
    return f"{NAMESPACE}:{HOME_KEY}" if name == HOME_KEY else name
