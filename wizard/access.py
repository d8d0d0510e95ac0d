"""When the wizard looks at the account, and with what. Decides; asks nothing of AWS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import account

MADE_BY_THE_STACK: Final = frozenset({"create", "per-region"})
"""What `--trail` says of trails that do not exist yet."""


@dataclass(frozen=True, kw_only=True)
class Access(account.Access):
    """With what to look. `is_demanded`: nobody is asked, but the look was asked for, so nothing is written without."""

    is_demanded: bool = False


def access_of(
    *, look: bool | None, profile: str | None, endpoint_url: str | None, trails: Sequence[str], is_asking: bool
) -> Access | None:
    """With what to look, None for not at all. `look` is the flag, None if neither `--look` nor `--no-look` was given.

    Where questions are asked it looks, and goes on without if it cannot. Where nobody is asked it looks only if that
    was asked for, so that what a pipeline writes depends on its files and flags alone.
    """
    is_asked_for = bool(look or profile or endpoint_url or set(trails) - MADE_BY_THE_STACK)
    if look is False or not (is_asking or is_asked_for):
        return None
    return Access(profile=profile, endpoint_url=endpoint_url, is_demanded=not is_asking)
