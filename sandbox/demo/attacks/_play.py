"""One attack, played: what was seen of it, and nothing assumed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ._range import SWEEP_S, Range, Told
from ._row import ALARM, EVENT, SWEEP, Row

_TRIGGERS = {"event_rule": EVENT, "alarm": ALARM, "schedule": SWEEP}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one attack.

    `subject` is the mail's that the row asks for, "" when none came; `after_s` is from the attack's answer to that mail
    by the sandbox's clock, which runs as the machine's does but is turned over waiting; `trigger` is what woke the
    guardian for it, as its log says, or the alarm. `is_as_before`: the trail reads as before the attack;
    `is_mended`: so does what else the row looks at. `others` are the subjects of all other mails. `ms` is how long it
    took on the machine.
    """

    row: Row
    subject: str
    after_s: float | None
    trigger: str
    is_as_before: bool
    is_mended: bool
    others: tuple[str, ...]
    ms: float

    @property
    def problem(self) -> str:
        """In what it is not as the row says; "" when it is."""
        row = self.row
        if row.unanswered:
            told = [subject for subject in self.others if not subject.startswith(("OK", "INSUFFICIENT"))]
            return f"it has an answer now, so the row is out of date: {told}" if told else ""
        if not self.subject:
            return f"no mail with {' … '.join(row.told)}; there came {list(self.others)}"
        if self.trigger != row.trigger:
            return f"told by the {self.trigger}, not by the {row.trigger}"
        if not self.is_mended:
            return "it was not put back"
        told = [each for each in self.others if each.startswith("[")]
        if row.ended_by and (len(told) != 1 or not all(part in told[0] for part in row.ended_by)):
            return f"not told once more, with {' … '.join(row.ended_by)}; there came {told}"
        return "the trail is not as before" if row.is_repaired and not self.is_as_before else ""

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        if self.row.unanswered:
            return "not answered yet"
        if not self.subject:
            return "silent"
        is_back = self.is_mended if self.row.is_mended else self.row.is_repaired
        return "repaired and told" if is_back and (self.is_as_before or not self.row.is_repaired) else "told"


def play(row: Row, at: Range) -> Result:
    """Attack, let happen what follows, look, and clear away; the range is quiet again afterwards."""
    began = time.perf_counter()
    before, known = at.trail(), len(at.mails())
    row.attack(at)
    answered = at.now()
    if row.alarms_late:
        at.come_to_rest(alarms=False)
    at.come_to_rest()
    if row.by_sweep:
        at.pass_time(SWEEP_S)
    after = _trail_or_nothing(at)
    mails = at.mails()[known:]
    wanted = [mail for mail in mails if row.told and all(part in mail.subject for part in row.told)]
    result = Result(
        row=row,
        subject=wanted[0].subject if wanted else "",
        after_s=round(max(_epoch_s(wanted[0]) - answered, 0.0), 3) if wanted else None,
        trigger=_trigger(wanted[0], at) if wanted else "",
        is_as_before=after == before,
        is_mended=row.is_mended is None or row.is_mended(at),
        others=tuple(mail.subject for mail in mails if mail not in wanted[:1]),
        ms=(time.perf_counter() - began) * 1000,
    )
    if row.undo:
        row.undo(at)
    at.kept.clear()
    at.grow_quiet()
    return result


def _trail_or_nothing(at: Range) -> dict[str, Any]:
    try:
        return at.trail()
    except at.aws("cloudtrail").exceptions.TrailNotFoundException:
        return {}


def _trigger(mail: Told, at: Range) -> str:
    woken_by = at.reports().get(mail.subject)
    if woken_by is None:
        return ALARM if mail.subject.startswith("ALARM") else "nobody knows what"
    return _TRIGGERS.get(woken_by, woken_by)


def _epoch_s(mail: Told) -> float:
    return datetime.fromisoformat(mail.at).timestamp()
