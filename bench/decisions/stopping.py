"""The Bayes-optimal stop, for comparison: dynamic programming over what may still be found, knowing the prior."""

from functools import lru_cache
from typing import Final

import numpy as np
from scipy.special import gammaln

from bench.decisions.baselines import Rule
from bench.decisions.log import lags_h
from bench.decisions.scenarios import Delay, Spec
from bench.decisions.worlds import Bools, Floats, Setting, reported

STEP_H: Final = 12.0
RATES: Final = np.geomspace(0.1, 40.0, 14)  # target CPAs a day


class BestStop(Rule):
    """Stop for good where the money still to be spent is expected to earn less than stopping does."""

    def __init__(self, setting: Setting, spec: Spec) -> None:
        super().__init__(setting)
        self._prior = _gamma(spec)
        self._by_lag = reported(spec.delay, lags_h(round(spec.days * 24 / setting.step_h), setting.step_h))
        tables = [thresholds(spec.delay, float(rate), spec.days, *self._prior) for rate in RATES]
        place = np.interp(np.log(setting.base), np.log(RATES), np.arange(RATES.size))
        low = np.minimum(place.astype(np.int64), RATES.size - 2)
        part, table = (place - low)[:, None], np.stack(tables)
        self._least = table[low] * (1 - part) + table[low + 1] * part

    def stops(self) -> Bools:
        """A posterior mean below the least at which going on pays."""
        turn, rest = divmod(self.log.now_h, STEP_H)
        if rest or turn >= self._least.shape[1]:
            return self.none()
        a, b = self._prior
        mean = (a + self.log.last.results) / (b + self.log.matured(self._by_lag))
        return np.asarray(mean < self._least[:, int(turn)])


@lru_cache(maxsize=256)
def thresholds(delay: Delay, rate: float, days: int, a: float, b: float) -> Floats:
    """The least posterior mean at which an ad set of that daily spend goes on, at each turn."""
    turns = round(days * 24 / STEP_H)
    spend = rate * STEP_H / 24
    due = _due(delay, rate, turns)
    most = int(1.25 * due[-1] + 6 * np.sqrt(due[-1]) + 20)
    n = np.arange(most + 1.0)
    value = np.zeros(most + 1)
    least = np.zeros(turns)
    for turn in range(turns - 1, -1, -1):
        left = (turns - turn - 1) * spend
        ahead = _expected(value, n, due[turn], due[turn + 1], left, a, b)
        go_on = ((a + n) / (b + due[turn]) - 1) * spend + ahead
        stops = int(np.searchsorted(go_on > 0, True)) if (go_on > 0).any() else most
        least[turn] = (a + stops - 0.5) / (b + due[turn]) if stops else 0.0
        value = np.maximum(go_on, 0.0)
    return least


def _expected(value: Floats, n: Floats, due: float, then: float, left: float, a: float, b: float) -> Floats:
    """The mean (n,) of the next turn's value: the number of new results is negative binomial."""
    mean = (a + n) / (b + due) * (then - due)
    new = np.arange(int(mean[-1] + 8 * np.sqrt(mean[-1] + 1) + 8))
    shape, stay = (a + n)[:, None], np.log((b + due) / (b + then))
    chance = np.exp(
        gammaln(shape + new) - gammaln(shape) - gammaln(new + 1) + shape * stay + new * np.log1p(-np.exp(stay))
    )
    beyond = np.arange(n.size, n.size + new.size)
    rich = np.maximum((a + beyond) / (b + then) - 1, 0.0) * left
    worth = np.concatenate([value, rich])
    found: Floats = (chance * np.lib.stride_tricks.sliding_window_view(worth, new.size)[: n.size]).sum(axis=1)
    return found


def _due(delay: Delay, rate: float, turns: int) -> Floats:
    """Matured spend at each turn under even spending."""
    hours = round(turns * STEP_H)
    shares = reported(delay, lags_h(hours, 1.0))
    total = np.concatenate([[0.0], np.cumsum(shares)]) * rate / 24
    return np.asarray(total[:: round(STEP_H)])


def _gamma(spec: Spec) -> tuple[float, float]:
    """The gamma law with the mean and variance of the world's efficiencies."""
    variance = spec.within**2 + spec.between**2
    mean = spec.median * np.exp(variance / 2)
    shape = 1 / np.expm1(variance)
    return float(shape), float(shape / mean)
