"""What one attack of the table is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ._range import Range

EVENT, ALARM, SWEEP = "event rule", "alarm", "sweep"
Deed = Callable[[Range], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One attack.

    `told` are parts of the subject of the mail that must come, by the `trigger`. `is_repaired`: the trail must be as
    before afterwards, without anybody's help. `is_mended` looks whether something else is. `by_sweep`: five minutes
    pass before. `alarms_late`: what the event rule wakes comes to its end before any alarm is looked at. `ended_by` are
    parts of the subject of the one mail that the guardian must send besides: it says how what was `told` came out.
    `explained`: alarms reach people through the explainer in the stack that is attacked, and not by themselves.
    `undo` clears away what is not repaired. `unanswered` says why nothing comes of it yet; such a row has no `told`.
    """

    name: str
    title: str
    attack: Deed
    told: tuple[str, ...] = ()
    trigger: str = EVENT
    is_repaired: bool = False
    is_mended: Callable[[Range], bool] | None = None
    by_sweep: bool = False
    alarms_late: bool = False
    ended_by: tuple[str, ...] = ()
    explained: bool = False
    undo: Deed | None = None
    unanswered: str = ""
