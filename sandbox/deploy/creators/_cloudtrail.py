"""The trail itself."""

from sandbox.deploy._inputs import Shape, shaped
from sandbox.deploy._resource import Made, Resource

_SELECTOR: Shape = {
    "readWriteType": "ReadWriteType",
    "includeManagementEvents": "IncludeManagementEvents",
    "excludeManagementEventSources": "ExcludeManagementEventSources",
    "dataResources": ("DataResources", {"type": "Type", "values": "Values"}),
}


def trail(resource: Resource) -> Made:
    """A trail, logging unless the program says otherwise. The id is its ARN.

    In the provider's order: CreateTrail, StartLogging, then selectors.
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
    home = cloudtrail.get_trail(Name=arn)["Trail"]["HomeRegion"]
    return Made(arn, {"name": name, "arn": arn, "homeRegion": home, "tagsAll": resource.tags()})
