"""The records are whole CloudTrail records of an account that exists nowhere."""

import ipaddress
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import catalog
from catalog import EVENT_SETS

FOLDER = Path(catalog.__file__).parent / "records"
RECORDS = [pytest.param(path, id=path.stem) for path in sorted(FOLDER.glob("*.json"))]
ALWAYS = {
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "requestParameters",
    "responseElements",
    "eventID",
    "readOnly",
    "eventType",
    "managementEvent",
    "recipientAccountId",
    "eventCategory",
}
DOCUMENTATION = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
ACCOUNTS = {"111122223333", "444455556666"}
"""Account ids that AWS's own documentation uses for examples."""


def all_events() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, event_set in EVENT_SETS.items():
        for sample in event_set.samples:
            yield f"{name}: {sample.why}", sample.event
        for noise in event_set.noise:
            if noise.example:
                yield f"{name}: noise: {noise.example.why}", noise.example.event
    for path in sorted(FOLDER.glob("*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


def is_documented_address(address: str) -> bool:
    """A documentation address, or what CloudTrail writes in place of one."""
    if address == "AWS Internal" or re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", address):
        return True
    return any(ipaddress.ip_address(address) in network for network in DOCUMENTATION)


@pytest.mark.parametrize("path", RECORDS)
def test_a_record_is_one_json_object_as_json_writes_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=2) + "\n"


def test_every_event_has_what_every_record_has() -> None:
    assert {title: ALWAYS - event.keys() for title, event in all_events() if ALWAYS - event.keys()} == {}


def test_every_event_has_the_types_that_cloudtrail_writes() -> None:
    wrong = [
        title
        for title, event in all_events()
        if not (
            event["eventVersion"] == "1.11"
            and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["eventTime"])
            and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event["eventID"])
            and isinstance(event["readOnly"], bool)
            and event["managementEvent"] is True
            and event["eventCategory"] == "Management"
            and event["eventType"] in ("AwsApiCall", "AwsConsoleSignIn", "AwsServiceEvent")
            and (event["requestParameters"] is None or isinstance(event["requestParameters"], dict))
            and (event["responseElements"] is None or isinstance(event["responseElements"], dict))
            and event["eventSource"].endswith(".amazonaws.com")
        )
    ]
    assert wrong == []


def test_a_failed_call_answers_nothing_and_says_why() -> None:
    wrong = [
        title
        for title, event in all_events()
        if "errorCode" in event and (event["responseElements"] is not None or not event.get("errorMessage"))
    ]
    assert wrong == []


def test_a_call_that_changes_nothing_is_marked_so() -> None:
    reads = re.compile(r"(Describe|List|Get|Head|Simulate|Generate)[A-Z]")
    wrong = [t for t, e in all_events() if e["readOnly"] is not bool(reads.match(e["eventName"]))]
    assert wrong == []


def test_nobody_real_appears() -> None:
    numbers = {n for _, event in all_events() for n in re.findall(r"(?<![\w.-])\d{12}(?!\w)", json.dumps(event))}
    assert numbers <= ACCOUNTS
    assert [t for t, e in all_events() if not is_documented_address(e["sourceIPAddress"])] == []


def test_identities_are_whole_for_their_type() -> None:
    needed = {
        "IAMUser": {"accountId", "userName"},
        "Root": {"principalId", "arn", "accountId"},
        "AssumedRole": {"principalId", "arn", "accountId", "accessKeyId", "sessionContext"},
        "FederatedUser": {"principalId", "arn", "accountId", "sessionContext"},
        "AWSService": {"invokedBy"},
        None: {"accountId", "invokedBy"},
    }
    wrong = [t for t, e in all_events() if needed[e["userIdentity"].get("type")] - e["userIdentity"].keys()]
    assert wrong == []


def test_every_kind_of_caller_appears() -> None:
    callers = {
        (event["userIdentity"].get("type"), "invokedBy" in event["userIdentity"], "sso.amazonaws.com" in str(event))
        for _, event in all_events()
    }
    assert callers >= {
        ("IAMUser", False, False),
        ("Root", False, False),
        ("AssumedRole", False, False),
        ("AssumedRole", False, True),
        ("AssumedRole", True, False),
        ("AWSService", True, False),
        (None, True, False),
    }


def test_every_record_is_used() -> None:
    used = {s.record for e in EVENT_SETS.values() for s in e.samples}
    used |= {noise.example.record for e in EVENT_SETS.values() for noise in e.noise if noise.example}
    assert sorted({path.stem for path in FOLDER.glob("*.json")} - used) == []
