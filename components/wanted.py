"""What a guarded trail should be, in the words of CloudTrail's own answers: the desired state that the guardian reads.

A person can lay it beside the answers of GetTrail, GetEventSelectors and GetInsightSelectors.
"""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.delivery_topic import DeliveryTopic
from components.event_selectors import Selector, as_desired
from components.evidence import Evidence
from components.home import Home
from settings import Baseline, TrailSite
from settings.selectors import are_advanced

Wanted = dict[str, pulumi.Input[Any]]


def of_adopted(baseline: Baseline, *, home: Home) -> Wanted:
    """What the baseline of an adopted trail says, and that it logs."""
    selectors = "AdvancedEventSelectors" if are_advanced(baseline.selectors) else "EventSelectors"
    return {
        "IsLogging": True,
        "IsMultiRegionTrail": baseline.multi_region,
        "IncludeGlobalServiceEvents": baseline.global_events,
        "IsOrganizationTrail": baseline.organization,
        "LogFileValidationEnabled": baseline.validation,
        "RecursiveLogging": baseline.recursive_logging,
        "S3BucketName": baseline.bucket,
        "S3KeyPrefix": baseline.prefix,
        "SnsTopicName": (baseline.delivery_topic or "").rpartition(":")[2],
        "KmsKeyId": baseline.kms_key or "",
        "CloudWatchLogsLogGroupArn": home.arn("logs", f"log-group:{baseline.log_group_name}:*"),
        "CloudWatchLogsRoleArn": baseline.delivery_role,
        selectors: [dict(each) for each in baseline.selectors],
        "InsightSelectors": _insights(baseline.insights),
    }


def of_made(
    site: TrailSite,
    *,
    evidence: Evidence,
    delivery_topic: DeliveryTopic | None,
    selectors: Sequence[Selector],
    insights: Sequence[str],
) -> Wanted:
    """What `AuditTrail` makes of a trail. Were the two to differ, the guardian would undo every deployment."""
    return {
        "IsLogging": True,
        "IsMultiRegionTrail": site.is_multi_region,
        "IncludeGlobalServiceEvents": site.has_global_events,
        "IsOrganizationTrail": site.is_organization,
        "LogFileValidationEnabled": True,
        "S3BucketName": evidence.bucket_name,
        "S3KeyPrefix": "",
        "SnsTopicName": delivery_topic.topic.name if delivery_topic else "",
        "KmsKeyId": evidence.key_arn,
        "CloudWatchLogsLogGroupArn": pulumi.Output.concat(evidence.log_group_arn, ":*"),
        "CloudWatchLogsRoleArn": evidence.role.arn,
        **as_desired(selectors),
        "InsightSelectors": _insights(insights),
    }


def _insights(kinds: Sequence[str]) -> list[dict[str, Any]]:
    """With the category that CloudTrail takes where none is said (API reference, InsightSelector).

    The provider says none. It is said outright here, because a call that names data events alone switches these off.
    """
    return [{"InsightType": kind, "EventCategories": ["Management"]} for kind in kinds]
