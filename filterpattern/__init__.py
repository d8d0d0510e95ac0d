"""CloudWatch Logs filter patterns: read, evaluate, write, and make from address blocks. Standard library only.

`compile(text).matches(message)` answers as metric filters and TestMetricFilter do.
"""

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
    "Pattern",
    "PatternError",
    "PatternSet",
    "cidr",
    "compile",
    "compile_all",
    "parse_event",
]
