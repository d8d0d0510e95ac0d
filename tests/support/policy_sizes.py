"""How long the policies of a recorded program would be on AWS."""

import json
from collections import defaultdict

from tests.support.recorded_program import Recording

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
"""A key's id as AWS makes it; the recorder's are shorter."""
_RECORDED_ID = "trail-key-1a2b3c4"


def inline_policies(recording: Recording) -> dict[str, int]:
    """Characters of all inline policies of each role together, as IAM counts them: without white space."""
    sums: defaultdict[str, int] = defaultdict(int)
    for each in recording.of("RolePolicy"):
        text = "".join(json.dumps(json.loads(each.inputs["policy"]), separators=(",", ":")).split())
        sums[each.inputs["role"]] += len(text) + text.count(":key/") * (len(KEY_ID) - len(_RECORDED_ID))
    return sums
