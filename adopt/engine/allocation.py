"""Allocation: how much of a budget each ad set should have, and how far to move towards that today.

An ad set whose usual day costs s0 earns q s0 (s / s0)^beta on a day that costs s: each further unit earns less.
The best split leaves every ad set with the same return on its next unit, or at one of its limits.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

BETA = 0.8  # the usual elasticity of conversions to spend; one that is off by 0.1 costs 2 to 5 % of the best profit
_HALVINGS = 64
_LEAST = 1e-12  # of s0: a share that counts as nothing, where the next unit's return has no end
_MOST_EXPONENT = 700.0
_ROUNDING = 1e-6  # minor units that floating point may be off by


def waterfill(
    q: Floats, s0: Floats, budget: Floats | float, beta: float, lo: Floats, hi: Floats
) -> tuple[Floats, Floats]:
    """Spend (..., n) with the most sum of q s0 (s / s0)^beta - s within a budget (...) and lo..hi; and mu (...).

    mu is the profit of the next unit of budget: 0 where some stays unspent because nothing would earn it back.
    Where lo alone is more than the budget, lo shrinks. Axes before the last are accounts; 0 < beta < 1. Statistics 4.
    """
    total = np.maximum(np.asarray(budget, dtype=np.float64), 0.0)
    floors = lo * _share(total, lo.sum(axis=-1))[..., None]
    least, most = np.zeros(total.shape), _steepest(q, s0, beta, _room(total, floors))
    most = np.where(_spend(q, s0, beta, least, floors, hi).sum(axis=-1) > total, most, least)
    for _ in range(_HALVINGS):
        middle = (least + most) / 2
        over = _spend(q, s0, beta, middle, floors, hi).sum(axis=-1) > total
        least, most = np.where(over, middle, least), np.where(over, most, middle)
    above = _spend(q, s0, beta, most, floors, hi) - floors
    above *= _share(total - floors.sum(axis=-1), above.sum(axis=-1))[..., None]  # what bisection left over
    return np.clip(floors + above, floors, hi), np.expm1(most)


def reach(
    present: Integers, base: Integers, step: float = 0.2, floor_share: float = 0.05, cap: float = 5.0
) -> tuple[Integers, Integers]:
    """The least and most budget (n,), minor units, that today's step allows between a floor and a cap of the base.

    As lo and hi of `waterfill` they keep the account within its budget while its ad sets move.
    """
    down, up = _up(present * (1 - step)), _down(present * (1 + step))
    floor, ceiling = _up(base * floor_share), _down(base * cap)
    return np.clip(floor, down, up), np.clip(ceiling, down, up)


def moves(
    present: Integers,
    wanted: Floats,
    base: Integers,
    step: float = 0.2,
    floor_share: float = 0.05,
    cap: float = 5.0,
    least: float = 0.01,
) -> Integers:
    """Today's budgets (n,), minor units, on the way to those wanted; a change by less than a share stays undone."""
    lo, hi = reach(present, base, step, floor_share, cap)
    then = _down(np.clip(wanted, lo, hi))
    return np.where(np.abs(then - present) < least * present, present, then)


def _spend(q: Floats, s0: Floats, beta: float, rent: Floats, lo: Floats, hi: Floats) -> Floats:
    """The best spend (..., n) where a unit has to bring exp(rent) back."""
    with np.errstate(divide="ignore"):
        exponent = np.log(s0) + (np.log(beta * np.maximum(q, 0.0)) - rent[..., None]) / (1 - beta)
    spend: Floats = np.clip(np.exp(np.minimum(exponent, _MOST_EXPONENT)), lo, hi)
    return spend


def _room(total: Floats, floors: Floats) -> Floats:
    """Spend (..., n) that all ad sets together can have: the floor, or an equal share of what floors leave."""
    spare = (total - floors.sum(axis=-1)) / max(floors.shape[-1], 1)
    room: Floats = np.maximum(floors, spare[..., None])
    return room


def _steepest(q: Floats, s0: Floats, beta: float, spend: Floats) -> Floats:
    """The rent (...), log of the return on the next unit, at which no ad set wants more than this spend (..., n)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(s0 > 0, np.maximum(spend / s0, _LEAST), 1.0)
        rent = np.where(s0 > 0, np.log(beta * np.maximum(q, 0.0)) - (1 - beta) * np.log(ratio), 0.0)
    steepest: Floats = rent.max(axis=-1, initial=0.0)
    return steepest


def _share(have: Floats, need: Floats) -> Floats:
    """What share of a need can be had, at most 1."""
    return np.clip(np.divide(have, need, out=np.ones_like(need), where=need > 0), 0.0, 1.0)


def _down(amount: npt.NDArray[np.floating]) -> Integers:
    whole: Integers = np.floor(amount + _ROUNDING).astype(np.int64)
    return whole


def _up(amount: npt.NDArray[np.floating]) -> Integers:
    whole: Integers = np.ceil(amount - _ROUNDING).astype(np.int64)
    return whole
