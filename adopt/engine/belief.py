"""Belief: what is probably true of an ad set's q = target CPA / true CPA, given its account (statistics 2.4)."""

from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import digamma, gammainc, gammaincc, gammaln

from adopt.engine.statistics import Floats, Numbers


class GammaPrior(Struct, frozen=True):
    """What is believed of q before an ad set has any results: a gamma law of shape a and rate b."""

    a: float
    b: float


DEFAULT: Final = GammaPrior(3.0, 3.0)

_FEWEST: Final = 5  # ad sets that a prior can be fitted on
_CHUNK: Final = 512  # rows of the grid at once, to stay in the processor's cache

# The grid runs over ln a and ln(a / b), which are nearly uncorrelated, in steps that make ln b a grid as well.
_STEP: Final = 0.125
_A_STEP: Final = 2 * _STEP
_LOG_A: Final = np.log(DEFAULT.a) + _A_STEP * np.arange(-10, 13)
_LOG_MEAN: Final = _STEP * np.arange(24, -25, -1)
_LOG_B: Final = np.log(DEFAULT.b) + _STEP * np.arange(-20 - 24, 24 + 25)
_A: Final = np.exp(_LOG_A)


def posterior(count: Numbers, exposure: Numbers, a: Numbers, b: Numbers) -> tuple[Floats, Floats, Floats, Floats]:
    """The mean of q, P(q >= 1), E[(q - 1)+] and E[(1 - q)+], each (n,), of a count and what was due at target."""
    shape, rate = _law(count, exposure, a, b)
    mean, p_good, p_bad = shape / rate, gammaincc(shape, rate), gammainc(shape, rate)
    edge = mean * np.exp(shape * np.log(rate) - rate - gammaln(shape + 1))
    e_gain = np.maximum((mean - 1) * p_good + edge, 0.0)
    e_loss = np.maximum((1 - mean) * p_bad + edge, 0.0)
    return np.asarray(mean), np.asarray(p_good), np.asarray(e_gain), np.asarray(e_loss)


def mean_and_chance(count: Numbers, exposure: Numbers, a: Numbers, b: Numbers) -> tuple[Floats, Floats]:
    """The posterior's mean of q and P(q >= 1) alone, each (n,)."""
    shape, rate = _law(count, exposure, a, b)
    return np.asarray(shape / rate), np.asarray(gammaincc(shape, rate))


def _law(count: Numbers, exposure: Numbers, a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
    return a + np.maximum(count, 0.0), b + np.maximum(exposure, 0.0)


def fit_prior(count: Floats, exposure: Floats, pseudo: float = 2.0) -> GammaPrior:
    """The prior that best explains ad sets (m,), held to Gamma(3, 3) as by pseudo further ones; that for under 5."""
    if np.count_nonzero(exposure > 0) < _FEWEST:
        return DEFAULT
    a, b = _peak(_log_posterior(count, exposure, pseudo)[None])
    return GammaPrior(float(a[0]), float(b[0]))


def fit_prior_others(count: Floats, exposure: Floats, pseudo: float = 2.0) -> tuple[Floats, Floats]:
    """Shape and rate, each (n,), of the prior that each ad set's fellows make, so that none is judged by itself."""
    whole = _log_posterior(count, exposure, pseudo)
    a, b = np.full(count.shape, DEFAULT.a), np.full(count.shape, DEFAULT.b)
    seen = exposure > 0
    fitted = np.flatnonzero(np.count_nonzero(seen) - seen >= _FEWEST)
    for start in range(0, fitted.size, _CHUNK):
        rows = fitted[start : start + _CHUNK]
        a[rows], b[rows] = _peak(whole - _log_marginal(count[rows], exposure[rows]))
    return a, b


def _log_posterior(count: Floats, exposure: Floats, pseudo: float) -> Floats:
    """The penalised log likelihood of all ad sets together, over the grid: its terms are sums over a and over b."""
    n, shapes, rates = _terms(count, exposure)
    cells = shapes.sum(axis=0)[:, None] - _A[:, None] * _by_cell(rates.sum(axis=0)) - _by_cell(n @ rates)
    return np.asarray(cells + count.size * _CONSTANT + pseudo * _PENALTY)


def _log_marginal(count: Floats, exposure: Floats) -> Floats:
    """The negative-binomial log likelihood (n, a, mean) of each ad set over the grid, less what has no prior in it."""
    n, shapes, rates = _terms(count, exposure)
    cells = (-_A - n[:, None])[:, :, None] * _by_cell(rates)
    cells += shapes[:, :, None]
    cells += _CONSTANT
    return np.asarray(cells)


def _terms(count: Floats, exposure: Floats) -> tuple[Floats, Floats, Floats]:
    """The count, ln Gamma(a + count) over the grid's a, and ln(b + exposure) over its b; no exposure, no count."""
    e = np.maximum(exposure, 0.0)
    n = np.maximum(count, 0.0) * (e > 0)
    return n, np.asarray(gammaln(n[:, None] + _A)), np.log(e[:, None] + np.exp(_LOG_B))


def _by_cell(of_b: Floats) -> Floats:
    """Values (..., b) over the grid's b as a view over its cells (..., a, mean): ln b is ln a - ln mean."""
    return sliding_window_view(of_b, _LOG_MEAN.size, axis=-1)[..., ::2, :]


def _expected_log_density() -> Floats:
    """E[ln Gamma(q; a, b)] over the grid for q of the default: what a pseudo ad set of known q adds."""
    log_q = digamma(DEFAULT.a) - np.log(DEFAULT.b)
    mean = DEFAULT.a / DEFAULT.b
    return np.asarray(_CONSTANT + (_A[:, None] - 1) * log_q - np.exp(_by_cell(_LOG_B)) * mean)


_CONSTANT: Final = _A[:, None] * _by_cell(_LOG_B) - gammaln(_A)[:, None]
_PENALTY: Final = _expected_log_density()


def _peak(score: Floats) -> tuple[Floats, Floats]:
    """Shape and rate, each (n,), at the top of scores (n, a, mean): of the parabola through the best cell's fellows."""
    best = score.reshape(len(score), -1).argmax(axis=1)
    i = np.clip(best // _LOG_MEAN.size, 1, _LOG_A.size - 2)
    j = np.clip(best % _LOG_MEAN.size, 1, _LOG_MEAN.size - 2)
    di, dj = _summit(score, i, j)
    log_a = _LOG_A[i] + _A_STEP * di
    return np.exp(log_a), np.exp(log_a - _LOG_MEAN[j] + _STEP * dj)


def _summit(score: Floats, i: npt.NDArray[np.intp], j: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
    """How many cells from (i, j) the parabola is highest, each (n,), one at most."""
    row = np.arange(len(score))

    def at(x: int, y: int) -> Floats:
        return np.asarray(score[row, i + x, j + y])

    gi, gj = (at(1, 0) - at(-1, 0)) / 2, (at(0, 1) - at(0, -1)) / 2
    hii, hjj = at(1, 0) - 2 * at(0, 0) + at(-1, 0), at(0, 1) - 2 * at(0, 0) + at(0, -1)
    hij = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / 4
    volume = hii * hjj - hij * hij
    bowl = (volume > 0) & (hii < 0)
    safe = np.where(bowl, volume, 1.0)
    di, dj = (hij * gj - hjj * gi) / safe, (hij * gi - hii * gj) / safe
    return np.where(bowl, np.clip(di, -1, 1), 0.0), np.where(bowl, np.clip(dj, -1, 1), 0.0)


def dispersion(count_day: Floats, mean_day: Floats) -> float:
    """cv2, how much the rate of a day varies beyond chance: squared coefficient of variation, from cells (m, D)."""
    scale = float((mean_day**2).sum())
    return max(0.0, float(((count_day - mean_day) ** 2 - mean_day).sum()) / scale) if scale > 0 else 0.0


def phi(cv2: float, per_day: Floats) -> Floats:
    """The index of dispersion (n,) of ad sets with so many results a day: divide count and exposure by it."""
    return 1 + cv2 * np.maximum(per_day, 0.0)
