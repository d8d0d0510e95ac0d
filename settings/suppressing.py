"""The settings of what is known to be harmless: events that nobody gets a mail about.

A suppression is applied by the explainer and never in a filter, which auditors compare. It must name who it is about:
whoever is not named is told of, whatever else an event looks like.
"""

import re
from datetime import UTC, datetime
from typing import ClassVar

from pydantic import Field

import filterpattern
from settings import limits
from settings.kinds import PatternText, Title, Until, WatchName
from settings.problems import CheckError
from settings.section import Section

_IDENTITY = frozenset(
    {
        ("userIdentity", "arn"),
        ("userIdentity", "principalId"),
        ("userIdentity", "accessKeyId"),
        ("userIdentity", "userName"),
        ("userIdentity", "sessionContext", "sessionIssuer", "arn"),
        ("userIdentity", "sessionContext", "sessionIssuer", "principalId"),
        ("userIdentity", "sessionContext", "sessionIssuer", "userName"),
    }
)
IDENTITY_FIELDS = tuple(f"$.{'.'.join(path)}" for path in sorted(_IDENTITY))
"""What says who made a call and cannot be chosen by the caller, as the user agent can."""
_SHORTEST = 3  # fixed characters without which a text names everybody
_ARN_OF_SOMEBODY = re.compile(r"arn:[^:]+:(?:iam|sts)::\d{12}:(?:root|[^*]*/[^*].*)", re.ASCII)


class Suppression(Section):
    """Events that people know and want no mail about."""

    EXAMPLE: ClassVar[str] = (
        "{name: deployer, pattern: '{ $.userIdentity.sessionContext.sessionIssuer.userName = \"deployer\" }', "
        "reason: the pipeline}"
    )
    name: WatchName = Field(description="A name, under which the suppressed events are counted.")
    pattern: PatternText = Field(
        description="A filter pattern of the harmless events. Each branch of an `||` must say with `=` who made the "
        f"call, by one of {', '.join(f'`{field}`' for field in IDENTITY_FIELDS)}."
    )
    reason: Title = Field(description="Why nobody needs to know, in one line.")
    until: Until | None = Field(
        default=None,
        description="A day (`2026-12-24`) from which people are told again, at most "
        f"{limits.LONGEST_SUPPRESSION_D} days ahead. Left out: it holds until it is taken out.",
    )

    @property
    def ends_at(self) -> datetime | None:
        """The moment from which it no longer holds (UTC)."""
        return None if self.until is None else datetime.fromisoformat(self.until).replace(tzinfo=UTC)


def binding_problem(pattern: str) -> CheckError | None:
    """Why a pattern does not say who it is about; None if it does, in every branch."""
    tree = filterpattern.compile(pattern)
    named = filterpattern.bound_texts(tree, _IDENTITY)
    if named is None:
        return CheckError(
            "does not say in every branch who made the call, so it would hide strangers too",
            allowed=f"an `=` on one of {', '.join(IDENTITY_FIELDS)} in each branch of an ||",
        )
    for path, text in named:
        if not _names_somebody(path, text):
            return CheckError(
                f'names everybody: $.{".".join(path)} = "{text}"',
                allowed="an ARN with account and name, or a name with at least "
                f"{_SHORTEST} characters that are no wildcard",
            )
    return None


def _names_somebody(path: tuple[str, ...], text: str) -> bool:
    if path[-1] == "arn":
        return _ARN_OF_SOMEBODY.fullmatch(text) is not None
    return len(text.replace("*", "")) >= _SHORTEST


def expired(suppressions: tuple[Suppression, ...], *, now: datetime) -> tuple[Suppression, ...]:
    """Those that no longer hold."""
    return tuple(each for each in suppressions if each.ends_at is not None and each.ends_at <= now)


def over(suppressions: tuple[Suppression, ...], *, now: datetime) -> tuple[str, ...]:
    """A sentence for each that no longer holds: whoever wrote it may still believe that it does."""
    return tuple(
        f"Suppression {each.name} ended on {each.until}, so people are told of its events again: take it out of "
        "alerts.suppressions, or give it a new `until`."
        for each in expired(suppressions, now=now)
    )
