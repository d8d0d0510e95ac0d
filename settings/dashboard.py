"""What the dashboard of a stack is called."""

import re


def dashboard_name(stack: str) -> str:
    """The physical name: letters, digits, `-` and `_` (CloudWatch API reference, PutDashboard).

    A stack's name may also have dots; where one is replaced, the name is told apart from a stack that has a hyphen.
    """
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", stack)
    return f"trailwarden-{plain}" if plain == stack else f"trailwarden-{plain}--dots"
