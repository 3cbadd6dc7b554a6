"""Dispersion: how much more than by chance the results of an ad set vary from day to day (statistics 2.6).

A shocked day is reported over several: its results come late, and the days of their report share its luck. So blocks
of days are compared, not days, and each with what was due in it rather than with what was spent.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from adopt.engine.belief import phi
from adopt.engine.delay import DelayCurve
from adopt.engine.snapshot import UNDATED, Days, Floats, Integers, summed

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
    owner, date, spend, found = _cells(days, pieces, today)
    usual = usual_day(summed(owner, spend, count), summed(owner, spend**2, count))
    chosen = _with_most(owner, found, count)
    if not chosen.size:
        return Spread(0.0, usual, 0)
    paid, brought = _daily(owner, date, (spend, found), chosen)
    return Spread(shock(brought, daily_due(paid, curve)), usual, int((paid > 0).sum()))


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


def _cells(days: Days, pieces: Floats, today: int) -> tuple[Integers, Integers, Floats, Floats]:
    """Object, date, spend and pieces of each complete day of an object, however many rows it came in."""
    keep = (days.date != UNDATED) & (days.date < today)
    owner, date, spend, found = days.object[keep], days.date[keep], days.spend[keep], pieces[keep]
    key = owner * (today + 1) + date
    if np.any(key[1:] <= key[:-1]):  # else each row is a day of its own already
        order = np.argsort(key, kind="stable")
        opens = np.flatnonzero(np.diff(key[order], prepend=-1))
        owner, date = owner[order][opens], date[order][opens]
        spend, found = (np.add.reduceat(column[order], opens) for column in (spend, found))
    return owner, date, spend, found


def _with_most(owner: Integers, pieces: Floats, count: int) -> Integers:
    """The objects with the most pieces of evidence."""
    found = summed(owner, pieces, count)
    return np.argsort(-found, kind="stable")[: min(_TEACHERS, int((found > 0).sum()))]


def _daily(owner: Integers, date: Integers, columns: Sequence[Floats], chosen: Integers) -> Floats:
    """Columns (r,) of rows as (columns, chosen, days), from the first day to the last."""
    place = np.full(int(owner.max(initial=0)) + 1, -1, dtype=np.int64)
    place[chosen] = np.arange(chosen.size)
    kept = np.flatnonzero(place[owner] >= 0)
    first, last = int(date.min()), int(date.max())
    cell = place[owner[kept]] * (last - first + 1) + date[kept] - first
    shape = (chosen.size, last - first + 1)
    return np.stack(
        [summed(cell, column, chosen.size * shape[1]).reshape(shape) for column in (of[kept] for of in columns)]
    )
