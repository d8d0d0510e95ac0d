"""Answers files: a stack's settings without prefix, in YAML or JSON, for runs in which nothing is asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode

from settings.document import Document, from_json
from settings.files import read_text
from settings.problems import Problem, SettingsError
from settings.yaml_reader import compose, read_mapping, written_twice


def read_answers(path: Path | str, *, shown: str | None = None) -> Document:
    """The answers in a file, as plain data that know their lines. Raises `SettingsError`.

    Keys and values are not judged here, `Settings.parse` does that. `shown` is how messages call the file: as somebody
    typed it, else by its name.
    """
    path = Path(path)
    name = shown or path.name
    text = read_text(path, shown=name)
    if path.suffix.lower() == ".json":
        data, twice = from_json(text, source=name)
        if isinstance(data, dict):
            document = Document(data, source=name, problems=twice)
            document.settle_secrets(can_hold=False)
            return document
        raise _no_mapping(name)
    node = compose(text, source=name)
    if not isinstance(node, MappingNode):
        raise _no_mapping(name)
    document = Document({}, source=name, problems=written_twice(node, source=name))
    document.update(read_mapping(node, document))
    document.settle_secrets(can_hold=False)
    document.refuse_secrets()
    return document


def merge_answers(answers: Mapping[str, Any], present: Mapping[str, Any] | None) -> Document:
    """Answers over what the stack has now. What neither says is left to the defaults of the model.

    A missing `homeRegion` is the stack's present one, else the first of `regions`.
    """
    top = answers if isinstance(answers, Document) else Document(answers, source="answers")
    base = present if isinstance(present, Document) else Document(present or {}, source="the stack's settings")
    merged = base.layered(top)
    regions = merged.get("regions")
    if "homeRegion" not in merged and isinstance(regions, list | tuple) and regions:
        merged["homeRegion"] = regions[0]
        merged.marks["homeRegion",] = merged.mark(("regions", 0))
    return merged


def _no_mapping(name: str) -> SettingsError:
    return SettingsError(
        [Problem(name, "", None, "holds no answers", allowed="keys such as emails: [security@example.com]")]
    )
