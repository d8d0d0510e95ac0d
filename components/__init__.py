"""Pulumi components: from settings to trail, filters, alarms, topics and guardian.

Everything works under any Pulumi monitor, the mock monitor included; nothing is made inside `apply`.
"""

from components.alert_channel import AlertChannel, Subscription
from components.audit_trail import AuditTrail
from components.deployment_facts import deployment_facts
from components.guardian import Guardian
from components.guardian_rights import GuardianRights
from components.home import Home
from components.next_steps import next_steps
from components.source_ip_watch import SourceIpWatch
from components.watch_point import WatchPoint

__all__ = [
    "AlertChannel",
    "AuditTrail",
    "Guardian",
    "GuardianRights",
    "Home",
    "SourceIpWatch",
    "Subscription",
    "WatchPoint",
    "deployment_facts",
    "next_steps",
]
