"""SSM parameters and DynamoDB tables, as far as a deployment keeps its state in them."""

from __future__ import annotations

from dataclasses import dataclass

from account.answers import Answer
from account.arns import name_of, region_of
from account.session import Session


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter in clear text."""

    name: str
    region: str
    value: str
    version: int


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table. `status` is `ACTIVE` when it can be used."""

    arn: str
    name: str
    region: str
    status: str


def parameter(session: Session, arn: str) -> Answer[Parameter]:
    """A parameter by its ARN; never decrypted. Needs ssm:GetParameter."""
    name, region = name_of(arn), region_of(arn)
    # A name with slashes begins with one, which its ARN leaves out (Systems Manager User Guide, parameter hierarchies).
    name = f"/{name}" if "/" in name else name
    told = session.ask(
        "ssm",
        "GetParameter",
        region=region,
        what=f"parameter {name}",
        none_if=("ParameterNotFound",),
        params={"Name": name},
    )
    return told.map(lambda answer: answer["Parameter"]).map(
        lambda raw: Parameter(
            name=name,
            region=region,
            value=str(raw.get("Value") or ""),
            version=int(raw.get("Version") or 0),
        )
    )


def table(session: Session, arn: str) -> Answer[Table]:
    """A table by its ARN. Needs dynamodb:DescribeTable."""
    name, region = name_of(arn), region_of(arn)
    told = session.ask(
        "dynamodb",
        "DescribeTable",
        region=region,
        what=f"table {name}",
        none_if=("ResourceNotFoundException",),
        params={"TableName": name},
    )
    return told.map(
        lambda raw: Table(arn=arn, name=name, region=region, status=str(raw["Table"].get("TableStatus") or ""))
    )
