"""One resource that the program asked for, and what came of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ._inputs import Inputs

PARTITION = "aws"  # the only one the sandbox has; `deploy` refuses regions of others
SUFFIX_DIGITS = 7  # the provider's autonaming: the logical name, a dash, seven hexadecimal digits


class Made(NamedTuple):
    """What the provider would answer: the resource's id, and outputs by Pulumi name beyond the inputs."""

    id: str
    outputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource to create.

    `name` is the logical name; `region` is where it belongs (its own `region` input, else the stack's); `client` makes
    a boto3 client for a service and a Region.
    """

    token: str
    name: str
    inputs: Inputs
    region: str
    account: str
    client: Callable[[str, str], Any] = field(repr=False)

    def aws(self, service: str) -> Any:
        """A boto3 client of the service, in the resource's own Region."""
        return self.client(service, self.region)

    def physical_name(self, *, key: str = "name", prefix_key: str = "namePrefix", prefix: str = "") -> str:
        """The name the program fixed, else one made as the provider does: `<logical name>-<7 hex digits>`.

        `prefix` stands in front of a generated name only (`alias/` of a KMS alias).
        """
        if key in self.inputs:
            return self.inputs[key]
        digits = secrets.token_hex(SUFFIX_DIGITS)[:SUFFIX_DIGITS]
        if prefix_key in self.inputs:
            return f"{self.inputs[prefix_key]}{digits}"
        return f"{prefix}{self.name}-{digits}"

    def tag_list(self) -> list[dict[str, str]]:
        """The tags in the shape most services take: `[{"Key": …, "Value": …}]`."""
        return [{"Key": key, "Value": value} for key, value in self.tags().items()]

    def tags(self) -> dict[str, str]:
        """The tags as the program gave them."""
        return self.inputs.get("tags", {})

    def document(self, key: str) -> str:
        """A policy input as JSON text; the program may hand over the text or the object."""
        value = self.inputs[key]
        return value if isinstance(value, str) else json.dumps(value)


Creator = Callable[[Resource], Made]
