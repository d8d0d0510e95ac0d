"""Delivery of records, in order, by one worker: to log groups, buckets and EventBridge."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import logging
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox._emulator import Emulator
from sandbox.aws import ApiError, Aws
from sandbox.clock import Clock
from sandbox.dropped import Dropped
from sandbox.log_troubles import LogTroubles
from sandbox.names import ALL_MANAGEMENT_EVENTS, ENABLED_STATES
from sandbox.notices import Notices
from sandbox.trail_key import SERVICE, TrailKeys
from sandbox.trails import DeliveryBook, LoggingTrail

log = logging.getLogger(__name__)

LATE_TICK_S = 0.2
FILE_RECORDS = 500  # a file is written when the queue is empty, or after so many records

# EventBridge's detail-type by the record's eventType (EventBridge events reference). For sign-ins AWS's current page
# says "Signin" and rules in the field say "Sign In"; the latter is what is seen on the bus.
DETAIL_TYPES: Mapping[str, str] = {
    "AwsApiCall": "AWS API Call via CloudTrail",
    "AwsServiceEvent": "AWS Service Event via CloudTrail",
    "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
    "AwsConsoleSignin": "AWS Console Sign In via CloudTrail",
    "AwsConsoleAction": "AWS Console Action via CloudTrail",
    "AwsCloudTrailInsight": "AWS Insight via CloudTrail",
}


@dataclass
class Parcel:
    """One record and the trails that were logging before the call was made; `reached` counts those that took it."""

    record: Mapping[str, Any]
    account: str
    trails: tuple[LoggingTrail, ...]
    reached: int = 0


class Delivery:
    """Takes records and delivers them in the order they came."""

    def __init__(
        self,
        emulator: Emulator,
        aws: Aws,
        *,
        clock: Clock,
        book: DeliveryBook,
        dropped: Dropped,
        notices: Notices,
        troubles: LogTroubles,
    ) -> None:
        self._emulator, self._aws, self._clock, self._book, self._dropped = emulator, aws, clock, book, dropped
        self._notices, self._troubles = notices, troubles
        self._keys = TrailKeys(emulator, aws)
        self._queue: asyncio.Queue[Parcel] = asyncio.Queue()
        self._is_busy = False
        self._files: dict[tuple[LoggingTrail, str], list[Mapping[str, Any]]] = {}
        self._late: list[tuple[float, LoggingTrail, Mapping[str, Any]]] = []  # for log groups, in their order

    def clear(self) -> None:
        """Forget what is late."""
        self._late.clear()

    def submit(self, parcel: Parcel) -> None:
        """Queue one record. Never blocks."""
        self._queue.put_nowait(parcel)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is waiting or under way."""
        return self._queue.empty() and not self._is_busy

    async def settled(self) -> None:
        """Wait until everything submitted so far is delivered."""
        await self._queue.join()

    async def run(self) -> None:
        """The worker; ends when it is cancelled."""
        while True:
            parcel = await self._queue.get()
            self._is_busy = True
            try:
                await self._deliver(parcel)
                if self._queue.empty() or sum(map(len, self._files.values())) >= FILE_RECORDS:
                    await self._write_files()
            except Exception:  # a record that cannot be delivered must not stop those after it
                log.exception("could not deliver %s", parcel.record.get("eventName"))
            finally:
                self._is_busy = False
                self._queue.task_done()

    @property
    def next_late(self) -> float | None:
        """When the next of the late records is due at its log group (epoch seconds); None when none is late."""
        return self._late[0][0] if self._late else None

    async def catch_up(self) -> None:
        """Deliver the late records that are due."""
        while self._late and self._late[0][0] <= self._clock.now():
            _due, trail, record = self._late.pop(0)
            await self._to_log_group(trail, record)

    async def run_late(self) -> None:
        """Deliver what is late as time goes on; ends when it is cancelled."""
        while True:
            await asyncio.sleep(LATE_TICK_S)
            await self.catch_up()

    async def _deliver(self, parcel: Parcel) -> None:
        taking = [trail for trail in parcel.trails if trail.takes(parcel.record)]
        parcel.reached = len(taking)
        for trail in taking:
            if trail.log_group_arn:
                await self._to_log_group_or_later(trail, parcel.record)
            self._files.setdefault((_key(trail), parcel.record["awsRegion"]), []).append(parcel.record)
        if taking:
            self._to_event_bus(parcel)

    # -- log groups

    async def _to_log_group_or_later(self, trail: LoggingTrail, record: Mapping[str, Any]) -> None:
        late_s = self._troubles.now.delivered_late_s
        if late_s or self._late:  # none overtakes those before it
            due = max(self._clock.now() + late_s, self._late[-1][0] if self._late else 0.0)
            self._late.append((due, trail, record))
        else:
            await self._to_log_group(trail, record)

    async def _to_log_group(self, trail: LoggingTrail, record: Mapping[str, Any]) -> None:
        _arn, _partition, _logs, region, account, _kind, group = trail.log_group_arn.removesuffix(":*").split(":", 6)
        stream = f"{trail.account}_CloudTrail_{trail.home_region}"
        status = self._book.of(trail.arn)
        on = f"{trail.log_group_arn.removesuffix(':*')}:log-stream:{stream}"
        denied = self._refuse_log_events(trail, on)
        if denied is not None:
            # What GetTrailStatus says on AWS; the reason for us is in the list of what was dropped.
            status.logs_error = "Access denied. Verify in IAM that the role has adequate permissions."
            self._drop(record, on, denied)
            return
        message = json.dumps(record, separators=(",", ":"))
        event = {"timestamp": int(self._clock.now() * 1000), "message": message}
        put = {"logGroupName": group, "logStreamName": stream, "logEvents": [event]}
        try:
            try:
                await self._aws.call("logs", "PutLogEvents", account=account, region=region, **put)
            except ApiError as error:
                if "log stream" not in error.message:
                    raise
                with contextlib.suppress(ApiError):
                    names = {"logGroupName": group, "logStreamName": stream}
                    await self._aws.call("logs", "CreateLogStream", account=account, region=region, **names)
                await self._aws.call("logs", "PutLogEvents", account=account, region=region, **put)
        except ApiError as error:
            status.logs_error = error.message
            self._drop(record, on, str(error))
            return
        status.logs_at, status.logs_error = self._clock.now(), ""

    def _refuse_log_events(self, trail: LoggingTrail, on: str) -> str | None:
        """Why the delivery role does not let a record into the log group, or None."""
        role = self._emulator.role(trail.role_arn)
        if role is None:
            return f"there is no delivery role {trail.role_arn}"
        trust = role["AssumeRolePolicyDocument"]
        if not self._emulator.service_may(SERVICE, "sts:AssumeRole", on=trail.role_arn, policy=trust, context={}):
            return f"{SERVICE} cannot assume the delivery role {trail.role_arn}"
        denied = [
            action
            for action in ("logs:CreateLogStream", "logs:PutLogEvents")
            if not self._emulator.role_may(trail.role_arn, action, on=on)
        ]
        return f"the delivery role {trail.role_arn} may not {', '.join(denied)}" if denied else None

    # -- buckets

    async def _write_files(self) -> None:
        files, self._files = self._files, {}
        for (trail, event_region), records in files.items():
            await self._write_file(trail, event_region, records)

    async def _write_file(self, trail: LoggingTrail, event_region: str, records: Sequence[Mapping[str, Any]]) -> None:
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        name = f"{trail.account}_CloudTrail_{event_region}_{now:%Y%m%dT%H%MZ}_{secrets.token_hex(8)}.json.gz"
        key = f"AWSLogs/{trail.account}/CloudTrail/{event_region}/{now:%Y/%m/%d}/{name}"
        if trail.prefix:
            key = f"{trail.prefix}/{key}"
        status = self._book.of(trail.arn)
        with self._emulator.scope(trail.account, trail.home_region):
            why = self._refuse_file(trail, key) or await self._refuse_encryption(trail)
        if why is not None:
            status.bucket_error, reason = why
            self._dropped.note(f"{len(records)} records of {trail.arn}", where=f"s3://{trail.bucket}/{key}", why=reason)
            return
        body = gzip.compress(json.dumps({"Records": list(records)}, separators=(",", ":")).encode(), mtime=0)
        put = {"Bucket": trail.bucket, "Key": key, "Body": body, "ContentType": "application/json"}
        try:
            region = self._emulator.bucket_region(trail.bucket) or trail.home_region
            await self._aws.call("s3", "PutObject", account=trail.account, region=region, **put)
        except ApiError as error:
            status.bucket_error = error.code
            self._dropped.note(
                f"{len(records)} records of {trail.arn}", where=f"s3://{trail.bucket}/{key}", why=str(error)
            )
            return
        status.bucket_at, status.bucket_error = now.timestamp(), ""
        if trail.topic:
            self._notices.publish(trail.topic, trail_arn=trail.arn, bucket=trail.bucket, key=key)

    def _refuse_file(self, trail: LoggingTrail, key: str) -> tuple[str, str] | None:
        """CloudTrail's error code and our reason when the bucket does not let the file in."""
        policy = self._emulator.resource_policy("s3", f"arn:aws:s3:::{trail.bucket}")
        if policy is None:
            return "NoSuchBucket", f"there is no bucket {trail.bucket}"
        context = {
            "aws:SourceArn": trail.arn,
            "aws:SourceAccount": trail.account,
            "s3:x-amz-acl": "bucket-owner-full-control",
        }
        on = f"arn:aws:s3:::{trail.bucket}/{key}"
        if not self._emulator.service_may(SERVICE, "s3:PutObject", on=on, policy=policy, context=context):
            return "AccessDenied", f"the bucket's policy does not let {SERVICE} write for {trail.arn} (s3:PutObject)"
        return None

    async def _refuse_encryption(self, trail: LoggingTrail) -> tuple[str, str] | None:
        """The same when the trail's key does not let the file be encrypted. S3 says AccessDenied for its policy."""
        if not trail.kms_key:
            return None
        key = self._emulator.key(trail.kms_key)
        if key is None or key["KeyState"] != "Enabled":
            state = "missing" if key is None else key["KeyState"]
            return "KMS.DisabledException", f"the trail's key {trail.kms_key} is {state}"
        lacking = await self._keys.lacking_for_file(key, trail.arn, bucket=trail.bucket, account=trail.account)
        if lacking:
            why = f"the policy of the trail's key {key['Arn']} does not let {SERVICE} use it for {trail.arn}"
            return "AccessDenied", f"{why} ({lacking})"
        return None

    # -- EventBridge

    def _to_event_bus(self, parcel: Parcel) -> None:
        record = parcel.record
        detail_type = DETAIL_TYPES.get(record.get("eventType", ""))
        if detail_type is None:
            return
        event = {
            "EventId": str(uuid.uuid4()),
            "Source": "aws." + record["eventSource"].removesuffix(".amazonaws.com"),
            "DetailType": detail_type,
            "Detail": json.dumps(record),
            "Time": int(datetime.fromisoformat(record["eventTime"]).timestamp()),
            "Resources": [],
        }
        states = (ALL_MANAGEMENT_EVENTS,) if record.get("readOnly") else ENABLED_STATES
        with self._emulator.scope(parcel.account, record["awsRegion"]):
            self._emulator.put_aws_event(event, rule_states=states)

    def _drop(self, record: Mapping[str, Any], where: str, why: str) -> None:
        self._dropped.note(f"record {record.get('eventName')} {record.get('eventID')}", where=where, why=why)


def _key(trail: LoggingTrail) -> LoggingTrail:
    """A trail without its selectors, which are no key and no matter once a record is taken."""
    return LoggingTrail(**{**trail.__dict__, "selectors": None})
