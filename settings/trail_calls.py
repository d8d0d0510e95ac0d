"""The calls that change a trail."""

from typing import Final

TRAIL_CALLS: Final = (
    "AddTags",
    "CreateTrail",
    "DeleteTrail",
    "PutEventSelectors",
    "PutInsightSelectors",
    "RemoveTags",
    "StartLogging",
    "StopLogging",
    "UpdateTrail",
)
"""Everything that can stop, blind, relabel or remove a trail. The guardian hears these in seconds and tells of them; an
operation that is not here is heard by the alarms only, in minutes."""
