"""The verbs that prove on a living stack that it works: `test-alert`, `drill`."""

from typing import Annotated

from wizard.verbs.options import LIVING, Json, Stack, StacksAccount, switch, value
from wizard.verbs.verb import Verbs

verbs = Verbs(panel=LIVING)


@verbs.verb("test-alert", example="test-alert --stack prod --set root-account-use")
def alert_test(
    *,
    stack: Stack,
    set_name: Annotated[
        str | None, value("--set", "NAME", "Whose alarm; else trail-changes, or one that is quiet.")
    ] = None,
    timeout: Annotated[float, value("--timeout", "SECONDS", "How long to wait at each hop.", min=1, max=900)] = 90,
    as_json: Json = False,
    account: StacksAccount,
) -> int:
    """Prove that alerts arrive: ring an alarm, marked as a test, follow it hop by hop, and put it back.

    People get a mail that says TEST. Exits 1 if a hop fails, and says which and what to do; 2 if AWS did not let it
    look.
    """
    from operate.alerting.verb import Options, run

    return run(Options(target=account.target(stack), set_name=set_name, as_json=as_json, timeout_s=timeout))


@verbs.verb("drill", example="drill --stack staging --yes-really --json")
def drill(
    *,
    stack: Stack,
    trail: Annotated[str | None, value("--trail", "NAME", "Which, where there are several.")] = None,
    target: Annotated[float, value("--target", "SECONDS", "How long without logging is good enough.", min=1)] = 60,
    timeout: Annotated[
        float, value("--timeout", "SECONDS", "After this the drill starts the trail itself.", min=1, max=3600)
    ] = 600,
    yes_really: Annotated[bool, switch("--yes-really", "Do not ask twice; for pipelines.")] = False,
    as_json: Json = False,
    account: StacksAccount,
) -> int:
    """Stop the trail for real, and time until the guardian has it logging again. People get a critical mail.

    The trail is left logging whatever happens, also after Ctrl-C. Exits 1 when it took longer than the target, when it
    was not the guardian, or when no mail was published.
    """
    from operate.drilling.verb import Options, run

    options = Options(
        target=account.target(stack),
        trail=trail,
        yes_really=yes_really,
        target_s=target,
        timeout_s=timeout,
        as_json=as_json,
    )
    return run(options)
