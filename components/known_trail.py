"""A guarded trail as everything around it needs to know it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class KnownTrail:
    """Where a trail is and where it writes, whoever made it.

    `made` is what a deployment makes of it: what depends on these is made later and goes earlier, so that no destroy is
    answered by a repair. `role_arn` and `role_name` are those of the role with which CloudTrail writes to the log
    group. With `is_organization` a call that changes the trail also needs rights to look at the organization.
    """

    arn: pulumi.Input[str]
    bucket_name: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    role_name: pulumi.Input[str]
    is_organization: bool = False
    made: Sequence[pulumi.Resource] = ()
