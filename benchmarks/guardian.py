"""How soon the guardian starts a stopped trail again."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks._ratio import Figure

ROOT = Path(__file__).resolve().parents[1]
RESTARTS = 25
REGION, ACCOUNT, NAME = "eu-west-1", "000000000000", "measured"
SERVICES = ("cloudtrail", "dynamodb", "events", "ssm", "sns")


def figures() -> Iterator[Figure]:
    """All figures of this room."""
    yield restarting()


def restarting() -> Figure:
    """From the invocation to StartLogging's answer, warm, over GetTrailStatus and StartLogging by a bare client."""
    from sandbox.process import SandboxProcess

    sys.path.append(str(ROOT / "lambda"))  # where a Lambda finds its packages: at the root of the archive
    with SandboxProcess(by_hand=True) as process:
        clients = {service: process.client.aws(service, region=REGION) for service in SERVICES}
        trail = _make_trail(process.client)
        guardian = _Guardian(clients, trail=trail)

        def bare() -> float:
            begin = time.perf_counter()
            clients["cloudtrail"].get_trail_status(Name=trail)
            clients["cloudtrail"].start_logging(Name=trail)
            return time.perf_counter() - begin

        times: list[list[float]] = []
        for _ in range(RESTARTS + 1):  # the first run of each warms up
            pair: list[float] = []
            for work in (bare, guardian.restart):
                clients["cloudtrail"].stop_logging(Name=trail)
                process.client.settle()
                pair.append(work())
                assert clients["cloudtrail"].get_trail_status(Name=trail)["IsLogging"]
            times.append(pair)
    base, ours = (min(each) for each in zip(*times[1:], strict=True))
    about = f"guardian {ours * 1e3:.1f} ms, bare client {base * 1e3:.1f} ms, in the sandbox; best of {RESTARTS}"
    return Figure("guardian, restart / bare client", ours / base, 3.0, about)


class _Guardian:
    """The handler's code with warm clients; the rest of a run (the mail, the settings) goes on after what is timed."""

    def __init__(self, clients: dict[str, Any], *, trail: str) -> None:
        from common import runtime
        from guardian.environment import Environment
        from guardian.handler import guard
        from guardian.memory import Memory

        self._started_at = 0.0
        clients["cloudtrail"].meta.events.register("after-call.cloudtrail.StartLogging", self._note)
        environment = Environment.read(_variables(trail))
        self._run: Callable[[], Any] = lambda: guard(
            {"detail": {"eventName": "StopLogging", "requestParameters": {"name": trail}}},
            environment=environment,
            client_for=lambda service, _region: clients[service],
            clock=runtime.SYSTEM_CLOCK,
            log=lambda _record: None,
            remaining_s=60.0,  # too little for the grace time: nothing waits
            memory=Memory(),
        )

    def _note(self, **_: Any) -> None:
        self._started_at = time.perf_counter()

    def restart(self) -> float:
        """Seconds until the trail was started."""
        begin = time.perf_counter()
        self._run()
        assert self._started_at > begin
        return self._started_at - begin


def _make_trail(sandbox: Any) -> str:
    """A bucket with its policy, a ledger, topics, a desired state and a trail, by plain calls; the trail's ARN."""
    trail = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{NAME}"
    s3 = sandbox.aws("s3", region=REGION)
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": action,
            "Resource": f"arn:aws:s3:::{NAME}{path}",
        }
        for action, path in {"s3:GetBucketAcl": "", "s3:PutObject": "/*"}.items()
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    s3.put_bucket_policy(Bucket=NAME, Policy=policy)
    for topic in ("alerts", "last-resort"):
        sandbox.aws("sns", region=REGION).create_topic(Name=topic)
    keys = {"trail": "HASH", "id": "RANGE"}
    index = {"trail": "HASH", "unsettled": "RANGE"}
    sandbox.aws("dynamodb", region=REGION).create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("trail", "id", "unsettled")],
        KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in keys.items()],
        LocalSecondaryIndexes=[
            {
                "IndexName": "unsettled",
                "KeySchema": [{"AttributeName": each, "KeyType": kind} for each, kind in index.items()],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    trails = sandbox.aws("cloudtrail", region=REGION)
    trails.create_trail(Name=NAME, S3BucketName=NAME, IsMultiRegionTrail=True)
    trails.start_logging(Name=NAME)
    return trail


def _variables(trail: str) -> dict[str, str]:
    def arn(service: str, resource: str) -> str:
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"

    return {
        "TRAIL_ARN": trail,
        "ALERTS_TOPIC_ARN": arn("sns", "alerts"),
        "LAST_RESORT_TOPIC_ARN": arn("sns", "last-resort"),
        "GUARDIAN_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/guardian",
        "DESIRED_STATE_ARN": arn("ssm", "parameter/desired-state"),
        "LEDGER_ARN": arn("dynamodb", "table/ledger"),
        "RULE_ARN": arn("events", "rule/guardian"),
        "RUNBOOKS": "docs/{page}",
        "MODE": "restore",
        "FIELDS": "none",
        "GRACE_SECONDS": "30",
        "BUDGET_REPAIRS": "100",
        "BUDGET_MINUTES": "1440",
        "STACK": "bench",
        "TRAILWARDEN_VERSION": "0",
    }
