"""One look at both sides: the desired state, and the trail's settings as AWS tells them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.retry import Clock, call

from guardian.drift import Drift, compare, to_undo
from guardian.environment import Environment
from guardian.setup import Setup
from guardian.trail import NOT_FOUND
from guardian.wanted import Refused, Wanted, read

_READ_WAIT_S = 0.3  # Get calls: 10 a second (CloudTrail quotas)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What was seen at one moment. `setup` is None when AWS refused to show it, with `error_code`."""

    at: datetime
    wanted: Wanted | Refused
    setup: Setup | None
    error_code: str = ""

    @property
    def is_gone(self) -> bool:
        """There is no trail whose settings could be shown: somebody deleted it since its status was read."""
        return self.setup is None and self.error_code == NOT_FOUND

    @property
    def drifts(self) -> tuple[Drift, ...]:
        """Every setting that is not as wanted; nothing while either side is unknown."""
        if isinstance(self.wanted, Refused) or self.setup is None:
            return ()
        return compare(self.wanted.setup, self.setup)

    @property
    def to_undo(self) -> tuple[Drift, ...]:
        """The drifts that weaken the trail."""
        return to_undo(self.drifts)

    @property
    def is_as_wanted(self) -> bool:
        """Both sides are known, and nothing weakens the trail."""
        return isinstance(self.wanted, Wanted) and self.setup is not None and not self.drifts


def look(*, environment: Environment, ssm: Any, cloudtrail: Any, clock: Clock, until: float) -> Sight:
    """Read the desired state, then the trail. What AWS refuses is part of the answer."""
    wanted = read(ssm, environment.wanted, clock=clock, until=until, waived=environment.waived)
    arn = environment.trail.arn
    laid_together: dict[str, Any] = {}
    for request in (
        lambda: cloudtrail.get_trail(Name=arn)["Trail"],
        lambda: cloudtrail.get_event_selectors(TrailName=arn),
        lambda: cloudtrail.get_insight_selectors(TrailName=arn),
    ):
        answer = call(request, clock=clock, until=until, first_wait_s=_READ_WAIT_S)
        # How GetInsightSelectors says that there are none.
        if answer.error and answer.error_code != "InsightNotEnabledException":
            return Sight(at=clock.now(), wanted=wanted, setup=None, error_code=answer.error_code)
        laid_together |= answer.value or {}
    return Sight(at=clock.now(), wanted=wanted, setup=Setup.read(laid_together))
