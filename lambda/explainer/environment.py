"""What the deployment tells the explainer: its environment variables, read once a call."""

import re
from collections.abc import Mapping
from typing import NamedTuple, Self

from common.errors import WrongEnvironmentError
from common.places import Place, Trail

_LOG_GROUP_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):logs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):log-group:(?P<name>[\w./#-]+)",
    re.ASCII,
)
_TRAIL_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):cloudtrail:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):trail/(?P<name>[\w.-]+)",
    re.ASCII,
)
_TOPIC_ARN = re.compile(r"arn:aws[a-z-]*:sns:(?P<region>[a-z0-9-]+):\d{12}:[\w-]+", re.ASCII)
_TABLE_ARN = re.compile(r"arn:aws[a-z-]*:dynamodb:(?P<region>[a-z0-9-]+):\d{12}:table/(?P<name>[\w.-]+)", re.ASCII)


class DigestTimes(NamedTuple):
    """From which `hour` (UTC) on yesterday is told, and on which `weekday` (Monday is 0) the week before."""

    hour: int
    weekday: int


class Environment(NamedTuple):
    """The deployment's facts.

    `log_group` is the name of the only log group that is read, `namespace` that of the metrics of our filters. `trail`
    is the trail that a guardian looks after, None without one: what is done to it is the guardian's to tell.
    `runbooks` is where runbooks are; `{set}` in it stands for the name of an event set. Alarms in namespaces, and on
    Contributor Insights rules, that are among `others` are explained by others. `digest` is when what is of low
    severity is told together; None when it is told as the rest is.
    """

    place: Place
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
        hour, weekday = variables.get("DIGEST_HOUR"), variables.get("DIGEST_WEEKDAY")
        log_group = _LOG_GROUP_ARN.fullmatch(variables.get("LOG_GROUP_ARN", "").removesuffix(":*"))
        topic = _TOPIC_ARN.fullmatch(variables.get("ALERTS_TOPIC_ARN", ""))
        ledger = _TABLE_ARN.fullmatch(variables.get("LEDGER_ARN", ""))
        trail = _TRAIL_ARN.fullmatch(variables.get("TRAIL_ARN", ""))
        allowed = {
            "LOG_GROUP_ARN": (log_group, "the ARN of a log group, arn:aws:logs:REGION:ACCOUNT:log-group:NAME"),
            "ALERTS_TOPIC_ARN": (topic, "the ARN of a topic, arn:aws:sns:REGION:ACCOUNT:NAME"),
            "LEDGER_ARN": (ledger, "the ARN of a table, arn:aws:dynamodb:REGION:ACCOUNT:table/NAME"),
            "METRIC_NAMESPACE": (variables.get("METRIC_NAMESPACE"), "the namespace of the metrics"),
            "STACK": (variables.get("STACK"), "the name of the stack"),
            "TRAILWARDEN_VERSION": (variables.get("TRAILWARDEN_VERSION"), "the version that was deployed"),
            "RUNBOOKS": (variables.get("RUNBOOKS"), "where the runbooks are, {set} for an event set's name"),
            "TRAIL_ARN": (
                trail or "TRAIL_ARN" not in variables,
                "the ARN of one trail, arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME, or left out",
            ),
            "DIGEST_HOUR": (hour is None or _is_within(hour, 23), "an hour, 0 to 23, or left out"),
            "DIGEST_WEEKDAY": (
                (weekday is None) == (hour is None) and (weekday is None or _is_within(weekday, 6)),
                "a day of the week, 0 (Monday) to 6, or left out with the hour",
            ),
        }
        problems = [
            f"{name}: must be {must}, " + (f"not {variables[name]!r}" if name in variables else "and is missing")
            for name, (good, must) in allowed.items()
            if not good
        ]
        if problems or not (log_group and topic and ledger):
            raise WrongEnvironmentError(problems)
        return cls(
            place=Place(partition=log_group["partition"], region=log_group["region"], account=log_group["account"]),
            log_group=log_group["name"],
            topic_arn=topic.group(),
            topic_region=topic["region"],
            ledger=ledger["name"],
            namespace=variables["METRIC_NAMESPACE"],
            stack=variables["STACK"],
            version=variables["TRAILWARDEN_VERSION"],
            runbooks=variables["RUNBOOKS"],
            others=frozenset(
                name
                for variable in ("OTHER_NAMESPACES", "OTHER_RULES")
                for name in variables.get(variable, "").split(",")
                if name
            ),
            digest=DigestTimes(hour=int(hour), weekday=int(weekday)) if hour and weekday else None,
            trail=Trail(arn=trail.group(), **trail.groupdict()) if trail else None,
        )

    def runbook(self, watch: str, *, kind: str) -> str:
        """Where the runbook of a watch is; "" where this project's own page has none: it knows event sets only."""
        if kind != "event-set" and not self.runbooks.startswith("https://"):
            return ""
        if "{set}" in self.runbooks:
            return self.runbooks.replace("{set}", watch)
        return f"{self.runbooks.rstrip('/')}/{watch}"


def _is_within(text: str, most: int) -> bool:
    return text.isascii() and text.isdecimal() and int(text) <= most
