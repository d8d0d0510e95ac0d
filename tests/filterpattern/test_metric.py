"""What a filter publishes: the documented, and the reported, which says that it is only reported."""

import pytest

import filterpattern
from filterpattern import Datum, Metric, MetricError, lint_metric
from filterpattern._metric import (
    DEFAULT_FOR_MISSING,
    DEFAULT_PER_MESSAGE,
    DIMENSION_OF_OTHER_KIND,
    MISSING_DROPS_DIMENSIONS,
)

LATENCY = filterpattern.compile("{ $.latency = * }")
ANY_EVENT = filterpattern.compile("{ $.id NOT EXISTS }")
FIELDS = filterpattern.compile("[ip, user, , size]")


def test_the_documented_example():
    metric = Metric(LATENCY, value="$.latency")
    assert metric.publish('{"latency": 50, "requestType": "GET"}') == Datum(50.0)
    assert metric.publish('{"requestType": "GET"}') is None


def test_a_constant_counts_matches():
    metric = Metric(LATENCY)
    assert metric.publish({"latency": 50}) == Datum(1.0)
    assert metric.publish("not json") is None
    assert Metric(filterpattern.compile("ERROR"), value="2.5").publish("an ERROR") == Datum(2.5)


VALUES = [
    (7, 7.0),
    (7.5, 7.5),
    ("7.5", 7.5),
    (True, None),
    ("seven", None),
    ({}, None),
    ([7], None),
    (float("inf"), None),
    (10**400, None),
    ("1e400", None),
]


@pytest.mark.parametrize(("node", "value"), VALUES, ids=[repr(row[0])[:20] for row in VALUES])
def test_the_value_of_a_field(node, value):
    datum = Metric(ANY_EVENT, value="$.n", default=0).publish({"n": node})
    assert datum == (None if value is None else Datum(value))


@pytest.mark.parametrize("event", [{}, {"n": None}, {"m": 5}])
def test_the_default_where_the_field_is_missing(event):
    assert Metric(ANY_EVENT, value="$.n").publish(event) is None
    assert Metric(ANY_EVENT, value="$.n", default=3).publish(event) == Datum(3, unsettled=(DEFAULT_FOR_MISSING,))


def test_the_default_where_nothing_matches():
    datum = Metric(LATENCY, value="$.latency", default=0).publish("{}")
    assert datum == Datum(0, unsettled=(DEFAULT_PER_MESSAGE,))


def test_dimensions():
    metric = Metric(ANY_EVENT, dimensions={"User": "$.user.name", "Code": "$.codes[0]"})
    assert metric.publish({"user": {"name": "ann"}, "codes": [404]}) == Datum(1.0, {"User": "ann", "Code": "404"})
    assert metric.publish({"user": {"name": "ann"}}) == Datum(1.0, unsettled=(MISSING_DROPS_DIMENSIONS,))
    assert metric.publish({"user": {"name": True}, "codes": [1]}) == Datum(
        1.0, unsettled=(MISSING_DROPS_DIMENSIONS, DIMENSION_OF_OTHER_KIND)
    )


def test_fields_of_a_space_delimited_pattern():
    metric = Metric(FIELDS, value="$size", dimensions={"Ip": "$ip", "Third": "$3"})
    assert metric.publish("10.0.0.1 ann x 1534") == Datum(1534.0, {"Ip": "10.0.0.1", "Third": "x"})
    assert metric.publish("10.0.0.1 ann x 1534 more") is None  # the last field takes the rest, which is no number
    assert metric.publish(b"10.0.0.1 ann x 7") == Datum(7.0, {"Ip": "10.0.0.1", "Third": "x"})


FOUR = {"a": "$.a", "b": "$.b", "c": "$.c", "d": "$.d"}
REFUSED = [
    (LATENCY, {"value": "$.a[*]"}, "metric-value", "a wildcard gives more than one value"),
    (LATENCY, {"value": "latency"}, "metric-value", "a field starts with $."),
    (LATENCY, {"value": "$.a + 1"}, "metric-value", "more than one field"),
    (LATENCY, {"value": "$['a']"}, "metric-value", "a selector starts with $."),
    (LATENCY, {"value": "$." + "a" * 99}, "metric-value", "101 characters; a metric's value may have 100"),
    (FIELDS, {"value": "$bytes"}, "metric-value", "the pattern has no field $bytes"),
    (filterpattern.compile("ERROR"), {"value": "$.a"}, "metric-value", "only JSON and space-delimited"),
    (filterpattern.compile("%ERROR%"), {"dimensions": {"a": "$.a"}}, "dimension-form", "need a JSON"),
    (LATENCY, {"dimensions": FOUR}, "dimension-form", "4 dimensions; there may be 3"),
    (LATENCY, {"dimensions": {"a" * 256: "$.a"}}, "dimension-form", "256 characters"),
    (LATENCY, {"dimensions": {"": "$.a"}}, "dimension-form", "0 characters"),
    (LATENCY, {"dimensions": {"a": "$." + "a" * 254}}, "dimension-form", "256 characters"),
    (LATENCY, {"dimensions": {"a": "ann"}}, "dimension-form", "dimension a: a field starts with $."),
    (LATENCY, {"dimensions": {"a": "$.a"}, "default": 0}, "dimension-default", "both dimensions and a default"),
]


@pytest.mark.parametrize(("pattern", "options", "code", "why"), REFUSED, ids=[f"{r[2]}: {r[3]}" for r in REFUSED])
def test_refused(pattern, options, code, why):
    (finding,) = lint_metric(pattern, **options)
    assert finding.code == code
    assert why in finding.why
    with pytest.raises(MetricError) as caught:
        Metric(pattern, **options)
    assert caught.value.findings == (finding,)
    assert finding.why in str(caught.value)


def test_all_problems_at_once():
    with pytest.raises(MetricError) as caught:
        Metric(LATENCY, value="x", default=1, dimensions={"a": "b"})
    assert [finding.code for finding in caught.value.findings] == [
        "metric-value",
        "dimension-default",
        "dimension-form",
    ]
    assert len(str(caught.value).splitlines()) > 3
