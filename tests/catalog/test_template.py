"""Patterns with gaps: what fills them, and what is refused."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import filterpattern
from catalog import EVENT_SETS, EventSet, RenderError
from catalog.template import Parameter, Template
from settings.facts import BEGUN

REGIONS = ("eu-west-1", "us-east-1", "us-east-2", "ap-southeast-2", "us-gov-west-1", "sa-east-1", "eu-central-1")


def test_a_set_without_parameters_renders_its_pattern() -> None:
    event_set = EVENT_SETS["trail-changes"]
    assert dict(event_set.parameters) == {}
    assert event_set.render() == event_set.pattern


def test_a_set_without_parameters_refuses_facts() -> None:
    with pytest.raises(TypeError, match="trail-changes takes no facts; got regions"):
        EVENT_SETS["trail-changes"].render(regions=["eu-west-1"])


def test_out_of_region_is_the_reviewed_text() -> None:
    assert EVENT_SETS["out-of-region"].pattern == (
        '{ ($.awsRegion != "eu-west-1") && ($.awsRegion != "us-east-1") && ($.eventSource != "signin.amazonaws.com") '
        '&& ($.readOnly IS FALSE) && ($.eventType != "AwsServiceEvent") }'
    )


@given(regions=st.lists(st.sampled_from(REGIONS), min_size=1), where=st.sampled_from(REGIONS))
def test_out_of_region_matches_exactly_the_regions_that_are_not_named(regions: list[str], where: str) -> None:
    pattern = filterpattern.compile(EVENT_SETS["out-of-region"].render(regions=regions))
    event = next(s for s in EVENT_SETS["out-of-region"].samples if s.matches).event | {"awsRegion": where}
    assert pattern.matches(event) is (where not in regions and where != "us-east-1")


def test_each_region_is_said_once() -> None:
    text = EVENT_SETS["out-of-region"].render(regions=["us-east-1", "eu-west-1", "eu-west-1"])
    assert text.count("us-east-1") == text.count("eu-west-1") == 1


def test_a_missing_and_an_unknown_fact_are_told_apart() -> None:
    with pytest.raises(TypeError, match="out-of-region needs regions"):
        EVENT_SETS["out-of-region"].render()
    with pytest.raises(TypeError, match="out-of-region takes regions; got bucket"):
        EVENT_SETS["out-of-region"].render(regions=["eu-west-1"], bucket="example")


@pytest.mark.parametrize(
    "value",
    ["", "EU-WEST-1", "eu-west", 'eu-west-1" || ($.a = "b', "eu-west-1\n", "eu-*-1", "eu-west-1 "],
)
def test_a_value_that_could_change_the_pattern_is_refused(value: str) -> None:
    with pytest.raises(RenderError, match=r"out-of-region: regions: .* is not one of the regions the stack works in"):
        EVENT_SETS["out-of-region"].render(regions=[value])


def conditions(pattern: str) -> list[str]:
    """The selectors of a pattern and how they are compared, without the values."""
    return re.findall(r"\$\.[A-Za-z*\[\].]+ ?=", re.sub(r'"[^"]*"', '""', str(filterpattern.compile(pattern))))


FACTS = [pytest.param(e, f, id=f"{n}: {f}") for n, e in EVENT_SETS.items() for f in e.parameters]


@pytest.mark.parametrize(("event_set", "fact"), FACTS)
@settings(max_examples=30)
@given(junk=st.text(alphabet="\"\\\\%{}()[]$&|!<>' \n\t*@", min_size=1, max_size=3), place=st.sampled_from((0, 5, -1)))
def test_no_fact_lets_a_character_of_the_language_in(event_set: EventSet, fact: str, junk: str, place: int) -> None:
    """A star at the end is a wildcard where a beginning is asked for; anywhere else it is refused as well."""
    example = event_set.parameters[fact]
    value = (example if isinstance(example, str) else example[0]).removesuffix("*")
    value = value + junk if place == -1 else value[:place] + junk + value[place:]
    facts = {**event_set.parameters, fact: value}
    is_beginning = place == -1 and junk[-1] == "*"
    if fact == "alarms" and not set('"\\*\n\t') & set(junk.removesuffix("*") if is_beginning else junk):
        # People name alarms as they like: the text stays a text.
        assert conditions(event_set.render(**facts)) == conditions(event_set.pattern)
    elif junk == "*" and is_beginning and fact in BEGUN:
        assert f'{value}"' in str(filterpattern.compile(event_set.render(**facts)))
    else:
        with pytest.raises(RenderError):
            event_set.render(**facts)


@pytest.mark.parametrize("event_set", [e for e in EVENT_SETS.values() if e.parameters], ids=lambda e: e.name)
def test_a_template_with_its_examples_is_the_pattern(event_set: EventSet) -> None:
    assert event_set.render(**event_set.parameters) == event_set.pattern
    assert "${" not in event_set.pattern


def test_no_value_at_all_is_refused() -> None:
    with pytest.raises(RenderError, match="regions needs at least one value"):
        EVENT_SETS["out-of-region"].render(regions=[])


def test_more_regions_than_a_pattern_holds_are_refused_with_the_numbers() -> None:
    regions = [f"xx-somewhere-{n}" for n in range(10)] + [f"yy-somewhere-{n}" for n in range(10)]
    regions += [f"zz-somewhere-{n}" for n in range(10)]
    with pytest.raises(RenderError, match=r"would be 1\d\d\d characters long and CloudWatch allows 1024"):
        EVENT_SETS["out-of-region"].render(regions=regions)


def test_a_single_value_may_not_be_a_list() -> None:
    bucket = Parameter(name="bucket", what="bucket names", example="example", allowed="[a-z]+")
    template = Template(text='{ $.b = "${bucket}" }', parameters=(bucket,))
    assert template.example == '{ $.b = "example" }'
    assert template.render("x", {"bucket": ["mine"]}) == '{ $.b = "mine" }'
    with pytest.raises(RenderError, match="x: bucket takes exactly one value; got 2"):
        template.render("x", {"bucket": ["mine", "yours"]})


def test_a_text_is_one_value_not_a_list_of_letters() -> None:
    assert "eu-central-1" in EVENT_SETS["out-of-region"].render(regions="eu-central-1")


ALARMS = EVENT_SETS["self-alarms-logs"]


def alarm_event(key: str, *names: str) -> dict[str, object]:
    event = next(s for s in ALARMS.samples if s.matches).event
    lists: dict[str, object] = {"alarmNames": list(names), "muteTargets": {"alarmNames": list(names)}}
    return event | {"eventName": "SetAlarmState", "requestParameters": {key: (lists | {"alarmName": names[0]})[key]}}


@pytest.mark.parametrize("key", ["alarmName", "alarmNames", "muteTargets"])
@pytest.mark.parametrize(
    ("values", "ours", "others"),
    [
        (["watch-*"], ["watch-a", "watch-"], ["old-watch-a", "watch", "Watch-a"]),
        (["only-one"], ["only-one"], ["only-one-more", "not-only-one"]),
        (["watch-*", "source-ip-*"], ["watch-a", "source-ip-b"], ["a-watch-a", "source", "source-watch-"]),
        (["a.b(c)+", "watch-*"], ["a.b(c)+", "watch-a"], ["a.b(c)+x", "aXb(c)+", "xa.b(c)+", "a.b(c)"]),
        (["CloudTrail Changes", "Größe", "x%y"], ["CloudTrail Changes", "Größe", "x%y"], ["CloudTrail", "Grße", "x"]),
    ],
)
def test_alarms_are_found_by_whole_names_and_by_beginnings(
    key: str, values: list[str], ours: list[str], others: list[str]
) -> None:
    facts = {**ALARMS.parameters, "alarms": values}
    pattern = filterpattern.compile(ALARMS.render(**facts))
    for name in ours:
        assert pattern.matches(alarm_event(key, name)), name
        assert pattern.matches(alarm_event("alarmNames", "cpu-high", name, "disk-full")), name
    for name in others:
        assert not pattern.matches(alarm_event(key, name)), name


def test_one_beginning_costs_no_regex_and_several_cost_two() -> None:
    for values, regexes in ((["watch-*"], 0), (["watch-*", "acme-*"], 2), (["a-*", "b-*", "c-*", "d"], 2)):
        facts = {**ALARMS.parameters, "alarms": values}
        assert filterpattern.compile(ALARMS.render(**facts)).regexes == regexes
        assert [str(finding) for finding in filterpattern.lint(ALARMS.render(**facts))] == []


def test_an_alternative_without_its_facts_is_left_out() -> None:
    topics = Parameter(name="topics", what="topics", example=("x",), allowed="[a-z]+", each='($.a = "@")')
    rules = Parameter(
        name="rules", what="rules", example=("x",), allowed="[a-z]+", each='($.b = "@")', is_optional=True
    )
    template = Template.any_of(("(${topics})", "(${rules})"), (topics, rules))
    assert template.render("x", {"topics": ["mine"], "rules": ["my"]}) == '{(($.a = "mine")) || (($.b = "my"))}'
    assert template.render("x", {"topics": ["mine"], "rules": []}) == '{(($.a = "mine"))}'
    with pytest.raises(RenderError, match="topics needs at least one value"):
        template.render("x", {"topics": [], "rules": ["my"]})


def test_a_pattern_of_which_nothing_is_left_is_refused() -> None:
    """An empty pattern would match every event."""
    rules = Parameter(
        name="rules", what="rules", example=("x",), allowed="[a-z]+", each='($.a = "@")', is_optional=True
    )
    template = Template.any_of(("(${rules})",), (rules,))
    assert template.example == '{(($.a = "x"))}'
    with pytest.raises(RenderError, match="x: nothing is left to watch without rules"):
        template.render("x", {"rules": []})
