"""The tags that say which resources are ours."""

from settings.version import VERSION

STACK_TAG = "trailwarden:stack"
VERSION_TAG = "trailwarden:version"


def tags(stack: str) -> dict[str, str]:
    """The tags of every resource of `stack` that can carry tags; the read-only commands find a stack by them."""
    return {STACK_TAG: stack, VERSION_TAG: VERSION}
