"""Pacing: what a budget may spend today, by day, by week and by its whole life."""

import numpy as np

from adopt.mock.calendar import Calendar
from adopt.mock.chance import Floats, Ints

DAY_CAP, WEEK_DAYS = 1.75, 7
CATCH_UP, LAG = 0.4, 0.25  # how much of what a week is ahead or behind its days make good, of at most so much a day
DAY = 86400


class Pacing:
    """Spend of each purse today, since Sunday and in all."""

    def __init__(self) -> None:
        self.today: Ints = np.zeros(0, np.int64)
        self._before: Ints = np.zeros(0, np.int64)  # in all, before today
        self._week: Ints = np.zeros(0, np.int64)  # since Sunday, before today
        self._due: Ints = np.zeros(0, np.int64)  # the budgets of the week's days before today
        self._extra: Floats = np.zeros(0)  # what scheduled raises added to today's budget
        self._days_left = WEEK_DAYS

    def grow(self, count: int) -> None:
        """Take in purses that join."""
        none = np.zeros(count, np.int64)
        self._extra = np.concatenate([self._extra, np.zeros(count)])
        for name in ("today", "_before", "_week", "_due"):
            setattr(self, name, np.concatenate([getattr(self, name), none]))

    def begin_day(self, calendar: Calendar, day: int, budgets: Ints) -> None:
        """Close yesterday, whose budgets are given, and on Sunday the week."""
        self._week = self._week + self.today
        self._before = self._before + self.today
        if day:
            self._due = self._due + budgets + self._extra.astype(np.int64)
        self._extra = np.zeros(len(self._extra))
        self.today = np.zeros_like(self.today)
        since_sunday = (calendar.date(day).weekday() + 1) % WEEK_DAYS
        self._days_left = WEEK_DAYS - since_sunday
        if since_sunday == 0:
            self._week, self._due = np.zeros_like(self._week), np.zeros_like(self._due)

    def daily(self, budgets: Ints, lifetimes: Ints, ends: Floats, moment: int) -> Ints:
        """Give each purse's budget of today: its own, or its share of what is left for the days that are left."""
        days = np.maximum(np.ceil((ends - moment) / DAY), 1.0)
        shares = np.floor((lifetimes - self._before).clip(0) / days).astype(np.int64)
        return np.where(lifetimes > 0, shares, budgets)

    def limits(self, budgets: Ints, lifetimes: Ints) -> Ints:
        """Give the most each purse may spend today, by today's budgets."""
        week = self._due + budgets * self._days_left - self._week
        ever = np.where(lifetimes > 0, lifetimes - self._before, week)
        limits: Ints = np.minimum((budgets * DAY_CAP).astype(np.int64), ever).clip(0)
        return limits

    def made_good(self, budgets: Ints, aim: float) -> Floats:
        """Give the factor on today's target that spreads what a week is ahead or behind over the days it has left."""
        left = budgets * float(self._days_left)
        late = np.divide(aim * self._due - self._week, left, out=np.zeros(len(left)), where=left > 0)
        return np.asarray(1 + CATCH_UP * late.clip(-LAG, LAG))

    def allow(self, more: Floats) -> None:
        """Take in what today's budgets were raised by."""
        self._extra = self._extra + more

    def spend(self, amounts: Ints) -> None:
        """Take in what was spent today."""
        self.today = self.today + amounts


def room(spend: Ints, limits: Ints, before: Ints) -> Floats:
    """Give the share of each hour's spend (rows) that fits under the limits, so much being spent before."""
    running = before + np.vstack([np.zeros_like(limits)[None, :], np.cumsum(spend, axis=0)])
    fits = np.minimum(running[1:], np.maximum(limits, before)) - np.minimum(running[:-1], limits.clip(before))
    share: Floats = np.divide(fits, spend, out=np.ones(spend.shape), where=spend > 0)
    return share


def sums(values: Ints, group: Ints, groups: int) -> Ints:
    """Give each row's totals by group of columns."""
    rows = values.shape[0]
    cells = (np.arange(rows)[:, None] * groups + group).ravel()
    return np.bincount(cells, values.ravel(), rows * groups).reshape(rows, groups).astype(np.int64)
