"""`trailwarden test-alert`: does an alert arrive, and if not, where does it end?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from account import Alarm, CouldNotLook
from exits import Exit
from operate.alerting import choice
from operate.alerting.follow import Follow
from operate.alerting.hops import POLICY, Way
from operate.console import note, printable, refuse, say, say_json
from operate.deployed import Deployed, NotOpenedError, Target, open_stack, unseen
from operate.progress import Patience, progress

SCHEMA = 1
MARKS = {"proved": "✓", "failed": "✗", "unknown": "?", "not reached": "·"}
UNPROVABLE = "Whether a mail arrives cannot be proved from AWS: SNS tells nothing of mail after it was sent."


@dataclass(frozen=True, kw_only=True)
class Options:
    """What to test, in which account, and for how long to wait at each hop."""

    target: Target
    set_name: str | None = None
    as_json: bool = False
    timeout_s: float = 90.0
    pause_s: float = 1.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def run(options: Options) -> int:
    """Ring one set's alarms, one after the other, and follow the alerts. Returns 0 when every hop is proved, 1 when one
    failed, 2 on bad input or when AWS did not let us look.
    """
    try:
        deployed = open_stack(options.target, policy=POLICY)
        name, alarms = _chosen(deployed, options)
    except NotOpenedError as error:
        return refuse(str(error))
    ways: list[Way] = []
    tests: list[str] = []
    with progress(f"testing {name}") as tell:
        for alarm in alarms:
            patience = Patience(timeout_s=options.timeout_s, pause_s=options.pause_s)
            follow = Follow(deployed=deployed, alarm=alarm, patience=patience, tell=tell, now=options.now)
            try:
                ways.append(follow.run())
            except KeyboardInterrupt:
                note("; ".join(hop.what for hop in follow.way if hop.name == "back"))
                raise
            tests.append(follow.test)
    code = _code(ways)
    if options.as_json:
        _json(deployed.stack, name, ways, tests, code)
    else:
        _show(deployed, name, ways, tests)
    return code


def _chosen(deployed: Deployed, options: Options) -> tuple[str, Sequence[Alarm]]:
    sets = choice.by_set(deployed)
    if isinstance(sets, CouldNotLook):
        raise NotOpenedError(unseen("alarms", sets, policy=POLICY))
    if not sets:
        raise NotOpenedError(f"stack {deployed.stack} has no alarm on anything that is watched: {_deploy(deployed)}")
    name = options.set_name or choice.first(sets)
    if name not in sets:
        raise NotOpenedError(f"--set {name}: stack {deployed.stack} has no alarm of it, but of {', '.join(sets)}")
    return name, sets[name]


def _deploy(deployed: Deployed) -> str:
    return f"pulumi up --stack {deployed.stack}"


def _code(ways: Sequence[Way]) -> Exit:
    states = {hop.state for way in ways for hop in way}
    return Exit.FOUND if "failed" in states else Exit.OK if states == {"proved"} else Exit.NO_ANSWER


def _json(stack: str, name: str, ways: Sequence[Way], tests: Sequence[str], code: Exit) -> None:
    say_json(
        {
            "schema": SCHEMA,
            "stack": stack,
            "set": name,
            "exit_code": int(code),
            "alarms": [
                {"alarm": way.alarm, "region": way.region, "test": test, "hops": [asdict(hop) for hop in way]}
                for way, test in zip(ways, tests, strict=True)
            ],
        }
    )


def _show(deployed: Deployed, name: str, ways: Sequence[Way], tests: Sequence[str]) -> None:
    for way, test in zip(ways, tests, strict=True):
        say(f"{name} of stack {deployed.stack} in {way.region}, test {test}")
        for hop in way:
            say(f"{MARKS[hop.state]} {hop.name:<12}{printable(hop.what, longest=600)}")
            for text in (hop.evidence, hop.fix):
                if text:
                    say(f"{'':14}{printable(text, longest=600)}")
        if all(hop.state == "proved" for hop in way):
            say(f"Now look for the mail that says TEST and {test}. {UNPROVABLE}")
        elif first := next((hop for hop in way if hop.state != "proved"), None):
            say(f"The alert ends at: {first.name}.")
