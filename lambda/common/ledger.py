"""What was told already: one DynamoDB table, every change conditional, so that parallel runs agree on who tells.

An item is one incident. Phases: *claimed* (a run is about to tell; its lease ends by time, so that what a crash leaves
behind is told by the next), *open* (told, and it lasts), *over*. While nobody was told who did it, the item's
`nameDueAt` says from when on a mail may tell: where the lease ends of the run that is about to, or 0. The ledger is
help, not a condition: what it cannot answer is `UNKNOWN`, and then people are told once too often rather than not at
all.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from common.incident import KEPT, LEASE, Incident
from common.retry import Clock
from common.table import Table, epoch_s, moment_of

MEMBERS = 50
"""How many events an item names: enough to look into. A flood would make it longer than DynamoDB takes (400 KB)."""
UNSETTLED = "unsettled"
"""The local index of what is claimed or open: the sweep reads it, and it stays short however much is over."""


class Claim(StrEnum):
    """Whether this run is the one that tells."""

    MINE = "mine"
    TOLD = "told"  # or being told by a run whose lease has not ended
    UNKNOWN = "unknown"  # the ledger does not answer


class Phase(StrEnum):
    """How far an incident has come."""

    CLAIMED = "claimed"
    OPEN = "open"
    OVER = "over"


class Entry(NamedTuple):
    """An incident as the ledger remembers it. Times in UTC."""

    key: str
    phase: Phase
    what: str
    severity: str
    opened_at: datetime
    remind_at: datetime | None
    lease_until: datetime | None


class Ledger:
    """The incidents of one part of the table: a trail, or the alarms of a stack.

    After a first refusal it is not asked again in the same run (`is_down`).
    """

    def __init__(self, dynamodb: Callable[[], Any], *, table: str, part: str, clock: Clock) -> None:
        self._table = Table(dynamodb, name=table, part=part, clock=clock)
        self._clock = clock
        self._leases: dict[str, datetime] = {}

    @property
    def is_down(self) -> bool:
        """The ledger did not answer; `error_code` says why."""
        return self._table.is_down

    @property
    def error_code(self) -> str:
        """With what AWS refused; "" while it answers."""
        return self._table.error_code

    def claim(self, incident: Incident, *, event_id: str = "") -> Claim:
        """Ask to be the one that tells. Whoever is refused leaves its event behind as a member of the incident."""
        now, names = self._clock.now(), incident.names_culprit
        may_return = " OR (#phase = :over AND #overAt < :seen)" if incident.returns else ""
        values = {
            ":claimed": Phase.CLAIMED,
            ":now": now,
            ":lease": now + LEASE,
            ":what": incident.what,
            ":severity": incident.severity,
            ":id": incident.key,
            ":expires": epoch_s(now + KEPT),
            **({":over": Phase.OVER, ":seen": incident.seen_at} if incident.returns else {}),
            **({":members": {event_id}} if event_id else {}),
            # A mail without a name may be followed by one with it, at once, by whatever clock; a run that is about to
            # tell the name keeps others from it as long as its lease.
            **({} if names is None else {":nameDue": now + LEASE if names else 0}),
        }
        stale = ["remindAt", "overAt"]  # what comes back begins with nothing of before
        stale += [] if event_id else ["members"]
        stale += ["nameDueAt"] if names is None else []
        answer = self._table.update(
            incident.key,
            "SET #phase = :claimed, #leaseUntil = :lease, #openedAt = :now, #what = :what, #severity = :severity, "
            "#unsettled = :id, #expiresAt = :expires"
            + ("" if names is None else ", #nameDueAt = :nameDue")
            + (", #members = :members" if event_id else "")
            + " REMOVE "
            + ", ".join(f"#{name}" for name in stale),
            values,
            condition="attribute_not_exists(#id) OR (#phase = :claimed AND #leaseUntil < :now)" + may_return,
        )
        if answer is None:
            return Claim.UNKNOWN
        if answer.value is not None:
            self._leases[incident.key] = now + LEASE
            return Claim.MINE
        if event_id:
            self._table.update(
                incident.key,
                "ADD #members :members",
                {":members": {event_id}, ":most": MEMBERS},
                condition="attribute_not_exists(#members) OR size(#members) < :most",
            )
        return Claim.TOLD

    def hold(self, key: str) -> Claim:
        """Ask whether what this run claimed is still its own to tell, and make its lease new.

        Repairs may take longer than a lease when AWS is busy; another run may then have taken the incident over.
        """
        lease = self._clock.now() + LEASE
        answer = self._table.update(
            key,
            "SET #leaseUntil = :lease",
            {":lease": lease, ":held": self._leases[key], ":claimed": Phase.CLAIMED},
            condition="#phase = :claimed AND #leaseUntil = :held",
        )
        if answer is None:
            return Claim.UNKNOWN
        if answer.value is None:
            return Claim.TOLD
        self._leases[key] = lease
        return Claim.MINE

    def told(self, key: str, *, lasts: bool, remind_at: datetime | None = None, with_name: bool = False) -> None:
        """The mail is out. An incident that `lasts` stays open until `told(lasts=False)`, the rest is over."""
        now, name = self._clock.now(), ", #nameDueAt" if with_name else ""
        if not lasts:
            self._table.update(
                key,
                "SET #phase = :over, #overAt = :now REMOVE #unsettled, #leaseUntil, #remindAt" + name,
                {":over": Phase.OVER, ":now": now},
            )
        elif remind_at is None:
            self._table.update(key, "SET #phase = :open REMOVE #leaseUntil, #remindAt" + name, {":open": Phase.OPEN})
        else:
            self._table.update(
                key,
                "SET #phase = :open, #remindAt = :at REMOVE #leaseUntil" + name,
                {":open": Phase.OPEN, ":at": remind_at},
            )

    def take(self, key: str, *, due: bool = False) -> Claim:
        """Ask to be the one that tells of an unsettled incident again: a reminder, its end, or what a crash left.

        With `due` only when its reminder is.
        """
        now = self._clock.now()
        answer = self._table.update(
            key,
            "SET #leaseUntil = :lease",
            {":lease": now + LEASE, ":now": now, ":over": Phase.OVER},
            condition="attribute_exists(#id) AND #phase <> :over "
            "AND (attribute_not_exists(#leaseUntil) OR #leaseUntil < :now)" + (" AND #remindAt < :now" if due else ""),
        )
        if answer is None:
            return Claim.UNKNOWN
        return Claim.TOLD if answer.value is None else Claim.MINE

    def take_name(self, key: str) -> Claim:
        """Ask to be the one that tells who did it, where the incident's own mail could not."""
        now = self._clock.now()
        values = {":now": now, ":lease": now + LEASE}
        answer = self._table.update(key, "SET #nameDueAt = :lease", values, condition="#nameDueAt < :now")
        if answer is None:
            return Claim.UNKNOWN
        return Claim.TOLD if answer.value is None else Claim.MINE

    def told_name(self, key: str) -> None:
        """The mail that says who did it is out."""
        self._table.update(key, "REMOVE #nameDueAt", {})

    def unsettled(self) -> list[Entry] | None:
        """Everything claimed or open, the oldest key first; None when the ledger does not answer."""
        found = self._table.query("#trail = :trail", {}, IndexName=UNSETTLED)
        return None if found is None else [entry for entry in map(_entry, found) if entry]


def _entry(facts: Mapping[str, Any]) -> Entry | None:
    opened_at = moment_of(facts.get("openedAt"))
    if facts.get("phase") not in list(Phase) or opened_at is None:
        return None
    return Entry(
        key=facts["id"],
        phase=Phase(facts["phase"]),
        what=str(facts.get("what", "")),
        severity=str(facts.get("severity", "critical")),
        opened_at=opened_at,
        remind_at=moment_of(facts.get("remindAt")),
        lease_until=moment_of(facts.get("leaseUntil")),
    )
