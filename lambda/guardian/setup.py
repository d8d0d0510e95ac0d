"""A trail's settings as one value, read alike from AWS's answers and from the desired state.

The desired state uses the words of GetTrail's answer, so a person can lay the two side by side.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

from guardian.selectors import Selectors, selectors_of


class Setup(NamedTuple):
    """Everything that UpdateTrail and the selector calls can change. Texts are "" where the trail has none.

    `records_itself` is whether events of CloudTrail's own deliveries are kept (`RecursiveLogging`, on if it is unsaid).
    `log_group` is an ARN without the `:*` at its end, `topic` a name, `key` and `role` are ARNs. `insights` are
    pairs of type and category of events: rates of data events alone say nothing of who stops a trail.
    """

    is_multi_region: bool
    has_global_events: bool
    is_organization: bool
    validates_files: bool
    records_itself: bool
    bucket: str
    prefix: str
    topic: str
    key: str
    log_group: str
    role: str
    events: Selectors
    insights: frozenset[tuple[str, str]]

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Self:
        """From the answers of GetTrail (its `Trail`), GetEventSelectors and GetInsightSelectors, laid together. Total.

        What CloudTrail leaves out is off or empty.
        """
        topic = _text(answer, "SnsTopicName") or _text(answer, "SnsTopicARN")
        return cls(
            is_multi_region=answer.get("IsMultiRegionTrail") is True,
            has_global_events=answer.get("IncludeGlobalServiceEvents") is True,
            is_organization=answer.get("IsOrganizationTrail") is True,
            validates_files=answer.get("LogFileValidationEnabled") is True,
            records_itself=answer.get("RecursiveLogging") is not False,
            bucket=_text(answer, "S3BucketName"),
            prefix=_text(answer, "S3KeyPrefix").strip("/"),
            topic=topic.rpartition(":")[2],
            key=_text(answer, "KmsKeyId"),
            log_group=_text(answer, "CloudWatchLogsLogGroupArn").removesuffix(":*"),
            role=_text(answer, "CloudWatchLogsRoleArn"),
            events=selectors_of(answer),
            insights=frozenset(_insights(answer.get("InsightSelectors"))),
        )


def _insights(selectors: object) -> Iterator[tuple[str, str]]:
    """Without a category CloudTrail looks at management events (API reference, InsightSelector)."""
    for each in selectors if isinstance(selectors, list) else []:
        if not isinstance(each, Mapping) or not isinstance(each.get("InsightType"), str):
            continue
        categories = each.get("EventCategories")
        named = [one for one in categories if isinstance(one, str)] if isinstance(categories, list) else []
        yield from ((each["InsightType"], category) for category in named or ["Management"])


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    return value if isinstance(value, str) else ""
