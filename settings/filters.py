"""The setting of a subscriber who hears a part of the alerts only."""

import math
from collections.abc import Collection, Iterator
from typing import Any, ClassVar, Final

from pydantic import Field

from settings.kinds import AccountIds, Regions, Severities, WatchNames
from settings.limits import MAX_FILTER_COMBINATIONS
from settings.problems import CheckError, nearest
from settings.section import Section

GUARDIAN: Final = "guardian"
"""The attribute `set` of what the guardian tells."""


class Filter(Section):
    """Of what a subscriber is told. A message has to fit each key that is given, by one of its values.

    It chooses by the attributes that guardian and explainer give their messages.
    """

    EXAMPLE: ClassVar[str] = "{severity: [critical, high]}"
    severity: Severities = Field(default=(), description="critical, high, medium or low.")
    set: WatchNames = Field(
        default=(),
        description="Names of event sets, custom sets and source IPs of this stack, `any-address` for what `burst` "
        "finds, `guardian` for what the guardian tells, `digest` for the mails of `alerts.digest`.",
    )
    account: AccountIds = Field(default=(), description="In which accounts it happened; ids in quotes.")
    region: Regions = Field(default=(), description="In which regions it happened.")

    @property
    def policy(self) -> dict[str, list[Any]]:
        """The SNS filter policy, on message attributes."""
        lists = {
            "severity": list[Any](self.severity),
            # What could not be told apart has no set, and is worth reading for everybody.
            "set": [*self.set, {"exists": False}] if self.set else [],
            "account": list[Any](self.account),
            "region": list[Any](self.region),
        }
        return {name: values for name, values in lists.items() if values}

    def contradictions(self, *, sets: Collection[str]) -> Iterator[tuple[tuple[str | int, ...], CheckError]]:
        """(keys, what is wrong). `sets` are the values that the attribute `set` may take in this stack."""
        policy = self.policy
        if not policy:
            yield (), CheckError("chooses nothing", allowed="severity, set, account or region, each a list")
            return
        for index, name in enumerate(self.set):
            if name not in sets:
                problem = "is watched by nothing in this stack, so no message would fit"
                allowed = "names of its event sets, custom sets and source IPs, any-address, guardian, digest"
                near = nearest(name, sorted(sets))
                yield ("set", index), CheckError(problem, value=name, allowed=allowed, suggestion=near)
        combinations = math.prod(len(values) for values in policy.values())
        if combinations > MAX_FILTER_COMBINATIONS:
            problem = f"has {combinations:,} combinations of values (one more for each set)"
            allowed = f"at most {MAX_FILTER_COMBINATIONS}, a limit of SNS: the lengths of the lists, multiplied"
            yield (), CheckError(problem, allowed=allowed)
