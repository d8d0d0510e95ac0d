"""The part of the dialogue about address ranges: add as many as wanted, change them, remove them."""

from collections.abc import Callable, Sequence
from typing import Any

from settings import Problem, SourceIp
from settings.watches import in_words
from wizard import prompts
from wizard.prompts import Option
from wizard.questions import (
    MATCHES,
    RANGE_CIDR,
    RANGE_MATCH,
    RANGE_NAME,
    RANGE_PERIOD,
    RANGE_THRESHOLD,
    SOURCE_IPS,
)
from wizard.reasons import reason

Range = dict[str, Any]
"""One entry of `sourceIps`, as it is written in the stack file."""

Judge = Callable[[list[Range]], Sequence[Problem]]
"""What the settings model has to say against these entries."""

_DONE, _ADD, _CHANGE, _REMOVE = "done", "add", "change ", "remove "


def ask_ranges(present: Sequence[Range], *, judge: Judge) -> list[Range]:
    """The ranges to watch, starting from the present ones. `judge` says what is wrong with a list of them."""
    ranges = [dict(each) for each in present]
    while (wish := _ask_wish(ranges)) != _DONE:
        if wish == _ADD:
            if (new := _ask_range({}, others=ranges, judge=judge)) is not None:
                ranges.append(new)
            continue
        index = next(i for i, each in enumerate(ranges) if wish.endswith(f" {each['name']}"))
        others = ranges[:index] + ranges[index + 1 :]
        if wish.startswith(_REMOVE):
            prompts.say("removed", str(ranges[index]["name"]))
            ranges = others
        elif (changed := _ask_range(ranges[index], others=others, judge=judge)) is not None:
            ranges[index] = changed
    prompts.say(SOURCE_IPS.text, ", ".join(str(each["name"]) for each in ranges) or "no")
    return ranges


def _summed_up(entry: Range) -> str:
    """`203.0.113.0/24 inside, 30 calls in 5 minutes`."""
    given = SourceIp.model_validate(entry)
    return f"{' '.join(given.blocks)} {given.match}, {given.threshold} calls in {in_words(given.period)}"


def _ask_wish(ranges: Sequence[Range]) -> str:
    """What to do with the list; `done` to go on."""
    width = max((len(each["name"]) for each in ranges), default=0)
    options = [
        Option(value=_DONE, label="go on with these" if ranges else "no, go on"),
        Option(value=_ADD, label="add more addresses" if ranges else "yes, add addresses"),
        *(
            Option(value=_CHANGE + each["name"], label=f"change {each['name']:<{width}}  {_summed_up(each)}")
            for each in ranges
        ),
        *(Option(value=_REMOVE + each["name"], label=f"remove {each['name']}") for each in ranges),
    ]
    return prompts.choose(SOURCE_IPS.text, options, is_said=False)


def _ask_range(start: Range, *, others: Sequence[Range], judge: Judge) -> Range | None:
    """One entry, None if the person gives up. `start` is the present one, or empty.

    What is said becomes the default if it has to be said again.
    """
    entry = dict(start)
    while True:
        given = SourceIp.model_validate({"name": "new", "cidr": "192.0.2.1", **entry})
        blocks: tuple[str, ...] = prompts.ask_text(
            RANGE_CIDR.text,
            check=RANGE_CIDR.check,
            default=" ".join(given.blocks) if "cidr" in entry else "",
            hint=RANGE_CIDR.hint,
            is_said=False,
        )
        entry["cidr"] = blocks[0] if len(blocks) == 1 else list(blocks)
        entry["name"] = prompts.ask_text(
            RANGE_NAME.text,
            check=lambda text: _checked_name(text, cidr=entry["cidr"], others=others, judge=judge),
            default=entry.get("name", ""),
            hint=RANGE_NAME.hint,
            is_said=False,
        )
        options = [Option(value=match, label=words, why=why) for match, (words, why) in MATCHES.items()]
        entry["match"] = prompts.choose(RANGE_MATCH.text, options, default=given.match, is_said=False)
        entry["threshold"] = prompts.ask_text(
            RANGE_THRESHOLD.text, check=RANGE_THRESHOLD.check, default=str(given.threshold), is_said=False
        )
        entry["period"] = prompts.ask_text(
            RANGE_PERIOD.text, check=RANGE_PERIOD.check, default=str(given.period), is_said=False
        )
        problems = judge([*others, entry])
        if not problems:
            prompts.say(entry["name"], _summed_up(entry))
            return entry
        prompts.say_why_not("; ".join(map(reason, problems)))
        if not prompts.confirm("Say it again?"):
            return None


def _checked_name(text: str, *, cidr: Any, others: Sequence[Range], judge: Judge) -> str:
    """A name that nothing else has. What else is wrong with the entry is no fault of its name."""
    name: str = RANGE_NAME.check(text)
    problems = judge([*others, {"name": name, "cidr": cidr}])
    if taken := [reason(problem) for problem in problems if problem.key.endswith(".name")]:
        raise ValueError("; ".join(taken))
    return name
