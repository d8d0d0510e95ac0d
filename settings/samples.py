"""Events that a pattern of the stack's own has to match, and such that it has to leave: its tests, written beside it.

They stand in the stack file and not in files of their own: whoever reads a change of the pattern sees what it is about,
and nothing has to be found relative to anything when Pulumi runs the program.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

import filterpattern
from settings.document import KeyPath
from settings.limits import MAX_SAMPLES
from settings.problems import CheckError
from settings.section import Section

if TYPE_CHECKING:
    from settings.watching import CustomSet

_ALLOWED = "a list of events, each with the fields that the pattern looks at, such as [{eventName: GetSecretValue}]"


def _events(value: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, Mapping) and each for each in value):
        raise CheckError("must be a list of events", value=value, allowed=_ALLOWED)
    try:
        length = len(json.dumps(value, separators=(",", ":")))
    except (TypeError, ValueError):
        raise CheckError(
            "holds what is no value of JSON", allowed="texts, numbers, true, false, lists, mappings"
        ) from None
    if length > MAX_SAMPLES:
        raise CheckError(
            f"have {length:,} characters, and Pulumi hands the whole configuration to the program in one variable",
            allowed=f"at most {MAX_SAMPLES:,} characters as JSON: the fields that the pattern looks at are enough",
        )
    return tuple(dict(each) for each in value)


Events = Annotated[tuple[Mapping[str, Any], ...], BeforeValidator(_events)]


class Samples(Section):
    """What a pattern of the stack's own must and must not match. Everything that reads the settings tries it."""

    EXAMPLE: ClassVar[str] = "{matches: [{eventName: GetSecretValue}], matchesNot: [{eventName: ListSecrets}]}"
    matches: Events = Field(
        default=(),
        description="Events that the pattern has to match: whole records of CloudTrail, as JSON or YAML, or only the "
        "fields that it looks at.",
    )
    matches_not: Events = Field(default=(), description="Events that it has to leave.")


def sample_contradictions(custom_sets: Mapping[str, "CustomSet"]) -> Iterator[tuple[KeyPath, CheckError]]:
    """Every sample on which a pattern fails, at its place in the file."""
    for name, custom in custom_sets.items():
        samples = custom.samples
        if samples is None:
            continue
        if not samples.matches and not samples.matches_not:
            problem = CheckError("holds no event", allowed=f"such as {Samples.EXAMPLE}, or leave it out")
            yield ("customSets", name, "samples"), problem
        pattern = filterpattern.compile(custom.pattern)
        for key, events, wanted in (("matches", samples.matches, True), ("matchesNot", samples.matches_not, False)):
            for number, event in enumerate(events):
                if _matches(pattern, event) is not wanted:
                    what = event.get("eventName") or "the event"
                    problem = f"the pattern does not match {what}" if wanted else f"the pattern matches {what}"
                    error = CheckError(problem, allowed="mend the pattern, or the sample if that is wrong")
                    yield ("customSets", name, "samples", key, number), error


def _matches(pattern: filterpattern.Pattern, event: Mapping[str, Any]) -> bool:
    # Patterns of other forms than JSON look at the text of an event.
    is_json = pattern.text.lstrip().startswith("{")
    return pattern.matches(event if is_json else json.dumps(event, separators=(",", ":")))
