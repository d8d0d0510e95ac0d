"""Limits that stop a deployment half way, and how much of them is left."""

from __future__ import annotations

from dataclasses import dataclass

from account.answers import Answer
from account.session import Session

TRAILS_PER_REGION = 5
"""CloudTrail User Guide, "Quotas in AWS CloudTrail"; it cannot be raised. Shadow copies do not count."""
FILTERS_PER_LOG_GROUP = 100
"""CloudWatch Logs User Guide, "CloudWatch Logs quotas"; listed as not changeable (read 2023)."""
UNRESERVED_AT_LEAST = 100
"""Lambda keeps so many executions unreserved (API reference, PutFunctionConcurrency); new accounts have 10 in all."""


@dataclass(frozen=True, kw_only=True)
class Concurrency:
    """Concurrent executions of Lambda in one region."""

    limit: int
    unreserved: int

    @property
    def reservable(self) -> int:
        """How many a function may still reserve."""
        return max(0, self.unreserved - UNRESERVED_AT_LEAST)


def concurrency(session: Session, region: str) -> Answer[Concurrency]:
    """What Lambda leaves in a region. Needs lambda:GetAccountSettings."""
    told = session.ask("lambda", "GetAccountSettings", region=region, what="concurrency of Lambda")
    return told.map(lambda answer: answer.get("AccountLimit") or {}).map(
        lambda raw: Concurrency(
            limit=int(raw.get("ConcurrentExecutions") or 0),
            unreserved=int(raw.get("UnreservedConcurrentExecutions") or 0),
        )
    )
