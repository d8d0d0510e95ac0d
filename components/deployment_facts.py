"""The physical names of what a deployment makes: what patterns of event sets can ask for."""

from collections.abc import Iterable, Mapping, Sequence

import pulumi

from components.alert_channel import AlertChannel
from components.audit_trail import AuditTrail
from components.guardian import Guardian
from components.last_resort import LastResort

Facts = Mapping[str, Sequence[pulumi.Input[str]]]
"""Physical names by fact, a key of `settings.facts.FACTS`."""


def deployment_facts(
    *, trail: AuditTrail, channels: Iterable[AlertChannel | LastResort], guardian: Guardian | None
) -> Facts:
    """Every fact but the alarms, which `WatchPoint` makes itself. Without a guardian some have no names.

    Another thing of ours to watch is one more name in its list.
    """
    rights = guardian.rights if guardian else None
    return {
        "bucket": [trail.evidence.bucket.id],
        "log_group": [trail.evidence.log_group.name],
        "topics": [channel.topic.name for channel in channels],
        "roles": [trail.evidence.role.name, *([rights.role.name, rights.sweep_role.name] if rights else [])],
        "functions": [guardian.function.name] if guardian else [],
        "rules": [guardian.rule.name] if guardian else [],
        # Without the ledger: a fourth name would make the pattern longer than CloudWatch allows, and losing the ledger
        # only makes the guardian louder.
        "names": [
            rights.dead_letters.name,
            rights.desired_state.parameter.name,
            guardian.schedule_name,
        ]
        if guardian and rights
        else [],
    }
