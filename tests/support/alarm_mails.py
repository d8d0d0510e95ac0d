"""What the tests of an alarm's mails have in common."""

from tests.support.explainer_world import World

POLICY, DENIED = "iam-policy-changes", "unauthorized-api-calls"
HERE = " - 111122223333 us-east-1"


def told(world: World) -> list[str]:
    """The subjects without where it was."""
    return [subject.rpartition(" - ")[0] for subject in world.subjects]
