"""The Lambda handler: what a run is given of the real world."""

import functools
import os
from typing import Any

from common import runtime
from common.retry import Clock

from explainer.environment import Environment
from explainer.facts import Facts
from explainer.kit import ClientFor, Kit, Log
from explainer.run import run

SEARCH_S = 20
"""A page of a search through a busy log group may take long, and who gives up early never gets it."""


def handle(event: object, context: runtime.Context) -> dict[str, Any]:
    """Entry point of the Lambda. Takes an event of any shape; answers what it did (see `explain`)."""
    return explain(
        event,
        environment=Environment.read(os.environ),
        facts=Facts.load(),
        client_for=_client,
        clock=runtime.SYSTEM_CLOCK,
        log=runtime.log,
        remaining_s=context.get_remaining_time_in_millis() / 1000,
    )


def explain(
    event: object,
    *,
    environment: Environment,
    facts: Facts,
    client_for: ClientFor,
    clock: Clock,
    log: Log,
    remaining_s: float,
) -> dict[str, Any]:
    """Find the events behind `event` and tell people.

    Answers {"trigger", "alarm", "did", "mails"}; it is in the log too. Raises NotReported when people could not be told
    (the log then holds the report), NotExplained when they were told of the alarm alone.
    """
    kit = Kit.begin(
        environment=environment, facts=facts, client_for=client_for, clock=clock, log=log, remaining_s=remaining_s
    )
    return run(event, kit=kit)


@functools.cache
def _client(service: str, region: str) -> Any:
    """Made when first needed and kept while the function is warm."""
    answer_s = SEARCH_S if service == "logs" else runtime.ANSWER_S
    return runtime.client(service, region, name="explainer", answer_s=answer_s)
