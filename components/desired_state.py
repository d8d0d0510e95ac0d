"""The desired state: what the trail should be, as the guardian reads it at run time."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.home import Home

VERSION = 1


def document(trail: Mapping[str, Any]) -> dict[str, Any]:
    """What the trail should be, and nothing else: `trail` in the words of CloudTrail's own answers, as
    `components.wanted` writes it.

    Whether and how the guardian acts is not in it: whoever can write the parameter must not be able to lower that.
    """
    return {"version": VERSION, "trail": dict(trail)}


def text(trail: Mapping[str, Any]) -> str:
    """The document as SSM keeps it: a standard parameter holds 4 KB (SSM API reference, PutParameter)."""
    return json.dumps(document(trail), separators=(",", ":"))


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
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:DesiredState", name, {}, opts)
        self.parameter = aws.ssm.Parameter(
            name,
            region=home.region,
            description=f"What the audit trail should be; the guardian keeps it so (trailwarden {home.stack}).",
            type="String",
            # No secret is in it, and a preview should show what would change.
            insecure_value=pulumi.Output.all(**trail).apply(text),
            tags=home.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"parameterName": self.parameter.name})
