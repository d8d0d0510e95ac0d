"""What the deployment lets the guardian do, and when: the part of its environment that is about behaviour.

None of it is in the desired state. Whoever can write that document says what the trail should be, above a floor; how
and whether the guardian acts is decided by the function's own environment, and limits that hold whatever it says stand
here.
"""

from enum import StrEnum
from typing import NamedTuple, Self

from common.variables import Variables

from guardian.fields import FIELDS

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

WAIVABLE = (
    "multi-region",
    "global-events",
    "validation",
    "management-reads",
    "management-writes",
    "management-sources",
)
"""The demands that a deployment may give up, because its stack file says so outright: a trail for each region, a trail
that records writes only, an adopted trail whose owner wants less. They come with the function's environment and never
with the document. That a trail logs, and where to, is never given up."""


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
    def read(cls, given: Variables) -> Self:
        """From MODE, FIELDS, GRACE_SECONDS, BUDGET_REPAIRS and BUDGET_MINUTES, all of which are required."""
        return cls(
            mode=given.choice("MODE", Mode),
            fields=_fields(given),
            grace_s=given.number("GRACE_SECONDS", GRACE_S),
            budget=Budget(
                repairs=given.number("BUDGET_REPAIRS", REPAIRS), minutes=given.number("BUDGET_MINUTES", WINDOW_MIN)
            ),
        )


def _fields(given: Variables) -> frozenset[str]:
    known = frozenset(field.key for field in FIELDS)
    text = given.value("FIELDS")
    names = {ALL: known, NONE: frozenset[str]()}.get(text, frozenset(text.split(",")))
    some = f"some of {', '.join(field.key for field in FIELDS)}, with commas between"
    given.demand("FIELDS", names <= known, f"{ALL}, {NONE}, or {some}")
    return names
