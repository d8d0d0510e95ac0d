"""An alarm that rang: the mail when it begins, what comes while it lasts, and the mail when it is over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.incident import Incident, next_reminder

from explainer.alarms import Alarm, Episode
from explainer.facts import Watch
from explainer.holding import hold, since_mute
from explainer.kit import Kit
from explainer.mail import cleared, never_found
from explainer.memory import ALARM, Ringing
from explainer.search import AFTER, BEFORE, Haul, deployed_patterns, search
from explainer.sorting import Sorted, sort
from explainer.tally import Line
from explainer.telling import Telling
from explainer.told import Kind

FOLLOW_FOR = timedelta(minutes=30)
"""How long the log is looked at again for events that an alarm has counted."""
MANY = 20
"""From so many events on, people are told when it is over."""


def key(name: str) -> str:
    """The key of an alarm in the ledger."""
    return f"{ALARM}{name}"


def incident(alarm: Alarm, watch: Watch, episode: Episode) -> Incident:
    """Once that an alarm rang, to be told once."""
    return Incident(key=key(alarm.name), what=watch.title, severity=watch.severity, seen_at=episode.began_at)


@dataclass
class Ring:
    """One alarm of one watch, in one call."""

    alarm: Alarm
    watch: Watch
    kit: Kit

    def __post_init__(self) -> None:
        self.telling = Telling(self.alarm, self.watch, self.kit)

    # -- it begins

    def first(self, episode: Episode, *, is_test: bool = False) -> str:
        """The mail of an alarm that was claimed; what was done about it, in words for the log.

        An alarm that was set by hand is told, but for a test (`explainer.trial`), which has a mail of its own.
        """
        kit, now = self.kit, self.kit.clock.now()
        episode = since_mute(episode, watch=self.watch, kit=kit)
        start = episode.start - BEFORE
        haul = self._search(start, max(now, episode.end) + AFTER)
        found = sort(haul, watch=self.watch, kit=kit, since=start, episode=episode)
        hold(found, watch=self.watch, kit=kit, rang_at=episode.began_at)
        keys = self.telling.claim(found)
        missing = self._missing(found, episode, haul)
        kit.memory.forget_faces(self.alarm.name)
        is_by_hand = episode.value is None and not found.lines and not is_test
        ringing = Ringing(
            name=self.alarm.name,
            watch=self.watch.name,
            severity=self.watch.severity,
            began_at=episode.began_at,
            watermark=self._watermark(haul, now),
            remind_at=None,
            total=len(found.lines),
            told=len(found.lines),
        )
        if missing:
            ringing = ringing._replace(
                expected=episode.value or missing,
                follow_until=now + FOLLOW_FOR,
                owed_from=episode.start,
            )
        if not (found.lines or missing or is_by_hand):
            self._settle(ringing, found, told=[])
            is_on_purpose = (found.suppressed or found.muted or episode.muted_by) and not found.elsewhere
            return "left out on purpose" if is_on_purpose else "told by another mail"
        told = self.telling.of(found, haul, kind=Kind.FIRST, episode=episode)._replace(missing=missing)
        self.telling.tell(told, found, keys)
        self._settle(ringing._replace(mails=1), found, told=found.lines)
        return "told"

    def _missing(self, found: Sorted, episode: Episode, haul: Haul) -> int:
        """How many events the alarm has counted and nobody can say anything of yet."""
        if not haul.is_complete and not found.lines:
            return max(1, (episode.value or 0) - found.elsewhere)
        if episode.value is None:
            return 0
        known = len(found.lines) + found.elsewhere + sum(found.suppressed.values()) + found.muted
        if known >= episode.value:
            return 0
        # The log is late. What came by the event rule is told already, and so is what the guardian has dealt with.
        since = episode.start - BEFORE
        by_event = len(self.kit.memory.told_since(since, watch=self.watch.name)) if self.watch.by_event else 0
        by_guardian = self.kit.guardian.since(since) if self.kit.guardian and self.watch.pack == "trail" else 0
        return max(0, episode.value - max(known, by_event + by_guardian + len(found.lines)))

    # -- it lasts

    def again(self, ringing: Ringing) -> str:
        """Look again at an alarm that was told: what is owed, what is new, whether it is over."""
        kit, now = self.kit, self.kit.clock.now()
        start = min(ringing.watermark, ringing.owed_from or ringing.watermark) - BEFORE
        haul = self._search(start, now + AFTER)
        found = sort(haul, watch=self.watch, kit=kit, since=start)
        hold(found, watch=self.watch, kit=kit)
        if self.watch.counts:  # events from before it rang are not what rang it
            begin = (ringing.began_at - timedelta(seconds=self.watch.period_s)).timestamp() * 1000
            found.lines = [line for line in found.lines if line.logged_ms > begin]
        ringing = ringing._replace(watermark=self._watermark(haul, now))
        if ringing.follow_until:
            return self._follow(ringing, found, haul)
        if found.lines and self._is_news(ringing, found.lines, now):
            return self._more(ringing, found, haul)
        ringing = ringing._replace(total=ringing.total + len(found.lines))
        # Told in numbers only, by the next mail of this alarm; others may still tell them.
        found.done |= {line.event_id for line in found.lines}
        return self._end(ringing, found, haul)

    def _follow(self, ringing: Ringing, found: Sorted, haul: Haul) -> str:
        now = self.kit.clock.now()
        assert ringing.follow_until
        assert ringing.owed_from
        owed_ms = ringing.owed_from.timestamp() * 1000
        missing = max(0, ringing.expected - sum(1 for event in haul.events if event.logged_ms >= owed_ms))
        if now < ringing.follow_until and (missing or not haul.is_complete):
            self._settle(ringing, Sorted(), told=[])
            return "not in the log yet"
        paid = ringing._replace(expected=0, follow_until=None, owed_from=None)
        keys = self.telling.claim(found)
        if found.lines:
            self.telling.tell(self.telling.of(found, haul, kind=Kind.FOLLOW_UP)._replace(missing=missing), found, keys)
            count = len(found.lines)
            paid = paid._replace(total=paid.total + count, told=paid.told + count, mails=paid.mails + 1)
        elif missing:
            self.telling.publish(
                never_found(
                    self.watch,
                    alarm=self.alarm.name,
                    missing=missing,
                    environment=self.kit.environment,
                    start=ringing.owed_from,
                ),
                missing=missing,
            )
        self._settle(paid, found, told=found.lines)
        return "told what was missing" if found.lines else "not found" if missing else "told by another mail"

    def _more(self, ringing: Ringing, found: Sorted, haul: Haul) -> str:
        keys = self.telling.claim(found)
        if not found.lines:
            self._settle(ringing, found, told=[])
            return "told by another mail"
        total = ringing.total + len(found.lines)
        span = Episode(began_at=ringing.began_at, start=ringing.began_at, end=self.kit.clock.now(), value=None)
        kind = Kind.MORE if ringing.mails else Kind.FIRST
        told = self.telling.of(found, haul, kind=kind, episode=span if ringing.mails else None)._replace(so_far=total)
        self.telling.tell(told, found, keys)
        self._settle(ringing._replace(total=total, told=total, mails=ringing.mails + 1), found, told=found.lines)
        return "told more"

    def _is_news(self, ringing: Ringing, lines: Iterable[Line], now: datetime) -> bool:
        """Whether an event is unlike all that were told, or the last mail was long ago.

        A digest counts each event, and every one of them is news to it.
        """
        if self.telling.waits:
            return True
        faces = {line.face(with_target=not self.watch.counts) for line in lines}
        return not ringing.mails or not faces <= ringing.faces or bool(ringing.remind_at and ringing.remind_at <= now)

    # -- it is over

    def _end(self, ringing: Ringing, found: Sorted, haul: Haul) -> str:
        now = self.kit.clock.now()
        if self.alarm.rings or now < self.alarm.since + AFTER or not haul.is_complete:
            self._settle(ringing, found, told=[])
            return "lasts"
        was_much = self.watch.counts or ringing.total > ringing.told or ringing.mails > 1 or ringing.total >= MANY
        if ringing.mails and was_much:
            report = cleared(
                self.watch,
                alarm=self.alarm.name,
                total=ringing.total,
                began_at=ringing.began_at,
                over_at=self.alarm.since,
                environment=self.kit.environment,
            )
            self.telling.publish(report)
        self._count_left_out(found)
        self.kit.memory.told(key(self.alarm.name), lasts=False)
        return "over"

    # -- together

    def _search(self, start: datetime, end: datetime) -> Haul:
        kit, environment = self.kit, self.kit.environment
        patterns, code = deployed_patterns(
            kit.logs,
            log_group=environment.log_group,
            metric=self.alarm.metric,
            namespace=self.alarm.namespace,
            ask=kit.ask,
        )
        if not patterns and self.watch.pattern:
            kit.say("WARNING", "no filter of this alarm is deployed: its pattern is taken as it was", error=code)
            patterns = frozenset({self.watch.pattern})
        if not patterns:
            return Haul(error_code=code or "NoSuchFilter")
        return search(
            kit.logs,
            log_group=environment.log_group,
            patterns=patterns,
            start=start,
            end=end,
            ask=kit.ask,
            clock=kit.clock,
            until=kit.look_until,
        )

    def _watermark(self, haul: Haul, now: datetime) -> datetime:
        """How far the log is read."""
        if haul.is_complete or not haul.events:
            return now
        last_ms = max(event.logged_ms for event in haul.events)
        return min(now, datetime.fromtimestamp(last_ms / 1000, now.tzinfo) + BEFORE)

    def _settle(self, ringing: Ringing, found: Sorted, *, told: Iterable[Line]) -> None:
        """Remember how far this alarm is explained; it stays open until it is over."""
        self._count_left_out(found)
        memory, now = self.kit.memory, self.kit.clock.now()
        memory.note(ringing, new_faces={line.face(with_target=not self.watch.counts) for line in told})
        memory.told(key(self.alarm.name), lasts=True, remind_at=next_reminder(ringing.began_at, now))

    def _count_left_out(self, found: Sorted) -> None:
        memory = self.kit.memory
        for name, number in found.suppressed.items():
            memory.count_suppressed(name, watch=self.watch.name, number=number)
        if found.done:
            memory.note_seen(found.done, watch=self.watch.name)
