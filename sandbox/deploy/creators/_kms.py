"""KMS keys and aliases."""

from sandbox.deploy._resource import PARTITION, Made, Resource


def key(resource: Resource) -> Made:
    """A customer key. Outputs `arn` and `keyId`, which is also the id."""
    inputs, kms = resource.inputs, resource.aws("kms")
    inputs.set_aside("deletionWindowInDays")
    asked = inputs.present(
        {
            "description": "Description",
            "keyUsage": "KeyUsage",
            "customerMasterKeySpec": "KeySpec",
            "multiRegion": "MultiRegion",
            "bypassPolicyLockoutSafetyCheck": "BypassPolicyLockoutSafetyCheck",
        }
    )
    if "policy" in inputs:
        asked["Policy"] = resource.document("policy")
    tags = [{"TagKey": name, "TagValue": value} for name, value in resource.tags().items()]
    made = kms.create_key(**asked, Tags=tags)["KeyMetadata"]
    if inputs.get("enableKeyRotation", False):
        kms.enable_key_rotation(KeyId=made["KeyId"], **inputs.present({"rotationPeriodInDays": "RotationPeriodInDays"}))
    if not inputs.get("isEnabled", True):
        kms.disable_key(KeyId=made["KeyId"])
    return Made(made["KeyId"], {"arn": made["Arn"], "keyId": made["KeyId"], "tagsAll": resource.tags()})


def alias(resource: Resource) -> Made:
    """A key's alias. The id is the alias's name, which begins with `alias/`."""
    name = resource.physical_name(prefix="alias/")
    target = resource.inputs["targetKeyId"]
    kms = resource.aws("kms")
    kms.create_alias(AliasName=name, TargetKeyId=target)
    target_arn = kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"]
    arn = f"arn:{PARTITION}:kms:{resource.region}:{resource.account}:{name}"
    return Made(name, {"name": name, "arn": arn, "targetKeyArn": target_arn})
