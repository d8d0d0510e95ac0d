"""The far side of Pulumi's mock monitor: each resource the program registers is made in the sandbox.

What the engine does beyond that (state, diff, replacement, deletion) is not here: the mock monitor has no engine.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pulumi.runtime import mocks

from sandbox.client import SandboxClient

from ._inputs import Inputs, UnsupportedInputError
from ._resource import PARTITION, Made, Resource
from .creators import CREATED

DEPLOYER = "deployer"  # the role that every resource is made with; the sandbox has it from its start
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"max_attempts": 3, "mode": "standard"},
    s3={"addressing_style": "path"},
    user_agent_extra="trailwarden-sandbox-deploy",
)
# Concurrent executions of Lambda: AWS's default (Service Quotas).
_QUOTAS = {"lambda/L-B99A9384": 1000}
_IAM_REGION = "us-east-1"  # IAM is global, and answers there


class Event(NamedTuple):
    """One resource is there. `ms` is how long its calls took."""

    token: str
    name: str
    ms: float


class ResourceError(Exception):
    """One resource could not be made. The text names its type, its logical name and what is wrong."""


class Cloud(mocks.Mocks):
    """Makes what the program registers in the AWS behind `endpoint_url`, as the role `deployer`.

    `tell` hears of every custom resource. Failures are kept in `failures`, since Pulumi reports only the first of
    several that happen side by side, and wraps it.
    """

    def __init__(self, *, endpoint_url: str, region: str, tell: Callable[[Event], None]) -> None:
        self._endpoint_url, self._region, self._tell = endpoint_url, region, tell
        # The SDK registers from several worker threads, and a boto3 session may make only one client at a time.
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._session = _deployer(endpoint_url, region)
        self._identity = self.client("sts", region).get_caller_identity()
        self.failures: list[str] = []
        self.resources = 0
        self.has_begun = False  # whether anything may have been made, be it half

    def client(self, service: str, region: str) -> Any:
        """A boto3 client, made once per service and Region and shared between threads."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._session.client(
                    service, region_name=region, endpoint_url=self._endpoint_url, config=_CONFIG
                )
            return self._clients[service, region]

    def call(self, args: mocks.MockCallArgs) -> Any:  # a dict; the SDK's own annotation, a tuple, does not work
        """Answer the provider's look-ups that the program may use; any other is an error that names it."""
        match args.token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                account = self._identity["Account"]
                return {
                    "accountId": account,
                    "arn": self._identity["Arn"],
                    "userId": self._identity["UserId"],
                    "id": account,
                }
            case "aws:index/getPartition:getPartition":
                return {
                    "partition": PARTITION,
                    "dnsSuffix": "amazonaws.com",
                    "reverseDnsPrefix": "com.amazonaws",
                    "id": PARTITION,
                }
            case "aws:cloudwatch/getLogGroup:getLogGroup":
                return self._log_group(args.args)
            case "aws:servicequotas/getServiceQuota:getServiceQuota":
                return self._quota(args.args)
            case _:
                raise self.refuse(f"{args.token}: the sandbox does not know this look-up")

    def _log_group(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        name, region = asked["name"], asked.get("region") or self._region
        found = self.client("logs", region).describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        for group in found:
            if group["logGroupName"] == name:
                return {
                    **asked,
                    "arn": group["arn"].removesuffix(":*"),
                    "id": name,
                    "logGroupClass": group.get("logGroupClass", ""),
                    "retentionInDays": group.get("retentionInDays", 0),
                    "kmsKeyId": group.get("kmsKeyId", ""),
                }
        raise self.refuse(f"aws:cloudwatch/getLogGroup:getLogGroup: there is no log group {name} in {region}")

    def _quota(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The quotas that this account has, by the codes of Service Quotas: AWS's defaults."""
        quota = f"{asked.get('serviceCode')}/{asked.get('quotaCode')}"
        if quota not in _QUOTAS:
            raise self.refuse(f"aws:servicequotas/getServiceQuota: the sandbox does not know the quota {quota}")
        return {**asked, "value": float(_QUOTAS[quota]), "id": quota}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Make one resource and answer with its id, its inputs and its real outputs. Components make nothing."""
        if args.custom is False:
            return "", {}
        started = time.perf_counter()
        made = self._made(args)
        with self._lock:
            self.resources += 1
        elapsed_ms = (time.perf_counter() - started) * 1000
        self._tell(Event(args.typ, args.name, elapsed_ms))
        return made.id, {**args.inputs, **made.outputs}

    def _made(self, args: mocks.MockResourceArgs) -> Made:
        where = f"{args.typ} {args.name!r}"
        if args.custom is None or args.resource_id:
            raise self.refuse(f"{where}: the sandbox makes resources; it cannot read or import one that exists")
        if args.typ not in CREATED:
            raise self.refuse(f"{where}: the sandbox does not know this resource type")
        resource = self._resource(args)
        self.has_begun = True
        try:
            made = CREATED[args.typ](resource)
            if unread := resource.inputs.unread:
                raise UnsupportedInputError(f"the sandbox does not pass on {', '.join(unread)}")
        except ClientError as error:
            detail = error.response.get("Error", {})
            problem = f"{detail.get('Code', 'Unknown')}: {detail.get('Message', error)}"
            raise self.refuse(f"{where}: {problem} ({error.operation_name})") from error
        except (BotoCoreError, ValueError, OSError) as error:
            raise self.refuse(f"{where}: {error}") from error
        return made

    def _resource(self, args: mocks.MockResourceArgs) -> Resource:
        inputs = Inputs(args.inputs)
        region = _IAM_REGION if args.typ.startswith("aws:iam/") else inputs.get("region", self._region)
        return Resource(
            token=args.typ,
            name=args.name,
            inputs=inputs,
            region=region,
            account=self._identity["Account"],
            client=self.client,
        )

    def refuse(self, problem: str) -> ResourceError:
        """Keep a problem for the report; the error to raise, which Pulumi needs to stop."""
        with self._lock:
            self.failures.append(problem)
        return ResourceError(problem)


def _deployer(endpoint_url: str, region: str) -> boto3.Session:
    """A session of the deploy role, which the sandbox's root may take."""
    root = SandboxClient(endpoint_url).aws("sts", region=region)
    role = f"arn:{PARTITION}:iam::{root.get_caller_identity()['Account']}:role/{DEPLOYER}"
    keys = root.assume_role(RoleArn=role, RoleSessionName="pulumi")["Credentials"]
    return boto3.Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
