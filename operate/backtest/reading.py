"""The events of one file or object, as fast as they can be read."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import Any, BinaryIO

from operate.events import read_stream, whole_document

Message = tuple[dict[str, Any] | None, str | None]
"""An event, None if it is none, and its text where it had a line of its own."""

WHOLE_BYTES = 8 * 1024 * 1024
"""Packed or not, up to which a file is read at once. CloudTrail starts a new file long before that."""


def messages(stream: BinaryIO, source: str) -> Iterable[Message]:
    """The events of a stream that can be rewound; `source` names it. Raises EventsError, also while they are taken."""
    start = stream.read(WHOLE_BYTES)
    if len(start) < WHOLE_BYTES and (records := whole_document(start)) is not None:
        return zip(records, repeat(None))
    stream.seek(0)
    return ((event.record, event.line) for event in read_stream(stream, source))
