"""D14: the same polls, looked at every 15 minutes or every hour, must give the same evidence at the same time."""

from typing import Protocol

import numpy as np

from adopt.policy import Decision
from bench.decisions.baselines import Wilson
from bench.decisions.evidence import Evidence, Options
from bench.decisions.living import Look
from bench.decisions.worlds import Floats, Flow, Poll, World

OPEN = Options(
    Decision(alpha=1e-300), throttles=False, guard=False
)  # nothing is ever paused, so that the polls stay the same


class Watcher(Protocol):
    """A policy that can take in a poll without looking."""

    def look(self, poll: Poll) -> Look:
        """Take in a poll and decide."""
        ...

    def observe(self, poll: Poll) -> None:
        """Take in a poll."""
        ...

    def values(self) -> Floats:
        """Its statistic now."""
        ...


def look_gap(world: World, policy: str, every: int = 4) -> float:
    """The largest difference of a policy's statistic between looking at each step and at every so many."""
    flow, share = Flow(world), np.ones(len(world.setting.base))
    often, seldom = _watcher(world, policy), _watcher(world, policy)
    widest = 0.0
    for number in range(world.steps):
        poll = flow.step(number, share)
        often.look(poll)
        if (number + 1) % every:
            seldom.observe(poll)
            continue
        seldom.look(poll)
        widest = max(widest, float(np.abs(often.values() - seldom.values()).max()))
    return widest


def _watcher(world: World, policy: str) -> Watcher:
    return Evidence(world.setting, OPEN) if policy == "evidence" else Wilson(world.setting)
