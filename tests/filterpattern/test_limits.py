"""The limits are AWS's: where its service model holds a number, ours is that number."""

import botocore.session
import pytest

import filterpattern
from filterpattern import _limits

LOGS = botocore.session.Session().get_service_model("logs")
IN_THE_MODEL = [
    ("FilterPattern", "max", filterpattern.MAX_PATTERN_LENGTH),
    ("FilterName", "max", filterpattern.MAX_FILTER_NAME_LENGTH),
    ("MetricName", "max", filterpattern.MAX_METRIC_NAME_LENGTH),
    ("MetricNamespace", "max", filterpattern.MAX_METRIC_NAME_LENGTH),
    ("MetricValue", "max", filterpattern.MAX_METRIC_VALUE_LENGTH),
    ("DimensionsKey", "max", filterpattern.MAX_DIMENSION_TEXT_LENGTH),
    ("DimensionsValue", "max", filterpattern.MAX_DIMENSION_TEXT_LENGTH),
    ("TestEventMessages", "max", filterpattern.MAX_TEST_MESSAGES),
]


@pytest.mark.parametrize(("shape", "bound", "ours"), IN_THE_MODEL, ids=[row[0] for row in IN_THE_MODEL])
def test_the_service_model_agrees(shape, bound, ours):
    assert LOGS.shape_for(shape).metadata[bound] == ours


def test_every_limit_of_aws_names_its_source():
    limits = {name for name in vars(_limits) if name.startswith("MAX_")}
    ours_or_observed = {"MAX_EXPONENT", "MAX_REPEAT", "MAX_DEPTH", "MAX_REGEX_SIZE"}
    assert set(_limits.SOURCES) == limits - ours_or_observed
    assert all(source.startswith("https://docs.aws.amazon.com/") for source in _limits.SOURCES.values())


def test_everything_public_is_there():
    for name in filterpattern.__all__:
        assert getattr(filterpattern, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        filterpattern.nothing  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
