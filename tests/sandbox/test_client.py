"""The client talks to this machine and to nothing else."""

from __future__ import annotations

import pytest

from sandbox import NotLoopback, SandboxClient, SandboxError, require_loopback
from sandbox.client import no_answer

HERE = [
    "http://127.0.0.1:4566",
    "http://127.1.2.3:1",
    "http://localhost:4566",
    "https://127.0.0.1",
    "http://[::1]:4566",
]
ELSEWHERE = [
    "https://cloudtrail.eu-west-1.amazonaws.com",
    "http://10.0.0.1:4566",
    "http://0.0.0.0:4566",
    "http://169.254.169.254",
    "http://localhost.example.com:4566",
    "http://127.0.0.1.example.com",
    "http://127.0.0.1@example.com",
    "http://example.com@127.0.0.1:4566",
    "http://example.com#@127.0.0.1",
    "http://2130706433:4566",  # 127.0.0.1 as a number: not every library reads it so
    "http://[::ffff:10.0.0.1]",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "127.0.0.1:4566",
    "localhost",
    "http://sandbox.localhost:4566",  # some systems ask a name server for it
    "http://[::1",
    "http://127.0.0.1:port",
    "http://127.0.0.1:99999",
    "http://",
    "",
]


@pytest.mark.parametrize("url", HERE)
def test_loopback_is_taken(url: str) -> None:
    assert require_loopback(url + "/") == url


@pytest.mark.parametrize("url", ELSEWHERE)
def test_anything_else_is_refused_before_a_byte_is_sent(url: str) -> None:
    with pytest.raises(NotLoopback, match=r"--endpoint-url, else AWS_ENDPOINT_URL"):
        SandboxClient(url)


def test_no_sandbox_is_said_so(unused_port: int) -> None:
    with pytest.raises(SandboxError) as caught:
        SandboxClient(f"http://127.0.0.1:{unused_port}").health()
    assert str(caught.value).endswith(f"start one with: .venv/bin/python -m wizard sandbox start --port {unused_port}")


@pytest.mark.parametrize("url", ["http://127.0.0.1:4566", "http://localhost"])
def test_the_usual_port_is_not_said(url: str) -> None:
    assert no_answer(url).endswith(" sandbox start")


def test_proxies_of_the_environment_are_not_asked(
    sandbox: SandboxClient, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port}")
    assert sandbox.health()["status"] == "ok"
    assert sandbox.aws("sts").get_caller_identity()["Account"] == "000000000000"


def test_the_account_of_the_environment_is_not_used(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREAL")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://example.com")
    fresh = SandboxClient(sandbox.endpoint_url)  # with clients made in this environment
    assert fresh.aws("sts").get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"


@pytest.mark.parametrize("address", ["nowhere", "1.2.3", "203.0.113.0/24", ""])
def test_a_source_address_must_be_one(address: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        SandboxClient("http://127.0.0.1:1").aws("sts", source_ip=address)
