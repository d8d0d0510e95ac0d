"""What the trail's settings call for, message by message: the attack rows, the peace rows, and what cannot be done."""

from datetime import timedelta
from typing import Any

import pytest
from common.errors import NotReported
from guardian.errors import NotPutBack

from tests.support.guardian_world import (
    ALL_MANAGEMENT,
    SETTINGS,
    STOPPED_AT,
    FakeAws,
    Hands,
    document,
    refusal,
    sample,
    wake,
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

# attack: what it does to the trail's settings, or to its selectors; the call that puts it back
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


def attacked(name: str, **more: Any) -> FakeAws:
    settings, selectors, _ = ATTACKS[name]
    aws = FakeAws(is_logging=True, **more)
    aws.settings.update(settings)
    aws.selectors = selectors or aws.selectors
    return aws


def is_as_it_was(aws: FakeAws) -> bool:
    unsaid = {"S3KeyPrefix": "", "RecursiveLogging": True}
    return {**unsaid, **aws.settings} == {**SETTINGS, **unsaid} and aws.selectors == EVENT_SELECTORS


@pytest.mark.parametrize("message", ["update-trail", "alarm-aws", "scheduled-scheduler", "stop-refused-access-denied"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_is_undone_whatever_tells_of_it(attack: str, message: str):
    aws = attacked(attack)
    woken = wake(message, aws)
    assert woken.raised is None
    assert woken.answer
    assert woken.answer["settings"] == "put back"
    assert aws.requests == ATTACKS[attack][2]
    assert is_as_it_was(aws)
    # Who knows nobody waits longer, so that the event's own run comes first and tells who it was.
    assert aws.hands.slept == [40 if message in ("alarm-aws", "scheduled-scheduler") else 30]
    who = "changed by mallory" if message == "update-trail" else "found changed"
    assert f"[critical] Trail {who}, put back" in aws.mails[-1]
    assert len(aws.mails) == (2 if message.startswith("stop-refused") else 1)


@pytest.mark.parametrize("attack", ATTACKS)
def test_told_to_notify_it_changes_nothing_and_says_so(attack: str):
    aws = attacked(attack)
    woken = wake("update-trail", aws, MODE="notify")
    assert woken.raised is None
    assert aws.requests == []
    assert aws.mails == ["[critical] Trail changed by mallory and NOT PUT BACK (see why)"]
    assert woken.row("Done") == "nothing: remediation mode is notify"


def test_the_mail_says_what_was_changed_and_what_was_done():
    aws = attacked("everything at once")
    woken = wake("update-trail", aws)
    assert woken.body.startswith("CloudTrail trail trailwarden-prod was changed and is as wanted again.\n")
    lines = woken.body.splitlines()
    at = lines.index("Changed  multi-region: off, wanted on")
    assert lines[at + 1 : at + 3] == [
        "         bucket: mallorys, wanted trail-bucket-1a2b3c4",
        "         event selectors: nothing is recorded, wanted all management events",
    ]
    assert woken.row("Done") == "UpdateTrail (multi-region, bucket) at 03:12:41 UTC"
    assert "         PutEventSelectors (event selectors) at 03:12:41 UTC\n         read back: as wanted\n" in woken.body
    assert woken.row("Who").startswith("mallory (IAM user, no MFA)")


def test_a_stop_is_undone_before_anything_is_waited_for():
    aws = attacked("single region")
    aws.is_logging, aws.stopped_at = False, STOPPED_AT
    wake("stop-by-name-iam-user", aws)
    assert aws.calls.index("StartLogging") < aws.calls.index("Publish") < aws.calls.index("UpdateTrail")
    assert aws.hands.slept == [30]
    assert [mail.split(",")[0] for mail in aws.mails] == [
        "[critical] Trail stopped by mallory",
        "[critical] Trail found changed",
    ]


class Deployment:
    """`pulumi up` in the provider's order, one step at a time: desired state, UpdateTrail, StartLogging, selectors."""

    def __init__(self, aws: FakeAws, settings: dict[str, Any], selectors: dict[str, Any]) -> None:
        self.aws, self.settings, self.selectors = aws, settings, selectors

    def steps(self):
        yield self.write
        yield self.update
        yield self.start
        yield self.select

    def write(self) -> None:
        self.aws.wanted = document(**self.settings)
        trail = self.aws.wanted["trail"]
        trail.pop("EventSelectors")
        trail.update(self.selectors)
        self.aws.wanted_at = self.aws.hands.at

    def update(self) -> None:
        self.aws.settings.update(self.settings)

    def start(self) -> None:
        self.aws.is_logging = True

    def select(self) -> None:
        self.aws.selectors = self.selectors


DEPLOYMENTS = {
    "bucket": ({"S3BucketName": "new-bucket"}, EVENT_SELECTORS),
    "prefix": ({"S3KeyPrefix": "audit"}, EVENT_SELECTORS),
    "key": ({"KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/new"}, EVENT_SELECTORS),
    "log group": ({"CloudWatchLogsLogGroupArn": EVIL}, EVENT_SELECTORS),
    "delivery role": ({"CloudWatchLogsRoleArn": "arn:aws:iam::111122223333:role/new"}, EVENT_SELECTORS),
    "organization": ({"IsOrganizationTrail": True}, EVENT_SELECTORS),
    "topic": ({"SnsTopicName": "files"}, EVENT_SELECTORS),
    "selectors": (
        {},
        {
            "EventSelectors": [
                *ALL_MANAGEMENT,
                {
                    "IncludeManagementEvents": False,
                    "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
                },
            ]
        },
    ),
    "everything": (
        {"S3BucketName": "new-bucket", "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/new"},
        {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]},
    ),
}


@pytest.mark.parametrize("message", ["add-tags", "remove-tags"])
def test_a_deployment_that_changes_tags_as_well_is_left_alone(message: str):
    aws = FakeAws(is_logging=True, wanted_at=STOPPED_AT - timedelta(seconds=20))
    wake(message, aws)
    assert aws.mails == []
    aws.wanted_at -= timedelta(days=1)
    wake(message, aws)
    assert len(aws.mails) == 1  # nobody deployed: somebody else did it


@pytest.mark.parametrize("message", ["update-trail", "put-event-selectors", "start-by-somebody", "alarm-aws"])
@pytest.mark.parametrize("wakes_after", range(1, 5))
@pytest.mark.parametrize("change", DEPLOYMENTS)
def test_a_deployment_is_left_alone_wherever_it_is_met(change: str, wakes_after: int, message: str):
    """The guardian wakes after the first, second … step, and the deployment goes on while it waits."""
    aws = FakeAws(is_logging=True, hands=Hands(at=STOPPED_AT - timedelta(seconds=20)))
    settings, selectors = DEPLOYMENTS[change]
    steps = list(Deployment(aws, settings, selectors).steps())
    for step in steps[:wakes_after]:
        step()
        aws.hands.move(4)
    rest = steps[wakes_after:]
    real = aws.hands.sleep

    def sleep(seconds: float) -> None:
        while rest:
            rest.pop(0)()
        real(seconds)

    aws.hands.sleep = sleep
    aws.hands.at = max(aws.hands.at, STOPPED_AT + timedelta(seconds=2))
    woken = wake(message, aws)
    assert woken.raised is None
    assert aws.requests == []
    assert aws.mails == []
    assert woken.log[-1]["message"] in ("silent: deployed", "silent: nothing wrong")


def test_a_deployment_that_stops_half_way_is_told_and_finished():
    """What `pulumi up` left undone is drift like any other: the desired state says so."""
    aws = FakeAws(is_logging=True)
    Deployment(aws, {"KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/new"}, EVENT_SELECTORS).write()
    assert wake("alarm-aws", aws).raised is None
    assert aws.requests == [("UpdateTrail", {"KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/new"})]


def test_blinded_for_a_moment_is_told_all_the_same():
    """Put back by the attacker within the grace time; no desired state was written, so it was no deployment."""
    aws = attacked("management events off")
    aws.on = lambda operation: None
    real = aws.hands.sleep

    def sleep(seconds: float) -> None:
        aws.selectors = EVENT_SELECTORS
        real(seconds)

    aws.hands.sleep = sleep
    woken = wake("put-event-selectors", aws)
    assert aws.requests == []
    assert aws.mails == ["[high] PutEventSelectors by mallory, trail is logging"]
    assert "was as wanted again 30 s later" in woken.body
    assert woken.row("Changed").startswith("event selectors: nothing is recorded, wanted")


EXTENSIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "organization": ({"IsOrganizationTrail": True}, EVENT_SELECTORS),
    "topic": ({"SnsTopicName": "files"}, EVENT_SELECTORS),
    "data events": ({}, DEPLOYMENTS["selectors"][1]),
}


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_more_than_is_wanted_is_told_once_and_left(extension: str):
    aws = FakeAws(is_logging=True)
    settings, aws.selectors = EXTENSIONS[extension]
    aws.settings.update(settings)
    wake("update-trail", aws)
    for _ in range(4):
        aws.hands.move(300)
        wake("scheduled-scheduler", aws)
    assert aws.requests == []
    assert aws.mails == ["[medium] Trail changed by mallory: it records more than is wanted"]


def test_a_key_that_nobody_wanted_is_left():
    aws = FakeAws(is_logging=True, wanted=document(KmsKeyId=""))
    wake("update-trail", aws)
    assert aws.requests == []


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (document(IsLogging=False), "logging is off"),
        (document(IsMultiRegionTrail=False), "it is not multi-region"),
        (document(IncludeGlobalServiceEvents=False), "global service events are off"),
        (document(LogFileValidationEnabled=False), "log file validation is off"),
        (document(CloudWatchLogsLogGroupArn=""), "it names no log group"),
        (document(CloudWatchLogsRoleArn=""), "it names no delivery role"),
        (document(S3BucketName=""), "it names no bucket"),
        (document(**NOTHING), "no management events are recorded"),
        (document(**READ_ONLY), "management events that write are not recorded"),
        (document(**WITHOUT_KMS), "some management events are left out"),
        # How the guardian acts is the deployment's to say, not the document's.
        (document() | {"mode": "notify"}, "mode: unknown"),
        (document() | {"dryRun": True}, "dryRun: unknown"),
        (document() | {"fields": []}, "fields: unknown"),
        (document() | {"graceSeconds": 86_400}, "graceSeconds: unknown"),
        (document() | {"budget": {"repairs": 1, "minutes": 1440}}, "budget: unknown"),
        (document() | {"version": 2}, "version: must be 1"),
        ("nonsense", "it is not JSON"),
        ("[]", "it is not a JSON object"),
    ],
)
def test_a_desired_state_below_the_floor_is_refused_and_shouted_about(wanted: Any, problem: str):
    aws = FakeAws(wanted=wanted)
    aws.settings["IsMultiRegionTrail"] = False
    woken = wake("stop-by-name-iam-user", aws)
    assert woken.raised is None
    assert aws.is_logging  # StartLogging at least
    assert aws.requests == []  # nothing else is restored from such a document
    assert aws.mails == [
        "[critical] Trail stopped by mallory, running again after 3 s",
        "[critical] Desired state refused: weaker than the floor, or none at all",
    ]
    assert problem in aws.published[-1]["Message"]
    assert "aws ssm get-parameter-history --name trail-desired-state-9c8d7e6" in aws.published[-1]["Message"]
    aws.hands.move(300)
    wake("scheduled-scheduler", aws)
    assert len(aws.mails) == 2  # once for each incident


def test_a_desired_state_that_cannot_be_read_is_told_by_its_code():
    denied = [refusal("AccessDeniedException") for _ in range(2)]
    aws = FakeAws(is_logging=True, refuse={"GetParameter": denied})
    wake("update-trail", aws)
    assert aws.mails == [
        "[high] UpdateTrail by mallory, trail is logging",
        "[critical] Desired state cannot be read: AccessDenied",
    ]


def test_settings_that_cannot_be_read_are_not_taken_for_good():
    denied = [refusal("AccessDeniedException") for _ in range(2)]
    aws = FakeAws(is_logging=True, refuse={"GetEventSelectors": denied})
    wake("alarm-aws", aws)
    assert aws.mails == ["[critical] Trail settings cannot be read: AccessDenied"]


def test_what_is_refused_whole_is_put_back_in_parts():
    """A bucket that is gone must not keep the trail single-region."""
    aws = attacked("everything at once")
    gone = refusal("S3BucketDoesNotExistException")
    aws.refuse["UpdateTrail"] = [gone]
    real = aws.took

    def took(operation: str) -> None:
        real(operation)
        if operation == "UpdateTrail" and aws.calls.count("UpdateTrail") == 3:
            raise gone

    aws.took = took  # pyright: ignore[reportAttributeAccessIssue]
    woken = wake("update-trail", aws)
    assert isinstance(woken.raised, NotPutBack)
    assert aws.settings["IsMultiRegionTrail"] is True
    assert aws.settings["S3BucketName"] == "mallorys"
    assert aws.selectors == EVENT_SELECTORS
    assert aws.mails == ["[critical] Trail changed by mallory, NOT PUT BACK: S3BucketDoesNotExist"]
    assert "UpdateTrail (bucket) refused: S3BucketDoesNotExist" in woken.body
    assert "UpdateTrail (multi-region) at " in woken.body
    assert "read back: not as wanted" in woken.body


@pytest.mark.parametrize("code", ["ThrottlingException", "ConflictException"])
def test_throttling_and_conflict_are_waited_out(code: str):
    aws = attacked("single region", refuse={"UpdateTrail": [refusal(code), refusal(code)]})
    assert wake("update-trail", aws).raised is None
    assert aws.hands.slept == [30, 1.1, 2.2]
    assert is_as_it_was(aws)


def test_a_write_that_has_no_effect_is_not_believed():
    aws = attacked("read only")
    aws.on = lambda operation: aws.refuse.clear()
    real = aws.client_for

    def client_for(service: str, region: str) -> Any:
        client = real(service, region)
        if service == "cloudtrail":
            client.put_event_selectors = lambda **_: {}
        return client

    aws.client_for = client_for  # pyright: ignore[reportAttributeAccessIssue]
    woken = wake("put-event-selectors", aws)
    assert isinstance(woken.raised, NotPutBack)
    assert aws.mails == ["[critical] Trail changed by mallory, NOT PUT BACK"]


def own_event(aws: FakeAws, request_id: str) -> dict[str, Any]:
    event = sample("update-by-guardians-role")
    event["detail"]["requestID"] = request_id
    return event


def test_the_guardian_knows_its_own_calls_from_those_of_somebody_with_its_role():
    from tests.support.guardian_world import deliver

    aws = attacked("single region")
    wake("update-trail", aws)
    assert len(aws.mails) == 1
    assert deliver(own_event(aws, "request-1"), aws).raised is None
    assert len(aws.mails) == 1
    aws.hands.move(60)
    woken = deliver(own_event(aws, "request-of-somebody"), aws)
    assert woken.raised is None
    assert aws.mails[1].startswith("[critical] UpdateTrail by role trailwarden-prod-guard")
    assert "this is the guardian's own role" in aws.published[1]["Message"]


NAMED = "[critical] Trail changed by mallory, as wanted again"


@pytest.mark.parametrize("finder", ["scheduled-scheduler", "alarm-aws", "stop-refused-access-denied"])
def test_an_event_that_comes_after_its_repair_still_tells_who_it_was_once(finder: str):
    """Whoever found the drift knew nobody; the event's run finds everything as wanted."""
    aws = attacked("single region")
    wake(finder, aws)
    aws.hands.move(90)
    for _ in range(2):
        wake("update-trail", aws)
    told = [mail for mail in aws.mails if "Trail" in mail]
    assert told == ["[critical] Trail found changed, put back", NAMED]
    body = aws.published[-1]["Message"]
    assert body.startswith("CloudTrail trail trailwarden-prod was changed (UpdateTrail), and is as wanted again.")
    assert "\nWho      mallory (IAM user, no MFA)" in body
    assert "\nDone     nothing in this run: the trail was as wanted again when it was looked at\n" in body
    assert "\nTold     by another mail without a name; this one adds who it was\n" in body
    wake("put-event-selectors", aws)
    assert aws.mails[-1] == NAMED  # whatever else belongs to that drift is a member of it


def test_an_event_that_comes_after_its_own_repair_is_a_member_of_it():
    aws = attacked("single region")
    wake("update-trail", aws)
    aws.hands.move(90)
    woken = wake("update-trail", aws)
    assert len(aws.mails) == 1
    assert woken.log[-1]["message"] == "told already: changed"


@pytest.mark.parametrize("mode", ["notify", "dry-run"])
def test_drift_that_lasts_is_told_with_a_name_once_an_event_has_one(mode: str):
    aws = attacked("single region", variables={"MODE": mode})
    for message in ("scheduled-scheduler", "update-trail", "update-trail", "scheduled-scheduler"):
        wake(message, aws)
    why = "dry run" if mode == "dry-run" else "see why"
    assert aws.mails == [
        f"[critical] Trail {who} and NOT PUT BACK ({why})" for who in ("found changed", "changed by mallory")
    ]


def test_the_same_drift_again_is_another_incident():
    aws = attacked("single region")
    wake("update-trail", aws)
    aws.hands.move(120)
    aws.settings["IsMultiRegionTrail"] = aws.settings["IncludeGlobalServiceEvents"] = False
    event = sample("update-trail")
    event["detail"] |= {"eventTime": aws.hands.at.isoformat(), "eventID": "0c8f1e9a-0000-0000-0000-000000000001"}
    from tests.support.guardian_world import deliver

    assert deliver(event, aws).raised is None
    assert len(aws.mails) == 2


def test_two_runs_that_see_one_drift_tell_it_once():
    """The second run reads the drift before the first puts it back, and ends after it."""
    aws = attacked("single region")
    real, nested = aws.hands.sleep, []

    def sleep(seconds: float) -> None:
        real(seconds)
        if not nested:
            nested.append(True)
            wake("alarm-aws", aws)

    aws.hands.sleep = sleep
    wake("update-trail", aws)
    assert aws.mails == ["[critical] Trail found changed, put back", NAMED]


# when the trail goes: what is asked for the first, second … time, with what is wrong with it before that
DELETED_DURING = {
    "first look, GetTrail": ("", "GetTrail", 1),
    "first look, GetEventSelectors": ("", "GetEventSelectors", 1),
    "first look, GetInsightSelectors": ("", "GetInsightSelectors", 1),
    "second look": ("everything at once", "GetTrail", 2),
    "first repair": ("everything at once", "UpdateTrail", 1),
    "second repair": ("everything at once", "PutEventSelectors", 1),
    "reading back": ("everything at once", "GetTrail", 3),
}


@pytest.mark.parametrize("comes_late", [False, True])
@pytest.mark.parametrize("message", ["alarm-aws", "update-trail", "delete-trail", "scheduled-scheduler"])
@pytest.mark.parametrize("moment", DELETED_DURING)
def test_a_trail_that_goes_meanwhile_is_gone_and_not_unreadable(moment: str, message: str, comes_late: bool):
    """One mail, and one with the name if the first had none; nothing is raised, because no retry could help."""
    attack, operation, nth = DELETED_DURING[moment]
    aws = attacked(attack) if attack else FakeAws(is_logging=True)
    seen: list[str] = []

    def on(asked: str) -> None:
        seen.append(asked)
        if seen.count(operation) == nth and not aws.is_gone:
            aws.is_gone = True
            if comes_late:  # the run of the deletion's own event overtakes this one
                assert wake("delete-trail", aws).raised is None

    aws.on = on
    woken = wake(message, aws)
    assert woken.raised is None
    assert woken.answer
    assert woken.answer["settings"] == "gone"
    is_known = comes_late or message == "delete-trail"
    assert aws.mails == [f"[critical] Trail {'deleted by mallory' if is_known else 'is gone'}, NOT LOGGING"]
    wake("delete-trail", aws)
    aws.hands.move(300)
    wake("scheduled-scheduler", aws)
    assert aws.mails[1:] == ([] if is_known else ["[critical] Trail deleted by mallory, NOT LOGGING"])


def test_a_repair_that_finds_no_trail_is_not_tried_in_parts():
    aws = attacked("everything at once")
    aws.refuse["UpdateTrail"] = [refusal("TrailNotFoundException")]
    woken = wake("update-trail", aws)
    assert woken.raised is None
    assert aws.calls.count("UpdateTrail") == 1
    assert "PutEventSelectors" not in aws.calls
    assert aws.mails == ["[critical] Trail is gone, NOT LOGGING"]
    assert woken.row("Changed") == "multi-region: off, wanted on"
    assert woken.row("Done") == "UpdateTrail (multi-region, bucket) refused: TrailNotFound"
    assert "read back: the trail does not exist any more" in woken.body


class _Dies(BaseException):
    """Lambda ends a run."""


@pytest.mark.parametrize("dies_at", ["GetTrail", "UpdateTrail", "Publish", "told"])
def test_a_run_that_dies_around_a_deletion_is_made_up_for(dies_at: str):
    """Exactly one mail of the deletion; two when the run died between its mail and its mark."""
    aws = attacked("single region")
    last: list[str] = []

    def on(operation: str) -> None:
        aws.is_gone = aws.is_gone or operation == "UpdateTrail"
        is_told = bool(last) and last[-1] == "Publish"
        last.append(operation)
        if operation == dies_at or (dies_at == "told" and is_told):
            raise _Dies

    aws.on = on
    with pytest.raises(_Dies):
        wake("update-trail", aws)
    aws.on, aws.is_gone = (lambda operation: None), True
    aws.hands.move(60)
    assert wake("update-trail", aws).raised is None
    for _ in range(3):
        aws.hands.move(300)
        assert wake("scheduled-scheduler", aws).raised is None
    gone = [mail for mail in aws.mails if mail == "[critical] Trail is gone, NOT LOGGING"]
    assert len(gone) == (2 if dies_at == "told" else 1)
    late = [mail for mail in aws.mails if mail not in gone]
    assert all(mail.startswith("[critical] Told late: The trail was changed") for mail in late)
    assert len(late) <= (dies_at != "GetTrail")


def test_no_room_for_the_grace_time_is_told_and_nothing_is_changed_blindly():
    aws = attacked("single region")
    woken = wake("update-trail", aws, remaining_s=20.0)
    assert aws.requests == []
    assert woken.row("Done") == "nothing: too little time was left in this run; the next one tries"


def test_a_lost_mail_about_settings_fails_the_run():
    aws = attacked("single region", refuse={"Publish": [refusal("NotFoundException", status=404)]})
    woken = wake("update-trail", aws)
    assert is_as_it_was(aws)
    assert isinstance(woken.raised, NotReported)
