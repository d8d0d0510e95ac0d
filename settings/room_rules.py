"""What people may write before AWS's room for the guardian is full: the policies of its role, and its desired state.

Both hold names that a stack file chooses, some of them several times. What they hold besides is measured by a test on
the largest stack there can be, so that nobody learns of a limit in the middle of a deployment.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from settings.aws_sizes import MAX_INLINE_POLICIES
from settings.limits import MAX_PARAMETER
from settings.problems import CheckError

if TYPE_CHECKING:
    from settings.rules import Draft
    from settings.told_rules import Contradiction

GUARDIAN_RIGHTS: Final = 8_400
"""Characters of the guardian's inline policies that no stack file can change, at most."""
ROOM_IN_RIGHTS: Final = MAX_INLINE_POLICIES - GUARDIAN_RIGHTS
DESIRED_STATE: Final = 3_050
"""Characters of a desired state that no stack file can change, at most, with data events of every type."""
ROOM_IN_DESIRED_STATE: Final = MAX_PARAMETER - DESIRED_STATE
QUEUE: Final = 115
"""Characters of the ARN of a subscriber's dead-letter queue, at most, and what stands around it in a list."""
_QUOTED: Final = len('"",')


def room_contradictions(draft: "Draft") -> "Iterator[Contradiction]":
    """Both limits, with the place to mend what passes them."""
    if draft.remediation.mode == "off":
        return  # no guardian
    if (written := _in_rights(draft)) > ROOM_IN_RIGHTS:
        yield (
            ("subscribers",) if draft.subscribers else ("emails",),
            CheckError(
                f"all who are told, the trail, its log group and the topic have names of {written:,} characters, and "
                f"the guardian's rights have to hold them: IAM leaves room for {ROOM_IN_RIGHTS:,} in one role",
                allowed="fewer people: a mailing list, or one topic or queue of yours that tells the others",
            ),
        )
    if draft.trail.data_events and (written := _in_desired_state(draft)) > ROOM_IN_DESIRED_STATE:
        yield (
            ("trail", "dataEvents"),
            CheckError(
                f"names resources in {written:,} characters, the log group and our own queues counted, and the "
                f"guardian's desired state has room for {ROOM_IN_DESIRED_STATE:,}",
                allowed="fewer and shorter beginnings in `only`, or all of a type; fewer deadLetters",
            ),
        )


def _in_rights(draft: "Draft") -> int:
    """How often each stands in `components._guardian_policies` and `components._inspection_policies`."""
    told = {*draft.emails.values(), *(each.endpoint for each in draft.subscribers.values() if each.endpoint)}
    topic = len(draft.alerts.topic_name or "")
    people = sum(len(each) + _QUOTED for each in told)
    if draft.trail.is_adopted:
        of_trail = max(
            (
                4 * len(name.rpartition("/")[2]) + 2 * len(each.log_group_name) + 2 * len(each.delivery_role)
                for name, each in draft.trail.baseline.items()
            ),
            default=0,
        )
    else:
        of_trail = 4 * len(draft.trail.name or f"trailwarden-{draft.stack}") + 2 * len(draft.trail.log_group or "")
    return of_trail + 4 * topic + people


def _in_desired_state(draft: "Draft") -> int:
    """Whatever makes the selectors, or what stands beside them, longer."""
    types = {each.type for each in draft.trail.data_events}
    only = sum(len(arn) + _QUOTED for each in draft.trail.data_events for arn in each.only)
    kept = (each for each in draft.subscribers.values() if each.dead_letters)
    queues = sum(2 if each.gets == "everything" else 1 for each in kept)
    return (
        only
        + len(draft.trail.log_group or "")
        + 2 * len(draft.trail.bucket or "")
        + (len(draft.alerts.topic_name or "") if "AWS::SNS::Topic" in types else 0)
        + (queues * QUEUE if "AWS::SQS::Queue" in types else 0)
    )
