"""Two spellings of event selectors, one meaning."""

from typing import Any

import pytest
from guardian.drift import compare, fingerprint, to_undo
from guardian.fields import FIELDS, Call
from guardian.selectors import MANAGEMENT, described, management_gaps, selectors_of
from guardian.setup import Setup
from hypothesis import given, seed
from hypothesis import strategies as st

from tests.support.guardian_world import ALL_MANAGEMENT, SETTINGS


def basic(**selector: Any) -> dict[str, Any]:
    return {"EventSelectors": [selector]}


def advanced(*selectors: dict[str, Any]) -> dict[str, Any]:
    """Each selector as {field: (operator, values)}."""
    return {
        "AdvancedEventSelectors": [
            {"Name": "x", "FieldSelectors": [{"Field": field, op: values} for field, (op, values) in each.items()]}
            for each in selectors
        ]
    }


CATEGORY = {"eventCategory": ("Equals", ["Management"])}
READS = {**CATEGORY, "readOnly": ("Equals", ["true"])}
WRITES = {**CATEGORY, "readOnly": ("Equals", ["false"])}
OBJECTS = {"eventCategory": ("Equals", ["Data"]), "resources.type": ("Equals", ["AWS::S3::Object"])}
IN_BUCKET = {**OBJECTS, "resources.ARN": ("StartsWith", ["arn:aws:s3:::a/"])}

SAME = [
    (basic(), advanced(CATEGORY)),
    (basic(ReadWriteType="All", IncludeManagementEvents=True, DataResources=[]), advanced(CATEGORY)),
    (basic(ReadWriteType="ReadOnly"), advanced(READS)),
    (basic(ReadWriteType="WriteOnly"), advanced(WRITES)),
    (
        basic(ExcludeManagementEventSources=["kms.amazonaws.com"]),
        advanced({**CATEGORY, "eventSource": ("NotEquals", ["kms.amazonaws.com"])}),
    ),
    (
        basic(IncludeManagementEvents=False, DataResources=[{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]),
        advanced(OBJECTS),
    ),
    (
        basic(DataResources=[{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::a/"]}]),
        advanced(CATEGORY, IN_BUCKET),
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_both_spellings_mean_the_same(one: dict[str, Any], other: dict[str, Any]):
    assert selectors_of(one) == selectors_of(other)


@pytest.mark.parametrize(
    ("answer", "gap"),
    [
        (basic(), ""),
        (advanced(CATEGORY), ""),
        (advanced(READS, WRITES), ""),
        (advanced(CATEGORY, OBJECTS), ""),
        (basic(ReadWriteType="ReadOnly"), "management events that write are not recorded"),
        (basic(ReadWriteType="WriteOnly"), "management events that only read are not recorded"),
        (basic(IncludeManagementEvents=False), "no management events are recorded"),
        (advanced(OBJECTS), "no management events are recorded"),
        ({}, "no management events are recorded"),
        (basic(ExcludeManagementEventSources=["kms.amazonaws.com"]), "some management events are left out"),
        (advanced({**CATEGORY, "eventName": ("Equals", ["Nothing"])}), "some management events are left out"),
    ],
)
def test_gaps_in_the_management_events(answer: dict[str, Any], gap: str):
    assert management_gaps(selectors_of(answer)) == ((gap,) if gap else ())


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (basic(), "all management events"),
        (advanced(CATEGORY, OBJECTS), "all management events; 1 selector of other events"),
        (
            basic(ExcludeManagementEventSources=["kms.amazonaws.com"]),
            "some management events are left out (kms.amazonaws.com)",
        ),
        ({}, "nothing is recorded"),
    ],
)
def test_in_words(answer: dict[str, Any], text: str):
    assert described(selectors_of(answer)) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Field", "Equals", "x"]), inner),
    max_leaves=6,
)


@seed(11)
@given(answer=st.dictionaries(st.sampled_from(["EventSelectors", "AdvancedEventSelectors", "InsightSelectors"]), JSON))
def test_reading_is_total(answer: dict[str, Any]):
    setup = Setup.read(answer)
    assert compare(setup, setup) == ()
    described(setup.events)


def test_the_default_selector_is_all_management_events():
    assert selectors_of({"EventSelectors": list(ALL_MANAGEMENT)}) == {MANAGEMENT}


WANTED = Setup.read({**SETTINGS, "EventSelectors": list(ALL_MANAGEMENT)})


def test_every_setting_is_compared():
    """A setting that nobody compares is a setting that anybody may change unseen."""
    assert {field.name for field in FIELDS} == set(Setup._fields)


def test_every_parameter_of_update_trail_is_compared():
    import botocore.session
    from botocore.model import StructureShape
    from guardian.repair import _PARAMETERS

    model = botocore.session.get_session().get_service_model("cloudtrail").operation_model("UpdateTrail")
    assert isinstance(model.input_shape, StructureShape)
    members = set(model.input_shape.members)  # pyright: ignore[reportArgumentType]
    assert members - {"Name"} == set(_PARAMETERS.values())
    assert {field.name for field in FIELDS if field.call is Call.UPDATE} == set(_PARAMETERS)


def test_insight_selectors_are_compared_by_kind():
    two = {"InsightSelectors": [{"InsightType": "ApiErrorRateInsight"}, {"InsightType": "ApiCallRateInsight"}]}
    wanted = Setup.read({**SETTINGS, "EventSelectors": list(ALL_MANAGEMENT), **two})
    (drift,) = compare(wanted, WANTED)
    assert drift.told == "insight selectors: none, wanted ApiCallRateInsight, ApiErrorRateInsight"
    assert to_undo([drift]) == (drift,)
    (more,) = compare(WANTED, wanted)
    assert to_undo([more]) == ()


CALLS = "ApiCallRateInsight"


def with_insights(*categories: str, kind: str = CALLS) -> Setup:
    """A trail that looks for one kind in these categories of events; without any in what CloudTrail then takes."""
    selector: dict[str, Any] = {"InsightType": kind} | ({"EventCategories": list(categories)} if categories else {})
    return Setup.read({**SETTINGS, "EventSelectors": list(ALL_MANAGEMENT), "InsightSelectors": [selector]})


@pytest.mark.parametrize(
    ("wanted", "actual", "told"),
    [
        ((), ("Data",), f"insight selectors: {CALLS} on data events, wanted {CALLS}"),
        (
            ("Management", "Data"),
            ("Data",),
            f"insight selectors: {CALLS} on data events, wanted {CALLS} on data events, {CALLS}",
        ),
        ((), ("Management",), ""),
        (("Data", "Management"), ("Management", "Data"), ""),
    ],
)
def test_insights_on_data_alone_are_not_those_on_management(
    wanted: tuple[str, ...], actual: tuple[str, ...], told: str
):
    drifts = compare(with_insights(*wanted), with_insights(*actual))
    assert [drift.told for drift in drifts] == ([told] if told else [])
    assert to_undo(drifts) == drifts


def test_insights_on_data_besides_are_more():
    (drift,) = compare(with_insights(), with_insights("Management", "Data"))
    assert drift.adds


def test_a_fingerprint_is_that_of_the_drift_alone():
    narrow = Setup.read({**SETTINGS, "IsMultiRegionTrail": False, "EventSelectors": list(ALL_MANAGEMENT)})
    moved = Setup.read({**SETTINGS, "S3BucketName": "x", "EventSelectors": list(ALL_MANAGEMENT)})
    prints = [fingerprint(compare(WANTED, each)) for each in (narrow, narrow, moved)]
    assert prints[0] == prints[1] != prints[2]
