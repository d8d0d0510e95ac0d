"""`backtest` on a trail that really recorded: bucket, log group and event history say the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from account import Access
from exits import Exit
from operate.backtest import Options, backtest
from tests.support.sandbox_story import Story


def test_three_ways_to_the_same_events(
    story: Story, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    story.make_bucket()
    story.make_log_group()
    story.make_delivery_role()
    story.make_trail()
    trail = story.aws("cloudtrail")
    for _ in range(3):
        trail.update_trail(Name=story.name, IncludeGlobalServiceEvents=True)
    story.client.settle()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    access = Access(region=story.region, endpoint_url=story.client.endpoint_url)

    def changes(source: str) -> dict[str, Any]:
        options = Options(source=source, sets=["trail-changes"], access=access, as_json=True, jobs=1)
        assert backtest(options) == Exit.OK
        (watch,) = json.loads(capsys.readouterr().out)["watches"]
        return {key: watch[key] for key in ("matched", "alarms", "callers", "addresses")}

    in_bucket = changes(f"s3://{story.bucket}")
    assert in_bucket["matched"] >= 3
    assert in_bucket["alarms"] == 1
    assert changes(story.group) == in_bucket
    history = changes("lookup:")  # it knows the calls before the trail was logging too
    assert history["matched"] >= in_bucket["matched"]
    assert history["callers"][0]["name"] == in_bucket["callers"][0]["name"]
