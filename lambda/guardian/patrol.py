"""The sweep's part of a run: everything of ours compared with the inventory, and the way by which the sweep comes.

Whoever is woken by an event or an alarm looks whether the sweep still comes: it cannot tell of its own end.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from common.incident import Incident
from common.retry import call, is_transient_code

from guardian import rounds, sweep
from guardian.inventory import conditions, document, forged
from guardian.inventory.document import Inventory, NoInventory
from guardian.inventory.eyes import Eyes, NotSeenError
from guardian.inventory.inspection import BLIND, Inspected, Tools, inspect
from guardian.kit import Kit
from guardian.ledger import Swept
from guardian.remit import Mode
from guardian.sweep import Condition

OVERDUE = timedelta(minutes=12)
"""Two sweeps did not come, and a third is late."""
_NEEDED_S = 40.0  # after the grace time: to look again, put back, read back and tell
_UNTIL = 0.8  # the part of the run after which no call begins
_GONE = "ResourceNotFoundException"


@dataclass(frozen=True, kw_only=True)
class Patrol:
    """`kit` is what the run works with."""

    kit: Kit

    def inspect(self) -> Inspected:
        """Compare everything with the inventory, and put back what may be. Only a sweep knows its digest."""
        inventory = self._read()
        last = self.kit.ledger.last_sweep()
        digest, told = inventory.digest, self.kit.cause.inventory
        # A message without a digest is as odd as one with another: whoever may change the schedule may leave it out.
        is_odd = bool(digest) and told != digest
        self.kit.ledger.note_sweep(
            at=self.kit.noticed_at, schedule=self.kit.cause.schedule, odd=digest if is_odd else ""
        )
        if is_odd:
            # A deployment writes the inventory, then the schedule: what the next sweep sees too is a stranger's doing.
            is_believed = last is not None and last.odd == digest
            found = (conditions.not_the_deployed_one(environment=self.kit.environment),) if is_believed else ()
            return Inspected(
                found=(*found, *self._rule()), blind=BLIND.blind if found else (*BLIND.blind, conditions.INVENTORY)
            )
        if isinstance(inventory, NoInventory):
            if is_transient_code(inventory.error_code):
                # DynamoDB is down, and the ledger with it: nobody could keep this from being told at every sweep.
                return Inspected(found=self._rule(), blind=(*BLIND.blind, conditions.INVENTORY))
            found = conditions.no_inventory(inventory, environment=self.kit.environment)
            return Inspected(found=(found, *self._rule()), blind=BLIND.blind)
        known = {entry.key for entry in self.kit.ledger.unsettled() or []}
        inspected = inspect(inventory, known=known, tools=self._tools())
        return self._with_forged(inspected, inventory, last=last)

    def _with_forged(self, inspected: Inspected, inventory: Inventory, *, last: Swept | None) -> Inspected:
        """What came of an inspection, and once an hour the numbers that somebody forged."""
        now = self.kit.noticed_at  # as in the ledger, so that no hour is read twice or never
        not_seen = conditions.unseen_key(forged.ACTION)
        if not forged.is_due(last.at if last else None, now):
            return replace(inspected, blind=(*inspected.blind, not_seen))
        tools = self._tools()
        eyes = Eyes(client_for=tools.client_for, clock=tools.clock, until=tools.until)
        try:
            found = tuple(forged.forged(inventory.things, eyes, now=now))
        except NotSeenError as error:
            filters = [(thing, (error.action, error.code)) for thing in inventory.things if thing.kind == "filter"]
            found = tuple(conditions.unseen(filters, environment=self.kit.environment))
        return replace(inspected, found=(*inspected.found, *found))

    def look_after_sweep(self) -> None:
        """Tell, once, that the sweep no longer comes. The next sweep tells that it does."""
        last, now = self.kit.ledger.last_sweep(), self.kit.clock.now()
        if last is None or not last.schedule or now - last.at <= OVERDUE:
            return
        region, name = last.schedule.split(":")[3], last.schedule.rpartition("/")[2]
        scheduler = self.kit.client_for("scheduler", region)
        found = sweep.schedule(
            self._state(lambda: scheduler.get_schedule(Name=name)),
            name=name,
            region=region,
            silent_s=(now - last.at).total_seconds(),
            environment=self.kit.environment,
        )
        rounds.tell_conditions([found], teller=self.kit.teller, now=self.kit.noticed_at)

    def _read(self) -> Inventory | NoInventory:
        environment = self.kit.environment
        return document.read(
            lambda: self.kit.client_for("dynamodb", environment.trail.region),
            table=environment.ledger,
            trail_arn=environment.trail.arn,
            clock=self.kit.clock,
        )

    def _tools(self) -> Tools:
        return Tools(
            environment=self.kit.environment,
            read=self._read,
            client_for=self.kit.client_for,
            clock=self.kit.clock,
            until=self.kit.mark(_UNTIL),
            wait=self._wait,
            may_mend=self._may_mend,
            begin=self._begin,
        )

    def _wait(self) -> bool:
        grace_s = self.kit.environment.remit.grace_s
        if self.kit.left_s < grace_s + _NEEDED_S:
            return False
        self.kit.clock.sleep(grace_s)
        return True

    def _may_mend(self) -> str:
        mode = self.kit.environment.remit.mode
        if mode is Mode.RESTORE:
            return self.kit.planned()
        return "remediation mode is notify" if mode is Mode.NOTIFY else "a dry run"

    def _begin(self, condition: Condition) -> None:
        """Claim the incident before anything is changed: what a crash then leaves behind is told by the next sweep."""
        seen_at = self.kit.noticed_at
        incident = Incident(key=condition.key, what=condition.sentence, severity=condition.severity, seen_at=seen_at)
        self.kit.teller.claim(incident)

    def _rule(self) -> tuple[Condition, ...]:
        """Without an inventory, the rule that wakes the guardian is looked at all the same."""
        name = self.kit.environment.rule
        events = self.kit.client_for("events", self.kit.environment.trail.region)
        return tuple(sweep.rule(self._state(lambda: events.describe_rule(Name=name)), environment=self.kit.environment))

    def _state(self, request: Callable[[], dict[str, object]]) -> str:
        """The `State` of a rule or schedule, "" when it is gone, or `?` and AWS's error code."""
        until = self.kit.mark(_UNTIL)
        answer = call(request, clock=self.kit.clock, until=until, first_wait_s=0.3)
        if answer.value is not None:
            return str(answer.value.get("State", ""))
        return "" if answer.error_code == _GONE else f"?{answer.error_code}"
