"""A policy living in a world: its shares of budget change the spend that follows, and what came of it."""

from typing import Final, Protocol

import numpy as np
from msgspec import Struct

from bench.decisions.worlds import Bools, Floats, Flow, Integers, Poll, World, expected_profit

SNAPSHOT_DAYS: Final = (3, 7, 14, 21)  # when beliefs are compared with the truth
BAD: Final = 2 / 3  # an ad set this far below target costs 1.5 times the target or more
GOOD: Final = 1.0
GREAT: Final = 1.3
NEVER: Final = -1


class Look(Struct, frozen=True):
    """What a policy wants after a poll: shares of base budgets, 0 for a pause; what it believes, if it says so."""

    share: Floats
    scale: Bools | None = None  # signals that budgets may rise
    p_good: Floats | None = None


class Policy(Protocol):
    """Sees polls, says budgets."""

    def begin(self) -> Floats:
        """The shares before the first poll."""
        ...

    def look(self, poll: Poll) -> Look:
        """The shares after a poll."""
        ...


class Outcome(Struct, frozen=True):
    """What came of a policy, one row an ad set; money in target CPAs."""

    account: Integers
    base: Floats  # a day
    good: Bools  # on target or better from the first day on, as long as it lasts
    bad: Bools  # far below target for life
    great: Bools  # far above, likewise
    paused: Bools  # ever
    wrongly: Bools  # ever, without a day below target before
    mistaken: Bools  # the first time, on target that day
    spend_at_pause: Floats  # of the first pause; NaN without one
    halved: Floats  # the day its spend first was at most half of the plan; NaN if never
    scaled: Bools
    profit: Floats
    best: Floats  # of a clairvoyant
    lost: Floats  # on days below target
    missed: Floats  # on days above
    delivered: Floats  # spend on days above target
    plan: Floats  # the same at base budget
    believed: Floats  # (n, snapshots), NaN where nothing is said
    was_good: Bools  # (n, snapshots)


def live(world: World, policy: Policy) -> Outcome:
    """Run a policy through a world."""
    flow, notes = Flow(world), Notes(world)
    share = policy.begin()
    for number in range(world.steps):
        poll = flow.step(number, share)
        notes.money(number, share, flow.response(number, share))
        look = policy.look(poll)
        notes.decisions(number, look, poll)
        share = look.share
    return notes.outcome()


class Notes:
    """What is written down on the way."""

    def __init__(self, world: World) -> None:
        self.world = world
        size = len(world.setting.base)
        self._lowest = np.minimum.accumulate(world.truth, axis=1)
        self._best = best_shares(world)
        self._sums = {name: np.zeros(size) for name in ("profit", "best", "lost", "missed", "delivered", "plan")}
        self._day_spend, self._day_plan = np.zeros(size), np.zeros(size)
        self._halved, self._at_pause = np.full(size, np.nan), np.full(size, np.nan)
        self._wrongly, self._mistaken, self._scaled, self._off = (np.zeros(size, dtype=np.bool_) for _ in range(4))
        self._believed = np.full((size, len(SNAPSHOT_DAYS)), np.nan)

    def money(self, number: int, share: Floats, response: Floats) -> None:
        """Add up one step's expected profit, and what a clairvoyant would have made of it."""
        world, sums = self.world, self._sums
        day = number // world.steps_a_day
        best = self._best[:, day]
        gained, planned = expected_profit(world, response, share, number), world.planned[:, number]
        possible = planned * (world.truth[:, day] * best**world.beta - best)
        above = world.truth[:, day] >= GOOD
        sums["profit"] += gained
        sums["best"] += possible
        sums["lost"] += np.where(above, 0.0, -gained)
        sums["missed"] += np.where(above, possible - gained, 0.0)
        sums["delivered"] += np.where(above, planned * share, 0.0)
        sums["plan"] += np.where(above, planned, 0.0)
        self._day_spend += planned * share
        self._day_plan += planned
        if (number + 1) % world.steps_a_day == 0:
            newly = np.isnan(self._halved) & (self._day_spend <= 0.5 * self._day_plan)
            self._halved[newly] = day + 1
            self._day_spend[:] = self._day_plan[:] = 0.0

    def decisions(self, number: int, look: Look, poll: Poll) -> None:
        """Note pauses, signals and beliefs."""
        world = self.world
        day = number // world.steps_a_day
        off = look.share == 0
        pausing = off & ~self._off
        first = pausing & np.isnan(self._at_pause)
        self._mistaken |= first & (world.truth[:, day] >= GOOD)
        self._wrongly |= pausing & (self._lowest[:, day] >= GOOD)
        self._at_pause[first] = poll.spend[first]
        self._off = off
        if look.scale is not None:
            self._scaled |= look.scale
        if look.p_good is not None and number + 1 in self._snapshots():
            self._believed[:, self._snapshots().index(number + 1)] = look.p_good

    def outcome(self) -> Outcome:
        """The columns."""
        world = self.world
        days = [min(day, world.spec.days - 1) for day in SNAPSHOT_DAYS]
        return Outcome(
            account=world.setting.account,
            base=world.setting.base,
            good=world.truth[:, 0] >= GOOD,
            bad=world.truth.max(axis=1) <= BAD,
            great=world.truth.min(axis=1) >= GREAT,
            paused=~np.isnan(self._at_pause),
            wrongly=self._wrongly,
            mistaken=self._mistaken,
            spend_at_pause=self._at_pause,
            halved=self._halved,
            scaled=self._scaled,
            believed=self._believed,
            was_good=world.truth[:, days] >= GOOD,
            **self._sums,
        )

    def _snapshots(self) -> list[int]:
        return [day * self.world.steps_a_day for day in SNAPSHOT_DAYS]


def best_shares(world: World) -> Floats:
    """What someone who knows the truth of each day would spend, as shares of base, (n, days)."""
    if world.spec.beta is None:
        return (world.truth > GOOD).astype(np.float64)
    account = world.setting.account
    budget = np.bincount(account, world.setting.base).astype(np.float64) * world.spec.total
    return np.stack([_best_day(world, world.truth[:, day], account, budget) for day in range(world.spec.days)], axis=1)


def _best_day(world: World, truth: Floats, account: Integers, budget: Floats) -> Floats:
    """Shares at which the next dollar earns the same everywhere, found by halving its price in each account."""
    low, high = np.zeros(budget.size), np.full(budget.size, 20.0)
    share = np.zeros(truth.size)
    for _ in range(50):
        price = (low + high) / 2
        share = _at_price(world, truth, price[account])
        over = np.bincount(account, share * world.setting.base) > budget
        low, high = np.where(over, price, low), np.where(over, high, price)
    return share


def _at_price(world: World, truth: Floats, price: Floats) -> Floats:
    share: Floats = np.minimum((world.beta * truth / (1 + price)) ** (1 / (1 - world.beta)), world.spec.cap)
    return share
