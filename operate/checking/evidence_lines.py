"""May CloudTrail still write: bucket, key, and the role that delivers to the log group, all evaluated."""

from __future__ import annotations

from account import (
    Bucket,
    CouldNotLook,
    Found,
    Nothing,
    Principal,
    Role,
    Trail,
    Verdict,
    found_or,
    may,
    service_context,
)
from operate.checking.line import Findings
from operate.checking.survey import Survey
from operate.checking.verdicts import DEPLOY, key_fix, worst

CLOUDTRAIL = Principal("cloudtrail.amazonaws.com")


def delivery_role(trail: Trail, survey: Survey, findings: Findings) -> None:
    """The role with which CloudTrail writes to the log group."""
    if not trail.log_group_arn:
        return
    check, answer = "trail.delivery-role", survey.roles.get(trail.logs_role_arn, Nothing("role"))
    if isinstance(answer, CouldNotLook):
        findings.blind(check, f"the delivery role of trail {trail.name}", answer, resource=trail.logs_role_arn)
    elif isinstance(answer, Nothing):
        findings.fails(
            check,
            f"the delivery role of trail {trail.name} is gone",
            fix="pulumi up makes it again",
            resource=trail.arn,
        )
    elif isinstance(answer.value.policies, CouldNotLook):
        findings.blind(check, f"the policies of role {answer.value.name}", answer.value.policies)
    else:
        findings.judged(
            check,
            _may_deliver(trail, answer.value),
            good=f"CloudTrail may write to the log group as role {answer.value.name}",
            bad=f"CloudTrail cannot write to the log group as role {answer.value.name}",
            fix="the role must trust cloudtrail.amazonaws.com and allow logs:CreateLogStream and logs:PutLogEvents on "
            f"the group's streams; {DEPLOY}",
            resource=answer.value.arn,
        )


def _may_deliver(trail: Trail, role: Role) -> Verdict:
    account_id = trail.owner
    stream = f"{trail.log_group_arn}:log-stream:{account_id}_CloudTrail_{trail.home_region}"
    context = service_context(source_arn=trail.arn, account=account_id)
    return worst(
        may(role.trust, principal=CLOUDTRAIL, action="sts:AssumeRole", resource=role.arn, context=context),
        role.can(action="logs:CreateLogStream", resource=stream),
        role.can(action="logs:PutLogEvents", resource=stream),
    )


def bucket_lines(trail: Trail, survey: Survey, findings: Findings) -> None:
    """The bucket that log files go to, if it is this account's."""
    answer = survey.buckets.get(trail.bucket, Nothing("bucket"))
    if trail.owner != survey.identity.account_id:
        return  # an organization's trail: the bucket is its owner's business
    if isinstance(answer, CouldNotLook):
        findings.blind("trail.bucket-policy", f"bucket {trail.bucket}", answer)
        return
    if isinstance(answer, Nothing):
        findings.fails(
            "trail.bucket-policy",
            f"bucket {trail.bucket} of trail {trail.name} is gone",
            fix="pulumi up makes a bucket again; what was in it is lost",
            resource=trail.bucket,
        )
        return
    bucket = answer.value
    if isinstance(bucket.policy, CouldNotLook):
        findings.blind("trail.bucket-policy", f"the policy of bucket {bucket.name}", bucket.policy)
    else:
        text = found_or(bucket.policy, "")
        findings.judged(
            "trail.bucket-policy",
            _may_write(trail, text),
            good=f"bucket {bucket.name} lets the trail write",
            bad=f"bucket {bucket.name} does not let the trail write",
            fix="its policy must allow cloudtrail.amazonaws.com s3:GetBucketAcl, and s3:PutObject below AWSLogs/, for "
            f"this trail's ARN; {DEPLOY}",
            resource=f"arn:{trail.arn.split(':')[1]}:s3:::{bucket.name}",
        )
    _closed(bucket, survey, findings)


def _closed(bucket: Bucket, survey: Survey, findings: Findings) -> None:
    """Closed to the public, and, where the stack made it, with versions: those of others are their owners' choice."""
    is_ours = any(each.arn.endswith(f":::{bucket.name}") for each in survey.tagged.found)
    wanted = [
        (bucket.blocks_public, "public access is not blocked", "put-public-access-block"),
        *([(bucket.is_versioned, "no versions are kept", "put-bucket-versioning")] if is_ours else []),
    ]
    for answer, _fault, _call in wanted:
        if isinstance(answer, CouldNotLook):
            findings.blind("trail.bucket-closed", f"bucket {bucket.name}", answer)
            return
    faults = [(fault, call) for answer, fault, call in wanted if not (isinstance(answer, Found) and answer.value)]
    calls = " and ".join(f"aws s3api {call}" for _fault, call in faults)
    findings.expect(
        "trail.bucket-closed",
        not faults,
        good=f"bucket {bucket.name} is closed to the public" + (" and keeps versions" if is_ours else ""),
        bad=f"bucket {bucket.name}: {' and '.join(fault for fault, _call in faults)}",
        fix=f"{DEPLOY}; data events of the bucket, if recorded, tell what was read meanwhile" if is_ours else calls,
        resource=bucket.name,
    )


def _may_write(trail: Trail, policy: str) -> Verdict:
    partition = trail.arn.split(":")[1]
    bucket = f"arn:{partition}:s3:::{trail.bucket}"
    prefix = f"{trail.bucket_prefix}/" if trail.bucket_prefix else ""
    context = service_context(source_arn=trail.arn, account=trail.owner)
    context["s3:x-amz-acl"] = "bucket-owner-full-control"
    file = f"{bucket}/{prefix}AWSLogs/{trail.owner}/CloudTrail/{trail.home_region}/2026/01/01/file.json.gz"
    return worst(
        may(policy, principal=CLOUDTRAIL, action="s3:GetBucketAcl", resource=bucket, context=context),
        may(policy, principal=CLOUDTRAIL, action="s3:PutObject", resource=file, context=context),
    )


def key_lines(trail: Trail, survey: Survey, findings: Findings) -> None:
    """The key with which log files are encrypted, if there is one."""
    if not trail.kms_key:
        return
    answer = survey.keys.get((trail.home_region, trail.kms_key), Nothing("key"))
    if isinstance(answer, CouldNotLook):
        findings.blind("trail.key", f"the key of trail {trail.name}", answer, resource=trail.kms_key)
    elif isinstance(answer, Nothing):
        findings.fails(
            "trail.key",
            f"the key of trail {trail.name} is gone",
            fix="give the trail another key",
            resource=trail.kms_key,
        )
    elif not answer.value.is_enabled:
        findings.fails(
            "trail.key",
            f"the key of trail {trail.name} is {answer.value.state}",
            fix=key_fix(answer.value.state, answer.value.arn, answer.value.region),
            resource=answer.value.arn,
        )
    elif isinstance(answer.value.policy, CouldNotLook):
        findings.blind("trail.key", f"the policy of key {trail.kms_key}", answer.value.policy, resource=trail.kms_key)
    elif isinstance(answer.value.policy, Found):
        context = service_context(source_arn=trail.arn, account=trail.owner)
        context["kms:EncryptionContext:aws:cloudtrail:arn"] = trail.arn
        findings.judged(
            "trail.key",
            may(
                answer.value.policy.value,
                principal=CLOUDTRAIL,
                action="kms:GenerateDataKey",
                resource=answer.value.arn,
                context=context,
            ),
            good=f"the key of trail {trail.name} lets CloudTrail encrypt",
            bad=f"the key of trail {trail.name} does not let CloudTrail encrypt",
            fix=f"its policy must allow cloudtrail.amazonaws.com kms:GenerateDataKey* for this trail; {DEPLOY}",
            resource=answer.value.arn,
        )
