"""Pacing: what a budget may spend today, by day and by week."""

import numpy as np

from adopt.mock.calendar import Calendar
from adopt.mock.chance import Floats, Ints

DAY_CAP, WEEK_DAYS = 1.75, 7


class Pacing:
    """Spend of each pacing unit today and since Sunday."""

    def __init__(self, units: int) -> None:
        self.today: Ints = np.zeros(units, np.int64)
        self._week: Ints = np.zeros(units, np.int64)  # before today
        self._due: Ints = np.zeros(units, np.int64)  # the budgets of the week's days before today
        self._days_left = WEEK_DAYS

    def begin_day(self, calendar: Calendar, day: int, budgets: Ints) -> None:
        """Close yesterday, whose budgets are given, and on Sunday the week."""
        self._week = self._week + self.today
        if day:
            self._due = self._due + budgets
        self.today = np.zeros_like(self.today)
        since_sunday = (calendar.date(day).weekday() + 1) % WEEK_DAYS
        self._days_left = WEEK_DAYS - since_sunday
        if since_sunday == 0:
            self._week, self._due = np.zeros_like(self._week), np.zeros_like(self._due)

    def limits(self, budgets: Ints) -> Ints:
        """Give the most each unit may spend today."""
        week = self._due + budgets * self._days_left - self._week
        limits: Ints = np.minimum((budgets * DAY_CAP).astype(np.int64), week).clip(0)
        return limits

    def room(self, spend: Ints, limits: Ints) -> Floats:
        """Give the share of each hour's spend (rows) that fits under the limits."""
        before = self.today + np.vstack([np.zeros_like(limits)[None, :], np.cumsum(spend, axis=0)])
        fits = np.minimum(before[1:], np.maximum(limits, self.today)) - np.minimum(before[:-1], limits.clip(self.today))
        share: Floats = np.divide(fits, spend, out=np.ones(spend.shape), where=spend > 0)
        return share


def sums(values: Ints, group: Ints, groups: int) -> Ints:
    """Give each row's totals by group of columns."""
    rows = values.shape[0]
    cells = (np.arange(rows)[:, None] * groups + group).ravel()
    return np.bincount(cells, values.ravel(), rows * groups).reshape(rows, groups).astype(np.int64)
