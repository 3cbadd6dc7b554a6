"""What moves a market: seasons, weekdays, hours, and the slow and fast swings of prices and people."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from adopt.mock.account import Account
from adopt.mock.chance import Floats, Keys, key_of, normals, uniforms
from adopt.mock.parameters import Parameters

# Monday to Sunday, and hour by hour; the figures are the simulator's published defaults.
SPEND_BY_DAY = (1.02, 1.00, 0.98, 0.98, 0.97, 0.94, 1.09)
CPM_BY_DAY = (0.96, 1.0, 0.985, 0.99, 1.01, 1.02, 1.0)
CVR_BY_DAY = (1.05, 0.99, 0.95, 0.97, 0.98, 0.97, 0.99)
CPM_BY_HOUR = np.array(
    [.86, .82, .80, .80, .83, .88, .93, .97, 1.0, 1.02, 1.03, 1.04,
     1.04, 1.03, 1.02, 1.01, 1.01, 1.02, 1.04, 1.06, 1.07, 1.05, .99, .92]
)  # fmt: skip
# A fresh budget is there from midnight, and people live in several time zones: the day's first half has nearly half.
SHARE_BY_HOUR = np.array(
    [3.6, 3.2, 2.8, 2.6, 2.7, 3.2, 4.0, 4.7, 5.2, 5.4, 5.4, 5.3,
     5.1, 4.9, 4.7, 4.5, 4.4, 4.4, 4.4, 4.5, 4.5, 4.3, 3.5, 2.7]
)  # fmt: skip
CPM_BY_HOUR /= np.average(CPM_BY_HOUR, weights=SHARE_BY_HOUR)
CPM_BY_MONTH = (0.88, 0.92, 0.96, 0.97, 0.99, 0.99, 0.98, 0.99, 1.01, 1.04, 1.12, 1.14)

_RAMP, _DECAY = 14, 5  # days before and after Black Friday
_PEAK_CPM, _PEAK_CVR = 0.47, 0.40  # log units


@dataclass(frozen=True)
class Day:
    """One day's conditions, common to the account."""

    price: float  # market CPM factor
    demand: float  # conversion factor
    value: float  # order value factor
    pace: float  # spend over budget
    organic: float  # factor on orders that no ad caused


@dataclass(frozen=True)
class Mood:
    """One column that swings from day to day: whose, which of its stream's draws, its AR(1); None is noise of sd 1."""

    kind: str
    draw: int
    phi: str | None
    sd: str | None


MOODS = {
    "pace": Mood("purse", 0, "pace_phi", "pace_sd"),  # log spend over budget
    "rough": Mood("purse", 1, None, None),  # the noise of it, scaled by learning
    "price": Mood("ad set", 0, "cpm_quick_phi", "cpm_quick_sd"),  # log CPM, quickly
    "drift": Mood("ad set", 1, "cpm_drift_phi", "cpm_drift_sd"),  # and slowly
    "learning": Mood("ad set", 2, None, None),  # log conversion rate while in learning, scaled
    "ad_set_taste": Mood("ad set", 3, "taste_phi", "taste_sd"),  # log liking under a campaign budget
    "pull": Mood("ad", 0, "ctr_day_phi", "ctr_day_sd"),  # log clicks
    "taste": Mood("ad", 1, "taste_phi", "taste_sd"),  # log liking within an ad set
}


class Moods:
    """The columns that swing, each stationary from the day its object joins."""

    def __init__(self, p: Parameters) -> None:
        self._p = p
        self.keys: dict[str, Keys] = {kind: np.zeros(0, np.uint64) for kind in ("purse", "ad set", "ad")}
        self.of: dict[str, Floats] = {name: np.zeros(0) for name in MOODS}

    def grow(self, keys: dict[str, Keys], day: int) -> None:
        """Take in the keys of objects that join on a day."""
        for name, fresh in self._fresh(keys, day).items():
            self.of[name] = np.concatenate([self.of[name], fresh])
        self.keys = {kind: np.concatenate([known, keys[kind]]) for kind, known in self.keys.items()}

    def step(self, day: int) -> None:
        """Move on to a day."""
        for name, fresh in self._fresh(self.keys, day).items():
            phi = self._value(MOODS[name].phi, 0.0)
            self.of[name] = phi * self.of[name] + np.sqrt(1 - phi**2) * fresh if phi else fresh

    def _fresh(self, keys: dict[str, Keys], day: int) -> dict[str, Floats]:
        draws = {kind: normals(column, day) for kind, column in keys.items()}
        return {name: self._value(mood.sd, 1.0) * draws[mood.kind][mood.draw] for name, mood in MOODS.items()}

    def _value(self, name: str | None, missing: float) -> float:
        return missing if name is None else float(getattr(self._p, name))


class Swing:
    """A stationary AR(1)."""

    def __init__(self, phi: float, sd: float) -> None:
        self.phi, self.sd = phi, sd
        self._state: float | None = None

    def step(self, z: float) -> float:
        """Move one day on by a standard normal draw."""
        fresh = self.sd * z
        self._state = fresh if self._state is None else self.phi * self._state + np.sqrt(1 - self.phi**2) * fresh
        return self._state


class Market:
    """The days in order; each is drawn once, from its own counter."""

    def __init__(self, account: Account) -> None:
        self._season = account.options.season
        self._key = np.array([key_of(account.options.seed, account.id, "market")], np.uint64)
        p = self._p = account.parameters
        self._slow, self._fast = Swing(p.slow_phi, p.slow_sd), Swing(p.fast_phi, p.fast_sd)
        self._shock, self._away = Swing(p.shock_phi, p.shock_sd), Swing(p.shock_phi, p.shock_sd)

    def day(self, number: int, when: date) -> Day:
        """Draw the next day."""
        p = self._p
        slow, fast, shock, value = (float(column[0]) for column in normals(self._key, number))
        weekday, holiday = when.weekday(), _holiday(when) if self._season else 0.0
        season = np.log(CPM_BY_MONTH[when.month - 1]) + _PEAK_CPM * holiday if self._season else 0.0
        shock, other = self._shock.step(shock), self._away.step(float(normals(self._key, number, 1)[0][0]))
        mixed = p.organic_with_ads * shock + np.sqrt(1 - p.organic_with_ads**2) * other
        price = self._slow.step(slow) + self._fast.step(fast) + season
        return Day(
            price=float(np.exp(price)) * CPM_BY_DAY[weekday],
            demand=float(np.exp(shock + _PEAK_CVR * holiday)) * CVR_BY_DAY[weekday],
            value=float(np.exp(p.aov_day_sd * value)),
            pace=p.pace_aim * SPEND_BY_DAY[weekday] ** p.pace_week,
            organic=float(np.exp(mixed + _PEAK_CVR * holiday)) * CVR_BY_DAY[weekday],
        )


def hour_shares(keys: Keys, hours: range, clock: tuple[int, ...], sd: float) -> Floats:
    """Give the share of a day's delivery in each of its hours (rows), by pacing unit."""
    noise = normals(keys[None, :], np.asarray(hours, np.int64)[:, None])[0]
    plan = SHARE_BY_HOUR[list(clock)][:, None] * np.exp(sd * noise)
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
