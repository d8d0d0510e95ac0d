"""Attacks on the settings of a guarded trail, and what puts each back."""

from typing import Any

from tests.support.guardian_world import (
    ALL_MANAGEMENT,
    SETTINGS,
    FakeAws,
)

EVIL = "arn:aws:logs:eu-west-1:111122223333:log-group:empty:*"
READ_ONLY = {"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]}
NOTHING = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]}
WITHOUT_KMS = {
    "EventSelectors": [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "ExcludeManagementEventSources": ["kms.amazonaws.com"],
        }
    ]
}
ADVANCED = {
    "AdvancedEventSelectors": [
        {
            "Name": "all but one",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Management"]},
                {"Field": "eventSource", "NotEquals": ["iam.amazonaws.com"]},
            ],
        }
    ]
}
EVENT_SELECTORS = {"EventSelectors": list(ALL_MANAGEMENT)}

ATTACKS: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[str, dict[str, Any]]]]] = {
    "single region": (
        {"IsMultiRegionTrail": False, "IncludeGlobalServiceEvents": False},
        {},
        [("UpdateTrail", {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True})],
    ),
    "no global events": (
        {"IncludeGlobalServiceEvents": False},
        {},
        [("UpdateTrail", {"IncludeGlobalServiceEvents": True})],
    ),
    "validation off": (
        {"LogFileValidationEnabled": False},
        {},
        [("UpdateTrail", {"LogFileValidationEnabled": True})],
    ),
    "own deliveries left out": ({"RecursiveLogging": False}, {}, [("UpdateTrail", {"RecursiveLogging": True})]),
    "log group removed": (
        {"CloudWatchLogsLogGroupArn": "", "CloudWatchLogsRoleArn": ""},
        {},
        [
            (
                "UpdateTrail",
                {key: SETTINGS[key] for key in ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn")},
            )
        ],
    ),
    "another log group": (
        {"CloudWatchLogsLogGroupArn": EVIL},
        {},
        [
            (
                "UpdateTrail",
                {key: SETTINGS[key] for key in ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn")},
            )
        ],
    ),
    "another bucket": (
        {"S3BucketName": "mallorys"},
        {},
        [("UpdateTrail", {"S3BucketName": "trail-bucket-1a2b3c4"})],
    ),
    "another prefix": ({"S3KeyPrefix": "hidden"}, {}, [("UpdateTrail", {"S3KeyPrefix": ""})]),
    "key removed": ({"KmsKeyId": ""}, {}, [("UpdateTrail", {"KmsKeyId": SETTINGS["KmsKeyId"]})]),
    "management events off": ({}, NOTHING, [("PutEventSelectors", EVENT_SELECTORS)]),
    "read only": ({}, READ_ONLY, [("PutEventSelectors", EVENT_SELECTORS)]),
    "a service left out": ({}, WITHOUT_KMS, [("PutEventSelectors", EVENT_SELECTORS)]),
    "advanced selectors that exclude": ({}, ADVANCED, [("PutEventSelectors", EVENT_SELECTORS)]),
    "everything at once": (
        {"IsMultiRegionTrail": False, "S3BucketName": "mallorys"},
        NOTHING,
        [
            ("UpdateTrail", {"IsMultiRegionTrail": True, "S3BucketName": "trail-bucket-1a2b3c4"}),
            ("PutEventSelectors", EVENT_SELECTORS),
        ],
    ),
}
"""Attack: what it does to the trail's settings, or to its selectors; the calls that put it back."""


def attacked(name: str, **more: Any) -> FakeAws:
    """A trail that logs and was attacked."""
    settings, selectors, _ = ATTACKS[name]
    aws = FakeAws(is_logging=True, **more)
    aws.settings.update(settings)
    aws.selectors = selectors or aws.selectors
    return aws


def is_as_it_was(aws: FakeAws) -> bool:
    """Whether the trail is as before any attack."""
    unsaid = {"S3KeyPrefix": "", "RecursiveLogging": True}
    return {**unsaid, **aws.settings} == {**SETTINGS, **unsaid} and aws.selectors == EVENT_SELECTORS
