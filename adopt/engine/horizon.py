"""A declared horizon: a lower threshold, exact over the first so many results due, and no new proof after them.

At the target, results are a Poisson process of rate 1 in what is due, so the chance that the e-value ever reaches a
threshold is a finite sum over the counts at which it may (statistics 3.7; as in MaxSPRT, Kulldorff et al. 2011). That
chance is all of alpha: what the ordinary threshold would still pause after the horizon would come on top.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from scipy.special import gammaln, xlogy

from adopt.engine import evidence
from adopt.engine.judgement import Bools
from adopt.engine.snapshot import Integers
from adopt.engine.statistics import Floats, Numbers

PRIOR: Final = (3.0, 3.0)  # declared with the horizon: the threshold is exact for one prior, not for each ad set's own
_NEAR: Final = 1e-6  # nats


class Horizon(NamedTuple):
    """The proof of objects under a horizon; an e-value is scaled so that its chance is at most one in it for life."""

    due: float  # results due at the target after which nothing more is proven
    threshold: Floats  # (n,), nats, of the e-value within the horizon
    limit: Floats  # (n,), nats, one in the chance that may be spent

    def log_e(self, found: Floats, due: Floats, rows: Integers) -> Floats:
        """The evidence (k,) against meeting the target; what comes after the horizon can only weaken it.

        A martingale leaves the more behind at the horizon the higher a threshold it misses, so the chance of
        reaching one falls at least as its inverse: the scaled e-value is safe above the limit too.
        """
        within = evidence.log_e_below(found, np.minimum(due, self.due), *PRIOR)
        return np.asarray(within + self.limit[rows] - self.threshold[rows])

    def doubtful(self, found: Floats, due: Floats) -> Bools:
        """Which objects (n,) may be proven bad: a log ratio is no higher than what is missing."""
        return np.asarray(np.minimum(due, self.due) - found >= self.threshold)

    def boundary(self, found: Floats, rows: Integers) -> Floats:
        """What is due (k,) when a pause is proven without a further result; infinite past the horizon."""
        reached = evidence.plain_boundary(found, *PRIOR, self.threshold[rows])
        return np.where(reached <= self.due, reached, np.inf)


def horizon(due: int, alpha: Floats) -> Horizon:
    """The horizon of objects that may each spend a chance alpha (n,)."""
    spends, place = np.unique(alpha, return_inverse=True)
    thresholds = np.array([threshold(due, one) for one in spends.tolist()], dtype=np.float64)
    return Horizon(float(due), thresholds[place], -np.log(alpha))


@cache
def threshold(due: int, alpha: float) -> float:
    """The least log threshold (nats) whose chance of being reached within the horizon, at target, is at most alpha."""
    low, high = 0.0, float(-np.log(alpha))  # where Ville's inequality holds for any horizon
    while high - low > _NEAR:
        middle = (low + high) / 2
        if crossings(bounds(due, middle)).sum() <= alpha:
            high = middle
        else:
            low = middle
    return high


def bounds(due: int, log_threshold: float) -> Floats:
    """What is due when the threshold is reached with 0, 1, 2, ... results, as far as the horizon; ascending."""
    reached = evidence.plain_boundary(np.arange(due + 1.0), *PRIOR, log_threshold)
    return np.asarray(reached[reached <= due])


def crossings(reached: Floats, q: Numbers = 1.0) -> Floats:
    """The chance that an ad set of this q reaches each bound first: those to be there less those that were earlier."""
    first = np.zeros(reached.size)
    factorials = gammaln(np.arange(reached.size) + 1.0)
    for n in range(reached.size):
        mean, more = q * (reached[n] - reached[:n]), n - np.arange(n)
        there = np.exp(xlogy(n, q * reached[n]) - q * reached[n] - factorials[n])
        first[n] = there - first[:n] @ np.exp(xlogy(more, mean) - mean - factorials[more])
    return first
