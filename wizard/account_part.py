"""The account's part in a setup: looked at first, shown, and asked again where an answer or a warning needs it.

What looks is imported only where somebody looks, so that a run without AWS does not wait for boto3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from settings import Document, Problem, Settings, SettingsError
from settings.document import Mark
from wizard.access import MADE_BY_THE_STACK, Access
from wizard.questions import HOME_REGION, REMEDIATION, TRAIL, with_mode
from wizard.terminal import Terminal

if TYPE_CHECKING:
    from account import CouldNotLook
    from wizard.look import Sight
    from wizard.verdicts import Verdict

ACCOUNT = "the AWS account"
"""How messages call it."""


@dataclass(frozen=True)
class AccountPart:
    """What was seen; None if nobody looked, or nobody could."""

    sight: "Sight | None" = None

    def verdicts(self, stack: str) -> "tuple[Verdict, ...]":
        """A verdict on each trail that was seen, for a stack of this name."""
        if self.sight is None:
            return ()
        from wizard.verdicts import judge

        return judge(self.sight, stack=stack)

    def answer_flag(self, texts: Sequence[str], given: Document, present: Document, *, stack: str) -> None:
        """Put what `--trail` says into `given`. Raises SettingsError."""
        if not texts:
            return
        if self.sight is None and set(texts) - MADE_BY_THE_STACK:
            allowed = f"{' or '.join(sorted(MADE_BY_THE_STACK))}, or a look at the account"
            raise SettingsError([Problem(TRAIL.flag, "", texts[0], "was not looked for", allowed=allowed)])
        from wizard.trail_answers import from_flag

        before = given.get(TRAIL.key, present.get(TRAIL.key))
        home = given.get(HOME_REGION.key, present.get(HOME_REGION.key))
        answer = from_flag(texts, self.verdicts(stack), before, home=home if isinstance(home, str) else None)
        _say(given, TRAIL.key, answer.section)
        if answer.home_region and HOME_REGION.key not in given:
            _say(given, HOME_REGION.key, answer.home_region)
        was_adopted = isinstance(before, dict) and before.get("mode") == "adopt"
        if answer.section["mode"] == "adopt" and not was_adopted and REMEDIATION.key not in given:
            # What was decided about a trail of the stack's own is no leave to change somebody else's.
            _say(given, REMEDIATION.key, with_mode("notify", present.get(REMEDIATION.key)))

    def to_type_first(self, settings: Settings) -> tuple[str, ...]:
        """The commands that give adopted trails the log groups which the settings name."""
        from wizard.log_groups import switch_on

        return switch_on(settings, self.sight)

    def show_obstacles(self, settings: Settings, terminal: Terminal) -> None:
        """What the account has against these settings: quotas, names, doubles, addresses that are not confirmed."""
        if self.sight is None:
            return
        from wizard import show
        from wizard.preflight import preflight

        show.obstacles(terminal.out, preflight(settings, self.sight))


def look_first(access: Access | None, *, home: str | None, stack: str, terminal: Terminal) -> AccountPart:
    """Look at the account and show it. Raises SettingsError where the look is demanded and nobody could.

    `home` is the home region, as far as flags, answers and the stack file say it.
    """
    if access is None:
        return AccountPart()
    from account import SessionError
    from wizard import sight_screen
    from wizard.look import Sight, look
    from wizard.verdicts import judge

    sight_screen.looking(terminal.err)
    try:
        seen = look(access, home=home)
    except SessionError as error:
        seen = _no_session(error)
        if access.profile or access.endpoint_url:  # who names one does not mean to go on without
            named = "--profile" if access.profile else ACCOUNT
            raise SettingsError([Problem(named, "", None, str(error))]) from error
    finally:
        sight_screen.looked(terminal.err)
    if not isinstance(seen, Sight):
        if access.is_demanded:
            raise SettingsError([Problem(ACCOUNT, "", None, sight_screen.why_not(seen))])
        sight_screen.not_looked(terminal.err, seen)
        return AccountPart()
    sight_screen.sight(terminal.err, seen, judge(seen, stack=stack))
    return AccountPart(seen)


def _no_session(error: Exception) -> "CouldNotLook":
    from account import CouldNotLook

    return CouldNotLook(what="the caller", action="sts:GetCallerIdentity", where="", why="failed", reason=str(error))


def _say(given: Document, key: str, value: Any) -> None:
    given[key] = value
    given.marks[key,] = Mark(TRAIL.flag)
