"""What the deployment tells the explainer: its environment variables, read once a call."""

from collections.abc import Mapping
from typing import NamedTuple, Self

from common.places import Region, Trail
from common.runbooks import runbook
from common.variables import Variables


class DigestTimes(NamedTuple):
    """From which `hour` (UTC) on yesterday is told, and on which `weekday` (Monday is 0) the week before."""

    hour: int
    weekday: int


class Environment(NamedTuple):
    """The deployment's facts.

    `log_group` is the name of the only log group that is read, `namespace` that of the metrics of our filters. `trail`
    is the trail that a guardian looks after, None without one: what is done to it is the guardian's to tell.
    `runbooks` is where runbooks are (`common.runbooks`). Alarms in namespaces, and on
    Contributor Insights rules, that are among `others` are explained by others. `digest` is when what is of low
    severity is told together; None when it is told as the rest is.
    """

    place: Region
    log_group: str
    topic_arn: str
    topic_region: str
    ledger: str
    namespace: str
    stack: str
    version: str
    runbooks: str
    trail: Trail | None
    others: frozenset[str] = frozenset()
    digest: DigestTimes | None = None

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """From LOG_GROUP_ARN, ALERTS_TOPIC_ARN, LEDGER_ARN, METRIC_NAMESPACE, STACK, TRAILWARDEN_VERSION, RUNBOOKS, and
        TRAIL_ARN, OTHER_NAMESPACES, OTHER_RULES, DIGEST_HOUR and DIGEST_WEEKDAY, which may be missing.

        Raises WrongEnvironmentError with every problem: variable, value, what is allowed.
        """
        given = Variables(variables)
        log_group = given.arn("LOG_GROUP_ARN", "a log group", "logs", "log-group:", paths=True)
        topic = given.arn("ALERTS_TOPIC_ARN", "a topic", "sns")
        ledger = given.arn("LEDGER_ARN", "a table", "dynamodb", "table/")
        namespace = given.text("METRIC_NAMESPACE", "the namespace of the metrics")
        stack = given.text("STACK", "the name of the stack")
        version = given.text("TRAILWARDEN_VERSION", "the version that was deployed")
        runbooks = given.text("RUNBOOKS", "where the runbooks are")
        trail = given.arn("TRAIL_ARN", "one trail", "cloudtrail", "trail/") if "TRAIL_ARN" in given else None
        digest = _digest(given)
        given.check()
        return cls(
            place=Region(partition=log_group.partition, region=log_group.region, account=log_group.account),
            log_group=log_group.name,
            topic_arn=topic.text,
            topic_region=topic.region,
            ledger=ledger.name,
            namespace=namespace,
            stack=stack,
            version=version,
            runbooks=runbooks,
            others=given.names("OTHER_NAMESPACES") | given.names("OTHER_RULES"),
            digest=digest,
            trail=Trail.of(trail) if trail else None,
        )

    def runbook(self, watch: str, *, kind: str) -> str:
        """Where the runbook of a watch is; "" where there is none: this project's own page knows event sets only."""
        page = f"reference/event-sets.md#{watch}" if kind == "event-set" else ""
        return runbook(self.runbooks, watch, page=page)


def _digest(given: Variables) -> DigestTimes | None:
    if "DIGEST_HOUR" not in given and "DIGEST_WEEKDAY" not in given:
        return None
    return DigestTimes(
        hour=given.number("DIGEST_HOUR", (0, 23), "an hour"),
        weekday=given.number("DIGEST_WEEKDAY", (0, 6), "a day of the week (Monday is 0)"),
    )
