"""The desired state: what the trail should be, as the guardian reads it at run time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.home import Home

VERSION = 1
GRACE_S = 30
"""How long drift is waited for before it is believed. The provider changes a trail in up to four calls."""
REPAIRS, WITHIN_MIN = 5, 15
"""More repairs than these within so many minutes are one incident of their own."""


@dataclass(frozen=True, kw_only=True)
class Upkeep:
    """How the guardian keeps the trail: `mode` is `restore` or `notify`."""

    mode: str
    grace_s: int = GRACE_S
    repairs: int = REPAIRS
    within_min: int = WITHIN_MIN


def document(trail: Mapping[str, Any], *, upkeep: Upkeep) -> dict[str, Any]:
    """What the trail should be: `trail` in the words of CloudTrail's own answers, as `components.wanted` writes it."""
    return {
        "version": VERSION,
        "mode": upkeep.mode,
        "graceSeconds": upkeep.grace_s,
        "budget": {"repairs": upkeep.repairs, "minutes": upkeep.within_min},
        "trail": dict(trail),
    }


def text(trail: Mapping[str, Any], *, upkeep: Upkeep) -> str:
    """The document as SSM keeps it: a standard parameter holds 4 KB (SSM API reference, PutParameter)."""
    return json.dumps(document(trail, upkeep=upkeep), separators=(",", ":"))


class DesiredState(pulumi.ComponentResource):
    """An SSM parameter that holds the document. `trail` is what the trail should be.

    A trail of ours is made after it. So it changes before the trail does, and a guardian that meets a deployment half
    way knows where it leads.
    """

    parameter: aws.ssm.Parameter

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        trail: Mapping[str, pulumi.Input[Any]],
        upkeep: Upkeep,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:DesiredState", name, {}, opts)
        self.parameter = aws.ssm.Parameter(
            name,
            region=home.region,
            description=f"What the audit trail should be; the guardian keeps it so (trailwarden {home.stack}).",
            type="String",
            # No secret is in it, and a preview should show what would change.
            insecure_value=pulumi.Output.all(**trail).apply(lambda known: text(known, upkeep=upkeep)),
            tags=home.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"parameterName": self.parameter.name})
