"""Data protection policies as CloudWatch Logs takes them: what a policy masks.

Source: CloudWatch Logs User Guide, "Understanding data protection policies" and "Custom data identifiers"; API
reference, PutDataProtectionPolicy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

VERSION = "2021-06-01"
MAX_IDENTIFIERS, MAX_NAME, MAX_REGEX = 10, 128, 200
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_REGEX = re.compile(r"[A-Za-z0-9_#=@/;,\- ^$?\[\]{}|\\*+.]+")


class PolicyError(ValueError):
    """A policy that CloudWatch Logs would refuse, or one of a kind that is not evaluated here."""


class MaskPolicy:
    """One policy. `text` is the document as it was given."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._regexes = tuple(_regexes(text))

    def mask(self, message: str) -> str:
        """A log event's message with asterisks in place of what the policy protects."""
        for regex in self._regexes:
            message = regex.sub(lambda found: "*" * len(found[0]), message)
        return message


def _regexes(text: str) -> list[re.Pattern[str]]:
    """What the policy's identifiers look for. Raises PolicyError."""
    try:
        document = json.loads(text)
        audit, mask = document["Statement"]
        listed = document.get("Configuration", {}).get("CustomDataIdentifier", [])
        custom = {each["Name"]: each["Regex"] for each in listed}
        wanted: Sequence[str] = mask["DataIdentifier"]
        operations = (audit["Operation"], mask["Operation"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PolicyError("The policy document is not valid.") from error
    if document.get("Version") != VERSION or not document.get("Name"):
        raise PolicyError(f"A policy has a name, and version {VERSION}.")
    if "FindingsDestination" not in operations[0].get("Audit", {}) or operations[1] != {
        "Deidentify": {"MaskConfig": {}}
    }:
        raise PolicyError("The first statement has to audit, the second to mask.")
    if audit.get("DataIdentifier") != wanted:
        raise PolicyError("Both statements must have the same data identifiers.")
    if managed := [each for each in wanted if each.startswith("arn:")]:
        raise PolicyError(f"The sandbox evaluates custom data identifiers only, and not {managed[0]}.")
    if unknown := [each for each in wanted if each not in custom]:
        raise PolicyError(f"There is no custom data identifier {unknown[0]}.")
    found = _compiled(custom)
    return [found[each] for each in wanted]


def _compiled(custom: Mapping[str, Any]) -> dict[str, re.Pattern[str]]:
    if len(custom) > MAX_IDENTIFIERS:
        raise PolicyError(f"A policy has at most {MAX_IDENTIFIERS} custom data identifiers.")
    found: dict[str, re.Pattern[str]] = {}
    for name, regex in custom.items():
        if len(name) > MAX_NAME or not _NAME.fullmatch(name):
            raise PolicyError(f"A custom data identifier cannot have the name {name!r}.")
        if len(regex) > MAX_REGEX or not _REGEX.fullmatch(regex):
            raise PolicyError(f"The regular expression of {name} is too long, or has characters that are not allowed.")
        try:
            found[name] = re.compile(regex)
        except re.error as error:
            raise PolicyError(f"The regular expression of {name} is not valid.") from error
    return found
