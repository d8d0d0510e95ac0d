"""What a person should do next: a sentence, with the command or page that does it."""

from datetime import datetime
from typing import NamedTuple

from common import links
from common.actor import Actor, Kind, short_key
from common.places import Place
from common.report import line


class Step(NamedTuple):
    """One thing to do. `how` holds commands or addresses to be copied whole, one a line."""

    what: str
    how: tuple[str, ...] = ()


def step_lines(step: Step, *, label: str) -> list[str]:
    """One thing to do, with its commands or addresses, one a line."""
    return [line(label, step.what), *(f"  {how}" for how in step.how)]


def contain(actor: Actor, *, place: Place, now: datetime) -> Step:
    """How to stop this caller, should the call not have been planned."""
    how, who = "", "look at the event, and at who it was"
    match actor.kind:
        case Kind.USER if not actor.has_temporary_key:
            who = f"switch off key {short_key(actor.key_id)} of {actor.name}"
            how = links.switch_off_key(user=actor.name, key_id=actor.key_id)
        case Kind.USER:
            why = "a session cannot be switched off alone" if actor.key_id else "the event does not say which key"
            who = f"deny {actor.name} everything ({why})"
            how = links.deny_user(place, user=actor.name)
        case Kind.ROLE:
            who = f"end every session that role {actor.name} has now"
            how = links.end_role_sessions(role=actor.name, before=now)
        case Kind.SSO:
            who = f"in IAM Identity Center, disable {actor.short} and end their sessions"
        case Kind.FEDERATED if actor.name:
            who = f"deny IAM user {actor.name} everything: it made this federated user"
            how = links.deny_user(place, user=actor.name)
        case Kind.ROOT:
            who = "sign in as root with MFA, change its password and delete its access keys"
        case Kind.SERVICE | Kind.SERVICE_ROLE:
            who = "look at who had this service do it"
        case Kind.OTHER_ACCOUNT:
            who = f"find out what lets account {actor.name} in, and close it"
        case _:
            pass
    return Step(f"If this was not planned: {who}" + (":" if how else "."), (how,) if how else ())
