"""What the wizard saw of the account, on the screen: one line for each thing, and the way out where there is one."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from account import CouldNotLook, Found, TrailStatus, by_owner, found_or
from wizard.look import SeenTrail, Sight
from wizard.verdicts import CLASSES, Verdict

LOOKING = "Looking at the AWS account … (--no-look leaves that out)"
POLICY = "docs/policies/setup.json"
_HEAD = 12
_MOST = 4
_HARD = "\N{NO-BREAK SPACE}"
_GOOD, _DOUBT, _BAD, _BLIND = ("✓", "green"), ("!", "yellow"), ("✗", "red"), ("?", "yellow")
_NO_LOOK_WORDS = {
    "expired": "the AWS login has expired",
    "unreachable": "AWS cannot be reached",
}


def looking(console: Console) -> None:
    """One line while it takes a moment; on a terminal it goes away again."""
    console.print(LOOKING, end="" if console.is_terminal else "\n", style="dim")


def looked(console: Console) -> None:
    """Take the line of `looking` away."""
    if console.is_terminal:
        console.file.write("\r\x1b[K")
        console.file.flush()


def not_looked(console: Console, why: CouldNotLook) -> None:
    """Why there was nothing to see; it goes on without."""
    _line(console, _DOUBT, "account", why_not(why))
    console.print()


def why_not(why: CouldNotLook) -> str:
    """Why nobody could look, in one line: what is missing and how to get it."""
    words = _NO_LOOK_WORDS.get(why.why, why.reason or str(why))
    return f"not looked at, {words}" + (f": {why.fix}" if why.fix else "")


def sight(console: Console, seen: Sight, verdicts: Sequence[Verdict]) -> None:
    """The account, its trails, the filters of others, and where we were blind."""
    who = seen.identity
    alias = f" ({who.alias.value})" if isinstance(who.alias, Found) else ""
    regions = f"{len(seen.regions)} regions" if len(seen.regions) != 1 else seen.regions[0]
    console.print(
        Text.assemble("Looked at account ", (f"{who.account_id}{alias}", "bold"), f" as {who.arn}"), soft_wrap=True
    )
    console.print(Text(f"  {regions}, {seen.seconds:.1f} s", "dim"))
    width = max((len(each.seen.trail.name) for each in verdicts), default=0)
    for each in verdicts:
        _trail(console, each, width)
    if not verdicts and not any(each.action == "cloudtrail:DescribeTrails" for each in seen.blind):
        _line(console, _GOOD, "trail", "none: nothing is recorded beyond CloudTrail's event history of 90 days")
    for text in foreign(seen):
        _line(console, _GOOD, "found", text)
    for text in blindness(seen.blind):
        _line(console, _BLIND, "unseen", text)
    console.print()


def _trail(console: Console, verdict: Verdict, width: int) -> None:
    is_lost = not verdict.can_be_adopted and not verdict.is_own
    mark = _BAD if is_lost else _DOUBT if verdict.doubts else _GOOD
    told = [*(["this stack's own"] if verdict.is_own else []), *facts(verdict.seen)]
    # Broken between two facts and not inside of one, and the dot stays behind the first.
    known = f"{_HARD}· ".join(each.replace(" ", _HARD) for each in told)
    _line(console, mark, "trail", f"{verdict.seen.trail.name:<{width}}  {known}")
    if is_lost:
        _line(console, (" ", ""), "", f"cannot be adopted: it {verdict.obstacle}. Way out: {verdict.way_out}.")
    rest = [each for each in verdict.doubts if not each.startswith(("not logging", "records "))]
    if rest:
        _line(console, (" ", ""), "", "; ".join(rest))


def facts(seen: SeenTrail) -> Iterator[str]:
    """What a trail is, in a few words each: home, regions, logging, log group."""
    trail = seen.trail
    yield f"home {trail.home_region}"
    yield "multi-region" if trail.is_multi_region else "single region"
    if trail.is_organization:
        yield "organization"
    status: TrailStatus | None = found_or(trail.status, None)
    if status is None:
        yield "logging unknown"
    else:
        word, since = ("logging", status.started) if status.is_logging else ("not logging", status.stopped)
        yield f"{word} since {since:%Y-%m-%d}" if since else word
    name = trail.log_group_arn.rpartition(":log-group:")[2]
    if not name:
        yield "no log group"
    elif isinstance(seen.group, Found):
        yield f"log group {name} ({CLASSES.get(seen.group.value.log_class, seen.group.value.log_class)})"
    else:
        yield f"log group {name}"


def foreign(seen: Sight) -> Iterator[str]:
    """Filters on the trails' log groups that no stack of ours made, and whose names they bear."""
    for each in seen.own_trails:
        if not isinstance(each.group, Found) or not isinstance(each.group.value.filters, Found):
            continue
        owners = {owner: names for owner, names in by_owner(each.group.value.filters.value).items() if names}
        ours = {"trailwarden"}
        for owner, names in owners.items():
            if owner in ours:
                continue
            metrics = {(one.namespace, one.metric) for one in each.group.value.filters.value if one.name in names}
            alarms = sum((one.namespace, one.metric) in metrics for one in seen.alarms)
            things = _number(len(names), "metric filter") + (f" and {_number(alarms, 'alarm')}" if alarms else "")
            are = "is not ours" if len(names) + alarms == 1 else "are not ours"
            stay = "it stays as it is" if len(names) + alarms == 1 else "they stay as they are"
            called = f"names of {owner}" if owner else "a name that nobody we know uses"
            yield f"{things} on {each.group.value.name} {are} ({called}); {stay}"


def blindness(blind: Iterable[CouldNotLook]) -> Iterator[str]:
    """Each thing that could not be looked at once, with the regions, and what to do."""
    places: dict[tuple[str, str], list[str]] = {}
    for each in blind:
        fix = f"{POLICY} allows all that is asked here" if each.why == "denied" else each.fix
        places.setdefault((str(each), fix), []).append(each.where)
    for (text, fix), where in places.items():
        regions = list(dict.fromkeys(where))
        # An organization often shuts most regions, and whoever asks everywhere is refused in all of those.
        named = ", ".join(regions[:_MOST]) + (f" and {len(regions) - _MOST} more" if len(regions) > _MOST else "")
        yield f"{text} in {named}" + (f"; {fix}" if fix else "")


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _line(console: Console, mark: tuple[str, str], label: str, text: str) -> None:
    """A mark, a label, and a text broken at words beside them."""
    lines = textwrap.wrap(text, max(console.width - _HEAD - 1, 20), break_on_hyphens=False) or [""]
    for index, line in enumerate(lines):
        head = (f"  {mark[0]} ", mark[1]) if index == 0 else ("    ", "")
        words = f"{label if index == 0 else '':<{_HEAD - 4}}{line.replace(_HARD, ' ')}"
        console.print(Text.assemble(head, words), soft_wrap=True)
