"""The silent-tracking guard: how soon it sees an outage, and how often it takes an ordinary account for one.

    python -m bench.tracking [--years N] [--outages N]

Accounts of 5, 25 and 100 results a day are polled every hour and looked at every four, with the delays of a 7-day
window and spend that follows the hours of the day. `calm` is nothing but Poisson; in `real` the rate has its hours and
its weekdays too (a tenth and a fifth around the mean), and each day of the account its luck (log spread 0.15). `fired`
is the share of outages that are seen within 72 hours, `hours` the median time of those to the first look that sees it,
`alarms` how often a year without an outage the guard begins to fire. `days` is the plain form of the test beside it, on
whole days since midnight with the slow default curve.
"""

import argparse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
from scipy.special import pdtr

from adopt.engine.delay import HORIZON_H, TAU_H, DelayCurve, slow
from adopt.engine.snapshot import Days, Floats, Pulse, Snapshot, ages_h
from adopt.engine.tracking import silent_tracking
from adopt.model import Account
from bench.decisions.scenarios import FAST

RATES: Final = (5, 25, 100)
EVERY_H: Final = 4
WARM_H: Final = 60 * 24  # before the first look
MEMORY_H: Final = 45 * 24  # of the poll log, more than the guard looks back
OUTAGE_H: Final = 72
YEAR_H: Final = 365 * 24
SPEND: Final = 1000.0  # minor units an hour, on average
EPOCH: Final = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
ACCOUNT: Final = Account(id="act_1", name="Bench", currency="USD", timezone="UTC")
LEARNED: Final = DelayCurve(FAST.weights, FAST.window_h)


class Life(NamedTuple):
    """An account, hour by hour."""

    spend: Floats
    results: Floats  # by the hour of their report


Guard = Callable[[Life, int], bool]


def main() -> None:
    """Print a row a world and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=2, help="account-years without an outage, for each row")
    parser.add_argument("--outages", type=int, default=30, help="for each row")
    given = parser.parse_args()
    print(f"{'world':>6} {'a day':>6} {'guard':>6} {'fired':>6} {'hours':>6} {'alarms':>7}")
    for real in (False, True):
        for rate in RATES:
            for name, guard in (("days", whole_days), ("polls", by_polls)):
                print(row(real, rate, name, guard, given.years, given.outages), flush=True)


def row(real: bool, rate: int, name: str, guard: Guard, years: int, outages: int) -> str:  # noqa: FBT001 # of a table
    """The figures of one guard in one world; the same accounts for every guard."""
    seen = [hours for seed in range(outages) if (hours := first_sight(life(real, rate, seed, OUTAGE_H), guard, seed))]
    alarms = sum(beginnings(life(real, rate, 1000 + seed, YEAR_H), guard) for seed in range(years))
    median = f"{np.median(seen):.0f}" if seen else "-"
    world = "real" if real else "calm"
    return f"{world:>6} {rate:6} {name:>6} {len(seen) / outages:6.0%} {median:>6} {alarms / years:7.1f}"


def life(real: bool, rate: int, seed: int, hours: int) -> Life:  # noqa: FBT001 # a row of the table
    """The hours of an account, its warm-up first."""
    rng = np.random.default_rng([rate, seed])
    clock = np.arange(WARM_H + hours + 24)
    day = 1 + 0.6 * np.sin(2 * np.pi * (clock - 9) / 24)
    luck = np.ones(clock.size)
    if real:
        shocks = np.exp(rng.normal(-(0.15**2) / 2, 0.15, clock.size // 24 + 1))[clock // 24]
        luck = shocks * (1 + 0.2 * np.sin(2 * np.pi * clock / 168)) * (1 + 0.1 * np.sin(2 * np.pi * (clock - 15) / 24))
    spend = SPEND * day * rng.uniform(0.9, 1.1, clock.size)
    clicked = np.repeat(clock, rng.poisson(rate / 24 * spend / SPEND * luck)) + 0.0
    clicked += rng.random(clicked.size)
    reported = (clicked + delays(clicked.size, rng)).astype(np.int64)
    return Life(spend, np.bincount(reported[reported < clock.size], minlength=clock.size).astype(np.float64))


def delays(count: int, rng: np.random.Generator) -> Floats:
    """Hours to the report of so many results: the mixture of the curve, cut off at its window."""
    kept = np.array(FAST.weights) * np.expm1(-FAST.window_h / TAU_H) / np.expm1(-HORIZON_H / TAU_H)
    tau = TAU_H[rng.choice(TAU_H.size, count, p=kept / kept.sum())]
    return np.asarray(-tau * np.log1p(rng.random(count) * np.expm1(-FAST.window_h / tau)))


def first_sight(one: Life, guard: Guard, seed: int) -> int | None:
    """The hours from the start of an outage to the first look that fires; None within 72 hours."""
    began = WARM_H + seed % 24
    dark = Life(one.spend, np.where(np.arange(one.results.size) < began, one.results, 0.0))
    looks = (hour for hour in looks_at(one) if hour > began)
    return next((hour - began for hour in looks if hour <= began + OUTAGE_H and guard(dark, hour)), None)


def beginnings(one: Life, guard: Guard) -> int:
    """How often the guard begins to fire."""
    fires = [guard(one, hour) for hour in looks_at(one)]
    return sum(now and not before for before, now in zip([False, *fires], fires, strict=False))


def looks_at(one: Life) -> Iterator[int]:
    """The hours that are looked at."""
    return iter(range(WARM_H + EVERY_H, one.results.size, EVERY_H))


def by_polls(one: Life, hour: int) -> bool:
    """The engine's guard over hourly polls, with the account's own curve."""
    since = hour - MEMORY_H
    pulse = Pulse(np.arange(MEMORY_H, dtype=np.float64), one.spend[since:hour][::-1], one.results[since:hour][::-1])
    none = np.zeros(0, dtype=np.int64)
    days = Days(none, none, *(np.zeros(0),) * 5)
    now = EPOCH + timedelta(hours=hour)
    seen = Snapshot(account=ACCOUNT, now=now, campaigns=(), ad_sets=(), histories={}, days=days, pulse=pulse)
    return silent_tracking(seen, LEARNED) is not None


def whole_days(one: Life, hour: int) -> bool:
    """Whole days and what today has brought, by the slow default: what needs no polls."""
    now, curve, first = EPOCH + timedelta(hours=hour), slow("7d_click"), EPOCH.toordinal()
    hours = np.arange(hour)
    spend, results = (np.bincount(hours // 24, weights=column[:hour]) for column in one)
    dates = first + np.arange(spend.size)
    for length in (1, 2, 3):
        recent = dates >= now.toordinal() - length
        base = ~recent & (dates >= now.toordinal() - length - 28)
        ripe = float((spend * curve.reported(ages_h(dates, now)))[recent].sum())
        due = results[base].sum() / spend[base].sum() * ripe
        if pdtr(results[recent].sum(), 0.6 * due) < 1e-4:  # the chance of one window
            return True
    return False


if __name__ == "__main__":
    main()
