"""The verbs that help to choose what to watch, without an account: `sets`, `test-pattern`."""

from typing import Annotated

import typer

from wizard.verbs.options import Account, Json, switch, value
from wizard.verbs.verb import Verbs

verbs = Verbs(panel="Choose what to watch")


@verbs.verb("sets", example="sets --coverage --stack prod")
def sets(
    *,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this set, in full.")] = None,
    coverage: Annotated[bool, switch("--coverage", "Which controls of auditors the chosen sets pass.")] = False,
    stack: Annotated[str | None, value("--stack", "NAME", "With --coverage: the sets of this stack.")] = None,
    as_json: Json = False,
) -> int:
    """List the event sets: what each watches, why, how loud, and which control asks for it."""
    import operate

    return operate.sets(name, coverage=coverage, as_json=as_json, stack=stack)


@verbs.verb("test-pattern", example="test-pattern '{ $.eventName = StopLogging }' events.json")
def try_pattern(
    *,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATTERN EVENTS",
            help="A filter pattern (not with --set), then files or folders of events; '-' or none is standard input.",
        ),
    ] = None,
    set_name: Annotated[str | None, value("--set", "NAME", "The pattern of this event set.")] = None,
    live: Annotated[bool, switch("--live", "Ask AWS too (TestMetricFilter), and compare.")] = False,
    as_json: Json = False,
    region: Annotated[str | None, value("--region", "REGION", "With --live: where to ask.")] = None,
    account: Account,
) -> int:
    """Say which events a filter pattern matches, without AWS; exits 1 if none does."""
    import operate

    access = account.access(region) if live else None
    return operate.try_pattern(arguments or [], set_name=set_name, as_json=as_json, live=access)
