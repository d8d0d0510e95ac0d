"""What a stack costs a month, in a line or two: what is known, what was measured, and what is not counted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from settings import NOT_COUNTED, PRICES, Settings, monthly_bill
from settings.prices import READ, REGION

if TYPE_CHECKING:
    from wizard.look import SeenTrail, Sight

_SMALL_GB = 0.1


def bill_words(settings: Settings, sight: "Sight | None") -> Iterator[str]:
    """Sentences about the bill. With a look at the account, log data and second copies are measured there."""
    plan = settings.plan()
    seen = _busiest(settings, sight)
    flow = seen.flow if seen else None
    bill = monthly_bill(
        plan,
        log_gigabytes=flow.gigabytes if flow else None,
        second_copy_events=flow.events if flow else None,
    )
    yield (
        f"about ${bill.dollars:.2f} a month (prices of {READ}, {REGION} list); ${bill.at_most:.2f} where the free "
        "alarms and metrics are used up"
    )
    if flow and seen:
        yield (
            f"in it, as measured on {seen.trail.name}: {_size(flow.gigabytes)} of logs, and {flow.events:,.0f} events "
            "that are recorded a second time"
        )
    elif seen:
        yield (
            f"not counted: {seen.trail.name} records already, so each 100,000 events of a second trail cost "
            f"${PRICES['second-copy'].dollars:.2f}; {NOT_COUNTED[0]}"
        )
    elif settings.trail.is_adopted:
        yield "the trail's own logs cost what they cost already"
    else:
        yield f"not counted: {NOT_COUNTED[0]}"


def _size(gigabytes: float) -> str:
    return f"{gigabytes:.1f} GB" if gigabytes >= _SMALL_GB else f"less than {_SMALL_GB} GB"


def _busiest(settings: Settings, sight: "Sight | None") -> "SeenTrail | None":
    """The trail beside which another would be made."""
    if sight is None:
        return None
    from wizard.preflight import other_trail

    return other_trail(settings, sight)
