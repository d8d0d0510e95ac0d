"""Every attack of the table, by what is attacked.

A row without an answer would say why, and the test of the table fails as soon as it has one.
"""

from __future__ import annotations

from . import _channel_rows, _evidence_rows, _explainer_rows, _guardian_rows, _mute_rows, _trail_rows, _watching_rows
from ._row import Row

ROWS: tuple[Row, ...] = (
    *_trail_rows.rows(),
    *_evidence_rows.rows(),
    *_watching_rows.rows(),
    *_mute_rows.rows(),
    *_guardian_rows.rows(),
    *_channel_rows.rows(),
    *_trail_rows.last_rows(),
    *_explainer_rows.rows(),
)
