"""Proof: e-values and intervals of q = target CPA / true CPA that stay valid however often one looks.

`count` is the results reported so far, `exposure` those that the matured spend
should have brought at exactly the target: under q, count is Poisson of mean
q * exposure (statistics 2.2). All logs are natural.
"""

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, lambertw, xlogy

from adopt.engine.statistics import Floats, Numbers, log_gamma_above, log_gamma_below

Side = Literal["below", "above"]
Bools = npt.NDArray[np.bool_]
Rising: TypeAlias = Callable[[Numbers, Numbers], tuple[Floats, Floats]]

_HALF: Final = np.log(2.0)
_INSURANCE: Final = (1.0, 1.0)  # the prior that stands in when the account's own is wrong; costs at most ln 2
_STEPS: Final = 60
_NEAR: Final = 1e-6  # relative: the next of Newton's steps would be its square
_LARGE: Final = 100.0  # from here on Stirling's series is exact to the last digit
_SLIVER: Final = 1e-100  # of a result: as good as none
_FAR: Final = 600.0  # slack at which the exponential is about to underflow
_CLOSE: Final = 1e-3  # slack at which the exponential begins to round to Lambert's branch point


def log_e_below(count: Numbers, exposure: Numbers, a: Numbers, b: Numbers, q0: float = 1.0) -> Floats:
    """The log e-value (n,) against q >= q0, mixed over Gamma(a, rate b) cut to (0, q0); 0 without exposure."""
    return _log_e(count, exposure, a, b, q0, "below")


def log_e_above(count: Numbers, exposure: Numbers, a: Numbers, b: Numbers, q0: float = 1.0) -> Floats:
    """The log e-value (n,) against q <= q0, mixed over Gamma(a, rate b) cut to (q0, inf); 0 without exposure."""
    return _log_e(count, exposure, a, b, q0, "above")


def hybrid_log_e(count: Numbers, exposure: Numbers, a: Numbers, b: Numbers, q0: float, side: Side) -> Floats:
    """The log of the average (n,) of the e-values under the account's prior Gamma(a, b) and under Gamma(1, 1)."""
    return _insured(_log_e(count, exposure, a, b, q0, side), count, exposure, q0, side)


def _insured(own: Floats, count: Numbers, exposure: Numbers, q0: float, side: Side) -> Floats:
    return np.asarray(np.logaddexp(own, _log_e(count, exposure, *_INSURANCE, q0, side)) - _HALF)


def _log_e(count: Numbers, exposure: Numbers, a: Numbers, b: Numbers, q0: float, side: Side) -> Floats:
    return _log_ratio(count, exposure, a, b, q0, side) - _log_mass(a, b, q0, side)


def _log_ratio(count: Numbers, exposure: Numbers, a: Numbers, b: Numbers, q0: float, side: Side) -> Floats:
    """Likelihood ratios to q0, integrated over the prior not yet scaled to 1; corrections below 0 count as nothing."""
    e = np.maximum(exposure, 0.0)
    n = np.maximum(count, 0.0) * (e > 0)
    return np.asarray(_log_mass(a + n, b + e, q0, side) - n * np.log(q0) + q0 * e)


def _log_mass(shape: Numbers, rate: Numbers, q0: float, side: Side) -> Floats:
    """The log of the integral of q^(shape-1) exp(-rate q) from 0 to q0, or from q0 to infinity."""
    share = log_gamma_below if side == "below" else log_gamma_above
    return np.asarray(gammaln(shape) - shape * np.log(rate) + share(shape, rate * q0))


def most_log_e(count: Floats, exposure: Floats, side: Side) -> Floats:
    """What no log e-value against q >= 1 (or q <= 1, for `above`) exceeds: that of the best q on the other side of 1.

    In the shape given; 0 without exposure, and where the counts speak for the hypothesis.
    """
    e = np.maximum(exposure, 0.0)
    n = np.maximum(count, 0.0) * (e > 0)
    ratio = np.divide(n, e, out=np.ones_like(e), where=e > 0)
    strays = ratio < 1 if side == "below" else ratio > 1
    return np.where(strays, xlogy(n, ratio) - n + e, 0.0)


def restart_weights(terms: int) -> Floats:
    """The weights (terms,) of the lifetime and of the restarts after it: 1/2, then 1 / (2 j (j + 1))."""
    j = np.arange(1.0, terms)
    return np.concatenate([[0.5], 0.5 / (j * (j + 1))])


def mixture_log_e(
    count: Floats, exposure: Floats, a: Floats, b: Floats, weights: Floats, started: Bools, q0: float = 1.0
) -> Floats:
    """The log e-value (n,) of hybrids (n, J) over the lifetime and since each restart, so that drift is seen too.

    Weights are (J,), or (n, J) where ad sets count their restarts from different days. A term that has not started
    counts as 1, and so does the weight left for later restarts.
    """
    rows = np.nonzero(started)[0]
    terms = np.zeros(started.shape)
    n, e = count[started], exposure[started]
    own = _log_ratio(n, e, a[rows], b[rows], q0, "below") - _log_mass(a, b, q0, "below")[rows]
    terms[started] = _insured(own, n, e, q0, "below")
    left = np.maximum(1.0 - weights.sum(axis=-1), 0.0)
    with np.errstate(divide="ignore"):
        known = np.logaddexp.reduce(terms + np.log(weights), axis=1)
        return np.asarray(np.logaddexp(known, np.log(left)))


def pause_boundary(count: Numbers, a: Numbers, b: Numbers, log_threshold: Numbers, q0: float = 1.0) -> Floats:
    """The exposure (n,) at which an ad set with this count is paused: where its hybrid reaches a threshold above 0."""
    return _reached(count, log_threshold, q0, lambda n, e: _hybrid_and_slope(n, e, a, b, q0))


def plain_boundary(count: Numbers, a: Numbers, b: Numbers, log_threshold: Numbers, q0: float = 1.0) -> Floats:
    """The same (n,) of the e-value under the prior Gamma(a, b) alone."""
    return _reached(count, log_threshold, q0, lambda n, e: _log_e_and_slope(n, e, a, b, q0))


def _reached(count: Numbers, log_threshold: Numbers, q0: float, height_and_slope: Rising) -> Floats:
    """The exposure (n,) at which a height is that of the threshold.

    It rises with the exposure and is convex, so Newton's steps never overshoot twice.
    """
    n = np.maximum(count, 0.0)
    e = (n + 1.5 * log_threshold + np.sqrt(2 * n * log_threshold)) / q0
    for _ in range(_STEPS):
        height, slope = height_and_slope(n, e)
        step = (height - log_threshold) / slope
        e = np.maximum(e - step, 0.0)
        if np.all(np.abs(step) <= _NEAR * (1 + e)):
            break
    return np.asarray(e)


def _hybrid_and_slope(n: Numbers, e: Numbers, a: Numbers, b: Numbers, q0: float) -> tuple[Floats, Floats]:
    """The hybrid against q >= q0 and its derivative by the exposure, each (n,)."""
    own, own_slope = _log_e_and_slope(n, e, a, b, q0)
    other, other_slope = _log_e_and_slope(n, e, *_INSURANCE, q0)
    both = np.logaddexp(own, other)
    return both - _HALF, own_slope * np.exp(own - both) + other_slope * np.exp(other - both)


def _log_e_and_slope(n: Numbers, e: Numbers, a: Numbers, b: Numbers, q0: float) -> tuple[Floats, Floats]:
    """The log e-value, and q0 less the mean of q under the posterior cut to (0, q0), by parts, each (n,)."""
    shape, rate = a + n, b + e
    mass = _log_mass(shape, rate, q0, "below")
    mean = (shape - np.exp(shape * np.log(q0) - rate * q0 - mass)) / rate
    return mass - _log_mass(a, b, q0, "below") - n * np.log(q0) + q0 * e, np.asarray(q0 - mean)


def rate_confseq(
    count: Numbers, exposure: Numbers, a: float = 1.0, b: float = 1.0, alpha: float = 0.05
) -> tuple[Floats, Floats]:
    """Lower and upper bound, each (n,), of q that hold at all times at once; (0, inf) without exposure.

    The gamma-Poisson confidence sequence of Howard, Ramdas, McAuliffe and Sekhon 2021, in closed form.
    """
    n, e = np.broadcast_arrays(np.maximum(count, 0.0), np.maximum(exposure, 0.0))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        low, high = _ends(_slack(n, e, a, b, alpha))
        none = (-np.log(alpha) + a * np.log1p(e / b)) / e
        low = np.where((n > _SLIVER) & (e > 0), low * n / e, 0.0)
        high = np.where(n > _SLIVER, high * n / e, none)
    return low, np.where(e > 0, high, np.inf)


def _slack(n: Floats, e: Floats, a: float, b: float, alpha: float) -> Floats:
    """How far above its minimum, an n-th, x - ln x may lie for x = q e / n; Stirling's terms cancelled by hand."""
    prior = a + gammaln(a) - a * np.log(b) - np.log(alpha) - np.log(2 * np.pi) / 2
    seen = n * (np.log1p(b / e) - np.log1p(a / n)) + a * np.log(b + e) - (a - 0.5) * np.log(a + n)
    return np.asarray((prior + seen - _stirling_rest(a + n)) / n)


def _stirling_rest(z: Floats) -> Floats:
    """The log of Gamma(z) less Stirling's formula."""
    series = (1 / 12 - (1 / 360 - 1 / (1260 * z * z)) / (z * z)) / z
    return np.where(z > _LARGE, series, gammaln(z) - ((z - 0.5) * np.log(z) - z + np.log(2 * np.pi) / 2))


def _ends(slack: Floats) -> tuple[Floats, Floats]:
    """Both solutions x of x - ln x = 1 + slack, each (n,)."""
    w: Floats = -np.exp(-1 - slack)
    root = np.sqrt(2 * slack)
    far, close = slack > _FAR, slack < _CLOSE
    low = np.where(close, 1 - root + slack * 2 / 3 - root**3 / 36, -lambertw(w, 0).real)
    low = np.where(slack < 1, _polished(low, slack), low)
    high = np.where(far, 1 + slack + np.log1p(slack), -lambertw(np.where(far, -0.1, w), -1).real)
    high = np.where(close, 1 + root + slack * 2 / 3 + root**3 / 36, high)
    return low, _polished(high, slack)


def _polished(x: Floats, slack: Floats) -> Floats:
    """One step of Newton's method, which takes the start to the last digits."""
    u = x - 1
    return np.asarray(x - (u - np.log1p(u) - slack) * x / u)


def epoch_alpha(alpha: float, epoch: Numbers | npt.NDArray[np.int64]) -> Floats:
    """The part of alpha that epoch 1, 2, ... may spend: all of them together spend alpha."""
    return np.asarray(alpha * 6 / (np.pi * np.asarray(epoch, dtype=np.float64)) ** 2)


def wald_bound(q: Numbers, alpha: float = 0.05, power: float = 1.0) -> Floats:
    """The least mean exposure (n,) at which a rule that errs at most alpha can pause at this q. Wald 1945."""
    information = xlogy(power, power / alpha) + xlogy(1 - power, (1 - power) / (1 - alpha))
    with np.errstate(divide="ignore"):
        return np.asarray(information / (xlogy(q, q) - q + 1))
