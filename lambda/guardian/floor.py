"""The least that a desired state must ask for. In code, because whoever can write the document must not lower it."""

from guardian.selectors import management_gaps
from guardian.setup import Setup

_GAPS = {
    "no management events are recorded": {"management-reads", "management-writes"},
    "management events that write are not recorded": {"management-writes"},
    "management events that only read are not recorded": {"management-reads"},
    "some management events are left out": {"management-sources"},
}


def weaknesses(setup: Setup, *, is_logging: bool, waived: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """What the wanted settings lack, in words; empty when they may be restored. `waived`: some of WAIVABLE.

    A multi-region trail that logs all management events, with validated files, in a bucket and in a log group.
    """
    holds = {
        "logging is off": is_logging,
        "it is not multi-region": setup.is_multi_region or "multi-region" in waived,
        "global service events are off": setup.has_global_events or "global-events" in waived,
        "log file validation is off": setup.validates_files or "validation" in waived,
        "it names no bucket": setup.bucket,
        "it names no log group": setup.log_group,
        "it names no delivery role": setup.role,
    }
    lacking = (gap for gap in management_gaps(setup.events) if not _GAPS[gap] <= waived)
    return (*(weakness for weakness, good in holds.items() if not good), *lacking)
