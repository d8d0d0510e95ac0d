"""A fault in the data stops the load, is named with file and key, and does not hide the others."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import catalog
from catalog import PACKS, CatalogError, Catalogue

SET = """
title = "Bells"
why = "A bell that rings at night wakes somebody."
runbook = "Look who rang."
severity = "high"
recommended = true
source = "nowhere"
pattern = '{ $.eventName = "Ring" }'

[[noise]]
what = "The postman rings."
answer = "Suppress the postman."
suppression = '{ $.userIdentity.userName = "postman" }'
example = { why = "post", record = "bell", change = { "userIdentity.userName" = "postman" } }

[[samples]]
why = "somebody rings"
record = "bell"
matches = true

[[samples]]
why = "ringing twice"
record = "bell"
matches = true
calls = { Ring = { times = 2 } }

[[samples]]
why = "knocking"
record = "bell"
matches = false
change = { eventName = "Knock" }

[[samples]]
why = "reads"
record = "bell"
matches = false
calls = { GetBell = {}, ListBells = { page = 1 } }
"""
RECORD = {
    "eventID": "0",
    "eventName": "Ring",
    "userIdentity": {"userName": "alice"},
    "requestParameters": {"doors": [{"name": "front"}], "times": 1},
    "responseElements": {"ok": True},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue of one set, `bells`, in the pack `self`."""
    (tmp_path / "sets").mkdir()
    (tmp_path / "records").mkdir()
    sets = dict.fromkeys(PACKS, "[]") | {"self": "['bells']"}
    packs = [f'[{name}]\ntitle = "T"\nwhy = "W"\nsets = {listed}' for name, listed in sets.items()]
    (tmp_path / "packs.toml").write_text("\n".join(packs))
    (tmp_path / "sets/bells.toml").write_text(SET)
    (tmp_path / "records/bell.json").write_text(json.dumps(RECORD))
    return tmp_path


def test_a_whole_set(folder: Path) -> None:
    bells = Catalogue(folder)["bells"]
    assert (bells.name, bells.pack, bells.metric, bells.severity) == ("bells", "self", "Bells", "high")
    assert (bells.default_threshold, bells.default_period, bells.default_reason) == (1, 300, "")
    assert (dict(bells.controls), dict(bells.auditors), bells.auditor_exact) == ({}, {}, False)
    assert [(s.why, s.matches, s.event["eventName"], s.event["requestParameters"]) for s in bells.samples] == [
        ("somebody rings", True, "Ring", RECORD["requestParameters"]),
        ("ringing twice: Ring", True, "Ring", {"times": 2}),
        ("knocking", False, "Knock", RECORD["requestParameters"]),
        ("reads: GetBell", False, "GetBell", None),
        ("reads: ListBells", False, "ListBells", {"page": 1}),
    ]
    assert bells.noise[0].example is not None
    assert bells.noise[0].example.event["userIdentity"] == {"userName": "postman"}


def edit(old: str, new: str, *, file: str = "sets/bells.toml") -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        text = (folder / file).read_text()
        assert old in text, old
        (folder / file).write_text(text.replace(old, new, 1))

    return apply


FAULTS = {
    "unknown key": (
        edit('title = "Bells"', 'titel = "Bells"'),
        "sets/bells.toml: titel: no such key; did you mean 'title'?",
    ),
    "missing why": (edit('why = "A bell that rings at night wakes somebody."\n', ""), "sets/bells.toml: why: missing"),
    "empty why": (edit("A bell that rings at night wakes somebody.", ""), "sets/bells.toml: why: must not be empty"),
    "why is no sentence": (
        edit("wakes somebody.", "wakes somebody"),
        "why: must be a sentence: a capital at the start",
    ),
    "line break": (edit('"Bells"', '"Bells\\nand whistles"'), "title: must be one line without blanks around it"),
    "title too long": (edit('"Bells"', f'"{"B" * 61}"'), "title: is 61 characters long; 60 are allowed"),
    "bad severity": (
        edit('"high"', '"hihg"'),
        "severity: must be one of critical, high, medium, low; is 'hihg'; did you mean 'high'?",
    ),
    "wrong type": (edit("recommended = true", "recommended = 1"), "recommended: must be true or false, is 1"),
    "metric": (edit('source = "nowhere"', 'source = "n"\nmetric = "a:b"'), "metric: letters and digits only"),
    "threshold": (edit("[[noise]]", "[defaults]\nthreshold = 0\n[[noise]]"), "defaults: threshold: must be from 1 to"),
    "threshold is no number": (
        edit("[[noise]]", "[defaults]\nthreshold = true\n[[noise]]"),
        "defaults: threshold: must be a whole number, is True",
    ),
    "period": (
        edit("[[noise]]", '[defaults]\nperiod = 90\nreason = "so"\n[[noise]]'),
        "defaults: period: must be from 60 to 86400, in steps of 60, is 90",
    ),
    "unusual without reason": (
        edit("[[noise]]", "[defaults]\nthreshold = 5\n[[noise]]"),
        "defaults: reason: is needed",
    ),
    "reason without need": (edit("[[noise]]", '[defaults]\nreason = "so"\n[[noise]]'), "defaults: reason: is needed"),
    "unknown benchmark": (
        edit("[[noise]]", '[controls]\n"cis-1.3" = ["4.1"]\n[[noise]]'),
        "controls: cis-1.3: no such key; did you mean",
    ),
    "bare control number": (
        edit("[[noise]]", '[controls]\n"cis-1.4" = [4.1]\n[[noise]]'),
        "controls: cis-1.4: must be a list of texts, is [4.1]",
    ),
    "control number": (
        edit("[[noise]]", '[controls]\nsecurity-hub = ["4.1"]\n[[noise]]'),
        "controls: security-hub: '4.1' is not a control number of that benchmark",
    ),
    "controls without auditors": (
        edit("[[noise]]", '[controls]\n"cis-1.4" = ["4.1"]\n[[noise]]'),
        "auditors: a set with controls needs a verdict of each of security-hub, prowler, elastic",
    ),
    "refusal without reason": (
        edit("[[noise]]", "[auditors]\nelastic = { accepts = false }\n[[noise]]"),
        "auditors: elastic: why: say why the auditor does not accept the text",
    ),
    "auditors without controls": (
        edit("[[noise]]", "[auditors]\nelastic = { accepts = true }\n[[noise]]"),
        "auditors: nobody audits a set without controls",
    ),
    "unknown record": (
        edit('record = "bell"\nmatches = true', 'record = "bel"\nmatches = true'),
        "samples 1: record: there is no records/bel.json; did you mean 'bell'?",
    ),
    "unknown actor": (
        edit("matches = true", 'matches = true\nby = "nobody"'),
        "samples 1: by: there is no records/nobody.json",
    ),
    "too few positives": (
        edit("matches = true\ncalls = { Ring = { times = 2 } }", "matches = false"),
        "samples: at least two must have matches = true",
    ),
    "one reason twice": (
        edit('"knocking"', '"somebody rings"'),
        "samples: two of them say 'somebody rings'",
    ),
    "calls": (
        edit("Ring = { times = 2 }", "Ring = 2"),
        "samples 2: calls: Ring: must be a table of request parameters",
    ),
    "samples are no list": (
        lambda folder: (folder / "sets/bells.toml").write_text(SET.split("[[samples]]")[0] + "\n[samples]\n"),
        "samples: must be a list of tables, is {}",
    ),
    "suppression without example": (
        edit("example = { why", "exampel = { why"),
        "noise 1: example: a suppression needs an event that it is proven on",
    ),
    "no noise": (
        lambda folder: (folder / "sets/bells.toml").write_text(SET.replace("[[noise]]", "[[nois]]")),
        "noise: say what fires it falsely",
    ),
    "gap without parameter": (
        edit('"Ring" }', '"${ring}" }'),
        "pattern: ${ring} and the table of parameters do not agree",
    ),
    "parameter without gap": (
        edit("[[noise]]", '[parameters.rings]\nwhat = "w"\nexample = "a"\nallowed = "a"\n[[noise]]'),
        "pattern: ${rings} and the table of parameters do not agree",
    ),
    "not TOML": (edit('"high"', "high"), "sets/bells.toml: Invalid value"),
    "missing file": (lambda folder: (folder / "sets/bells.toml").unlink(), "sets/bells.toml: there is no such file"),
    "stray file": (
        lambda folder: (folder / "sets/whistles.toml").write_text(SET),
        "sets/whistles.toml: no pack in packs.toml lists it",
    ),
    "stray ending": (
        lambda folder: (folder / "sets/bells.yaml").write_text(""),
        "sets/bells.yaml: no pack in packs.toml lists it",
    ),
    "missing packs": (lambda folder: (folder / "packs.toml").unlink(), "packs.toml: there is no such file"),
    "missing pack": (edit("[compute]", "[computer]", file="packs.toml"), "packs.toml: compute: missing"),
    "in two packs": (
        edit("sets = []", "sets = ['bells']", file="packs.toml"),
        "packs.toml: self: sets: bells is in two packs",
    ),
    "not kebab-case": (
        edit("'bells'", "'Bells'", file="packs.toml"),
        "packs.toml: self: sets: 'Bells' is not kebab-case",
    ),
}


@pytest.mark.parametrize(("break_it", "expected"), FAULTS.values(), ids=FAULTS)
def test_faults(folder: Path, break_it: Callable[[Path], None], expected: str) -> None:
    break_it(folder)
    with pytest.raises(CatalogError) as caught:
        Catalogue(folder)["bells"]
    assert expected in str(caught.value)


def test_an_example_outside_what_is_allowed(folder: Path) -> None:
    edit('"Ring" }', '"${ring}" }')(folder)
    edit("[[noise]]", '[parameters.ring]\nwhat = "bells"\nexample = "b"\nallowed = "a"\n[[noise]]')(folder)
    with pytest.raises(CatalogError, match="parameters: example: ring: 'b' is not one of bells"):
        len(Catalogue(folder))


def test_all_faults_at_once(folder: Path) -> None:
    edit('"high"', '"loud"')(folder)
    edit('source = "nowhere"\n', "")(folder)
    edit('title = "T"', 'titel = "T"', file="packs.toml")(folder)
    with pytest.raises(CatalogError) as caught:
        len(Catalogue(folder))
    assert len(caught.value.problems) == 4
    assert str(caught.value) == "\n".join(caught.value.problems)


@pytest.mark.parametrize("key", ["title", "why", "metric", "pattern"])
def test_what_two_sets_share(folder: Path, key: str) -> None:
    edit("['bells']", "['bells', 'gongs']", file="packs.toml")(folder)
    (folder / "sets/gongs.toml").write_text(SET.replace("severity", 'metric = "Bells"\nseverity'))
    with pytest.raises(CatalogError) as caught:
        len(Catalogue(folder))
    assert f"sets/gongs.toml: {key}: the same as that of bells" in caught.value.problems


SAMPLE_FAULTS = {
    "no such key on the way": ("change", '{ "a.b" = 1 }', "bell has no 'a.b' (stopped at 'a')"),
    "below a text": ("change", '{ "eventName.x" = 1 }', "nothing can lie below 'eventName'"),
    "outside a list": ("change", '{ "requestParameters.doors.7" = {} }', "bell has no requestParameters.doors.7"),
    "nothing to remove": ("remove", '["errorCode"]', "remove: bell has no errorCode"),
}


@pytest.mark.parametrize(("key", "value", "expected"), SAMPLE_FAULTS.values(), ids=SAMPLE_FAULTS)
def test_a_change_that_leads_nowhere(folder: Path, key: str, value: str, expected: str) -> None:
    edit("matches = true", f"matches = true\n{key} = {value}")(folder)
    sample = Catalogue(folder)["bells"].samples[0]
    with pytest.raises(ValueError) as caught:
        sample.event  # noqa: B018 -- it is made when it is asked for
    assert "sets/bells.toml: samples 1" in str(caught.value)
    assert expected in str(caught.value)


def test_changes_reach_into_lists_and_null_and_remove_work(folder: Path) -> None:
    edit(
        "matches = true",
        'matches = true\nchange = { "requestParameters.doors.0.name" = "back" }\n'
        'null = ["responseElements"]\nremove = ["requestParameters.times"]',
    )(folder)
    event = Catalogue(folder)["bells"].samples[0].event
    assert event["requestParameters"] == {"doors": [{"name": "back"}]}
    assert event["responseElements"] is None


def test_another_record_lends_its_caller(folder: Path) -> None:
    caller = {"userIdentity": {"type": "Root"}, "sourceIPAddress": "203.0.113.1", "eventName": "Other"}
    (folder / "records/root.json").write_text(json.dumps(caller))
    edit("matches = true", 'matches = true\nby = "root"')(folder)
    event = Catalogue(folder)["bells"].samples[0].event
    assert (event["userIdentity"], event["sourceIPAddress"]) == ({"type": "Root"}, "203.0.113.1")
    assert event["eventName"] == "Ring"


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1} 2'])
def test_a_record_that_is_not_one_object(folder: Path, text: str) -> None:
    (folder / "records/bell.json").write_text(text)
    sample = Catalogue(folder)["bells"].samples[0]
    with pytest.raises(ValueError, match=r"records/bell\.json: "):
        sample.event  # noqa: B018


def test_nothing_is_read_before_somebody_looks(tmp_path: Path) -> None:
    nowhere = Catalogue(tmp_path / "nowhere")
    assert repr(nowhere) == "Catalogue('nowhere')"
    with pytest.raises(CatalogError):
        len(nowhere)


def test_the_shipped_data_lies_beside_the_code() -> None:
    """Packaging and the archives of Lambdas take the folder as it is."""
    root = Path(catalog.__file__).parent
    assert {path.name for path in root.iterdir() if path.suffix != ".py"} - {"__pycache__"} == {
        "packs.toml",
        "records",
        "sets",
    }
