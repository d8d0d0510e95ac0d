"""Parameters of Systems Manager."""

from sandbox.deploy._resource import PARTITION, Made, Resource


def parameter(resource: Resource) -> Made:
    """A parameter. The id is its name."""
    inputs = resource.inputs
    inputs.set_aside("overwrite")
    name = resource.physical_name(prefix_key="")
    # The program says which of the two it is only so that previews show or hide it.
    value = inputs["insecureValue"] if "insecureValue" in inputs else inputs["value"]
    made = resource.aws("ssm").put_parameter(
        Name=name,
        Value=value,
        Type=inputs["type"],
        Tags=resource.tag_list(),
        **inputs.present(
            {
                "allowedPattern": "AllowedPattern",
                "dataType": "DataType",
                "description": "Description",
                "keyId": "KeyId",
                "tier": "Tier",
            }
        ),
    )
    arn = f"arn:{PARTITION}:ssm:{resource.region}:{resource.account}:parameter/{name.removeprefix('/')}"
    return Made(name, {"name": name, "arn": arn, "version": made["Version"], "tagsAll": resource.tags()})
