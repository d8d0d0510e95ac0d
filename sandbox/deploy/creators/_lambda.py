"""Functions, who may invoke them, and what happens when they fail."""

import io
import uuid
import zipfile
from pathlib import Path
from typing import Any

from sandbox.deploy._inputs import Shape, UnsupportedInputError, shaped
from sandbox.deploy._resource import PARTITION, Made, Resource

_NESTED: Shape = {
    "environment": ("Environment", {"variables": "Variables"}),
    "loggingConfig": (
        "LoggingConfig",
        {
            "logFormat": "LogFormat",
            "logGroup": "LogGroup",
            "applicationLogLevel": "ApplicationLogLevel",
            "systemLogLevel": "SystemLogLevel",
        },
    ),
    "deadLetterConfig": ("DeadLetterConfig", {"targetArn": "TargetArn"}),
    "tracingConfig": ("TracingConfig", {"mode": "Mode"}),
    "ephemeralStorage": ("EphemeralStorage", {"size": "Size"}),
}
_DESTINATIONS: Shape = {
    "onFailure": ("OnFailure", {"destination": "Destination"}),
    "onSuccess": ("OnSuccess", {"destination": "Destination"}),
}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: the same sources make the same archive


def function(resource: Resource) -> Made:
    """A function with its code, which really runs. The id is its name."""
    inputs, client = resource.inputs, resource.aws("lambda")
    inputs.set_aside("skipDestroy")
    name = resource.physical_name(prefix_key="")
    nested = {key: inputs[key] for key in _NESTED if key in inputs}
    made = client.create_function(
        FunctionName=name,
        Code={"ZipFile": archive(inputs["code"])},
        Tags=resource.tags(),
        **shaped(nested, _NESTED, path="function"),
        **inputs.present(
            {
                "architectures": "Architectures",
                "description": "Description",
                "handler": "Handler",
                "kmsKeyArn": "KMSKeyArn",
                "layers": "Layers",
                "memorySize": "MemorySize",
                "publish": "Publish",
                "role": "Role",
                "runtime": "Runtime",
                "timeout": "Timeout",
            }
        ),
    )
    if "reservedConcurrentExecutions" in inputs:
        client.put_function_concurrency(
            FunctionName=name, ReservedConcurrentExecutions=inputs["reservedConcurrentExecutions"]
        )
    arn = made["FunctionArn"]
    path = f"arn:{PARTITION}:apigateway:{resource.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    outputs = {
        "name": name,
        "arn": arn,
        "invokeArn": path,
        "qualifiedArn": f"{arn}:{made['Version']}",
        "version": made["Version"],
        "lastModified": made["LastModified"],
        "codeSha256": made["CodeSha256"],
        "sourceCodeHash": made["CodeSha256"],
        "sourceCodeSize": made["CodeSize"],
        "tagsAll": resource.tags(),
    }
    return Made(name, outputs)


def permission(resource: Resource) -> Made:
    """One statement of a function's own policy. The id is the statement's."""
    inputs = resource.inputs
    statement_id = inputs.get("statementId") or f"{resource.name}-{uuid.uuid4().hex[:12]}"
    resource.aws("lambda").add_permission(
        FunctionName=inputs["function"],
        StatementId=statement_id,
        Action=inputs["action"],
        Principal=inputs["principal"],
        **inputs.present(
            {
                "eventSourceToken": "EventSourceToken",
                "principalOrgId": "PrincipalOrgID",
                "qualifier": "Qualifier",
                "sourceAccount": "SourceAccount",
                "sourceArn": "SourceArn",
            }
        ),
    )
    return Made(statement_id, {"statementId": statement_id})


def event_invoke_config(resource: Resource) -> Made:
    """What happens to events whose asynchronous invocation failed. The id is the function's name."""
    inputs = resource.inputs
    name = inputs["functionName"]
    asked = inputs.present(
        {
            "maximumEventAgeInSeconds": "MaximumEventAgeInSeconds",
            "maximumRetryAttempts": "MaximumRetryAttempts",
            "qualifier": "Qualifier",
        }
    )
    if "destinationConfig" in inputs:
        asked["DestinationConfig"] = shaped(inputs["destinationConfig"], _DESTINATIONS, path="destinationConfig")
    resource.aws("lambda").put_function_event_invoke_config(FunctionName=name, **asked)
    return Made(name, {})


def archive(code: Any) -> bytes:
    """The function's zip from the recorded archive, an explicit list of files and texts.

    Entries are readable for all (0644): Lambda runs the code as another user, and Python's default is 0600.
    """
    import pulumi  # the deploying process has it already; whoever only reads the table need not pay for it

    if not isinstance(code, pulumi.AssetArchive):
        raise UnsupportedInputError(f"code: expected an AssetArchive (an explicit list of files), got {code!r}")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, asset in sorted(code.assets.items()):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            if isinstance(asset, pulumi.FileAsset):
                content = Path(asset.path).read_bytes()
            elif isinstance(asset, pulumi.StringAsset):
                content = asset.text.encode()
            else:
                raise UnsupportedInputError(f"code.{name}: expected a FileAsset or a StringAsset, got {asset!r}")
            package.writestr(entry, content)
    return packed.getvalue()
