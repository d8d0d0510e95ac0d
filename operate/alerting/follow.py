"""One alarm set by hand, and the alert followed through CloudWatch, topic and explainer to the subscribers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import account
from account import Alarm, CouldNotLook, Found, Session, found_or, name_of
from operate.alerting.hops import Way
from operate.alerting.seen import Seen
from operate.deployed import Deployed, Runner
from operate.progress import Patience

MARK = "TEST of trailwarden alerts"
"""What the reason begins with: the explainer tells such an alarm as a test, and CloudWatch's own mails show it."""
_SKEW = timedelta(minutes=15)
"""How far this machine's clock may differ from those of AWS, which signs and stamps what is looked for."""


def new_id() -> str:
    """An id that is in the alarm's reason, in the mail and in the explainer's log."""
    return secrets.token_hex(6)


@dataclass(kw_only=True)
class Follow:
    """One test of one alarm."""

    deployed: Deployed
    alarm: Alarm
    patience: Patience
    tell: Callable[[str], None]
    test: str = field(default_factory=new_id)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self.way = Way(alarm=self.alarm.name, region=self.alarm.region)
        self._seen = Seen(session=self.session, alarm=self.alarm, test=self.test, since=self.now() - _SKEW)

    @property
    def session(self) -> Session:
        """Who asks."""
        return self.deployed.session

    @property
    def explainer(self) -> Runner | None:
        """The function that explains this alarm; None where alarms mail for themselves."""
        return next(
            (
                each
                for each in self.deployed.explainers
                if (each.region, each.environment["METRIC_NAMESPACE"]) == (self.alarm.region, self.alarm.namespace)
            ),
            None,
        )

    def run(self) -> Way:
        """Set the alarm, follow the alert, put the alarm back whatever happens."""
        self._look_at_alarm()
        if not self.way.is_open:
            return self.way
        is_set = True  # until AWS has refused it: Ctrl-C may come before the answer does
        try:
            is_set = self._ring()
            if is_set and self.way.is_open:
                self._see()
            if self.way.is_open:
                self._act()
            if self.way.is_open and self.explainer is None:
                self._plain()
            elif self.way.is_open and self.explainer is not None:
                self._explain(self.explainer)
            if self.way.is_open:
                self._subscribers()
        finally:
            if is_set:
                self._put_back()
        return self.way

    # -- hops

    def _look_at_alarm(self) -> None:
        alarm, way, where = self.alarm, self.way, f"--region {self.alarm.region}"
        if alarm.state == "ALARM":
            way.failed(
                "alarm",
                f"alarm {alarm.name} is in ALARM now, and CloudWatch tells only of changes",
                fix=f"wait until it is quiet, {alarm.period // 60 * alarm.evaluation_periods} minutes after its last "
                "event, or test another set with --set",
                evidence=alarm.state_reason,
            )
        elif not alarm.actions_enabled:
            way.failed(
                "alarm",
                f"the actions of alarm {alarm.name} are disabled: it rings and tells nobody",
                fix=f"aws cloudwatch enable-alarm-actions {where} --alarm-names '{alarm.name}'",
            )
        elif not self._topics():
            way.failed("alarm", f"alarm {alarm.name} acts on no topic", fix=self._deploy)
        else:
            way.proved("alarm", f"alarm {alarm.name} is {alarm.state} and acts on {self._named(self._topics())}")

    def _ring(self) -> bool:
        """Whether the alarm was set."""
        self.tell(f"setting alarm {self.alarm.name} to ALARM")
        reason = f"{MARK} {self.test} by {self.deployed.identity.arn}: no event stands behind it"
        told = self._seen.set_state("ALARM", reason)
        if isinstance(told, CouldNotLook):
            self.way.blind("state", f"alarm {self.alarm.name} could not be set", told)
        return isinstance(told, Found)

    def _see(self) -> None:
        seen = self.patience.until(self._seen.change)
        if isinstance(seen, CouldNotLook):
            self.way.blind("state", "the alarm's history", seen)
        elif seen is None:
            self.way.failed(
                "state",
                f"the history of {self.alarm.name} does not show the change after {self._waited}",
                fix="look at the alarm in the console; CloudWatch may be slow, so try again",
            )
        else:
            self.way.proved("state", f"the alarm went to ALARM at {_time(seen)}", evidence=str(seen["HistorySummary"]))

    def _act(self) -> None:
        self.tell("waiting for the alarm to tell its topic")
        topics = self._topics()
        seen = self.patience.until(lambda: self._seen.action(topics))
        if isinstance(seen, CouldNotLook):
            self.way.blind("action", "the alarm's history", seen)
        elif seen is None:
            self.way.failed(
                "action", f"the alarm ran no action within {self._waited}", fix="try again; then look at its history"
            )
        elif str(seen["HistorySummary"]).startswith("Failed"):
            self.way.failed(
                "action",
                f"CloudWatch may not publish to {self._named(topics)}",
                fix="the topic's policy must allow cloudwatch.amazonaws.com sns:Publish, and its key kms:Decrypt and "
                f"kms:GenerateDataKey*: {self._deploy}, and `check` says what is missing",
                evidence=str(seen["HistorySummary"]),
            )
        else:
            self.way.proved("action", f"{self._named(topics)} took it at {_time(seen)}")

    def _explain(self, explainer: Runner) -> None:
        if self._is_cut_off(explainer):
            return
        self.tell("waiting for the explainer")
        told = self.patience.until(lambda: self._seen.logged(explainer))
        if isinstance(told, CouldNotLook):
            self.way.blind("explainer", f"the log of {explainer.name}", told)
            return
        if told is None:
            self.way.failed(
                "explainer",
                f"{explainer.name} has not told of the test within {self._waited}",
                fix=f"look at its log group {explainer.log_group} and at its dead-letter queue; `check` looks at its "
                "permissions, its code and its errors",
            )
            return
        self.way.proved("explainer", f"{explainer.name} was called and knows the test")
        topic = name_of(explainer.environment.get("ALERTS_TOPIC_ARN", ""))
        if told.get("reported"):
            self.way.proved("published", f"{topic} took the mail", evidence=f"SNS message {told.get('snsMessageId')}")
        else:
            self.way.failed(
                "published",
                f"{explainer.name} could not publish to {topic}",
                fix=f"its role, the topic's policy and its key must let it: {self._deploy}, and `check` says which",
                evidence=str(told.get("error") or ""),
            )

    def _plain(self) -> None:
        """The alarm's own message is what people get: there is no explainer to go through."""
        self.way.proved("explainer", "alarms of this stack are told as they are (alerts.explain is false)")
        self.way.proved("published", f"{self._named(self._topics())} took the alarm's own message")

    def _is_cut_off(self, explainer: Runner) -> bool:
        """Whether the explainer cannot be called at all: nobody need wait for it."""
        if found_or(self._seen.reserved(explainer), None) == 0:
            self.way.failed(
                "explainer",
                f"{explainer.name} may not run: its reserved concurrency is 0",
                fix=f"aws lambda delete-function-concurrency --region {explainer.region} "
                f"--function-name {explainer.name}",
            )
            return True
        listeners = [account.subscriptions(self.session, topic) for topic in self._topics()]
        known = [each for answer in listeners for each in found_or(answer, ())]
        is_blind = any(isinstance(answer, CouldNotLook) for answer in listeners)
        if not is_blind and not any(name_of(each.endpoint).split(":")[0] == explainer.name for each in known):
            self.way.failed(
                "explainer",
                f"{explainer.name} is not subscribed to {self._named(self._topics())}",
                fix=self._deploy,
            )
            return True
        return False

    def _subscribers(self) -> None:
        topics = self._topics()
        if self.explainer is not None:
            topics = (self.explainer.environment["ALERTS_TOPIC_ARN"],)
        people: list[account.Subscription] = []
        for topic in topics:
            answer = account.subscriptions(self.session, topic)
            if isinstance(answer, CouldNotLook):
                self.way.blind("subscribers", f"who is on {name_of(topic)}", answer)
                return
            people += found_or(answer, ())
        pending = [each for each in people if each.is_pending]
        if pending or not people:
            names = ", ".join(f"{each.protocol} {each.endpoint}" for each in pending)
            self.way.failed(
                "subscribers",
                f"not confirmed, so not told: {names}" if pending else f"nobody is on {self._named(topics)}",
                fix="ask them for the mail “AWS Notification - Subscription Confirmation”; "
                "`check --resend ADDRESS` sends it again"
                if pending
                else f"add emails or subscribers to the stack file; {self._deploy}",
            )
            return
        choosy = [each for each in people if _filter_of(each)]
        told = ", ".join(f"{each.protocol} {each.endpoint}" for each in people)
        more = f" ({len(choosy)} with a filter, which may leave this set out)" if choosy else ""
        self.way.proved("subscribers", f"handed to {told}{more}")

    def _put_back(self) -> None:
        """Also when somebody has pressed Ctrl-C: an alarm that stays in ALARM tells nobody of the next event."""
        before = self.alarm.state or "OK"
        told = self._seen.set_state(before, f"{MARK} {self.test} is over")
        if isinstance(told, Found):
            self.way.proved("back", f"alarm {self.alarm.name} is {before} again")
            return
        command = (
            f"aws cloudwatch set-alarm-state --region {self.alarm.region} --alarm-name '{self.alarm.name}' "
            f"--state-value {before} --state-reason 'test is over'"
        )
        self.way.failed(
            "back",
            f"alarm {self.alarm.name} could not be put back",
            fix=f"CloudWatch does so when it looks at the metric again, within minutes; or: {command}",
            evidence=str(told),
        )

    # -- words

    def _topics(self) -> tuple[str, ...]:
        return tuple(arn for arn in self.alarm.alarm_actions if ":sns:" in arn)

    @property
    def _deploy(self) -> str:
        return f"pulumi up --stack {self.deployed.stack}"

    @property
    def _waited(self) -> str:
        return f"{self.patience.timeout_s:.0f} s"

    @staticmethod
    def _named(topics: tuple[str, ...]) -> str:
        return "topic " + ", ".join(name_of(topic) for topic in topics)


def _filter_of(subscription: account.Subscription) -> str:
    return found_or(subscription.details.map(lambda each: each.filter_policy), "")


def _time(item: Mapping[str, Any]) -> str:
    return f"{item['Timestamp'].astimezone(UTC):%H:%M:%S} UTC"
