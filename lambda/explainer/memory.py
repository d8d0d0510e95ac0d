"""What the explainer remembers: alarms that ring, events that were told, and what was left out on purpose.

Items under the part `explainer` of the ledger's table:

| id | what |
|---|---|
| `alarm#<name>` | an alarm that rang: phase, when it began, how far its events are explained (`watermark`), counts |
| `event#<event id>` | one event, claimed before its mail and told after it |
| `told#<moment>#<name>` | ids of events that a mail has told, for a day |
| `seen#<name>#<moment>` | ids of events that only this watch is done with: parts of a count, or suppressed |
| `rate#<watch>#<span>` | how many events of a watch came one by one within five minutes |
| `low#<day>#<watch>#<moment>` | what waits for the day's digest: `events`, `rang`, `missing`, `counts` by what |
| `digest#<day>`, `week#<day>` | a digest: claimed before its mail and told after it |
| `suppressed#<day>#<suppression>` | `total`, `lastAt` (ms) and `watches` of a suppression on one day (UTC) |
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from common import ledger
from common.retry import Clock
from common.table import Table, epoch_s, moment_of, plain
from common.trail_calls import CALL, SEEN

PART = "explainer"
ALARM, EVENT = "alarm#", "event#"
RATE_SPAN = timedelta(minutes=5)
_IDS_KEPT = timedelta(days=1)
_SUPPRESSED_KEPT = timedelta(days=90)
_IDS_IN_ITEM = 1_000  # of 36 characters each: a tenth of what an item may hold
_NAMES_KEPT = 50
OTHERS = "others"
MAX_FACES = 400


class Ringing(NamedTuple):
    """An alarm as it is remembered. Times in UTC.

    `total` events are known of since it `began_at`, and `told` of them stood in a mail. `follow_until` is set while a
    mail owes the rest of what the alarm `expected` since `owed_from`. `faces` are those of the
    events that were told.
    """

    name: str
    watch: str
    severity: str
    began_at: datetime
    watermark: datetime
    remind_at: datetime | None
    total: int = 0
    told: int = 0
    mails: int = 0
    expected: int = 0
    follow_until: datetime | None = None
    owed_from: datetime | None = None
    faces: frozenset[str] = frozenset()


class Memory(ledger.Ledger):
    """The explainer's part of the ledger. After a first refusal it is not asked again in the same run (`is_down`)."""

    def __init__(self, dynamodb: Callable[[], Any], *, table: str, clock: Clock) -> None:
        super().__init__(dynamodb, table=table, part=PART, clock=clock)

    # -- alarms

    def ringing(self, name: str) -> Ringing | None:
        """An alarm that rang; None when it is not remembered, or nobody knows."""
        return _ringing(name, self._table.get(f"{ALARM}{name}") or {})

    def note(self, ringing: Ringing, *, new_faces: Collection[str] = ()) -> None:
        """Remember how far an alarm is explained."""
        facts: dict[str, Any] = {
            "watch": ringing.watch,
            "beganAt": ringing.began_at,
            "watermark": ringing.watermark,
            "total": ringing.total,
            "told": ringing.told,
            "mails": ringing.mails,
            "expected": ringing.expected,
        }
        owed = {"followUntil": ringing.follow_until, "owedFrom": ringing.owed_from}
        facts |= {name: at for name, at in owed.items() if at}
        gone = [f"#{name}" for name, at in owed.items() if not at]
        room = max(0, MAX_FACES - len(ringing.faces))
        faces = set(list(new_faces)[:room])
        self._table.update(
            f"{ALARM}{ringing.name}",
            "SET "
            + ", ".join(f"#{name} = :{name}" for name in facts)
            + (f" REMOVE {', '.join(gone)}" if gone else "")
            + (" ADD #faces :faces" if faces else ""),
            {**{f":{name}": value for name, value in facts.items()}, **({":faces": faces} if faces else {})},
        )

    def forget_faces(self, name: str) -> None:
        """An alarm rings anew: what it told before is no news of now."""
        self._table.update(f"{ALARM}{name}", "REMOVE #faces", {})

    # -- events

    def told_since(self, at: datetime, *, watch: str = "") -> frozenset[str]:
        """Ids of the events that mails have told since a moment; with `watch` only those that it found."""
        found = self._table.query(
            "#trail = :trail AND #id BETWEEN :first AND :last",
            {":first": f"told#{_stamp(at)}", ":last": "told#~"},
        )
        ends = f"#{watch}"
        return frozenset(
            event_id
            for item in found or []
            if not watch or str(item.get("id", "")).endswith(ends)
            for event_id in item.get("ids", [])
        )

    def seen_since(self, at: datetime, *, watch: str) -> frozenset[str]:
        """Ids of the events that a watch is done with since a moment."""
        found = self._table.query(
            "#trail = :trail AND #id BETWEEN :first AND :last",
            {":first": f"seen#{watch}#{_stamp(at)}", ":last": f"seen#{watch}#~"},
        )
        return frozenset(event_id for item in found or [] for event_id in item.get("ids", []))

    def note_told(self, ids: Collection[str], *, watch: str) -> None:
        """A mail has told these events: no other mail tells them."""
        self._note_ids(ids, lambda stamp, number: f"told#{stamp}.{number:02d}#{watch}")

    def note_seen(self, ids: Collection[str], *, watch: str) -> None:
        """A watch is done with these events, and others may still tell them."""
        self._note_ids(ids, lambda stamp, number: f"seen#{watch}#{stamp}.{number:02d}")

    def _note_ids(self, ids: Collection[str], key: Callable[[str, int], str]) -> None:
        now = self._clock.now()
        rest = iter(sorted(ids))
        for number in range(-(-len(ids) // _IDS_IN_ITEM)):
            some = islice(rest, _IDS_IN_ITEM)
            self._table.update(
                key(_stamp(now), number),
                "SET #expiresAt = :expires ADD #ids :ids",
                {":expires": epoch_s(now + _IDS_KEPT), ":ids": set(some)},
            )

    def count_single(self, watch: str) -> int:
        """Count one event that came alone; how many of its watch did within these minutes, this one among them."""
        now = self._clock.now()
        span = int(now.timestamp() // RATE_SPAN.total_seconds())
        return self._add(f"rate#{watch}#{span}", {"total": 1}, expires=now + _IDS_KEPT)

    def count_suppressed(self, suppression: str, *, watch: str, number: int) -> None:
        """Remember how much was not told because of a suppression, for the summary."""
        now = self._clock.now()
        self._table.update(
            f"suppressed#{now:%Y-%m-%d}#{suppression}",
            "SET #expiresAt = :expires, #lastAt = :now ADD #total :number, #watches :watches",
            {":expires": epoch_s(now + _SUPPRESSED_KEPT), ":now": now, ":number": number, ":watches": {watch}},
        )

    def note_low(
        self, watch: str, *, events: int, rang: int = 0, missing: int = 0, counts: Mapping[str, Counter[str]]
    ) -> None:
        """Keep events of low severity for the digest. `counts` are theirs by kind (callers, calls, addresses)."""
        now = self._clock.now()
        kept = {name: _few(counted) for name, counted in counts.items()}
        self._table.update(
            f"low#{now:%Y-%m-%d}#{watch}#{_stamp(now)}",
            "SET #expiresAt = :expires, #counts = :counts ADD #events :events, #rang :rang, #missing :missing",
            {
                ":expires": epoch_s(now + _SUPPRESSED_KEPT),
                ":counts": json.dumps(kept, ensure_ascii=False, separators=(",", ":")),
                ":events": events,
                ":rang": rang,
                ":missing": missing,
            },
        )

    def low_of(self, day: date) -> list[tuple[str, dict[str, Any]]] | None:
        """(watch, item) of everything of low severity on a day (UTC), in its order; None when nobody knows."""
        found = self._table.query("#trail = :trail AND begins_with(#id, :day)", {":day": f"low#{day}#"})
        return None if found is None else [(str(item["id"]).split("#")[2], item) for item in found]

    def suppressed_between(self, first: date, last: date) -> list[tuple[str, str, dict[str, Any]]] | None:
        """(day, suppression, item) of some days, both ends included; None when nobody knows."""
        found = self._table.query(
            "#trail = :trail AND #id BETWEEN :first AND :last",
            {":first": f"suppressed#{first}", ":last": f"suppressed#{last}#~"},
        )
        if found is None:
            return None
        parts = [(str(item["id"]).split("#"), item) for item in found]
        return [(part[1], part[2], item) for part, item in parts]

    def _add(self, key: str, numbers: Mapping[str, int], *, expires: datetime) -> int:
        answer = self._table.update(
            key,
            "SET #expiresAt = :expires ADD " + ", ".join(f"#{name} :{name}" for name in numbers),
            {":expires": epoch_s(expires), **{f":{name}": value for name, value in numbers.items()}},
            ReturnValues="UPDATED_NEW",
        )
        if answer is None or answer.value is None:
            return 1
        return int(plain(answer.value.get("Attributes", {})).get("total", 1))


class GuardianNotes:
    """What the guardian noted of one trail: the events that it has dealt with, and its own calls. Only read."""

    def __init__(self, dynamodb: Callable[[], Any], *, table: str, trail_arn: str, clock: Clock) -> None:
        self._table = Table(dynamodb, name=table, part=trail_arn, clock=clock)

    @property
    def is_down(self) -> bool:
        """The table did not answer; `error_code` says why."""
        return self._table.is_down

    @property
    def error_code(self) -> str:
        """What DynamoDB said; "" while it answers."""
        return self._table.error_code

    def knows(self, record: Mapping[str, Any]) -> bool:
        """The guardian has dealt with this event, or it is a call of its own."""
        for beginning, key in ((SEEN, "eventID"), (CALL, "requestID")):
            found = record.get(key)
            if isinstance(found, str) and found and self._table.get(f"{beginning}{found}"):
                return True
        return False

    def since(self, at: datetime) -> int:
        """How many events it has dealt with since a moment."""
        found = self._table.query("#trail = :trail AND begins_with(#id, :seen)", {":seen": SEEN}) or []
        least = epoch_s(at + _IDS_KEPT)  # an item says only when it goes, a day after it was written
        return sum(1 for item in found if int(item.get("expiresAt", 0)) >= least)


def _few(counted: Counter[str]) -> dict[str, int]:
    """The most frequent, and the rest as one, so that an item has room and the sum stays right."""
    few = dict(counted.most_common(_NAMES_KEPT))
    rest = counted.total() - sum(few.values())
    return few | ({OTHERS: few.get(OTHERS, 0) + rest} if rest else {})


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}"


def _ringing(name: str, item: Mapping[str, Any]) -> Ringing | None:
    began, watermark = moment_of(item.get("beganAt")), moment_of(item.get("watermark"))
    if began is None or watermark is None:
        return None
    return Ringing(
        name=name,
        watch=str(item.get("watch", "")),
        severity=str(item.get("severity", "critical")),
        began_at=began,
        watermark=watermark,
        remind_at=moment_of(item.get("remindAt")),
        total=int(item.get("total", 0)),
        told=int(item.get("told", 0)),
        mails=int(item.get("mails", 0)),
        expected=int(item.get("expected", 0)),
        follow_until=moment_of(item.get("followUntil")),
        owed_from=moment_of(item.get("owedFrom")),
        faces=frozenset(item.get("faces", ())),
    )
