"""The explainer under its own role, on a deployed stack: which right each of its calls needs, and what is said without.

boto3 and the sandbox's IAM, CloudWatch, CloudWatch Logs, DynamoDB and SNS are real; only Lambda is not, so that no run
waits and every call that is made can be counted.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from explainer.environment import Environment
from explainer.facts import Facts
from explainer.handler import explain
from explainer.memory import PART

from sandbox import SandboxClient
from sandbox.deploy import deploy
from sandbox.process import SandboxProcess
from tests.support.deployed_role import DeployedRole
from tests.support.explainer_world import ANY, GUARDED, SWEEP, by_rule, record, sns, watch
from tests.support.guardian_world import Hands
from tests.support.recorded_program import ROOT

HOME, ACCOUNT = "eu-west-1", "000000000000"
IAM, TRAIL, BURST, LOOK = "iam-policy-changes", "trail-changes", "any-address", "the look around"
COUNTED = 50  # more than the log holds of trail changes: what the guardian noted has to be asked
STACK_FILE = f"""\
config:
  aws:region: {HOME}
  trailwarden:trail: {{mode: create}}
  trailwarden:regions: [{HOME}, us-east-1]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets: {{{IAM}: {{threshold: 1}}, {TRAIL}: {{threshold: 1}}}}
  trailwarden:sourceIps: []
  trailwarden:burst: {{threshold: 500}}
  trailwarden:remediation: {{mode: restore}}
  trailwarden:alerts: {{explain: true}}
  trailwarden:evidence: disposable
"""


@dataclass(frozen=True)
class Right:
    """One action in one statement of the role's policy: what it is for, and what is said when it is missing.

    `said` stands in the run's log or in its mail, and does not with all rights. `when` is what needs it.
    """

    why: str
    said: str
    when: str = IAM
    is_raised: bool = False


def unread(action: str) -> str:
    """What the log says of a refused look."""
    return f"not authorized to perform: {action}"


NO_LEDGER = "the ledger cannot be read or written: people may be told more than once"
NO_NOTES = "what the guardian noted cannot be read or written: people may be told more than once"
LOST = "the report could not be published to"
REVIEWED: dict[tuple[str, str], Right] = {
    ("NameAddress", "cloudwatch:GetInsightRuleReport"): Right(
        "which address", "the log could not be read to its end: AccessDenied", BURST
    ),
    ("ReadAlarms", "cloudwatch:DescribeAlarms"): Right("what rang", "the alarm cannot be read (AccessDenied"),
    ("ReadAlarms", "cloudwatch:DescribeAlarmHistory"): Right("when", unread("cloudwatch:DescribeAlarmHistory")),
    ("ReadEvents", "logs:DescribeMetricFilters"): Right("the pattern as deployed", "its pattern is taken as it was"),
    ("ReadEvents", "logs:FilterLogEvents"): Right("who did it", "the log could not be read to its end: AccessDenied"),
    ("KeepLedger", "dynamodb:GetItem"): Right("what was told of it", NO_LEDGER, LOOK),
    ("KeepLedger", "dynamodb:UpdateItem"): Right("claim and mark", NO_LEDGER),
    ("KeepLedger", "dynamodb:Query"): Right("which events were told", NO_LEDGER),
    ("ReadUnsettled", "dynamodb:Query"): Right("what is not over", "nothing is known of what rang", LOOK),
    ("ReadGuardiansNotes", "dynamodb:GetItem"): Right("did the guardian tell?", NO_NOTES, TRAIL),
    ("ReadGuardiansNotes", "dynamodb:Query"): Right("how many did it tell?", NO_NOTES, TRAIL),
    ("Report", "sns:Publish"): Right("tell people", LOST, is_raised=True),
    ("ReportEncrypted", "kms:Decrypt"): Right("the topic is encrypted", LOST, is_raised=True),
    ("ReportEncrypted", "kms:GenerateDataKey*"): Right("the topic is encrypted", LOST, is_raised=True),
}
# Not calls of the function, so nothing that it says can show them missing.
BY_LAMBDA = {
    ("WriteOwnLog", "logs:CreateLogStream"): "Lambda itself writes the log",
    ("WriteOwnLog", "logs:PutLogEvents"): "Lambda itself writes the log",
    ("KeepFailedEvents", "sqs:SendMessage"): "Lambda itself hands over what failed",
}
BY_AWS = {"kms:Decrypt", "kms:GenerateDataKey*"}
"""Needed for a call of another name: Publish to an encrypted topic."""


@dataclass
class Woken:
    """What one run did: its log, the mails it led to, and what it raised."""

    log: list[Mapping[str, Any]] = field(default_factory=list)
    mails: list[dict[str, str]] = field(default_factory=list)
    raised: Exception | None = None

    @property
    def said(self) -> str:
        """The log and the mails, for a look at what is in one of them."""
        return "\n".join(json.dumps(each, default=str) for each in [*self.log, *self.mails])


class ExplainerInStack:
    """The explainer in this process; the deployed one is off."""

    def __init__(self, client: SandboxClient, function: str) -> None:
        self.client = client
        lambdas, cloudwatch = client.aws("lambda", region=HOME), client.aws("cloudwatch", region=HOME)
        made = lambdas.get_function_configuration(FunctionName=function)
        lambdas.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
        self._variables: dict[str, str] = made["Environment"]["Variables"]
        self.role = DeployedRole(
            made["Role"],
            owner=lambda service, region: client.aws(service, region=region),
            make=client.aws,
            region=HOME,
            session=function,
        )
        self._hands = Hands(self.now)
        (rule,) = cloudwatch.describe_insight_rules()["InsightRules"]
        self._watches = [watch(IAM, threshold=1), watch(TRAIL, threshold=1), {**ANY, "metric": rule["Name"]}]
        alarms = {
            each["AlarmName"]: json.dumps(each, default=str) for each in cloudwatch.describe_alarms()["MetricAlarms"]
        }
        self._alarms = {
            each["name"]: next(name for name, told in alarms.items() if each["metric"] in told)
            for each in self._watches
        }

    @property
    def now(self) -> datetime:
        """The sandbox's time."""
        return datetime.fromtimestamp(self.client.health()["now"], UTC)

    def wake(self, event: object) -> Woken:
        """Let it handle an event, by a clock that only its own waiting moves."""
        before, woken = len(self.client.mail()), Woken()
        try:
            explain(
                event,
                environment=Environment.read(self._variables),
                facts=Facts.of({"watches": self._watches, "suppressions": [], "guarded": GUARDED, "mutes": []}),
                client_for=self.role.client,
                clock=self._hands.clock(),
                log=woken.log.append,
                remaining_s=120.0,
            )
        except Exception as error:
            woken.raised = error
        self.client.settle()
        woken.mails = self.client.mail()[before:]
        return woken

    def needs(self, when: str) -> object:
        """Make that happen which wakes it, news to it; the message of it."""
        self._forget()
        if when == LOOK:  # at an alarm that was told and lasts
            self.wake(self._ring(IAM))
            return SWEEP
        return self._ring(when)

    def _ring(self, name: str) -> dict[str, Any]:
        self._hands = Hands(self.now)
        began = self.now.replace(second=0, microsecond=0).isoformat()
        data = {"period": 300, "evaluatedDatapoints": [{"timestamp": began, "value": float(COUNTED)}]}
        self.client.aws("cloudwatch", region=HOME).set_alarm_state(
            AlarmName=self._alarms[name],
            StateValue="ALARM",
            StateReason="Threshold Crossed",
            StateReasonData=json.dumps(data),
        )
        return sns({"AlarmName": self._alarms[name], "NewStateValue": "ALARM", "NewStateReason": "Threshold Crossed"})

    def _forget(self) -> None:
        """Clear its part of the ledger."""
        table, dynamodb = self._variables["LEDGER_ARN"].partition("/")[2], self.client.aws("dynamodb", region=HOME)
        for item in dynamodb.scan(TableName=table)["Items"]:
            if item["trail"]["S"] == PART:
                dynamodb.delete_item(TableName=table, Key={key: item[key] for key in ("trail", "id")})


def stop(at: datetime, *, trail: str, number: int) -> dict[str, Any]:
    """A record of a stop of a trail."""
    return record(
        "StopLogging",
        event_id=f"0c8f1e9a-0000-4000-8000-{number:012d}",
        at=at,
        eventSource="cloudtrail.amazonaws.com",
        awsRegion=HOME,
        requestParameters={"name": trail},
        recipientAccountId=ACCOUNT,
    )


@pytest.fixture(scope="module")
def explainer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExplainerInStack]:
    """One deployed stack, its mail confirmed, with events of each watch in the log; its functions are off."""
    folder = tmp_path_factory.mktemp("rights")
    shutil.copyfile(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    (folder / "Pulumi.rights.yaml").write_text(STACK_FILE, encoding="utf-8")
    with SandboxProcess(by_hand=True) as process:
        client = process.client
        outputs = deploy(folder / "Pulumi.rights.yaml", endpoint_url=client.endpoint_url).outputs
        client.aws("lambda", region=HOME).put_function_concurrency(
            FunctionName=outputs["guardianFunctionName"], ReservedConcurrentExecutions=0
        )
        found = ExplainerInStack(client, outputs["explainerFunctionName"])
        client.confirm(None)
        policy = record(at=found.now, recipientAccountId=ACCOUNT)
        client.emit([policy, stop(found.now, trail=outputs["trailArn"], number=2)])
        client.settle()
        yield found


@pytest.mark.parametrize("right", REVIEWED, ids=": ".join)
def test_without_this_right_it_fails_or_tells_and_says_so(explainer: ExplainerInStack, right: tuple[str, str]) -> None:
    row = REVIEWED[right]
    whole = explainer.wake(explainer.needs(row.when))
    assert row.said not in whole.said
    assert whole.raised is None
    event = explainer.needs(row.when)
    with explainer.role.without(*right):
        woken = explainer.wake(event)
    assert row.said in woken.said
    assert (woken.raised is not None) == row.is_raised  # raised: Lambda tries again, and keeps it
    if row.when != LOOK:  # people hear of an alarm all the same, but where nobody can be told
        assert bool(woken.mails) is not row.is_raised


def test_policy_table_and_calls_are_the_same(explainer: ExplainerInStack) -> None:
    """Both ways: nothing is granted that nothing needs, nothing is called that is not granted."""
    granted = explainer.role.rights
    assert granted == REVIEWED.keys() | BY_LAMBDA.keys()
    explainer.role.calls.clear()
    told = [explainer.wake(explainer.needs(when)) for when in (IAM, TRAIL, BURST, LOOK)]
    told.append(explainer.wake(by_rule(stop(explainer.now, trail="another", number=3))))
    assert [len(each.mails) for each in told] == [1, 1, 1, 0, 1]
    assert explainer.role.calls == {action for _, action in granted - BY_LAMBDA.keys()} - BY_AWS
