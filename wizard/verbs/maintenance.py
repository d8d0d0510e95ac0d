"""The verbs of planned work on a living stack: `maintenance start`, `end` and `show`."""

from typing import Annotated

from wizard.verbs.options import LIVING, Json, Stack, StacksAccount, Yes, value
from wizard.verbs.verb import Verbs

verbs = Verbs(
    panel=LIVING,
    name="maintenance",
    about="Planned work: for four hours at most the guardian tells, and puts nothing back.",
)


@verbs.verb("start", example="maintenance start --stack prod --reason 'moving the bucket'")
def start(
    *,
    stack: Stack,
    reason: Annotated[str, value("--reason", "TEXT", "Why; everybody reads it in the mail.")],
    lasts: Annotated[str, value("--for", "TIME", "At most 4h: 2h, 90m or 1h30m.")] = "2h",
    yes: Yes = False,
    as_json: Json = False,
    account: StacksAccount,
) -> int:
    """Begin: the guardians of a stack tell what happens to their trails, and put nothing back until the end.

    Exits 1 while maintenance is on already.
    """
    from operate.maintenance.verb import Options
    from operate.maintenance.verb import start as run

    return run(Options(target=account.target(stack), as_json=as_json), reason=reason, lasts=lasts, yes=yes)


@verbs.verb("end", example="maintenance end --stack prod")
def end(*, stack: Stack, as_json: Json = False, account: StacksAccount) -> int:
    """End it now: what is not as wanted is put back at the guardian's next look. Fine to call when none is on."""
    from operate.maintenance.verb import Options
    from operate.maintenance.verb import end as run

    return run(Options(target=account.target(stack), as_json=as_json))


@verbs.verb("show", example="maintenance show --stack prod --json")
def show(*, stack: Stack, as_json: Json = False, account: StacksAccount) -> int:
    """Say for each trail whether maintenance is on, until when, why and by whom."""
    from operate.maintenance.verb import Options
    from operate.maintenance.verb import show as run

    return run(Options(target=account.target(stack), as_json=as_json))
