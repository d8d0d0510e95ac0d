"""What is done when an alarm rings: find out which it is, and tell of it or of the test that it is."""

from common.incident import Incident
from common.ledger import Claim
from common.text import clean

from explainer import trial
from explainer.alarms import Alarm, Episode, describe, episode
from explainer.burst import ring_of
from explainer.envelope import attributes
from explainer.facts import Watch
from explainer.kit import Kit
from explainer.message import Message
from explainer.plain import tell_plainly
from explainer.ring import Ring, incident


def tell(message: Message, *, kit: Kit) -> str:
    """Tell who is behind an alarm that rings; what was done, in words."""
    answer = describe(kit.cloudwatch, [message.alarm], ask=kit.ask)
    if answer.value is None:
        return tell_plainly(message, None, f"the alarm cannot be read ({answer.error_code})", kit)
    alarm = answer.value.get(message.alarm)
    if alarm is None:
        return tell_plainly(message, None, "there is no such alarm now", kit)
    if {alarm.namespace, alarm.rule} & kit.environment.others:
        return "another explainer's"
    watch = kit.watch_of(alarm)
    if watch is None:
        return tell_plainly(message, alarm, "it counts nothing that this stack watches by a filter", kit)
    when = episode(kit.cloudwatch, alarm, ask=kit.ask)
    test = trial.trial_of(alarm, when)
    did = _ring(ring_of(alarm, watch, kit), when, is_test=bool(test))
    return f"{_tell_test(test, alarm, watch, when, kit)}; {did}" if test else did


def _ring(ring: Ring, when: Episode, *, is_test: bool) -> str:
    """Tell of an alarm of ours, whatever made it ring."""
    kit, alarm = ring.kit, ring.alarm
    if kit.memory.claim(incident(alarm, ring.watch, when)) is Claim.TOLD:
        known = kit.memory.ringing(alarm.name)
        if known and known.began_at < when.began_at and kit.memory.take(f"alarm#{alarm.name}") is Claim.MINE:
            return ring.again(known)  # it rang anew before anybody saw that it had been quiet
        return "told already"
    return ring.first(when, is_test=is_test)


def _tell_test(test: str, alarm: Alarm, watch: Watch, when: Episode, kit: Kit) -> str:
    """Tell once of a test. Only after whatever else the alarm may be about."""
    key = trial.key(test)
    what = f"Test of alerts with alarm {clean(alarm.name, 255)}"
    about = Incident(key=key, what=what, severity=watch.severity, seen_at=kit.noticed_at, returns=False)
    if kit.memory.claim(about) is Claim.TOLD:
        return "test told already"
    report = trial.trial_report(test, alarm=alarm, watch=watch, episode=when, environment=kit.environment)
    told_by = attributes(report, watch=watch.name, environment=kit.environment)
    kit.publish(report, attributes=told_by, alarm=alarm.name, set=watch.name, test=test)
    kit.memory.told(key, lasts=False)
    return "told as a test"
