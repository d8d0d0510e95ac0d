"""What SOURCE names: a folder or file, a bucket, a log group, or the event history."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from account import Access
from operate.backtest.bucket import Bucket
from operate.backtest.folder import Folder
from operate.backtest.log_group import LogGroup
from operate.backtest.lookup import EventHistory
from operate.backtest.span import Span
from operate.backtest.work import Piece
from operate.console import note
from operate.event_text import EventsError
from operate.events import ENDINGS

HISTORY = "lookup:"
LOGS = "logs:"
_LOG_GROUP = re.compile(r"[\w./#-]{1,512}", re.ASCII)  # CreateLogGroup


class Source(Protocol):
    """Where events come from."""

    @property
    def unit(self) -> str:
        """What `size` counts: `bytes` or `seconds`."""
        ...

    @property
    def size(self) -> int | None:
        """All of it, None if nobody knows yet."""
        ...

    def pieces(self) -> Iterator[Piece]:
        """The work, in small parts."""
        ...


def find_source(text: str, access: Access, span: Span) -> tuple[Source, Span]:
    """The source that `text` names, and the range of it. What exists as a file or folder is one. Raises EventsError.

    A folder is read whole where nobody says from when; an account has far too much for that.
    """
    if text.startswith("s3://"):
        first, last = _told(span)
        return Bucket(text, access, first=first.date(), last=last.date()), Span(first, last)
    if text == HISTORY:
        first, last = _told(span)
        return EventHistory(access, first=first, last=last), Span(first, last)
    path = Path(text).expanduser()
    name = text.removeprefix(LOGS)
    if name == text and path.exists():
        return Folder(path), span
    is_path = text.startswith((".", "~")) or text.endswith(ENDINGS)
    if name == text and (is_path or not _LOG_GROUP.fullmatch(name)):
        raise EventsError(
            f"{text}: no such file or folder. SOURCE is a folder of CloudTrail files, s3://bucket/prefix, the name "
            f"of a log group, {HISTORY} for the event history, or athena:database.table"
        )
    if name == text:
        note(f"{text} is no file or folder here, so it is taken for a log group")
    first, last = _told(span)
    return LogGroup(name, access, first=first, last=last), Span(first, last)


def _told(span: Span) -> tuple[datetime, datetime]:
    """Both ends of the range; the person hears of one that nobody gave."""
    first, last = span.closed()
    if span.first is None:
        note(f"from {first:%Y-%m-%d}, because no --from says otherwise")
    return first, last
