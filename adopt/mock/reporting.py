"""What reports know at a moment: the truth, a little late, a little short, and restated."""

from dataclasses import dataclass

import numpy as np

from adopt.mock.calendar import HOUR
from adopt.mock.chance import Floats, Ints
from adopt.mock.delivery import COUNTS, Delivery
from adopt.mock.market import missing_share
from adopt.mock.orders import CLICK, ENGAGED, VIEW, Sales

REFRESH = 900  # reports are made anew every quarter of an hour, from hours at least so old
DAY = 86400
CLICK_WINDOWS = {"1d_click": 1, "7d_click": 7, "28d_click": 28}
VIEW_WINDOWS = {"1d_view": VIEW, "1d_ev": ENGAGED}
WINDOWS = (*CLICK_WINDOWS, *VIEW_WINDOWS)


@dataclass(frozen=True)
class Table:
    """Counts, and purchases and their value by attribution window, by day (rows) and ad (columns)."""

    as_of: int
    counts: dict[str, Ints]
    purchases: dict[str, Ints]
    values: dict[str, Ints]
    sold: tuple[Floats, ...]  # by ad set: when each reported conversion happened


class Reporting:
    """The reports over one delivery; one table a quarter of an hour."""

    def __init__(self, delivery: Delivery, seed: int) -> None:
        self._delivery, self._seed = delivery, seed
        self._ads, self._ad_sets = len(delivery.traits.set_of_ad), len(delivery.traits.quality)
        self._made: Table | None = None

    def grow(self, ads: int, ad_sets: int) -> None:
        """Give objects that join a place in reports at once."""
        self._ads, self._ad_sets, self._made = self._ads + ads, self._ad_sets + ad_sets, None

    def table(self, moment: float) -> Table:
        """Give what reports know at a moment."""
        as_of = int(moment // REFRESH * REFRESH)
        if self._made is None or self._made.as_of != as_of:
            self._delivery.run(self._delivery.calendar.hour_at(as_of - REFRESH))
            self._made = self._tabulate(as_of)
        return self._made

    def sales(self, as_of: float) -> Sales:
        """Give the conversions reports show."""
        sales = self._delivery.orders.all()
        return sales.where((sales.seen <= as_of) & (sales.gone > as_of))

    def _tabulate(self, as_of: int) -> Table:
        days, ads = self._delivery.days, self._ads
        height = max(len(days), self._delivery.calendar.today(as_of) + 1)
        counts = {}
        for name in COUNTS:
            column = np.zeros((height, ads), np.int64)
            for number, known in enumerate(days):
                column[number, : len(known[name])] = known[name]
            counts[name] = column
        self._shorten(counts, as_of)
        sales = self.sales(as_of)
        day = self._delivery.calendar.days_at(((sales.done - self._delivery.calendar.start) // HOUR).astype(np.int64))
        cells = day * ads + sales.ad
        purchases, values = {}, {}
        for window in WINDOWS:
            chosen = _in_window(sales, window)
            purchases[window] = _grid(cells[chosen], None, height, ads)
            values[window] = _grid(cells[chosen], sales.value[chosen].astype(np.float64), height, ads)
        return Table(as_of, counts, purchases, values, self._by_ad_set(sales))

    def _by_ad_set(self, sales: Sales) -> tuple[Floats, ...]:
        owner = self._delivery.traits.set_of_ad[sales.ad]
        order = np.argsort(owner, kind="stable")
        ends = np.cumsum(np.bincount(owner, minlength=self._ad_sets))
        return tuple(np.split(sales.done[order], ends[:-1]))

    def _shorten(self, counts: dict[str, Ints], as_of: int) -> None:
        """Take from young days what is not counted yet."""
        for day in range(max(0, len(self._delivery.days) - 4), len(self._delivery.days)):
            age = as_of - self._delivery.calendar.end_of(day)
            missing = missing_share(self._seed, day) * (1 if age < DAY else 1 / 3 if age < 2 * DAY else 0)
            for column in counts.values():
                column[day] = np.rint(column[day] * (1 - missing)).astype(np.int64)


def _in_window(sales: Sales, window: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if window in VIEW_WINDOWS:
        return np.asarray(sales.kind == VIEW_WINDOWS[window])
    return np.asarray((sales.kind == CLICK) & (sales.done - sales.cause <= CLICK_WINDOWS[window] * DAY))


def _grid(cells: Ints, weights: Floats | None, height: int, width: int) -> Ints:
    return np.bincount(cells, weights, height * width).reshape(height, width).astype(np.int64)
