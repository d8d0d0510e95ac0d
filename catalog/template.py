"""Filter patterns with gaps for facts of the deployment: regions, a bucket, our own names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from filterpattern import MAX_PATTERN_LENGTH

GAP = re.compile(r"\$\{([a-z_]+)\}")
"""How a pattern names a fact. `${` occurs nowhere in the pattern language itself."""


class RenderError(ValueError):
    """A fact of the deployment does not fit into the pattern of an event set."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One fact of the deployment: what it is, which values it takes, and what it becomes in the pattern."""

    name: str
    what: str
    example: str | tuple[str, ...]
    allowed: str
    """Regular expression that a value must match as a whole. It keeps quotes out of patterns."""
    each: str = "@"
    """What one value becomes; `@` stands for the value."""
    join: str = " || "
    """Between several values."""
    always: tuple[str, ...] = ()
    """Values that are there whatever is given."""

    def render(self, owner: str, given: str | Iterable[str]) -> str:
        """The text that fills the gap, each value once, in the order given. Raises RenderError."""
        values = (given,) if isinstance(given, str) else tuple(given)
        if isinstance(self.example, str) and len(values) != 1:
            raise RenderError(f"{owner}: {self.name} takes exactly one value; got {len(values)}")
        if not values:
            raise RenderError(f"{owner}: {self.name} needs at least one value ({self.what})")
        if wrong := [value for value in values if not re.fullmatch(self.allowed, value)]:
            raise RenderError(f"{owner}: {self.name}: {wrong[0]!r} is not one of {self.what}")
        return self.join.join(self.each.replace("@", value) for value in dict.fromkeys(values + self.always))


@dataclass(frozen=True, kw_only=True)
class Template:
    """A pattern text, whole or with gaps."""

    text: str
    parameters: tuple[Parameter, ...] = ()

    @property
    def gaps(self) -> frozenset[str]:
        """Names of the facts that the text asks for."""
        return frozenset(GAP.findall(self.text)) if self.parameters else frozenset()

    @cached_property
    def examples(self) -> Mapping[str, str | tuple[str, ...]]:
        """Example values by name of the fact, read-only."""
        return MappingProxyType({parameter.name: parameter.example for parameter in self.parameters})

    @cached_property
    def example(self) -> str:
        """The pattern with the example values."""
        return self.render("example", self.examples)

    def render(self, owner: str, facts: Mapping[str, str | Iterable[str]]) -> str:
        """The pattern with its gaps filled; `owner` names the event set in messages. Raises TypeError, RenderError."""
        wanted = [parameter.name for parameter in self.parameters]
        if unknown := sorted(facts.keys() - set(wanted)):
            raise TypeError(f"{owner} takes {', '.join(wanted) or 'no facts'}; got {', '.join(unknown)}")
        if missing := [name for name in wanted if name not in facts]:
            raise TypeError(f"{owner} needs {', '.join(missing)}")
        if not self.parameters:
            return self.text
        filling = {parameter.name: parameter.render(owner, facts[parameter.name]) for parameter in self.parameters}
        pattern = GAP.sub(lambda gap: filling[gap[1]], self.text)
        if len(pattern) > MAX_PATTERN_LENGTH:
            raise RenderError(
                f"{owner}: the pattern would be {len(pattern)} characters long and CloudWatch allows "
                f"{MAX_PATTERN_LENGTH}: give fewer values for {', '.join(wanted)}, or leave the set out"
            )
        return pattern
