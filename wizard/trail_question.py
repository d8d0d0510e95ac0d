"""The question which trail to guard, asked by who has seen the account: adopt, several, create, one for each region."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from settings import PRICES, Problem
from wizard import prompts
from wizard.baselines import weaknesses
from wizard.look import SeenTrail, Sight
from wizard.prompts import Option
from wizard.questions import TRAIL
from wizard.reasons import reason
from wizard.trail_answers import CREATE, PER_REGION, TrailAnswer, adopted, created, written_baselines
from wizard.verdicts import Verdict

SEVERAL: Final = "several"
AS_IT_SHOULD: Final = "should"
AS_IT_IS: Final = "is"

Judge = Callable[[TrailAnswer], list[Problem]]
"""The settings model's judgement on an answer."""


def ask_trail(
    sight: Sight, verdicts: Sequence[Verdict], present: object, *, home: str | None, judge: Judge
) -> TrailAnswer:
    """The person's choice, asked again for as long as the settings refuse it.

    `present` is the section `trail` of the stack file, `home` the home region as far as it is known.
    """
    fit = [each for each in verdicts if each.can_be_adopted or each.needs_group]
    own = [each.seen for each in verdicts if each.is_own]
    options = _options(fit, own=own, has_others=len(own) < len(sight.trails))
    default = _default(fit, present, home)
    while True:
        value = prompts.choose(TRAIL.text, options, default=default)
        if value in (CREATE, PER_REGION):
            answer = created(value, present)
        else:
            chosen = _ticked(fit, present, home) if value == SEVERAL else [fit[int(value)]]
            answer = adopted(chosen, present, strict=_strictness(chosen, present, home), home=home)
        problems = judge(answer)
        if not problems:
            return answer
        prompts.say_why_not("; ".join(map(reason, problems)))


def recommended(fit: Sequence[Verdict]) -> Verdict | None:
    """The trail that one should adopt rather than make another: it sees all regions and works."""
    return next((each for each in fit if each.is_good and each.seen.trail.is_multi_region), None)


def _options(fit: Sequence[Verdict], *, own: Sequence[SeenTrail], has_others: bool) -> list[Option]:
    best = recommended(fit)
    options = [
        Option(value=str(index), label=_label(each, is_best=each is best), why=_why_adopt(each))
        for index, each in enumerate(fit)
    ]
    if len(fit) > 1:
        options.append(
            Option(
                value=SEVERAL,
                label="adopt several of them",
                why="Each gets filters, alarms, topics and a guardian in its home region. For a trail in each region.",
            )
        )
    recommend = " (recommended: none that can be adopted sees everything)" if has_others and not best else ""
    create = "create one that sees all regions"
    if any(each.trail.is_multi_region for each in own):
        create, recommend = "the stack's own, which is there and sees all regions", ""
    return [
        *options,
        Option(value=CREATE, label=create + recommend, why=_why_create(has_others=has_others)),
        Option(
            value=PER_REGION,
            label="create one in each region",
            why="For accounts that must keep logs where they arise: everything is made once in each of your regions, "
            "and regions that you do not name are not recorded.",
        ),
    ]


def _label(verdict: Verdict, *, is_best: bool) -> str:
    trail = verdict.seen.trail
    note = " (recommended: multi-region, already in CloudWatch Logs)" if is_best else ""
    first = ", and give it a log group first" if verdict.needs_group else ""
    return f"adopt {trail.name} in {trail.home_region}{first}{note}"


def _why_adopt(verdict: Verdict) -> str:
    trail = verdict.seen.trail
    if verdict.needs_group:
        return (
            f"Today it {verdict.obstacle}. The stack file names a log group for it, and the commands that make it are "
            "shown at the end: type them before `pulumi up`, with the right to change this trail."
        )
    doubts = f"Today: {'; '.join(verdict.doubts)}.\n" if verdict.doubts else ""
    return (
        f"{doubts}Filters, alarms and a guardian are put around {trail.name}. It stays as it is; the stack file says "
        "what it should be, and you are told of what differs."
    )


def _why_create(*, has_others: bool) -> str:
    own = "A trail of the stack's own, with bucket, key and log group that nobody else writes to."
    if not has_others:
        return f"{own} The first copy of management events is free."
    price = PRICES["second-copy"]
    return f"{own} There is another trail, so the events of this one cost ${price.dollars:.2f} for each 100,000."


def _default(fit: Sequence[Verdict], present: object, home: str | None) -> str | None:
    """The present decision; of a new stack, what is recommended."""
    if isinstance(present, Mapping):
        if present.get("mode") != "adopt":
            return PER_REGION if present.get("layout") == PER_REGION else CREATE
        known = _known(fit, present, home)
        return SEVERAL if len(known) > 1 else str(fit.index(known[0])) if known else CREATE
    best = recommended(fit)
    return str(fit.index(best)) if best else CREATE


def _known(fit: Sequence[Verdict], present: object, home: str | None) -> list[Verdict]:
    """Those that the stack has adopted already."""
    written = written_baselines(present, home_region=home or "")
    return [each for each in fit if (each.seen.trail.home_region, each.seen.trail.name) in written]


def _ticked(fit: Sequence[Verdict], present: object, home: str | None) -> list[Verdict]:
    known = _known(fit, present, home) or [each for each in fit if each.can_be_adopted]
    options = [
        Option(value=str(index), label=_label(each, is_best=False), why=_why_adopt(each), is_ticked=each in known)
        for index, each in enumerate(fit)
    ]

    def check(values: list[str]) -> list[str]:
        if not values:
            raise ValueError("tick at least one, or go back with Ctrl-C")
        return values

    return [fit[int(value)] for value in prompts.tick("Which of them?", options, check=check)]


def _strictness(chosen: Sequence[Verdict], present: object, home: str | None) -> dict[str, bool]:
    """By ARN, whether the baseline asks for more than the trail does today: asked where it does less than it should."""
    known = _known(chosen, present, home)
    return {
        each.seen.trail.arn: _should_be_more(each)
        for each in chosen
        if each not in known and weaknesses(each.seen.trail)
    }


def _should_be_more(verdict: Verdict) -> bool:
    trail = verdict.seen.trail
    found = weaknesses(trail)
    options: list[Any] = [
        Option(
            value=AS_IT_SHOULD,
            label=f"with {' and '.join(each.should for each in found)}",
            why="You are told that it differs until its owner changes it; the guardian changes it only if you let it.",
        ),
        Option(
            value=AS_IT_IS,
            label=f"as it is: {' and '.join(each.is_ for each in found)}",
            why="Only if it is meant so: what is not recorded, nobody will ever hear of.",
        ),
    ]
    return prompts.choose(f"What should {trail.name} be?", options) == AS_IT_SHOULD
