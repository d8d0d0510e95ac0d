"""What the deployment lets the guardian do, and when: the part of its environment that is about behaviour.

None of it is in the desired state. Whoever can write that document says what the trail should be, above a floor; how
and whether the guardian acts is decided by the function's own environment, and limits that hold whatever it says stand
here.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, Self

from guardian.drift import FIELDS

GRACE_S = (30, 60)
"""The least and the longest wait before drift is believed. `pulumi up` changes a trail in up to four calls, of which
CloudTrail takes one a second, and waits for each: half a minute is enough for it, and more than a minute would let an
attacker record elsewhere for longer than the run has time to wait, change, read back and tell."""
REPAIRS = (1, 100)
"""How many repairs may be told one by one; the ledger remembers twice as many."""
WINDOW_MIN = (1, 1440)
"""The window in which they are counted: up to a day."""
ALL, NONE = "all", "none"
"""Every field, and no field at all, as FIELDS says it."""


class Mode(StrEnum):
    """What happens when the trail is found stopped or changed."""

    RESTORE = "restore"  # start it again and put it back as it should be, and report
    NOTIFY = "notify"  # report only
    DRY_RUN = "dry-run"  # report what restore would do, and do nothing


class Budget(NamedTuple):
    """So many repairs within so many minutes are told one by one; more are one incident of their own."""

    repairs: int
    minutes: int


class Remit(NamedTuple):
    """`fields` are those settings of the trail, in the desired state's words, that may be put back. A stop is no such
    field: with `restore` the trail is started in any case.
    """

    mode: Mode
    fields: frozenset[str]
    grace_s: int
    budget: Budget

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """From variables in which `problems` finds nothing wrong."""
        return cls(
            mode=Mode(variables["MODE"]),
            fields=frozenset(_fields(variables["FIELDS"]) or ()),
            grace_s=int(variables["GRACE_SECONDS"]),
            budget=Budget(repairs=int(variables["BUDGET_REPAIRS"]), minutes=int(variables["BUDGET_MINUTES"])),
        )


def allowed(variables: Mapping[str, str]) -> dict[str, tuple[object, str]]:
    """Each variable of the remit with whether its value is good (truthy) and what would be."""
    return {
        "MODE": (variables.get("MODE", "") in list(Mode), " or ".join(Mode)),
        "FIELDS": (
            _fields(variables.get("FIELDS", "")) is not None,
            f"{ALL}, {NONE}, or some of {', '.join(field.key for field in FIELDS)}, with commas between",
        ),
        **{
            name: (_is_within(variables.get(name, ""), *limits), f"a number from {limits[0]} to {limits[1]}")
            for name, limits in {
                "GRACE_SECONDS": GRACE_S,
                "BUDGET_REPAIRS": REPAIRS,
                "BUDGET_MINUTES": WINDOW_MIN,
            }.items()
        },
    }


def _fields(text: str) -> tuple[str, ...] | None:
    known = {field.key for field in FIELDS}
    if text in (ALL, NONE):
        return tuple(known) if text == ALL else ()
    names = tuple(text.split(","))
    return names if known.issuperset(names) else None


def _is_within(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 6 and least <= int(text) <= most
