"""The layer's own decisions, without a server around it."""

from __future__ import annotations

import pytest

from sandbox.layer import source_address


@pytest.mark.parametrize(
    ("client", "said", "address"),
    [
        ("127.0.0.1", "203.0.113.77", "203.0.113.77"),
        ("::1", "203.0.113.77", "203.0.113.77"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("198.51.100.9", "203.0.113.77", "198.51.100.9"),  # who comes from elsewhere has no say
        ("198.51.100.9", None, "198.51.100.9"),
        ("testclient", "203.0.113.77", "testclient"),
    ],
)
def test_only_loopback_says_where_it_comes_from(client: str, said: str | None, address: str) -> None:
    headers = {} if said is None else {"x-forwarded-for": said}
    assert source_address({"client": (client, 50000)}, headers) == address


def test_a_connection_without_a_peer_is_this_machine() -> None:
    assert source_address({}, {}) == "127.0.0.1"
