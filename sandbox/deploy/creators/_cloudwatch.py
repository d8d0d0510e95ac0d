"""Metric alarms, alarm mute rules, Contributor Insights rules and dashboards."""

from sandbox.deploy._inputs import Shape, shaped
from sandbox.deploy._resource import Made, Resource

_WARM_UP: Shape = {
    "warmUpPeriodDurationInMinutes": "WarmUpPeriodDurationInMinutes",
    "onlyStartEvaluatingAfterWarmUpPeriodEnds": "OnlyStartEvaluatingAfterWarmUpPeriodEnds",
}
_QUERY: Shape = {
    "id": "Id",
    "expression": "Expression",
    "label": "Label",
    "period": "Period",
    "returnData": "ReturnData",
    "accountId": "AccountId",
}
_MUTE: Shape = {
    "schedule": ("Schedule", {"expression": "Expression", "duration": "Duration", "timezone": "Timezone"}),
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
    """An alarm on one metric, or on one metric query. The id is its name."""
    inputs, cloudwatch = resource.inputs, resource.aws("cloudwatch")
    name = resource.physical_name(prefix_key="")
    warm_up = {}
    if "warmUpConfiguration" in inputs:
        warm_up = shaped(inputs["warmUpConfiguration"], _WARM_UP, path="warmUpConfiguration")
    queries = [shaped(each, _QUERY, path="metricQueries") for each in inputs.get("metricQueries", [])]
    if queries:
        asked = {"Metrics": queries}
    else:
        asked = {"Dimensions": [{"Name": key, "Value": value} for key, value in inputs.get("dimensions", {}).items()]}
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        ActionsEnabled=inputs.get("actionsEnabled", True),
        TreatMissingData=inputs.get("treatMissingData", "missing"),
        Tags=resource.tag_list(),
        **asked,
        **inputs.present(_INPUTS),
        **({"WarmUpConfiguration": warm_up} if warm_up else {}),
    )
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return Made(name, {"name": name, "arn": found["AlarmArn"], "tagsAll": resource.tags()})


def mute_rule(resource: Resource) -> Made:
    """An alarm mute rule. The id is its name."""
    inputs, cloudwatch = resource.inputs, resource.aws("cloudwatch")
    name = resource.physical_name(prefix_key="")
    asked = inputs.present({"description": "Description", "startDate": "StartDate", "expireDate": "ExpireDate"})
    if "muteTargets" in inputs:
        asked["MuteTargets"] = shaped(inputs["muteTargets"], {"alarmNames": "AlarmNames"}, path="muteTargets")
    rule = shaped(inputs["rule"], _MUTE, path="rule")
    cloudwatch.put_alarm_mute_rule(Name=name, Rule=rule, Tags=resource.tag_list(), **asked)
    found = cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName=name)
    outputs = {"name": name, "arn": found["AlarmMuteRuleArn"], "status": found["Status"], "muteType": found["MuteType"]}
    return Made(name, {**outputs, "tagsAll": resource.tags()})


def insight_rule(resource: Resource) -> Made:
    """A Contributor Insights rule. The id is its name."""
    inputs, cloudwatch = resource.inputs, resource.aws("cloudwatch")
    name = inputs["ruleName"]
    asked = inputs.present({"ruleDefinition": "RuleDefinition", "ruleState": "RuleState"})
    cloudwatch.put_insight_rule(RuleName=name, Tags=resource.tag_list(), **asked)
    arn = f"arn:aws:cloudwatch:{resource.region}:{resource.account}:insight-rule/{name}"
    return Made(name, {"arn": arn, "tagsAll": resource.tags()})


def dashboard(resource: Resource) -> Made:
    """A dashboard. The id is its name. CloudWatch says what is wrong with a body instead of refusing it."""
    inputs, name = resource.inputs, resource.inputs["dashboardName"]
    resource.aws("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=inputs["dashboardBody"])
    return Made(name, {"dashboardArn": f"arn:aws:cloudwatch::{resource.account}:dashboard/{name}"})
