"""EventBridge rules with their targets, and the bus that they hear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from account.answers import Answer
from account.arns import name_of, region_of
from account.session import Session

ENABLED = frozenset({"ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"})


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a rule sends. `role_arn` and `dead_letter_arn` are empty where there is none."""

    id: str
    arn: str
    role_arn: str
    dead_letter_arn: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule on a bus. `pattern` is the event pattern's JSON text, empty for a schedule."""

    name: str
    arn: str
    region: str
    bus: str
    state: str
    pattern: str
    targets: Answer[tuple[Target, ...]]

    @property
    def is_enabled(self) -> bool:
        """Whether the rule hears anything."""
        return self.state in ENABLED

    @property
    def bus_arn(self) -> str:
        """The ARN of the bus that it hears."""
        return f"{self.arn.partition(':rule/')[0]}:event-bus/{self.bus}"


@dataclass(frozen=True, kw_only=True)
class EventBus:
    """One event bus. `kms_key` is the customer key that encrypts its rules' patterns and targets; empty for AWS's."""

    name: str
    arn: str
    region: str
    kms_key: str


def event_bus(session: Session, arn: str) -> Answer[EventBus]:
    """An event bus by its ARN. Needs events:DescribeEventBus."""
    name, region = name_of(arn), region_of(arn)
    told = session.ask(
        "events",
        "DescribeEventBus",
        region=region,
        what=f"event bus {name}",
        none_if=("ResourceNotFoundException",),
        params={"Name": name},
    )
    return told.map(
        lambda raw: EventBus(name=name, arn=arn, region=region, kms_key=str(raw.get("KmsKeyIdentifier") or ""))
    )


def rule(session: Session, arn: str) -> Answer[Rule]:
    """A rule by its ARN. Needs events:DescribeRule and events:ListTargetsByRule."""
    bus, _, name = name_of(arn).rpartition("/")  # a rule on the default bus has no bus in its ARN
    region, where = region_of(arn), {"EventBusName": bus} if bus else {}
    told = session.ask(
        "events",
        "DescribeRule",
        region=region,
        what=f"rule {name}",
        none_if=("ResourceNotFoundException",),
        params={"Name": name, **where},
    )
    return told.map(
        lambda raw: Rule(
            name=name,
            arn=arn,
            region=region,
            bus=bus or "default",
            state=str(raw.get("State") or ""),
            pattern=str(raw.get("EventPattern") or ""),
            targets=_targets(session, region, {"Rule": name, **where}),
        )
    )


def _targets(session: Session, region: str, params: Mapping[str, str]) -> Answer[tuple[Target, ...]]:
    told = session.pages(
        "events",
        "ListTargetsByRule",
        "Targets",
        region=region,
        what=f"targets of rule {params['Rule']}",
        none_if=("ResourceNotFoundException",),
        params=params,
    )
    return told.map(lambda listed: tuple(map(_target, listed)))


def _target(raw: Mapping[str, Any]) -> Target:
    return Target(
        id=str(raw["Id"]),
        arn=str(raw["Arn"]),
        role_arn=str(raw.get("RoleArn") or ""),
        dead_letter_arn=str((raw.get("DeadLetterConfig") or {}).get("Arn") or ""),
    )
