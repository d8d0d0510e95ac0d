"""What came while an alarm was muted: nobody is mailed about it, the summary of the week counts it."""

from datetime import UTC, datetime, timedelta

from explainer.alarms import Episode
from explainer.facts import Mute, Watch
from explainer.kit import Kit
from explainer.sorting import Sorted
from explainer.windows import Window

_SLACK = timedelta(minutes=1)
"""How far CloudWatch's clock and ours may be apart."""


def hold(found: Sorted, *, watch: Watch, kit: Kit, rang_at: datetime | None = None) -> None:
    """Leave out the lines that came while the alarm was muted.

    Not those of the last period of a window that is over: if an alarm still rings then, they are why. Nor anything of a
    window in which the alarm rang (`rang_at`) and acted although the window lasts: then there is no rule, and whoever
    took it away wants the mail.
    """
    mutes = kit.facts.mutes_of(watch.name)
    if not mutes or not found.lines:
        return
    now = kit.clock.now()
    first = datetime.fromtimestamp(min(line.logged_ms for line in found.lines) / 1000, UTC)
    spans: list[tuple[float, float]] = []
    for window in (window for mute in mutes for window in mute.windows.between(first, now)):
        lasts = now < window.end - _SLACK
        if lasts and rang_at and window.start <= rang_at:
            continue
        end = window.end if lasts else window.end - timedelta(seconds=watch.period_s)
        spans.append((window.start.timestamp() * 1000, end.timestamp() * 1000))
    held = {line.event_id for line in found.lines if any(start <= line.logged_ms < end for start, end in spans)}
    found.lines = [line for line in found.lines if line.event_id not in held]
    found.muted += len(held)
    found.done |= held


def since_mute(episode: Episode, *, watch: Watch, kit: Kit) -> Episode:
    """An alarm that rang while it was muted acts when the window ends, if it still rings: what it is about then.

    Its datapoint is that of the moment when it rang, hours ago; it still rings for what came in the last period.
    Source: CloudWatch User Guide, "How alarm mute rules work".
    """
    now = kit.clock.now()
    over: list[tuple[Mute, Window]] = [
        (mute, window)
        for mute in kit.facts.mutes_of(watch.name)
        if (window := mute.windows.at(episode.began_at)) and window.end - _SLACK <= now
    ]
    if not over:
        return episode
    mute, window = max(over, key=lambda each: each[1].end)
    start = max(episode.start, window.end - timedelta(seconds=watch.period_s))
    return episode._replace(start=start, end=max(now, window.end), value=0, muted_by=mute.name, muted_until=window.end)
