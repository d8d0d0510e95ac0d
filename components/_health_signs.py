"""By which signs it shows that the watching has failed: metrics of AWS's own, and one that the guardian leaves."""

from dataclasses import dataclass, replace

PERIOD_S = 300
"""The sweep comes every five minutes, and CloudTrail's logs about as often."""
WARM_UP_MIN = 60
"""How long a new alarm waits for the first data. It ends as soon as the alarm's periods are filled."""


@dataclass(frozen=True, kw_only=True)
class Sign:
    """One metric, and when it is a bad sign. `dimension` is the name of the metric's one dimension, if it has one.

    With `is_lack`, less than 1 over `periods` periods of five minutes is bad, no data at all included; without, one
    period with 1 or more, and no data is good.
    """

    title: str
    why: str
    namespace: str
    metric: str
    dimension: str = ""
    statistic: str = "Sum"
    is_lack: bool = False
    periods: int = 1


DEAD_LETTERS = Sign(
    title="Something could not be delivered to the guardian",
    why="Read the dead-letter queue before anything empties it: what is in it was not looked at.",
    namespace="AWS/SQS",
    metric="ApproximateNumberOfMessagesVisible",
    dimension="QueueName",
    statistic="Maximum",
)


def undelivered(*, topic: str, to: str) -> Sign:
    """The sign that a subscriber was not told something. `topic` says what the topic tells, `to` whom it did not."""
    return replace(
        DEAD_LETTERS,
        title=f"{to} did not get a message of the topic {topic}",
        why="It is kept in the dead-letter queue: read it, then look at the endpoint and its permissions.",
    )


ERRORS = Sign(
    title="The guardian fails",
    why="A repair or its report did not succeed. Read the guardian's log, and whether the trail is logging.",
    namespace="AWS/Lambda",
    metric="Errors",
    dimension="FunctionName",
)
THROTTLES = Sign(
    title="The guardian is not allowed to run",
    why="Lambda turned calls away: look at the function's reserved concurrency (0 stops it), then at the account's.",
    namespace="AWS/Lambda",
    metric="Throttles",
    dimension="FunctionName",
)
# Two metrics, because Lambda counts a destination for failures and a dead-letter queue apart (Lambda Developer Guide,
# "Types of metrics for Lambda functions"). The guardian has a destination, the explainer both.
UNKEPT = Sign(
    title="A failed call of the guardian could not be kept",
    why="Lambda could not fill the dead-letter queue: look at the guardian's role and the queue. Its log has it.",
    namespace="AWS/Lambda",
    metric="DestinationDeliveryFailures",
    dimension="FunctionName",
)
SILENCE = Sign(
    title="Nothing wakes the guardian",
    why="Its schedule calls it every 5 minutes, and has not for 15. Look at the schedule, its role and the function.",
    namespace="AWS/Lambda",
    metric="Invocations",
    dimension="FunctionName",
    is_lack=True,
    periods=3,
)
# Half an hour: CloudTrail delivers after about five minutes and promises nothing, and the news of a silence that was
# none would teach people to look away.
HEARTBEAT = Sign(
    title="No events arrive in the audit log group",
    why="The guardian's own calls are events, so this is no quiet account: trail, log group, key or delivery role.",
    namespace="AWS/Logs",
    metric="IncomingLogEvents",
    dimension="LogGroupName",
    is_lack=True,
    periods=6,
)


OF_EXPLAINER = {
    "explainer-dead-letters": replace(
        DEAD_LETTERS,
        title="Something could not be delivered to the explainer",
        why="Read the dead-letter queue before anything empties it: alarms and events in it may have reached nobody.",
    ),
    "explainer-errors": replace(
        ERRORS,
        title="The explainer fails",
        why="Alarms reach people as they are, without who and what, or late. Read the explainer's log.",
    ),
    "explainer-silence": replace(
        SILENCE,
        title="Nothing wakes the explainer",
        why="Its schedule calls it every 5 minutes, and has not for 15. Look at schedule, role and function.",
    ),
    "explainer-throttles": replace(
        THROTTLES,
        title="The explainer is not allowed to run",
        why="Lambda turned calls away: look at the function's reserved concurrency (0 stops it), then the account's.",
    ),
    "explainer-undelivered": replace(
        UNKEPT,
        title="A failed call of the explainer could not be told",
        why="Lambda could not hand it to the alerts topic: look at role, topic and key, then read the queue.",
    ),
    "explainer-unkept": replace(
        UNKEPT,
        title="A failed call of the explainer could not be kept",
        why="Lambda could not fill the dead-letter queue: look at the explainer's role and the queue.",
        metric="DeadLetterErrors",
    ),
}
"""What goes wrong with the explainer, by the end of the alarm's name."""


def canary(*, namespace: str, metric: str) -> Sign:
    """The sign that the whole way works: call, trail, log group, filter, alarm."""
    return Sign(
        title="The guardian's own look at the trail is not recorded",
        why="Either it cannot read the trail's status, or its calls no longer reach the log group and its filters.",
        namespace=namespace,
        metric=metric,
        is_lack=True,
        periods=6,
    )


def canary_pattern(*, role_arn: str) -> str:
    """The filter pattern of a look at the trail's status by the guardian's role, and no other's.

    A refused look does not count: a guardian that may not see the trail guards nothing.
    """
    return (
        '{ ($.eventSource = "cloudtrail.amazonaws.com") && ($.eventName = "GetTrailStatus") && '
        f'($.userIdentity.sessionContext.sessionIssuer.arn = "{role_arn}") && ($.errorCode NOT EXISTS) }}'
    )
