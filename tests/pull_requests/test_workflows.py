"""The workflows are valid, hold to least privilege, and run commands that exist. The judges need no network."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from wizard.__main__ import app

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BIN = Path(sys.executable).parent

# Where each pin was read: in other public repositories, with the version beside it.
PINS = {
    "actions/checkout": ("08c6903cd8c0fde910a37f88322edcfb5dd907a8", "v5.0.0"),
    "actions/setup-python": ("e797f83bcb11b83ae66e0230d6156d7c80228e7c", "v6.0.0"),
    "aws-actions/configure-aws-credentials": ("a03048d87541d1d9fcf2ecf528a4a65ba9bd7838", "v5.0.0"),
    "pulumi/actions": ("8e5e406f4007fca908480587cb9893c07090f58d", "v7.0.0"),
}
ROLE = {"id-token": "write", "contents": "read"}


def load(path: Path) -> dict[str, Any]:
    """A workflow. YAML 1.2, in which `on` is a text as GitHub reads it."""
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in load(path)["jobs"].values() for step in job.get("steps", ())]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command], capture_output=True, text=True, check=False, cwd=ROOT)


def test_github_would_take_them() -> None:
    files = map(str, WORKFLOWS)
    done = run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(WORKFLOWS) == 3


def test_github_would_not_take_anything(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text(encoding="utf-8").replace("runs-on", "run-on"))
    assert (
        run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(broken)).returncode == 1
    )


def test_gitlab_would_take_its_variant(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "pull-requests.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    pipeline = tmp_path / ".gitlab-ci.yml"
    pipeline.write_text(block, encoding="utf-8")
    done = run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", str(pipeline))
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = load(pipeline)
    for name in ("preview", "comment", "deploy"):
        script = subprocess.run(
            ["bash", "-n"], input="\n".join(jobs[name]["script"]), capture_output=True, text=True, check=False
        )
        assert script.returncode == 0, f"{name}: {script.stderr}"


def findings(*files: Path) -> list[str]:
    """What zizmor says, by its strictest standard, as `audit file`."""
    command = ["--offline", "--no-config", "--persona", "auditor", "--format", "json", *map(str, files)]
    done = run(str(BIN / "zizmor"), *command)
    assert done.stdout, done.stderr
    return [each["ident"] for each in json.loads(done.stdout)]


def test_they_hold_nothing_that_an_attacker_could_use() -> None:
    # GitHub's own syntax for files of the same repository is not in the schema yet.
    assert set(findings(*WORKFLOWS)) <= {"self-repository"}


def test_an_injection_would_be_found(tmp_path: Path) -> None:
    broken = tmp_path / ".github" / "workflows" / "broken.yml"
    broken.parent.mkdir(parents=True)
    text = (ROOT / ".github" / "workflows" / "preview.yml").read_text(encoding="utf-8")
    broken.write_text(text.replace('"origin/$BASE"', '"origin/${{ github.head_ref }}"'))
    assert "template-injection" in findings(broken)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_that_was_looked_up(path: Path) -> None:
    lines = re.findall(r"uses: (\S+)(?: # (v[\d.]+))?", path.read_text(encoding="utf-8"))
    others = [(name, version) for name, version in lines if not name.startswith("./")]
    assert others
    for name, version in others:
        action, _, commit = name.partition("@")
        assert (commit, version) == PINS[action], name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_rights_are_given_to_jobs_and_only_those_that_are_needed(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert job["permissions"] == ({"pull-requests": "write"} if name == "comment" else ROLE)
        if "steps" in job:
            assert job["timeout-minutes"] <= 60
            assert "if" in job, "without a role nothing runs"


def test_the_job_that_may_write_runs_nothing_of_the_pull_request() -> None:
    comment = load(ROOT / ".github" / "workflows" / "preview.yml")["jobs"]["comment"]
    assert all("uses" not in step for step in comment["steps"])
    assert "wizard" not in json.dumps(comment)


def test_forks_get_no_role_and_code_of_pull_requests_no_secret_of_a_deployment() -> None:
    workflow = load(ROOT / ".github" / "workflows" / "preview.yml")
    assert list(workflow["on"]) == ["pull_request"], "pull_request_target would run with the rights of main"
    preview = workflow["jobs"]["preview"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in preview["if"]
    assert preview["environment"] == "preview"
    deploy = load(ROOT / ".github" / "workflows" / "deploy.yml")
    assert deploy["jobs"]["deploy"]["environment"] == "production"
    assert deploy["on"] == {"push": {"branches": ["main"]}}
    assert deploy["concurrency"]["cancel-in-progress"] is False


def test_outputs_are_not_printed() -> None:
    for path in WORKFLOWS:
        for step in steps(path):
            for line in str(step.get("run", "")).splitlines():
                if re.match(r"\s*pulumi (up|preview)", line):
                    assert "--suppress-outputs" in line
                    assert "--non-interactive" in line


def test_our_own_commands_exist() -> None:
    root: Any = typer.main.get_command(app)
    texts = (str(step.get("run", "")).replace("\\\n", " ") for path in WORKFLOWS for step in steps(path))
    commands = [shlex.split(words) for text in texts for words in re.findall(r"-m wizard ([^|>\n]+)", text)]
    assert {verb for verb, *_ in commands} >= {"check", "report"}
    for verb, *rest in commands:
        root.commands[verb].make_context(verb, rest)  # raises a usage error if a flag does not exist


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_scripts_are_valid_shell(path: Path) -> None:
    for step in steps(path):
        if "run" in step:
            done = subprocess.run(["bash", "-n"], input=step["run"], capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{step.get('name')}: {done.stderr}"


GH = """#!/usr/bin/env python3
import json, os, re, subprocess, sys
words = sys.argv[1:]
comments = json.loads(os.environ["EXISTING"])
if "--method" not in words:
    query = words[words.index("--jq") + 1]
    assert "github-actions[bot]" in query and "env.MARKER" in query
    for each in comments:
        if each["user"]["login"] == "github-actions[bot]" and each["body"].startswith(os.environ["MARKER"]):
            print(each["id"])
else:
    with open(os.environ["CALLS"], "a") as calls:
        body = json.load(open(words[words.index("--input") + 1]))
        target = next(word for word in words if word.startswith("repos/"))
        calls.write(json.dumps([words[words.index("--method") + 1], target, body]) + "\\n")
"""
JQ = """#!/usr/bin/env python3
import json, os
print(json.dumps({"body": os.environ["COMMENT"]}))
"""
MARKER = "<!-- trailwarden report of stack prod -->"
BOT, PERSON = {"login": "github-actions[bot]"}, {"login": "mallory"}


@pytest.mark.parametrize(
    ("existing", "method", "target"),
    [
        ([], "POST", "repos/o/r/issues/7/comments"),
        ([{"id": 1, "user": PERSON, "body": MARKER}], "POST", "repos/o/r/issues/7/comments"),
        ([{"id": 2, "user": BOT, "body": "else"}], "POST", "repos/o/r/issues/7/comments"),
        (
            [{"id": 2, "user": BOT, "body": "else"}, {"id": 3, "user": BOT, "body": f"{MARKER}\nold"}],
            "PATCH",
            "repos/o/r/issues/comments/3",
        ),
    ],
    ids=["first time", "a person's", "another bot's", "edited"],
)
def test_one_comment_is_written_and_then_edited(
    tmp_path: Path, existing: list[dict[str, Any]], method: str, target: str
) -> None:
    """The step's own script, run by bash against a stand-in for GitHub's command line."""
    (step,) = load(ROOT / ".github" / "workflows" / "preview.yml")["jobs"]["comment"]["steps"]
    for name, text in (("gh", GH), ("jq", JQ)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    comment = f'{MARKER}\n### it\'s `$(touch x)` "quoted"\n'
    environment = {
        "PATH": f"{tmp_path}:{BIN}:/usr/bin:/bin",
        "RUNNER_TEMP": str(tmp_path),
        "COMMENT": comment,
        "COMMENTS": "repos/o/r/issues/7/comments",
        "EACH": "repos/o/r/issues/comments",
        "EXISTING": json.dumps(existing),
        "CALLS": str(tmp_path / "calls"),
    }
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (call,) = (tmp_path / "calls").read_text().splitlines()
    assert json.loads(call) == [method, target, {"body": comment}]
    assert not (tmp_path / "x").exists()
