"""`check --resend ADDRESS`: ask AWS to send the confirmation mail again. The one thing here that changes something.

Subscribing an address that is pending already makes no second subscription: SNS sends its mail again.
"""

from __future__ import annotations

from account import CouldNotLook, Found, Session, Topic, found_or, region_of
from exits import Exit
from operate.checking.site import Site
from operate.console import note, refuse, say


def resend(address: str, sites: list[Site], session: Session) -> int:
    """Send it for every topic of the stacks where the address is pending. Needs sns:Subscribe on those topics."""
    topics = [topic for site in sites for topic in site.topics]
    blind = [topic.name for topic in topics if isinstance(topic.subscriptions, CouldNotLook)]
    pending = [(topic, protocol) for topic in topics for protocol in _pending(topic, address)]
    if not pending:
        known = sorted(
            {each.endpoint for topic in topics for each in found_or(topic.subscriptions, ()) if each.is_pending}
        )
        waiting = f"; pending are {', '.join(known)}" if known else ""
        unseen = f"; could not look at {', '.join(blind)}" if blind else ""
        return refuse(f"{address} is not pending at any topic of {_names(sites)}{waiting}{unseen}")
    failed = False
    for topic, protocol in pending:
        told = session.ask(
            "sns",
            "Subscribe",
            region=region_of(topic.arn),
            what=f"subscription of {address}",
            params={"TopicArn": topic.arn, "Protocol": protocol, "Endpoint": address, "ReturnSubscriptionArn": True},
        )
        if isinstance(told, Found):
            say(f"AWS sends the confirmation mail for topic {topic.name} to {address} again.")
        else:
            failed = True
            note(f"topic {topic.name}: {told}")
    note("It is called 'AWS Notification - Subscription Confirmation'; AWS forgets the subscription after 48 hours.")
    return Exit.NO_ANSWER if failed else Exit.OK


def _pending(topic: Topic, address: str) -> list[str]:
    return [
        each.protocol
        for each in found_or(topic.subscriptions, ())
        if each.is_pending and each.endpoint.lower() == address.lower()
    ]


def _names(sites: list[Site]) -> str:
    return "stack " + ", ".join(site.stack for site in sites) if sites else "trailwarden here"
