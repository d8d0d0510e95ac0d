"""What the deployment tells the guardian: its environment variables, read once a call."""

from collections.abc import Mapping
from typing import NamedTuple, Self

from common.places import Role, Trail
from common.variables import Variables

from guardian.remit import WAIVABLE, Mode, Remit


class Environment(NamedTuple):
    """The deployment's facts. `role` is the guardian's own, by which it knows its own repairs.

    `remit` is what the deployment lets the guardian do: the role may do no more, and the desired state has no say in
    it. `wanted` is the desired state's name, `ledger` the table's, `rule` that of the event rule that wakes the
    guardian; all are in the trail's region. `runbooks` is where runbooks are (`common.runbooks`). `last_resort_arn` is
    the topic that is told when `topic_arn` takes no report.
    """

    trail: Trail
    topic_arn: str
    topic_region: str
    last_resort_arn: str
    last_resort_region: str
    remit: Remit
    stack: str
    version: str
    role: Role
    wanted: str
    ledger: str
    rule: str
    runbooks: str
    waived: frozenset[str] = frozenset()
    is_adopted: bool = False

    @property
    def mode(self) -> Mode:
        """What happens when the trail is found stopped or changed."""
        return self.remit.mode

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """From TRAIL_ARN, ALERTS_TOPIC_ARN, LAST_RESORT_TOPIC_ARN, STACK, TRAILWARDEN_VERSION, GUARDIAN_ROLE_ARN,
        DESIRED_STATE_ARN, LEDGER_ARN, RULE_ARN, RUNBOOKS, and what `Remit.read` reads.

        All are required. WAIVED may name demands of the floor, with commas between, that the stack file gives up.
        ADOPTED is `true` where the trail is not the stack's, which can then not make it again.
        Raises WrongEnvironmentError with every problem: variable, value, what is allowed.
        """
        given = Variables(variables)
        trail = given.arn("TRAIL_ARN", "one trail", "cloudtrail", "trail/")
        topic = given.arn("ALERTS_TOPIC_ARN", "a topic", "sns")
        last_resort = given.arn("LAST_RESORT_TOPIC_ARN", "a topic", "sns")
        role = given.arn("GUARDIAN_ROLE_ARN", "this function's role", "iam", "role/", paths=True)
        wanted = given.arn("DESIRED_STATE_ARN", "a parameter", "ssm", "parameter/", paths=True).name
        ledger = given.arn("LEDGER_ARN", "a table", "dynamodb", "table/")
        rule = given.arn("RULE_ARN", "a rule on the default bus", "events", "rule/")
        remit = Remit.read(given)
        runbooks = given.text("RUNBOOKS", "where the runbooks are")
        stack = given.text("STACK", "the name of the stack")
        version = given.text("TRAILWARDEN_VERSION", "the version that was deployed")
        waived = given.names("WAIVED")
        some = f"some of {', '.join(WAIVABLE)}, with commas between, or left out"
        given.demand("WAIVED", waived.issubset(WAIVABLE), some)
        given.demand("ADOPTED", variables.get("ADOPTED", "true") == "true", "true, or left out")
        given.check()
        return cls(
            trail=Trail.of(trail),
            topic_arn=topic.text,
            topic_region=topic.region,
            last_resort_arn=last_resort.text,
            last_resort_region=last_resort.region,
            remit=remit,
            stack=stack,
            version=version,
            role=Role(account=role.account, name=role.name.rpartition("/")[2]),
            # How SSM itself tells a path from a plain name (SSM API reference, GetParameter).
            wanted=f"/{wanted}" if "/" in wanted else wanted,
            ledger=ledger.name,
            rule=rule.name,
            runbooks=runbooks,
            waived=waived,
            is_adopted="ADOPTED" in given,
        )
