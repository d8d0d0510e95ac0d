"""What people should do first about a thing that was changed, because no deployment does it. Pure."""

import shlex

from guardian.advice import Step
from guardian.inventory.comparing import Difference


def first(difference: Difference) -> tuple[Step, ...]:
    """What cannot wait, or is not a deployment's to do; often nothing."""
    if difference.thing.kind == "key" and "state" in difference.told:
        return (_keep_key(difference),)
    if "masked" in difference.told:
        return (_unmask(difference),)
    if "protection" in difference.told:
        return (_unprotect(difference),)
    return ()


def _keep_key(difference: Difference) -> Step:
    key = f"--key-id {shlex.quote(difference.thing.name)} --region {difference.thing.region}"
    enable = f"aws kms enable-key {key}"
    if (difference.facts or {}).get("state") == "PendingDeletion":
        return Step(
            "Keep the key, before anything else: what it encrypted is lost with it, and a deployment would make "
            "another key and let this one go:",
            (f"aws kms cancel-key-deletion {key}", enable),
        )
    return Step("Switch the key on:", (enable,))


def _unmask(difference: Difference) -> Step:
    """A deployment makes no data protection policy, so it takes none away either."""
    where = f"--region {difference.thing.region}"
    group = shlex.quote(difference.thing.name)
    return Step(
        "Take the policy away, that of the log group or that of the account. Filters have not seen what was masked; "
        "the log files in the bucket are whole:",
        (
            f"aws logs delete-data-protection-policy --log-group-identifier {group} {where}",
            f"aws logs describe-account-policies --policy-type DATA_PROTECTION_POLICY {where}",
        ),
    )


def _unprotect(difference: Difference) -> Step:
    """Nor one of a topic."""
    topic = f"--resource-arn {shlex.quote(difference.thing.name)} --region {difference.thing.region}"
    return Step(
        "Take the policy away; until then the topic holds messages back:",
        (f'aws sns put-data-protection-policy {topic} --data-protection-policy ""',),
    )
