"""Reads the catalogue's files, strictly: a fault in one of them stops everything and is named with all the others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from catalog.model import (
    AUDITORS,
    BENCHMARKS,
    PACKS,
    SEVERITIES,
    CatalogError,
    EventSet,
    Noise,
    Pack,
    Sample,
    Verdict,
)
from catalog.samples import Records, read_samples
from catalog.tables import KEBAB_CASE, Table, suggestion
from catalog.template import GAP, Parameter, RenderError, Template

THRESHOLDS = range(1, 1_000_001)
PERIODS = range(60, 86_401, 60)
"""CloudWatch takes periods in steps of a minute; period times evaluation periods may be one day (PutMetricAlarm)."""
USUAL = (1, 300)
"""Threshold and period that need no reason: one event within five minutes."""


class Catalogue(Mapping[str, EventSet]):
    """Event sets by name, in catalogue order, read-only. The files are read when somebody first looks.

    `folder` holds `packs.toml` (the packs and the order of their sets), `sets/<name>.toml` and
    `records/<name>.json`. The first look raises CatalogError, listing every fault, if the data is broken.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> EventSet:
        return self._content[1][name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content[1])

    def __len__(self) -> int:
        return len(self._content[1])

    def __repr__(self) -> str:
        return f"Catalogue({self._folder.name!r})"

    @property
    def packs(self) -> Mapping[str, Pack]:
        """The packs by name, in catalogue order."""
        return self._content[0]

    @cached_property
    def _content(self) -> tuple[Mapping[str, Pack], Mapping[str, EventSet]]:
        problems: list[str] = []
        packs = _read_packs(self._folder, problems)
        records = Records(self._folder / "records", "records")
        pack_of = {name: pack.name for pack in packs.values() for name in pack.sets}
        read = (_read_set(self._folder, name, pack, records, problems) for name, pack in pack_of.items())
        sets = {event_set.name: event_set for event_set in read if event_set}
        problems.extend(
            f"sets/{path.name}: no pack in packs.toml lists it"
            for path in sorted((self._folder / "sets").glob("*"))
            if path.suffix != ".toml" or path.stem not in pack_of
        )
        problems.extend(_duplicates(sets.values()))
        if problems:
            raise CatalogError(problems)
        return MappingProxyType(packs), MappingProxyType(sets)


EVENT_SETS = Catalogue(Path(__file__).parent)
"""The event sets that trailwarden ships."""


def _read_toml(path: Path, where: str, problems: list[str]) -> Table | None:
    try:
        return Table(tomllib.loads(path.read_text(encoding="utf-8")), where, problems)
    except FileNotFoundError:
        problems.append(f"{where}: there is no such file")
    except (OSError, ValueError) as error:
        problems.append(f"{where}: {error}")
    return None


def _read_packs(folder: Path, problems: list[str]) -> dict[str, Pack]:
    packs: dict[str, Pack] = {}
    table = _read_toml(folder / "packs.toml", "packs.toml", problems)
    if table is None:
        return packs
    listed: set[str] = set()
    for name in PACKS:
        inner = table.table(name, required=True)
        pack = Pack(name=name, title=inner.text("title"), why=inner.text("why"), sets=inner.texts("sets", default=()))
        inner.done()
        for item in pack.sets:
            if not KEBAB_CASE.fullmatch(item):
                inner.complain("sets", f"{item!r} is not kebab-case")
            if item in listed:
                inner.complain("sets", f"{item} is in two packs")
            listed.add(item)
        packs[name] = pack
    table.done()
    return packs


def _read_set(folder: Path, name: str, pack: str, records: Records, problems: list[str]) -> EventSet | None:
    table = _read_toml(folder / "sets" / f"{name}.toml", f"sets/{name}.toml", problems)
    if table is None:
        return None
    threshold, period, reason = _read_defaults(table.table("defaults"))
    event_set = EventSet(
        name=name,
        title=table.text("title", longest=60),
        why=_read_sentence(table, "why"),
        runbook=_read_sentence(table, "runbook"),
        severity=table.choice("severity", SEVERITIES),  # pyright: ignore[reportArgumentType]
        pack=pack,
        recommended=table.flag("recommended"),
        recommended_in_organization=table.flag("recommended_in_organization", default=False),
        metric=_read_metric(table, name),
        source=table.text("source"),
        template=_read_template(table),
        controls=_read_controls(table.table("controls")),
        auditors=_read_auditors(table.table("auditors")),
        default_threshold=threshold,
        default_period=period,
        default_reason=reason,
        noise=tuple(_read_noise(inner, name, records) for inner in table.tables("noise")),
        samples=tuple(s for inner in table.tables("samples") for s in read_samples(inner, owner=name, records=records)),
    )
    table.done()
    _check_set(event_set, table)
    return event_set


def _check_set(event_set: EventSet, table: Table) -> None:
    """What has to fit together within one set."""
    for wanted in (True, False):
        if sum(sample.matches is wanted for sample in event_set.samples) < 2:
            table.complain("samples", f"at least two must have matches = {str(wanted).lower()}")
    whys = [sample.why for sample in event_set.samples]
    if twice := sorted({why for why in whys if whys.count(why) > 1}):
        table.complain("samples", f"two of them say {twice[0]!r}")
    if not event_set.noise:
        table.complain("noise", "say what fires it falsely, and what answers that")
    if event_set.controls and set(event_set.auditors) != set(AUDITORS):
        table.complain("auditors", f"a set with controls needs a verdict of each of {', '.join(AUDITORS)}")
    if event_set.auditors and not event_set.controls:
        table.complain("auditors", "nobody audits a set without controls")


def _read_sentence(table: Table, key: str) -> str:
    text = table.text(key, longest=400)
    if text and (text[-1] not in ".?!" or not text[0].isupper()):
        table.complain(key, "must be a sentence: a capital at the start, a full stop at the end")
    return text


def _read_metric(table: Table, name: str) -> str:
    camel_case = "".join(word.capitalize() for word in name.split("-"))
    metric = table.text("metric", default=camel_case, longest=255)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", metric):
        table.complain("metric", "letters and digits only, so that it is a CloudWatch name everywhere")
    return metric


def _read_defaults(table: Table) -> tuple[int, int, str]:
    threshold = table.number("threshold", default=USUAL[0], allowed=THRESHOLDS)
    period = table.number("period", default=USUAL[1], allowed=PERIODS)
    reason = table.text("reason", default="")
    table.done()
    if ((threshold, period) != USUAL) != bool(reason):
        table.complain("reason", f"is needed when, and only when, the values are not {USUAL[0]} in {USUAL[1]} seconds")
    return threshold, period, reason


def _read_controls(table: Table) -> Mapping[str, tuple[str, ...]]:
    controls = {benchmark: table.texts(benchmark, default=()) for benchmark in BENCHMARKS}
    table.done()
    for benchmark, ids in controls.items():
        form = r"CloudWatch\.[0-9]+" if benchmark == "security-hub" else r"[0-9]+\.[0-9]+"
        if wrong := [number for number in ids if not re.fullmatch(form, number)]:
            table.complain(benchmark, f"{wrong[0]!r} is not a control number of that benchmark")
    return MappingProxyType({benchmark: ids for benchmark, ids in controls.items() if ids})


def _read_auditors(table: Table) -> Mapping[str, Verdict]:
    verdicts: dict[str, Verdict] = {}
    for auditor in [name for name in AUDITORS if name in table]:
        inner = table.table(auditor)
        verdict = Verdict(accepts=inner.flag("accepts"), why=inner.text("why", default=""))
        inner.done()
        if not verdict.accepts and not verdict.why:
            inner.complain("why", "say why the auditor does not accept the text")
        verdicts[auditor] = verdict
    table.done()
    return MappingProxyType(verdicts)


def _read_template(table: Table) -> Template:
    alternatives = table.texts("alternatives", default=())
    text = "" if alternatives else table.text("pattern", longest=10_000)
    fields = table.table("parameters")
    parameters = tuple(_read_parameter(fields.table(name), name) for name in fields.keys())  # noqa: SIM118
    template = Template(text=text, parameters=parameters)
    if alternatives:
        template = Template.any_of(alternatives, parameters)
        text = template.text
    named = {parameter.name for parameter in parameters}
    for name in sorted(named ^ set(GAP.findall(text))):
        table.complain("pattern", f"${{{name}}} and the table of parameters do not agree{suggestion(name, named)}")
        return Template(text=text)
    try:
        template.render("example", template.examples)
    except (RenderError, re.error) as error:
        table.complain("parameters", str(error))
        return Template(text=text)
    return template


def _read_parameter(table: Table, name: str) -> Parameter:
    raw = table.raw("example")
    if not (isinstance(raw, str) or (isinstance(raw, list) and raw and all(isinstance(item, str) for item in raw))):
        table.complain("example", f"must be a text or a list of texts, is {raw!r}")
        raw = ""
    parameter = Parameter(
        name=name,
        what=table.text("what"),
        example=raw if isinstance(raw, str) else tuple(raw),
        allowed=table.text("allowed"),
        each=table.text("each", default="@"),
        together=table.text("together", default=""),
        join=f" {table.text('join', default='||')} ",
        always=table.texts("always", default=()),
        is_optional=table.flag("optional", default=False),
    )
    table.done()
    return parameter


def _read_noise(table: Table, owner: str, records: Records) -> Noise:
    what, answer = _read_sentence(table, "what"), _read_sentence(table, "answer")
    suppression = table.text("suppression", default="") or None
    example: Sample | None = None
    if "example" in table:
        inner = table.table("example")
        found = list(read_samples(inner, owner=f"{owner}/noise", records=records, matches=True))
        example = found[0] if found else None
    elif suppression:
        table.complain("example", "a suppression needs an event that it is proven on")
    table.done()
    return Noise(what=what, answer=answer, suppression=suppression, example=example)


def _duplicates(sets: Iterable[EventSet]) -> Iterator[str]:
    """Titles, reasons and metric names that two sets share."""
    for key in ("title", "why", "metric", "pattern"):
        seen: dict[str, str] = {}
        for event_set in sets:
            value = getattr(event_set, key)
            if value and value in seen:
                yield f"sets/{event_set.name}.toml: {key}: the same as that of {seen[value]}"
            seen.setdefault(value, event_set.name)
