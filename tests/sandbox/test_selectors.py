"""Which management events a trail's selectors let through."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.selectors import wants

WRITE = {
    "eventSource": "iam.amazonaws.com",
    "eventName": "CreateUser",
    "readOnly": False,
    "eventCategory": "Management",
}
READ = WRITE | {"eventName": "ListUsers", "readOnly": True}
KMS = READ | {"eventSource": "kms.amazonaws.com", "eventName": "Decrypt"}
DATA = READ | {"eventCategory": "Data"}


def advanced(*fields: dict[str, Any]) -> list[dict[str, Any]]:
    management = {"Field": "eventCategory", "Equals": ["Management"]}
    return [{"Name": "one", "FieldSelectors": [management, *fields]}]


@pytest.mark.parametrize(
    ("selectors", "taken"),
    [
        pytest.param(None, "write read kms", id="none: everything"),
        pytest.param([{}], "write read kms", id="basic, its defaults"),
        pytest.param([{"ReadWriteType": "All"}], "write read kms", id="all"),
        pytest.param([{"ReadWriteType": "WriteOnly"}], "write", id="write only"),
        pytest.param([{"ReadWriteType": "ReadOnly"}], "read kms", id="read only"),
        pytest.param([{"IncludeManagementEvents": False}], "", id="management events off: blind"),
        pytest.param([{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}], "write read", id="without KMS"),
        pytest.param(
            [{"ReadWriteType": "WriteOnly"}, {"ReadWriteType": "ReadOnly"}], "write read kms", id="any will do"
        ),
        pytest.param(advanced(), "write read kms", id="advanced, management"),
        pytest.param(advanced({"Field": "readOnly", "Equals": ["false"]}), "write", id="advanced, writes"),
        pytest.param(advanced({"Field": "readOnly", "Equals": ["true"]}), "read kms", id="advanced, reads"),
        pytest.param(
            advanced({"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}), "write read", id="advanced, no KMS"
        ),
        pytest.param(advanced({"Field": "eventName", "StartsWith": ["Cre", "Dec"]}), "write kms", id="starts with"),
        pytest.param(advanced({"Field": "eventName", "NotStartsWith": ["Cre"]}), "read kms", id="does not start with"),
        pytest.param(advanced({"Field": "eventName", "EndsWith": ["Users"]}), "read", id="ends with"),
        pytest.param(advanced({"Field": "eventName", "NotEndsWith": ["Users"]}), "write kms", id="does not end with"),
        pytest.param(
            advanced({"Field": "userIdentity.arn", "NotEquals": ["x"]}), "write read kms", id="a field deep down"
        ),
        pytest.param(
            [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}], "data", id="advanced, data only"
        ),
    ],
)
def test_wants(selectors: list[dict[str, Any]] | None, taken: str) -> None:
    records = {"write": WRITE, "read": READ, "kms": KMS, "data": DATA}
    assert " ".join(name for name, record in records.items() if wants(record, selectors)) == taken


OBJECT = DATA | {"resources": [{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::logs/a"}]}
FUNCTION = DATA | {"resources": [{"type": "AWS::Lambda::Function", "ARN": "arn:aws:lambda:eu-west-1:1:function:f"}]}


def basic_data(*values: str, **selector: Any) -> list[dict[str, Any]]:
    return [{"DataResources": [{"Type": "AWS::S3::Object", "Values": list(values)}], **selector}]


def advanced_data(*fields: dict[str, Any]) -> list[dict[str, Any]]:
    kind = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}
    return [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, kind, *fields]}]


@pytest.mark.parametrize(
    ("selectors", "taken"),
    [
        pytest.param(basic_data("arn:aws:s3"), "write object", id="every object"),
        pytest.param(basic_data("arn:aws:s3:::logs/"), "write object", id="of a bucket"),
        pytest.param(basic_data("arn:aws:s3:::other/"), "write", id="of another"),
        pytest.param(basic_data("arn:aws:s3", IncludeManagementEvents=False), "object", id="nothing but data"),
        pytest.param(basic_data("arn:aws:s3", ReadWriteType="WriteOnly"), "write", id="a read is no write"),
        pytest.param(advanced_data(), "object", id="advanced"),
        pytest.param(
            advanced_data({"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::logs/"]}),
            "",
            id="our own left out",
        ),
        pytest.param(
            advanced_data({"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::l"]}), "object", id="by beginning"
        ),
        pytest.param(advanced_data({"Field": "readOnly", "Equals": ["false"]}), "", id="advanced, writes"),
        pytest.param(None, "write", id="the default records no data"),
    ],
)
def test_data_events(selectors: list[dict[str, Any]] | None, taken: str) -> None:
    records = {"write": WRITE, "object": OBJECT, "function": FUNCTION}
    assert " ".join(name for name, record in records.items() if wants(record, selectors)) == taken
