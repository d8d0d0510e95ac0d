"""All parts of the sandbox, put together."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from sandbox._emulator import Answer, Emulator
from sandbox._patched_functions import count_functions, guard_failure_destinations, keep_workers
from sandbox._patched_rules import guard_rules
from sandbox._patched_topics import guard_topics
from sandbox._patches import (
    Forward,
    Request,
    forget_metrics_seldom,
    lend_clock,
    name_resources_as_aws,
    remember_policies,
    replace_alarm_engine,
    stop_ticks,
    tell_reasons_in_history,
    wrap_services,
)
from sandbox.alarm_clock import AlarmClock
from sandbox.aws import Aws
from sandbox.clock import Clock
from sandbox.delivery import Delivery, Parcel
from sandbox.deployer import make_deployer
from sandbox.dropped import Dropped
from sandbox.functions import Functions
from sandbox.grants import Grants
from sandbox.history import History
from sandbox.insights import InsightRules
from sandbox.log_troubles import LogTroubles
from sandbox.logs import Logs
from sandbox.mailbox import Mailbox
from sandbox.masks import Masks
from sandbox.mutes import MuteRules
from sandbox.notices import Notices
from sandbox.passing import Passing
from sandbox.quotas import Quotas
from sandbox.rules import Rules
from sandbox.running import Running
from sandbox.schedules import Schedules
from sandbox.sizes import Sizes
from sandbox.tagged import complete_tagging
from sandbox.topics import Topics
from sandbox.trail_checks import TrailChecks
from sandbox.trails import DeliveryBook, logging_trails
from sandbox.workers import Workers


class World:
    """The emulator with everything the sandbox puts around it. Make one per process.

    With `by_hand` nothing happens by time alone: alarms and schedules are looked at only when the clock is turned.
    """

    def __init__(self, emulator: Emulator, *, clock: Clock, by_hand: bool = False) -> None:
        self._by_hand = by_hand
        self.emulator, self.clock = emulator, clock
        self.aws = Aws(emulator)
        self.dropped, self.mailbox, self.book, self.history = Dropped(), Mailbox(clock), DeliveryBook(), History()
        self.running, self.workers = Running(), Workers(clock)
        self.grants = Grants(emulator, self.aws, dropped=self.dropped, mailbox=self.mailbox)
        notices = Notices(emulator, self.grants)
        self.log_troubles = LogTroubles(self.clock)
        self.delivery = Delivery(
            emulator,
            self.aws,
            clock=self.clock,
            book=self.book,
            dropped=self.dropped,
            notices=notices,
            troubles=self.log_troubles,
        )
        self.insights = InsightRules(self.clock)
        self.masks = Masks(emulator)
        self.logs = Logs(
            emulator,
            self.aws,
            clock=self.clock,
            insights=self.insights,
            masks=self.masks,
            troubles=self.log_troubles,
        )
        passing = Passing(emulator)
        self.topics = Topics(emulator, passing)
        self.mutes = MuteRules(emulator, self.clock)
        self.alarms = AlarmClock(
            emulator, self.aws, clock=self.clock, grants=self.grants, insights=self.insights, mutes=self.mutes
        )
        self.quotas = Quotas(self.clock)
        self.trails = TrailChecks(
            emulator,
            self.aws,
            book=self.book,
            history=self.history,
            passing=passing,
            notices=notices,
            quotas=self.quotas,
        )
        self.schedules = Schedules(emulator, clock=self.clock, grants=self.grants, passing=passing)
        sizes = Sizes(emulator)
        wrap_services(
            emulator,
            {
                "cloudtrail": self.trails.around,
                "events": Rules(passing).around,
                "iam": sizes.around_iam,
                "lambda": Functions(emulator, grants=self.grants, passing=passing).around,
                "logs": self._logs,
                "monitoring": self._monitoring,
                "scheduler": self.schedules.around,
                "sns": self.topics.around,
                "ssm": sizes.around_parameters,
            },
        )
        self._replace()

    def _replace(self) -> None:
        """Put in what stands for parts of the emulator."""
        emulator = self.emulator
        replace_alarm_engine(emulator, self.alarms.act)
        keep_workers(emulator, self.workers)
        forget_metrics_seldom(emulator, self.clock)
        remember_policies(emulator)
        tell_reasons_in_history(emulator)
        lend_clock(emulator, self.clock)
        count_functions(emulator, self.running)
        guard_topics(emulator, self.grants, self.running)
        guard_rules(emulator, self.grants)
        name_resources_as_aws(emulator)
        guard_failure_destinations(emulator, self.grants, self.clock)
        stop_ticks(emulator)
        complete_tagging(emulator)
        self._tasks: list[asyncio.Task[None]] = []

    async def _logs(self, request: Request, forward: Forward) -> Answer:
        """CloudWatch Logs: what comes out is masked before a pattern is looked for in it."""

        async def masked(asked: Request) -> Answer:
            return await self.masks.around(asked, forward)

        return await self.logs.around(request, masked)

    async def _monitoring(self, request: Request, forward: Forward) -> Answer:
        """CloudWatch: Contributor Insights and mute rules first, which the emulator does not know, then alarms."""

        async def alarms(asked: Request) -> Answer:
            return await self.alarms.around(asked, forward)

        async def mutes(asked: Request) -> Answer:
            return await self.mutes.around(asked, alarms)

        return await self.insights.around(request, mutes)

    async def start(self) -> None:
        """Begin to deliver and to look at alarms. Call it in the loop that serves."""
        self.grants.start(asyncio.get_running_loop())
        await make_deployer(self.aws)
        tickers = () if self._by_hand else (self.alarms.run(), self.schedules.run(), self.delivery.run_late())
        self._tasks = [asyncio.create_task(running) for running in (self.delivery.run(), *tickers)]

    async def stop(self) -> None:
        """Stop both, and end the processes of Lambda functions."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.workers.close)

    @property
    def wake_times(self) -> list[float]:
        """When each function goes on that waits for the clock (epoch seconds): asleep, or for a slow answer."""
        return sorted([*self.workers.wake_times, *self.log_troubles.wake_times])

    async def settled(self, *, deadline_s: float) -> bool:
        """Wait until nothing more happens unless time goes on; False when the deadline passes before.

        Everything is delivered then, and each function that is at work waits for the clock.
        """
        end = time.monotonic() + deadline_s
        while True:
            await self.delivery.settled()
            at_rest = self.running.count <= len(self.wake_times)
            if at_rest and self.grants.is_idle and self.delivery.is_idle:  # what a function did last is delivered, too
                return True
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.01)

    def record(self, parcel: Parcel) -> None:
        """Put one record into the event history and on its way."""
        self.history.add(parcel.record, parcel.account)
        self.delivery.submit(parcel)

    async def emit(self, records: list[dict[str, Any]]) -> int:
        """Deliver ready records as if CloudTrail had made them; the number that some trail took."""
        parcels: list[Parcel] = []
        for record in records:
            account = record["recipientAccountId"]
            parcels.append(Parcel(record, account, logging_trails(self.emulator, account)))
            self.record(parcels[-1])
        await self.delivery.settled()
        return sum(parcel.reached > 0 for parcel in parcels)

    async def forget(self) -> None:
        """Bring back the state of the start; the emulator's own state must be gone already."""
        await self.delivery.settled()
        for part in (
            self.running,
            self.history,
            self.dropped,
            self.mailbox,
            self.book,
            self.delivery,
            self.log_troubles,
            self.logs,
            self.masks,
            self.trails,
            self.alarms,
            self.insights,
            self.mutes,
            self.schedules,
            self.quotas,
        ):
            part.clear()
        self.clock.reset()
        await make_deployer(self.aws)
