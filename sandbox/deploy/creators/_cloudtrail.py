"""The trail itself."""

from sandbox.deploy._inputs import Shape, shaped
from sandbox.deploy._resource import Made, Resource

_SELECTOR: Shape = {
    "readWriteType": "ReadWriteType",
    "includeManagementEvents": "IncludeManagementEvents",
    "excludeManagementEventSources": "ExcludeManagementEventSources",
    "dataResources": ("DataResources", {"type": "Type", "values": "Values"}),
}
_OPERATORS = {
    "equals": "Equals",
    "notEquals": "NotEquals",
    "startsWiths": "StartsWith",
    "notStartsWiths": "NotStartsWith",
    "endsWiths": "EndsWith",
    "notEndsWiths": "NotEndsWith",
}
_ADVANCED: Shape = {"name": "Name", "fieldSelectors": ("FieldSelectors", {"field": "Field", **_OPERATORS})}


def trail(resource: Resource) -> Made:
    """A trail, logging unless the program says otherwise. The id is its ARN.

    In the provider's order: CreateTrail, StartLogging, event selectors, insight selectors.
    """
    inputs, cloudtrail = resource.inputs, resource.aws("cloudtrail")
    name = resource.physical_name(prefix_key="")
    made = cloudtrail.create_trail(
        Name=name,
        S3BucketName=inputs["s3BucketName"],
        IncludeGlobalServiceEvents=inputs.get("includeGlobalServiceEvents", True),
        TagsList=resource.tag_list(),
        **inputs.present(
            {
                "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
                "cloudWatchLogsRoleArn": "CloudWatchLogsRoleArn",
                "enableLogFileValidation": "EnableLogFileValidation",
                "isMultiRegionTrail": "IsMultiRegionTrail",
                "isOrganizationTrail": "IsOrganizationTrail",
                "kmsKeyId": "KmsKeyId",
                "s3KeyPrefix": "S3KeyPrefix",
                "snsTopicName": "SnsTopicName",
            }
        ),
    )
    arn = made["TrailARN"]
    if inputs.get("enableLogging", True):
        cloudtrail.start_logging(Name=arn)
    if "eventSelectors" in inputs:
        selectors = [shaped(each, _SELECTOR, path="eventSelectors") for each in inputs["eventSelectors"]]
        cloudtrail.put_event_selectors(TrailName=arn, EventSelectors=selectors)
    if "advancedEventSelectors" in inputs:
        chosen = [shaped(each, _ADVANCED, path="advancedEventSelectors") for each in inputs["advancedEventSelectors"]]
        cloudtrail.put_event_selectors(TrailName=arn, AdvancedEventSelectors=chosen)
    if "insightSelectors" in inputs:
        kinds = [
            shaped(each, {"insightType": "InsightType"}, path="insightSelectors") for each in inputs["insightSelectors"]
        ]
        cloudtrail.put_insight_selectors(TrailName=arn, InsightSelectors=kinds)
    home = cloudtrail.get_trail(Name=arn)["Trail"]["HomeRegion"]
    return Made(arn, {"name": name, "arn": arn, "homeRegion": home, "tagsAll": resource.tags()})
