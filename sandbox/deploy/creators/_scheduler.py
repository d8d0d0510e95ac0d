"""Schedules of EventBridge Scheduler."""

from sandbox.deploy._inputs import Shape, shaped
from sandbox.deploy._resource import Made, Resource

_TARGET: Shape = {
    "arn": "Arn",
    "input": "Input",
    "roleArn": "RoleArn",
    "deadLetterConfig": ("DeadLetterConfig", {"arn": "Arn"}),
    "retryPolicy": (
        "RetryPolicy",
        {
            "maximumEventAgeInSeconds": "MaximumEventAgeInSeconds",
            "maximumRetryAttempts": "MaximumRetryAttempts",
        },
    ),
}
_WINDOW: Shape = {"mode": "Mode", "maximumWindowInMinutes": "MaximumWindowInMinutes"}


def schedule(resource: Resource) -> Made:
    """A schedule. The id is `<group>/<name>`."""
    inputs = resource.inputs
    name, group = resource.physical_name(), inputs.get("groupName", "default")
    arn = resource.aws("scheduler").create_schedule(
        Name=name,
        GroupName=group,
        FlexibleTimeWindow=shaped(inputs["flexibleTimeWindow"], _WINDOW, path="flexibleTimeWindow"),
        Target=shaped(inputs["target"], _TARGET, path="target"),
        ScheduleExpression=inputs["scheduleExpression"],
        **inputs.present(
            {
                "description": "Description",
                "endDate": "EndDate",
                "kmsKeyArn": "KmsKeyArn",
                "scheduleExpressionTimezone": "ScheduleExpressionTimezone",
                "startDate": "StartDate",
                "state": "State",
            }
        ),
    )["ScheduleArn"]
    return Made(f"{group}/{name}", {"name": name, "arn": arn, "groupName": group})
