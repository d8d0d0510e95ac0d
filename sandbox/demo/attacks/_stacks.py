"""The stacks that are attacked: the demo's, in which alarms tell people by themselves, and one with the explainer."""

from __future__ import annotations

from pathlib import Path

from sandbox.demo._stage import Stage, StageError
from sandbox.deploy import deploy

from ._range import Range

_PLAIN_TRAIL = "trailwarden:trail: {mode: create}"
_RICH_TRAIL = (
    "trailwarden:trail: {mode: create, dataEvents: [{type: AWS::S3::Object, record: write}], "
    "insights: [ApiCallRateInsight], lifecycle: {archiveDays: 90, archiveClass: GLACIER, expireDays: 2557}}"
)
# A rule of Contributor Insights to attack.
_NEVER_RINGS = "  trailwarden:burst: {threshold: 1000000}\n"
# As small as it may be: what is looked at besides belongs to the other stack.
_EXPLAINED = """\
config:
  aws:region: eu-west-1
  trailwarden:trail: {mode: create}
  trailwarden:regions: [eu-west-1]
  trailwarden:emails: [security@example.com]
  trailwarden:eventSets: {trail-changes: {}, self-delivery: {}, self-functions: {}, self-roles: {}, self-state: {}}
  trailwarden:sourceIps: []
  trailwarden:remediation: {mode: restore}
  trailwarden:alerts: {explain: true}
  trailwarden:evidence: disposable
"""


def make_range(stage: Stage, *, is_explained: bool = False) -> Range:
    """A sandbox with one of the stacks in it, confirmed and quiet. Raises SandboxError, StageError and DeployError."""
    # Nothing by time alone: an alarm that is looked at a millisecond after the attack would race the event rule, which
    # on AWS is minutes ahead of it.
    sandbox = stage.start_sandbox(by_hand=True)
    made = deploy(_explained(stage) if is_explained else _plain(stage), endpoint_url=sandbox.endpoint_url)
    sandbox.confirm(None)
    at = Range(sandbox, made.outputs, region=made.outputs["trailArn"].split(":")[3])
    at.grow_quiet()
    return at


def _plain(stage: Stage) -> Path:
    """The demo's stack, with more to lose. Raises StageError if the demo's trail is another one now."""
    stack_file = stage.run_wizard("attacks")
    text = stack_file.read_text(encoding="utf-8")
    if text.count(_PLAIN_TRAIL) != 1:
        raise StageError(f"the demo's stack has no {_PLAIN_TRAIL!r}")
    # The attacks are on the guardian: alarms tell people by themselves, so that each way to them shows alone.
    plain = "  trailwarden:alerts: {explain: false}\n"
    stack_file.write_text(text.replace(_PLAIN_TRAIL, _RICH_TRAIL) + plain + _NEVER_RINGS, encoding="utf-8")
    return stack_file


def _explained(stage: Stage) -> Path:
    stack_file = stage.project / "Pulumi.explained.yaml"
    stack_file.write_text(_EXPLAINED, encoding="utf-8")
    return stack_file
