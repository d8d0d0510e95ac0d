"""The hops of an alert, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from account import CouldNotLook
from operate.deployed import unseen

POLICY: Final = "test-alert.json"
State = Literal["proved", "failed", "unknown", "not reached"]

HOPS: Final = {
    "alarm": "the alarm is there, quiet, and may act",
    "state": "CloudWatch took it to ALARM",
    "action": "the alarm told its topic",
    "explainer": "the explainer was called",
    "published": "the mail was published to the alerts topic",
    "subscribers": "everybody on that topic is confirmed",
    "back": "the alarm is as it was",
}
"""Each hop and what proves it, in the order of an alert."""


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One hop. `what` is a sentence about what was seen, `fix` what to do where it failed, `evidence` AWS's own."""

    name: str
    state: State
    what: str
    fix: str = ""
    evidence: str = ""


@dataclass
class Way:
    """The hops of one alarm, as far as they were looked at."""

    alarm: str
    region: str
    hops: dict[str, Hop] = field(default_factory=dict)

    def proved(self, name: str, what: str, *, evidence: str = "") -> None:
        """A hop that works."""
        self._add(Hop(name=name, state="proved", what=what, evidence=evidence))

    def failed(self, name: str, what: str, *, fix: str, evidence: str = "") -> None:
        """A hop that does not work."""
        self._add(Hop(name=name, state="failed", what=what, fix=fix, evidence=evidence))

    def blind(self, name: str, what: str, why: CouldNotLook) -> None:
        """We were not let look, or act."""
        self._add(Hop(name=name, state="unknown", what=unseen(what, why, policy=POLICY)))

    def _add(self, hop: Hop) -> None:
        assert hop.name in HOPS, hop.name
        self.hops[hop.name] = hop

    @property
    def is_open(self) -> bool:
        """Whether nothing has stopped the alert so far."""
        return all(hop.state == "proved" for hop in self.hops.values())

    def __iter__(self) -> Iterator[Hop]:
        for name, proof in HOPS.items():
            yield self.hops.get(name) or Hop(name=name, state="not reached", what=f"not looked at: {proof}")
