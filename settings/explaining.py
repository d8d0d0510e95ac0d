"""What the explainer is told of a stack: what is watched, what is suppressed, and which events come at once."""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import filterpattern
from catalog import EVENT_SETS
from settings.burst import ANY_ADDRESS, TITLE, WHY, Burst, insight_rule_name
from settings.sites import TrailSite
from settings.trail_calls import TRAIL_CALLS
from settings.watches import Watch

if TYPE_CHECKING:
    from settings.model import Settings

DETAIL_TYPES = (
    "AWS API Call via CloudTrail",
    "AWS Console Action via CloudTrail",
    # AWS's page and rules in the field spell it differently.
    "AWS Console Sign In via CloudTrail",
    "AWS Console Signin via CloudTrail",
    "AWS Service Event via CloudTrail",
)
MAX_EVENT_PATTERN = 2048
"""Characters of an event pattern, EventBridge quotas."""
_LONGEST_REGION = "ap-southeast-99"


def comes_at_once(watch: Watch) -> bool:
    """Whether each of its events is told at once: critical, each worth a mail, and a rule can find it."""
    return watch.severity == "critical" and watch.threshold == 1 and _detail(watch) is not None


def event_patterns(watches: Iterable[Watch], *, made_in: str | None = None) -> tuple[str, ...]:
    """Event patterns that together find the events of those that come at once, as few as AWS's limit allows.

    With `made_in` only events of that region, and none that were forwarded to it.

    A rule may find more: the explainer asks the watch's own pattern again. Events of AWS only, so that nobody can make
    some up (no other source may begin with `aws.`).
    """
    rules: list[list[Any]] = []
    alone: list[str] = []
    for watch in watches:
        if not comes_at_once(watch):
            continue
        detail = _detail(watch)
        assert detail is not None
        alternatives = detail["$or"] if set(detail) == {"$or"} else [detail]
        if any("$or" in each for each in alternatives):  # one inside another is not documented
            alone.append(_written(alternatives, made_in))
        elif rules and len(_written([*rules[-1], *alternatives], made_in)) <= MAX_EVENT_PATTERN:
            rules[-1] += alternatives
        else:
            rules.append(list(alternatives))
    return (*(_written(each, made_in) for each in rules), *alone)


def insight_rules_of(settings: "Settings", region: str) -> dict[str, str]:
    """The names of the Contributor Insights rules of the trails in a home region, by trail."""
    if settings.burst is None:
        return {}
    return {
        each.name: insight_rule_name(settings.stack, each.suffix) for each in settings.trails if each.region == region
    }


def facts_of(settings: "Settings", site: TrailSite) -> dict[str, Any]:
    """The facts that travel in the archive of one trail's explainer; what they are stands in `explainer.facts`."""
    insight_rule = insight_rules_of(settings, site.region).get(site.name, "")
    burst = [_of_burst(settings.burst, insight_rule)] if settings.burst else []
    return {
        "watches": [*map(_of, settings.watches), *burst],
        "suppressions": [
            {
                "name": each.name,
                "pattern": each.pattern,
                "reason": each.reason,
                "until": each.ends_at.isoformat() if each.ends_at else None,
            }
            for each in settings.alerts.suppressions
        ],
        "guarded": list(TRAIL_CALLS),
        "mutes": [
            {"name": each.name, "reason": each.reason, "sets": list(each.sets), "windows": each.windows.document()}
            for each in settings.alerts.mutes
        ],
    }


def _of(watch: Watch) -> dict[str, Any]:
    entry = EVENT_SETS.get(watch.name) if watch.kind == "event-set" else None
    return {
        "name": watch.name,
        "title": watch.title,
        "why": watch.why,
        "advice": entry.runbook if entry else "",
        "severity": watch.severity,
        "threshold": watch.threshold,
        "period": watch.period,
        "metric": watch.metric,
        "kind": watch.kind,
        "pack": entry.pack if entry else "",
        # Where the pattern holds names that only the deployment knows, the deployed filter has it.
        "pattern": watch.pattern or "",
        "byEvent": comes_at_once(watch),
    }


def _of_burst(burst: Burst, insight_rule: str) -> dict[str, Any]:
    return {
        "name": ANY_ADDRESS,
        "title": TITLE,
        "why": WHY,
        "advice": "",
        "severity": burst.severity,
        "threshold": burst.threshold,
        "period": burst.period,
        "metric": insight_rule,
        "kind": ANY_ADDRESS,
        "pack": "",
        "pattern": "",
        "byEvent": False,
    }


def _detail(watch: Watch) -> dict[str, Any] | None:
    """What the event must be like, None where no event pattern can say it."""
    if watch.pattern is None:
        return None
    try:
        detail = json.loads(filterpattern.to_eventbridge(watch.pattern).text)["detail"]
    except filterpattern.TranslationError:
        return None
    return detail if len(_written([detail], _LONGEST_REGION)) <= MAX_EVENT_PATTERN else None


def _written(alternatives: Sequence[Any], made_in: str | None = None) -> str:
    detail = alternatives[0] if len(alternatives) == 1 else {"$or": list(alternatives)}
    pattern = {
        **({"region": [made_in]} if made_in else {}),
        "source": [{"prefix": "aws."}],
        "detail-type": list(DETAIL_TYPES),
        "detail": detail,
    }
    return json.dumps(pattern, separators=(",", ":"))
