"""What the sandbox reads of ministack's inside, under names of ours. What it replaces is in the `_patch…` modules.

ministack is pinned to one version, and most of what is reached there has no public name. `_needed` lists all of it, so
that an upgrade has one place to look, and `Emulator` refuses to start when something is gone. Nothing is copied from
ministack: functions are called, wrapped, or replaced by ones of ours.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sandbox._needed import NEEDED_NAMES, SUPPORTED_VERSION

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[Answer]]


class WrongEmulatorError(RuntimeError):
    """The installed ministack is not the one the sandbox was written for, or was imported too early."""


@dataclass(frozen=True)
class Credential:
    """Whose an access key is. `kind`: Root, User, AssumedRole or FederatedUser; `issued_at`: epoch seconds."""

    access_key: str
    account: str
    arn: str
    principal_id: str
    kind: str
    name: str
    issued_at: float | None = None


@dataclass(frozen=True)
class Point:
    """One datum of a metric: epoch seconds, and how often, in sum, at least and at most its value was seen.

    `who` is the contributor, for the counts of a Contributor Insights rule.
    """

    at: float
    count: float
    total: float
    low: float
    high: float
    who: str = ""


class Emulator:
    """ministack in this process. Make it only after the environment is set: ministack reads that at import."""

    def __init__(self) -> None:
        self._modules: dict[str, Any] = {}
        missing: list[str] = []
        for module, names in NEEDED_NAMES.items():
            self._modules[module] = importlib.import_module(f"ministack.{module}")
            missing += [f"{module}.{name}" for name in names if not hasattr(self._modules[module], name)]
        if missing:
            raise WrongEmulatorError(
                f"the sandbox needs ministack=={SUPPORTED_VERSION}; the one installed lacks {', '.join(missing)}"
            )
        if not self.inside("app", "AUTH"):
            raise WrongEmulatorError(
                "ministack was imported without AUTH=true: start the sandbox in a process of its own"
            )

    def inside(self, module: str, name: str) -> Any:
        """A name of ministack's, looked up now (it may have been replaced)."""
        return getattr(self._modules[module], name)

    def replace(self, module: str, name: str, replacement: Any) -> Any:
        """Put `replacement` where ministack looks `name` up; returns what was there."""
        original = self.inside(module, name)
        setattr(self._modules[module], name, replacement)
        return original

    @property
    def asgi(self) -> Callable[..., Awaitable[None]]:
        """The ASGI application: it checks signatures and policies, then lets the service answer."""
        return self.inside("app", "app")

    @property
    def handlers(self) -> MutableMapping[str, Handler]:
        """Service (`monitoring` for CloudWatch) to handler. A handler asks for no credentials."""
        return self.inside("app", "SERVICE_HANDLERS")

    # -- scope and callers

    @contextmanager
    def scope(self, account: str, region: str) -> Iterator[None]:
        """Act in one account and region: all of ministack's stores are seen through it."""
        with self.inside("core.responses", "request_scope")(account, region):
            yield

    def here(self) -> tuple[str, str]:
        """The account and region in scope."""
        return self.inside("core.responses", "get_account_id")(), self.inside("core.responses", "get_region")()

    def access_key(self, headers: Mapping[str, str], query: Mapping[str, list[str]]) -> str | None:
        """The access key a request was signed with; None for an unsigned one."""
        return self.inside("core.router", "extract_access_key_id")(dict(headers), dict(query)) or None

    def credential(self, access_key: str, account: str) -> Credential | None:
        """Whose an access key is; None when it is nobody's, inactive or expired."""
        session = self.inside("services.sts", "_sessions").get(access_key) or {}
        found = self.inside("core.iam_evaluator", "resolve_credential")(access_key, account)
        if not hasattr(found, "principal_arn"):
            return None
        return Credential(
            access_key=access_key,
            account=found.account_id,
            arn=found.principal_arn,
            principal_id=found.principal_id,
            kind=found.principal_type,
            name=found.principal_name,
            issued_at=session.get("IssuedAt"),
        )

    def account_of(self, access_key: str) -> str:
        """The account an access key acts in."""
        session = self.inside("services.sts", "_sessions").get(access_key)
        if session:
            return session.get("AccountId") or session["Arn"].split(":")[4]
        return self.inside("core.iam_evaluator", "find_iam_access_key_account")(access_key) or (
            access_key if access_key.isdigit() else "000000000000"
        )

    # -- policies

    def resource_policy(self, service: str, arn: str) -> Mapping[str, Any] | str | None:
        """A resource's own policy; None when the resource does not exist, empty when it has no policy."""
        found = self.inside("core.iam_evaluator", "_resource_policy")(service, arn)
        return None if found is None else found[0] or ""

    def service_may(
        self,
        service: str,
        action: str,
        *,
        on: str,
        policy: Mapping[str, Any] | str | None,
        context: Mapping[str, str],
    ) -> bool:
        """Whether a policy lets an AWS service act on the resource `on`. `context`: condition keys and values."""
        asked = self._asked("*", "Service", "", action, on, context)  # "*": no account-wide grant covers a service
        evaluate = self.inside("core.iam_evaluator", "evaluate_resource_policy")
        return evaluate(policy, asked, service=service).decision == "Allow"

    def role_may(self, role_arn: str, action: str, *, on: str) -> bool:
        """Whether a role's own policies allow an action; False when there is no such role."""
        account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        policies = self.inside("core.iam_evaluator", "_gather_role_policies")(name, account)
        asked = self._asked(role_arn, "AssumedRole", account, action, on, {})
        return self.inside("core.iam_evaluator", "evaluate")(asked, policies).decision == "Allow"

    def caller_may(self, access_key: str, action: str, *, on: str, context: Mapping[str, str]) -> bool:
        """Whether a caller may do what a call of theirs implies. For kms the key's policy must allow it too."""
        service = action.split(":", 1)[0]
        denied = self.inside("core.iam_evaluator", "enforce")(
            access_key, action, service, self.here()[1], resource_arn=on, service_context=dict(context)
        )
        return denied is None

    def role(self, role_arn: str) -> Mapping[str, Any] | None:
        """A role by ARN (`Arn`, `RoleId`, `AssumeRolePolicyDocument`); None when there is none."""
        account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        return self.inside("services.iam", "_roles").get_scoped(account, None, name)

    def _asked(self, arn: str, kind: str, account: str, action: str, on: str, context: Mapping[str, str]) -> Any:
        return self.inside("core.iam_evaluator", "EvalContext")(
            principal_arn=arn,
            principal_type=kind,
            principal_account=account,
            action=action,
            resource_arn=on,
            region=self.here()[1],
            secure_transport=True,
            service_context={key.lower(): value for key, value in context.items()},
        )

    def key(self, reference: str) -> Mapping[str, Any] | None:
        """A KMS key by id, ARN or alias (`Arn`, `Policy`, `KeyState`); None when there is none in scope."""
        return self.inside("services.kms", "_resolve_key")(reference)

    def bucket_region(self, bucket: str) -> str | None:
        """The region a bucket is in; None when there is no such bucket."""
        return self.inside("services.s3", "bucket_region")(bucket)

    # -- topics

    def topic(self, arn: str) -> dict[str, Any] | None:
        """A topic of the region in scope (`attributes`, `subscriptions`), whichever account owns it."""
        return self.inside("services.sns", "_topic_by_arn_any_scope")(arn)

    def all_topics(self) -> list[dict[str, Any]]:
        """The topics of every account and region."""
        return list(self.inside("services.sns", "_topics").all_values())

    # -- trails

    def trails(self, account: str) -> list[tuple[dict[str, Any], list[dict[str, Any]] | None]]:
        """An account's trails (as GetTrail shows them, and `IsLogging`) with their event selectors, None if default."""
        selectors = self.inside("services.cloudtrail", "_event_selectors")
        return [
            (dict(trail), selectors.get_scoped(account, region, name))
            for (owner, region, name), trail in list(self.inside("services.cloudtrail", "_trails").all_items())
            if owner == account
        ]

    # -- metrics and alarms

    def alarms(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Every metric alarm as (account, region, alarm)."""
        stored = list(self.inside("services.cloudwatch", "_alarms").all_items())
        return [(account, region, alarm) for (account, region, _name), alarm in stored]

    def points(self, namespace: str, metric: str, dimensions: Mapping[str, str], *, since: float) -> list[Point]:
        """Data of one metric in scope that are newer than `since` (epoch seconds)."""
        statistics = self.inside("services.cloudwatch", "_point_stats")
        found: list[Point] = []
        for key, data in list(self.inside("services.cloudwatch", "_metrics").items()):
            if key[:2] == (namespace, metric):
                found += [
                    Point(datum["Timestamp"], *statistics(datum))
                    for datum in list(data)
                    if datum["Timestamp"] > since and (datum.get("Dimensions") or {}) == dict(dimensions)
                ]
        return found

    def queue_depth(self, name: str) -> int | None:
        """How many messages of a queue in scope can be received now; None when there is no such queue."""
        now = time.time()  # queues live by the machine's clock
        for url, queue in list(self.inside("services.sqs", "_queues").items()):
            if url.rpartition("/")[2] == name:
                return sum(message["visible_at"] <= now for message in list(queue["messages"]))
        return None

    def note_alarm_history(self, entry: Mapping[str, str]) -> None:
        """Append an entry to the alarm history in scope."""
        self.inside("services.cloudwatch", "_history_entries")().append(dict(entry))

    # -- events and functions

    def put_aws_event(self, event: Mapping[str, Any], *, rule_states: Collection[str]) -> None:
        """Give an event of AWS itself to the rules of the default bus in scope that are in one of these states.

        `event`: EventId, Source, DetailType, Detail (JSON text), Time (epoch seconds), Resources; Region if it is not
        the one in scope.
        """
        account, region = self.here()
        full = {"Region": region, **event, "EventBusName": "default", "Account": account}
        view = self.inside("services.eventbridge", "_pattern_event_view")(full)
        targets = self.inside("services.eventbridge", "_targets")
        for key, rule in list(self.inside("services.eventbridge", "_rules").items()):
            if rule.get("EventBusName", "default") != "default" or rule.get("State") not in rule_states:
                continue
            pattern = rule.get("EventPattern")
            if pattern and self.inside("services.eventbridge", "_matches_pattern_view")(pattern, view, f"rule {key}"):
                for target in list(targets.get(key, [])):
                    self.inside("services.eventbridge", "_invoke_target")(target, full, rule, view)

    def invoke(self, function_arn: str, event: Any) -> bool:
        """Run a function asynchronously: retries, then its on-failure destination. False when there is none."""
        record, config, _name = self.inside("services.lambda_svc", "_get_func_record_for_ref")(function_arn)
        if not record or not config:
            return False
        self.inside("services.lambda_svc", "invoke_async_with_retry")({**record, "config": config}, event)
        return True

    def schedules(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Every schedule of EventBridge Scheduler, as GetSchedule shows it, with its account and region."""
        stored = list(self.inside("services.scheduler", "_schedules").all_items())
        return [(account, region, schedule) for (account, region, _key), schedule in stored]

    def function_role(self, function_name: str) -> str:
        """The execution role's ARN of a function in scope; empty when there is no such function."""
        _record, config, _name = self.inside("services.lambda_svc", "_get_func_record_for_ref")(function_name)
        return (config or {}).get("Role", "")
