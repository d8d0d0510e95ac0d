"""What AWS charges: one table for README, wizard and report. US dollars, us-east-1, without taxes and discounts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from settings.answers import read_answers
from settings.problems import Problem, SettingsError

READ: Final = "2026-10"
"""When the pages were read last."""
REGION: Final = "us-east-1"
_CLOUDWATCH: Final = "https://aws.amazon.com/cloudwatch/pricing/"


@dataclass(frozen=True, kw_only=True)
class Price:
    """The price of one `unit` a month; the first `free` of an account cost nothing. `source` is AWS's page."""

    dollars: float
    unit: str
    source: str
    free: float = 0


PRICES: Final[Mapping[str, Price]] = MappingProxyType(
    {
        "alarm": Price(dollars=0.10, unit="metric in a standard alarm", free=10, source=_CLOUDWATCH),
        # A metric costs only in the hours in which it gets data; with the default value 0 that is all of them.
        "metric": Price(dollars=0.30, unit="custom metric", free=10, source=_CLOUDWATCH),
        # GetMetricData is in no free tier.
        "metric-read": Price(dollars=0.01, unit="1,000 metrics that are read", source=_CLOUDWATCH),
        "dashboard": Price(dollars=3.00, unit="dashboard", free=3, source=_CLOUDWATCH),
        "contributor-insights": Price(dollars=0.50, unit="Contributor Insights rule", free=1, source=_CLOUDWATCH),
        "log-gigabyte": Price(dollars=0.50, unit="GB of log data ingested", free=5, source=_CLOUDWATCH),
        "key": Price(dollars=1.00, unit="customer key", source="https://aws.amazon.com/kms/pricing/"),
        "second-copy": Price(
            dollars=2.00,
            unit="100,000 management events delivered to a further trail",
            source="https://aws.amazon.com/cloudtrail/pricing/",
        ),
        "athena-terabyte": Price(
            dollars=5.00, unit="TB that a query reads", source="https://aws.amazon.com/athena/pricing/"
        ),
    }
)


def read_prices(path: Path) -> Mapping[str, Price]:
    """The table with the prices that a file gives instead: `alarm: 0.11`, in YAML or JSON.

    Raises `SettingsError` with every key that is no price, and every value that is not a number of dollars.
    """
    given = read_answers(path, shown=str(path))
    problems = given.problems + [
        problem for key, value in given.items() if (problem := _problem(str(path), key, value))
    ]
    if problems:
        raise SettingsError(problems)
    return MappingProxyType(
        {key: replace(price, dollars=float(given.get(key, price.dollars))) for key, price in PRICES.items()}
    )


def _problem(source: str, key: str, value: Any) -> Problem | None:
    if key not in PRICES:
        return Problem(source, key, None, "is no price", allowed=", ".join(PRICES))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value < float("inf"):
        return Problem(source, key, str(value), "is not a price", allowed="US dollars, such as 0.10")
    return None
