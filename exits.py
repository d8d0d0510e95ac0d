"""What the exit code of every verb means: the one home of these numbers.

It is a module of its own, and no part of a room, because the rooms of the verbs may not import each other, and the room
that all of them may import, `settings`, is too heavy for `--help` (half a second) and must not take the others along
when it is broken.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Part of the interface: scripts branch on these numbers."""

    OK = 0
    """Done, everything holds, or the person said no and nothing was written."""
    FOUND = 1
    """We looked, and something is wrong; or something that was claimed was not observed."""
    NO_ANSWER = 2
    """Bad input, or we were not let look. Never to be read as OK."""
    INTERRUPTED = 130
    """Ctrl-C: 128 + SIGINT, as shells count."""
