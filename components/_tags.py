"""The tags that say which resources are ours."""

from settings.version import VERSION

STACK_TAG = "trailwarden:stack"
VERSION_TAG = "trailwarden:version"


def tags(stack: str) -> dict[str, str]:
    """The tags of every resource of `stack` that can carry tags; the read-only commands find a stack by them."""
    return {**trail_tags(stack), VERSION_TAG: VERSION}


def trail_tags(stack: str) -> dict[str, str]:
    """The tags of the trail itself: no version, so that an upgrade leaves the trail alone.

    A changed tag is an AddTags call, which is what somebody does who tampers with a trail: it would raise a critical
    alarm at every release, and teach people to ignore it.
    """
    return {STACK_TAG: stack}
