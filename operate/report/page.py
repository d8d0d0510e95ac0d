"""The report as one HTML page: nothing loaded, no script, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from operate.page import page
from operate.report.tables import Part


def as_page(title: str, parts: Iterable[Part]) -> str:
    """The whole page."""
    return page(title, [f"<h1>{escape(title)}</h1>", *(line for part in parts for line in _part(part))])


def _part(part: Part) -> Iterator[str]:
    kind = ' class="loud"' if part.is_loud else ""
    yield f"<h2{kind}>{escape(part.title)}</h2>"
    yield from (f"<p>{escape(sentence)}</p>" for sentence in part.sentences)
    if part.points:
        yield "<ul>"
        yield from (f"<li{kind}>{escape(point)}</li>" for point in part.points)
        yield "</ul>"
    if part.rows:
        yield "<table>"
        for number, row in enumerate(part.rows):
            tag = "td" if number else "th"
            yield f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in row)}</tr>"
        yield "</table>"
