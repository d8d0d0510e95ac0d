"""What is around every mail, explained or not: how its subject fits, by what subscribers choose, who wrote it."""

from collections.abc import Sequence

from common.report import Report
from common.text import clean, cut

from explainer.environment import Environment

LIMIT = 99
"""SNS takes subjects of less than 100 characters without line breaks or control characters (API Publish)."""


def fitted(severity: str, texts: Sequence[str], *, account: str, region: str) -> str:
    """The first of the texts that leaves room for account and region; the last one is cut if none does."""
    head, tails = f"[{severity}] ", (f" - {account} {region}", f" - {region}")
    for tail in tails:
        for text in texts:
            if len(head + text + tail) <= LIMIT:
                return _ascii(head + text + tail)
    return _ascii(head + cut(texts[-1], LIMIT - len(head) - len(tails[-1])) + tails[-1])


def attributes(
    report: Report, *, watch: str, environment: Environment, account: str = "", region: str = ""
) -> dict[str, str]:
    """By what subscriptions can choose: severity, set, account, region and stack."""
    return {
        "severity": report.severity,
        "set": watch,
        "account": account or environment.place.account,
        "region": region or environment.place.region,
        "stack": environment.stack,
    }


def footer(environment: Environment) -> str:
    """Which version of what wrote this."""
    return f"trailwarden {clean(environment.version, 40)} · stack {clean(environment.stack, 100)}"


def _ascii(text: str) -> str:
    return clean(text, LIMIT)
