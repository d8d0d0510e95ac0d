"""Events counted: who, what, from where, when, with which errors. Pure and total."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common.actor import actor_of
from common.places import Place
from common.record import region_of
from common.shapes import as_mapping, parse_time
from common.text import clean, error_name

from explainer.search import Found

_TARGETS = (
    "name", "trailName", "userName", "roleName", "groupName", "policyArn", "policyName", "bucketName", "keyId",
    "functionName", "instanceId", "groupId", "vpcId", "queueUrl", "topicArn", "tableName", "secretId", "detectorId",
)  # fmt: skip
KEPT = 200
"""Records that are kept whole."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event, in the words of a mail; every text is clean. `record` is None beyond the first `KEPT`."""

    event_id: str
    logged_ms: int
    at: datetime | None
    who: str
    call: str
    target: str
    error: str
    address: str
    account: str
    region: str
    record: Mapping[str, Any] | None

    def face(self, *, with_target: bool) -> str:
        """What makes the event unlike others, short; two events of one face are told together."""
        parts = [self.who, self.call, self.error, self.address, *([self.target] if with_target else [])]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def line_of(found: Found, *, place: Place, keep: bool = True) -> Line:
    """One event in words."""
    record = found.record
    error = record.get("errorCode")
    answer = as_mapping(record.get("responseElements"))
    failed = answer.get("ConsoleLogin") == "Failure"
    return Line(
        event_id=clean(found.event_id, 64),
        logged_ms=found.logged_ms,
        at=parse_time(record.get("eventTime")),
        who=actor_of(record, account=place.account).short,
        call=clean(record.get("eventName"), 64) or "a call without a name",
        target=target_of(record),
        error=error_name(error) if isinstance(error, str) and error else "Failure" if failed else "",
        address=clean(record.get("sourceIPAddress")) or "no address",
        account=clean(record.get("recipientAccountId"), 20) or place.account,
        region=region_of(record, place),
        record=record if keep else None,
    )


def target_of(record: Mapping[str, Any]) -> str:
    """What a call was about, by the parameters that name things; "" when none does."""
    asked = as_mapping(record.get("requestParameters"))
    named = [clean(asked.get(key), 120) for key in _TARGETS]
    return next((name for name in named if name), "")


@dataclass(kw_only=True)
class Tally:
    """Many events counted. `lines` has them all in the order of their time."""

    lines: tuple[Line, ...]
    calls: Counter[str] = field(default_factory=Counter)
    actors: Counter[str] = field(default_factory=Counter)
    addresses: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)
    regions: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "Tally":
        """The tally of some events."""
        ordered = tuple(sorted(lines, key=lambda line: (line.at.timestamp() if line.at else 0.0, line.logged_ms)))
        tally = cls(lines=ordered)
        for line in ordered:
            tally.calls[line.call] += 1
            tally.actors[line.who] += 1
            tally.addresses[line.address] += 1
            tally.accounts[line.account] += 1
            tally.regions[line.region] += 1
            if line.error:
                tally.errors[line.error] += 1
        return tally

    @property
    def count(self) -> int:
        """How many events."""
        return len(self.lines)

    @property
    def first(self) -> Line:
        """The earliest."""
        return self.lines[0]

    @property
    def last(self) -> Line:
        """The latest."""
        return self.lines[-1]
