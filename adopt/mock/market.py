"""What moves a market: seasons, weekdays, hours, and the slow and fast swings of prices and people."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from adopt.mock.account import Account
from adopt.mock.chance import Floats, Keys, key_of, keys_of, normals, uniforms

# Monday to Sunday, and hour by hour; the figures are the simulator's published defaults.
AIM = 0.95  # of the budget, so that the week's cap seldom starves its last day
SPEND_BY_DAY = (1.02, 1.00, 0.98, 0.98, 0.97, 0.94, 1.09)
CPM_BY_DAY = (0.96, 1.0, 0.985, 0.99, 1.01, 1.02, 1.0)
CVR_BY_DAY = (1.05, 0.99, 0.95, 0.97, 0.98, 0.97, 0.99)
CPM_BY_HOUR = np.array(
    [.86, .82, .80, .80, .83, .88, .93, .97, 1.0, 1.02, 1.03, 1.04,
     1.04, 1.03, 1.02, 1.01, 1.01, 1.02, 1.04, 1.06, 1.07, 1.05, .99, .92]
)  # fmt: skip
SHARE_BY_HOUR = np.array(
    [2.0, 1.3, .9, .7, .7, 1.0, 2.0, 3.5, 4.8, 5.2, 5.4, 5.5,
     5.7, 5.5, 5.3, 5.1, 5.0, 5.2, 5.5, 6.0, 6.6, 6.8, 5.7, 4.6]
)  # fmt: skip
CPM_BY_MONTH = (0.88, 0.92, 0.96, 0.97, 0.99, 0.99, 0.98, 0.99, 1.01, 1.04, 1.12, 1.14)

_RAMP, _DECAY = 14, 5  # days before and after Black Friday
_PEAK_CPM, _PEAK_CVR = 0.47, 0.40  # log units


@dataclass(frozen=True)
class Day:
    """One day's conditions, by column: u pacing unit, n ad set, m ad."""

    price: float  # market CPM factor
    demand: float  # conversion factor, common to the account
    value: float  # order value factor
    pace: Floats  # u: spend over budget
    rough: Floats  # u: a standard normal for pacing noise, scaled by learning
    ad_set_price: Floats  # n
    learning: Floats  # n: conversion factor while in learning
    pull: Floats  # m: click factor
    taste: Floats  # m: delivery's liking of an ad
    ad_set_taste: Floats  # n: delivery's liking of an ad set under a campaign budget


class Swing:
    """A stationary AR(1) column."""

    def __init__(self, phi: float, sd: float) -> None:
        self.phi, self.sd = phi, sd
        self._state: Floats | None = None

    def step(self, z: Floats) -> Floats:
        """Move one day on by standard normal draws."""
        fresh = self.sd * z
        self._state = fresh if self._state is None else self.phi * self._state + np.sqrt(1 - self.phi**2) * fresh
        return self._state


class Market:
    """The days in order; each is drawn once, from its own counter."""

    def __init__(self, account: Account, units: tuple[str, ...]) -> None:
        seed = account.options.seed
        self._season = account.options.season
        self._account = np.array([key_of(seed, account.id, "market")], np.uint64)
        self._units = keys_of(seed, units, "pace")
        self._ad_sets = keys_of(seed, (a.id for a in account.ad_sets), "day")
        self._ads = keys_of(seed, (a.id for a in account.ads), "day")
        self._slow, self._fast, self._shock = Swing(0.985, 0.12), Swing(0.75, 0.09), Swing(0.3, 0.14)
        self._pace = Swing(0.6, 0.09)
        self._price_fast, self._price_slow = Swing(0.5, 0.09), Swing(0.98, 0.10)
        self._taste_set = Swing(0.3, 0.2)
        self._pull, self._taste = Swing(0.3, 0.13), Swing(0.3, 0.2)

    def day(self, number: int, when: date) -> Day:
        """Draw the next day."""
        slow, fast, shock, value = normals(self._account, number)
        pace, rough, *_ = normals(self._units, number)
        quick, creep, learn, taste_set = normals(self._ad_sets, number)
        pull, taste, *_ = normals(self._ads, number)
        weekday, holiday = when.weekday(), _holiday(when) if self._season else 0.0
        season = np.log(CPM_BY_MONTH[when.month - 1]) + _PEAK_CPM * holiday if self._season else 0.0
        price = self._slow.step(slow) + self._fast.step(fast) + season
        return Day(
            price=float(np.exp(price)[0]) * CPM_BY_DAY[weekday],
            demand=float(np.exp(self._shock.step(shock) + _PEAK_CVR * holiday)[0]) * CVR_BY_DAY[weekday],
            value=float(np.exp(0.08 * value)[0]),
            pace=AIM * SPEND_BY_DAY[weekday] * np.exp(self._pace.step(pace)),
            rough=rough,
            ad_set_price=np.exp(self._price_fast.step(quick) + self._price_slow.step(creep)),
            learning=np.exp(-0.05 + 0.15 * learn),
            pull=np.exp(self._pull.step(pull)),
            taste=np.exp(self._taste.step(taste)),
            ad_set_taste=np.exp(self._taste_set.step(taste_set)),
        )


def hour_shares(keys: Keys, hours: range, clock: tuple[int, ...]) -> Floats:
    """Give the share of a day's delivery in each of its hours (rows), by pacing unit."""
    noise = normals(keys[None, :], np.asarray(hours, np.int64)[:, None])[0]
    plan = SHARE_BY_HOUR[list(clock)][:, None] * np.exp(0.12 * noise)
    shares: Floats = plan / plan.sum(axis=0)
    return shares


def missing_share(seed: int, day: int) -> float:
    """Give the share of a day's delivery that reports lack while it is young."""
    key = np.array([key_of(seed, "missing")], np.uint64)
    usual, rare, far, _ = (float(column[0]) for column in uniforms(key, day))
    return 0.01 + 0.02 * far if rare < 0.05 else 0.0005 + 0.0095 * usual  # noqa: PLR2004 - one day in twenty


def _holiday(when: date) -> float:
    """Give how near Black Friday a day is: 1 on it, ramping up before and decaying after."""
    thanksgiving = date(when.year, 11, 1)
    thanksgiving += timedelta(days=(3 - thanksgiving.weekday()) % 7 + 21)
    away = (when - thanksgiving).days - 1
    return max(0.0, 1 + away / _RAMP if away <= 0 else 1 - away / _DECAY)
