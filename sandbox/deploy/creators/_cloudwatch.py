"""Metric alarms."""

from sandbox.deploy._inputs import Shape, shaped
from sandbox.deploy._resource import Made, Resource

_WARM_UP: Shape = {
    "warmUpPeriodDurationInMinutes": "WarmUpPeriodDurationInMinutes",
    "onlyStartEvaluatingAfterWarmUpPeriodEnds": "OnlyStartEvaluatingAfterWarmUpPeriodEnds",
}
_INPUTS = {
    "alarmActions": "AlarmActions",
    "alarmDescription": "AlarmDescription",
    "comparisonOperator": "ComparisonOperator",
    "datapointsToAlarm": "DatapointsToAlarm",
    "evaluationPeriods": "EvaluationPeriods",
    "extendedStatistic": "ExtendedStatistic",
    "insufficientDataActions": "InsufficientDataActions",
    "metricName": "MetricName",
    "namespace": "Namespace",
    "okActions": "OKActions",
    "period": "Period",
    "statistic": "Statistic",
    "threshold": "Threshold",
    "unit": "Unit",
}


def metric_alarm(resource: Resource) -> Made:
    """An alarm on one metric. The id is its name. Metric queries are not passed on: the sandbox has no metric math."""
    inputs, cloudwatch = resource.inputs, resource.aws("cloudwatch")
    name = resource.physical_name(prefix_key="")
    warm_up = {}
    if "warmUpConfiguration" in inputs:
        warm_up = shaped(inputs["warmUpConfiguration"], _WARM_UP, path="warmUpConfiguration")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        ActionsEnabled=inputs.get("actionsEnabled", True),
        TreatMissingData=inputs.get("treatMissingData", "missing"),
        Dimensions=[{"Name": key, "Value": value} for key, value in inputs.get("dimensions", {}).items()],
        Tags=resource.tag_list(),
        **inputs.present(_INPUTS),
        **({"WarmUpConfiguration": warm_up} if warm_up else {}),
    )
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return Made(name, {"name": name, "arn": found["AlarmArn"], "tagsAll": resource.tags()})
