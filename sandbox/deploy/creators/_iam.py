"""IAM roles and their policies. IAM is global; its API answers in us-east-1."""

from sandbox.deploy._resource import Made, Resource


def role(resource: Resource) -> Made:
    """A role. The id is its name."""
    inputs, iam = resource.inputs, resource.aws("iam")
    inputs.set_aside("forceDetachPolicies")
    name = resource.physical_name()
    made = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=resource.document("assumeRolePolicy"),
        Tags=resource.tag_list(),
        **inputs.present(
            {
                "description": "Description",
                "maxSessionDuration": "MaxSessionDuration",
                "path": "Path",
                "permissionsBoundary": "PermissionsBoundary",
            }
        ),
    )["Role"]
    outputs = {"name": name, "arn": made["Arn"], "uniqueId": made["RoleId"], "tagsAll": resource.tags()}
    return Made(name, outputs)


def role_policy(resource: Resource) -> Made:
    """A policy inside a role. The id is `<role>:<policy>`."""
    role_name, name = resource.inputs["role"], resource.physical_name()
    resource.aws("iam").put_role_policy(RoleName=role_name, PolicyName=name, PolicyDocument=resource.document("policy"))
    return Made(f"{role_name}:{name}", {"name": name})
