"""Data protection policies of topics, which the emulator lacks: what SNS refuses of one, and what one holds back.

Sources: SNS Developer Guide, "Understanding data protection policies", "Custom data identifiers" and "Deleting data
protection policies"; the texts of refusals are worded after AWS's, which no reference lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

MAX_POLICY = 30_720  # SNS API reference, PutDataProtectionPolicy
VERSION = "2021-06-01"
OUTBOUND = "Outbound"

_DIRECTIONS = ("Inbound", OUTBOUND)
_OPERATIONS = ("Audit", "Deidentify", "Deny")
_MANAGED = "arn:aws:dataprotection::aws:data-identifier/"
# AWS finds its own identifiers by machine learning; these two are plain enough to be found by their form.
_FORMS: Mapping[str, str] = {
    f"{_MANAGED}EmailAddress": r"[\w.+-]+@[\w-]+(\.[\w-]+)+",
    f"{_MANAGED}IpAddress": r"\b\d{1,3}(\.\d{1,3}){3}\b",
}


def refused(text: str) -> str | None:
    """Why SNS refuses a policy, or None. An empty one deletes what is there."""
    if not text:
        return None
    if len(text) > MAX_POLICY:
        return f"Invalid parameter: DataProtectionPolicy Reason: longer than {MAX_POLICY:,} characters"
    try:
        policy = json.loads(text)
    except ValueError:
        return "Invalid parameter: DataProtectionPolicy Reason: not valid JSON"
    problem = next(_problems(policy), None)
    return f"Invalid parameter: DataProtectionPolicy Reason: {problem}" if problem else None


def holding_back(text: str, message: str) -> str | None:
    """The identifier because of which a topic with this policy delivers a message to nobody, or None.

    Deny of what goes out, to everybody: such are found by custom identifiers, and by addresses of mail and of IP.
    """
    if not text:
        return None
    policy = json.loads(text)
    custom = {each["Name"]: each["Regex"] for each in policy.get("Configuration", {}).get("CustomDataIdentifier", [])}
    for statement in policy["Statement"]:
        if "Deny" not in statement["Operation"] or statement["DataDirection"] != OUTBOUND:
            continue
        if "*" not in statement["Principal"]:
            continue
        for identifier in statement["DataIdentifier"]:
            form = custom.get(identifier) or _FORMS.get(identifier)
            if form and re.search(form, message):
                return identifier
    return None


def _problems(policy: Any) -> Iterator[str]:
    if not isinstance(policy, dict) or policy.get("Version") != VERSION or not policy.get("Name"):
        yield f"a policy has a Name and the Version {VERSION}"
        return
    if not isinstance(policy.get("Statement"), list) or not policy["Statement"]:
        yield "a policy has Statements"
        return
    custom = policy.get("Configuration", {}).get("CustomDataIdentifier", [])
    names = {each.get("Name") for each in custom}
    for each in custom:
        try:
            re.compile(each["Regex"])
        except (KeyError, re.error):
            yield "a CustomDataIdentifier has a Name and a valid Regex"
    for statement in policy["Statement"]:
        if statement.get("DataDirection") not in _DIRECTIONS:
            yield f"DataDirection is one of {', '.join(_DIRECTIONS)}"
        identifiers = statement.get("DataIdentifier") or []
        if not identifiers or any(one not in names and not str(one).startswith(_MANAGED) for one in identifiers):
            yield "DataIdentifier names AWS's identifiers by ARN, or custom ones"
        if not statement.get("Principal"):
            yield "a statement names its Principal"
        operations = statement.get("Operation") or {}
        if len(operations) != 1 or not operations.keys() <= set(_OPERATIONS):
            yield f"Operation is one of {', '.join(_OPERATIONS)}"
