"""What to type after the stack file is written: commands that exist, with the names of this stack in them."""

from collections.abc import Iterator, Sequence

from settings import Settings
from settings.regions import partition_of

PYTHON = ".venv/bin/python -m wizard"
"""How our own verbs are called in every command we print."""

SANDBOX_PARTITION = "aws"
"""The only partition that the sandbox has; it refuses stacks of another."""

_COMMAND_WIDTH = 38
_TIMES = {1: "", 2: " twice"}


def next_steps(
    settings: Settings,
    *,
    is_new: bool,
    new_addresses: Sequence[str],
    lacking_secrets: Sequence[str] = (),
    first: Sequence[str] = (),
) -> Iterator[str]:
    """The lines to show. `new_addresses` are those that AWS will ask to confirm, `first` commands to type before all.

    `lacking_secrets` are named by a subscriber, and the stack has none of that name yet.
    """
    stack = settings.stack
    yield ""
    yield "Next:"
    if first:
        yield "  give the trail its log group, with the right to change it:"
        yield from (f"    {line}" for line in first)
    if is_new:
        yield _step(f"pulumi stack init {stack}", "once: makes the stack in Pulumi's state")
    for name in lacking_secrets:
        yield f"  pulumi config set --secret --stack {stack} trailwarden:{name}"
    if lacking_secrets:
        yield "    asks for the URL, so that it stays out of the shell's history, and writes it encrypted"
    if settings.alerts.kms_key:
        yield f"  let {settings.alerts.kms_key}"
        yield "    be used by CloudWatch and CloudWatch Logs first: docs/channels.md has the statements,"
        yield "    and without them every message is lost"
    yield _step(f"pulumi preview --stack {stack}", "what would change; touches nothing")
    given = {"bucket": settings.trail.bucket, "key": settings.trail.kms_key}
    if named := [f"{what} {name}" for what, name in given.items() if name]:
        yield "  then add the statements of its output policiesToAdd to the policy of"
        yield from (f"    {each}" for each in named)
        yield "  because CloudTrail refuses the trail without them, and they are not ours to change"
    yield _step(f"pulumi up --stack {stack}", "make it so")
    if new_addresses:
        yield ""
        yield from _confirmation(settings, new_addresses)
    yield ""
    yield "Which controls do auditors pass, and which not, and why:"
    yield f"  {PYTHON} sets --coverage --stack {stack}"
    # A sandbox has no trails that could be adopted.
    if partition_of(settings.home_region) == SANDBOX_PARTITION and not settings.trail.is_adopted:
        yield ""
        yield "To see it work on this machine first, without AWS and Pulumi (two terminals):"
        yield f"  {PYTHON} sandbox start"
        yield f"  {PYTHON} sandbox deploy --stack {stack}"


def _step(command: str, what: str) -> str:
    return f"  {command:<{_COMMAND_WIDTH}}{what}"


def _confirmation(settings: Settings, addresses: Sequence[str]) -> Iterator[str]:
    """How to confirm a subscription, and why not by the link alone.

    A subscription confirmed by a signed call with AuthenticateOnUnsubscribe=true cannot be ended by the link in its
    mails (SNS API Reference, ConfirmSubscription). Unconfirmed ones vanish after 48 hours (AWS "What's New", May 2023).
    """
    homes, has_two = settings.home_regions, settings.has_ledger
    mails = len(homes) * (2 if has_two else 1)
    times = _TIMES.get(mails, f" {mails} times")
    yield f'AWS then mails "AWS Notification - Subscription Confirmation"{times} to each of'
    yield from (f"  {address}" for address in addresses)
    if has_two:
        yield "once for alerts, and once for the last resort, which tells when the watching"
        yield "itself has failed."
    if len(homes) > 1:
        yield f"So it is in each of {', '.join(homes)}, whose topics are their own."
    yield "An address gets no alert until its mail is confirmed; after 48 hours the mail"
    yield "expires. The link in it confirms with one click, but then every alert carries a"
    yield "link that unsubscribes with one click, for anybody who reads it. To confirm so"
    yield "that only a signed-in caller can unsubscribe, do not open the link; copy the"
    yield 'text after "Token=" out of it:'
    if len(homes) > 1:
        yield f"  pulumi stack output nextSteps --stack {settings.stack}"
        yield "has the command for each of these mails."
        return
    yield f"  aws sns confirm-subscription --region {settings.home_region} \\"
    yield "    --authenticate-on-unsubscribe true \\"
    yield f'    --topic-arn "$(pulumi stack output alertsTopicArn --stack {settings.stack})" \\'
    yield "    --token TOKEN"
    if has_two:
        yield "and lastResortTopicArn instead of alertsTopicArn for the other mail."
