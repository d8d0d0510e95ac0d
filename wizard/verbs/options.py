"""The options that several verbs have, each declared once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from account import Access
    from operate.deployed import Target


def value(name: str, metavar: str, text: str, **more: Any) -> Any:
    """An option that takes a value: `--name METAVAR`, and what `--help` says of it. `more` is for `typer.Option`."""
    return typer.Option(name, metavar=metavar, help=text, **more)


def switch(names: str, text: str, **more: Any) -> Any:
    """An option that is there or not; `names` are several with spaces between, such as `--yes -y`."""
    return typer.Option(*names.split(), metavar="", help=text, **more)


LIVING = "On a living stack"
"""The heading of the verbs that act on what is deployed."""

Stack = Annotated[str, value("--stack", "NAME", "The stack that is deployed.")]
"""For what acts on a living stack. Who reads its file only, or may go without, says so in an option of its own."""
Json = Annotated[bool, switch("--json", "Print one JSON document and nothing else.")]
Yes = Annotated[bool, switch("--yes -y", "Do not ask.")]


@dataclass(frozen=True, kw_only=True)
class Account:
    """The options of whatever asks AWS: with which credentials, and which AWS."""

    profile: Annotated[str | None, value("--profile", "NAME", "Profile of the AWS configuration.")] = None
    endpoint_url: Annotated[str | None, value("--endpoint-url", "URL", "Another AWS, such as the sandbox.")] = None

    def access(self, region: str | None = None) -> "Access":
        """How to reach the account; `region` is where, if somebody said so."""
        from account import Access

        return Access(profile=self.profile, region=region, endpoint_url=self.endpoint_url)


@dataclass(frozen=True, kw_only=True)
class StacksAccount(Account):
    """The same for what acts on a living stack, which is found in its home region."""

    region: Annotated[str | None, value("--region", "REGION", "The stack's home region; else what its file says.")] = (
        None
    )

    def target(self, stack: str) -> "Target":
        """The stack, and how to reach it."""
        from operate.deployed import Target

        return Target(stack, self.access(self.region))
