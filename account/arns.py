"""Amazon Resource Names, taken apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Arn:
    """`arn:partition:service:region:account:resource`; the resource may hold colons and slashes."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """The parts of an ARN; None for what is none."""
        parts = text.split(":", 5)
        return cls(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None

    @property
    def kind(self) -> str:
        """`trail` of `trail/name`, `function` of `function:name`; empty where the resource is only a name."""
        for mark in (":", "/"):
            head, found, _ = self.resource.partition(mark)
            if found and not (mark == ":" and "/" in head):
                return head
        return ""

    @property
    def name(self) -> str:
        """The resource without its kind."""
        return self.resource.removeprefix(self.kind)[1:] if self.kind else self.resource


def region_of(arn: str) -> str:
    """The region in an ARN; empty where there is none."""
    parsed = Arn.parse(arn)
    return parsed.region if parsed else ""


def name_of(arn: str) -> str:
    """The name in an ARN; the text itself where it is none."""
    parsed = Arn.parse(arn)
    return parsed.name if parsed else arn


def plain_group_arn(arn: str) -> str:
    """The ARN of a log group without the `:*` that some APIs want and others leave out."""
    return arn.removesuffix(":*")
