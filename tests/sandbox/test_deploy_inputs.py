"""What reaches a creator: plain values, and nothing lost on the way."""

import io
import stat
import zipfile
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from sandbox.deploy import CREATED, RECORDED_ONLY
from sandbox.deploy._inputs import SECRET, SIGNATURE, Inputs, UnsupportedInputError, plain, shaped
from sandbox.deploy._resource import Resource
from sandbox.deploy.creators import _lambda

scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


def as_on_the_wire(value: Any) -> Any:
    """Numbers as floats and every leaf a secret: the worst that Pulumi's wire format does to a value."""
    if isinstance(value, dict):
        return {key: as_on_the_wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_on_the_wire(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    return None if value is None else {SIGNATURE: SECRET, "value": value}


@given(values)
def test_plain_undoes_what_the_wire_does(value: Any) -> None:
    assert plain(as_on_the_wire(value)) == without_none(value)


def test_the_signatures_are_those_of_the_sdk() -> None:
    assert (rpc._special_sig_key, rpc._special_secret_sig) == (SIGNATURE, SECRET)


def test_fractions_stay_fractions() -> None:
    assert plain({"threshold": 0.5, "period": 300.0}) == {"threshold": 0.5, "period": 300}


def test_what_nobody_read_is_listed() -> None:
    inputs = Inputs({"name": "a", "tags": None, "policy": "p", "region": "eu-west-1", "forceDestroy": True})
    assert (inputs["name"], inputs.get("tags", {}), inputs.present({"region": "Region", "kmsKeyId": "Key"})) == (
        "a",
        {},
        {"Region": "eu-west-1"},
    )
    assert inputs.unread == ["forceDestroy", "policy"]
    inputs.set_aside("forceDestroy")
    assert inputs.unread == ["policy"]


def test_a_missing_input_is_named() -> None:
    with pytest.raises(UnsupportedInputError, match="the input bucket is missing"):
        Inputs({})["bucket"]


def test_a_nested_input_gets_the_words_of_the_api() -> None:
    shape = {"id": "ID", "rules": ("Rules", {"days": "Days"}), "one": ("One", {"arn": "Arn"})}
    nested = {"id": "x", "rules": [{"days": 1}, {"days": 2}], "one": {"arn": "a"}}
    assert shaped(nested, shape, path="it") == {"ID": "x", "Rules": [{"Days": 1}, {"Days": 2}], "One": {"Arn": "a"}}


def test_a_nested_input_that_the_shape_does_not_know_is_named_with_its_place() -> None:
    shape = {"rules": ("Rules", {"days": "Days"})}
    with pytest.raises(UnsupportedInputError, match=r"it\.rules\[1\]\.hours; it knows days"):
        shaped({"rules": [{"days": 1}, {"hours": 2}]}, shape, path="it")


def resource(name: str = "audit", **inputs: Any) -> Resource:
    return Resource(
        token="aws:t/t:T", name=name, inputs=Inputs(inputs), region="eu-west-1", account="1", client=lambda *_: None
    )


def test_names_are_made_as_the_provider_makes_them() -> None:
    made = resource().physical_name()
    assert pytest.approx(len("audit-") + 7) == len(made)
    prefix, _, digits = made.rpartition("-")
    assert prefix == "audit"
    assert set(digits) <= set("0123456789abcdef")
    assert resource().physical_name() != made
    assert resource(name_="x").physical_name(prefix="alias/").startswith("alias/audit-")


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [({"name": "fixed"}, "fixed"), ({"namePrefix": "pre-"}, "pre-")],
    ids=["a fixed name stays", "a prefix stays in front"],
)
def test_names_the_program_decides(inputs: dict[str, str], expected: str) -> None:
    assert resource(**inputs).physical_name().startswith(expected)


def test_the_archive_is_readable_for_the_user_that_runs_it(tmp_path: Path) -> None:
    source = tmp_path / "handler.py"
    source.write_text("code")
    code = pulumi.AssetArchive({"b/text.txt": pulumi.StringAsset("hello"), "a.py": pulumi.FileAsset(str(source))})
    with zipfile.ZipFile(io.BytesIO(_lambda.archive(code))) as package:
        assert {entry.filename: package.read(entry) for entry in package.infolist()} == {
            "a.py": b"code",
            "b/text.txt": b"hello",
        }
        assert {stat.S_IMODE(entry.external_attr >> 16) for entry in package.infolist()} == {0o644}
    assert _lambda.archive(code) == _lambda.archive(code)


@pytest.mark.parametrize(
    "code",
    [
        pulumi.FileArchive("lambda"),
        pulumi.AssetArchive({"all": pulumi.FileArchive("lambda")}),
        pulumi.AssetArchive({"far.py": pulumi.RemoteAsset("https://example.com/far.py")}),
    ],
    ids=["a folder", "a folder inside", "a file from elsewhere"],
)
def test_only_explicit_files_become_a_function(code: pulumi.Archive) -> None:
    with pytest.raises(UnsupportedInputError, match="expected"):
        _lambda.archive(code)


def test_a_type_is_created_or_recorded_never_both() -> None:
    assert not set(CREATED) & set(RECORDED_ONLY)
    assert all(reason for reason in RECORDED_ONLY.values())


def test_a_target_that_aws_refuses_inside_a_good_answer_is_an_error() -> None:
    class Events:
        def put_targets(self, **asked: Any) -> dict[str, Any]:
            refused = {"TargetId": asked["Targets"][0]["Id"], "ErrorCode": "LimitExceeded", "ErrorMessage": "too many"}
            return {"FailedEntryCount": 1, "FailedEntries": [refused]}

    target = Resource(
        token="aws:cloudwatch/eventTarget:EventTarget",
        name="guardian",
        inputs=Inputs({"rule": "changes", "arn": "arn:aws:sqs:eu-west-1:1:queue"}),
        region="eu-west-1",
        account="1",
        client=lambda *_: Events(),
    )
    with pytest.raises(ValueError, match="LimitExceeded: too many"):
        CREATED[target.token](target)
