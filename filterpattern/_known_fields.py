"""Fields of CloudTrail records whose kind is certain (record contents, CloudTrail user guide, read 2026-09)."""

ALWAYS_THERE = frozenset(
    (name,)
    for name in (
        "awsRegion",
        "eventID",
        "eventName",
        "eventSource",
        "eventTime",
        "eventType",
        "eventVersion",
        "sourceIPAddress",
    )
)
"""In every record."""

_IDENTITY = (
    ("accessKeyId",),
    ("accountId",),
    ("arn",),
    ("invokedBy",),
    ("principalId",),
    ("type",),
    ("userName",),
    ("sessionContext", "attributes", "creationDate"),
    ("sessionContext", "attributes", "mfaAuthenticated"),
    ("sessionContext", "sessionIssuer", "accountId"),
    ("sessionContext", "sessionIssuer", "arn"),
    ("sessionContext", "sessionIssuer", "principalId"),
    ("sessionContext", "sessionIssuer", "type"),
    ("sessionContext", "sessionIssuer", "userName"),
)

ALWAYS_TEXT = (
    ALWAYS_THERE
    | {
        (name,)
        for name in (
            "apiVersion",
            "errorCode",
            "errorMessage",
            "eventCategory",
            "recipientAccountId",
            "requestID",
            "sharedEventID",
            "userAgent",
            "vpcEndpointId",
        )
    }
    | {("userIdentity", *path) for path in _IDENTITY}
)
"""A text wherever they occur: never a number, a boolean, null, an array or an object."""

NEVER_ARRAYS = ALWAYS_TEXT | {("managementEvent",), ("readOnly",)}
"""One value wherever they occur. `readOnly` is a boolean almost always, and was seen as a text."""
