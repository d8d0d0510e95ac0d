"""How one alarm's mails go out: how loud, about which watch, at once or with the digest, and what is noted of them."""

from dataclasses import dataclass

from common.report import Report

from explainer.alarms import Alarm, Episode
from explainer.envelope import attributes
from explainer.facts import Watch, loudest
from explainer.kit import Kit
from explainer.mail import attributes_of, compose
from explainer.rows import LISTED
from explainer.search import Haul
from explainer.sorting import Sorted, claim
from explainer.subject import account_of, region_of
from explainer.tally import Tally
from explainer.told import Kind, Told


@dataclass(frozen=True)
class Telling:
    """The mails of one alarm of one watch."""

    alarm: Alarm
    watch: Watch
    kit: Kit

    @property
    def waits(self) -> bool:
        """Whether its events wait for the digest, unless something louder finds them too."""
        return self.watch.severity == "low" and self.kit.environment.digest is not None

    def claim(self, found: Sorted) -> list[str]:
        """As `sorting.claim`; what waits for the digest is claimed from nobody who would tell it at once."""
        if self.waits and self._loudest(Tally.of(found.lines))[1] == "low":
            return []
        return claim(found, watch=self.watch, kit=self.kit)

    def of(self, found: Sorted, haul: Haul, *, kind: Kind, episode: Episode | None = None) -> Told:
        """What there is to tell."""
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

    def tell(self, told: Told, found: Sorted, keys: list[str]) -> None:
        """Tell of some events, and remember that it was done. `keys` are what was claimed for it."""
        if self.waits and told.severity == "low":
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

    def publish(self, report: Report, *, missing: int = 0) -> None:
        """Tell something of the alarm itself; one that waits only keeps how many events stayed `missing`."""
        if self.waits:
            if missing:
                self.kit.memory.note_low(self.watch.name, events=0, missing=missing, counts={})
            return
        about = attributes(report, watch=self.watch.name, environment=self.kit.environment)
        self.kit.publish(report, attributes=about, alarm=self.alarm.name, set=self.watch.name)

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
