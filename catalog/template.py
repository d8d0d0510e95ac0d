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


_PLAIN = frozenset(" :_#=@/;,-")
"""Symbols that stand for themselves in a regex."""


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
    """What one value becomes; `@` stands for the value. Empty if only `together` is wanted."""
    together: str = ""
    """A condition on all values at once; `@` stands for one literal that matches every one of them. It is for selectors
    with a wildcard, of which a pattern may have three: with `each` they would be used up by the second value."""
    join: str = " || "
    """Between several values."""
    always: tuple[str, ...] = ()
    """Values that are there whatever is given."""
    is_optional: bool = False
    """A deployment may have none: the alternatives of the pattern that ask for it are then left out."""

    def render(self, owner: str, given: str | Iterable[str]) -> str:
        """The text that fills the gap, each value once, in the order given; empty for no value. Raises RenderError."""
        values = (given,) if isinstance(given, str) else tuple(given)
        if isinstance(self.example, str) and len(values) != 1:
            raise RenderError(f"{owner}: {self.name} takes exactly one value; got {len(values)}")
        if not values and not self.is_optional:
            raise RenderError(f"{owner}: {self.name} needs at least one value ({self.what})")
        if wrong := [value for value in values if not re.fullmatch(self.allowed, value)]:
            raise RenderError(f"{owner}: {self.name}: {wrong[0]!r} is not one of {self.what}")
        values = tuple(dict.fromkeys(values + self.always))
        # A value that is cut ends in a star of its own, and two say no more than one.
        conditions = [self.each.replace("@", value).replace("**", "*") for value in values if self.each]
        if values and self.together:
            conditions.append(self.together.replace("@", _literal(values)))
        return self.join.join(conditions)


def _literal(values: tuple[str, ...]) -> str:
    """One literal for several values, each of which may end in a star. One alone needs none of the few regexes."""
    if len(values) == 1:
        return f'"{values[0]}"'
    branches = (f"^{_escaped(value.removesuffix('*'))}{'' if value.endswith('*') else '$'}" for value in values)
    return f"%{'|'.join(branches)}%"


def _escaped(text: str) -> str:
    """Text as the regexes of CloudWatch Logs take it. They know no character beyond ASCII but the dot, for any one."""
    return "".join(
        char
        if (char.isascii() and char.isalnum()) or char in _PLAIN
        else f"\\x{ord(char):02X}"
        if char.isascii()
        else "."
        for char in text
    )


@dataclass(frozen=True, kw_only=True)
class Template:
    """A pattern text, whole or with gaps.

    `alternatives` are its parts where one of several has to match: those whose facts a deployment lacks are left out.
    """

    text: str
    parameters: tuple[Parameter, ...] = ()
    alternatives: tuple[str, ...] = ()

    @classmethod
    def any_of(cls, alternatives: tuple[str, ...], parameters: tuple[Parameter, ...] = ()) -> Template:
        """The JSON pattern that matches what one of the alternatives matches."""
        return cls(text=_joined(alternatives), parameters=parameters, alternatives=alternatives)

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
        text = self.text
        if self.alternatives:
            left = tuple(part for part in self.alternatives if all(filling[gap] for gap in GAP.findall(part)))
            if not left:
                raise RenderError(f"{owner}: nothing is left to watch without {', '.join(wanted)}")
            text = _joined(left)
        pattern = GAP.sub(lambda gap: filling[gap[1]], text)
        if len(pattern) > MAX_PATTERN_LENGTH:
            raise RenderError(
                f"{owner}: the pattern would be {len(pattern)} characters long and CloudWatch allows "
                f"{MAX_PATTERN_LENGTH}: give fewer values for {', '.join(wanted)}, or leave the set out"
            )
        return pattern


def _joined(alternatives: tuple[str, ...]) -> str:
    return f"{{{' || '.join(alternatives)}}}"
