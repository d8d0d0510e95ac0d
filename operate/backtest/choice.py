"""What is tried on the past: the watches of a stack, or event sets as a new stack would have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from catalog import EVENT_SETS
from catalog.tables import suggestion
from settings import Settings, SettingsError, StackFile, Watch, find_project, stack_file_path
from settings.burst import Burst
from settings.suppressing import expired


class ChoiceError(ValueError):
    """What was asked for does not exist; the message says what does."""


@dataclass(frozen=True)
class Choice:
    """What is tried. `left_out` says why for each watch that cannot be."""

    watches: tuple[Watch, ...]
    addresses: int
    """Mail addresses that an alarm reaches; 1 without a stack."""
    left_out: Mapping[str, str]
    stack_file: StackFile | None = None
    suppressions: Mapping[str, str] = field(default_factory=dict)
    """The stack's own, by name: pattern. Only those that hold now."""
    burst: Burst = field(default_factory=Burst)
    """The alarm on any single address: the stack's, else what one would have."""
    home_region: str | None = None
    """The stack's own; None without a stack."""

    def without(self, left_out: Mapping[str, str]) -> Choice:
        """The same, but some watches cannot be tried either."""
        watches = tuple(watch for watch in self.watches if watch.name not in left_out)
        return replace(self, watches=watches, left_out={**self.left_out, **left_out})

    @property
    def loud(self) -> frozenset[str]:
        """The watches whose events no suppression leaves out: what is critical, and what watches trailwarden itself."""
        ours = {name for name, entry in EVENT_SETS.items() if entry.pack == "self"}
        return frozenset(watch.name for watch in self.watches if watch.severity == "critical" or watch.name in ours)

    @property
    def patterns(self) -> dict[str, str]:
        """The filter pattern of each watch."""
        return {watch.name: watch.pattern for watch in self.watches if watch.pattern is not None}


def choose(*, stack: str | None, names: Sequence[str], folder: Path) -> Choice:
    """The watches of `stack`, or those called `names`, or the recommended ones. Raises ChoiceError, SettingsError."""
    if stack is None:
        file, settings = None, _new_stack(names)
    else:
        file = StackFile.read(stack_file_path(find_project(folder), stack))
        settings = file.settings()
    known = {watch.name: watch for watch in settings.watches}
    if stack is not None and names:
        missing = [name for name in names if name not in known]
        if missing:
            of_catalogue = _new_stack([name for name in missing if name in EVENT_SETS] or ["trail-changes"])
            known |= {watch.name: watch for watch in of_catalogue.watches if watch.name in missing}
        if unknown := [name for name in names if name not in known]:
            raise _unknown(unknown, {*known, *EVENT_SETS})
        known = {name: watch for name, watch in known.items() if name in names}
    held = settings.alerts.suppressions
    left_out = {name: why for name, watch in known.items() if (why := _why_not(watch, has_stack=stack is not None))}
    return Choice(
        watches=tuple(watch for name, watch in known.items() if name not in left_out),
        addresses=len(settings.mail_addresses) if stack is not None else 1,
        left_out=left_out,
        stack_file=file,
        suppressions={each.name: each.pattern for each in held if each not in expired(held, now=datetime.now(UTC))},
        burst=settings.burst or Burst(),
        home_region=settings.home_region if stack is not None else None,
    )


def _new_stack(names: Sequence[str]) -> Settings:
    """What a stack with these sets would have, or one that says nothing about them."""
    if unknown := [name for name in names if name not in EVENT_SETS]:
        raise _unknown(unknown, EVENT_SETS)
    answers = {"homeRegion": "us-east-1", "emails": ["security@example.com"]}
    if names:
        answers["eventSets"] = [*dict.fromkeys(names)]
    try:
        return Settings.parse(answers, stack="backtest", source="--set")
    except SettingsError as error:
        raise ChoiceError(str(error)) from error


def _why_not(watch: Watch, *, has_stack: bool) -> str | None:
    if watch.pattern is None:
        return "its pattern holds names that only a deployment knows"
    is_of_regions = watch.kind == "event-set" and "regions" in EVENT_SETS[watch.name].parameters
    return "it depends on the regions of a stack; name one with --stack" if is_of_regions and not has_stack else None


def _unknown(names: Sequence[str], known: Mapping[str, object] | set[str]) -> ChoiceError:
    return ChoiceError("; ".join(f"there is no event set {name!r}{suggestion(name, sorted(known))}" for name in names))
