"""The questions: one table that serves the terminal, the flags of `setup`, and the answers file.

Plain data, so that `--help` reads it without loading the settings: a check is looked up when the first answer comes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


def _settings_check(name: str) -> Callable[[str], Any]:
    """The function `name` of `settings.checks`, which the settings model validates with too."""

    def check(text: str) -> Any:
        return getattr(import_module("settings.checks"), name)(text)

    check.__name__ = name
    return check


@dataclass(frozen=True, kw_only=True)
class Question:
    """One thing the wizard asks. `key` is the key of the answers file and of the setting; `flag` answers it too."""

    key: str
    text: str
    """What a person is asked on the terminal."""
    hint: str = ""
    """The line under the question: what a good answer looks like, or what it will do."""
    flag: str = ""
    metavar: str = ""
    help: str = ""
    """What `setup --help` says about the flag."""
    is_asked: bool = True
    """Whether the dialogue asks it. What it does not ask is still a flag and a key of the answers file."""


@dataclass(frozen=True, kw_only=True)
class TypedQuestion(Question):
    """A question whose answer is typed, and not chosen from a list: one can mistype it."""

    check: Callable[[str], Any]
    """Cleans what was typed; its ValueError says what is wrong with it and what is allowed."""


STACK = TypedQuestion(
    key="stack",
    text="Which stack?",
    hint="One stack guards one AWS account. Its settings go to Pulumi.<stack>.yaml.",
    check=_settings_check("stack_name"),
    flag="--stack",
    metavar="NAME",
    help="Pulumi stack to set up, such as 'prod'.",
)

TRAIL = Question(
    key="trail",
    text="Which trail should be guarded?",
    flag="--trail",
    metavar="TRAIL",
    help="The trail that is guarded: 'create' (one for all regions), 'per-region' (one in each), or the name or ARN of "
    "one that exists, which is looked at. Repeat it for several that exist.",
    is_asked=False,
)
"""Asked only by who has seen the account: see `wizard/trail_question.py`."""

HOME_REGION = Question(
    key="homeRegion",
    text="Home region?",
    hint="Trail, log group, alarms and the guardian live here. The trail records every region.",
    flag="--home-region",
    metavar="REGION",
    help="Where trail, alarms and guardian live, such as eu-west-1.",
)
REGIONS = Question(
    key="regions",
    text="Which regions do you work in?",
    hint="All regions are recorded. Changes made outside of these can raise an alert: the set 'out-of-region'.",
    flag="--region",
    metavar="REGION",
    help="A region you work in. Repeat it for several.",
)
EMAILS = TypedQuestion(
    key="emails",
    text="Who gets the alerts?",
    hint="Mail addresses, several with spaces or commas between. AWS asks each of them to confirm.",
    check=_settings_check("email"),
    flag="--email",
    metavar="ADDRESS",
    help="Who gets the alerts by mail. Repeat it for several.",
)
SUBSCRIBERS = Question(
    key="subscribers",
    text="Who else is told?",
    flag="--subscriber",
    metavar="WHO",
    help="Who is told by another way than mail: PROTOCOL=ENDPOINT, such as sms=+15555550123, sqs=ARN or "
    "https=secret:webhookUrl; gets=alerts, raw=true, deadLetters=true after commas. Repeat it for several; "
    "'none' for nobody.",
    is_asked=False,
)
EVENT_SETS = Question(
    key="eventSets",
    text="What should raise an alert?",
    flag="--event-set",
    metavar="SET",
    help="What raises an alert: NAME, or NAME:threshold=10,period=600; severity=low likewise. "
    "Repeat it for several; 'none' for no set.",
)
SOURCE_IPS = Question(
    key="sourceIps",
    text="Alert when addresses make many calls?",
    flag="--source-ip",
    metavar="RANGE",
    help="Addresses whose calls are counted: NAME=CIDR, or NAME=CIDR,match=outside,threshold=30; period=300 likewise. "
    "Repeat it for several; 'none' for no range.",
)
REMEDIATION = Question(
    key="remediation",
    text="When somebody stops the trail?",
    flag="--remediation",
    metavar="MODE",
    help="When somebody stops the trail: 'restore' restarts it and tells you, 'notify' only tells you, "
    "'off' does neither.",
)
EVIDENCE = Question(
    key="evidence",
    text="May the recorded evidence be deleted with the stack?",
    flag="--evidence",
    metavar="WORD",
    help="'keep' (the default) protects bucket, log group and key from deletion; 'disposable' is for demos and tests.",
    is_asked=False,
)


def without_guardian(sets: Mapping[str, Any]) -> dict[str, Any]:
    """Event sets, by name, without those on things that only a guardian has."""
    from catalog import EVENT_SETS as CATALOGUE  # the command line lists its flags without reading the catalogue
    from settings.facts import absent

    return {
        name: ours
        for name, ours in sets.items()
        if name not in CATALOGUE or not absent(CATALOGUE[name], has_guardian=False)
    }


def with_mode(mode: Any, section: object) -> dict[str, Any]:
    """The section `remediation` with another mode: what else a stack decides there stays.

    But for a dry run, which only `restore` can have, and `restart`, which only `notify` needs: whoever chooses another
    mode ends it.
    """
    rest = dict(section) if isinstance(section, Mapping) else {}
    if mode != "restore":
        rest.pop("dryRun", None)
    if mode != "notify":
        rest.pop("restart", None)
    return {**rest, "mode": mode}


QUESTIONS = (TRAIL, HOME_REGION, REGIONS, EMAILS, SUBSCRIBERS, EVENT_SETS, SOURCE_IPS, REMEDIATION, EVIDENCE)
"""In the order they are asked. The stack comes before them: its present answers are the defaults."""

RANGE_CIDR = TypedQuestion(
    key="cidr",
    text="Which addresses?",
    hint="An address or a range, such as 203.0.113.0/24; several with spaces or commas between.",
    check=_settings_check("cidr_blocks"),
)
RANGE_NAME = TypedQuestion(
    key="name",
    text="A name for them?",
    hint="Alarm and mails are called by it: office, build-servers, old-vpn.",
    check=_settings_check("watch_name"),
)
RANGE_MATCH = Question(
    key="match",
    text="Count which calls?",
)
RANGE_THRESHOLD = TypedQuestion(
    key="threshold",
    text="How many calls raise the alarm?",
    check=_settings_check("threshold"),
)
RANGE_PERIOD = TypedQuestion(
    key="period",
    text="Within how many seconds?",
    check=_settings_check("period"),
)

MODES = {
    "restore": (
        "restart it and tell us",
        "The guardian starts the trail again, seconds later, and mails who stopped it.",
    ),
    "notify": ("only tell us", "The guardian mails who stopped the trail and the command that starts it again."),
    "off": (
        "do nothing",
        "No guardian is made. Alarms still mail that something happened, minutes later.",
    ),
}
"""The remediation modes in the order they are offered: in words, and what they mean."""

ADOPTED_MODES = {
    "notify": (
        "only tell us",
        "The guardian mails who stopped or changed it, and the command that mends it. It may change nothing.",
    ),
    "restart": (
        "restart it, and only tell us of everything else",
        "The guardian may start this trail again, and nothing more: its settings stay its owner's.",
    ),
    "restore": (
        "restart it, and put its settings back to the baseline",
        "The guardian may change the trail whenever it differs from what the stack file says it should be.",
    ),
    "off": MODES["off"],
}
"""The same for trails that the stack adopts, where nothing is done to them unless somebody says so."""

EVIDENCE_WORDS = {
    "keep": "kept: bucket, audit log group and their key are protected and outlive the stack",
    "disposable": "disposable: bucket, audit log group and their key go with the stack",
}
"""What becomes of the evidence, in words."""

MATCHES = {
    "inside": ("calls from these addresses", "A leaked key used from there, a scanner, a machine gone wild."),
    "outside": ("calls from everywhere else", "For accounts that are only used from known networks."),
}
"""The two directions of an address range in the order they are offered: in words, and what they are good for."""
