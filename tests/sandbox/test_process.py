"""The server as a process: where it listens, what it knows, how it ends, what it leaves behind."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox import SandboxClient, SandboxError
from sandbox.process import SandboxProcess
from sandbox.server import CannotListenError, environment, serve
from tests.support.sandbox_story import Story, archive, policy, wait_for

LISTENING = "0A"  # of a socket, in /proc/net/tcp
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def listeners(pid: int) -> set[tuple[str, int]]:
    """Addresses (as the kernel writes them) and ports on which a process listens, TCP and UDP."""
    inodes: set[str] = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target.removeprefix("socket:[").removesuffix("]"))
    found: set[tuple[str, int]] = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes and (fields[3] == LISTENING or table.startswith("udp")):
                address, port = fields[1].split(":")
                found.add((address, int(port, 16)))
    return found


def descendants(pid: int) -> set[int]:
    """Processes started by a process, and by those."""
    children: set[int] = set()
    with contextlib.suppress(FileNotFoundError):  # it ended meanwhile, or a thread of it
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError):
                children |= {int(child) for child in (task / "children").read_text().split()}
    return children.union(*(descendants(child) for child in children))


def survivors(workers: set[int]) -> set[int]:
    """Those of some processes that outlived their server; they are ended, so that a failed test leaves none."""
    left = {pid for pid in workers if Path(f"/proc/{pid}").exists()}
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


def run_function(story: Story) -> None:
    """Make a function and run it once, so that a worker process is there."""
    functions = story.aws("lambda")
    role = story.make_role("worker", "lambda.amazonaws.com", {})
    source = "import os, json\ndef handle(event, context):\n    return dict(os.environ)\n"
    functions.create_function(
        FunctionName="worker",
        Runtime="python3.13",
        Role=role,
        Handler="index.handle",
        Code={"ZipFile": archive(source)},
    )
    functions.invoke(FunctionName="worker", Payload=b"{}")


@on_linux
def test_nothing_listens_but_on_loopback(story: Story, running_sandbox: SandboxProcess) -> None:
    run_function(story)
    port = urlsplit(running_sandbox.client.endpoint_url).port
    pids = {running_sandbox.pid, *descendants(running_sandbox.pid)}
    assert set().union(*(listeners(pid) for pid in pids)) == {("0100007F", port)}


@on_linux
def test_a_transfer_server_opens_no_port(story: Story, running_sandbox: SandboxProcess) -> None:
    story.aws("transfer").create_server(Protocols=["SFTP"])
    assert len(listeners(running_sandbox.pid)) == 1


@on_linux
def test_a_server_we_start_never_knew_our_environment(running_sandbox: SandboxProcess) -> None:
    first = Path(f"/proc/{running_sandbox.pid}/environ").read_bytes()
    assert b"SECRET_OF_THE_DEVELOPER" not in first
    assert b"AWS_" not in first


def test_lambda_code_sees_nothing_of_the_environment_the_server_was_started_in() -> None:
    """Started as a person starts it, from a shell that knows things."""
    shell = {**os.environ, "SECRET_OF_THE_DEVELOPER": "hunter2!", "AWS_PROFILE": "production"}
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox.server", "--port", "0"], env=shell, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            story = Story(SandboxClient(server.stdout.readline().split()[1]))
            run_function(story)
            answer = story.aws("lambda").invoke(FunctionName="worker", Payload=b"{}")
        finally:
            server.terminate()
    seen = json.loads(answer["Payload"].read())
    assert "SECRET_OF_THE_DEVELOPER" not in seen
    assert seen["HOME"].startswith(tempfile.gettempdir())
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == "worker"
    assert seen["AWS_ENDPOINT_URL"] == story.client.endpoint_url
    assert "AWS_PROFILE" not in seen


def test_the_environment_is_made_from_nothing() -> None:
    made = environment(port=4566, home="/nowhere/home")
    assert made["HOME"] == made["TMPDIR"] == "/nowhere/home"
    assert {key: value for key, value in made.items() if "KEY" in key} == {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    assert (made["AUTH"], made["IOT_MTLS_ENABLED"], made["SFTP_ENABLED"], made["PERSIST_STATE"]) == (
        "true",
        "0",
        "0",
        "0",
    )


@on_linux
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_clean_stop(signum: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with SandboxProcess() as process:
        run_function(Story(process.client))
        workers = descendants(process.pid)
        assert workers
        assert len(list(tmp_path.iterdir())) == 1  # all is in one directory
        assert process.stop(signum) == 0
    assert survivors(workers) == set()
    assert list(tmp_path.iterdir()) == []


@on_linux
def test_a_stop_in_the_middle_of_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with SandboxProcess() as process:
        story = Story(process.client)
        story.make_function(
            "import boto3, time\n"
            "def handle(event, context):\n"
            "    boto3.client('sns').create_topic(Name='at-work')\n"
            "    time.sleep(600)\n"
        )
        story.aws("iam").put_role_policy(
            RoleName="guarded-guardian",
            PolicyName="more",
            PolicyDocument=policy({"Action": "sns:CreateTopic", "Resource": "*"}),
        )
        story.aws("lambda").invoke(FunctionName="guarded-guardian", InvocationType="Event", Payload=b"{}")
        wait_for("the function is at work", lambda: story.aws("sns").list_topics()["Topics"])
        workers = descendants(process.pid)
        assert workers
        began = time.monotonic()
        assert process.stop() == 0
        assert time.monotonic() - began < 15
    assert survivors(workers) == set()
    assert list(tmp_path.iterdir()) == []


def test_one_line_says_that_it_is_ready(running_sandbox: SandboxProcess) -> None:
    url = running_sandbox.client.endpoint_url
    assert running_sandbox.ready_line == f"ready {url} account=000000000000 key=test secret=test"


def test_a_taken_port_is_said_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = subprocess.run(
            [sys.executable, "-m", "sandbox.server", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr == (
        f"cannot listen on port {port} of 127.0.0.1: it is taken; take another with --port, or 0 for any\n"
    )


def test_a_port_that_is_not_allowed_is_not_called_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_address: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))  # what the system says to ports below 1024

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(CannotListenError) as caught:
        serve(80, ready=print)
    assert str(caught.value) == (
        "cannot listen on port 80 of 127.0.0.1: Permission denied; take another with --port, or 0 for any"
    )


def test_a_server_that_does_not_start_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SandboxError, match="did not start"), SandboxProcess(port=taken.getsockname()[1]):
            pass


def test_two_sandboxes_know_nothing_of_each_other(story: Story) -> None:
    story.aws("sns").create_topic(Name="mine")
    with SandboxProcess() as other:
        assert other.client.aws("sns", region="eu-west-1").list_topics()["Topics"] == []


def test_policies_can_ask_for_an_address(story: Story) -> None:
    iam = story.aws("iam")
    keys = story.user(actions="sns:ListTopics")
    condition = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    iam.put_user_policy(
        UserName="mallory",
        PolicyName="place",
        PolicyDocument=policy({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}),
    )
    story.aws("sns", source_ip="203.0.113.9", **keys).list_topics()
    outside = story.aws("sns", source_ip="198.51.100.9", **keys)
    with pytest.raises(outside.exceptions.ClientError, match=r"AuthorizationError|AccessDenied"):
        outside.list_topics()


def test_by_hand_an_alarm_is_looked_at_only_when_the_clock_is_turned() -> None:
    with SandboxProcess(by_hand=True) as process:
        alarms = process.client.aws("cloudwatch", region="eu-west-1")
        alarms.put_metric_alarm(
            AlarmName="a",
            MetricName="m",
            Namespace="n",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )
        alarms.put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1.0}])
        time.sleep(2.5)  # more than two ticks
        assert alarms.describe_alarms()["MetricAlarms"][0]["StateValue"] == "INSUFFICIENT_DATA"
        process.client.advance_clock(0)
        assert alarms.describe_alarms()["MetricAlarms"][0]["StateValue"] == "ALARM"
