"""What a policy is measured by, each with exact or resampled limits."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from scipy.special import betaincinv

from adopt.engine.belief import GammaPrior
from adopt.engine.evidence import pause_boundary, wald_bound
from bench.decisions.living import Outcome
from bench.decisions.worlds import Bools, Floats, Integers

RESAMPLES: Final = 400
BINS: Final = 10
FEWEST: Final = 50  # beliefs in a bin that is compared with the truth
WALD_Q: Final = (0.4, 0.5, 0.6, 2 / 3)  # a result costs 2.5 to 1.5 times the target
PATHS: Final = 4000
MOST: Final = 400  # results until an ad set that bad is certainly paused


class Measure(Struct, frozen=True):
    """A number with its 95 % limits."""

    value: float
    low: float
    high: float


class Record(Struct, frozen=True):
    """One number of the report."""

    scenario: str
    policy: str
    metric: str
    value: float
    low: float
    high: float


def measures(outcome: Outcome, *, boundary: bool, growth: bool, seed: int) -> dict[str, Measure]:
    """All that can be said of an outcome; no profit where everything breaks even."""
    found = {"false_pause": share(outcome.wrongly, outcome.good)}
    if boundary:
        return found
    rng = np.random.default_rng(seed)
    money = {name: _of_best(outcome, column, rng) for name, column in _columns(outcome).items()}
    found |= {
        "fdr": share(outcome.mistaken, outcome.paused),
        "losers_proven": share(outcome.paused, outcome.bad),
        "wrong_scale": share(outcome.scaled, outcome.bad),
        "winners_scaled": share(outcome.scaled, outcome.great),
        "spend_to_proof": _median(outcome.spend_at_pause[outcome.bad], rng),
        "days_to_half": _median(np.nan_to_num(outcome.halved[outcome.bad], nan=np.inf), rng),
        **money,
    }
    if growth:
        found["allocation"] = found["profit"]
    else:  # where the response bends, whether an ad set is good depends on its budget
        found |= calibration(outcome.believed, outcome.was_good, outcome.account)
    return {name: measure for name, measure in found.items() if np.isfinite(measure.value)}


def _columns(outcome: Outcome) -> dict[str, tuple[Floats, Floats]]:
    return {
        "profit": (outcome.profit, outcome.best),
        "money_lost": (outcome.lost, outcome.best),
        "profit_missed": (outcome.missed, outcome.best),
        "delivered": (outcome.delivered, outcome.plan),
    }


def share(hits: Bools, among: Bools) -> Measure:
    """How many of those hit, with the exact limits of Clopper and Pearson; 0 of nothing."""
    return clopper_pearson(int((hits & among).sum()), int(among.sum()))


def clopper_pearson(k: int, n: int) -> Measure:
    """A share of k in n with its exact 95 % limits."""
    if n == 0:
        return Measure(0.0, 0.0, 1.0)
    low = float(betaincinv(k, n - k + 1, 0.025)) if k > 0 else 0.0
    high = float(betaincinv(k + 1, n - k, 0.975)) if k < n else 1.0
    return Measure(k / n, low, high)


def _of_best(outcome: Outcome, pair: tuple[Floats, Floats], rng: np.random.Generator) -> Measure:
    """A ratio of sums, its limits by drawing whole accounts anew."""
    above, below = (np.bincount(outcome.account, column) for column in pair)
    return _resampled(lambda rows: above[rows].sum() / below[rows].sum(), above.size, rng)


def _median(values: Floats, rng: np.random.Generator) -> Measure:
    known = values[~np.isnan(values)]
    return _resampled(lambda rows: float(np.median(known[rows])), known.size, rng)


def _resampled(of: Callable[[np.ndarray], float], size: int, rng: np.random.Generator) -> Measure:
    if size == 0:
        return Measure(np.nan, np.nan, np.nan)
    drawn = [of(rng.integers(0, size, size)) for _ in range(RESAMPLES)]
    low, high = np.quantile(drawn, (0.025, 0.975), method="nearest")
    return Measure(float(of(np.arange(size))), float(low), float(high))


def calibration(believed: Floats, was_good: Bools, account: Integers) -> dict[str, Measure]:
    """The largest distance between a chance (n, snapshots) and the share that came true, over ten bins, and its error.

    The standard error takes whole accounts for independent: what is wrong of one ad set often is of its neighbours.
    """
    named = ~np.isnan(believed)
    p, true, whose = believed[named], was_good[named], np.broadcast_to(account[:, None], believed.shape)[named]
    bins = _bins(p)
    if not bins:
        return {}
    gap, place = max(((_gap(p[place], true[place]), place) for place in bins), key=lambda pair: pair[0].value)
    error = float(np.sqrt((np.bincount(whose[place], true[place] - p[place]) ** 2).sum()) / place.sum())
    return {"calibration_gap": gap, "calibration_se": Measure(error, error, error)}


def _bins(p: Floats) -> list[Bools]:
    place = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    return [place == number for number in range(BINS) if (place == number).sum() >= FEWEST]


def _gap(p: Floats, true: Bools) -> Measure:
    seen, named = clopper_pearson(int(true.sum()), true.size), float(p.mean())
    outside = max(seen.low - named, named - seen.high, 0.0)
    return Measure(abs(seen.value - named), outside, max(seen.high - named, named - seen.low))


def wald_ratio(alpha: float, seed: int) -> Measure:
    """The mean matured spend until the engine's proof pauses, over the least that is possible; the worst q."""
    prior = GammaPrior(4.9, 4.9)
    n = np.arange(MOST, dtype=np.float64)
    boundary = pause_boundary(n, prior.a, prior.b, -np.log(alpha))
    return max((_ratio(q, boundary, alpha, seed) for q in WALD_Q), key=lambda measure: measure.value)


def _ratio(q: float, boundary: Floats, alpha: float, seed: int) -> Measure:
    """An ad set is paused at its count's boundary, if the next result comes later than that."""
    rng = np.random.default_rng(seed)
    arrival = rng.exponential(1 / q, (PATHS, MOST)).cumsum(axis=1)
    stop = boundary[(arrival > boundary).argmax(axis=1)]
    value, error = stop.mean(), 1.96 * stop.std() / np.sqrt(PATHS)
    least = float(wald_bound(q, alpha))
    return Measure(float(value) / least, float(value - error) / least, float(value + error) / least)


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Outcomes of several seeds as one, their accounts kept apart."""
    columns = {
        name: np.concatenate([getattr(outcome, name) for outcome in outcomes]) for name in Outcome.__struct_fields__
    }
    counts = [int(outcome.account[-1]) + 1 for outcome in outcomes]
    before = np.cumsum([0, *counts[:-1]])
    columns["account"] = np.concatenate([o.account + b for o, b in zip(outcomes, before.tolist(), strict=True)])
    return Outcome(**columns)


def paired(outcome: Outcome, other: Outcome, compare: np.ufunc, seed: int) -> Measure:
    """Two policies' profits in the same worlds compared, by drawing whole accounts anew."""
    best, one, two = (np.bincount(outcome.account, column) for column in (outcome.best, outcome.profit, other.profit))
    rng = np.random.default_rng(seed)

    def of(rows: np.ndarray) -> float:
        return float(compare(one[rows].sum() / best[rows].sum(), two[rows].sum() / best[rows].sum()))

    return _resampled(of, best.size, rng)
