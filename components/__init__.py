"""Pulumi components: from settings to trail, filters, alarms, topics and guardian.

Everything works under any Pulumi monitor, the mock monitor included; nothing is made inside `apply`.
"""

from components.alert_channel import AlertChannel
from components.any_address_watch import AnyAddressWatch
from components.audit_trail import AuditTrail
from components.channels import Channels
from components.dashboard import Dashboard
from components.delivery_status import DeliveryStatus
from components.delivery_topic import DeliveryTopic
from components.deployment_facts import deployment_facts
from components.desired_state import DesiredState
from components.evidence import Evidence
from components.explainer import Explainer
from components.explainer_health import ExplainerHealth
from components.explainer_rights import ExplainerRights
from components.exports import exports
from components.guarded_trail import GuardedTrail
from components.guardian import Guardian
from components.guardian_rights import GuardianRights
from components.health import Health
from components.home import Home
from components.inspection import Inspection
from components.inventory import Inventory
from components.last_resort import LastResort
from components.ledger import Ledger
from components.next_steps import next_steps
from components.planned_mutes import PlannedMutes
from components.preflight import check_account, check_concurrency, find_organization
from components.region_forwarder import RegionForwarder
from components.source_ip_watch import SourceIpWatch
from components.sweep import Sweep
from components.undelivered import Undelivered
from components.watch_point import WatchPoint

__all__ = [
    "AlertChannel",
    "AnyAddressWatch",
    "AuditTrail",
    "Channels",
    "Dashboard",
    "DeliveryStatus",
    "DeliveryTopic",
    "DesiredState",
    "Evidence",
    "Explainer",
    "ExplainerHealth",
    "ExplainerRights",
    "GuardedTrail",
    "Guardian",
    "GuardianRights",
    "Health",
    "Home",
    "Inspection",
    "Inventory",
    "LastResort",
    "Ledger",
    "PlannedMutes",
    "RegionForwarder",
    "SourceIpWatch",
    "Sweep",
    "Undelivered",
    "WatchPoint",
    "check_account",
    "check_concurrency",
    "deployment_facts",
    "exports",
    "find_organization",
    "next_steps",
]
