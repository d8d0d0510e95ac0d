"""The look around every five minutes: alarms that still ring, what is owed, what a crash left untold."""

from datetime import timedelta

from common.ledger import Claim, Entry, Phase

from explainer import digest
from explainer.alarms import Alarm, describe, episode
from explainer.burst import ring_of
from explainer.envelope import attributes
from explainer.facts import SEVERITIES
from explainer.kit import Kit
from explainer.memory import ALARM, EVENT
from explainer.plain import event_report

_ABANDONED = timedelta(minutes=10)
"""How long a claimed event may be untold: Lambda's two retries, and the alarm, come before."""


def go(*, kit: Kit) -> dict[str, str]:
    """Look at everything that is not over; what was done, by key. Raises NotReported once everything was looked at."""
    entries = kit.memory.unsettled()
    if entries is None:
        kit.say("ERROR", "the ledger does not answer: nothing is known of what rang", error=kit.memory.error_code)
        return {}
    names = [entry.key.removeprefix(ALARM) for entry in entries if entry.key.startswith(ALARM)]
    answer = describe(kit.cloudwatch, names, ask=kit.ask)
    if answer.value is None:
        kit.say("ERROR", "the alarms cannot be read", error=answer.error_code)
        return {}
    done: dict[str, str] = {}
    failed: list[Exception] = []
    for entry in sorted(entries, key=lambda each: SEVERITIES.index(each.severity)):  # the loudest tell first
        if kit.clock.monotonic() > kit.look_until:
            kit.say("WARNING", "there was no time for everything; the next look goes on", left=len(entries) - len(done))
            break
        try:
            done[entry.key] = _look(entry, answer.value, kit)
        except Exception as error:  # one alarm must not keep the others from being looked at
            done[entry.key] = f"failed: {error}"
            failed.append(error)
    try:
        done |= digest.go(kit=kit)
    except Exception as error:
        failed.append(error)
    for error in failed:
        raise error
    return done


def _look(entry: Entry, alarms: dict[str, Alarm], kit: Kit) -> str:
    if entry.key.startswith(EVENT):
        return _event(entry, kit)
    name = entry.key.removeprefix(ALARM)
    if not entry.key.startswith(ALARM) or kit.memory.take(entry.key) is not Claim.MINE:
        return "another run's"
    alarm, ringing = alarms.get(name), kit.memory.ringing(name)
    watch = kit.watch_of(alarm) if alarm else None
    if alarm is None or watch is None:
        kit.say("WARNING", "an alarm that rang is no more, or not ours", alarm=name)
        kit.memory.told(entry.key, lasts=False)
        return "gone"
    ring = ring_of(alarm, watch, kit)
    if ringing is None or entry.phase is Phase.CLAIMED:
        return ring.first(episode(kit.cloudwatch, alarm, ask=kit.ask))  # its first run ended before it could tell
    return ring.again(ringing)


def _event(entry: Entry, kit: Kit) -> str:
    """An event that a run claimed, and nobody told since."""
    if kit.clock.now() - entry.opened_at < _ABANDONED or kit.memory.take(entry.key) is not Claim.MINE:
        return "about to be told"
    report = event_report(entry.what, severity=entry.severity, environment=kit.environment, at=entry.opened_at)
    kit.publish(report, attributes=attributes(report, watch="", environment=kit.environment), event=entry.key)
    kit.memory.told(entry.key, lasts=False)
    return "told late"
