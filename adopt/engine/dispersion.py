"""Dispersion: how much more than by chance the results of an ad set vary from day to day (statistics 2.6).

A shocked day is reported over several: its results come late, and the days of their report share its luck. So blocks
of days are compared, not days, and each with what was due in it rather than with what was spent.
"""

from typing import Final, NamedTuple

import numpy as np

from adopt.engine.belief import phi
from adopt.engine.delay import DelayCurve
from adopt.engine.snapshot import UNDATED, Days, Floats, Integers, Rows, summed

BLOCK_D: Final = 4
_DAY_H: Final = 24.0
_TEACHERS: Final = 200  # objects whose days tell how much days vary; more of them only take time


class Spread(NamedTuple):
    """How unevenly an account's results come."""

    cv2: float  # of a block's rate beyond chance
    usual: Floats  # (n,) minor units that an object spends on the day of its average unit
    cells: int  # days of objects that were compared


def spread(days: Days, pieces: Floats, curve: DelayCurve, today: int, count: int) -> Spread:
    """The spread of objects 0..count-1 by their complete days, pooled over those with the most pieces (r,)."""
    owner, date, spend, found = _cells(days, pieces)
    complete = (date != UNDATED) & (date < today)
    rows = Rows(owner, count)
    paid = np.where(complete, spend, 0.0)
    usual = usual_day(rows.sum(paid), rows.sum(paid * spend))
    chosen = _with_most(rows.sum(np.where(complete, found, 0.0)))
    if not chosen.size:
        return Spread(0.0, usual, 0)
    place = np.full(count, -1, dtype=np.int64)
    place[chosen] = np.arange(chosen.size)
    kept = np.flatnonzero(complete & (place >= 0)[owner])
    first = int(date.min(where=complete, initial=today))
    span = int(date.max(where=complete, initial=UNDATED)) - first + 1
    cell = place[owner[kept]] * span + date[kept] - first
    bought, brought = (summed(cell, of[kept], chosen.size * span).reshape(-1, span) for of in (spend, found))
    return Spread(shock(brought, daily_due(bought, curve)), usual, int((bought > 0).sum()))


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


def _cells(days: Days, pieces: Floats) -> tuple[Integers, Integers, Floats, Floats]:
    """Object, date, spend and pieces of each day of an object, however many rows it came in."""
    owner, date, spend = days.object, days.date, days.spend
    key = owner * (int(date.max(initial=UNDATED)) + 1) + date
    if np.any(key[1:] <= key[:-1]):  # else each row is a day of its own already
        order = np.argsort(key, kind="stable")
        opens = np.flatnonzero(np.diff(key[order], prepend=-1))
        owner, date = owner[order][opens], date[order][opens]
        spend, pieces = (np.add.reduceat(column[order], opens) for column in (spend, pieces))
    return owner, date, spend, pieces


def _with_most(found: Floats) -> Integers:
    """The objects with the most pieces of evidence (n,)."""
    return np.argsort(-found, kind="stable")[: min(_TEACHERS, int((found > 0).sum()))]
