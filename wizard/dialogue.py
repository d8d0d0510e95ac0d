"""The dialogue: asks on a terminal what flags have not answered, and starts from what the stack says now."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog import EVENT_SETS as CATALOGUE
from catalog import SEVERITIES, EventSet
from settings import Problem, Settings, SettingsError, arns, recommended_sets
from settings.checks import available_event_sets
from settings.facts import absent
from settings.parse import read_section
from settings.regions import GLOBAL_REGION, REGIONS, partition_of
from wizard import prompts
from wizard.prompts import Option
from wizard.questions import (
    ADOPTED_MODES,
    EMAILS,
    EVENT_SETS,
    HOME_REGION,
    MODES,
    QUESTIONS,
    REMEDIATION,
    SOURCE_IPS,
    STACK,
    TRAIL,
    Question,
    with_mode,
    without_guardian,
)
from wizard.questions import REGIONS as WORK_REGIONS
from wizard.ranges import ask_ranges
from wizard.reasons import reason

if TYPE_CHECKING:
    from wizard.look import Sight
    from wizard.trail_answers import TrailAnswer
    from wizard.verdicts import Verdict

Answers = dict[str, Any]
"""Plain data in the shape of an answers file: `homeRegion` and the settings' keys."""

DEFAULT_STACK = "prod"
DEFAULT_HOME = "us-east-1"
_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
_MARKS = 5  # what a list puts before each line: the pointer and the tick
_NARROWEST_TITLE = 24
_SEPARATORS = re.compile(r"[\s,;]+")


def ask_stack(existing: tuple[str, ...]) -> str:
    """The stack to set up. `existing` are those that have a stack file."""
    hint = f"There is: {', '.join(existing)}. Another name makes a new stack." if existing else STACK.hint
    default = existing[0] if len(existing) == 1 else DEFAULT_STACK
    return prompts.ask_text(STACK.text, check=STACK.check, default=default, hint=hint)


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    """One stack's questions. `present` is what each answer starts from: the stack file, or an earlier attempt.

    `sight` is what was seen of the account, None if nobody looked; `verdicts` are those on its trails.
    """

    stack: str
    present: Mapping[str, Any]
    environ: Mapping[str, str]
    sight: "Sight | None" = None
    verdicts: "Sequence[Verdict]" = ()

    def ask(self, given: Mapping[str, Any]) -> Answers:
        """An answer to every question; those in `given` are not asked. Raises KeyboardInterrupt and EOFError."""
        answers: Answers = dict(given)
        if self.sight is not None and TRAIL.key not in given:
            answers |= _trail(self, self.sight, answers)
        for question in QUESTIONS:
            if question.is_asked and question.key not in answers:
                answers[question.key] = _ASK[question.key](self, answers)
        return answers

    def now(self, question: Question) -> Any:
        """The present answer, None if there is none."""
        return self.present.get(question.key)

    def problems(self, question: Question, answers: Answers) -> Callable[[Any], list[Problem]]:
        """The settings model's own judgement on an answer to `question`, given the answers before it.

        What the stack says now about questions still to come counts for nothing: it may be answered otherwise.
        """
        later = {each.key for each in QUESTIONS[QUESTIONS.index(question) + 1 :] if each.is_asked}
        settled = {key: value for key, value in self.present.items() if key not in later}

        def judge(value: Any) -> list[Problem]:
            try:
                Settings.parse({**settled, **answers, question.key: value}, stack=self.stack, source="")
            except SettingsError as error:
                return [problem for problem in error.problems if re.match(rf"{question.key}\b", problem.key)]
            return []

        return judge

    def settled(self, question: Question, answers: Answers) -> Callable[[Any], Any]:
        """The same judgement as a check: the answer, or a ValueError with every reason against it."""
        judge = self.problems(question, answers)

        def check(value: Any) -> Any:
            if problems := judge(value):
                raise ValueError("; ".join(map(reason, problems)))
            return value

        return check


def _trail(dialogue: Dialogue, sight: "Sight", answers: Answers) -> Answers:
    """The trail, and with one that exists the home region: where it is, everything around it has to be."""
    from wizard.trail_question import ask_trail

    def judge(answer: "TrailAnswer") -> list[Problem]:
        home = {HOME_REGION.key: answer.home_region} if answer.home_region else {}
        return dialogue.problems(TRAIL, {**home, **answers})(answer.section)

    home = answers.get(HOME_REGION.key) or dialogue.now(HOME_REGION)
    answer = ask_trail(sight, dialogue.verdicts, dialogue.now(TRAIL), home=home, judge=judge)
    return {TRAIL.key: answer.section} | ({HOME_REGION.key: answer.home_region} if answer.home_region else {})


def _is_adopted(dialogue: Dialogue, answers: Answers) -> bool:
    section = answers.get(TRAIL.key, dialogue.now(TRAIL))
    return isinstance(section, Mapping) and section.get("mode") == "adopt"


def _enabled(dialogue: Dialogue, regions: Mapping[str, str], *, keep: Sequence[str]) -> dict[str, str]:
    """Those of these regions that are on in the account, as far as somebody has looked, and what is chosen already."""
    sight = dialogue.sight
    if sight is None or not sight.knows_regions or not sight.regions:
        return dict(regions)
    return {code: title for code, title in regions.items() if code in sight.regions or code in keep}


def _home_region(dialogue: Dialogue, _: Answers) -> str:
    of_profile = dialogue.sight.session.region if dialogue.sight else None
    variables = (dialogue.environ.get(name) for name in _REGION_VARIABLES)
    wished = [dialogue.now(HOME_REGION), *variables, of_profile, DEFAULT_HOME]
    every = {code: title for regions in REGIONS.values() for code, title in regions.items()}
    known = _enabled(dialogue, every, keep=[DEFAULT_HOME, dialogue.now(HOME_REGION) or DEFAULT_HOME])
    options = [Option(value=code, label=_titled(code, title), why=HOME_REGION.hint) for code, title in known.items()]
    default = next(each for each in wished if each in known)
    return prompts.choose(HOME_REGION.text, options, default=default, is_searchable=True)


def _work_regions(dialogue: Dialogue, answers: Answers) -> list[str]:
    home: str = answers[HOME_REGION.key]
    partition = partition_of(home) or "aws"
    hub = GLOBAL_REGION[partition]
    present = [region for region in dialogue.now(WORK_REGIONS) or () if region in REGIONS[partition]]
    ticked = list(dict.fromkeys([home, *present] if present else [home, hub, *_homes(answers)]))
    known = _enabled(dialogue, REGIONS[partition], keep=[*ticked, hub])
    first = list(dict.fromkeys([*ticked, hub]))
    options = [
        Option(
            value=region,
            label=_titled(region, known[region]) + (" · IAM and sign-in events arise here" if region == hub else ""),
            why=_regions_hint(dialogue, answers),
            is_ticked=region in ticked,
        )
        for region in [*first, *(each for each in known if each not in first)]
    ]
    settled = dialogue.settled(WORK_REGIONS, answers)
    chosen = prompts.tick(WORK_REGIONS.text, options, check=settled, is_searchable=True)
    # In the order of the file, so that an unchanged answer is an unchanged file.
    return [*(each for each in present if each in chosen), *(each for each in chosen if each not in present)]


def _regions_hint(dialogue: Dialogue, answers: Answers) -> str:
    """What ticking a region does: it depends on the trail."""
    section: Any = answers.get(TRAIL.key, dialogue.now(TRAIL)) or {}
    if section.get("layout") == "per-region":
        return "Each of these gets a trail, filters, alarms and a guardian. Others are not recorded."
    baselines = section.get("baseline") or {}
    if section.get("mode") == "adopt" and not any(each.get("multiRegion", True) for each in baselines.values()):
        return "Only the home region of each trail is recorded: what happens elsewhere, nobody hears of."
    return WORK_REGIONS.hint


def _homes(answers: Answers) -> list[str]:
    """The home regions of adopted trails that live elsewhere."""
    trails = (answers.get(TRAIL.key) or {}).get("trails") or ()
    found = (arns.parsed(str(each)) for each in trails)
    return [each.region for each in found if each]


def _emails(dialogue: Dialogue, answers: Answers) -> list[str]:
    settled = dialogue.settled(EMAILS, answers)
    return prompts.ask_text(
        EMAILS.text,
        check=lambda text: settled([EMAILS.check(each) for each in _SEPARATORS.split(text) if each]),
        default=", ".join(dialogue.now(EMAILS) or ()),
        hint=EMAILS.hint,
    )


def _event_sets(dialogue: Dialogue, answers: Answers) -> dict[str, Any]:
    present = dialogue.now(EVENT_SETS)
    overrides: dict[str, Any] = dict(present or {})
    mode = (answers.get(REMEDIATION.key) or {}).get("mode")
    judge = dialogue.problems(EVENT_SETS, answers)
    # Such as `out-of-region`, where no trail records other regions: what could never fire is not offered.
    blind = {each.key.rpartition(".")[2] for each in judge({name: {} for name in available_event_sets()})}
    sets = [CATALOGUE[name] for name in available_event_sets() if name not in blind]
    sets = [each for each in sets if mode != "off" or not absent(each, has_guardian=False)]
    labels = _labels(sets, columns=prompts.columns())
    recommended = recommended_sets(trail=read_section(TRAIL.key, answers.get(TRAIL.key) or {}))
    options = [
        Option(
            value=each.name,
            label=label,
            why=_why(each),
            group=CATALOGUE.packs[each.pack].title,
            is_ticked=each.name in (recommended if present is None else overrides),
        )
        for each, label in zip(sets, labels, strict=True)
    ]

    def chosen(names: list[str]) -> dict[str, Any]:
        return {name: overrides.get(name) or {} for name in names}

    settled = dialogue.settled(EVENT_SETS, answers)
    check = lambda names: settled(chosen(names))  # noqa: E731
    return chosen(prompts.tick(EVENT_SETS.text, options, check=check, is_counted=True))


def _labels(sets: Sequence[EventSet], *, columns: int) -> list[str]:
    """A line for each set: title, severity, who else looks at its filter. Where it is narrow, titles are cut."""
    notes = [_auditors(each) for each in sets]
    rest = _MARKS + 2 + max(map(len, SEVERITIES)) + 2 + max(map(len, notes))
    width = min(max(len(each.title) for each in sets), max(columns - rest, _NARROWEST_TITLE))
    return [
        f"{_cut(each.title, width):<{width}}  {each.severity:<8}  {note}".rstrip()
        for each, note in zip(sets, notes, strict=True)
    ]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _why(event_set: EventSet) -> str:
    """What stands under the list while the pointer is on a set: its name in flags and files, and the reason."""
    exact = " Its filter is the text that auditors compare." if event_set.auditor_exact else ""
    return f"{event_set.name}: {event_set.why}{exact}"


def _source_ips(dialogue: Dialogue, answers: Answers) -> list[dict[str, Any]]:
    return ask_ranges(dialogue.now(SOURCE_IPS) or (), judge=dialogue.problems(SOURCE_IPS, answers))


def _remediation(dialogue: Dialogue, answers: Answers) -> dict[str, Any]:
    present = dialogue.now(REMEDIATION) or {}
    if _is_adopted(dialogue, answers):
        section = _remediation_of_adopted(present if _is_adopted(dialogue, {}) else {}, present)
    else:
        options = [Option(value=mode, label=words, why=why) for mode, (words, why) in MODES.items()]
        section = with_mode(prompts.choose(REMEDIATION.text, options, default=present.get("mode")), present)
    if section["mode"] == "off":  # what was ticked before on things of the guardian would have nothing to watch
        answers[EVENT_SETS.key] = without_guardian(answers.get(EVENT_SETS.key) or {})
    return section


def _remediation_of_adopted(decided: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing is done to somebody else's trail unless it is said. `decided` is what was, of adopted trails."""
    options = [Option(value=mode, label=words, why=why) for mode, (words, why) in ADOPTED_MODES.items()]
    default = "restart" if decided.get("restart") else decided.get("mode")
    mode = prompts.choose(REMEDIATION.text, options, default=default)
    if mode != "restart":
        return {key: value for key, value in with_mode(mode, present).items() if key != "restart"}
    return {**with_mode("notify", present), "restart": True}


_ASK: dict[str, Callable[[Dialogue, Answers], Any]] = {
    HOME_REGION.key: _home_region,
    WORK_REGIONS.key: _work_regions,
    EMAILS.key: _emails,
    EVENT_SETS.key: _event_sets,
    SOURCE_IPS.key: _source_ips,
    REMEDIATION.key: _remediation,
}


def _titled(code: str, title: str) -> str:
    return f"{code:<15} {title}"


def _auditors(event_set: EventSet) -> str:
    """The controls that look at this set's filter: `CloudWatch.5 · CIS 4.5`."""
    hub = event_set.controls.get("security-hub", ())
    cis = event_set.controls.get("cis-4.0", ())
    return " · ".join([*hub, *(f"CIS {number}" for number in cis)])
