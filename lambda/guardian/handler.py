"""The Lambda handler: what the run is given of the real world."""

import functools
import os
import threading
from typing import Any

from common import runtime
from common.retry import Clock

from guardian.decide import without_looking
from guardian.environment import Environment
from guardian.kit import ClientFor, Kit, Log
from guardian.memory import Memory
from guardian.stops import watch_logging

_MEMORY = Memory()
_MAKING = threading.Lock()
"""Clients may be used by several threads at once, but not be made (boto3 guide, "Multithreading with clients")."""


def handle(event: object, context: runtime.Context) -> dict[str, Any]:
    """Entry point of the Lambda. Takes an event of any shape; answers what it found (see `guard`)."""
    return guard(
        event,
        environment=Environment.read(os.environ),
        client_for=_client,
        clock=runtime.SYSTEM_CLOCK,
        log=runtime.log,
        remaining_s=context.get_remaining_time_in_millis() / 1000,
        memory=_MEMORY,
    )


def guard(
    event: object,
    *,
    environment: Environment,
    client_for: ClientFor,
    clock: Clock,
    log: Log,
    remaining_s: float,
    memory: Memory,
) -> dict[str, Any]:
    """Look at the trail because of `event`, put it right, tell people what there is to tell.

    Answers {"outcome", "operation", "trigger", "eventId", "gapMs", "restartMs", "settings", "mails", …}; all of it is
    in the log too. `outcome` is about logging, `settings` about the rest (None when it was not looked at). Raises
    NotReported when people could not be told (the log then holds the report), else NotRestored or NotPutBack when the
    trail is not known to be as it should.
    """
    kit = Kit(
        event,
        environment=environment,
        client_for=client_for,
        clock=clock,
        log=log,
        remaining_s=remaining_s,
        memory=memory,
    )
    seen = without_looking(kit.cause) or watch_logging(kit)
    # Only now: a cold start is half as long without what the rest of a run needs, and a stopped trail waits for none.
    from guardian.run import Run

    return Run(kit).answer(seen)


@functools.cache
def _client(service: str, region: str) -> Any:
    """Made when first needed and kept while the function is warm."""
    with _MAKING:
        return runtime.client(service, region, name="guardian")
