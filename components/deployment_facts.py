"""The physical names of what a deployment makes: what patterns of event sets can ask for."""

from collections.abc import Iterable, Mapping, Sequence

import pulumi

from components.alert_channel import AlertChannel
from components.audit_trail import AuditTrail
from components.guardian import Guardian

Facts = Mapping[str, Sequence[pulumi.Input[str]]]
"""Physical names by fact, a key of `settings.facts.FACTS`."""


def deployment_facts(*, trail: AuditTrail, channels: Iterable[AlertChannel], guardian: Guardian | None) -> Facts:
    """Every fact but the alarms, which `WatchPoint` makes itself. Without a guardian some have no names.

    Another thing of ours to watch is one more name in its list.
    """
    return {
        "bucket": [trail.bucket.id],
        "log_group": [trail.log_group.name],
        "topics": [channel.topic.name for channel in channels],
        "roles": [trail.delivery_role.name, *([guardian.rights.role.name] if guardian else [])],
        "functions": [guardian.function.name] if guardian else [],
        "rules": [guardian.rule.name] if guardian else [],
        "names": [guardian.rights.dead_letters.name] if guardian else [],
    }
