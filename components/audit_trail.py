"""The trail: everything that can be recorded, into the evidence's bucket and log group."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.delivery_topic import DeliveryTopic
from components.event_selectors import Selector, as_inputs
from components.evidence import Evidence
from components.home import Home


class AuditTrail(pulumi.ComponentResource):
    """A trail of all regions, or of its own alone, that writes to an encrypted bucket and to a log group.

    The trail is made last: after its evidence, and after everything in `after`, the desired state among it. What is
    called later is already recorded, and a deployment should not ring its own alarms.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Home,
        trail_name: str,
        is_multi_region: bool = True,
        has_global_events: bool = True,
        is_organization: bool = False,
        evidence: Evidence,
        delivery_topic: DeliveryTopic | None = None,
        selectors: Sequence[Selector] = (),
        insights: Sequence[str] = (),
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("trailwarden:index:AuditTrail", name, {}, opts)
        self.evidence = evidence
        self.trail = aws.cloudtrail.Trail(
            name,
            name=trail_name,
            region=home.region,
            is_multi_region_trail=is_multi_region,
            include_global_service_events=has_global_events,
            is_organization_trail=is_organization,
            enable_logging=True,
            enable_log_file_validation=True,
            kms_key_id=evidence.key_arn,
            s3_bucket_name=evidence.bucket_name,
            # CreateTrail wants the group's ARN with this ending; the provider reports it without.
            cloud_watch_logs_group_arn=pulumi.Output.concat(evidence.log_group_arn, ":*"),
            cloud_watch_logs_role_arn=evidence.role.arn,
            sns_topic_name=delivery_topic.topic.name if delivery_topic else None,
            advanced_event_selectors=as_inputs(selectors),
            insight_selectors=[aws.cloudtrail.TrailInsightSelectorArgs(insight_type=kind) for kind in insights] or None,
            tags=home.trail_tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                # A fixed name cannot exist twice, so a replacement has to delete first.
                delete_before_replace=True,
                # CreateTrail tries both policies and is refused without; the first file lands in a finished bucket.
                depends_on=[*evidence.is_ready, *(delivery_topic.is_ready if delivery_topic else []), *after],
            ),
        )
        self.register_outputs({"trailArn": self.trail.arn, "trailName": self.trail.name})
