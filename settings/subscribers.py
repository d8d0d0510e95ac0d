"""The settings of those who are told by another way than plain mail."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from settings import endpoints
from settings.filters import Filter
from settings.kinds import (
    Backoff,
    ClearTextReason,
    Endpoint,
    Gets,
    Protocol,
    Rate,
    Retries,
    RetryDelay,
    SecretName,
    Switch,
)
from settings.limits import MAX_RETRY_TOTAL_S
from settings.problems import CheckError
from settings.section import Section

WEB = ("http", "https")
"""The protocols by which SNS posts to a URL."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One subscription to a topic, as the program makes it.

    Where messages go is `endpoint`, or what the stack's secret called `secret` holds. `label` names it in the program:
    it never holds a secret, and stays when others come and go.
    """

    protocol: str
    endpoint: str | None = None
    secret: str | None = None
    label: str
    is_raw: bool = False
    delivery_policy: Mapping[str, Any] | None = None
    filter_policy: Mapping[str, Any] | None = None
    has_dead_letters: bool = False

    @property
    def short_label(self) -> str:
        """At most 17 letters, digits and hyphens that no other subscription to the topic has."""
        return f"{self.protocol}-{hashlib.sha256(self.label.encode()).hexdigest()[:6]}"


class Retry(Section):
    """How SNS tries again when a URL does not answer; the keys are those of an SNS delivery policy, times in seconds.

    The tries come in four phases: without delay, at the least delay, with growing delays, at the longest delay.
    """

    EXAMPLE: ClassVar[str] = "{numRetries: 10, minDelayTarget: 5, maxDelayTarget: 300}"
    num_retries: Retries = Field(default=3, description="How often in all, 0 to 100.")
    min_delay_target: RetryDelay = Field(default=20, description="The least delay.")
    max_delay_target: RetryDelay = Field(default=20, description="The longest delay, at least the least.")
    num_no_delay_retries: Retries = Field(default=0, description="How many of the tries come at once.")
    num_min_delay_retries: Retries = Field(default=0, description="How many then follow at the least delay.")
    num_max_delay_retries: Retries = Field(default=0, description="How many come last, at the longest delay.")
    backoff_function: Backoff = Field(
        default="linear", description="How delays grow in between: linear, arithmetic, geometric or exponential."
    )
    max_receives_per_second: Rate | None = Field(
        default=None, description="At most so many messages a second. Left out: no limit."
    )

    @property
    def policy(self) -> dict[str, Any]:
        """The SNS delivery policy of a subscription."""
        healthy = {
            "minDelayTarget": self.min_delay_target,
            "maxDelayTarget": self.max_delay_target,
            "numRetries": self.num_retries,
            "numNoDelayRetries": self.num_no_delay_retries,
            "numMinDelayRetries": self.num_min_delay_retries,
            "numMaxDelayRetries": self.num_max_delay_retries,
            "backoffFunction": self.backoff_function,
        }
        throttle = {"maxReceivesPerSecond": self.max_receives_per_second}
        return {"healthyRetryPolicy": healthy} | (
            {"throttlePolicy": throttle} if self.max_receives_per_second is not None else {}
        )

    @property
    def longest_s(self) -> int:
        """How long all tries take at most, in seconds.

        Delays that grow in a straight line take their mean. AWS draws the other functions and gives no formula, so
        each of their delays counts as the longest.
        """
        growing = self.num_retries - self._placed
        each = (self.min_delay_target + self.max_delay_target) / 2
        if self.backoff_function != "linear":
            each = self.max_delay_target
        fixed = self.num_min_delay_retries * self.min_delay_target + self.num_max_delay_retries * self.max_delay_target
        return round(fixed + growing * each)

    @property
    def _placed(self) -> int:
        return self.num_no_delay_retries + self.num_min_delay_retries + self.num_max_delay_retries

    def contradictions(self) -> Iterator[tuple[str, CheckError]]:
        """(key, what is wrong) where values do not go together."""
        if self.max_delay_target < self.min_delay_target:
            allowed = f"at least minDelayTarget, which is {self.min_delay_target}"
            yield "maxDelayTarget", CheckError("is too short", value=self.max_delay_target, allowed=allowed)
        elif self._placed > self.num_retries:
            problem = f"is less than the {self._placed} retries of its phases"
            yield "numRetries", CheckError(problem, value=self.num_retries, allowed=f"at least {self._placed}")
        elif self.longest_s > MAX_RETRY_TOTAL_S:
            yield (
                "",
                CheckError(
                    f"the retries may take {self.longest_s:,} seconds",
                    allowed=f"at most {MAX_RETRY_TOTAL_S:,} seconds, a limit of SNS",
                ),
            )


class Subscriber(Section):
    """One who is told by another way than plain mail. `docs/channels.md` says what each way needs."""

    EXAMPLE: ClassVar[str] = "{protocol: email-json, endpoint: robot@example.com}"
    protocol: Protocol = Field(
        description="`email-json`, `sms`, `sqs`, `lambda`, `https` or `http`. AWS charges for each text message, and "
        "sends none before the account has left the SMS sandbox of SNS."
    )
    endpoint: Endpoint | None = Field(
        default=None,
        description='A mail address; for `sms` a telephone number in quotes, such as `"+15555550123"`; for `sqs` and '
        "`lambda` an ARN; for `https` and `http` a URL without a password in it.",
    )
    endpoint_secret: SecretName | None = Field(
        default=None,
        description="`https` only: the name of the stack's secret that holds the URL, made by "
        "`pulumi config set --secret trailwarden:NAME`.",
    )
    gets: Gets = Field(
        default="everything",
        description="`alerts`; `last-resort`: only that the watching itself has failed; `everything`: both.",
    )
    filter: Filter | None = Field(
        default=None,
        description="Only a part of the alerts. What the last resort tells is never filtered. Left out: all of them.",
    )
    raw: Switch = Field(
        default=False,
        description="`sqs`, `https` and `http`: the message alone, without the envelope of SNS.",
    )
    retry: Retry | None = Field(
        default=None, description="`https` and `http`: how often SNS tries again. Left out: 3 times, 20 seconds apart."
    )
    dead_letters: Switch = Field(
        default=False,
        description="Whether what could not be delivered is kept in a queue, with an alarm on it that tells the last "
        "resort.",
    )
    clear_text_reason: ClearTextReason | None = Field(
        default=None, description="`http` only, and needed there: why alerts may cross the network in clear text."
    )

    @field_validator("endpoint")
    @classmethod
    def _endpoint_fits_protocol(cls, value: str | None, info: ValidationInfo) -> str | None:
        protocol = info.data.get("protocol")  # missing where it was refused
        return value if protocol is None or value is None else endpoints.endpoint(value, protocol=protocol)

    @property
    def label(self) -> str:
        """What the subscription is called in the program."""
        where = self.endpoint_secret or self.endpoint or ""
        if self.protocol in ("sqs", "lambda"):
            where = where.split(":", 3)[3].replace(":", "-")  # region, account and name are what tells them apart
        elif self.protocol in WEB:
            where = where.removeprefix(f"{self.protocol}://")
        else:
            where = where.lower()
        return f"{self.protocol}-{where}"

    @property
    def recipient(self) -> Recipient:
        """What its subscriptions look like."""
        return Recipient(
            protocol=self.protocol,
            endpoint=self.endpoint,
            secret=self.endpoint_secret,
            label=self.label,
            is_raw=self.raw,
            delivery_policy=self.retry.policy if self.retry else None,
            filter_policy=self.filter.policy if self.filter else None,
            has_dead_letters=self.dead_letters,
        )

    def contradictions(self) -> Iterator[tuple[tuple[str, ...], CheckError]]:
        """(keys, what is wrong) where its values do not go together."""
        yield from self._where()
        if self.raw and self.protocol not in ("sqs", *WEB):
            yield ("raw",), CheckError(f"does not exist for {self.protocol}", allowed="sqs, https or http")
        if self.retry and self.protocol not in WEB:
            yield (
                ("retry",),
                CheckError(f"cannot be changed for {self.protocol}", allowed="https or http; SNS fixes the others"),
            )
        for key, error in self.retry.contradictions() if self.retry else ():
            yield ("retry", key) if key else ("retry",), error
        if self.filter and self.gets == "last-resort":
            problem = "has no meaning for the last resort, which tells everything that fails"
            yield ("filter",), CheckError(problem, allowed="gets: everything or alerts, or no filter")

    def _where(self) -> Iterator[tuple[tuple[str, ...], CheckError]]:
        if (self.endpoint is None) == (self.endpoint_secret is None):
            if self.endpoint is not None:
                yield ("endpointSecret",), CheckError("there is an endpoint too", allowed="one of the two")
            else:
                example = " or endpointSecret: webhookUrl" if self.protocol == "https" else ""
                yield (
                    ("endpoint",),
                    CheckError(f"is missing; write for example {EXAMPLES[self.protocol]}{example}"),
                )
        if self.endpoint_secret is not None and self.protocol != "https":
            why = "; over http it could be read on its way" if self.protocol == "http" else ""
            yield ("endpointSecret",), CheckError(f"is for https only{why}", allowed="endpoint")
        if self.protocol == "http" and self.clear_text_reason is None:
            problem = "is needed: anybody on the way can read, and change, what is sent over http"
            yield ("clearTextReason",), CheckError(problem, allowed="protocol https, or a reason in words")
        if self.protocol != "http" and self.clear_text_reason is not None:
            yield ("clearTextReason",), CheckError(f"has no meaning for {self.protocol}", allowed="http")


EXAMPLES: Mapping[str, str] = {
    "email-json": "endpoint: robot@example.com",
    "sms": 'endpoint: "+15555550123"',
    "sqs": "endpoint: arn:aws:sqs:eu-west-1:111122223333:alerts",
    "lambda": "endpoint: arn:aws:lambda:eu-west-1:111122223333:function:alerts",
    "https": "endpoint: https://alerts.example.com/trailwarden",
    "http": "endpoint: http://alerts.example.com/trailwarden",
}
"""How an endpoint is written, by protocol."""
