"""An alarm that rang: the mail when it begins, what comes while it lasts, and the mail when it is over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.incident import Incident, next_reminder
from common.report import Report

from explainer.alarms import Alarm, Episode
from explainer.envelope import attributes
from explainer.facts import Watch, loudest
from explainer.holding import hold, since_mute
from explainer.kit import Kit
from explainer.mail import attributes_of, cleared, compose, never_found
from explainer.memory import ALARM, Ringing
from explainer.rows import LISTED
from explainer.search import AFTER, BEFORE, Haul, deployed_patterns, search
from explainer.sorting import Sorted, claim, sort
from explainer.subject import account_of, region_of
from explainer.tally import Line, Tally
from explainer.told import Kind, Told

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
        keys = self._claim(found)
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
        told = self._told(found, haul, kind=Kind.FIRST, episode=episode)._replace(missing=missing)
        self._tell(told, found, keys)
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
        keys = self._claim(found)
        if found.lines:
            self._tell(self._told(found, haul, kind=Kind.FOLLOW_UP)._replace(missing=missing), found, keys)
            count = len(found.lines)
            paid = paid._replace(total=paid.total + count, told=paid.told + count, mails=paid.mails + 1)
        elif missing:
            self._publish(
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
        keys = self._claim(found)
        if not found.lines:
            self._settle(ringing, found, told=[])
            return "told by another mail"
        total = ringing.total + len(found.lines)
        span = Episode(began_at=ringing.began_at, start=ringing.began_at, end=self.kit.clock.now(), value=None)
        kind = Kind.MORE if ringing.mails else Kind.FIRST
        told = self._told(found, haul, kind=kind, episode=span if ringing.mails else None)._replace(so_far=total)
        self._tell(told, found, keys)
        self._settle(ringing._replace(total=total, told=total, mails=ringing.mails + 1), found, told=found.lines)
        return "told more"

    def _is_news(self, ringing: Ringing, lines: Iterable[Line], now: datetime) -> bool:
        """Whether an event is unlike all that were told, or the last mail was long ago.

        A digest counts each event, and every one of them is news to it.
        """
        if self._waits:
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
            self._publish(report)
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

    def _told(self, found: Sorted, haul: Haul, *, kind: Kind, episode: Episode | None = None) -> Told:
        tally = Tally.of(found.lines)
        watch, severity, also = self._loudest(tally)
        return Told(
            watch=watch,
            severity=severity,
            tally=tally,
            environment=self.kit.environment,
            now=self.kit.clock.now(),
            noticed_at=self.kit.noticed_at,
            kind=kind,
            alarm=self.alarm.name,
            episode=episode,
            also=also,
            elsewhere=found.elsewhere,
            suppressed=dict(found.suppressed),
            muted=found.muted,
            is_complete=haul.is_complete,
            error_code=haul.error_code,
        )

    def _loudest(self, tally: Tally) -> tuple[Watch, str, tuple[Watch, ...]]:
        """The watch that the mail is about, how loud it is, and which others the events belong to.

        No other mail tells these events, so this one is as loud as the loudest watch that finds one of them.
        """
        if self.watch.counts or tally.count > LISTED:  # others tell what belongs to them as well
            return self.watch, self.watch.severity, ()
        each = [
            [watch for watch in self.kit.facts.matching(line.record) if not watch.counts]
            for line in tally.lines
            if line.record
        ]
        others = list(dict.fromkeys(watch for some in each for watch in some if watch is not self.watch))
        severity = loudest([self.watch, *others])
        whole = [watch for watch in others if watch.severity == severity and all(watch in some for some in each)]
        if severity != self.watch.severity and whole:
            return whole[0], severity, (self.watch, *(watch for watch in others if watch is not whole[0]))
        return self.watch, severity, tuple(others)

    @property
    def _waits(self) -> bool:
        """Whether its events wait for the digest, unless something louder finds them too."""
        return self.watch.severity == "low" and self.kit.environment.digest is not None

    def _claim(self, found: Sorted) -> list[str]:
        """As `sorting.claim`; what waits for the digest is claimed from nobody who would tell it at once."""
        if self._waits and self._loudest(Tally.of(found.lines))[1] == "low":
            return []
        return claim(found, watch=self.watch, kit=self.kit)

    def _keep(self, told: Told) -> None:
        """Leave some events to the digest; all other mails may still tell them."""
        tally, memory = told.tally, self.kit.memory
        memory.note_low(
            self.watch.name,
            events=tally.count,
            rang=int(told.kind is Kind.FIRST),
            counts={"Who": tally.actors, "Calls": tally.calls, "Errors": tally.errors, "From": tally.addresses},
        )
        memory.note_seen({line.event_id for line in tally.lines}, watch=self.watch.name)
        self.kit.say("INFO", "kept for the digest", alarm=self.alarm.name, set=self.watch.name, events=tally.count)

    def _tell(self, told: Told, found: Sorted, keys: list[str]) -> None:
        """Tell of some events, and remember that it was done."""
        if self._waits and told.severity == "low":
            self._keep(told)
            return
        report, memory = compose(told), self.kit.memory
        self.kit.publish(
            report,
            attributes=attributes_of(report, told),
            alarm=self.alarm.name,
            set=told.watch.name,
            kind=str(told.kind),
            events=told.tally.count,
            account=account_of(told),
            region=region_of(told),
        )
        ids = {line.event_id for line in found.lines}
        if self.watch.counts or len(ids) > LISTED:
            # Told in numbers: nobody could hide in the crowd of a noisy set what a louder one has to tell.
            memory.note_seen(ids, watch=self.watch.name)
        else:
            memory.note_told(ids, watch=self.watch.name)
        for each in keys:
            memory.told(each, lasts=False)

    def _publish(self, report: Report, *, missing: int = 0) -> None:
        """Tell something of the alarm itself; one that waits only keeps how many events stayed `missing`."""
        if self._waits:
            if missing:
                self.kit.memory.note_low(self.watch.name, events=0, missing=missing, counts={})
            return
        about = attributes(report, watch=self.watch.name, environment=self.kit.environment)
        self.kit.publish(report, attributes=about, alarm=self.alarm.name, set=self.watch.name)

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
