"""What a stack costs a month, from its plan and the price table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from settings.plan import Plan
from settings.prices import PRICES, Price

NOT_COUNTED: Final = (
    "log ingestion, which depends on how busy the account is",
    "S3, SQS, SNS, Lambda, EventBridge and DynamoDB: cents in an ordinary month",
    "the copy of management events, where the account has a trail already",
)
"""What a bill leaves out unless it is told how much there is."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a bill: so many of something. `dollars` is after the free ones, `at_most` where those are used up."""

    price: str
    """Key in the price table."""
    what: str
    number: float
    dollars: float
    at_most: float


@dataclass(frozen=True)
class Bill:
    """What one month costs, in US dollars."""

    items: tuple[Item, ...]

    @property
    def dollars(self) -> float:
        """In an account that uses nothing else of the same kind."""
        return round(sum(item.dollars for item in self.items), 2)

    @property
    def at_most(self) -> float:
        """In an account whose free alarms, metrics and so on are in use already."""
        return round(sum(item.at_most for item in self.items), 2)


HOURS: Final = 730
"""In a month, as AWS reckons it."""

_ONE = {
    each: each.removesuffix("s") for each in ("alarms", "metrics", "keys", "dashboards", "Contributor Insights rules")
}
"""What is counted in pieces, where there is one."""


def monthly_bill(
    plan: Plan,
    *,
    prices: Mapping[str, Price] = PRICES,
    log_gigabytes: float | None = None,
    second_copy_events: float | None = None,
) -> Bill:
    """The bill of a plan. Amounts that no settings tell are counted only if they are given, for one month."""
    wanted = [
        ("alarm", "alarms", plan.alarms),
        ("metric", "metrics", plan.filters),
        ("metric-read", "1,000 metrics that the guardian reads", _read_in_a_month(plan)),
        ("key", "keys", plan.keys),
        ("dashboard", "dashboards", plan.count("aws:cloudwatch/dashboard:Dashboard")),
        (
            "contributor-insights",
            "Contributor Insights rules",
            plan.count("aws:cloudwatch/contributorInsightRule:ContributorInsightRule"),
        ),
        ("log-gigabyte", "GB of logs", log_gigabytes),
        ("second-copy", "100,000 events to a further trail", second_copy_events and second_copy_events / 100_000),
    ]
    return Bill(tuple(_item(key, what, number, prices[key]) for key, what, number in wanted if number))


def _read_in_a_month(plan: Plan) -> float:
    """In thousands: each guardian reads what the filters of its trail count, once an hour (`inventory/forged.py`)."""
    return plan.filters * HOURS / 1000 if plan.count("aws:dynamodb/tableItem:TableItem") else 0


def _item(key: str, what: str, number: float, price: Price) -> Item:
    return Item(
        price=key,
        what=_ONE.get(what, what) if number == 1 else what,
        number=number,
        dollars=round(max(number - price.free, 0) * price.dollars, 4),
        at_most=round(number * price.dollars, 4),
    )
