"""Whether the trail logs: the first thing that a run does, and the only one that waits for nothing."""

from datetime import timedelta

from guardian import memory
from guardian.decide import Finding, Outcome, conclude, overlooked, should_start
from guardian.kit import Kit
from guardian.ledger import stop_key
from guardian.remit import Mode
from guardian.trail import Logging, read, restart

FIRST_S = 30.0
"""Looking, starting and reading back take so long at most, or all the time there is."""
# Parts of it. The last try of each step begins before its mark, so a repair that AWS throttles is told by then; what is
# tried afterwards is told as well.
_LOOK, _START, _READ_BACK = 0.15, 0.55, 0.65
# A stop that no event told: older than an event takes to arrive, younger than the day in which it is news.
_OVERLOOKED = (timedelta(minutes=3), timedelta(hours=24))
_SAME_SECOND = timedelta(seconds=1)
_OVERLOOKED_WITHOUT_LEDGER = (timedelta(minutes=3), timedelta(minutes=13))


def watch_logging(kit: Kit) -> Finding:
    """Look whether the trail logs, start it if that is what the deployment wants, and look again."""
    first_s = min(FIRST_S, kit.remaining_s)
    arn, mode = kit.environment.trail.arn, kit.environment.mode
    cloudtrail = kit.cloudtrail
    before = read(cloudtrail, arn, clock=kit.clock, until=kit.mark(_LOOK, of_s=first_s))
    would_start = should_start(before, mode=Mode.RESTORE if mode is Mode.DRY_RUN else mode)
    planned = kit.planned() if would_start else ""
    if planned and before.logging is Logging.OFF:
        mode = Mode.NOTIFY
    if not should_start(before, mode=mode):
        finding = conclude(kit.cause, mode=mode, before=before, after=before)
        is_dry_run = mode is Mode.DRY_RUN and would_start
        left = planned or ("a dry run; it would call StartLogging" if is_dry_run else "")
        return _overlooked(kit, finding._replace(left=left, is_dry_run=is_dry_run))
    attempt, after = restart(
        cloudtrail,
        arn,
        clock=kit.clock,
        until=kit.mark(_START, of_s=first_s),
        read_until=kit.mark(_READ_BACK, of_s=first_s),
    )
    return conclude(kit.cause, mode=mode, before=before, attempt=attempt, after=after)


def _overlooked(kit: Kit, finding: Finding) -> Finding:
    """A hint that finds the trail logging, and CloudTrail remembers a stop that nobody was told of."""
    state = finding.after
    if finding.outcome is not Outcome.NOTHING_WRONG or state is None or state.stopped_at is None:
        return finding
    age = kit.noticed_at - state.stopped_at
    if not _OVERLOOKED[0] <= age <= _OVERLOOKED[1]:
        return finding
    key = kit.ledger.same_stop(state.stopped_at, within=_SAME_SECOND)
    least, most = _OVERLOOKED_WITHOUT_LEDGER if kit.ledger.is_down else _OVERLOOKED
    is_told = key or kit.memory.holds(stop_key(state.stopped_at), now=kit.noticed_at, within=memory.KEPT)
    if is_told or not least <= age <= most:
        return finding
    return overlooked(finding)
