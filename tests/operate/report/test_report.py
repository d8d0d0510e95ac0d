"""What a stack file would deploy, against another revision, and what of it weakens the guard."""

import json
import re
import subprocess
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from exits import Exit
from operate.report import Options, report
from operate.report.markdown import plain
from operate.report.weaker import weaker
from settings import Settings

SAMPLES = {"matches": [{"eventName": "GetSecretValue"}], "matchesNot": [{"eventName": "A"}, {"eventName": "B"}]}
READS = {"pattern": '{ $.eventName = "GetSecretValue" }', "severity": "high", "samples": SAMPLES}
BASE: dict[str, Any] = {
    "homeRegion": "eu-west-1",
    "regions": ["eu-west-1", "us-east-1"],
    "emails": ["security@example.com", "oncall@example.com"],
    "subscribers": [{"protocol": "sms", "endpoint": "+15555550123"}],
    "eventSets": {"trail-changes": {}, "unauthorized-api-calls": {"threshold": 10}},
    "customSets": {"secret-reads": READS},
    "sourceIps": [{"name": "office", "cidr": "203.0.113.0/24", "threshold": 30}],
    "remediation": {"mode": "restore"},
    "trail": {"retentionDays": 731},
}
STACK = """\
config:
  aws:region: eu-west-1
  trailwarden:regions: [eu-west-1, us-east-1]
  trailwarden:emails: [security@example.com, oncall@example.com]
  trailwarden:eventSets:
    trail-changes: {}
    unauthorized-api-calls: {threshold: 10}
"""


def settings(**change: Any) -> Settings:
    return Settings.parse({**BASE, **change}, stack="prod", source="test")


CUSTOM = BASE["customSets"]["secret-reads"]
OFFICE = BASE["sourceIps"][0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"eventSets": {"trail-changes": {}}}, ["unauthorized-api-calls (Denied API calls) is no longer watched."]),
        (
            {"alerts": {"digest": {}}},
            ["What is of low severity is mailed once a day, not when it happens (digest)."],
        ),
        ({"customSets": {}}, ["secret-reads (secret-reads) is no longer watched."]),
        (
            {"eventSets": {"trail-changes": {}, "unauthorized-api-calls": {"threshold": 50}}},
            ["unauthorized-api-calls fires later: at 50 in 5 min instead of 10 in 5 min."],
        ),
        (
            {"eventSets": {"trail-changes": {}, "unauthorized-api-calls": {"threshold": 10, "period": 60}}},
            ["unauthorized-api-calls fires later: at 10 in 1 min instead of 10 in 5 min."],
        ),
        (
            {"sourceIps": [{**OFFICE, "period": 3600}]},
            ["office hides repeats for longer: one alarm in 60 min at most."],
        ),
        (
            {"sourceIps": [{**OFFICE, "match": "outside"}]},
            ["office has another pattern; compare what it matches (test-pattern, backtest)."],
        ),
        (
            {"customSets": {"secret-reads": {**CUSTOM, "severity": "low"}}},
            ["secret-reads is less urgent: low instead of high."],
        ),
        (
            {"customSets": {"secret-reads": {**CUSTOM, "samples": SAMPLES | {"matchesNot": []}}}},
            ["The pattern of secret-reads is held to 2 samples less."],
        ),
        (
            {"emails": ["security@example.com"]},
            ["email oncall@example.com no longer hears of alerts or when the watching itself fails."],
        ),
        (
            {"subscribers": [{"protocol": "sms", "endpoint": "+15555550123", "gets": "alerts"}]},
            ["sms +15555550123 no longer hears when the watching itself fails."],
        ),
        ({"regions": ["eu-west-1"]}, ["us-east-1 is no longer a region in which the guardian listens."]),
        (
            {"remediation": {"mode": "notify"}},
            ["Remediation goes from restore to notify: a stopped trail is told of, and stays stopped."],
        ),
        (
            {"remediation": {"mode": "off"}},
            ["Remediation goes from restore to off: a stopped trail stays stopped, and only its alarm tells."],
        ),
        ({"remediation": {"mode": "restore", "dryRun": True}}, ["Remediation only says what it would do (dryRun)."]),
        (
            {"remediation": {"mode": "restore", "graceSeconds": 60}},
            ["A change of the trail stands for 60 s instead of 30 s."],
        ),
        (
            {"remediation": {"mode": "restore", "budget": {"repairs": 2, "minutes": 15}}},
            ["The guardian repairs 2 times in 15 minutes instead of 5 times in 15 minutes and tells more as one."],
        ),
        (
            {"evidence": "disposable"},
            ["Logs and their keys go with the stack when it is destroyed (evidence: disposable)."],
        ),
        (
            {"trail": {"retentionDays": 731, "mayBeMasked": True}},
            ["Nobody is told when a data protection policy masks events, which filters then do not see."],
        ),
        ({"trail": {"retentionDays": 365}}, ["The log group keeps events 365 days instead of 731."]),
        (
            {"trail": {"retentionDays": 731, "management": "write"}},
            ["The guardian's floor is waived for a trail: management-reads."],
        ),
        (
            {"trail": {"retentionDays": 731, "lifecycle": {"expireDays": 365}}},
            ["Log files are deleted after 365 days."],
        ),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_what_weakens_the_guard_is_said(change: dict[str, Any], said: list[str]) -> None:
    before, after = settings(), settings(**change)
    assert weaker(before, after) == said
    assert weaker(before, before) == []


@pytest.mark.parametrize(
    "change",
    [
        {"eventSets": {"trail-changes": {}, "unauthorized-api-calls": {"threshold": 5}, "root-account-use": {}}},
        {"emails": [*BASE["emails"], "third@example.com"]},
        {"regions": ["eu-west-1", "us-east-1", "eu-north-1"]},
        {"customSets": {"secret-reads": {**CUSTOM, "severity": "critical"}}},
        {"trail": {"retentionDays": 1096}},
        {"remediation": {"mode": "restore", "graceSeconds": 30, "budget": {"repairs": 8, "minutes": 15}}},
    ],
    ids=json.dumps,
)
def test_what_strengthens_it_is_not(change: dict[str, Any]) -> None:
    assert weaker(settings(), settings(**change)) == []
    assert weaker(settings(**change), settings()) != []


def test_accounts_that_are_no_longer_recorded_are_said() -> None:
    of_all = settings(trail={"retentionDays": 731, "organization": True})
    assert weaker(of_all, settings()) == ["The organization's other accounts are no longer recorded."]
    assert weaker(settings(), of_all) == []


def test_fields_that_are_no_longer_put_back_are_named() -> None:
    less = settings(remediation={"mode": "restore", "fields": ["S3BucketName"]})
    (said,) = weaker(settings(), less)
    assert said.startswith("No longer put back: ")
    assert "S3BucketName" not in said
    assert weaker(less, settings()) == []


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose first commit holds a stack; its later file is in the folder."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: somebody-elses\nruntime: python\n")
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "no stack yet")
    (tmp_path / "Pulumi.prod.yaml").write_text(STACK)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "a stack")
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def printed(capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    assert report(Options(stack="prod", **options)) == Exit.OK
    return capsys.readouterr().out


def test_a_change_stands_beside_what_was(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = STACK.replace("threshold: 10", "threshold: 25").replace(", oncall@example.com", "")
    (project / "Pulumi.prod.yaml").write_text(text)
    out = printed(capsys, against="main")
    lines = out.splitlines()
    assert lines[:2] == ["<!-- trailwarden report of stack prod -->", "### trailwarden · stack prod"]
    assert lines.index("#### ⚠️ This weakens the guard") < lines.index("#### Changes against main")
    assert "- unauthorized-api-calls fires later: at 25 in 5 min instead of 10 in 5 min." in lines
    assert "| told: email oncall@example.com | alerts, last-resort | - |" in lines
    assert "| watch: unauthorized-api-calls | medium, 10 in 5 min | medium, 25 in 5 min |" in lines
    assert printed(capsys, against="main") == out, "the same text for the same settings"
    document = json.loads(printed(capsys, against="main", form="json"))
    assert document["against"] == "main"
    assert len(document["weaker"]) == 2
    assert {
        "key": "watch: unauthorized-api-calls",
        "before": "medium, 10 in 5 min",
        "after": "medium, 25 in 5 min",
    } in (document["changes"])


def test_a_lock_that_is_loosened_is_said() -> None:
    ways = [
        {"mode": "COMPLIANCE", "days": 365},
        {"mode": "COMPLIANCE", "days": 90},
        {"mode": "GOVERNANCE", "days": 365},
        None,
    ]
    trails = [{"trail": {"objectLock": way} if way else {}} for way in ways]
    for stronger, looser in pairwise(trails):
        (said,) = weaker(settings(**stronger), settings(**looser))
        assert "locked" in said
        assert weaker(settings(**looser), settings(**stronger)) == []


def test_whoever_hears_a_part_only_is_named() -> None:
    pager = {"protocol": "sqs", "endpoint": "arn:aws:sqs:eu-west-1:111122223333:pager"}
    chosen = {"severity": ["critical"], "set": ["secret-reads"]}
    before, after = settings(subscribers=[pager]), settings(subscribers=[{**pager, "filter": chosen}])
    assert weaker(before, after) == [
        f"sqs {pager['endpoint']} hears only alerts of severity critical; set secret-reads."
    ]
    assert weaker(after, before) == weaker(after, after) == []


def test_what_is_no_longer_recorded_is_said() -> None:
    data = [{"type": "AWS::S3::Object", "only": ["arn:aws:s3:::company-data/"], "record": "write"}]
    more = settings(trail={"dataEvents": data, "insights": ["ApiCallRateInsight"]})
    less = settings(trail={})
    assert weaker(more, less) == [
        "No longer recorded as before: calls on AWS::S3::Object of arn:aws:s3:::company-data/ that write.",
        "CloudTrail no longer looks for unusual rates: ApiCallRateInsight.",
    ]
    assert weaker(less, more) == []


def test_who_may_only_start_the_trail_puts_nothing_back() -> None:
    started = settings(remediation={"mode": "notify", "restart": True})
    (said,) = weaker(settings(), started)
    assert said.startswith("No longer put back: ")
    assert weaker(started, settings(remediation={"mode": "notify"})) == [
        "Remediation goes from restore to notify: a stopped trail is told of, and stays stopped."
    ]


def test_what_is_made_anew_stands_on_top_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "Pulumi.prod.yaml").write_text(STACK + "  trailwarden:trail: {name: other}\n")
    out = printed(capsys, against="main")
    assert "#### ⚠️ This deletes or makes anew\n\n- Trail trailwarden-prod in eu-west-1 is deleted before other" in out
    assert json.loads(printed(capsys, against="main", form="json"))["replacements"]


def test_no_change_and_a_new_stack_are_two_answers(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "None against HEAD." in printed(capsys, against="HEAD")
    assert "The stack is new" in printed(capsys, against="HEAD\\~1".replace("\\", ""))
    assert json.loads(printed(capsys, against="HEAD~1", form="json"))["is_new"]


def test_the_bill_is_that_of_the_plan_and_prices_may_be_ones_own(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cost = json.loads(printed(capsys, form="json"))["cost"]
    plan = Settings.from_stack_file(project / "Pulumi.prod.yaml").plan()
    dashboards = plan.count("aws:cloudwatch/dashboard:Dashboard")
    read = round(plan.filters * 730 / 1000 * 0.01, 4)
    rest = plan.alarms * 0.10 + plan.filters * 0.30 + plan.keys * 1.00 + dashboards * 3.00
    assert cost["at_most"] == round(rest + read, 2)
    assert cost["dollars_a_month"] < cost["at_most"]
    (project / "prices.yaml").write_text("key: 2.5\n")
    own = json.loads(printed(capsys, form="json", prices=project / "prices.yaml", log_gigabytes=105))["cost"]
    assert own["at_most"] == round(cost["at_most"] + plan.keys * 1.5 + 105 * 0.50, 2)
    assert own["dollars_a_month"] == round(cost["dollars_a_month"] + plan.keys * 1.5 + 100 * 0.50, 2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"against": "no-such-branch"}, "git knows no such revision"),
        ({"against": "--output=x"}, "not a revision"),
        ({"against": "main:Pulumi.yaml"}, "not a revision"),
        ({"form": "pdf"}, "markdown, json, html"),
        ({"prices": Path("none.yaml")}, "none.yaml"),
    ],
    ids=str,
)
def test_a_mistake_is_explained(
    project: Path, capsys: pytest.CaptureFixture[str], options: dict[str, Any], said: str
) -> None:
    assert report(Options(stack="prod", **options)) == Exit.NO_ANSWER
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert not (project / "x").exists()


@pytest.mark.parametrize("text", ["alarmm: 1\nkey: yes", 'metric: "0.3"', "alarm: -1", "alarm: .inf", "key: 1\nkey: 2"])
def test_prices_are_read_strictly(project: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (project / "prices.yaml").write_text(text)
    assert report(Options(stack="prod", prices=Path("prices.yaml"))) == Exit.NO_ANSWER
    assert text.partition(":")[0] in capsys.readouterr().err


def test_outside_of_git_there_is_nothing_to_compare_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "Pulumi.yaml").write_text("name: somebody-elses\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text(STACK)
    assert report(Options(stack="prod", against="main")) == Exit.NO_ANSWER
    assert "not a git repository" in capsys.readouterr().err
    assert report(Options(stack="prod")) == Exit.OK


def test_a_file_that_was_not_valid_then_is_no_comparison(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "Pulumi.prod.yaml").write_text(STACK + "  trailwarden:unheardOf: 1\n")
    git(project, "commit", "--quiet", "-a", "-m", "broken")
    (project / "Pulumi.prod.yaml").write_text(STACK)
    assert report(Options(stack="prod", against="main")) == Exit.NO_ANSWER
    assert "unheardOf" in capsys.readouterr().err


class Tags(HTMLParser):
    """The tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)


def test_what_a_pull_request_writes_stays_text(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    title = "<img src=x> | @everyone [a](https://evil.example) `code`"
    more = f"""  trailwarden:customSets:
    mine: {{pattern: '{{ $.eventName = "X" }}', title: '{title}'}}
"""
    (project / "Pulumi.prod.yaml").write_text(STACK + more)
    row = next(line for line in printed(capsys, against="main").splitlines() if line.startswith("| mine |"))
    assert row.replace("\\|", "").count("|") == 5, "no column more"
    assert not re.search(r"(?<!\\)[<>\[\]()`]", row)
    assert "@everyone" not in row
    assert "https://" not in row
    page = printed(capsys, form="html")
    assert Tags(page).tags.isdisjoint({"img", "a", "script"})


def test_a_token_in_an_address_is_not_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = """  trailwarden:subscribers:
    - {protocol: https, endpoint: "https://hooks.example.com/services/T0KEN"}
"""
    (project / "Pulumi.prod.yaml").write_text(STACK + more)
    for form in ("markdown", "json", "html"):
        out = printed(capsys, form=form, against="main")
        assert "T0KEN" not in out
        assert "hooks.example.com" in out


def test_what_counts_by_address_and_what_can_wait_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = """  trailwarden:burst: {threshold: 400, severity: high}
  trailwarden:alerts: {digest: {hour: 6}}
  trailwarden:remediation: {mode: off}
"""
    (project / "Pulumi.prod.yaml").write_text(STACK + more)
    lines = printed(capsys).splitlines()
    assert "| any-address | high | 400 in 5 min | Many calls from one address |" in lines
    assert "| watches | 3 |" in lines
    assert "| low severity is told | once a day, from 06:00 UTC |" in lines
    assert "| email oncall@example.com | alerts, last-resort |" in lines, (
        "the explainer can fail, also without a guardian"
    )
    told = json.loads(printed(capsys, form="json"))
    assert [each["pattern"] for each in told["watches"] if each["kind"] == "any-address"] == [None]


@pytest.mark.parametrize(
    "preview", ["+ aws:sns:Topic: (create)\n", "```\n</details>\n````\n\x1b[31mred", "x" * 200_000, ""], ids=len
)
def test_a_preview_is_folded_in_and_cannot_get_out(
    project: Path, capsys: pytest.CaptureFixture[str], preview: str
) -> None:
    (project / "preview.txt").write_text(preview)
    out = printed(capsys, preview=Path("preview.txt"))
    assert len(out) <= 65_000
    fence = re.search(r"^(`{3,})diff$", out, flags=re.MULTILINE)
    assert fence is not None
    inside, closed, after = out[fence.end() :].partition(f"\n{fence[1]}\n")
    assert closed
    assert after.strip() == "</details>"
    assert inside.strip().startswith(preview.split("\n")[0].strip()[:1_000])
    assert "\x1b" not in out
    assert ("cut, the rest" in inside) is (len(preview) > 65_000)
    assert report(Options(stack="prod", form="json", preview=Path("preview.txt"))) == Exit.NO_ANSWER


def test_plain_text_is_one_line() -> None:
    assert plain("a\nb\x1b[2J") == "a b \\[2J"


def keys_of(value: Any, path: str = "") -> set[str]:
    """`watches[].name` and so on; keys that are data are left out."""
    if isinstance(value, list):
        return {path, *(key for each in value for key in keys_of(each, f"{path}[]"))}
    if not isinstance(value, dict) or path in ("people", "resources.by_type"):
        return {path}
    return {path, *(key for name, each in value.items() for key in keys_of(each, f"{path}.{name}".lstrip(".")))} - {""}


def test_the_page_describes_every_key_of_the_document(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "Pulumi.prod.yaml").write_text(STACK.replace("threshold: 10", "threshold: 25"))
    page = (Path(__file__).parents[3] / "docs" / "report.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([\w.\[\]]+)` \|", page, flags=re.MULTILINE))
    used = {key for key in keys_of(json.loads(printed(capsys, against="main", form="json"))) if not key.endswith("[]")}
    assert used == described


MUTE = {
    "name": "release",
    "sets": ["unauthorized-api-calls"],
    "schedule": "cron(0 2 * * SUN)",
    "duration": "PT4H",
    "reason": "the release",
}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            {"burst": {}},
            {"burst": False},
            ["Many calls from any single address raise no alarm any more (burst)."],
        ),
        (
            {"burst": {"threshold": 100}},
            {"burst": {"threshold": 1000}},
            ["One address may make more calls: the alarm fires at 1,000 calls in 5 min instead of 100 calls in 5 min."],
        ),
        (
            {},
            {"alerts": {"mutes": [{**MUTE, "timezone": "Europe/Berlin", "until": "2026-01-31"}]}},
            [
                (
                    "The mute release is added: unauthorized-api-calls at cron(0 2 * * SUN) for PT4H, Europe/Berlin, "
                    "until 2026-01-31 (the release)."
                )
            ],
        ),
        (
            {"alerts": {"mutes": [MUTE]}},
            {"alerts": {"mutes": [{**MUTE, "duration": "P5D"}]}},
            [
                "The mute release changes: unauthorized-api-calls at cron(0 2 * * SUN) for P5D, UTC (the release).",
            ],
        ),
        ({"alerts": {"mutes": [MUTE]}}, {"alerts": {"mutes": []}}, []),
        ({"burst": {}}, {"burst": {"threshold": 100}}, []),
        ({}, {"burst": {}}, []),
        (
            {},
            {"alerts": {"allowPublish": ["444455556666"], "allowSubscribe": ["444455556666"]}},
            [
                "444455556666 may send what looks like an alert (allowPublish).",
                "444455556666 may read the alerts (allowSubscribe).",
            ],
        ),
    ],
)
def test_what_weakens_the_newer_parts_is_said(before: dict[str, Any], after: dict[str, Any], said: list[str]) -> None:
    assert weaker(settings(**before), settings(**after)) == said


def test_a_suppression_that_ended_is_said_loudly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    ended = "{name: ci, until: '2026-01-31', reason: r, pattern: '{ $.userIdentity.userName = \"ci-robot\" }'}"
    (tmp_path / "Pulumi.yaml").write_text("name: trailwarden\nruntime: python\n", encoding="utf-8")
    text = f"{STACK}  trailwarden:alerts: {{suppressions: [{ended}]}}\n"
    (tmp_path / "Pulumi.prod.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said = {}
    for form in ("markdown", "json"):
        assert report(Options(stack="prod", form=form)) is Exit.OK
        said[form] = capsys.readouterr().out
    (sentence,) = json.loads(said["json"])["over"]
    assert sentence.startswith("Suppression ci ended on 2026-01-31, so people are told of its events again")
    assert "This no longer holds" in said["markdown"]


def test_planned_changes_are_listed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planned = ", ".join(f'"{key}": {json.dumps(value)}' for key, value in MUTE.items())
    (project / "Pulumi.prod.yaml").write_text(f"{STACK}  trailwarden:alerts: {{mutes: [{{{planned}}}]}}\n")
    out = printed(capsys).replace("\\", "")
    assert "Planned changes" in out
    assert "| release | unauthorized-api-calls at cron(0 2 * * SUN) for PT4H, UTC (the release) |" in out
