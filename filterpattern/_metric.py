"""What a metric filter publishes for a message: the value, and the dimensions.

Documented is that `{ $.latency = * }` with the value `$.latency` publishes 50 for a latency of 50, and that filters are
never applied to the past. The rest was reported by third parties without saying how it was seen, and TestMetricFilter
cannot show it: a `Datum` names what of that it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from types import MappingProxyType

from filterpattern._errors import PatternError
from filterpattern._findings import Finding
from filterpattern._limits import MAX_DIMENSION_TEXT_LENGTH, MAX_DIMENSIONS, MAX_METRIC_VALUE_LENGTH
from filterpattern._literals import text_of_node
from filterpattern._message import parse_event
from filterpattern._numbers import is_number
from filterpattern._pattern import FIELDS, JSON, Pattern
from filterpattern._selectors import scan_selector
from filterpattern._tree import ANY, Field, Step, subtree
from filterpattern._walk import MISSING, getter

DEFAULT_PER_MESSAGE = "the default value is published once for every message that does not match"
DEFAULT_FOR_MISSING = "the default value is published where the field of the value is missing or null"
MISSING_DROPS_DIMENSIONS = "one missing dimension takes all dimensions away"
DIMENSION_OF_OTHER_KIND = "a dimension whose field is neither text nor number counts as missing"

_Read = Callable[[str], Mapping[str, object]]


@dataclass(frozen=True)
class Datum:
    """One value for CloudWatch. `unsettled` names the reported, undocumented behaviour it rests on."""

    value: float
    dimensions: Mapping[str, str] = field(default_factory=dict)
    unsettled: tuple[str, ...] = ()


class MetricError(ValueError):
    """CloudWatch refuses this metric transformation; `findings` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


class Metric:
    """The metric transformation of one filter.

    `value` is a number or one field: `$.a.b` with a JSON pattern, `$name` with a space-delimited one; it need not occur
    in the pattern. `dimensions` maps their names to fields. Raises MetricError.
    """

    def __init__(
        self,
        pattern: Pattern,
        *,
        value: str = "1",
        default: float | None = None,
        dimensions: Mapping[str, str] | None = None,
    ) -> None:
        dimensions = dimensions or {}
        findings = lint_metric(pattern, value=value, default=default, dimensions=dimensions)
        if findings:
            raise MetricError(findings)
        self.pattern, self.default = pattern, default
        self._constant = float(value) if is_number(value) else None
        self._value = None if is_number(value) else self._reader(value)
        self._dimensions = {name: self._reader(source) for name, source in dimensions.items()}

    def _reader(self, source: str) -> Callable[[Mapping[str, object]], object]:
        if self.pattern.form == JSON:
            return getter(_path(source))
        return lambda fields: fields.get(source, MISSING)

    def publish(self, message: str | bytes | Mapping[str, object]) -> Datum | None:
        """What one message publishes, None for nothing. Takes what `Pattern.matches` takes."""
        if not self.pattern.matches(message):
            return self._default(DEFAULT_PER_MESSAGE)
        found = self._fields(message)
        if self._value is None:
            assert self._constant is not None
            return self._datum(self._constant, found)
        node = self._value(found)
        if node is MISSING or node is None:
            return self._default(DEFAULT_FOR_MISSING)
        value = _number(node)
        return None if value is None else self._datum(value, found)

    def _fields(self, message: str | bytes | Mapping[str, object]) -> Mapping[str, object]:
        if isinstance(message, Mapping):
            return message
        if self.pattern.form == JSON:
            return parse_event(message) or {}
        return self.pattern.extracted_values(message)

    def _default(self, because: str) -> Datum | None:
        return None if self.default is None else Datum(self.default, unsettled=(because,))

    def _datum(self, value: float, found: Mapping[str, object]) -> Datum:
        texts: dict[str, str] = {}
        notes: list[str] = []
        for name, read in self._dimensions.items():
            node = read(found)
            text = text_of_node(node)
            if text is not None:
                texts[name] = text
                continue
            notes.append(MISSING_DROPS_DIMENSIONS)
            if node is not MISSING and node is not None:
                notes.append(DIMENSION_OF_OTHER_KIND)
        if notes:
            return Datum(value, unsettled=tuple(dict.fromkeys(notes)))
        return Datum(value, MappingProxyType(texts))


def _number(node: object) -> float | None:
    """The value of a field; None where it publishes nothing."""
    if isinstance(node, str):
        value = float(node) if is_number(node) else None
    elif isinstance(node, bool) or not isinstance(node, (int, float, Decimal)):
        value = None
    else:
        try:
            value = float(node)
        except OverflowError:
            value = None
    return value if value is not None and isfinite(value) else None


def lint_metric(
    pattern: Pattern,
    *,
    value: str = "1",
    default: float | None = None,
    dimensions: Mapping[str, str] | None = None,
) -> list[Finding]:
    """What CloudWatch refuses about a metric transformation together with its pattern."""
    return [*_lint_value(pattern, value), *_lint_dimensions(pattern, dimensions or {}, default)]


def _lint_value(pattern: Pattern, value: str) -> Iterator[Finding]:
    if len(value) > MAX_METRIC_VALUE_LENGTH:
        why = f"{len(value)} characters; a metric's value may have {MAX_METRIC_VALUE_LENGTH}"
        yield Finding("metric-value", value, MAX_METRIC_VALUE_LENGTH, len(value), why)
    elif not is_number(value):
        problem = _source_problem(pattern, value)
        if problem:
            yield Finding("metric-value", value, 0, len(value), problem, "write a number such as 1, or one field")


def _lint_dimensions(pattern: Pattern, dimensions: Mapping[str, str], default: float | None) -> Iterator[Finding]:
    if not dimensions:
        return
    if default is not None:
        yield Finding("dimension-default", "", 0, 0, "both dimensions and a default value", "leave one of the two out")
    if pattern.form not in (JSON, FIELDS):
        why = "dimensions need a JSON or a space-delimited pattern"
        yield Finding("dimension-form", pattern.text, 0, len(pattern.text), why)
        return
    if len(dimensions) > MAX_DIMENSIONS:
        yield Finding("dimension-form", "", 0, 0, f"{len(dimensions)} dimensions; there may be {MAX_DIMENSIONS}")
    for name, source in dimensions.items():
        for text in (name, source):
            if not 0 < len(text) <= MAX_DIMENSION_TEXT_LENGTH:
                why = f"{len(text)} characters; a dimension's name and value have 1 to {MAX_DIMENSION_TEXT_LENGTH}"
                yield Finding("dimension-form", text, 0, len(text), why)
        problem = _source_problem(pattern, source)
        if problem:
            yield Finding("dimension-form", source, 0, len(source), f"dimension {name}: {problem}")


def _source_problem(pattern: Pattern, source: str) -> str:
    """Why a text is no field that a message of this pattern has, empty if it is one."""
    if pattern.form == JSON:
        try:
            path = _path(source)
        except PatternError as error:
            return error.problem
        return "a wildcard gives more than one value" if ANY in path else ""
    if pattern.form != FIELDS:
        return "only JSON and space-delimited patterns have fields"
    names = {f"${node.name}" for node in subtree(pattern.tree) if isinstance(node, Field) and node.name}
    if source in names or (source[:1] == "$" and source[1:].isdigit()):
        return ""
    return f"the pattern has no field {source}"


def _path(source: str) -> tuple[Step, ...]:
    if not source.startswith("$"):
        raise PatternError("a field starts with $.", text=source, position=0)
    path, end = scan_selector(source, 0)
    if end != len(source):
        raise PatternError("more than one field", text=source, position=end)
    return path
