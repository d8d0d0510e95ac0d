"""The Athena translation. Nobody can run Athena here; DuckDB runs the same text, with Trino's functions as macros, over
rows as the CloudTrail table would have them."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import catalog
import filterpattern
from filterpattern import TranslationError, cidr, to_athena
from filterpattern import _to_athena as athena
from filterpattern._render import render
from filterpattern._tree import And, Compare, Is, NotExists, Number, Or, Regex, Selector, String
from tests.support import patterns
from tests.support.effort import examples
from tests.support.trino import refusal

MACROS = [
    """CREATE MACRO json_extract_scalar(j, p) AS
       CASE WHEN json_type(j, p) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE json_extract_string(j, p) END""",
    "CREATE MACRO json_format(j) AS CAST(j AS VARCHAR)",
    "CREATE MACRO regexp_like(s, r) AS regexp_matches(s, r)",
]
ISSUER = "STRUCT(type VARCHAR, principalid VARCHAR, arn VARCHAR, accountid VARCHAR, username VARCHAR)"
ATTRIBUTES = "STRUCT(mfaauthenticated VARCHAR, creationdate VARCHAR)"
IDENTITY = (
    "STRUCT(type VARCHAR, principalid VARCHAR, arn VARCHAR, accountid VARCHAR, invokedby VARCHAR, accesskeyid VARCHAR, "
    f"username VARCHAR, sessioncontext STRUCT(attributes {ATTRIBUTES}, sessionissuer {ISSUER}))"
)
TEXT_COLUMNS = sorted(athena._TEXT_COLUMNS | {"readOnly"})
JSON_COLUMNS = sorted(athena._JSON_COLUMNS)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for macro in MACROS:
            connection.execute(macro)
        columns = ", ".join(f"{name.lower()} VARCHAR" for name in TEXT_COLUMNS + JSON_COLUMNS)
        connection.execute(f"CREATE TABLE events (n INTEGER, useridentity {IDENTITY}, {columns})")
        yield connection


def as_text(value: Any) -> str | None:
    """What the table's reader makes of a value in a text column: booleans and numbers as JSON writes them."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


def row(number: int, event: dict[str, Any]) -> list[Any]:
    identity = event.get("userIdentity")
    context = (identity or {}).get("sessionContext") or {}
    keys = ("type", "principalId", "arn", "accountId", "userName")
    members = identity and {
        **{key.lower(): identity.get(key) for key in (*keys, "invokedBy", "accessKeyId")},
        "sessioncontext": {
            "attributes": {
                key.lower(): context.get("attributes", {}).get(key) for key in ("mfaAuthenticated", "creationDate")
            },
            "sessionissuer": {key.lower(): context.get("sessionIssuer", {}).get(key) for key in keys},
        },
    }
    jsons = [None if event.get(name) is None else json.dumps(event[name]) for name in JSON_COLUMNS]
    return [number, members, *(as_text(event.get(name)) for name in TEXT_COLUMNS), *jsons]


def load(database: duckdb.DuckDBPyConnection, events: list[dict[str, Any]]) -> None:
    columns = 2 + len(TEXT_COLUMNS) + len(JSON_COLUMNS)
    marks = f"({', '.join('?' * columns)})"
    values = [value for n, event in enumerate(events) for value in row(n, event)]
    database.execute("DELETE FROM events")
    database.execute(f"INSERT INTO events VALUES {', '.join([marks] * len(events))}", values)


def verdicts(database: duckdb.DuckDBPyConnection, condition: str, count: int) -> list[bool]:
    kept = {n for (n,) in database.execute(f"SELECT n FROM events WHERE {condition}").fetchall()}
    return [n in kept for n in range(count)]


def test_the_catalogue_on_its_own_samples(database):
    events = [dict(sample.event) for entry in catalog.EVENT_SETS.values() for sample in entry.samples]
    load(database, events)
    refused = []
    for name, entry in catalog.EVENT_SETS.items():
        try:
            translation = to_athena(entry.pattern)
        except TranslationError as error:
            refused.append((name, str(error)))
            continue
        pattern = filterpattern.compile(entry.pattern)
        assert verdicts(database, translation.text, len(events)) == [pattern.matches(event) for event in events], name
    assert len(refused) * 4 < len(catalog.EVENT_SETS)
    assert all("wildcard" in reason or "no column" in reason for _, reason in refused)


TEXT_FIELDS = [
    ("eventName",),
    ("errorCode",),
    ("userIdentity", "type"),
    ("userIdentity", "sessionContext", "sessionIssuer", "arn"),
]
JSON_FIELDS = [
    ("requestParameters", "a"),
    ("requestParameters", "b c"),
    ("responseElements", "l", 1),
    ("additionalEventData", "a", "b"),
]
texts = st.sampled_from(["x", "y", "xy", "it's", "50%", "a_b", "back\\slash", "5", "true", "null", "é", "x\n"])
literals = st.one_of(
    texts.map(String),
    st.sampled_from(["x*", "*y", "x*y", "*", "t*e", "50%*", "*_*"]).map(String),
    st.sampled_from(["5", "5.5", "-1"]).map(Number),
    st.sampled_from(["^x", "y$", "^[0-9]+$", "tr?ue", "x.", r"\\"]).map(Regex),
)
text_selectors, json_selectors = (st.sampled_from(paths).map(Selector) for paths in (TEXT_FIELDS, JSON_FIELDS))
conditions = st.one_of(
    st.builds(Compare, text_selectors | json_selectors, st.sampled_from(["=", "!="]), literals),
    st.builds(Compare, json_selectors, st.sampled_from(["<", ">="]), st.sampled_from(["5", "5.5"]).map(Number)),
    st.builds(Is, json_selectors, st.sampled_from([None, True, False])),
    st.builds(NotExists, text_selectors | json_selectors),
    st.builds(Is, st.just(Selector(("readOnly",))), st.booleans()),
)
trees = st.recursive(
    conditions,
    lambda inner: st.builds(
        lambda kind, parts: kind(tuple(parts)), st.sampled_from([And, Or]), st.lists(inner, min_size=2, max_size=3)
    ),
    max_leaves=4,
).filter(patterns._within_limits)
values = st.one_of(texts, st.sampled_from([5, 5.5, -1, 6, True, False, None]), st.just([1]), st.just({"k": "x"}))


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    event: dict[str, Any] = {"readOnly": draw(st.booleans())} if draw(st.booleans()) else {}
    for path in TEXT_FIELDS + JSON_FIELDS:
        if draw(st.booleans()):
            value = draw(texts if path in TEXT_FIELDS else values)
            place: Any = event
            for step, after in zip(path, (*path[1:], None), strict=True):
                inner: Any = value if after is None else [None, None] if isinstance(after, int) else {}
                if isinstance(step, int):
                    place[step] = inner
                else:
                    place = place.setdefault(step, inner)
    return event


@settings(max_examples=examples(75))
@given(trees, st.lists(events(), min_size=1, max_size=5))
def test_it_agrees_with_the_evaluator(database, tree, found):
    pattern = filterpattern.compile(render(tree))
    translation = to_athena(pattern)
    # DuckDB spells a quoted step of a JSON path in another way, and its $ is Trino's \\z.
    condition = translation.text.replace('["b c"]', '."b c"').replace("\\z", "$")
    load(database, found)
    assert verdicts(database, condition, len(found)) == [pattern.matches(event) for event in found], translation


@settings(max_examples=examples(20))
@given(trees)
def test_it_is_a_condition_in_the_grammar_of_trino(tree):
    """DuckDB takes more than Athena does."""
    condition = to_athena(filterpattern.compile(render(tree))).text
    assert refusal(f"SELECT 1 FROM logs WHERE {condition}") == ""


CONDITIONS = ['= "true"', '= "t*e"', "= %tr?ue%", '= "*"', '!= "x"', '!= "true"', "IS TRUE", "IS FALSE", "IS NULL"]
CONDITIONS += ["NOT EXISTS", "= 5", "!= 5", "> 4", "<= 5", '= "5"', '!= "5"']


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_kind_of_value_inside_json_text(database, condition):
    found = [
        {"requestParameters": {"a": value}}
        for value in (True, False, "true", "false", "x", 5, "5", 6, "6", None, [5], {"b": 5})
    ]
    found.append({"requestParameters": {}})
    load(database, found)
    pattern = filterpattern.compile(f"{{ $.requestParameters.a {condition} }}")
    assert verdicts(database, to_athena(pattern).text, len(found)) == [pattern.matches(event) for event in found]


WRITTEN = [
    ('{ $.eventName = "A" }', "eventname = 'A'"),
    ('{ $.eventName = "A" || $.eventName = "B" }', "eventname IN ('A', 'B')"),
    ('{ $.eventName = "A*" || $.eventName = "B" }', r"eventname LIKE 'A%' ESCAPE '\' OR eventname = 'B'"),
    ('{ $.eventName != "it\'s_*" }', r"eventname NOT LIKE 'it''s\_%' ESCAPE '\'"),
    ('{ $.eventName = "*" && $.eventName != %^a$% }', r"eventname IS NOT NULL AND NOT regexp_like(eventname, '^a\z')"),
    ("{ $.userIdentity.sessionContext.attributes.mfaAuthenticated = true }",
     "useridentity.sessioncontext.attributes.mfaauthenticated = 'true'"),
    ("{ $.userIdentity.accountId = 012 }", "useridentity.accountid = '012'"),
    ('{ $.requestParameters.a.b[0] = "x" }', "json_extract_scalar(requestparameters, '$.a.b[0]') = 'x'"),
    ("{ $.requestParameters.['a-b'] = \"x\" }", "json_extract_scalar(requestparameters, '$[\"a-b\"]') = 'x'"),
    ("{ $.requestParameters.a IS TRUE }", "json_format(json_extract(requestparameters, '$.a')) = 'true'"),
    ('{ $.requestParameters.a != "x" }',
     ("json_format(json_extract(requestparameters, '$.a')) NOT IN ('true', 'false') AND "
     "json_extract_scalar(requestparameters, '$.a') <> 'x'")),
    ("", "TRUE"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "condition"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_how_it_is_written(text, condition):
    assert to_athena(text).text == condition


def test_an_address_block_is_compared_as_text():
    assert to_athena(cidr("10.0.0.0/8")).text == r"sourceipaddress LIKE '10.%' ESCAPE '\'"
    assert (
        r"regexp_like(sourceipaddress, '^10\.|^172\.1[6-9]\." in to_athena(cidr(["172.16.0.0/12", "10.0.0.0/8"])).text
    )


CAVEATS = [
    ('{ $.eventName = "A" && $.userIdentity.invokedBy NOT EXISTS }', []),
    ("{ $.userIdentity.sessionContext NOT EXISTS }", [athena.NULL_OR_MISSING]),
    ("{ $.errorCode IS NULL }", [athena.NULL_OR_MISSING]),
    ("{ $.responseElements IS NULL }", [athena.NULL_OR_MISSING]),
    ("{ $.readOnly IS FALSE }", [athena.BOOLEAN_OR_TEXT]),
    ("{ $.requestParameters.a NOT EXISTS }", [athena.NULL_KEPT_APART]),
    ("{ $.requestParameters.a IS NULL }", [athena.NULL_KEPT_APART]),
    ("{ $.requestParameters.a = 5 || $.requestParameters.a > 5 }", [athena.AS_DOUBLES]),
    ('{ $.requestParameters.a = "5*" }', [athena.TEXT_OF_NUMBERS]),
]


@pytest.mark.parametrize(("text", "caveats"), CAVEATS, ids=[row[0] for row in CAVEATS])
def test_caveats(text, caveats):
    assert list(to_athena(text).caveats) == caveats


REFUSED = [
    ("ERROR", "not the text of messages"),
    ("[a, b]", "not the text of messages"),
    ('{ $.resources[*].ARN = "x" }', "no wildcard"),
    ('{ $.somethingElse = "x" }', "no column for $.somethingElse"),
    ('{ $.eventname = "x" }', "no column for $.eventname"),
    ('{ $.userIdentity.nothing = "x" }', "no column for $.userIdentity.nothing"),
    ('{ $.userIdentity = "x" }', "is no text"),
    ('{ $.requestParameters = "x" }', "is no text"),
    ('{ $.readOnly = "true" }', "is no text"),
    ("{ $.eventName IS TRUE }", "never a boolean"),
    ("{ $.eventVersion > 1.05 }", "which no > matches"),
    ("{ $.requestParameters.['a\"b'] = 1 }", "cannot be written"),
    ('{ $.eventName = "\ud800" }', "surrogate"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[ascii(row[0]) for row in REFUSED])
def test_refused(text, reason):
    with pytest.raises(TranslationError) as caught:
        to_athena(text)
    assert reason in str(caught.value)
