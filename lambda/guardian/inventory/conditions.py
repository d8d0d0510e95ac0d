"""What people are told of things that are not as they were deployed. Pure."""

import hashlib
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from common import links
from common.places import global_region
from common.text import clean, cut, error_name

from guardian.advice import Step
from guardian.environment import Environment
from guardian.inventory import mutes, remedies
from guardian.inventory.comparing import Difference
from guardian.inventory.document import NoInventory, Thing
from guardian.inventory.mending import mendable
from guardian.sweep import Condition

OURS = "ours#"
"""What the keys of these incidents begin with."""
INVENTORY = "inventory"
"""The key of the incident that there is no inventory to compare with."""
FEW = 3
"""So many things of one kind are told one by one; more are one incident."""

_LABELS: Mapping[str, tuple[str, str]] = {
    "alarm": ("Alarm", "alarms"),
    "bucket": ("Bucket", "buckets"),
    "filter": ("Metric filter", "metric filters"),
    "function": ("Function", "functions"),
    "insight-rule": ("Insights rule", "Insights rules"),
    "key": ("Key", "keys"),
    "log-group": ("Log group", "log groups"),
    mutes.KIND: ("Alarms", "alarms"),
    "queue": ("Queue", "queues"),
    "role": ("Role", "roles"),
    "rule": ("Event rule", "event rules"),
    "schedule": ("Schedule", "schedules"),
    "subscription": ("Subscription", "subscriptions"),
    "topic": ("Topic", "topics"),
}
_NAME_LIMITS = (60, 48, 36)
_CONFIRMS = ("email", "http")  # protocols whose subscribers are asked before they get anything


def key_of(difference: Difference) -> str:
    """The key of the incident that a difference is."""
    return f"{OURS}{difference.thing.key}#{hashlib.sha256(difference.identity.encode()).hexdigest()[:12]}"


def many_key(kind: str) -> str:
    """The key of the incident that more than `FEW` of a kind are."""
    return f"{OURS}{kind}#many"


def unseen_key(action: str) -> str:
    """The key of the incident that AWS refuses an action."""
    return f"unseen#{action}"


def lasting(differences: Sequence[Difference], *, left: str, environment: Environment) -> Iterator[Condition]:
    """Conditions for what is not as it should be and was not put back; `left` says why not."""
    for kind in _LABELS:
        found = [each for each in differences if each.thing.kind == kind]
        if len(found) > FEW:
            yield _many(kind, found, environment=environment)
        else:
            yield from (_lasts(each, left=left, environment=environment) for each in found)


def mended(differences: Iterable[Difference], *, environment: Environment) -> Iterator[Condition]:
    """Conditions for what was put back."""
    for each in differences:
        thing = each.thing
        must_confirm = each.is_gone and str(thing.facts.get("protocol", "")).startswith(_CONFIRMS)
        done = "subscribed again" if thing.kind == "subscription" else "put back"
        was = "was missing" if each.is_gone else f"was changed ({_told(each)})"
        asked = " Nothing arrives there until somebody confirms it: AWS has asked." if must_confirm else ""
        short = "missing" if each.is_gone else _told(each)
        confirm = ", to be confirmed" if must_confirm else ""
        yield Condition(
            key=key_of(each),
            title=_titles(thing, f"{done}{confirm}: {short}"),
            sentence=f"{_label(thing)} {clean(thing.short, 160)} {was} and is {done}.{asked}",
            severity="critical",
            steps=(_who(thing, environment),),
            lasts=False,
            last_words=_last_words(thing, environment, f"{'was missing' if each.is_gone else 'was changed'}, {done}"),
        )


def unseen(refused: Iterable[tuple[Thing, tuple[str, str]]], *, environment: Environment) -> Iterator[Condition]:
    """One condition for each action with which AWS does not let the guardian look."""
    by_action: dict[tuple[str, str], list[Thing]] = {}
    for thing, why in refused:
        by_action.setdefault(why, []).append(thing)
    for (action, code), things in sorted(by_action.items()):
        names = ", ".join(clean(thing.short, 80) for thing in things[:FEW])
        more = f" and {len(things) - FEW} more" if len(things) > FEW else ""
        yield Condition(
            key=unseen_key(action),
            title=f"The guardian cannot look: {action} {error_name(code)}",
            sentence=f"AWS refuses {action} ({error_name(code)}), so nobody knows how {names}{more} are.",
            severity="high",
            steps=(
                Step(f"See who took {action} from role {environment.role.name}: its policies, a boundary, an SCP."),
            ),
        )


def no_inventory(found: NoInventory, *, environment: Environment) -> Condition:
    """The inventory itself cannot be used."""
    why = f"AWS refuses to show it ({error_name(found.error_code)})" if found.error_code else "; ".join(found.problems)
    return Condition(
        key=INVENTORY,
        title=f"What was deployed is not known: {clean(why, 60)}",
        sentence=f"The inventory of what was deployed cannot be used: {clean(why, 300)}. Until it can, the guardian "
        f"looks at the trail, its deliveries and the event rule only.",
        severity="critical",
        steps=(_again(environment),),
    )


def not_the_deployed_one(*, environment: Environment) -> Condition:
    """The inventory is not the one whose digest the schedule was deployed with."""
    return Condition(
        key=INVENTORY,
        title="The inventory is not the one that was deployed",
        sentence="The inventory of what was deployed was changed, and not by a deployment: the schedule of the sweep "
        "knows another digest. It is not used until both agree again.",
        severity="critical",
        steps=(
            Step(
                f"Somebody wrote into table {environment.ledger}, or changed the schedule. See who may, and who did "
                f"UpdateSchedule:",
                (links.look_up(environment.trail, key="EventName", value="UpdateSchedule"),),
            ),
            _again(environment),
        ),
    )


def _lasts(difference: Difference, *, left: str, environment: Environment) -> Condition:
    thing = difference.thing
    if thing.kind == "queue" and difference.told.keys() == {"waiting"}:
        return _waiting(difference)
    if thing.kind == mutes.KIND:
        return _muted(difference, environment)
    short = "missing" if thing.kind == "subscription" else "gone"
    if difference.is_gone:
        what = "is missing" if thing.kind == "subscription" else "does not exist any more"
    else:
        what, short = f"was changed: {_told(difference)}", f"changed: {_told(difference)}"
    why = f" Not put back: {left}." if left and mendable(difference) else ""
    return Condition(
        key=key_of(difference),
        title=_titles(thing, short),
        sentence=f"{_label(thing)} {clean(thing.short, 160)} {what}.{why}",
        severity="critical" if thing.region == environment.trail.region else "high",
        steps=(*remedies.first(difference), _who(thing, environment), _again(environment)),
        last_words=_last_words(thing, environment, what.partition(":")[0]),
    )


def _waiting(difference: Difference) -> Condition:
    thing = difference.thing
    return Condition(
        key=key_of(difference),
        title=_titles(thing, f"holds {_told(difference)}"),
        sentence=f"Queue {clean(thing.short, 160)} in {thing.region} holds {_told(difference)}: what happened there "
        f"was not looked at.",
        severity="high",
        steps=(
            Step(
                "Read it before anything empties it:",
                (f"aws sqs receive-message --queue-url {shlex.quote(thing.name)} --region {thing.region}",),
            ),
        ),
    )


def _muted(difference: Difference, environment: Environment) -> Condition:
    thing = difference.thing
    return Condition(
        key=key_of(difference),
        title=f"Alarms are muted: {_told(difference)}",
        sentence=f"Alarms are muted in {thing.region}, and tell nobody what they ring for: {_told(difference)}.",
        severity="critical",
        steps=(*mutes.unmute(thing, difference.facts), _who(thing, environment), _again(environment)),
    )


def _many(kind: str, found: Sequence[Difference], *, environment: Environment) -> Condition:
    plural = _LABELS[kind][1]
    gone = sum(each.is_gone for each in found)
    what = "do not exist any more" if gone == len(found) else "were changed or deleted"
    thing = found[0].thing
    return Condition(
        key=many_key(kind),
        title=f"{len(found)} {plural} {what}",
        sentence=f"{len(found)} {plural} {what}: {', '.join(clean(each.thing.short, 80) for each in found[:30])}.",
        severity="critical",
        steps=(_who(thing, environment), _again(environment)),
        last_words=next((words for each in found if (words := _last_words(each.thing, environment, what))), ""),
    )


def _label(thing: Thing) -> str:
    return _LABELS[thing.kind][0]


def _told(difference: Difference) -> str:
    told = sorted(difference.told.items(), key=lambda item: item[0] != "state")  # that a key dies goes before the rest
    return clean("; ".join(how for _, how in told), 300)


def _titles(thing: Thing, what: str) -> tuple[tuple[str, str], ...]:
    name = clean(thing.short, 160)
    return tuple((f"{_label(thing)} {cut(name, limit)} ", what) for limit in _NAME_LIMITS)


def _last_words(thing: Thing, environment: Environment, what: str) -> str:
    """What the last resort is told of a broken way to the alerts' readers: no name of a person, no policy."""
    if environment.topic_arn not in (thing.name, thing.of):
        return ""
    return f"A subscription of the alerts topic {what}" if thing.kind == "subscription" else f"The alerts topic {what}"


def _who(thing: Thing, environment: Environment) -> Step:
    region = global_region(environment.trail) if thing.kind == "role" else thing.region
    if thing.kind == mutes.KIND:
        command = links.look_up(environment.trail, key="EventName", value="PutAlarmMuteRule", region=region)
        return Step("See who it was (Event history knows it some minutes after the call):", (command,))
    name = thing.name if thing.kind in ("topic", "key") else thing.of or thing.name
    # Of schedules no list of CloudTrail says what an event is about.
    key, value = ("EventSource", "scheduler.amazonaws.com") if thing.kind == "schedule" else ("ResourceName", name)
    command = links.look_up(environment.trail, key=key, value=value, region=region)
    return Step("See who it was (Event history knows it some minutes after the call):", (command,))


def _again(environment: Environment) -> Step:
    command = links.pulumi("up --refresh", stack=environment.stack)
    return Step("Make everything as the stack says; the preview shows what changed:", (command,))
