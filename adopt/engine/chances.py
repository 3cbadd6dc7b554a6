"""What a rule does to an ad set whose truth is known: the share of simulated ad sets for which it ever holds.

Results are Poisson in the money spent; of those that are reported late, each counts
on the day of its click, as a rule meets them that looks at days before they are complete.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from adopt.engine import delay
from adopt.engine.columns import NEVER, Bools, Columns, Scene, reported_by
from adopt.engine.rules import evaluate
from adopt.engine.snapshot import Days, Floats, Integers
from adopt.language.checking import About
from adopt.language.spoken import Spoken
from adopt.model import Currency

LENGTH_D = 14
_AT_ONCE = 0.6  # of the results; the others take an exponential time
_LATE_H = 36.0
_DAY_H = 24


class Trial(NamedTuple):
    """Some ad sets alike: what they spend a day in targets, their true CPA in targets, whether results come late."""

    spends: float
    costs: float = 1.0
    is_late: bool = False


class Market(NamedTuple):
    """The prices of an account, in minor units: of a result at the target and of a click, the value of a result."""

    price: float
    click: float
    value: float
    ctr: float
    target: float  # a CPA in minor units, or a ROAS
    offset: int = 100  # minor units in a major one


def chances(
    rules: Sequence[Spoken], trials: Sequence[Trial], market: Market, about: About, *, runs: int, seed: int = 1
) -> list[list[float]]:
    """For each rule, the share of each trial's ad sets that it holds for at any look in 14 days, one look an hour."""
    ever = [np.zeros(runs * len(trials), dtype=np.bool_) for _ in rules]
    for now, scene in _hours(trials, market, runs, np.random.default_rng(seed)):
        columns = Columns(scene)
        for place, rule in enumerate(rules):
            if rule.schedule is None or rule.schedule.holds(now):
                ever[place] |= _holds(rule, columns, about)
    return [held.reshape(len(trials), runs).mean(axis=1).tolist() for held in ever]


def _holds(rule: Spoken, columns: Columns, about: About) -> Bools:
    return evaluate(rule.when, columns, about, Currency("")).holds


class _World:
    """The ad sets of all trials, day by day: a row a day and ad set, the days one after the other."""

    def __init__(self, trials: Sequence[Trial], market: Market, runs: int, draw: np.random.Generator) -> None:
        self.market, self.draw = market, draw
        self.spends = np.repeat([trial.spends * market.price for trial in trials], runs)
        self.count = self.spends.size
        shape = self.count * LENGTH_D
        self.spend, self.clicks, self.results = (np.zeros(shape) for _ in range(3))
        self.object = np.tile(np.arange(self.count), LENGTH_D)
        self.day = np.repeat(np.arange(LENGTH_D), self.count)
        self.seen_at, self.row = self._events(trials, runs)
        self.next = 0

    def _events(self, trials: Sequence[Trial], runs: int) -> tuple[Integers, Integers]:
        """Every result's hour of report and its row, in the order of reports."""
        rate = np.repeat([trial.spends / trial.costs * LENGTH_D for trial in trials], runs)
        late = np.repeat([trial.is_late for trial in trials], runs)
        ad_set = np.repeat(np.arange(self.count), self.draw.poisson(rate))
        clicked = self.draw.random(ad_set.size) * LENGTH_D * _DAY_H
        waits = late[ad_set] & (self.draw.random(ad_set.size) >= _AT_ONCE)
        seen = clicked + waits * self.draw.exponential(_LATE_H, ad_set.size)
        row = (clicked // _DAY_H).astype(np.int64) * self.count + ad_set
        order = np.argsort(seen)
        return seen[order].astype(np.int64), row[order]

    def advance(self, hour: int) -> Days:
        """The days as they are shown at the end of an hour."""
        today = hour // _DAY_H
        rows = slice(today * self.count, (today + 1) * self.count)
        self.spend[rows] += self.spends / _DAY_H
        self.clicks[rows] += self.draw.poisson(self.spends / _DAY_H / self.market.click)
        last = int(np.searchsorted(self.seen_at, hour, side="right"))
        np.add.at(self.results, self.row[self.next : last], 1.0)
        self.next = last
        return self._days((today + 1) * self.count)

    def _days(self, size: int) -> Days:
        market, results = self.market, self.results[:size]
        views = self.spend[:size] / (market.click * market.ctr)
        first = _START.toordinal()
        return Days(
            self.object[:size],
            self.day[:size] + first,
            self.spend[:size],
            views,
            self.clicks[:size],
            results,
            results * market.value,
        )


_START = datetime(2001, 1, 1)  # noqa: DTZ001 - a wall clock of no place


def _hours(
    trials: Sequence[Trial], market: Market, runs: int, draw: np.random.Generator
) -> Iterator[tuple[datetime, Scene]]:
    world = _World(trials, market, runs, draw)
    scene = scene_of(world.spends, market)
    for hour in range(LENGTH_D * _DAY_H):
        now = _START + timedelta(hours=hour, minutes=59)
        yield (
            now,
            replace(
                scene,
                today=now.toordinal(),
                days=world.advance(hour),
                age_d=np.full(world.count, (hour + 1) / _DAY_H),
                reported=reported_by(now, delay.slow("7d_click")),
            ),
        )


def scene_of(budgets: Floats, market: Market) -> Scene:
    """Ad sets on these budgets in one campaign, before they have any days."""
    count = budgets.size
    none = np.zeros(0, dtype=np.int64)
    return Scene(
        today=_START.toordinal(),
        days=Days(none, none, *(np.zeros(0),) * 5),
        reported=lambda ordinals: np.ones(ordinals.shape),
        target=market.target,
        offset=market.offset,
        judged_d=28,
        skipped_d=7,
        confidence=0.95,
        parent=np.zeros(count, dtype=np.int64),
        budget=budgets,
        base=budgets,
        age_d=np.zeros(count),
        learning=np.zeros(count, dtype=np.bool_),
        touched=np.full(count, NEVER, dtype=np.int64),
        texts=lambda _: [("",)] * count,
    )
