"""What policies see of a call: the names of resources and the condition keys that the emulator lacks.

Source for all: Service Authorization Reference, "Actions, resources, and condition keys" of the service.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl


def resource_of(arn: Any, *, service: str, action: str, body: bytes, region: str, account: str) -> Any:
    """The resource that a call is checked against; `arn` is what the emulator makes of it (`*` for none)."""
    if isinstance(arn, str) and ":rule/default/" in arn:
        # A rule on the default bus is `rule/<name>`, not `rule/default/<name>`.
        return arn.replace(":rule/default/", ":rule/", 1)
    if service == "monitoring" and action.endswith("DescribeInsightRules"):
        return "*"
    if service == "monitoring" and "InsightRule" in action:
        asked = _asked(body)
        name = asked.get("RuleName") or next(iter(asked.get("RuleNames") or ()), "*")
        return f"arn:aws:cloudwatch:{region}:{account}:insight-rule/{name}"
    if service == "monitoring" and action.endswith("AlarmMuteRule"):
        name = _asked(body).get("Name" if action.startswith("Put") else "AlarmMuteRuleName")
        return f"arn:aws:cloudwatch:{region}:{account}:alarm-mute-rule:{name or '*'}"
    if service == "monitoring" and action.endswith("ListAlarmMuteRules"):
        return "*"
    if service == "monitoring" and arn == "*":
        names = _asked(body).get("AlarmNames") or []
        # One for all of a call: DescribeAlarms is checked against every alarm, others against each that they name.
        name = names[0] if action.endswith("AlarmActions") and names else "*"
        return f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
    if service == "events" and arn == "*" and (rule := _asked(body).get("Rule")):
        return f"arn:aws:events:{region}:{account}:rule/{rule}"  # targets are named by their rule
    if service == "sns" and arn == "*":
        # Calls on data protection and tags name their topic so; those on a subscription are about no resource.
        return dict(parse_qsl(body.decode("utf-8", "replace"))).get("ResourceArn", "*")
    if service == "logs" and action == "DescribeLogGroups" and arn == "*":
        return f"arn:aws:logs:{region}:{account}:log-group::log-stream:"
    return arn


def action_of(action: Any, *, method: str, path: str) -> Any:
    """The action that a call is checked for; `action` is what the emulator makes of it."""
    settings = {"concurrency": "FunctionConcurrency", "event-invoke-config": "FunctionEventInvokeConfig"}
    setting = settings.get(path.rpartition("/")[2])
    verb = {"GET": "Get", "DELETE": "Delete", "PUT": "Put", "POST": "Update"}.get(method)
    return f"lambda:{verb}{setting}" if setting and verb and str(action).startswith("lambda:") else action


def condition_keys(service: str, action: str, *, body: bytes, query: Mapping[str, Any]) -> dict[str, Any]:
    """Condition keys of a call. `action` is IAM's, such as `sns:Subscribe`."""
    if service == "sns" and action == "sns:Subscribe":
        return {f"sns:{name}": _field(query, name) for name in ("Endpoint", "Protocol")}
    if service == "events" and action == "events:PutTargets":
        return {"events:TargetArn": [target.get("Arn", "") for target in _asked(body).get("Targets") or []]}
    if service == "dynamodb" and action in ("dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query"):
        return {"dynamodb:LeadingKeys": _leading_keys(_asked(body))}
    return {}


def _leading_keys(asked: Mapping[str, Any]) -> list[str]:
    """The values of the table's first key that a request is about; all tables of ours call it `trail`."""
    key = asked.get("Key") or {}
    known = key.get("trail") or (asked.get("ExpressionAttributeValues") or {}).get(":trail") or {}
    return [str(value) for value in known.values()]


def _field(query: Mapping[str, Any], name: str) -> str:
    value = query.get(name, "")
    return str(value[0]) if isinstance(value, list) and value else str(value)


def _asked(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
