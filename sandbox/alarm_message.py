"""What an alarm tells its topic: the JSON for machines and the text for mail, in CloudWatch's shape."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import botocore.session

_ACTION_LISTS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def actions_of(alarm: Mapping[str, Any], state: str) -> list[str]:
    """The ARNs an alarm acts on when it enters `state`; none while its actions are disabled."""
    return list(alarm.get(_ACTION_LISTS[state]) or ()) if alarm.get("ActionsEnabled", True) else []


def subject(alarm: Mapping[str, Any], state: str, region: str) -> str:
    """The subject, cut to what SNS takes."""
    return f'{state}: "{alarm["AlarmName"]}" in {region_name(region)}'[:99]


def machine_message(
    alarm: Mapping[str, Any], *, old: str, new: str, reason: str, at: float, account: str, region: str
) -> str:
    """The message as AWS publishes it for everything but mail. `at`: epoch seconds of the change."""
    return json.dumps(
        {
            "AlarmName": alarm["AlarmName"],
            "AlarmDescription": alarm.get("AlarmDescription") or None,
            "AWSAccountId": account,
            "AlarmConfigurationUpdatedTimestamp": _stamp(alarm.get("AlarmConfigurationUpdatedTimestamp") or at),
            "NewStateValue": new,
            "NewStateReason": reason,
            "StateChangeTime": _stamp(at),
            "Region": region_name(region),
            "AlarmArn": alarm["AlarmArn"],
            "OldStateValue": old,
            "OKActions": list(alarm.get("OKActions") or ()),
            "AlarmActions": list(alarm.get("AlarmActions") or ()),
            "InsufficientDataActions": list(alarm.get("InsufficientDataActions") or ()),
            "Trigger": _trigger(alarm),
        }
    )


def _trigger(alarm: Mapping[str, Any]) -> dict[str, Any]:
    if "AlarmRule" in alarm:
        return {"AlarmRule": alarm["AlarmRule"]}
    if alarm.get("Metrics"):
        return {
            "Period": alarm["Metrics"][0].get("Period"),
            "EvaluationPeriods": alarm.get("EvaluationPeriods"),
            "ComparisonOperator": alarm.get("ComparisonOperator"),
            "Threshold": alarm.get("Threshold"),
            "TreatMissingData": alarm.get("TreatMissingData") or "missing",
            "EvaluateLowSampleCountPercentile": "",
            "Metrics": alarm["Metrics"],
        }
    trigger = {
        "MetricName": alarm.get("MetricName"),
        "Namespace": alarm.get("Namespace"),
        "StatisticType": "Statistic",
        "Statistic": str(alarm.get("Statistic") or "Average").upper(),
        "Unit": alarm.get("Unit") or None,
        "Dimensions": [{"value": one["Value"], "name": one["Name"]} for one in alarm.get("Dimensions") or ()],
        "Period": alarm.get("Period"),
        "EvaluationPeriods": alarm.get("EvaluationPeriods"),
        "ComparisonOperator": alarm.get("ComparisonOperator"),
        "Threshold": alarm.get("Threshold"),
        "TreatMissingData": alarm.get("TreatMissingData") or "missing",
        "EvaluateLowSampleCountPercentile": "",
    }
    if alarm.get("DatapointsToAlarm"):
        trigger["DatapointsToAlarm"] = alarm["DatapointsToAlarm"]
    return trigger


def mail_message(
    alarm: Mapping[str, Any], *, old: str, new: str, reason: str, at: float, account: str, region: str
) -> str:
    """The message as a person reads it in a mail."""
    when = f"{datetime.fromtimestamp(at, UTC):%A %d %B, %Y %H:%M:%S} UTC"
    name = alarm["AlarmName"]
    lines = [
        (
            f'You are receiving this email because your Amazon CloudWatch Alarm "{name}" in the {region_name(region)} '
            f'region has entered the {new} state, because "{reason}" at "{when}".'
        ),
        "",
        "View this alarm in the AWS Management Console:",
        f"https://{region}.console.aws.amazon.com/cloudwatch/deeplink.js?region={region}#alarmsV2:alarm/{name}",
        "",
        "Alarm Details:",
        f"- Name:                       {name}",
        f"- Description:                {alarm.get('AlarmDescription') or ''}",
        f"- State Change:               {old} -> {new}",
        f"- Reason for State Change:    {reason}",
        f"- Timestamp:                  {when}",
        f"- AWS Account:                {account}",
        f"- Alarm Arn:                  {alarm['AlarmArn']}",
    ]
    if "AlarmRule" not in alarm:
        lines += _metric_lines(alarm)
    lines += ["", "State Change Actions:"]
    for state, key in (
        ("OK", "OKActions"),
        ("ALARM", "AlarmActions"),
        ("INSUFFICIENT_DATA", "InsufficientDataActions"),
    ):
        lines.append(f"- {state}: {' '.join(f'[{arn}]' for arn in alarm.get(key) or ())}".rstrip())
    return "\n".join([*lines, ""])


def _metric_lines(alarm: Mapping[str, Any]) -> list[str]:
    periods = alarm.get("EvaluationPeriods")
    needed = alarm.get("DatapointsToAlarm") or periods
    if alarm.get("Metrics"):
        query = alarm["Metrics"][0]
        return [
            "",
            "Threshold:",
            (
                f"- The alarm is in the ALARM state when the metric is {alarm.get('ComparisonOperator')} "
                f"{alarm.get('Threshold')} for at least {needed} of the last {periods} period(s) of "
                f"{query.get('Period')} seconds."
            ),
            "",
            "Monitored Metrics:",
            f"- MetricExpression:                    {query.get('Expression')}",
            f"- MetricLabel:                         {query.get('Label') or 'no label'}",
        ]
    dimensions = " ".join(f"[{one['Name']} = {one['Value']}]" for one in alarm.get("Dimensions") or ())
    return [
        "",
        "Threshold:",
        (
            f"- The alarm is in the ALARM state when the metric is {alarm.get('ComparisonOperator')} "
            f"{alarm.get('Threshold')} for at least {needed} of the last {periods} period(s) of "
            f"{alarm.get('Period')} seconds."
        ),
        "",
        "Monitored Metric:",
        f"- MetricNamespace:                     {alarm.get('Namespace')}",
        f"- MetricName:                          {alarm.get('MetricName')}",
        f"- Dimensions:                          {dimensions}".rstrip(),
        f"- Period:                              {alarm.get('Period')} seconds",
        f"- Statistic:                           {alarm.get('Statistic')}",
        f"- Unit:                                {alarm.get('Unit') or 'not specified'}",
        f"- TreatMissingData:                    {alarm.get('TreatMissingData') or 'missing'}",
    ]


def _stamp(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


@functools.cache
def _region_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for partition in botocore.session.get_session().get_data("endpoints")["partitions"]:
        names |= {code: region["description"] for code, region in partition["regions"].items()}
    return names


def region_name(region: str) -> str:
    """A region's long name, which the messages carry: `US East (N. Virginia)`."""
    return _region_names().get(region, region)
