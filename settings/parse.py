"""From plain data to settings, with every problem in one go.

The sections are validated one by one, and collections entry by entry, so that a mistake in one place does not hide the
mistakes in others: the rules that look across sections see whatever could be read.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from catalog import EVENT_SETS
from settings import checks, facts
from settings.document import Document, KeyPath
from settings.keys import HOME_KEY, KEYS, NAMESPACE, qualified
from settings.model import Settings
from settings.problems import CheckError, Problem, SettingsError, nearest
from settings.remediation import Remediation
from settings.rules import Draft, contradictions
from settings.section import Section
from settings.sections import CAN_BE_OFF, KINDS, Kind
from settings.telling import Alerts
from settings.trail import TrailSettings
from settings.trail_rules import OUT_OF_REGION
from settings.translated import translated
from settings.watching import EventSetSettings

_IN_KEY: Final = "[key]"
"""pydantic's word for: the key of this entry of a mapping is wrong, not its value."""

WIZARD: Final = "`.venv/bin/python -m wizard`"


def parse(data: Mapping[str, Any], *, stack: str, source: str) -> Settings:
    """Settings from data in the shape of an answers file. Raises `SettingsError` with all problems."""
    document = data if isinstance(data, Document) else Document(data, source=source)
    if not document and not document.problems:
        raise SettingsError(
            [Problem(document.source, "", None, f"stack {stack} has no settings yet; {WIZARD} asks for them")]
        )
    reader = _Reader(document)
    settings = reader.read(stack)
    if settings is None:
        # From top to bottom, as one mends a file.
        raise SettingsError(sorted(reader.problems, key=lambda problem: (problem.source, problem.line or 0)))
    return settings


def recommended_sets(*, trail: TrailSettings | None = None, has_guardian: bool = True) -> dict[str, EventSetSettings]:
    """The event sets of a stack that names none: those the catalogue recommends, and that can see something there.

    Some see only what a multi-region `trail` records, or only things that a guardian has. Some are worth their alarm
    only where it records an organization.
    """
    has_organization = trail is not None and trail.records_organization
    names = [
        name
        for name, entry in EVENT_SETS.items()
        if (entry.recommended or (has_organization and entry.recommended_in_organization))
        and not facts.absent(entry, has_guardian=has_guardian)
    ]
    is_blind = trail is not None and not trail.sees_other_regions
    return {name: EventSetSettings() for name in names if not (is_blind and name == OUT_OF_REGION)}


def read_section(key: str, raw: Any) -> Any | None:
    """The validated value of one key, None if it is not valid on its own. For comparing, not for messages."""
    reader = _Reader(Document({key: raw}, source=""))
    value = reader.section(key)
    return None if reader.problems else value


def unknown_keys(document: Document) -> list[Problem]:
    """The keys that do not exist, and what was probably meant."""
    reader = _Reader(Document(document, source=document.source, marks=document.marks, labels=document.labels))
    reader.note_unknown_keys()
    return reader.problems


class _Reader:
    """One pass over one document. A method that finds a value unusable notes the problem and returns None."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = list(document.problems)
        self._told = {problem.key for problem in self.problems}

    def read(self, stack: str) -> Settings | None:
        self._stack(stack)
        self.note_unknown_keys()
        self._missing_keys()
        found = {key: self.section(key) for key in (HOME_KEY, *KEYS) if key in self.document}
        draft = self._draft(stack, found)
        for path, error in contradictions(draft, is_complete=not self.problems):
            self._note(path, error)
        if self.problems or draft.home_region is None:
            return None
        return Settings.model_validate(
            {
                "stack": stack,
                HOME_KEY: draft.home_region,
                "trail": draft.trail,
                "regions": tuple(draft.regions.values()),
                "emails": tuple(draft.emails.values()),
                "subscribers": tuple(draft.subscribers.values()),
                "eventSets": draft.event_sets,
                "customSets": draft.custom_sets,
                "sourceIps": tuple(draft.source_ips.values()),
                "burst": draft.burst,
                "remediation": draft.remediation,
                "alerts": draft.alerts,
                "evidence": draft.evidence,
                "dashboard": found.get("dashboard", True),
            }
        )

    def _draft(self, stack: str, found: Mapping[str, Any]) -> Draft:
        home = found.get(HOME_KEY)
        regions: dict[KeyPath, str] | None = found.get("regions")
        if "regions" not in self.document and home is not None:
            regions = {("regions",): home}
        event_sets = found.get("eventSets")
        if "eventSets" not in self.document:
            remediation = found.get("remediation") or Remediation()
            event_sets = recommended_sets(
                trail=found.get("trail") or TrailSettings(), has_guardian=remediation.mode != "off"
            )
        return Draft(
            stack=stack,
            home_region=home,
            trail=found.get("trail") or TrailSettings(),
            regions=regions or {},
            emails=found.get("emails") or {},
            subscribers=found.get("subscribers") or {},
            event_sets=event_sets or {},
            custom_sets=found.get("customSets") or {},
            source_ips=found.get("sourceIps") or {},
            burst=found.get("burst"),
            remediation=_remediation(found),
            alerts=found.get("alerts") or Alerts(),
            evidence=found.get("evidence") or "keep",
        )

    def _stack(self, stack: str) -> None:
        try:
            checks.stack_name(stack)
        except CheckError as error:
            self._note(("stack",), error)

    def note_unknown_keys(self) -> None:
        for key in self.document:
            if key in KINDS:
                continue
            meant = nearest(key, KINDS)
            if ":" in key:  # a stack file's key among answers, or the other way round
                meant = next((each for each in KINDS if key in (qualified(each), f"{NAMESPACE}:{each}")), meant)
            known = {each: self.document.label((each,)) for each in KINDS}
            suggestion = None if meant is None else known[meant]
            self._note(
                (key,), CheckError("there is no such key", allowed=", ".join(known.values()), suggestion=suggestion)
            )

    def _missing_keys(self) -> None:
        for key in (HOME_KEY, "emails"):
            if key not in self.document:
                example = f"{self.document.label((key,))}: {KINDS[key].example}"
                self._note((key,), CheckError(f"is missing; write for example {example}, or let {WIZARD} ask for it"))

    def section(self, key: str) -> Any | None:
        """The value of one key: a value, entries by path for a list, or entries by name."""
        raw = self.document[key]
        read: Callable[[str, Any], Any | None] = {"one": self._one, "list": self._list, "named": self._named}[
            KINDS[key].shape
        ]
        return read(key, raw)

    def _one(self, key: str, raw: Any) -> Any | None:
        if raw is False and key in CAN_BE_OFF:
            return None
        return self._value(KINDS[key], raw, path=(key,))

    def _list(self, key: str, raw: Any) -> dict[KeyPath, Any] | None:
        kind = KINDS[key]
        if not isinstance(raw, list | tuple):
            self._note((key,), CheckError("must be a list", value=raw, allowed=f"a list, such as {kind.example}"))
            return None
        if not raw and key in ("emails", "regions"):
            self._note((key,), CheckError("is empty", allowed=f"at least one, such as {kind.example}"))
        values = {(key, index): self._value(kind, each, path=(key, index)) for index, each in enumerate(raw)}
        return {path: value for path, value in values.items() if value is not None}

    def _named(self, key: str, raw: Any) -> dict[str, Any] | None:
        kind = KINDS[key]
        if key == "eventSets" and isinstance(raw, list | tuple):
            return self._set_names(raw)
        if not isinstance(raw, dict):
            problem = CheckError("must map names to settings", value=raw, allowed=f"a mapping, such as {kind.example}")
            self._note((key,), problem)
            return None
        values: dict[str, Any] = {}
        for name, each in raw.items():
            path = (key, name)
            clean = self._checked(kind.name, name, path=path, model=None, example="")
            value = self._value(kind, {} if each is None and key == "eventSets" else each, path=path)
            if clean is not None and value is not None:
                values[clean] = value
        return values

    def _set_names(self, raw: list[Any] | tuple[Any, ...]) -> dict[str, EventSetSettings]:
        """Event sets as an answers file may give them: a plain list of names."""
        values: dict[str, EventSetSettings] = {}
        for index, each in enumerate(raw):
            path = ("eventSets", index)
            name = self._checked(KINDS["eventSets"].name, each, path=path, model=None, example="trail-changes")
            if name in values:
                self._note(path, CheckError("is listed twice", value=name, allowed="each once"))
            elif name is not None:
                values[name] = EventSetSettings()
        return values

    def _value(self, kind: Kind, raw: Any, *, path: KeyPath) -> Any | None:
        if kind.model is not None and not isinstance(raw, dict):
            example = kind.model.EXAMPLE
            self._note(path, CheckError("must be a mapping", value=raw, allowed=f"a mapping, such as {example}"))
            return None
        example = kind.model.EXAMPLE if kind.model else kind.example
        return self._checked(kind.value, raw, path=path, model=kind.model, example=example)

    def _checked(
        self,
        adapter: TypeAdapter[Any] | None,
        raw: Any,
        *,
        path: KeyPath,
        model: type[Section] | None,
        example: str,
    ) -> Any | None:
        assert adapter is not None
        try:
            return adapter.validate_python(raw)
        except ValidationError as error:
            for each in error.errors(include_url=False):
                problem = translated(each, model=model, example=example)
                place = [step for step in each["loc"] if step != _IN_KEY]
                self._note((*path, *place, *([problem.key] if problem.key else [])), problem)
            return None

    def _note(self, path: KeyPath, error: CheckError) -> None:
        key = self.document.label(path)
        if key in self._told:  # the reader of the file has said already why this value is unusable
            return
        mark = self.document.mark(path)
        self.problems.append(
            Problem(mark.source, key, error.value, error.problem, error.allowed, error.suggestion, mark.line)
        )


def _remediation(found: Mapping[str, Any]) -> Remediation:
    """What happens to a trail. To one that is not ours nothing happens unless somebody said so."""
    remediation, trail = found.get("remediation") or Remediation(), found.get("trail")
    if trail is None or not trail.is_adopted or "mode" in remediation.model_fields_set:
        return remediation
    return remediation.model_copy(update={"mode": "notify"})
