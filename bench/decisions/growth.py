"""Allocation under test: evidence that moves budgets towards the best split, by the engine's own functions."""

from typing import Final

import numpy as np

from adopt.engine.allocation import BETA, moves, reach, waterfill
from adopt.engine.belief import mean_and_chance
from bench.decisions.evidence import CENTS, DAY_H, Evidence, Options
from bench.decisions.worlds import Floats, Integers, Setting

HALF_LIFE_H: Final = 28 * DAY_H


class Growth(Evidence):
    """Water-fill on the posterior mean once a day, a fifth of a budget at most at a time."""

    def __init__(self, setting: Setting, options: Options | None = None) -> None:
        super().__init__(setting, options)
        self._usual = setting.base * CENTS
        self._effective = np.zeros((self.log.size, 0))
        self._count = int(setting.account[-1]) + 1

    def _move(self, rows: Integers) -> None:
        moving = np.isin(np.arange(self.log.size), rows)
        q = np.where(moving, self._means(), 0.0)
        lo, hi = reach(self.budget, self.base, cap=self.setting.cap)
        lo, hi = np.where(moving, lo, 0), np.where(moving, hi, 0)
        by_account = [column.astype(np.float64).reshape(self._count, -1) for column in (q, self._usual, lo, hi)]
        whole = by_account[1].sum(axis=1) * self.setting.total
        wanted, _ = waterfill(by_account[0], by_account[1], whole, BETA, by_account[2], by_account[3])
        then = moves(self.budget, wanted.ravel(), self.base, cap=self.setting.cap)
        self.budget = np.where(moving, then, self.budget)

    def _means(self) -> Floats:
        """The posterior mean (n,) of what a usual day's money brings."""
        before = self._effective.sum(axis=1)
        self._effective = np.column_stack([self._effective, self._effective_now() - before])
        age_h = DAY_H * np.arange(self._effective.shape[1])[::-1]
        fade = np.exp2(-age_h / HALF_LIFE_H)
        found, due = self._pieces @ fade, self._effective @ fade
        return mean_and_chance(found * self._weight, due * self._due_a_cpa, *self._prior)[0]

    def _effective_now(self) -> Floats:
        """What the matured days (n,) should have brought at target: more spend than the usual brings less of it each.

        It takes out what a budget does to a rate: an ad set that was given more is not worse for converting less.
        """
        days = self._pieces.shape[1]
        spend = self.log.spent.reshape(self.log.size, days, -1).sum(axis=2) * CENTS
        shares = self._curves[0].reported(np.asarray((np.arange(days)[::-1] + 0.5) * DAY_H, dtype=np.float64))
        usual = self._usual[:, None]
        return np.asarray((usual * (np.maximum(spend, 0.0) / usual) ** BETA) @ shares / CENTS)


class Steps(Evidence):
    """The recipe: a fifth more or less a day by the cost of the last three days, and proof on top."""

    def _move(self, rows: Integers) -> None:
        recent = self.log.within(3 * DAY_H)
        better = recent.spend <= recent.results
        share = np.clip(self.budget / self.base * np.where(better, 1.2, 0.8), 0.05, self.setting.cap)
        moved = np.where(np.isin(np.arange(self.log.size), rows), share, 0.0)
        account = self.setting.account
        budget = np.bincount(account, self.setting.base) * self.setting.total
        over = np.bincount(account, moved * self.setting.base) / budget
        moved = moved / np.maximum(over, 1.0)[account]
        self.budget = np.where(moved > 0, np.maximum(np.rint(moved * self.base), 1), self.budget).astype(np.int64)
