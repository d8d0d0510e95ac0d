"""One call of the explainer, from a message to what people are told."""

from typing import Any

from common.errors import NotReported
from common.incident import Incident
from common.ledger import Claim
from common.text import clean

from explainer import single, sweep, trial
from explainer.alarms import Alarm, Episode, describe, episode
from explainer.burst import ring_of
from explainer.errors import NotExplained
from explainer.facts import Watch
from explainer.kit import Kit
from explainer.mail import attributes
from explainer.message import Message, Trigger, parse
from explainer.plain import alarm_report
from explainer.ring import Ring, incident


def run(event: object, *, kit: Kit) -> dict[str, Any]:
    """Do what a message asks for. Answers {"trigger", "alarm", "did", "mails"}.

    Raises NotReported when people could not be told, NotExplained when they were told of the alarm alone.
    """
    message = parse(event)
    try:
        did: Any = _do(message, kit)
    except NotReported:
        raise
    except Exception as error:
        # Whatever is wrong with us, the alarm is not: people get it as it is, and then Lambda tries again.
        kit.say("ERROR", "could not be explained", alarm=message.alarm, error=repr(error))
        if message.rings:
            _tell_plainly(message, None, f"the explainer failed ({type(error).__name__})", kit)
        raise NotExplained(clean(message.alarm, 255), repr(error)) from error
    finally:
        kit.say_what_was_down()
    answer = {"trigger": str(message.trigger), "alarm": message.alarm, "did": did, "mails": kit.mails}
    kit.say("INFO", did if isinstance(did, str) else "looked around", **answer)
    return answer


def _do(message: Message, kit: Kit) -> str | dict[str, str]:
    match message.trigger:
        case Trigger.SCHEDULE:
            return sweep.go(kit=kit)
        case Trigger.EVENT_RULE:
            return single.tell(message.record, kit=kit)
        case Trigger.ALARM if message.rings:
            return _alarm(message, kit)
        case Trigger.ALARM:
            return "does not ring"
        case Trigger.UNKNOWN:
            raise ValueError("a message of unknown shape")


def _alarm(message: Message, kit: Kit) -> str:
    answer = describe(kit.cloudwatch, [message.alarm], ask=kit.ask)
    if answer.value is None:
        return _tell_plainly(message, None, f"the alarm cannot be read ({answer.error_code})", kit)
    alarm = answer.value.get(message.alarm)
    if alarm is None:
        return _tell_plainly(message, None, "there is no such alarm now", kit)
    if {alarm.namespace, alarm.rule} & kit.environment.others:
        return "another explainer's"
    watch = kit.watch_of(alarm)
    if watch is None:
        return _tell_plainly(message, alarm, "it counts nothing that this stack watches by a filter", kit)
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


def _tell_plainly(message: Message, alarm: Alarm | None, why: str, kit: Kit) -> str:
    """Tell of an alarm as it is, once for each time that it rang."""
    rang = alarm.since.isoformat() if alarm else clean(message.told.get("StateChangeTime"), 40)
    plainly = Incident(
        key=f"plain#{clean(message.alarm, 255)}#{rang}",
        what=f"Alarm {clean(message.alarm, 255)} rang",
        severity="critical",
        seen_at=kit.noticed_at,
        returns=False,
    )
    if kit.memory.claim(plainly) is Claim.TOLD:
        return "told already"
    environment = kit.environment
    report = alarm_report(
        message.alarm, told=message.told, alarm=alarm, why=why, environment=environment, now=kit.clock.now()
    )
    kit.publish(report, attributes=attributes(report, watch="", environment=environment), alarm=message.alarm)
    kit.memory.told(plainly.key, lasts=False)
    return "told as it is"
