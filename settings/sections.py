"""What the value of each key is: its section, and whether there is one, a list of them, or some by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from settings.burst import Burst
from settings.keys import HOME_KEY
from settings.kinds import Email, EventSetName, EvidenceMode, Region, Switch, WatchName
from settings.remediation import Remediation
from settings.section import Section
from settings.subscribers import Subscriber
from settings.telling import Alerts
from settings.trail import TrailSettings
from settings.watching import CustomSet, EventSetSettings, SourceIp

CAN_BE_OFF: Final = frozenset({"burst"})
"""Sections that a stack may do without: `false` says so, over what it had before."""


@dataclass(frozen=True)
class Kind:
    """How the value of a key is built: one value, a list of values, or values by name."""

    shape: Literal["one", "list", "named"]
    value: TypeAdapter[Any]
    example: str
    model: type[Section] | None = None
    name: TypeAdapter[str] | None = None


def _kind(shape: Literal["one", "list", "named"], type_: Any, *, example: str | None = None, name: Any = None) -> Kind:
    model = type_ if isinstance(type_, type) and issubclass(type_, Section) else None
    return Kind(
        shape,
        TypeAdapter(type_),
        example or (model.EXAMPLE if model else ""),
        model,
        None if name is None else TypeAdapter(name),
    )


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        HOME_KEY: _kind("one", Region, example="eu-west-1"),
        "trail": _kind("one", TrailSettings),
        "regions": _kind("list", Region, example="[eu-west-1, us-east-1]"),
        "emails": _kind("list", Email, example="[security@example.com]"),
        "subscribers": _kind("list", Subscriber, example="[{protocol: email-json, endpoint: robot@example.com}]"),
        "eventSets": _kind("named", EventSetSettings, name=EventSetName, example="{trail-changes: {}}"),
        "customSets": _kind("named", CustomSet, name=WatchName, example="{secret-reads: {pattern: …}}"),
        "sourceIps": _kind("list", SourceIp, example="[{name: office, cidr: 203.0.113.0/24}]"),
        "burst": _kind("one", Burst),
        "remediation": _kind("one", Remediation),
        "alerts": _kind("one", Alerts),
        "evidence": _kind("one", EvidenceMode, example="keep"),
        "dashboard": _kind("one", Switch, example="true"),
    }
)
"""By key, in the order of the model."""
