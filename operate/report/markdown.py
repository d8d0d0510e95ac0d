"""The report as Markdown, made for a comment on a pull request: the same text for the same settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from operate.report.tables import Part

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$])")
_BECOMES_SOMETHING = re.compile(r"((?<![A-Za-z0-9])@|:(?=//)|\bwww(?=\.))")
"""What a forge makes a mention or a link of after Markdown was read, so that no backslash helps."""
MOST_CHARACTERS = 65_000
"""GitHub takes comments of 65,536 characters, GitLab of a million."""
_CUT = "\n… cut, the rest is in the log of the run\n"
_NOTHING = "\N{ZERO WIDTH SPACE}"


def plain(text: str) -> str:
    """Text that is shown as it is: no markup, no mention of somebody, no link, no line break."""
    one_line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return _BECOMES_SOMETHING.sub(rf"\1{_NOTHING}", _MEANS_SOMETHING.sub(r"\\\1", one_line))


def as_markdown(title: str, parts: Iterable[Part], *, marker: str, preview: str | None = None) -> str:
    """The whole report. `marker` is a comment by which a workflow finds what it posted before.

    `preview` is what `pulumi preview` printed; it is folded in below, and cut where the whole would be longer than a
    comment may be.
    """
    text = "\n".join(
        [f"<!-- {marker} -->", f"### {plain(title)}", "", *(line for part in parts for line in _part(part))]
    )
    if preview is not None:
        text += _folded(preview, room=MOST_CHARACTERS - len(text))
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - len(_CUT)]}{_CUT}"


def _folded(preview: str, *, room: int) -> str:
    """The preview in a code block that nothing in it can close."""
    clean = "".join(char for char in preview if char.isprintable() or char == "\n").strip() or "(nothing was printed)"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", clean)), default=0))
    head, tail = f"<details><summary>pulumi preview</summary>\n\n{fence}diff\n", f"\n{fence}\n\n</details>\n"
    room -= len(head) + len(tail) + len(_CUT)
    if len(clean) > room:
        clean = f"{clean[: max(room, 0)]}{_CUT}"
    return f"{head}{clean}{tail}"


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
