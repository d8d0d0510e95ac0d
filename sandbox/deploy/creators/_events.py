"""EventBridge rules and their targets."""

import uuid

from sandbox.deploy._inputs import Shape, shaped
from sandbox.deploy._resource import Made, Resource

_TARGET: Shape = {
    "arn": "Arn",
    "input": "Input",
    "inputPath": "InputPath",
    "inputTransformer": (
        "InputTransformer",
        {"inputPaths": "InputPathsMap", "inputTemplate": "InputTemplate"},
    ),
    "deadLetterConfig": ("DeadLetterConfig", {"arn": "Arn"}),
    "retryPolicy": (
        "RetryPolicy",
        {
            "maximumEventAgeInSeconds": "MaximumEventAgeInSeconds",
            "maximumRetryAttempts": "MaximumRetryAttempts",
        },
    ),
    "roleArn": "RoleArn",
    "sqsTarget": ("SqsParameters", {"messageGroupId": "MessageGroupId"}),
}


def rule(resource: Resource) -> Made:
    """A rule. The id is its name; on a bus other than the default one, `<bus>/<name>`."""
    inputs = resource.inputs
    inputs.set_aside("forceDestroy")
    name = resource.physical_name()
    asked = inputs.present(
        {
            "description": "Description",
            "eventPattern": "EventPattern",
            "eventBusName": "EventBusName",
            "roleArn": "RoleArn",
            "scheduleExpression": "ScheduleExpression",
            "state": "State",
        }
    )
    arn = resource.aws("events").put_rule(Name=name, Tags=resource.tag_list(), **asked)["RuleArn"]
    bus = inputs.get("eventBusName", "default")
    return Made(
        name if bus == "default" else f"{bus}/{name}",
        {"name": name, "arn": arn, "eventBusName": bus, "tagsAll": resource.tags()},
    )


def target(resource: Resource) -> Made:
    """A rule's target. The id is `<rule>-<target id>`; AWS refuses single targets inside an answer with status 200."""
    inputs = resource.inputs
    inputs.set_aside("forceDestroy")
    target_id = inputs.get("targetId") or f"{resource.name}-{uuid.uuid4().hex[:12]}"
    asked = {key: inputs[key] for key in _TARGET if key in inputs}
    answer = resource.aws("events").put_targets(
        Rule=inputs["rule"],
        Targets=[{"Id": target_id, **shaped(asked, _TARGET, path="target")}],
        **inputs.present({"eventBusName": "EventBusName"}),
    )
    for entry in answer.get("FailedEntries", []):
        raise RefusedTargetError(f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}")
    return Made(f"{inputs['rule']}-{target_id}", {"targetId": target_id})


class RefusedTargetError(ValueError):
    """PutTargets answered, and refused the target in its list of failed entries."""
