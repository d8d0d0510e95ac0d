"""What the deployment tells the guardian: its environment variables, read once a call."""

import re
from collections.abc import Mapping
from typing import NamedTuple, Self

from common.errors import WrongEnvironmentError
from common.places import Role, Trail

from guardian.floor import WAIVABLE
from guardian.remit import Mode, Remit, allowed

_TRAIL_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):cloudtrail:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):trail/(?P<name>[\w.-]+)",
    re.ASCII,
)
_TOPIC_ARN = re.compile(r"arn:aws[a-z-]*:sns:(?P<region>[a-z0-9-]+):\d{12}:[\w-]+", re.ASCII)
_PARAMETER_ARN = re.compile(r"arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter/(?P<name>[\w./-]+)", re.ASCII)
_TABLE_ARN = re.compile(r"arn:aws[a-z-]*:dynamodb:(?P<region>[a-z0-9-]+):\d{12}:table/(?P<name>[\w.-]+)", re.ASCII)
_RULE_ARN = re.compile(r"arn:aws[a-z-]*:events:(?P<region>[a-z0-9-]+):\d{12}:rule/(?P<name>[\w.-]+)", re.ASCII)
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):role/(?:[!-~]*/)?(?P<name>[\w+=,.@-]+)", re.ASCII)


class Environment(NamedTuple):
    """The deployment's facts. `role` is the guardian's own, by which it knows its own repairs.

    `remit` is what the deployment lets the guardian do: the role may do no more, and the desired state has no say in
    it. `wanted` is the desired state's name, `ledger` the table's, `rule` that of the event rule that wakes the
    guardian; all are in the trail's region. `last_resort_arn` is the topic that is told when `topic_arn` takes no
    report.
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
    waived: frozenset[str] = frozenset()
    is_adopted: bool = False

    @property
    def mode(self) -> Mode:
        """What happens when the trail is found stopped or changed."""
        return self.remit.mode

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """From TRAIL_ARN, ALERTS_TOPIC_ARN, LAST_RESORT_TOPIC_ARN, STACK, TRAILWARDEN_VERSION, GUARDIAN_ROLE_ARN,
        DESIRED_STATE_ARN, LEDGER_ARN, RULE_ARN, and MODE, FIELDS, GRACE_SECONDS, BUDGET_REPAIRS, BUDGET_MINUTES.

        All are required. WAIVED may name demands of the floor, with commas between, that the stack file gives up.
        ADOPTED is `true` where the trail is not the stack's, which can then not make it again.
        Raises WrongEnvironmentError with every problem: variable, value, what is allowed.
        """
        trail = _TRAIL_ARN.fullmatch(variables.get("TRAIL_ARN", ""))
        topic = _TOPIC_ARN.fullmatch(variables.get("ALERTS_TOPIC_ARN", ""))
        last_resort = _TOPIC_ARN.fullmatch(variables.get("LAST_RESORT_TOPIC_ARN", ""))
        role = _ROLE_ARN.fullmatch(variables.get("GUARDIAN_ROLE_ARN", ""))
        wanted = _PARAMETER_ARN.fullmatch(variables.get("DESIRED_STATE_ARN", ""))
        ledger = _TABLE_ARN.fullmatch(variables.get("LEDGER_ARN", ""))
        rule = _RULE_ARN.fullmatch(variables.get("RULE_ARN", ""))
        waived = frozenset(each for each in variables.get("WAIVED", "").split(",") if each)
        good_values = {
            "TRAIL_ARN": (trail, "the ARN of one trail, arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME"),
            "ALERTS_TOPIC_ARN": (topic, "the ARN of a topic, arn:aws:sns:REGION:ACCOUNT:NAME"),
            "LAST_RESORT_TOPIC_ARN": (last_resort, "the ARN of a topic, arn:aws:sns:REGION:ACCOUNT:NAME"),
            "GUARDIAN_ROLE_ARN": (role, "the ARN of this function's role, arn:aws:iam::ACCOUNT:role/NAME"),
            "DESIRED_STATE_ARN": (wanted, "the ARN of a parameter, arn:aws:ssm:REGION:ACCOUNT:parameter/NAME"),
            "LEDGER_ARN": (ledger, "the ARN of a table, arn:aws:dynamodb:REGION:ACCOUNT:table/NAME"),
            "RULE_ARN": (rule, "the ARN of a rule on the default bus, arn:aws:events:REGION:ACCOUNT:rule/NAME"),
            **allowed(variables),
            "STACK": (variables.get("STACK"), "the name of the stack"),
            "TRAILWARDEN_VERSION": (variables.get("TRAILWARDEN_VERSION"), "the version that was deployed"),
            "WAIVED": (waived <= set(WAIVABLE), f"some of {', '.join(WAIVABLE)}, with commas between, or left out"),
            "ADOPTED": (variables.get("ADOPTED", "true") == "true", "true, or left out"),
        }
        problems = [
            f"{name}: must be {must}, " + (f"not {variables[name]!r}" if name in variables else "and is missing")
            for name, (good, must) in good_values.items()
            if not good
        ]
        if problems or not (trail and topic and last_resort and role and wanted and ledger and rule):
            raise WrongEnvironmentError(problems)
        return cls(
            trail=Trail(arn=trail.group(), **trail.groupdict()),
            topic_arn=topic.group(),
            topic_region=topic["region"],
            last_resort_arn=last_resort.group(),
            last_resort_region=last_resort["region"],
            remit=Remit.read(variables),
            stack=variables["STACK"],
            version=variables["TRAILWARDEN_VERSION"],
            role=Role(**role.groupdict()),
            # How SSM itself tells a path from a plain name (SSM API reference, GetParameter).
            wanted=f"/{wanted['name']}" if "/" in wanted["name"] else wanted["name"],
            ledger=ledger["name"],
            rule=rule["name"],
            waived=waived,
            is_adopted="ADOPTED" in variables,
        )
