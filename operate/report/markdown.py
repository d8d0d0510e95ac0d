"""The report as Markdown, made for a comment on a pull request: the same text for the same settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from operate.report.tables import Part

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$])")
_BECOMES_SOMETHING = re.compile(r"((?<![A-Za-z0-9])@|:(?=//)|\bwww(?=\.))")
"""What a forge makes a mention or a link of after Markdown was read, so that no backslash helps."""
_NOTHING = "\N{ZERO WIDTH SPACE}"


def plain(text: str) -> str:
    """Text that is shown as it is: no markup, no mention of somebody, no link, no line break."""
    one_line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return _BECOMES_SOMETHING.sub(rf"\1{_NOTHING}", _MEANS_SOMETHING.sub(r"\\\1", one_line))


def as_markdown(title: str, parts: Iterable[Part]) -> str:
    """The whole report."""
    return "\n".join([f"### {plain(title)}", "", *(line for part in parts for line in _part(part))])


def _part(part: Part) -> Iterator[str]:
    if part.is_folded:
        yield from (f"<details><summary>{plain(part.title)}</summary>", "")
    else:
        yield from (f"#### {'⚠️ ' if part.is_loud else ''}{plain(part.title)}", "")
    for sentence in part.sentences:
        yield from (plain(sentence), "")
    for point in part.points:
        yield f"- {plain(point)}"
    if part.points:
        yield ""
    for number, row in enumerate(part.rows):
        yield f"| {' | '.join(map(plain, row))} |"
        if number == 0:
            yield f"|{' --- |' * len(row)}"
    if part.rows:
        yield ""
    if part.is_folded:
        yield from ("</details>", "")
