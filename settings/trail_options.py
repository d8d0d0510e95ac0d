"""The settings of a trail that are more than one value: each a section inside `trail`."""

from typing import ClassVar

from pydantic import Field

from settings.section import Section
from settings.trail_kinds import ArchiveClass, ArnBeginnings, DataType, Half, LifecycleDays, LockDays, LockMode


class DataEvents(Section):
    """Calls on data that the trail records besides. AWS charges for each of them, and a busy bucket, table or function
    can cost more than everything else together; in the log group they are paid for once more.
    """

    EXAMPLE: ClassVar[str] = "{type: AWS::S3::Object, only: [arn:aws:s3:::company-data/]}"
    type: DataType = Field(
        description="The resource type as CloudTrail calls it: AWS::S3::Object, AWS::Lambda::Function, "
        "AWS::DynamoDB::Table, AWS::SNS::Topic or AWS::SQS::Queue. What this stack makes of the type in the trail's "
        "home region is left out, or its own deliveries and alarms would be recorded, delivered and recorded again."
    )
    only: ArnBeginnings = Field(
        default=(),
        description="What the ARNs of the resources begin with. An ARN stands for every one that begins so; a bucket "
        "is written with a slash at its end. Left out: every resource of the type in the account.",
    )
    record: Half = Field(default="all", description="`all`, or only calls that `write` or that `read`.")


class Lifecycle(Section):
    """What becomes of old log files in the bucket that this stack makes."""

    EXAMPLE: ClassVar[str] = "{archiveDays: 90, expireDays: 2557}"
    archive_days: LifecycleDays | None = Field(
        default=None,
        description="After how many days a file moves to `archiveClass`. Files under 128 KB stay where they are, as S3 "
        "decides. Left out: never.",
    )
    archive_class: ArchiveClass = Field(
        default="GLACIER_IR",
        description="The storage class of archived files. `GLACIER_IR` can be read at once; `GLACIER` and "
        "`DEEP_ARCHIVE` only after hours, which an investigation has to wait for.",
    )
    expire_days: LifecycleDays | None = Field(
        default=None,
        description="After how many days a file is deleted. Auditors ask for 365. What somebody deletes or overwrites "
        "is kept as an old version for as long again. Left out: never.",
    )


class ObjectLock(Section):
    """A time for which nobody can delete or change a log file, in the bucket that this stack makes."""

    EXAMPLE: ClassVar[str] = "{mode: GOVERNANCE, days: 365}"
    mode: LockMode = Field(
        description="`GOVERNANCE`: those with s3:BypassGovernanceRetention still can. `COMPLIANCE`: nobody can, not "
        "even root or AWS, and the time cannot be made shorter."
    )
    days: LockDays = Field(description="For how many days from its delivery each file is locked.")
