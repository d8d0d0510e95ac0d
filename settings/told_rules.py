"""What must hold between those who are told, and between their ways and the rest of the stack."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from settings.burst import ANY_ADDRESS
from settings.digest import DIGEST
from settings.document import KeyPath
from settings.filters import GUARDIAN
from settings.problems import CheckError
from settings.regions import partition_of

if TYPE_CHECKING:
    from settings.rules import Draft
    from settings.subscribers import Subscriber

Contradiction = tuple[KeyPath, CheckError]


def people(draft: "Draft") -> Iterator[Contradiction]:
    """Whoever is told, and the alerts topic itself."""
    yield from _alerts(draft)
    yield from twice(draft.emails, fold=str.casefold)
    where = {
        (*path, "endpoint"): each.endpoint for path, each in draft.subscribers.items() if each.endpoint is not None
    }
    yield from twice(where, fold=lambda text: text.casefold() if "@" in text else text)
    secrets = {
        (*path, "endpointSecret"): each.endpoint_secret
        for path, each in draft.subscribers.items()
        if each.endpoint_secret is not None
    }
    yield from twice(secrets, fold=str)
    for path, subscriber in draft.subscribers.items():
        for keys, error in subscriber.contradictions():
            yield (*path, *keys), error
        yield from _reach(path, subscriber, draft)


def _reach(path: KeyPath, subscriber: "Subscriber", draft: "Draft") -> Iterator[Contradiction]:
    """What a subscriber asks of the rest of the stack."""
    yield from _chosen(path, subscriber, draft)
    arn = subscriber.endpoint if subscriber.protocol in ("sqs", "lambda") else None
    home = draft.home_region and partition_of(draft.home_region)
    if arn and home and arn.split(":")[1] != home:
        problem, allowed = f"lies in another partition than the home region {draft.home_region}", f"arn:{home}:…"
        yield (*path, "endpoint"), CheckError(problem, value=arn, allowed=allowed)
    if draft.remediation.mode != "off" or draft.alerts.explain:
        return
    if subscriber.gets == "last-resort":
        yield (
            (*path, "gets"),
            CheckError(
                "would get nothing: with remediation off and alerts.explain false nothing runs that could fail",
                value=subscriber.gets,
                allowed="everything, alerts, alerts.explain true, or remediation that is not off",
            ),
        )
    if subscriber.dead_letters:
        problem = "would be watched by nobody: with remediation off and alerts.explain false there is no last resort"
        yield (*path, "deadLetters"), CheckError(problem, allowed="false, or remediation that is not off")


def _chosen(path: KeyPath, subscriber: "Subscriber", draft: "Draft") -> Iterator[Contradiction]:
    """What a subscriber's filter asks of the rest of the stack."""
    if subscriber.filter is None:
        return
    if not draft.alerts.explain:
        problem = "needs alerts.explain true: an alarm's own message has no attributes to choose by"
        yield (*path, "filter"), CheckError(problem, allowed="alerts.explain true, or no filter")
        return
    sources = (each.name for each in draft.source_ips.values())
    sets = {*draft.event_sets, *draft.custom_sets, *sources}
    sets |= {GUARDIAN} if draft.remediation.mode != "off" else set()
    sets |= {ANY_ADDRESS} if draft.burst else set()
    sets |= {DIGEST} if draft.alerts.digest else set()
    for keys, error in subscriber.filter.contradictions(sets=sets):
        yield (*path, "filter", *keys), error


def twice(entries: Mapping[KeyPath, str], *, fold: Callable[[str], str]) -> Iterator[Contradiction]:
    """Entries that stand in a list twice. `fold` makes one of what means the same."""
    first: dict[str, str] = {}
    for path, entry in entries.items():
        key = fold(entry)
        if key in first:
            as_written = "" if first[key] == entry else f", first as {first[key]}"
            yield path, CheckError(f"is listed twice{as_written}", value=entry, allowed="each once")
        first.setdefault(key, entry)


def _alerts(draft: "Draft") -> Iterator[Contradiction]:
    """What the alerts topic asks of the rest of the stack."""
    alerts, home = draft.alerts, draft.home_region
    if alerts.digest and not alerts.explain:
        problem = "needs alerts.explain true: with it false each alarm is mailed as it comes"
        yield ("alerts", "digest"), CheckError(problem, allowed="alerts.explain true, or false")
    key = alerts.kms_key
    if key and draft.trail.layout == "per-region":
        problem = "lies in one region, and with trail.layout per-region there are topics in each"
        yield ("alerts", "kmsKey"), CheckError(problem, allowed="leave it out, and each region makes its own")
    elif key and home and key.split(":")[3] != home:
        problem, allowed = f"lies in another region than the topics, which are in {home}", f"a key in {home}"
        yield ("alerts", "kmsKey"), CheckError(problem, value=key, allowed=allowed)
    for name, principals in {"allowPublish": alerts.allow_publish, "allowSubscribe": alerts.allow_subscribe}.items():
        yield from twice({("alerts", name, index): each for index, each in enumerate(principals)}, fold=str)
        for index, each in enumerate(principals):
            if home and each.startswith("arn:") and each.split(":")[1] != partition_of(home):
                problem = f"lies in another partition than the home region {home}"
                yield ("alerts", name, index), CheckError(problem, value=each, allowed=f"arn:{partition_of(home)}:…")
