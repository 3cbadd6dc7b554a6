"""Dispersion: how much more than by chance the results of an ad set vary from day to day (statistics 2.6).

A shocked day is reported over several: its results come late, and the days of their report share its luck. So blocks
of days are compared, not days, and each with what was due in it rather than with what was spent.
"""

from typing import Final

import numpy as np

from adopt.engine.belief import phi
from adopt.engine.delay import DelayCurve
from adopt.engine.statistics import Floats

BLOCK_D: Final = 4
_DAY_H: Final = 24.0


def daily_due(spend: Floats, curve: DelayCurve) -> Floats:
    """Spend (n, days) whose results are due on each day, (n, days); money is taken as spent at noon."""
    days = spend.shape[1]
    by_then = curve.reported(np.asarray((np.arange(days) + 0.5) * _DAY_H, dtype=np.float64))
    late = np.diff(by_then, prepend=0.0)
    lag = np.arange(days)[None, :] - np.arange(days)[:, None]
    return np.asarray(spend @ np.where(lag >= 0, late[np.maximum(lag, 0)], 0.0))


def shock(found: Floats, due: Floats) -> float:
    """The squared coefficient of variation of a block's rate beyond chance, from pieces and dues (n, days) of days.

    Each block is compared with the one before it, so that a rate which drifts is not taken for one that jumps: by
    chance alone the weighted difference of two blocks has the variance of its mean, and a shock adds its square twice.
    """
    whole = found.shape[1] // BLOCK_D * BLOCK_D
    shape = (len(found), -1, BLOCK_D)
    pieces, expected = (column[:, found.shape[1] - whole :].reshape(shape).sum(axis=2) for column in (found, due))
    one, two = expected[:, :-1], expected[:, 1:]
    both = one + two
    part = np.divide(one, both, out=np.zeros_like(both), where=both > 0)
    rate = np.divide(pieces.sum(axis=1), total := expected.sum(axis=1), out=np.zeros_like(total), where=total > 0)
    apart = (1 - part) * pieces[:, :-1] - part * pieces[:, 1:]
    by_chance = part * (1 - part) * (pieces[:, :-1] + pieces[:, 1:])
    scale = 2 * float(((rate[:, None] * part * two) ** 2).sum())
    return max(0.0, float((apart**2 - by_chance).sum()) / scale) if scale > 0 else 0.0


def usual_day(spend: Floats, squared: Floats) -> Floats:
    """The size (n,) of the day on which a unit was spent, on average, from sums of daily spend and of its squares."""
    return np.divide(squared, spend, out=np.zeros_like(spend), where=spend > 0)


def index(cv2: float, due_a_day: Floats) -> Floats:
    """The index of dispersion (n,), 1 and up, of objects with so many results due at target on a usual day.

    What is due, not what was found: an unlucky ad set would else be held for a calm one.
    """
    return phi(cv2 * BLOCK_D, due_a_day)
