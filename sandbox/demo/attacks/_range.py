"""What is attacked: one deployed stack, an administrator gone bad, and eyes on trail, mailbox and guardian."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.client import SandboxClient, SandboxError

ACCOUNT = "000000000000"
SWEEP_S = 300.0
# Longer than alarms of 300 s look back, and than the 15 minutes of the guardian's budget of repairs.
QUIET_S = 960.0
MOST_WAITS = 40  # so many waits of functions in a row, and they do not come to an end


@dataclass(frozen=True)
class Told:
    """A mail or a line of the guardian's log, with the sandbox's time (RFC 3339)."""

    at: str
    subject: str
    body: str = ""
    trigger: str = ""


class Range:
    """A stack in a sandbox, deployed and confirmed. `outputs` are the program's exports.

    Attacks are made with the keys of `mallory`, and put right with those of `owner`: both may do everything.
    """

    def __init__(self, sandbox: SandboxClient, outputs: Mapping[str, Any], *, region: str) -> None:
        self.sandbox, self.outputs, self.region = sandbox, outputs, region
        self.trail_arn, self.trail_name = outputs["trailArn"], outputs["trailName"]
        self.function, self.bucket, self.group = (
            outputs["guardianFunctionName"],
            outputs["bucketName"],
            outputs["logGroupName"],
        )
        self.explainer = outputs.get("explainerFunctionName", "")
        self._keys = {name: _administrator(sandbox, name) for name in ("mallory", "owner")}
        self.kept: dict[str, Any] = {}  # what one row's attack leaves for its undoing

    def aws(self, service: str, *, region: str = "", **keys: str) -> Any:
        """A boto3 client of the owner's, or of whose keys are given."""
        return self.sandbox.aws(service, region=region or self.region, **(keys or self._keys["owner"]))

    def mallory(self, service: str, *, region: str = "") -> Any:
        """A boto3 client of the attacker's."""
        address = "203.0.113.77"  # reserved for documentation (RFC 5737)
        return self.sandbox.aws(service, region=region or self.region, source_ip=address, **self._keys["mallory"])

    def flood(self, seconds: float) -> None:
        """Let the attacker make so many changes of trails for so long that CloudTrail takes none of others."""
        self.sandbox.set_quotas(on=True, flood_s=seconds, by=self._keys["mallory"]["key"])

    # -- what there is

    def trail(self) -> dict[str, Any]:
        """Everything about the trail that an attack may change: settings, selectors, Insights, whether it logs."""
        trails = self.aws("cloudtrail")
        selectors = trails.get_event_selectors(TrailName=self.trail_arn)
        kinds = ("EventSelectors", "AdvancedEventSelectors")
        return {
            **trails.get_trail(Name=self.trail_arn)["Trail"],
            **{kind: selectors[kind] for kind in kinds if kind in selectors},
            "HasCustomEventSelectors": None,
            "InsightSelectors": self._insights(),
            "IsLogging": trails.get_trail_status(Name=self.trail_arn)["IsLogging"],
        }

    def _insights(self) -> list[tuple[str, tuple[str, ...]]]:
        """Kinds of Insights with their categories; without any management events are meant."""
        trails = self.aws("cloudtrail")
        try:
            selectors = trails.get_insight_selectors(TrailName=self.trail_arn)["InsightSelectors"]
        except trails.exceptions.InsightNotEnabledException:
            return []
        return [(each["InsightType"], tuple(each.get("EventCategories") or ["Management"])) for each in selectors]

    def environment(self, function: str = "") -> dict[str, str]:
        """The environment variables of the guardian or of another function, which name what it works with."""
        config = self.aws("lambda").get_function_configuration(FunctionName=function or self.function)
        return config["Environment"]["Variables"]

    def role(self, which: str) -> str:
        """The name of a role of the stack: `guardian`, `explainer`, or `delivery`."""
        functions = {"guardian": self.function, "explainer": self.explainer}
        if which in functions:
            arn = self.aws("lambda").get_function_configuration(FunctionName=functions[which])["Role"]
        else:
            arn = self.trail()["CloudWatchLogsRoleArn"]
        return arn.rpartition("/")[2]

    def mails(self) -> list[Told]:
        """All mails, oldest first."""
        return [Told(one["at"], one["subject"], one["body"]) for one in self.sandbox.mail()]

    def reports(self) -> dict[str, str]:
        """Subjects of what the guardian has told, each with the trigger that woke it, from the guardian's own log."""
        found: dict[str, str] = {}
        for group in (f"/aws/lambda/{self.function}", self._log_group()):
            try:
                pages = self.aws("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
                for page in pages:
                    for event in page["events"]:
                        line = _parsed(event["message"])
                        if line.get("reported") is True:
                            found[line["message"]] = line["trigger"]
            except self.aws("logs").exceptions.ResourceNotFoundException:
                continue
        return found

    def _log_group(self) -> str:
        config = self.aws("lambda").get_function_configuration(FunctionName=self.function)
        return config.get("LoggingConfig", {}).get("LogGroup", "")

    # -- time

    def now(self) -> float:
        """The sandbox's time, in epoch seconds."""
        return self.sandbox.health()["now"]

    def grow_quiet(self) -> None:
        """Let so much time pass that no alarm rings any more and the guardian's budget of repairs is whole again."""
        self.come_to_rest()
        self.pass_time(QUIET_S)

    def come_to_rest(self, *, alarms: bool = True) -> None:
        """Let everything happen that follows from what was done, the guardian's waiting included.

        Without `alarms` only what events wake: on AWS alarms come minutes later. Nobody waits for the grace time: the
        clock is turned. Raises SandboxError when the guardian does not end.
        """
        for _ in range(MOST_WAITS):
            self.sandbox.settle()
            if alarms:
                self.sandbox.advance_clock(0)  # they are looked at now, not at the next tick
            if self.sandbox.wake_next(alarms=alarms) is None:
                return
        raise SandboxError("functions wait again and again")

    def pass_time(self, seconds: float) -> None:
        """Turn the clock, and let happen what is due: alarms, the sweep."""
        self.sandbox.advance_clock(seconds)
        self.come_to_rest()


def _administrator(sandbox: SandboxClient, name: str) -> dict[str, str]:
    iam = sandbox.aws("iam", region="us-east-1")
    iam.create_user(UserName=name)
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_user_policy(UserName=name, PolicyName="everything", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
