"""How many repairs are too many. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from guardian.remit import Budget


class Spent(NamedTuple):
    """So many `repairs` within the budget's window, this one among them."""

    repairs: int
    budget: Budget

    @property
    def is_exhausted(self) -> bool:
        """Somebody, or something, keeps undoing what the guardian does."""
        return self.repairs > self.budget.repairs


def spent(repairs: Iterable[datetime], *, budget: Budget, now: datetime) -> Spent:
    """What is spent of the budget, from the moments of all repairs that are known."""
    begin = now - timedelta(minutes=budget.minutes)
    return Spent(repairs=sum(1 for at in repairs if begin < at <= now), budget=budget)
