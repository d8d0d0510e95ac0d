"""The physical names of what a deployment makes: what patterns of event sets can ask for."""

from collections.abc import Iterable, Mapping, Sequence

import pulumi

from components.alert_channel import AlertChannel
from components.explainer import Explainer
from components.guardian import Guardian
from components.known_trail import KnownTrail
from components.last_resort import LastResort
from components.ledger import Ledger
from components.region_forwarder import RegionForwarder

Facts = Mapping[str, Sequence[pulumi.Input[str]]]
"""Physical names by fact, a key of `settings.facts.FACTS`."""


def deployment_facts(
    *,
    trail: KnownTrail,
    channels: Iterable[AlertChannel | LastResort],
    guardian: Guardian | None,
    explainer: Explainer | None = None,
    forwarders: Sequence[RegionForwarder] = (),
    ledger: Ledger | None = None,
    other_roles: Iterable[pulumi.Input[str]] = (),
) -> Facts:
    """Every fact but the alarms, which `WatchPoint` makes itself. Without a guardian some have no names.

    `other_roles` belong to trails that do not see IAM, whose events are recorded in one region only.

    Another thing of ours to watch is one more name in its list.
    """
    rights = guardian.rights if guardian else None
    channels = list(channels)
    helpers = [each for each in (guardian, explainer) if each]
    return {
        "bucket": [trail.bucket_name],
        "log_group": [trail.log_group_name],
        "topics": [channel.topic.name for channel in channels],
        "roles": [
            trail.role_name,
            *(name for each in helpers for name in (each.rights.role.name, each.rights.sweep_role.name)),
            *(each.role.name for each in forwarders),
            *other_roles,
        ],
        "functions": [each.function.name for each in helpers],
        "rules": [
            *([guardian.rule.name] if guardian else []),
            *(rule.name for rule in (explainer.rules if explainer else [])),
        ],
        "queues": [
            *(channel.queue.name for channel in channels if isinstance(channel, LastResort)),
            *(each.rights.dead_letters.name for each in helpers),
            *(each.dead_letters.name for each in forwarders),
            *(letters.queue.name for channel in channels for letters in channel.dead_letters),
        ],
        "tables": [ledger.table.name] if ledger else [],
        "parameters": [rights.desired_state.parameter.name] if rights else [],
        "schedules": [
            *([guardian.schedule_name] if guardian else []),
            *([explainer.schedule.name] if explainer else []),
        ],
    }
