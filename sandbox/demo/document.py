"""What the demo observed, and the one JSON document made of it. Nothing in it is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# From the quietest to the loudest; "highest" in the document means nearest to the end.
STATES = ("INSUFFICIENT_DATA", "OK", "ALARM")


@dataclass(frozen=True)
class Step:
    """One thing that was to happen. `ms` is how long it took, or how long after the act it was seen."""

    name: str
    ok: bool
    ms: float


@dataclass
class Observed:
    """Everything seen so far. `complete` is set once the whole story was played, clean-up included."""

    resources: int = 0
    restored: bool = False
    restore_ms: float | None = None
    alarms: dict[str, str] = field(default_factory=dict)
    mails: list[Mapping[str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    complete: bool = False

    @property
    def ok(self) -> bool:
        """Whether the story was played to its end and every step of it was seen."""
        return self.complete and all(step.ok for step in self.steps)

    def saw_alarm(self, watch: str, state: str) -> None:
        """Note an alarm's state; the highest one stays."""
        if STATES.index(state) >= STATES.index(self.alarms.get(watch, STATES[0])):
            self.alarms[watch] = state

    def document(self) -> dict[str, Any]:
        """The document of `demo --json`.

        `restore_ms` is from StopLogging's answer to IsLogging read true by another client, and null if it never was.
        `alarms` is by event set or source-IP name; `mails` is what confirmed addresses received, oldest first.
        """
        return {
            "ok": self.ok,
            "resources": self.resources,
            "restored": self.restored,
            "restore_ms": None if self.restore_ms is None else round(self.restore_ms, 1),
            "alarms": dict(self.alarms),
            "mails": [{key: mail[key] for key in ("to", "subject", "body")} for mail in self.mails],
            "steps": [{"name": step.name, "ok": step.ok, "ms": round(step.ms, 1)} for step in self.steps],
        }
