"""Putting drifted settings back: the fewest calls, only what drifted, and what became of each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.retry import Clock, call

from guardian.drift import Drift
from guardian.fields import FIELDS, Call
from guardian.trail import NOT_FOUND
from guardian.wanted import Wanted

_CHANGE_WAIT_S = 1.1  # one change a second (CloudTrail quotas)
# UpdateTrail calls this one otherwise than GetTrail does; everything else has one name.
_PARAMETERS = {
    field.name: {"LogFileValidationEnabled": "EnableLogFileValidation"}.get(field.key, field.key)
    for field in FIELDS
    if field.call is Call.UPDATE
}
# CloudTrail wants both of these in one call (API UpdateTrail).
_TOGETHER = {"log_group": "role", "role": "log_group"}


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One call that was answered: what it put back, when, and the code AWS refused it with ("" when it did not)."""

    call: str
    labels: tuple[str, ...]
    at: datetime
    error_code: str = ""

    @property
    def finds_no_trail(self) -> bool:
        """Somebody deleted the trail that was to be put back."""
        return self.error_code == NOT_FOUND


def put_back(
    cloudtrail: Any,
    trail_arn: str,
    drifts: Sequence[Drift],
    *,
    wanted: Wanted,
    clock: Clock,
    until: float,
    note: Callable[[str], None],
) -> tuple[Repair, ...]:
    """Change the trail to what is wanted, field by field where AWS refuses the whole. No try begins after `until`,
    nor after AWS says that there is no such trail.

    `note` is told the AWS request id of each call that was made: by it the guardian knows its own events.
    """

    def send(group: Sequence[Drift]) -> Repair:
        operation = group[0].field.call
        answer = call(
            _request(cloudtrail, trail_arn, group, wanted), clock=clock, until=until, first_wait_s=_CHANGE_WAIT_S
        )
        if isinstance(answer.value, Mapping):
            note(str(answer.value.get("ResponseMetadata", {}).get("RequestId", "")))
        return Repair(
            call=operation,
            labels=tuple(drift.field.label for drift in group),
            at=clock.now(),
            error_code=answer.error_code,
        )

    repairs: list[Repair] = []
    for operation in Call:
        group = [drift for drift in drifts if drift.field.call is operation]
        if not group:
            continue
        whole = send(group)
        if whole.finds_no_trail:
            return (*repairs, whole)
        parts = list(_parts(group))
        # A bucket that is gone must not keep the trail single-region.
        repairs += [send(part) for part in parts] if whole.error_code and len(parts) > 1 else [whole]
    return tuple(repairs)


def _parts(drifts: Iterable[Drift]) -> Iterator[list[Drift]]:
    by_group: dict[str, list[Drift]] = {}
    for drift in drifts:
        by_group.setdefault(drift.field.group, []).append(drift)
    yield from by_group.values()


def _request(cloudtrail: Any, trail_arn: str, group: Sequence[Drift], wanted: Wanted) -> Callable[[], Any]:
    match group[0].field.call:
        case Call.EVENTS:
            return lambda: cloudtrail.put_event_selectors(TrailName=trail_arn, **wanted.selectors)
        case Call.INSIGHTS:
            kinds = _insights(wanted)
            return lambda: cloudtrail.put_insight_selectors(TrailName=trail_arn, InsightSelectors=kinds)
        case _:
            parameters = _update(group, wanted)
            return lambda: cloudtrail.update_trail(Name=trail_arn, **parameters)


def _insights(wanted: Wanted) -> list[dict[str, Any]]:
    """As PutInsightSelectors takes them, with the categories said outright: they overwrite those that are there."""
    by_kind: dict[str, list[str]] = {}
    for kind, category in sorted(wanted.setup.insights):
        by_kind.setdefault(kind, []).append(category)
    return [{"InsightType": kind, "EventCategories": categories} for kind, categories in by_kind.items()]


def _update(group: Sequence[Drift], wanted: Wanted) -> dict[str, Any]:
    names = {drift.field.name for drift in group}
    names |= {_TOGETHER[name] for name in names & _TOGETHER.keys()}
    parameters = {_PARAMETERS[name]: getattr(wanted.setup, name) for name in _PARAMETERS if name in names}
    if "CloudWatchLogsLogGroupArn" in parameters:  # UpdateTrail takes the group's ARN only with this ending
        parameters["CloudWatchLogsLogGroupArn"] += ":*"
    return parameters
