"""What CloudTrail refuses when a trail is made or changed, and the fields of a trail that the emulator forgets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sandbox._emulator import Answer, Emulator
from sandbox._patches import Forward, Request
from sandbox.answers import json_answer, json_error
from sandbox.aws import ApiError, Aws
from sandbox.history import BadLookupError, History
from sandbox.notices import Notices
from sandbox.passing import Passing
from sandbox.quotas import Quotas
from sandbox.selector_checks import refuse_insights, refuse_selectors
from sandbox.trail_key import SERVICE, TrailKeys
from sandbox.trails import DeliveryBook

_LOG_GROUP_ARN = re.compile(
    r"arn:(?P<partition>aws[\w-]*):logs:(?P<region>[\w-]+):(?P<account>\d{12}):log-group:(?P<name>[\w./#-]+):\*\Z"
)
_TRAIL_NAME = re.compile(r"(?=.{3,128}\Z)[A-Za-z0-9](?:[._-]?[A-Za-z0-9])*\Z")
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_LOG_FIELDS = ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn")


class RefusedError(Exception):
    """CloudTrail says no: the error code and the text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class TrailChecks:
    """Stands around the emulator's CloudTrail."""

    def __init__(
        self,
        emulator: Emulator,
        aws: Aws,
        *,
        book: DeliveryBook,
        history: History,
        passing: Passing,
        notices: Notices,
        quotas: Quotas,
    ) -> None:
        self._emulator, self._aws, self._book, self._history = emulator, aws, book, history
        self._passing, self._notices, self._quotas = passing, notices, quotas
        self._keys = TrailKeys(emulator, aws)
        self._insights: dict[str, list[dict[str, Any]]] = {}

    def clear(self) -> None:
        """Forget insight selectors."""
        self._insights.clear()

    async def around(self, request: Request, forward: Forward) -> Answer:
        """Answer or forward one call of the service `cloudtrail`."""
        operation = request.operation
        key = self._emulator.access_key(request.headers, request.query) or ""
        if (throttled := self._quotas.refuse(request, operation, access_key=key)) is not None:
            return throttled
        try:
            asked = json.loads(request.body or b"{}")
            match operation:
                case "CreateTrail":
                    return await self._create(request, forward, asked)
                case "UpdateTrail":
                    return await self._update(request, forward, asked)
                case "GetTrailStatus":
                    return await self._status(request, await forward(request), asked)
                case "LookupEvents":
                    return json_answer(self._history.lookup(asked, account=request.account, region=request.region))
                case "PutEventSelectors":
                    if (refused := refuse_selectors(asked)) is not None:
                        raise RefusedError("InvalidEventSelectorsException", refused)
                    return await forward(request)
                case "PutInsightSelectors":
                    return await self._put_insights(request, asked)
                case "GetInsightSelectors":
                    return await self._get_insights(request, asked)
        except (RefusedError, BadLookupError) as refusal:
            return json_error(refusal.code, refusal.message)
        except ValueError:
            return json_error("SerializationException", "the body is not JSON")
        return await forward(request)

    async def _create(self, request: Request, forward: Forward, asked: Mapping[str, Any]) -> Answer:
        name = asked.get("Name", "")
        arn = f"arn:aws:cloudtrail:{request.region}:{request.account}:trail/{name}"
        _check_name(name)
        await self._check(request, asked, arn, present={})
        status, headers, body = await forward(request)
        logs = {field: asked[field] for field in _LOG_FIELDS if asked.get(field)}
        if status == 200 and asked.get("TagsList"):  # the emulator's CreateTrail drops them
            await self._aws.call_bare(
                "cloudtrail",
                "AddTags",
                account=request.account,
                region=request.region,
                ResourceId=arn,
                TagsList=asked["TagsList"],
            )
        if status == 200 and logs:
            # The emulator's CreateTrail drops the two fields; its UpdateTrail keeps them.
            await self._aws.call_bare(
                "cloudtrail",
                "UpdateTrail",
                account=request.account,
                region=request.region,
                Name=name,
                **logs,
            )
            return json_answer({**json.loads(body), **logs})
        return status, headers, body

    async def _update(self, request: Request, forward: Forward, asked: Mapping[str, Any]) -> Answer:
        try:
            found = await self._aws.call_bare(
                "cloudtrail",
                "GetTrail",
                account=request.account,
                region=request.region,
                Name=asked.get("Name", ""),
            )
        except ApiError:
            return await forward(request)  # it says itself what is wrong
        trail = found["Trail"]
        if trail["HomeRegion"] == request.region:
            await self._check(request, asked, trail["TrailARN"], present=trail)
        return await forward(request)

    async def _status(self, request: Request, answer: Answer, asked: Mapping[str, Any]) -> Answer:
        if answer[0] != 200:
            return answer
        arn = (await self._trail(request, asked.get("Name", "")))["TrailARN"]
        return json_answer({**json.loads(answer[2]), **self._book.of(arn).as_answer()})

    async def _trail(self, request: Request, name: str) -> Mapping[str, Any]:
        try:
            found = await self._aws.call_bare(
                "cloudtrail", "GetTrail", account=request.account, region=request.region, Name=name
            )
        except ApiError as error:
            raise RefusedError(error.code, error.message) from error
        return found["Trail"]

    # -- insight selectors: kept and shown, nothing is found by them

    async def _put_insights(self, request: Request, asked: Mapping[str, Any]) -> Answer:
        trail = await self._trail(request, asked.get("TrailName", ""))
        arn = trail["TrailARN"]
        if trail["HomeRegion"] != request.region:
            raise RefusedError("InvalidHomeRegionException", f"The home region of {arn} is {trail['HomeRegion']}.")
        selectors = next(
            (chosen for each, chosen in self._emulator.trails(request.account) if each["TrailARN"] == arn), None
        )
        if (refused := refuse_insights(asked.get("InsightSelectors") or [], selectors)) is not None:
            raise RefusedError("InvalidInsightSelectorsException", refused)
        self._insights[arn] = list(asked.get("InsightSelectors") or [])
        return json_answer({"TrailARN": arn, "InsightSelectors": self._insights[arn]})

    async def _get_insights(self, request: Request, asked: Mapping[str, Any]) -> Answer:
        arn = (await self._trail(request, asked.get("TrailName", "")))["TrailARN"]
        if not self._insights.get(arn):
            raise RefusedError("InsightNotEnabledException", f"Trail {arn} does not have Insights enabled.")
        return json_answer({"TrailARN": arn, "InsightSelectors": self._insights[arn]})

    # -- what a trail needs

    async def _check(self, request: Request, asked: Mapping[str, Any], arn: str, *, present: Mapping[str, Any]) -> None:
        """Raise RefusedError for what AWS would refuse. What is not asked for is taken from the trail as it is."""
        merged = {**present, **asked}
        if merged.get("IsMultiRegionTrail") and merged.get("IncludeGlobalServiceEvents") is False:
            raise RefusedError(
                "InvalidParameterCombinationException", "Multi-Region trail must include global service events."
            )
        if "S3BucketName" in asked or "S3KeyPrefix" in asked or not present:
            self._check_bucket(merged, arn, request.account)
        # Another bucket asks for other rights on the key that is there.
        if merged.get("KmsKeyId") and ("KmsKeyId" in asked or "S3BucketName" in asked):
            await self._check_key(merged, arn, request.account)
        if asked.get("SnsTopicName") and (refused := self._notices.refuse(asked["SnsTopicName"], trail_arn=arn)):
            raise RefusedError(
                "InsufficientSnsTopicPolicyException",
                f"SNS Topic does not exist or the topic policy is incorrect! ({refused})",
            )
        group, role = (merged.get(field) or "" for field in _LOG_FIELDS)
        if any(field in asked for field in _LOG_FIELDS) and (group or role):
            await self._check_logs(request, group, role)

    def _check_bucket(self, trail: Mapping[str, Any], arn: str, account: str) -> None:
        bucket = trail.get("S3BucketName") or ""
        if not _BUCKET_NAME.match(bucket):
            raise RefusedError("InvalidS3BucketNameException", f"Bucket name {bucket!r} is not valid.")
        policy = self._emulator.resource_policy("s3", f"arn:aws:s3:::{bucket}")
        if policy is None:
            raise RefusedError("S3BucketDoesNotExistException", f"S3 bucket {bucket} does not exist!")
        prefix = f"{trail['S3KeyPrefix']}/" if trail.get("S3KeyPrefix") else ""
        context = {"aws:SourceArn": arn, "aws:SourceAccount": account}
        may_read = self._emulator.service_may(
            SERVICE, "s3:GetBucketAcl", on=f"arn:aws:s3:::{bucket}", policy=policy, context=context
        )
        may_write = self._emulator.service_may(
            SERVICE,
            "s3:PutObject",
            on=f"arn:aws:s3:::{bucket}/{prefix}AWSLogs/{account}/CloudTrail/file.json.gz",
            policy=policy,
            context={**context, "s3:x-amz-acl": "bucket-owner-full-control"},
        )
        if not (may_read and may_write):
            raise RefusedError(
                "InsufficientS3BucketPolicyException",
                f"Incorrect S3 bucket policy is detected for bucket: {bucket}",
            )

    async def _check_key(self, trail: Mapping[str, Any], arn: str, account: str) -> None:
        reference = trail["KmsKeyId"]
        key = self._emulator.key(reference)
        if key is None:
            raise RefusedError("KmsKeyNotFoundException", f"The KMS key {reference} does not exist.")
        bucket = trail.get("S3BucketName", "")
        if (place := self._emulator.bucket_region(bucket) or "us-east-1") != key["Arn"].split(":")[3]:
            raise RefusedError(
                "KmsKeyNotFoundException",
                f"The KMS key {reference} and the S3 bucket {bucket}, which is in {place}, are not in the same Region.",
            )
        if key["KeyState"] != "Enabled":
            raise RefusedError("KmsKeyDisabledException", f"The KMS key {reference} is {key['KeyState']}.")
        lacking = await self._keys.lacking_for_trail(key, arn, bucket=bucket, account=account)
        if lacking:
            raise RefusedError(
                "InsufficientEncryptionPolicyException",
                f"Insufficient permissions to access S3 bucket or KMS key {reference}. "
                f"(the key's policy lacks {lacking} for {SERVICE})",
            )

    async def _check_logs(self, request: Request, group: str, role: str) -> None:
        parsed = _LOG_GROUP_ARN.match(group)
        if parsed is None:
            raise RefusedError(
                "InvalidCloudWatchLogsLogGroupArnException",
                "CloudTrail cannot validate the specified log group ARN. It must end with ':*'."
                if group
                else "You must specify a log group ARN together with a role ARN.",
            )
        if not role:
            raise RefusedError(
                "InvalidCloudWatchLogsRoleArnException", "You must specify a role ARN together with a log group ARN."
            )
        if parsed["region"] != request.region:
            raise RefusedError(
                "InvalidCloudWatchLogsLogGroupArnException", "The log group must be in the region of the trail."
            )
        await self._check_group(parsed["account"], parsed["region"], parsed["name"])
        self._check_role(request, group, role)

    async def _check_group(self, account: str, region: str, name: str) -> None:
        found = await self._aws.call(
            "logs", "DescribeLogGroups", account=account, region=region, logGroupNamePrefix=name
        )
        if name not in [one["logGroupName"] for one in found["logGroups"]]:
            raise RefusedError(
                "InvalidCloudWatchLogsLogGroupArnException", f"Could not find the log group {name} in your account."
            )

    def _check_role(self, request: Request, group: str, role_arn: str) -> None:
        code = "InvalidCloudWatchLogsRoleArnException"
        role = self._emulator.role(role_arn) if role_arn.count(":") == 5 and ":role/" in role_arn else None
        if role is None:
            raise RefusedError(code, f"Could not find the role {role_arn}.")
        if not self._passing.takes(role_arn, service=SERVICE):
            raise RefusedError(
                code, f"CloudTrail cannot assume the role {role_arn}: its trust policy does not name {SERVICE}."
            )
        stream = f"{group.removesuffix(':*')}:log-stream:{request.account}_CloudTrail_{request.region}"
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            if not self._emulator.role_may(role_arn, action, on=stream):
                raise RefusedError(code, f"Access denied. Check the permissions for your role. ({action} on {stream})")
        if (refused := self._passing.refuse(request, role_arn, service=SERVICE)) is not None:
            raise RefusedError("AccessDeniedException", refused)


def _check_name(name: str) -> None:
    """CreateTrail: 3 to 128 letters, digits, and single separators between them; no IP address."""
    if not _TRAIL_NAME.match(name) or re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", name):
        raise RefusedError(
            "InvalidTrailNameException",
            "Trail name must have 3 to 128 letters, numbers, periods, underscores and dashes, begin and end with a "
            "letter or number, have no two separators in a row, and not look like an IP address.",
        )
