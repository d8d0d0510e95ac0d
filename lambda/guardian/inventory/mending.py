"""Putting back what the guardian's own role may: each call only strengthens."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from common.retry import Clock, call

from guardian.inventory.comparing import Difference

ITSELF = "itself"
_WAIT_S = 0.5

Requests = list[Callable[[], Any]]


def mendable(difference: Difference) -> bool:
    """Whether the role may put back everything that is wrong with the thing."""
    mends = difference.thing.mends
    return ITSELF in mends if difference.is_gone else difference.told.keys() <= mends


def mend(difference: Difference, *, client_for: Callable[[str, str], Any], clock: Clock, until: float) -> str:
    """Put one thing back; "" when AWS took every call, else the code with which it refused one."""
    for request in _REQUESTS[difference.thing.kind](difference, client_for):
        answer = call(request, clock=clock, until=until, first_wait_s=_WAIT_S)
        if answer.error:
            return answer.error_code
    return ""


def _alarm(difference: Difference, client_for: Callable[[str, str], Any]) -> Requests:
    cloudwatch = client_for("cloudwatch", difference.thing.region)
    return [partial(cloudwatch.enable_alarm_actions, AlarmNames=[difference.thing.name])]


def _insight_rule(difference: Difference, client_for: Callable[[str, str], Any]) -> Requests:
    cloudwatch = client_for("cloudwatch", difference.thing.region)
    # A refusal stands inside an answer with status 200; the look afterwards shows it.
    return [partial(cloudwatch.enable_insight_rules, RuleNames=[difference.thing.name])]


def _topic(difference: Difference, client_for: Callable[[str, str], Any]) -> Requests:
    sns, thing = client_for("sns", difference.thing.region), difference.thing
    requests: Requests = []
    if "policy" in difference.told:
        changed = {"AttributeName": "Policy", "AttributeValue": thing.facts["policy"]}
        requests.append(partial(sns.set_topic_attributes, TopicArn=thing.name, **changed))
    if "protection" in difference.told:
        # An empty text deletes it (SNS Developer Guide, "Deleting data protection policies").
        wanted = thing.facts["protection"]
        requests.append(partial(sns.put_data_protection_policy, ResourceArn=thing.name, DataProtectionPolicy=wanted))
    return requests


def _subscription(difference: Difference, client_for: Callable[[str, str], Any]) -> Requests:
    sns, thing = client_for("sns", difference.thing.region), difference.thing
    request = {key: thing.facts[name] for key, name in _SUBSCRIBE.items() if thing.facts.get(name)}
    return [partial(sns.subscribe, TopicArn=thing.of, **request)]


_SUBSCRIBE = {"Protocol": "protocol", "Endpoint": "endpoint", "Attributes": "attributes"}


def _rule(difference: Difference, client_for: Callable[[str, str], Any]) -> Requests:
    events, thing = client_for("events", difference.thing.region), difference.thing
    requests: Requests = []
    if "enabled" in difference.told:
        requests.append(partial(events.enable_rule, Name=thing.name))
    if "targets" in difference.told:
        targets = [{"Arn": arn, **target} for arn, target in thing.facts["targets"].items()]
        # Single targets are refused inside an answer with status 200; the look afterwards shows it.
        requests.append(partial(events.put_targets, Rule=thing.name, Targets=targets))
    return requests


_REQUESTS: Mapping[str, Callable[[Difference, Callable[[str, str], Any]], Requests]] = {
    "alarm": _alarm,
    "insight-rule": _insight_rule,
    "rule": _rule,
    "subscription": _subscription,
    "topic": _topic,
}
