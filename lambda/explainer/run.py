"""One call of the explainer, from a message to what people are told."""

from typing import Any

from common.errors import NotReported
from common.text import clean

from explainer.errors import NotExplained
from explainer.kit import Kit
from explainer.message import Message, Trigger, parse
from explainer.plain import tell_plainly


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
            tell_plainly(message, None, f"the explainer failed ({type(error).__name__})", kit)
        raise NotExplained(clean(message.alarm, 255), repr(error)) from error
    finally:
        kit.say_what_was_down()
    answer = {"trigger": str(message.trigger), "alarm": message.alarm, "did": did, "mails": kit.mails}
    kit.say("INFO", did if isinstance(did, str) else "looked around", **answer)
    return answer


def _do(message: Message, kit: Kit) -> str | dict[str, str]:
    """Each way imports what is its own: a cold start loads one, and what does not load is told like any other fault."""
    match message.trigger:
        case Trigger.SCHEDULE:
            from explainer import sweep

            return sweep.go(kit=kit)
        case Trigger.EVENT_RULE:
            from explainer import single

            return single.tell(message.record, kit=kit)
        case Trigger.ALARM if message.rings:
            from explainer.rung import tell

            return tell(message, kit=kit)
        case Trigger.ALARM:
            return "does not ring"
        case Trigger.UNKNOWN:
            raise ValueError("a message of unknown shape")
