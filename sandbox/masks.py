"""Data protection of log events, which the emulator lacks: policies of a log group and of the account, and their masks.

What a policy protects is masked wherever log events come out, for metric filters too, if they arrived after the policy
was put; whoever reads with `unmask` needs a right of its own. Source: CloudWatch Logs User Guide, "Help protect
sensitive log data with masking"; API reference, PutDataProtectionPolicy, PutAccountPolicy, DescribeLogGroups.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox._emulator import Answer, Emulator
from sandbox._patches import Forward, Request
from sandbox.answers import json_answer, json_error
from sandbox.mask_policy import MaskPolicy, PolicyError

_MORE_THAN_A_MS = 0.002
KIND = "DATA_PROTECTION_POLICY"
_Key = tuple[str, str, str]
"""Account, region and log group; the group is "" for the policy of the account."""


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """A policy that was put. `since_ms` is by the machine's clock, as the times of log events are."""

    policy: MaskPolicy
    name: str
    since_ms: int

    def summary(self, request: Request) -> dict[str, Any]:
        """As the calls on policies of accounts have it."""
        return {
            "policyName": self.name,
            "policyDocument": self.policy.text,
            "policyType": KIND,
            "scope": "ALL",
            "lastUpdatedTime": self.since_ms,
            "accountId": request.account,
        }


class Masks:
    """Answers the calls about policies, and masks what the emulator answers of log events."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._kept: dict[_Key, _Kept] = {}
        self._were: set[_Key] = set()  # groups that had one in the past, which DescribeLogGroups tells

    def clear(self) -> None:
        """Forget all policies."""
        self._kept.clear()
        self._were.clear()

    def masked(self, account: str, region: str, group: str, messages: Sequence[str]) -> list[str]:
        """What metric filters and rules see of log events that arrive now."""
        policies = [kept.policy for kept in self._over(account, region, group)]
        return [_mask(message, policies) for message in messages]

    async def around(self, request: Request, forward: Forward) -> Answer:
        """Answer or forward one call of the service `logs`."""
        action, asked = request.operation, request.asked
        match action:
            case "PutDataProtectionPolicy" | "GetDataProtectionPolicy" | "DeleteDataProtectionPolicy":
                return await self._of_group(request, forward, action, asked)
            case "PutAccountPolicy" | "DeleteAccountPolicy" | "DescribeAccountPolicies":
                return await self._of_account(request, action, asked)
            case "FilterLogEvents" | "GetLogEvents":
                return await self._read(request, forward, asked)
        answer = await forward(request)
        if answer[0] == 200 and action == "DescribeLogGroups":
            return self._described(request, answer)
        if answer[0] == 200 and action == "DeleteLogGroup":
            self._kept.pop((request.account, request.region, asked["logGroupName"]), None)
        return answer

    def _over(self, account: str, region: str, group: str) -> Iterator[_Kept]:
        """The policies that hold for a log group; both add up."""
        found = (self._kept.get((account, region, name)) for name in (group, ""))
        return (kept for kept in found if kept)

    # -- policies

    async def _of_group(self, request: Request, forward: Forward, action: str, asked: Mapping[str, Any]) -> Answer:
        group = str(asked.get("logGroupIdentifier", "")).rpartition(":log-group:")[2]
        if not await self._exists(request, forward, group):
            return json_error("ResourceNotFoundException", "The specified log group does not exist.")
        key = (request.account, request.region, group)
        told: dict[str, Any] = {"logGroupIdentifier": asked["logGroupIdentifier"]}
        if action == "DeleteDataProtectionPolicy":
            if self._kept.pop(key, None) is None:
                return json_error("ResourceNotFoundException", "The log group has no data protection policy.")
            self._were.add(key)
            return json_answer({})
        if action == "PutDataProtectionPolicy":
            try:
                await self._keep(key, str(asked.get("policyDocument", "")))
            except PolicyError as error:
                return json_error("InvalidParameterException", str(error))
        if kept := self._kept.get(key):
            told |= {"policyDocument": kept.policy.text, "lastUpdatedTime": kept.since_ms}
        return json_answer(told)

    async def _of_account(self, request: Request, action: str, asked: Mapping[str, Any]) -> Answer:
        key, name = (request.account, request.region, ""), str(asked.get("policyName", ""))
        kept = self._kept.get(key)
        if asked.get("policyType") != KIND:
            return json_error("InvalidParameterException", f"The sandbox has account policies of type {KIND} only.")
        if action == "DescribeAccountPolicies":
            found = [kept] if kept and name in ("", kept.name) else []
            return json_answer({"accountPolicies": [each.summary(request) for each in found]})
        if action == "DeleteAccountPolicy":
            if kept is None or kept.name != name:
                return json_error("ResourceNotFoundException", "There is no such policy.")
            del self._kept[key]
            return json_answer({})
        if kept and kept.name != name:
            return json_error("LimitExceededException", "An account has one data protection policy.")
        if (refused := self._refused(request, "logs:PutDataProtectionPolicy", "*")) is not None:
            return refused
        try:
            kept = await self._keep(key, str(asked.get("policyDocument", "")), name=name)
        except PolicyError as error:
            return json_error("InvalidParameterException", str(error))
        return json_answer({"accountPolicy": kept.summary(request)})

    async def _keep(self, key: _Key, text: str, *, name: str = "") -> _Kept:
        policy = MaskPolicy(text)
        await asyncio.sleep(_MORE_THAN_A_MS)  # what has arrived already has an earlier time, in whole milliseconds
        self._kept[key] = _Kept(policy=policy, name=name, since_ms=int(time.time() * 1000))
        return self._kept[key]

    async def _exists(self, request: Request, forward: Forward, group: str) -> bool:
        headers = {**request.headers, "x-amz-target": "Logs_20140328.DescribeLogGroups"}
        body = json.dumps({"logGroupNamePrefix": group}).encode()
        status, _, answered = await forward(Request(**{**request.__dict__, "headers": headers, "body": body}))
        return status == 200 and any(each["logGroupName"] == group for each in json.loads(answered)["logGroups"])

    # -- what they change

    async def _read(self, request: Request, forward: Forward, asked: Mapping[str, Any]) -> Answer:
        group = asked.get("logGroupName") or str(asked.get("logGroupIdentifier", "")).rpartition(":log-group:")[2]
        arn = f"arn:aws:logs:{request.region}:{request.account}:log-group:{group}:*"
        if asked.get("unmask"):
            return self._refused(request, "logs:Unmask", arn) or await forward(request)
        answer = await forward(request)
        over = list(self._over(request.account, request.region, group))
        if answer[0] != 200 or not over:
            return answer
        page = json.loads(answer[2])
        for event in page["events"]:
            policies = [kept.policy for kept in over if kept.since_ms <= event["ingestionTime"]]
            event["message"] = _mask(event["message"], policies)
        return json_answer(page)

    def _described(self, request: Request, answer: Answer) -> Answer:
        page = json.loads(answer[2])
        place = (request.account, request.region)
        for group in page["logGroups"]:
            key = (*place, group["logGroupName"])
            if key in self._kept or key in self._were:
                group["dataProtectionStatus"] = "ACTIVATED" if key in self._kept else "DELETED"
            if (*place, "") in self._kept:
                group["inheritedProperties"] = ["ACCOUNT_DATA_PROTECTION"]
        return json_answer(page)

    def _refused(self, request: Request, action: str, arn: str) -> Answer | None:
        """The right that a call needs beside its own; None when the caller has it."""
        caller = self._emulator.access_key(request.headers, request.query)
        if not caller or self._emulator.caller_may(caller, action, on=arn, context={}):
            return None
        found = self._emulator.credential(caller, request.account)
        who = found.arn if found else caller
        return json_error(
            "AccessDeniedException", f"User: {who} is not authorized to perform: {action} on resource: {arn}"
        )


def _mask(message: str, policies: Sequence[MaskPolicy]) -> str:
    for policy in policies:
        message = policy.mask(message)
    return message
