"""The mails of a finding: under which incident it is told, in which words, and once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from common.actor import actor_of
from common.errors import NotReported
from common.incident import Incident
from common.report import Report

from guardian import storm
from guardian.decide import (
    CHANGES,
    SAME_STOP,
    Finding,
    Outcome,
    Severity,
)
from guardian.errors import NotPutBack, NotRestored
from guardian.incident import incident_of, is_exact
from guardian.kit import Kit
from guardian.ledger import Explained
from guardian.report import compose
from guardian.rows import rows
from guardian.told import Told

_REPAIRED = frozenset({Outcome.RESTORED, Outcome.PUT_BACK})
_EXPLAINS = timedelta(minutes=20)  # a change and the drift it made: an event may come late, the sweep every 5 minutes


@dataclass(frozen=True)
class Mails:
    """What one run tells of its findings. `kit` is what it works with."""

    kit: Kit

    def report(self, finding: Finding) -> Report:
        """The mail of a finding."""
        return compose(
            finding, environment=self.kit.environment, noticed_at=self.kit.noticed_at, now=self.kit.clock.now()
        )

    def incident(self, finding: Finding) -> Incident:
        """Under which incident a finding is told. A stop at nearly the time of a known one is that one."""
        report = self.report(finding)
        incident = incident_of(finding, what=report.body.partition("\n")[0], seen_at=self.kit.noticed_at)
        if not incident.key.startswith("stopped#") or not finding.stopped_at or is_exact(finding):
            return incident
        known = self.kit.ledger.same_stop(finding.stopped_at, within=SAME_STOP)
        return incident._replace(key=known or incident.key)

    def tell(self, finding: Finding) -> list[Exception]:
        """Tell of a finding; what has to be raised once everything is done, the gravest first."""
        facts = self.facts(finding)
        if finding.is_silent:
            self.kit.say("INFO", f"silent: {finding.outcome}", **facts, reported=False)
            return []
        failed: list[Exception] = []
        try:
            if not (self._tell_once(finding) or self._tell_name(finding)):
                self.kit.say("INFO", f"told already: {finding.outcome}", **facts, reported=False)
        except NotReported as error:
            failed.append(error)
        arn = self.kit.environment.trail.arn
        if finding.outcome is Outcome.NOT_PUT_BACK:
            failed.append(NotPutBack(arn, "; ".join(drift.field.label for drift in finding.drifts)))
        elif finding.is_failure:
            failed.append(NotRestored(arn, str(finding.outcome)))
        return failed

    def _tell_once(self, finding: Finding) -> bool:
        incident, report = self.incident(finding), self.report(finding)
        if finding.outcome is Outcome.CHANGED and (drift := self._explained_by()):
            return self._tell_explained(finding, drift)
        if finding.outcome not in _REPAIRED:
            level = "ERROR" if finding.is_failure else "INFO"
            return self.kit.teller.tell(
                report,
                incident,
                lasts=finding.lasts,
                event_id=self.kit.event_id,
                level=level,
                **self.facts(finding),
            )
        told = Told(
            finding=finding,
            environment=self.kit.environment,
            actor=actor_of(self.kit.cause.record, account=self.kit.environment.trail.account)
            if self.kit.cause.record
            else None,
            noticed_at=self.kit.noticed_at,
            now=self.kit.clock.now(),
        )
        return storm.tell_repair(
            report,
            incident,
            spent=self.kit.spend(),
            rows=rows(told),
            event_id=self.kit.event_id,
            teller=self.kit.teller,
            facts=self.facts(finding),
        )

    def _tell_name(self, finding: Finding) -> bool:
        """The incident was told by a run that knew nobody, and this message says who it was."""
        return self.kit.teller.tell_name(
            self.report(finding._replace(is_follow_up=True)),
            self.incident(finding),
            level="ERROR" if finding.is_failure else "INFO",
            **self.facts(finding),
        )

    def _explained_by(self) -> Explained | None:
        """The drift that this change made, and that another run found and undid; None when there is none."""
        at = self.kit.cause.at
        if at is None or self.kit.cause.operation not in CHANGES or self.kit.cause.by_guardian:
            return None
        return self.kit.ledger.explains(at, within=_EXPLAINS)

    def _tell_explained(self, finding: Finding, drift: Explained) -> bool:
        """Add who it was to a drift that was told without, or tell what the run that undid it did not live to tell."""
        finding = finding._replace(
            is_explained=True,
            is_follow_up=not drift.is_untold,
            severity=Severity.CRITICAL,
            left="",
        )
        is_told = self.kit.teller.add_name(self.report(finding), drift.key, **self.facts(finding))
        if is_told and drift.is_untold:
            self.kit.ledger.told(drift.key, lasts=False, with_name=True)
        return is_told

    def facts(self, finding: Finding) -> dict[str, Any]:
        """What the log says of a finding, and the run answers."""
        restarted_at = finding.attempt.at if finding.attempt else None
        return {
            **self.kit.about(),
            "outcome": str(finding.outcome),
            "mode": str(self.kit.environment.mode),
            "gapMs": None if finding.gap_s is None else round(finding.gap_s * 1000),
            "restartMs": round((restarted_at - self.kit.noticed_at).total_seconds() * 1000) if restarted_at else None,
        }
