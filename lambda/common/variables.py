"""Reading a function's environment variables: what each must be, and every problem at once."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, TypeVar

from common.errors import WrongEnvironmentError

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z]+):(?P<region>[a-z0-9-]*):(?P<account>\d{12}):(?P<rest>[!-~]+)",
    re.ASCII,
)
# Wide, because each service has its own rule and has applied it; yet no wildcard, quote or colon passes.
_NAME = re.compile(r"[\w+=,.@#-]+", re.ASCII)
_PATH = re.compile(r"[\w+=,.@#/-]+", re.ASCII)
_Kind = TypeVar("_Kind", bound=StrEnum)


class Arn(NamedTuple):
    """One thing of an account. `region` is "" where the service has none, `name` what follows the kind of thing."""

    text: str
    partition: str
    region: str
    account: str
    name: str


NO_ARN = Arn(text="", partition="", region="", account="", name="")


def arn_of(text: str, service: str, kind: str = "", *, paths: bool = False) -> Arn | None:
    """The ARN of a thing of one kind (`trail/`, `parameter/`); None for any other text.

    `paths` is whether its name may have slashes in it.
    """
    found = _ARN.fullmatch(text)
    if found is None or found["service"] != service or bool(found["region"]) == (service == "iam"):
        return None
    name = found["rest"].removeprefix(kind)
    if not found["rest"].startswith(kind) or not (_PATH if paths else _NAME).fullmatch(name):
        return None
    return Arn(text=text, partition=found["partition"], region=found["region"], account=found["account"], name=name)


class Variables:
    """Reads the variables one by one, in the order in which problems are told; `check` ends it.

    What is wrong reads as an empty value of its type until then, so that one pass finds everything.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._problems: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def value(self, name: str) -> str:
        """The variable as it is; "" when it is left out."""
        return self._given.get(name, "")

    def demand(self, name: str, good: object, must: str) -> None:
        """Note a problem unless the value is `good` (truthy); `must` says what it has to be."""
        if not good:
            so = f"not {self._given[name]!r}" if name in self._given else "and is missing"
            self._problems.append(f"{name}: must be {must}, {so}")

    def text(self, name: str, what: str) -> str:
        """A text that is not empty."""
        self.demand(name, self.value(name), what)
        return self.value(name)

    def choice(self, name: str, kinds: type[_Kind]) -> _Kind:
        """One of the values of an enum."""
        found = next((kind for kind in kinds if kind == self.value(name)), None)
        self.demand(name, found, " or ".join(kinds))
        return found or next(iter(kinds))

    def arn(self, name: str, what: str, service: str, kind: str = "", *, paths: bool = False) -> Arn:
        """The ARN of `what`; `kind` and `paths` as for `arn_of`."""
        found = arn_of(self.value(name), service, kind, paths=paths)
        region = "" if service == "iam" else "REGION"
        self.demand(name, found, f"the ARN of {what}, arn:aws:{service}:{region}:ACCOUNT:{kind}NAME")
        return found or NO_ARN

    def number(self, name: str, limits: tuple[int, int], what: str = "a number") -> int:
        """A whole number within limits, both of which are allowed."""
        text, (least, most) = self.value(name), limits
        good = text.isascii() and text.isdecimal() and len(text) <= 6 and least <= int(text) <= most
        self.demand(name, good, f"{what} from {least} to {most}")
        return int(text) if good else least

    def names(self, name: str) -> frozenset[str]:
        """Texts with commas between; none where the variable is empty or left out."""
        return frozenset(each for each in self.value(name).split(",") if each)

    def check(self) -> None:
        """Raise WrongEnvironmentError with every problem: variable, what is allowed, value."""
        if self._problems:
            raise WrongEnvironmentError(self._problems)
