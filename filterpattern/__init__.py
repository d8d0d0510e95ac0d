"""CloudWatch Logs filter patterns: read, evaluate, lint, translate, make from address blocks. Standard library only.

`compile(text).matches(message)` answers as metric filters and TestMetricFilter do. What a Lambda does not need (lint,
metrics, translations) is loaded when it is first asked for.
"""

from importlib import import_module

from filterpattern._cidr import CidrError, cidr
from filterpattern._errors import PatternError
from filterpattern._limits import (
    MAX_DIMENSION_TEXT_LENGTH,
    MAX_DIMENSIONS,
    MAX_FILTER_NAME_LENGTH,
    MAX_FILTERS_PER_LOG_GROUP,
    MAX_METRIC_NAME_LENGTH,
    MAX_METRIC_VALUE_LENGTH,
    MAX_PATTERN_LENGTH,
    MAX_REGEX_FILTERS_PER_LOG_GROUP,
    MAX_REGEXES_PER_PATTERN,
    MAX_SUBSCRIPTION_FILTERS_PER_LOG_GROUP,
    MAX_TEST_MESSAGES,
    MAX_WILDCARD_SELECTORS_PER_PATTERN,
)
from filterpattern._message import parse_event
from filterpattern._pattern import Pattern, compile  # noqa: A004 - as in `re`, read as filterpattern.compile
from filterpattern._pattern_set import PatternSet, compile_all

__all__ = [
    "LINT_RULES",
    "MAX_DIMENSIONS",
    "MAX_DIMENSION_TEXT_LENGTH",
    "MAX_FILTERS_PER_LOG_GROUP",
    "MAX_FILTER_NAME_LENGTH",
    "MAX_METRIC_NAME_LENGTH",
    "MAX_METRIC_VALUE_LENGTH",
    "MAX_PATTERN_LENGTH",
    "MAX_REGEXES_PER_PATTERN",
    "MAX_REGEX_FILTERS_PER_LOG_GROUP",
    "MAX_SUBSCRIPTION_FILTERS_PER_LOG_GROUP",
    "MAX_TEST_MESSAGES",
    "MAX_WILDCARD_SELECTORS_PER_PATTERN",
    "CidrError",
    "Datum",
    "Finding",
    "Metric",
    "MetricError",
    "Pattern",
    "PatternError",
    "PatternSet",
    "Rule",
    "Translation",
    "TranslationError",
    "bound_texts",
    "cidr",
    "compile",
    "compile_all",
    "lint",
    "lint_group",
    "lint_metric",
    "lint_rules_page",
    "parse_event",
    "to_athena",
    "to_duckdb",
    "to_eventbridge",
    "to_insights",
]

TYPE_CHECKING = False  # as type checkers know it; `typing` itself would double the time this package takes to load
if TYPE_CHECKING:
    from filterpattern._bound import bound_texts
    from filterpattern._findings import Finding
    from filterpattern._lint import lint, lint_group
    from filterpattern._metric import Datum, Metric, MetricError, lint_metric
    from filterpattern._rules import LINT_RULES, Rule
    from filterpattern._rules_page import lint_rules_page
    from filterpattern._to_athena import to_athena
    from filterpattern._to_duckdb import to_duckdb
    from filterpattern._to_eventbridge import to_eventbridge
    from filterpattern._to_insights import to_insights
    from filterpattern._translation import Translation, TranslationError

_LATER = {
    "Datum": "_metric",
    "Finding": "_findings",
    "LINT_RULES": "_rules",
    "Metric": "_metric",
    "MetricError": "_metric",
    "Rule": "_rules",
    "Translation": "_translation",
    "TranslationError": "_translation",
    "bound_texts": "_bound",
    "lint": "_lint",
    "lint_group": "_lint",
    "lint_metric": "_metric",
    "lint_rules_page": "_rules_page",
    "to_athena": "_to_athena",
    "to_duckdb": "_to_duckdb",
    "to_eventbridge": "_to_eventbridge",
    "to_insights": "_to_insights",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    return value
