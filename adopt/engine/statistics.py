"""Intervals and tails, vectorised over objects."""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, gammainc, gammaincc, gammaln

Floats = npt.NDArray[np.float64]
Numbers = Floats | float  # one for all rows, or one a row

_TINY = 1e-290  # below this the incomplete gamma functions lose digits, then underflow
_TERMS = 64


def wilson_interval(k: Floats, n: Floats, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Lower and upper bound, each (n,), of a share of k in n, k held to 0..n; (0, 1) where n is 0. Wilson 1927."""
    k = np.clip(k, 0.0, n)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = k / n
        scale = 1 + z * z / n
        centre = (p + z * z / (2 * n)) / scale
        half = z / scale * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = np.where(k <= 0, 0.0, np.maximum(centre - half, 0.0))
    high = np.where(k >= n, 1.0, np.minimum(centre + half, 1.0))
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)


def negative_binomial_tail(count: float, mean: float, unevenness: float) -> float:
    """P(X <= count) of a Poisson variable whose mean varies by a gamma law, with this squared CV above 0."""
    return float(betainc(1 / unevenness, np.floor(max(count, 0.0)) + 1, 1 / (1 + unevenness * mean)))


def log_gamma_below(shape: Numbers, x: Numbers) -> Floats:
    """The log (n,) of P(shape, x), the regularised lower incomplete gamma function, also where that underflows."""
    share = np.asarray(gammainc(shape, x))
    tail = share < _TINY
    with np.errstate(divide="ignore"):
        logs = np.asarray(np.log(share))
        if tail.any():
            s, z = (np.broadcast_to(one, share.shape)[tail] for one in (shape, x))
            logs[tail] = s * np.log(z) - z - gammaln(s + 1) + np.log(_rising_sum(s, z))
    return logs


def log_gamma_above(shape: Numbers, x: Numbers) -> Floats:
    """The log (n,) of Q(shape, x), the regularised upper incomplete gamma function, also where that underflows."""
    share = np.asarray(gammaincc(shape, x))
    tail = share < _TINY
    with np.errstate(divide="ignore"):
        logs = np.asarray(np.log(share))
    if tail.any():
        s, z = (np.broadcast_to(one, share.shape)[tail] for one in (shape, x))
        logs[tail] = s * np.log(z) - z - gammaln(s) - np.log(_legendre_fraction(s, z))
    return logs


def _rising_sum(s: Floats, x: Floats) -> Floats:
    """1 + x/(s+1) + x^2/((s+1)(s+2)) + ..., for x well below s, from its last term up. DLMF 8.7.1."""
    total = (s + _TERMS) / (s + _TERMS - x)
    for k in range(_TERMS - 1, 0, -1):
        total = 1 + x / (s + k) * total
    return total


def _legendre_fraction(s: Floats, x: Floats) -> Floats:
    """The denominator of Legendre's continued fraction of the upper function, for x well above s. DLMF 8.9.2."""
    fraction = x - s + 2 * _TERMS + 1
    for k in range(_TERMS, 0, -1):
        fraction = x - s + 2 * k - 1 + k * (s - k) / fraction
    return fraction
