"""The least that a desired state must ask for. In code, because whoever can write the document must not lower it."""

from guardian.selectors import management_gaps
from guardian.setup import Setup


def weaknesses(setup: Setup, *, is_logging: bool) -> tuple[str, ...]:
    """What the wanted settings lack, in words; empty when they may be restored.

    A multi-region trail that logs all management events, with validated files, in a bucket and in a log group.
    """
    holds = {
        "logging is off": is_logging,
        "it is not multi-region": setup.is_multi_region,
        "global service events are off": setup.has_global_events,
        "log file validation is off": setup.validates_files,
        "it names no bucket": setup.bucket,
        "it names no log group": setup.log_group,
        "it names no delivery role": setup.role,
    }
    return (*(weakness for weakness, good in holds.items() if not good), *management_gaps(setup.events))
