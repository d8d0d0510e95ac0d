"""Changes a YAML text in place: what does not change keeps every byte.

A round trip through a YAML library would move or lose comments (those behind a replaced list), `---`, CRLF and
indentation. So the node tree only says where things stand, and the changes are cut into the text at those places. The
caller reads the result again and compares: a text that is written too cleverly is refused, never damaged.
"""

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from settings.nodes import NodeReader
from settings.texts import key_text
from settings.yaml_text import Depth, depth_below, entry, flow, item, key_scalar, lines

_DASH = re.compile(r"^[ ]*(-)(?=[ \t\r\n]|$)", re.MULTILINE)


class _Delete:
    """Takes a key out."""


DELETE: Final = _Delete()
Changes = Mapping[str, Any]


def edit(text: str, root: MappingNode, changes: Changes, *, depth: Depth = 0) -> str:
    """The text with `changes` made to the mapping `root`, whose nodes were composed from this very text.

    `changes` maps keys to new values (added at the end if they are new) or to `DELETE`; a mapping is merged no deeper
    than that: its value is the new value. `depth` lays out what is written anew.
    """
    editor = _Editor(text)
    editor.mapping(root, changes, depth=depth)
    return editor.result()


def plain(node: Node) -> Any:
    """The data of a node, without judging it."""
    return NodeReader("", label=lambda path: str(path)).read(node, ("",))


@dataclass(frozen=True, order=True)
class _Splice:
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class _Part:
    """One entry of a mapping or a list: where it starts and where its content ends (before any comment)."""

    start: int
    end: int


class _Editor:
    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.splices: list[_Splice] = []

    def result(self) -> str:
        """The text with all changes made."""
        text = self.text
        # From the back, so that earlier offsets stay right; at one offset a removal comes before an insertion.
        for splice in sorted(self.splices, reverse=True):
            text = text[: splice.start] + splice.text + text[splice.end :]
        return text

    def mapping(self, node: MappingNode, changes: Changes, *, depth: Depth) -> None:
        """Change, remove and add entries. At least one entry is kept."""
        keys = [key_text(key) or "" for key, _ in node.value]
        parts = [_Part(key.start_mark.index, self._value_end(key, value)) for key, value in node.value]
        removed = {index for index, key in enumerate(keys) if changes.get(key) is DELETE}
        for index, (key_node, value_node) in enumerate(node.value):
            if index not in removed and keys[index] in changes:
                self._value(key_node, value_node, changes[keys[index]], depth=depth_below(depth, keys[index]))
        added: dict[int, list[str]] = {}
        order = list(changes)
        for key in order:
            if key not in keys and changes[key] is not DELETE:
                before = [keys.index(each) for each in order[: order.index(key)] if each in keys]
                kept = [index for index in before if index not in removed]
                anchor = kept[-1] if kept else max(index for index in range(len(keys)) if index not in removed)
                added.setdefault(anchor, []).append(key)
        if node.flow_style:
            texts = {
                anchor: [f"{key_scalar(key)}: {flow(changes[key])}" for key in new] for anchor, new in added.items()
            }
            self._flow(parts, removed, texts)
            return
        indent = parts[0].start - self._line_start(parts[0].start)
        self._remove_from_block(parts, removed)
        for anchor, new in added.items():
            rows = [
                row for key in new for row in entry(key, changes[key], indent=indent, depth=depth_below(depth, key))
            ]
            self._insert_rows(self._line_end(parts[anchor].end), rows)

    def _value(self, key_node: Node, value_node: Node, new: Any, *, depth: Depth) -> None:
        old = plain(value_node)
        if _same(old, new):
            return
        if isinstance(value_node, MappingNode) and isinstance(new, Mapping) and old.keys() & new.keys():
            # Unchanged entries are among the changes: what is added goes behind the entry that precedes it in `new`.
            self.mapping(value_node, {key: DELETE for key in old if key not in new} | dict(new), depth=depth)
        elif isinstance(value_node, SequenceNode) and isinstance(new, list) and old and new:
            self._sequence(value_node, old, new, depth=depth)
        else:
            self._replace(key_node, value_node, new, depth=depth)

    def _replace(self, key_node: Node, value_node: Node, new: Any, *, depth: Depth) -> None:
        """A whole value anew. A comment beside the key or behind a value of one line stays."""
        start = key_node.start_mark.index
        colon = self._after_colon(key_node)
        below = lines(new, indent=start - self._line_start(start) + 2, depth=depth)
        beside, rows = (f" {below}", []) if isinstance(below, str) else ("", below)
        body = "".join(row + self.newline for row in rows)
        if _is_empty(value_node):
            self._splice(colon, colon, beside or self.newline + body.removesuffix(self.newline))
            return
        value_start, value_end = value_node.start_mark.index, self._end(value_node)
        if "\n" in self.text[colon:value_start]:
            self._splice(colon, colon, beside)
            self._splice(self._line_end(colon), self._line_end(value_end), body)
            return
        value_end = value_start + len(self.text[value_start:value_end].rstrip())
        if beside:
            self._splice(value_start, value_end, beside[1:])
        else:
            self._splice(colon, value_end, self.newline + body.removesuffix(self.newline))

    def _sequence(self, node: SequenceNode, old: list[Any], new: list[Any], *, depth: Depth) -> None:
        dashes = self._dashes(node)
        parts = [
            _Part(start, start + 1 if _is_empty(each) else self._end(each))
            for start, each in zip(dashes, node.value, strict=True)
        ]
        removed: set[int] = set()
        added: dict[int, list[Any]] = {}
        matcher = difflib.SequenceMatcher(a=[_canonical(each) for each in old], b=[_canonical(each) for each in new])
        for kind, i1, i2, j1, j2 in matcher.get_opcodes():
            if kind == "equal":
                continue
            paired = min(i2 - i1, j2 - j1)
            for i, j in zip(range(i1, i1 + paired), range(j1, j1 + paired), strict=True):
                self._item(node.value[i], old[i], new[j])
            removed |= set(range(i1 + paired, i2))
            if j1 + paired < j2:
                added.setdefault(i1 + paired - 1, []).extend(new[j1 + paired : j2])
        if node.flow_style:
            self._flow(parts, removed, {anchor: [flow(each) for each in items] for anchor, items in added.items()})
            return
        self._remove_from_block(parts, removed)
        indent = dashes[0] - self._line_start(dashes[0])
        # New items look like their neighbours: on one line, or a key per line.
        is_tall = isinstance(node.value[0], MappingNode) and not node.value[0].flow_style
        item_depth = 1 if is_tall else depth_below(depth, "")
        for anchor, items in added.items():
            rows = [row for each in items for row in item(each, indent=indent, depth=item_depth)]
            place = self._line_start(parts[0].start) if anchor < 0 else self._line_end(parts[anchor].end)
            self._insert_rows(place, rows)

    def _item(self, node: Node, old: Any, new: Any) -> None:
        if isinstance(node, MappingNode) and isinstance(new, Mapping) and old.keys() & new.keys():
            self.mapping(node, {key: DELETE for key in old if key not in new} | dict(new), depth=0)
        else:
            self._splice(node.start_mark.index, self._end(node), flow(new))

    def _flow(self, parts: Sequence[_Part], removed: set[int], added: Mapping[int, list[str]]) -> None:
        """Entries between brackets: a removed run takes one comma with it, an added one brings its own."""
        kept = [index for index in range(len(parts)) if index not in removed]
        for index in removed:
            after = [each for each in kept if each > index]
            if after:
                self._splice(parts[index].start, parts[index + 1].start, "")
            else:
                self._splice(parts[index - 1].end, parts[index].end, "")
        for anchor, texts in added.items():
            if anchor < 0:
                self._splice(parts[0].start, parts[0].start, "".join(f"{text}, " for text in texts))
            else:
                self._splice(parts[anchor].end, parts[anchor].end, "".join(f", {text}" for text in texts))

    def _remove_from_block(self, parts: Sequence[_Part], removed: set[int]) -> None:
        kept = min(index for index in range(len(parts)) if index not in removed)
        for index in removed:
            start = parts[index].start
            line_start = self._line_start(start)
            if not self.text[line_start:start].strip():
                self._splice(line_start, self._line_end(parts[index].end), "")
            elif index == 0:
                # The first key behind a dash: the first one that is kept moves up to the dash.
                self._splice(start, parts[kept].start, "")
                self._remove_from_block(parts, {each for each in removed if each > kept})
                return

    def _insert_rows(self, place: int, rows: Sequence[str]) -> None:
        text = self.newline.join(rows)
        is_after_newline = place == 0 or self.text[place - 1] == "\n"
        self._splice(place, place, text + self.newline if is_after_newline else self.newline + text)

    def _splice(self, start: int, end: int, text: str) -> None:
        if start != end or text:
            self.splices.append(_Splice(start, end, text))

    def _value_end(self, key: Node, value: Node) -> int:
        return self._after_colon(key) if _is_empty(value) else self._end(value)

    def _end(self, node: Node) -> int:
        """Where the content of a node ends. The end mark of a block lies behind the comments that follow it."""
        if not isinstance(node, MappingNode | SequenceNode) or node.flow_style or not node.value:
            return node.end_mark.index
        if isinstance(node, MappingNode):
            return self._value_end(*node.value[-1])
        last = node.value[-1]
        if _is_empty(last):
            return self._dashes(node)[-1] + 1
        return self._end(last)

    def _dashes(self, node: SequenceNode) -> list[int]:
        """Where each item of a list begins: at its dash in a block, at itself between brackets."""
        if node.flow_style:
            return [each.start_mark.index for each in node.value]
        places: list[int] = []
        place = node.start_mark.index
        for each in node.value:
            if places:  # comments and empty lines may stand between the items
                found = _DASH.search(self.text, place)
                assert found is not None
                place = found.start(1)
            places.append(place)
            place = self._line_end(place + 1 if _is_empty(each) else self._end(each))
        return places

    def _after_colon(self, key: Node) -> int:
        return self.text.index(":", key.end_mark.index) + 1

    def _line_start(self, place: int) -> int:
        return self.text.rfind("\n", 0, place) + 1

    def _line_end(self, place: int) -> int:
        """The start of the next line. The end of a block scalar already is one."""
        if place and self.text[place - 1] == "\n":
            return place
        found = self.text.find("\n", place)
        return len(self.text) if found < 0 else found + 1


def _is_empty(node: Node) -> bool:
    """Nothing is written there; the node's marks then lie on whatever follows."""
    return node.start_mark.index >= node.end_mark.index


def _same(old: Any, new: Any) -> bool:
    # `trail-changes:` with nothing behind it is the same as `trail-changes: {}`.
    return _canonical({} if old is None else old) == _canonical({} if new is None else new)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
