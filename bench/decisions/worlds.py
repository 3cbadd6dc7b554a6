"""Worlds whose truth is known: spend, conversions and what a poll can see of them."""

from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from bench.decisions.scenarios import Delay, Spec

TARGET: Final = 30.0  # dollars a conversion at target; within a world one unit of money is one target CPA
SCALES_H: Final = np.array([0.3, 2.0, 8.0, 24.0, 72.0, 200.0])
HORIZON_H: Final = 720.0
ROAS: Final = 2.4  # the target where orders have values
PAST: Final = 20  # finished ad sets an account remembers
LEARNING_D: Final = 3
LARGE_STEP: Final = 0.2
CEILING: Final = 1.35  # how far the strongest response exceeds the usual one at the largest budget

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Setting(Struct, frozen=True):
    """What a buyer knows before the first poll; money in target CPAs."""

    account: Integers  # (n,)
    base: Floats  # daily budgets, (n,)
    past_results: Floats  # (accounts, PAST), finished ad sets
    past_spend: Floats
    delay: Delay | None  # None where it has to be learned
    window_h: float  # of attribution
    step_h: float
    cap: float
    total: float
    roas: float | None


class Poll(Struct, frozen=True):
    """Cumulative figures of each ad set at one moment, as reported by then."""

    hour: float
    spend: Floats
    clicks: Floats
    results: Floats
    revenue: Floats


class Entries(Struct, frozen=True):
    """What will be reported, one row a count, sorted by the step that was paid for it."""

    step: Integers
    ad_set: Integers
    mark: Floats  # uniform: happens if the response reaches this share of the ceiling
    day: Integers
    reported: Integers  # the first poll to show it
    count: Floats  # -1 takes one back
    value: Floats


class World(Struct, frozen=True):
    """A draw of everything: the setting anyone may see, the truth that policies must not."""

    spec: Spec
    setting: Setting
    truth: Floats  # target CPA / true CPA, (n, days), without the noise of days
    planned: Floats  # spend at base budget, (n, steps)
    clicked: Floats  # at base budget, (n, steps)
    beta: Floats  # response exponents, (n,)
    ceiling: Floats  # the response that a mark of 1 stands for, (n,)
    entries: Entries
    starts: Integers  # where each step's entries start

    @property
    def steps(self) -> int:
        """How many steps the world has."""
        return int(self.planned.shape[1])

    @property
    def steps_a_day(self) -> int:
        """How many of them make a day."""
        return round(24 / self.spec.step_h)


def make_world(spec: Spec, seed: int, size: int) -> World:
    """The world of that seed, of whole accounts with about so many ad sets."""
    rng = np.random.default_rng(seed)
    count = spec.ad_sets or max(size // spec.an_account, 1) * spec.an_account
    account = np.arange(count) // spec.an_account
    accounts = int(account[-1]) + 1
    base = spec.budget / TARGET * rng.lognormal(0.0, spec.spread, count)
    level = rng.normal(0.0, spec.between, accounts)
    quality = spec.median * np.exp(level[account] + rng.normal(0.0, spec.within, count))
    truth = _paths(spec, quality, rng)
    planned = _spend(spec, base, rng)
    rate = np.where(np.arange(accounts) % 2 == 0, 0.02, 0.085)[account]  # clicks that convert at target
    clicks = rng.poisson(planned / rate[:, None]).astype(np.float64)
    beta = np.ones(count) if spec.beta is None else rng.normal(spec.beta, 0.05, count)
    top = spec.cap ** (spec.beta or 1.0) * (CEILING if spec.beta else 1.0)
    worth = rng.lognormal(0.0, 0.2, count) if spec.orders else np.ones(count)
    entries = _entries(spec, truth * _season(spec, account, rng) / worth[:, None], planned, top, worth, rng)
    return World(
        spec=spec,
        setting=_setting(spec, account, base, level, rng),
        truth=truth,
        planned=planned,
        clicked=clicks,
        beta=beta,
        ceiling=np.full(count, top),
        entries=entries,
        starts=np.searchsorted(entries.step, np.arange(planned.shape[1] + 1)),
    )


def reported(delay: Delay, age_h: Floats) -> Floats:
    """The share of conversions that is reported by an age in hours."""
    return _mixed(delay, np.minimum(age_h, delay.window_h)) / _mixed(delay, np.array(delay.window_h))


def _mixed(delay: Delay, age_h: Floats) -> Floats:
    parts = -np.expm1(-np.maximum(age_h, 0.0)[..., None] / SCALES_H) / -np.expm1(-HORIZON_H / SCALES_H)
    total: Floats = (np.array(delay.weights) * parts).sum(axis=-1)
    return total


def _setting(spec: Spec, account: Integers, base: Floats, level: Floats, rng: np.random.Generator) -> Setting:
    """The buyer's view; an account on target has a past like any other, so that its prior misleads."""
    accounts = level.size
    boundary = spec.is_boundary
    level = rng.normal(0.0, 0.15, accounts) if boundary else level
    median, within = (0.88, 0.45) if boundary else (spec.median, spec.within)
    spend = 14 * spec.budget / TARGET * rng.lognormal(0.0, spec.spread, (accounts, PAST))
    quality = median * np.exp(level[:, None] + rng.normal(0.0, within, (accounts, PAST)))
    return Setting(
        account=account,
        base=base,
        past_results=rng.poisson(spend * quality).astype(np.float64),
        past_spend=spend,
        delay=None if spec.learned else spec.delay,
        window_h=spec.delay.window_h,
        step_h=spec.step_h,
        cap=spec.cap,
        total=spec.total,
        roas=ROAS if spec.orders else None,
    )


def _paths(spec: Spec, quality: Floats, rng: np.random.Generator) -> Floats:
    """Efficiency by day: constant, fading from some day on, or recovering on one."""
    day = np.arange(spec.days)[None, :]
    kind = rng.random(quality.size)[:, None]
    onset = rng.uniform(min(5.0, 0.3 * spec.days), 0.6 * spec.days, (quality.size, 1))
    pace = rng.uniform(3.0, 10.0, (quality.size, 1))
    faded = np.exp(-np.clip((day - onset) / pace, 0.0, 1.2))
    late = np.where(day < rng.integers(8, 17, (quality.size, 1)), 0.45, 1.0)
    fades, blooms = kind < spec.fading, kind >= 1 - spec.blooming
    return quality[:, None] * np.where(fades, faded, 1.0) * np.where(blooms, late, 1.0)


def _spend(spec: Spec, base: Floats, rng: np.random.Generator) -> Floats:
    """Spend of each step: hours and weekdays have a shape, every step has noise."""
    steps = round(spec.days * 24 / spec.step_h)
    hour = np.arange(steps) * spec.step_h
    shape = (1 + 0.5 * np.sin((hour % 24 - 9) / 24 * 2 * np.pi)) * (1 + 0.1 * np.sin(hour // 24 * 2 * np.pi / 7))
    noise = rng.gamma(8.0, 1 / 8.0, (base.size, steps))
    return base[:, None] * spec.step_h / 24 * shape * noise


def _season(spec: Spec, account: Integers, rng: np.random.Generator) -> Floats:
    """Factors of the conversion rate by ad set and day, of mean 1."""
    day = np.arange(spec.days)
    week = 1 + spec.weekly * np.sin(2 * np.pi * (day + 0.5) / 7)
    shock = np.exp(rng.normal(-(spec.shocks**2) / 2, spec.shocks, (int(account[-1]) + 1, spec.days)))
    shape = (account.size, spec.days)
    noise = rng.gamma(spec.day_cv**-2, spec.day_cv**2, shape) if spec.day_cv else np.ones(shape)
    return week * shock[account] * noise


def _entries(spec: Spec, rate: Floats, planned: Floats, top: float, worth: Floats, rng: np.random.Generator) -> Entries:
    """Conversions of the largest possible budget, marked so that a smaller one keeps its share of them."""
    per_day = round(24 / spec.step_h)
    counts = rng.poisson(planned * np.repeat(rate, per_day, axis=1) * top)
    step, ad_set = (place.astype(np.int64) for place in np.nonzero(counts.T))
    times = counts.T[step, ad_set]
    step, ad_set = np.repeat(step, times), np.repeat(ad_set, times)
    hours = (step + rng.random(step.size)) * spec.step_h + _delays(spec.delay, step.size, rng)
    born = Entries(
        step=step,
        ad_set=ad_set,
        mark=rng.random(step.size),
        day=step // per_day,
        reported=np.ceil(hours / spec.step_h).astype(np.int64),
        count=np.ones(step.size),
        value=_values(spec, worth[ad_set], rng),
    )
    return _faulty(spec, born, rng)


def _delays(delay: Delay, count: int, rng: np.random.Generator) -> Floats:
    """Reporting delays in hours, drawn until they fall within the window."""
    found = np.full(count, np.inf)
    while (late := found > delay.window_h).any():
        part = rng.choice(SCALES_H.size, size=int(late.sum()), p=delay.weights)
        top = -np.expm1(-HORIZON_H / SCALES_H[part])
        found[late] = -SCALES_H[part] * np.log1p(-rng.random(part.size) * top)
    return found


def _values(spec: Spec, worth: Floats, rng: np.random.Generator) -> Floats:
    """Order values around an ad set's own mean, one order in two hundred twenty times as large."""
    if not spec.orders:
        return np.ones(worth.size)
    plain = rng.lognormal(-0.72, 1.2, worth.size)
    whale = np.where(rng.random(worth.size) < 0.005, 20.0, 1.0)
    return worth * ROAS * plain * whale / (1 + 19 * 0.005)


def _faulty(spec: Spec, born: Entries, rng: np.random.Generator) -> Entries:
    """Counts as a faulty tracking reports them: some lost for good, some twice, some taken back."""
    day = rng.integers(8, 20)
    lost = np.zeros(born.step.size, dtype=np.bool_)
    if spec.outage_h:
        hours = born.reported * spec.step_h
        lost = (hours > 24 * day) & (hours <= 24 * day + spec.outage_h)
    twice = rng.random(born.step.size) < spec.duplicates
    back = (rng.random(born.step.size) < spec.refunds) | twice
    parts = [_picked(born, ~lost), _picked(born, twice & ~lost), _picked(born, back & ~lost, -1.0, rng)]
    joined = [np.concatenate([getattr(part, name) for part in parts]) for name in Entries.__struct_fields__]
    order = np.argsort(joined[0], kind="stable")
    return Entries(*(column[order] for column in joined))


def _picked(entries: Entries, keep: Bools, sign: float = 1.0, rng: np.random.Generator | None = None) -> Entries:
    """Some of the entries; with a generator, reported one to three days later."""
    fields = {name: getattr(entries, name)[keep] for name in Entries.__struct_fields__}
    if rng is not None:
        fields["reported"] = fields["reported"] + rng.integers(24, 73, fields["reported"].size)
    fields["count"] = fields["count"] * sign
    fields["value"] = fields["value"] * sign
    return Entries(**fields)


class Flow:
    """A world being lived through: shares of budget go in, polls come out."""

    def __init__(self, world: World) -> None:
        self.world = world
        size = world.planned.shape[0]
        self._due = np.zeros((world.steps + 1, size))
        self._due_value = np.zeros((world.steps + 1, size))
        self._spend, self._clicks, self._results, self._revenue = (np.zeros(size) for _ in range(4))
        self._share = np.ones(size)
        self._changed = np.full(size, -np.inf)

    def step(self, number: int, share: Floats) -> Poll:
        """Spend one step at these shares of the base budget, and poll."""
        self._notice(number, share)
        world = self.world
        rows = slice(world.starts[number], world.starts[number + 1])
        entries = world.entries
        ad_set = entries.ad_set[rows]
        happens = entries.mark[rows] * world.ceiling[ad_set] < self.response(number, share)[ad_set]
        seen = happens & (entries.reported[rows] <= world.steps)
        place = entries.reported[rows][seen], ad_set[seen]
        np.add.at(self._due, place, entries.count[rows][seen])
        np.add.at(self._due_value, place, entries.value[rows][seen])
        self._spend = self._spend + world.planned[:, number] * share
        self._clicks = self._clicks + world.clicked[:, number] * share
        self._results = self._results + self._due[number + 1]
        self._revenue = self._revenue + self._due_value[number + 1]
        hour = (number + 1) * world.spec.step_h
        return Poll(hour, self._spend, np.rint(self._clicks), self._results, self._revenue)

    def response(self, number: int, share: Floats) -> Floats:
        """Spend that counts, relative to base: what a budget brings, less while the platform learns."""
        learning = number - self._changed < LEARNING_D * self.world.steps_a_day
        plain: Floats = share**self.world.beta if self.world.spec.beta else share
        return plain * np.where(learning, 1 - self.world.spec.loss, 1.0)

    def _notice(self, number: int, share: Floats) -> None:
        if self.world.spec.loss and number:
            large = np.abs(share - self._share) > (LARGE_STEP + 1e-9) * self._share
            self._changed = np.where(large, number, self._changed)
        self._share = share


def expected_profit(world: World, response: Floats, share: Floats, number: int) -> Floats:
    """Profit of one step in target CPAs, in expectation, (n,)."""
    day = number // world.steps_a_day
    return world.planned[:, number] * (world.truth[:, day] * response - share)
