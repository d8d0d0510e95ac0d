"""Log groups and metric filters."""

from sandbox.deploy._inputs import Shape, shaped
from sandbox.deploy._resource import Made, Resource

_TRANSFORMATION: Shape = {
    "name": "metricName",
    "namespace": "metricNamespace",
    "value": "metricValue",
    "defaultValue": "defaultValue",
    "dimensions": "dimensions",
    "unit": "unit",
}


def group(resource: Resource) -> Made:
    """A log group. Its `arn` is without the `:*` that CloudWatch Logs puts behind it, as the provider gives it."""
    inputs, logs = resource.inputs, resource.aws("logs")
    inputs.set_aside("skipDestroy")
    name = resource.physical_name()
    asked = inputs.present({"kmsKeyId": "kmsKeyId", "logGroupClass": "logGroupClass"})
    if tags := resource.tags():
        asked["tags"] = tags
    logs.create_log_group(logGroupName=name, **asked)
    if days := inputs.get("retentionInDays", 0):  # 0 is the provider's word for "never expires"
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    arn = next(each["arn"] for each in found if each["logGroupName"] == name).removesuffix(":*")
    return Made(name, {"name": name, "arn": arn, "tagsAll": tags})


def metric_filter(resource: Resource) -> Made:
    """A metric filter with its one transformation. The id is its name."""
    inputs = resource.inputs
    name = resource.physical_name()
    metric = shaped(inputs["metricTransformation"], _TRANSFORMATION, path="metricTransformation")
    if "defaultValue" in metric:  # text for Pulumi, a number for AWS
        metric["defaultValue"] = float(metric["defaultValue"])
    resource.aws("logs").put_metric_filter(
        logGroupName=inputs["logGroupName"],
        filterName=name,
        filterPattern=inputs["pattern"],
        metricTransformations=[metric],
        **inputs.present({"applyOnTransformedLogs": "applyOnTransformedLogs"}),
    )
    return Made(name, {"name": name})
