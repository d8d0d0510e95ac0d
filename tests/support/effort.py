"""How many examples a property is tried with: some in every run, ten times as many in a thorough one."""

from hypothesis import settings

STEADY_EXAMPLES = 50
"""What a property gets that says nothing, in every run."""


def examples(steady: int) -> int:
    """So many in every run, and in proportion in other profiles.

    A plain `max_examples` would be the same in all of them.
    """
    return steady * settings().max_examples // STEADY_EXAMPLES
