"""Drawing a place in a pattern: the line, cut to a readable width, and a caret under the spot."""

_WIDTH = 96


def draw(text: str, start: int, end: int, *, note: str = "") -> str:
    """The line of `text` that holds `start`, with carets from `start` to `end` (offsets, end excluded) and a note.

    Control characters are shown as `·`, so that neither line breaks nor terminal codes get out of the drawing.
    """
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    last = len(text) if last < 0 else last
    end = max(start + 1, min(end, last))
    left, right = first, last
    if last - first > _WIDTH:
        left = max(first, min(start - _WIDTH // 2, last - _WIDTH))
        right = left + _WIDTH
        end = min(end, max(right, start + 1))
    before, after = "…" if left > first else "", "…" if right < last else ""
    shown = printable(text[left:right])
    marks = " " * (len(before) + start - left) + "^" * (end - start)
    return f"  {before}{shown}{after}\n  {marks} {printable(note)}".rstrip()


def printable(text: str) -> str:
    """The text with a `·` for each control character."""
    return "".join(char if char.isprintable() else "·" for char in text)


def place(text: str, position: int) -> str:
    """`column 5`, or `line 2, column 5` where the pattern has several lines; both count from 1."""
    column = position - text.rfind("\n", 0, position)
    return f"line {text.count(chr(10), 0, position) + 1}, column {column}" if "\n" in text else f"column {column}"
