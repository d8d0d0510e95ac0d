"""Measuring one thing against another."""

import time
import timeit
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One ratio. `goal` is the most it may be (or, where `at_least`, the least), `about` says what was measured."""

    name: str
    ratio: float
    goal: float
    about: str
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the goal is met in this run."""
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal


def best_s(*works: Callable[[], Any], repeats: int = 7) -> list[float]:
    """The least processor time, in seconds, of one call of each; in turns, so that a noisy moment meets all of them.

    Noise only ever adds, so the least is nearest the truth; and time that other programs get is not counted at all.
    """
    timers = [timeit.Timer(work, timer=time.process_time) for work in works]
    loops = [timer.autorange()[0] for timer in timers]
    rounds = [[timer.timeit(count) / count for timer, count in zip(timers, loops, strict=True)] for _ in range(repeats)]
    return [min(times) for times in zip(*rounds, strict=True)]
