"""Whose filters and alarms these are: ours, or those of a module that many people use.

A filter has no tags, so a peer's is known by the names of its metrics. Names alone prove nothing, hence "looks like".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from account.logs import MetricFilter

NAMESPACE: Final = "trailwarden"
"""Our metrics' namespaces begin so, unless a stack chose another."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A module that makes such filters. `metrics` are names of its metrics; `source` is where they were read."""

    name: str
    metrics: frozenset[str]
    namespaces: frozenset[str]
    source: str


PEERS: Final = (
    Peer(
        name="cloudposse/cloudtrail-cloudwatch-alarms",
        metrics=frozenset(
            {
                "AuthorizationFailureCount",
                "ConsoleSignInWithoutMfaCount",
                "RootAccountUsageCount",
                "IAMPolicyEventCount",
                "CloudTrailEventCount",
                "ConsoleSignInFailureCount",
                "KMSKeyPendingDeletionErrorCount",
                "S3BucketPolicyEventCount",
                "AWSConfigChangeCount",
                "SecurityGroupEventCount",
                "NetworkAclEventCount",
                "GatewayEventCount",
                "RouteTableChangesCount",
                "VpcEventCount",
            }
        ),
        namespaces=frozenset({"CISBenchmark"}),
        source="cloudposse/terraform-aws-cloudtrail-cloudwatch-alarms, catalog/cis_benchmark.yaml (129817a)",
    ),
    Peer(
        name="terraform-aws-modules/cloudwatch (cis-alarms), nozaq/secure-baseline or trussworks/cloudtrail-alarms",
        metrics=frozenset(
            {
                "UnauthorizedAPICalls",
                "NoMFAConsoleSignin",
                "RootUsage",
                "IAMChanges",
                "CloudTrailCfgChanges",
                "ConsoleSigninFailures",
                "DisableOrDeleteCMK",
                "S3BucketPolicyChanges",
                "AWSConfigChanges",
                "SecurityGroupChanges",
                "NACLChanges",
                "NetworkGWChanges",
                "RouteTableChanges",
                "VPCChanges",
                "AWSOrganizationsChanges",
                "OrganizationsChanges",
                "IAMUserConsoleSignin",
            }
        ),
        namespaces=frozenset({"CISBenchmark"}),
        source="terraform-aws-modules/terraform-aws-cloudwatch, modules/cis-alarms/main.tf (03d43d5); "
        "nozaq/terraform-aws-secure-baseline, modules/alarm-baseline/main.tf (087a9a3); "
        "trussworks/terraform-aws-cloudtrail-alarms, main.tf (309d5fc): the three share their names",
    ),
    Peer(
        name="the audit procedure for trail changes",
        metrics=frozenset({"CloudTrailEventCount"}),
        namespaces=frozenset({"CloudTrailMetrics"}),
        source="the remediation text of 2016 for this control (docs/requirements.md, R2.9)",
    ),
    Peer(
        name="Security Hub's instructions",
        metrics=frozenset(),
        namespaces=frozenset({"LogMetrics"}),
        source="Security Hub User Guide, CloudWatch controls",
    ),
)
"""Known modules and procedures. Their names differ from version to version; these were read in the commits named."""


def owner_of(found: MetricFilter, *, namespaces: Iterable[str] = ()) -> str:
    """`trailwarden`, a peer's name, or empty for nobody we know. `namespaces` are others that are ours too.

    Some modules let people put a prefix before a metric's name, so its end is what counts.
    """
    if is_ours(found.namespace, namespaces=namespaces):
        return NAMESPACE
    in_namespace = [peer for peer in PEERS if found.namespace in peer.namespaces]
    for peer in (*in_namespace, *PEERS):
        if any(found.metric.endswith(metric) for metric in peer.metrics):
            return peer.name
    return next((peer.name for peer in in_namespace if not peer.metrics), "")


def is_ours(namespace: str, *, namespaces: Iterable[str] = ()) -> bool:
    """Whether a metric's namespace is one that a stack of ours fills."""
    return namespace == NAMESPACE or namespace.startswith(f"{NAMESPACE}/") or namespace in set(namespaces)


def by_owner(filters: Iterable[MetricFilter], *, namespaces: Iterable[str] = ()) -> Mapping[str, tuple[str, ...]]:
    """Names of filters by whose they are; those of nobody we know under the empty text."""
    own = tuple(namespaces)
    found: dict[str, list[str]] = {}
    for each in filters:
        found.setdefault(owner_of(each, namespaces=own), []).append(each.name)
    return MappingProxyType({owner: tuple(names) for owner, names in sorted(found.items())})
