"""Runs the whole Pulumi program under Pulumi's mock monitor, and keeps what it asked for.

A mock monitor knows neither the provider's validation nor diffs, replacement or deletion order; what can be shown
without them is shown on the recording: plain data, never inside `apply`.
"""

import asyncio
import contextlib
import runpy
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "trailwarden"
ACCOUNT = "111122223333"
LAMBDA_QUOTA: float | None = 1000.0  # concurrent executions; None: AWS refuses to say
ORGANIZATION: Mapping[str, Any] = {
    "id": "o-exampleorgid",
    "masterAccountId": ACCOUNT,
    "featureSet": "ALL",
    "awsServiceAccessPrincipals": ["cloudtrail.amazonaws.com", "sso.amazonaws.com"],
}
"""The organization of the account, as far as the program reads it. Empty: AWS refuses to say."""
# Imported afresh in every run, as in every `pulumi up`.
OWN_PACKAGES = frozenset({"components", "settings", "catalog", "filterpattern"})


class RefusedLookUp(grpc.RpcError):
    """What the engine answers when the provider may not look something up."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return "AccessDeniedException: not authorized to perform: servicequotas:GetServiceQuota"


@dataclass(frozen=True, eq=False)
class Registration:
    """One resource as the engine would see it. `inputs` has the wire's camelCase keys; `depends_on` holds URNs."""

    urn: str
    type: str
    name: str
    custom: bool
    inputs: Mapping[str, Any]
    parent: str
    depends_on: frozenset[str]
    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool

    @property
    def kind(self) -> str:
        """The class name at the end of the type, such as `Topic`."""
        return self.type.rpartition(":")[2]


@dataclass(frozen=True)
class Recording:
    """One run of the program."""

    registrations: tuple[Registration, ...]
    exports: Mapping[str, Any]
    registered_outputs: Mapping[str, Mapping[str, Any]]
    invokes: tuple[str, ...]

    @property
    def identities(self) -> frozenset[tuple[str, str]]:
        """(type, logical name) of everything registered."""
        return frozenset((each.type, each.name) for each in self.registrations)

    @property
    def custom_types(self) -> dict[str, int]:
        """How many resources of each provider type there are."""
        return dict(Counter(each.type for each in self.registrations if each.custom))

    def of(self, kind: str) -> list[Registration]:
        """Every resource of a class, by its short name (`Topic`), sorted by logical name."""
        return sorted((each for each in self.registrations if each.kind == kind), key=lambda each: each.name)

    def one(self, kind: str, name: str | None = None) -> Registration:
        """The only resource of a class (and logical name)."""
        (found,) = (each for each in self.of(kind) if name in (None, each.name))
        return found

    def with_urn(self, urn: str) -> Registration:
        """The resource of a URN."""
        (found,) = (each for each in self.registrations if each.urn == urn)
        return found


class RecordingMonitor(mocks.MockMonitor):
    """Keeps every registration, and refuses a URN that is used twice as the engine does (Pulumi's mock overwrites)."""

    def __init__(self, cloud: "Cloud") -> None:
        super().__init__(cloud)
        self.registrations: dict[str, Registration] = {}
        self.registered_outputs: dict[str, Mapping[str, Any]] = {}
        self._lock = threading.Lock()  # the SDK registers from several worker threads

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        registration = Registration(
            urn=urn,
            type=request.type,
            name=request.name,
            custom=request.custom,
            inputs=rpc.deserialize_properties(request.object, keep_unknowns=True),
            parent=request.parent,
            depends_on=frozenset(request.dependencies),
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            delete_before_replace=request.deleteBeforeReplace,
        )
        with self._lock:
            if urn in self.registrations:
                raise AssertionError(f"two resources have the URN {urn}")
            self.registrations[urn] = registration
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        with self._lock:
            if request.urn in self.registered_outputs:
                raise AssertionError(f"outputs registered twice for {request.urn}")
            self.registered_outputs[request.urn] = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        return super().RegisterResourceOutputs(request)


# What AWS decides about a resource once it exists, besides its name: property -> text with {name}, {arn} and friends.
MADE_BY_AWS: dict[str, dict[str, str]] = {
    "aws:cloudtrail/trail:Trail": {"arn": "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"},
    "aws:cloudwatch/eventRule:EventRule": {"arn": "arn:{partition}:events:{region}:{account}:rule/{name}"},
    "aws:cloudwatch/logGroup:LogGroup": {"arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}"},
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"},
    "aws:dynamodb/table:Table": {"arn": "arn:{partition}:dynamodb:{region}:{account}:table/{name}"},
    "aws:ssm/parameter:Parameter": {"arn": "arn:{partition}:ssm:{region}:{account}:parameter/{name}"},
    "aws:scheduler/schedule:Schedule": {"arn": "arn:{partition}:scheduler:{region}:{account}:schedule/default/{name}"},
    "aws:iam/role:Role": {"arn": "arn:{partition}:iam::{account}:role/{name}"},
    "aws:kms/key:Key": {"arn": "arn:{partition}:kms:{region}:{account}:key/{name}", "keyId": "{name}"},
    "aws:cloudwatch/eventTarget:EventTarget": {"targetId": "{name}"},
    "aws:lambda/function:Function": {
        "arn": "arn:{partition}:lambda:{region}:{account}:function:{name}",
        "codeSha256": "Y29kZSBvZiB7bmFtZX0=",
    },
    "aws:s3/bucket:Bucket": {"arn": "arn:{partition}:s3:::{name}", "id": "{name}", "bucket": "{name}"},
    "aws:sns/topic:Topic": {"arn": "arn:{partition}:sns:{region}:{account}:{name}"},
    "aws:sqs/queue:Queue": {
        "arn": "arn:{partition}:sqs:{region}:{account}:{name}",
        "id": "https://sqs.{region}.amazonaws.com/{account}/{name}",
        "url": "https://sqs.{region}.amazonaws.com/{account}/{name}",
    },
}


class Cloud(mocks.Mocks):
    """The answers of AWS. In a preview nothing that AWS decides is known yet."""

    def __init__(
        self, *, preview: bool, partition: str, account: str, autoname: Callable[[str], str], log_group_class: str
    ) -> None:
        self.preview, self.partition, self.account, self.autoname = preview, partition, account, autoname
        self.log_group_class = log_group_class
        self.invokes: list[str] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if not args.custom:
            return "", {}
        decided = self._decided(args)
        if self.preview:
            return "", {**decided, **args.inputs, **{key: rpc.UNKNOWN for key in decided if key not in args.inputs}}
        return decided.pop("id", f"{args.name}-id"), {**decided, **args.inputs}

    def _decided(self, args: mocks.MockResourceArgs) -> dict[str, Any]:
        name = args.inputs.get("name") or self.autoname(args.name)
        facts = {
            "name": name,
            "partition": self.partition,
            "account": self.account,
            "region": args.inputs.get("region", ""),
        }
        made = {key: text.format(**facts) for key, text in MADE_BY_AWS.get(args.typ, {}).items()}
        return {"name": name, **made}

    # The base class promises a pair, but a dict is what the monitor takes.
    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.invokes.append(args.token)
        if "Quota" in args.token and LAMBDA_QUOTA is None:
            raise RefusedLookUp
        if "Organization" in args.token and not ORGANIZATION:
            raise RefusedLookUp
        answers = {
            "aws:index/getCallerIdentity:getCallerIdentity": {
                "accountId": self.account,
                "arn": f"arn:{self.partition}:iam::{self.account}:user/deployer",
                "userId": "AIDAEXAMPLE",
                "id": self.account,
            },
            "aws:index/getPartition:getPartition": {
                "partition": self.partition,
                "dnsSuffix": "amazonaws.com",
                "reverseDnsPrefix": "com.amazonaws",
                "id": self.partition,
            },
            "aws:cloudwatch/getLogGroup:getLogGroup": {
                **args.args,
                "arn": f"arn:{self.partition}:logs:{args.args.get('region')}:{self.account}"
                f":log-group:{args.args.get('name')}",
                "logGroupClass": self.log_group_class,
                "id": args.args.get("name"),
            },
            "aws:servicequotas/getServiceQuota:getServiceQuota": {**args.args, "value": LAMBDA_QUOTA, "id": "quota"},
            "aws:organizations/getOrganization:getOrganization": dict(ORGANIZATION),
        }
        return answers[args.token]  # a call that nobody thought of must fail the test


def _new_loop() -> asyncio.AbstractEventLoop:
    """A loop that keeps quiet about futures that nobody awaited.

    A failed run leaves some behind, and each would tell its traceback once more when it is collected, at any later
    time. The failure itself reaches the caller. (Formatting a traceback parses code, and Python 3.11 breaks with
    "AST constructor recursion depth mismatch" if a collection does that while other code is being compiled.)
    """
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)
    return loop


@contextlib.contextmanager
def own_event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop for one run, closed afterwards: its own and those of its workers, which the SDK would leave open."""
    loops = [_new_loop()]

    def enter_worker() -> None:
        loops.append(_new_loop())
        asyncio.set_event_loop(loops[-1])

    loops[0].set_default_executor(ThreadPoolExecutor(initializer=enter_worker))
    asyncio.set_event_loop(loops[0])
    try:
        yield loops[0]
    finally:
        loops[0].run_until_complete(loops[0].shutdown_default_executor())
        asyncio.set_event_loop(None)
        for loop in loops:
            loop.close()


def record(
    program: Callable[[], object],
    config: Mapping[str, str],
    *,
    secrets: Iterable[str] = (),
    stack: str = "test",
    preview: bool = False,
    partition: str = "aws",
    account: str = ACCOUNT,
    autoname: Callable[[str], str] = "{}-1a2b3c4".format,
    log_group_class: str = "STANDARD",
    into: Callable[[RecordingMonitor], None] = lambda monitor: None,
) -> Recording:
    """Run `program` once as a stack's program. Config values are text; lists and objects are JSON, as on the wire.

    `log_group_class` is that of log groups that exist.
    `secrets` are the full keys of those values that the CLI has decrypted.
    `autoname` makes physical names of logical ones, as `pulumi:autonaming` would.
    `into` gets the monitor before the run, for those who expect the run to fail and want to see how far it came.
    """
    cloud = Cloud(
        preview=preview, partition=partition, account=account, autoname=autoname, log_group_class=log_group_class
    )
    monitor = RecordingMonitor(cloud)
    into(monitor)
    with own_event_loop() as loop:
        pulumi.runtime.reset_options()  # drops the root stack of an earlier run
        pulumi.runtime.set_all_config(
            {key if ":" in key else f"{PROJECT}:{key}": value for key, value in config.items()}, list(secrets)
        )
        pulumi.runtime.set_mocks(cloud, project=PROJECT, stack=stack, preview=preview, monitor=monitor)
        try:
            pulumi.runtime.test(lambda: program() and None)()
            root = pulumi.runtime.get_root_resource()
            assert isinstance(root, Stack)
            outputs = dict(root.outputs)
            exports = loop.run_until_complete(pulumi.Output.all(**outputs).future()) if outputs else {}
        finally:
            pulumi.runtime.reset_options()
            pulumi.runtime.set_all_config({}, [])
    return Recording(
        registrations=tuple(monitor.registrations.values()),
        exports=exports or {},
        registered_outputs=monitor.registered_outputs,
        invokes=tuple(cloud.invokes),
    )


def run_program(config: Mapping[str, str], **how: Any) -> Recording:
    """Run `__main__.py` as the CLI does, by running its directory; `how` as for `record`."""
    modules_before = set(sys.modules)
    try:
        with contextlib.chdir(ROOT):
            return record(lambda: runpy.run_path(str(ROOT), run_name="__main__"), config, **how)
    finally:
        for name in set(sys.modules) - modules_before:
            if name.partition(".")[0] in OWN_PACKAGES:
                del sys.modules[name]
