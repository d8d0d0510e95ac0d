"""Writing alternatives of conditions on fields as the JSON of an EventBridge event pattern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from filterpattern._matchers import Between, Block, Exactly, Exists, Glob, Matcher, Num, Text, Unlike
from filterpattern._translation import TranslationError

# Names that EventBridge reserves for operators inside `$or`, so that it would not be read as one.
_RESERVED = frozenset(
    ("anything-but", "cidr", "equals-ignore-case", "exactly", "exists", "numeric", "prefix", "suffix", "wildcard")
)
Path = tuple[str, ...]
Clause = Mapping[Path, tuple[Matcher, ...]]
"""One alternative: what is asked of each field."""


def written(clauses: Sequence[Clause]) -> dict[str, object]:
    """The pattern under `detail`: what all alternatives share, and `$or` for the rest."""
    first = clauses[0]
    shared = {path: want for path, want in first.items() if all(clause.get(path) == want for clause in clauses)}
    rests = [{path: want for path, want in clause.items() if path not in shared} for clause in clauses]
    if not all(rests) and shared:
        return _nested(shared)  # one alternative asks for nothing else, so the others add nothing
    if len(rests) == 1:
        return _nested(rests[0])
    reserved = {step for rest in rests for path in rest for step in path} & _RESERVED
    if reserved:
        raise TranslationError(f"an event pattern cannot name the field {min(reserved)!r} beside $or")
    return {**_nested(shared), "$or": [_nested(rest) for rest in rests]}


def _nested(clause: Clause) -> dict[str, object]:
    whole: dict[str, object] = {}
    for path, matchers in clause.items():
        place = whole
        for step in path[:-1]:
            inner = place.setdefault(step, {})
            if not isinstance(inner, dict):
                raise TranslationError(_both_levels(path))
            place = inner
        if path[-1] in place:
            raise TranslationError(_both_levels(path))
        place[path[-1]] = [_written(matcher) for matcher in matchers]
    return whole


def _both_levels(path: Path) -> str:
    return f"an event pattern cannot ask about an object and a field in it at once: {'.'.join(path)}"


def _written(matcher: Matcher) -> object:
    match matcher:
        case Text(value):
            return value
        case Exactly(value):
            return value
        case Exists(exists):
            return {"exists": exists}
        case Num(value):
            return {"numeric": ["=", _json_number(value)]}
        case Between(bounds):
            return {"numeric": [part for operator, bound in bounds for part in (operator, _json_number(bound))]}
        case Block(cidr):
            return {"cidr": cidr}
        case Glob(pieces):
            return dict([_glob(pieces)])
        case Unlike(values):
            return {"anything-but": _unlike(values)}


def _glob(pieces: tuple[str, ...]) -> tuple[str, str]:
    if len(pieces) == 2 and any(pieces) and not all(pieces):
        return ("prefix", pieces[0]) if pieces[0] else ("suffix", pieces[1])
    return "wildcard", _wildcard(pieces)


def _wildcard(pieces: tuple[str, ...]) -> str:
    return "*".join(piece.replace("\\", "\\\\").replace("*", "\\*") for piece in pieces)


def _unlike(values: Sequence[Text | Glob | Num]) -> object:
    if all(isinstance(value, Text) for value in values):
        return [value.value for value in values if isinstance(value, Text)]
    if all(isinstance(value, Num) for value in values):
        return [_json_number(value.value) for value in values if isinstance(value, Num)]
    if any(isinstance(value, Num) for value in values):
        raise TranslationError("an event pattern cannot exclude numbers and texts of one field together")
    kinds = {_glob(value.pieces)[0] for value in values if isinstance(value, Glob)}
    if len(kinds) == 1 and not any(isinstance(value, Text) for value in values):
        operands = [_glob(value.pieces)[1] for value in values if isinstance(value, Glob)]
        return {kinds.pop(): operands[0] if len(operands) == 1 else operands}
    return {"wildcard": [_wildcard(_pieces(value)) for value in values]}


def _pieces(value: Text | Glob | Num) -> tuple[str, ...]:
    assert not isinstance(value, Num)
    return (value.value,) if isinstance(value, Text) else value.pieces


def _json_number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)
