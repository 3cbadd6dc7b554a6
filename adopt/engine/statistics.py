"""Intervals and tails, vectorised over objects."""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import pdtr

Floats = npt.NDArray[np.float64]


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


def poisson_tail(count: float, mean: float) -> float:
    """P(X <= count) of a Poisson variable with this mean."""
    return float(pdtr(np.floor(max(count, 0.0)), mean))
