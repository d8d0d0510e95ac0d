"""The settings of the guarded trail."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from settings.baseline import Baseline
from settings.kinds import (
    RetentionDays,
    Switch,
    TrailId,
    TrailIds,
    TrailLayout,
    TrailMode,
    TrailName,
)
from settings.problems import CheckError
from settings.recording import HALVES, WAIVED
from settings.section import Section
from settings.trail_kinds import BucketName, Insights, KeyArn, LogGroupName, Management, Tags
from settings.trail_options import DataEvents, Lifecycle, ObjectLock

OF_ADOPTED = frozenset({"trails", "baseline"})
"""The keys that only adopted trails have, by the names of the fields."""
OF_ANY = frozenset({"may_be_masked", "mode", "retention_days", "tags"})
"""The keys about what a stack makes around any trail."""


def _by_trail(value: Any) -> Any:
    if isinstance(value, Mapping) and all(isinstance(each, Mapping | Baseline) for each in value.values()):
        return value
    raise CheckError(
        "must map trails to what they should be",
        value=value,
        allowed=f"a mapping, such as {{org-trail: {Baseline.EXAMPLE}}}",
    )


class TrailSettings(Section):
    """The trail that is guarded."""

    EXAMPLE: ClassVar[str] = "{mode: create}"
    mode: TrailMode = Field(
        default="create",
        description="Where the trail comes from. `create`: the stack makes it. `adopt`: it exists already, is named in "
        "`trails` and described in `baseline`; the stack puts filters, alarms and a guardian around it, and neither "
        "changes nor deletes it.",
    )
    trails: TrailIds = Field(
        default=(),
        description="With `mode: adopt`: the trails, each by its name if its home region is `aws:region`, else by its "
        "ARN.",
    )
    baseline: Annotated[Mapping[TrailId, Baseline], BeforeValidator(_by_trail)] = Field(
        default={},
        description="With `mode: adopt`: what each trail should be, by its name or ARN. The guardian tells of what "
        "differs, and with `remediation` puts it back.",
    )
    layout: TrailLayout = Field(
        default="multi-region",
        description="`multi-region`: one trail in the home region sees all regions. `per-region`: each of `regions` "
        "has a trail, log group, filters, alarms, topics and guardian of its own, and other regions are not recorded.",
    )
    name: TrailName | None = Field(default=None, description="The trail's name. Left out: `trailwarden-<stack>`.")
    retention_days: RetentionDays = Field(
        default=365, description="How long the log groups of this stack keep an event, in days. Auditors ask for 365."
    )
    bucket: BucketName | None = Field(
        default=None,
        description="A bucket that exists, of this or another account, in the home region, and gets the log files. The "
        "stack leaves its policy alone: the stack output `policiesToAdd` shows what it must hold before the trail can "
        "be made. Left out: the stack makes one.",
    )
    kms_key: KeyArn | None = Field(
        default=None,
        description="The ARN of a KMS key that exists and encrypts log files, log group and delivery topic. The stack "
        "leaves its policy alone, as with `bucket`. Left out: the stack makes one.",
    )
    log_group: LogGroupName | None = Field(
        default=None,
        description="A log group that exists, of the class Standard: metric filters work on no other. Its retention "
        "and encryption stay as they are. Left out: the stack makes one.",
    )
    may_be_masked: Switch = Field(
        default=False,
        description="Whether a data protection policy may mask events of the log group, as where one of the account "
        "masks those of all log groups. Metric filters and the explainer do not see what is masked, so otherwise the "
        "guardian tells that it is.",
    )
    management: Management = Field(
        default="all",
        description="Which management events are recorded: `all`, only those that `write` or `read`, or `none`. "
        "Auditors ask for `all`. Event sets that could never fire are refused. Without `write` the guardian hears of "
        "no change and looks every five minutes; without `read` nothing shows that events still arrive, so the alarms "
        "on that are left out. No single source can be left out: a trail without the events of KMS fails audits, and "
        "hides who disables its key. To lower this later is reported once as a weakened desired state.",
    )
    data_events: tuple[DataEvents, ...] = Field(
        default=(), description="Calls on data, which are recorded besides. Left out: none."
    )
    insights: Insights = Field(
        default=(),
        description="Unusual rates that CloudTrail looks for and records: `ApiCallRateInsight`, `ApiErrorRateInsight`. "
        "AWS charges for every management event that is looked at. Left out: none.",
    )
    organization: Switch = Field(
        default=False,
        description="Whether the trail records every account of the organization. Only the organization's management "
        "account can have such a trail here, and CloudTrail must be a trusted service of the organization.",
    )
    delivery_topic: Switch = Field(
        default=False,
        description="Whether CloudTrail publishes a notice to an SNS topic for every log file that it delivers, for "
        "tools that read the files. Its ARN is a stack output.",
    )
    lifecycle: Lifecycle | None = Field(
        default=None, description="What becomes of old log files. Left out: they are kept as they are."
    )
    object_lock: ObjectLock | None = Field(
        default=None,
        description="A time for which nobody can delete a log file. S3 never lets go of Object Lock: taking this out "
        "again ends it only for later files. Left out: none.",
    )
    tags: Tags = Field(
        default={},
        description="Tags on everything that can carry them. A change of them is an `AddTags` call on the trail, which "
        "the event set `trail-tampering` reports.",
    )

    @property
    def is_adopted(self) -> bool:
        """Whether the trails exist already."""
        return self.mode == "adopt"

    @property
    def sees_other_regions(self) -> bool:
        """Whether what happens outside of a trail's home region is recorded."""
        if self.is_adopted:
            return any(each.multi_region for each in self.baseline.values())
        return self.layout == "multi-region"

    @property
    def records_organization(self) -> bool:
        """Whether a trail records every account of an organization."""
        if self.is_adopted:
            return any(each.organization for each in self.baseline.values())
        return self.organization

    @property
    def records_reads(self) -> bool:
        """Whether calls that only read are recorded, the guardian's own looks among them. Of a trail that is made."""
        return "read" in HALVES[self.management]

    @property
    def waived(self) -> frozenset[str]:
        """Demands of the guardian's floor that these settings give up, by their names in `lambda/guardian/remit.py`.

        Of a trail that is made.
        """
        return frozenset(WAIVED[half] for half in HALVES["all"] - HALVES[self.management])
