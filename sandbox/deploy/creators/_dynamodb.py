"""Tables of DynamoDB."""

import json
from typing import Any

from sandbox.deploy._inputs import Shape, shaped
from sandbox.deploy._resource import Made, Resource

_TTL: Shape = {"attributeName": "AttributeName", "enabled": "Enabled"}
_RECOVERY: Shape = {"enabled": "PointInTimeRecoveryEnabled", "recoveryPeriodInDays": "RecoveryPeriodInDays"}
_ENCRYPTION: Shape = {"enabled": "Enabled", "kmsKeyArn": "KMSMasterKeyId"}


def table(resource: Resource) -> Made:
    """A table with its local indexes. The id is its name.

    In the provider's order: CreateTable, then time to live and point-in-time recovery.
    """
    inputs, client = resource.inputs, resource.aws("dynamodb")
    name = resource.physical_name(prefix_key="")
    keys = _keys(inputs["hashKey"], inputs.get("rangeKey"))
    asked: dict[str, Any] = {
        "AttributeDefinitions": [
            {"AttributeName": each["name"], "AttributeType": each["type"]} for each in inputs["attributes"]
        ]
    }
    if "localSecondaryIndexes" in inputs:
        asked["LocalSecondaryIndexes"] = [_index(each, inputs["hashKey"]) for each in inputs["localSecondaryIndexes"]]
    if "serverSideEncryption" in inputs:
        encryption = shaped(inputs["serverSideEncryption"], _ENCRYPTION, path="serverSideEncryption")
        asked["SSESpecification"] = {**encryption, "SSEType": "KMS"} if encryption["Enabled"] else encryption
    made = client.create_table(
        TableName=name,
        KeySchema=keys,
        Tags=resource.tag_list(),
        **asked,
        **inputs.present({"billingMode": "BillingMode", "deletionProtectionEnabled": "DeletionProtectionEnabled"}),
    )["TableDescription"]
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    if "ttl" in inputs:
        ttl = shaped(inputs["ttl"], _TTL, path="ttl")
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
    if "pointInTimeRecovery" in inputs:
        recovery = shaped(inputs["pointInTimeRecovery"], _RECOVERY, path="pointInTimeRecovery")
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    return Made(name, {"name": name, "arn": made["TableArn"], "tagsAll": resource.tags()})


def table_item(resource: Resource) -> Made:
    """One item, in DynamoDB's own form. The id is what the provider makes of its keys."""
    inputs = resource.inputs
    item, keys = json.loads(inputs["item"]), [inputs["hashKey"], inputs.get("rangeKey")]
    # As the provider: an item that is there already is somebody else's.
    resource.aws("dynamodb").put_item(
        TableName=inputs["tableName"],
        Item=item,
        ConditionExpression="attribute_not_exists(#key)",
        ExpressionAttributeNames={"#key": keys[0]},
    )
    values = [next(iter(item[key].values())) for key in keys if key]
    return Made("|".join([inputs["tableName"], *(key for key in keys if key), *values]), {})


def _keys(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    ranged = [{"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else []
    return [{"AttributeName": hash_key, "KeyType": "HASH"}, *ranged]


def _index(index: dict[str, Any], hash_key: str) -> dict[str, Any]:
    shape: Shape = {"name": "IndexName", "rangeKey": "KeySchema", "projectionType": "Projection"}
    found = shaped(index, shape, path="localSecondaryIndexes")
    found["KeySchema"] = _keys(hash_key, found["KeySchema"])
    found["Projection"] = {"ProjectionType": found["Projection"]}
    return found
