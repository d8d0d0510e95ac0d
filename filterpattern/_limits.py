"""What CloudWatch Logs allows, each number beside the page it comes from; and the few caps that are ours.

Read 2026-09. The settings, the wizard, the sandbox and the docs read these constants; nobody types them again.
"""

_QUOTAS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"
_SYNTAX = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"
_PUT_METRIC_FILTER = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html"
_TRANSFORMATION = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html"
_TEST = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html"

MAX_PATTERN_LENGTH = 1024
"""Characters of one pattern (`filterPattern` of PutMetricFilter)."""

MAX_REGEXES_PER_PATTERN = 2
"""Regexes in one JSON or space-delimited pattern; a stand-alone regex is one and the whole pattern."""

MAX_WILDCARD_SELECTORS_PER_PATTERN = 3
"""Selectors that hold a wildcard (`[*]` or `.*`) in one pattern."""

MAX_WILDCARDS_PER_SELECTOR = 1
"""Wildcards in one selector."""

MAX_FILTERS_PER_LOG_GROUP = 100
"""Metric filters on one log group. AWS does not raise it."""

MAX_REGEX_FILTERS_PER_LOG_GROUP = 5
"""Metric and subscription filters with a regex in their pattern, on one log group."""

MAX_SUBSCRIPTION_FILTERS_PER_LOG_GROUP = 2
"""Subscription filters on one log group."""

MAX_FILTER_NAME_LENGTH = 512
MAX_METRIC_NAME_LENGTH = 255
"""Of a metric's name and of its namespace alike."""

MAX_METRIC_VALUE_LENGTH = 100
MAX_DIMENSIONS = 3
MAX_DIMENSION_TEXT_LENGTH = 255
"""Of a dimension's name and of its value alike."""

MAX_TEST_MESSAGES = 50
"""Messages that one call of TestMetricFilter takes."""

MAX_EXPONENT = 2**31 - 1
"""Of a number literal; a larger one was refused by the service (observed 2026). The negative side is inferred."""

MAX_REPEAT = 1000
"""Count inside `{…}` of a regex. RE2, which the service's regexes fit, refuses more; CloudWatch's cap is not known."""

MAX_DEPTH = 100
"""Nested parentheses. Ours: it keeps reading and evaluating far from Python's recursion limit."""

MAX_REGEX_SIZE = 10_000
"""Characters a regex can consume when its counted repeats are written out. Ours: it bounds the cost per character."""

SOURCES = {
    "MAX_PATTERN_LENGTH": _PUT_METRIC_FILTER,
    "MAX_REGEXES_PER_PATTERN": _SYNTAX,
    "MAX_WILDCARD_SELECTORS_PER_PATTERN": _SYNTAX,
    "MAX_WILDCARDS_PER_SELECTOR": _SYNTAX,
    "MAX_FILTERS_PER_LOG_GROUP": _QUOTAS,
    "MAX_REGEX_FILTERS_PER_LOG_GROUP": _QUOTAS,
    "MAX_SUBSCRIPTION_FILTERS_PER_LOG_GROUP": _QUOTAS,
    "MAX_FILTER_NAME_LENGTH": _PUT_METRIC_FILTER,
    "MAX_METRIC_NAME_LENGTH": _TRANSFORMATION,
    "MAX_METRIC_VALUE_LENGTH": _TRANSFORMATION,
    "MAX_DIMENSIONS": _TRANSFORMATION,
    "MAX_DIMENSION_TEXT_LENGTH": _TRANSFORMATION,
    "MAX_TEST_MESSAGES": _TEST,
}
"""Where each of AWS's limits is documented."""
