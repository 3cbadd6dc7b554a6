"""What reports know at a moment: the truth, a little late, a little short, and restated."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from adopt.mock.calendar import HOUR
from adopt.mock.chance import Flags, Floats, Ints, uniforms
from adopt.mock.conditions import Event
from adopt.mock.delivery import COUNTS, Delivery
from adopt.mock.market import missing_share
from adopt.mock.orders import CLICK, ENGAGED, VIEW, Sales

REFRESH = 900  # reports are made anew every quarter of an hour, from hours at least so old
DAY = 86400
YOUNG = 4  # days that may still be short
CLICK_WINDOWS = {"1d_click": 1, "7d_click": 7, "28d_click": 28}
VIEW_WINDOWS = {"1d_view": VIEW, "1d_ev": ENGAGED}
WINDOWS = (*CLICK_WINDOWS, *VIEW_WINDOWS)
BUYERS_TOO: tuple[Event, ...] = ("carts", "checkouts")  # events a buyer passed through
ReportTime = Literal["mixed", "conversion", "impression"]  # mixed is conversion, for sales on a website


@dataclass(frozen=True)
class Table:
    """Counts, and purchases and their value by attribution window, by day (rows) and ad (columns).

    Carts and checkouts are those of people who did not buy. Of those who did there is one a purchase; only while
    tracking is broken do they differ, and then purchases also holds `carts WINDOW` and `checkouts WINDOW`.
    """

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
        self._by: ReportTime = "mixed"

    def grow(self, ads: int, ad_sets: int) -> None:
        """Give objects that join a place in reports at once."""
        self._ads, self._ad_sets, self._made = self._ads + ads, self._ad_sets + ad_sets, None

    def forget(self) -> None:
        """Make the next table anew."""
        self._made = None

    def table(self, moment: float, by: ReportTime = "mixed") -> Table:
        """Give what reports know at a moment, purchases dated by report time."""
        calendar = self._delivery.calendar
        as_of = int(self._delivery.conditions.known_at(moment, calendar.start) // REFRESH * REFRESH)
        if self._made is None or (self._made.as_of, self._by) != (as_of, by):
            self._delivery.run(calendar.hour_at(as_of - REFRESH))
            self._made, self._by = self._tabulate(as_of, by), by
        return self._made

    def happened(self) -> Sales:
        """Give every purchase that people were able to make, those to come included."""
        sales, conditions = self._delivery.orders.all(), self._delivery.conditions
        hours = self._hours(sales)
        if not conditions.touches(("shop",), hours):
            return sales
        able = conditions.by_event("shop", hours, self._delivery.places.take(sales.ad))
        return sales.where(self._on_meta(sales) | (self._luck(sales)[0] < able))

    def _tabulate(self, as_of: int, by: ReportTime) -> Table:
        days = self._delivery.days
        height = max(len(days), self._delivery.calendar.today(as_of) + 1)
        counts = {name: self._counted(name, height) for name in COUNTS}
        self._shorten(counts, as_of)
        sales = self.happened()
        sales = sales.where((sales.seen <= as_of) & (sales.gone > as_of))
        seen, copies = self._tracked(sales)
        purchases = self._by_window(sales.where(seen["purchases"]), 1 + copies[seen["purchases"]], height, by)
        for event in BUYERS_TOO if not all(column.all() for column in seen.values()) or copies.any() else ():
            more = self._by_window(sales.where(seen[event]), np.ones(int(seen[event].sum())), height, by)
            purchases |= {f"{event} {window}": column for window, column in more.items()}
        sales = sales.where(seen["purchases"])
        values = self._by_window(sales, sales.value, height, by)
        return Table(as_of, counts, purchases, values, self._by_ad_set(sales))

    def _counted(self, name: str, height: int) -> Ints:
        column = np.zeros((height, self._ads), np.int64)
        for number, known in enumerate(self._delivery.days):
            column[number, : len(known[name])] = known[name]
        for (number, event), lost in self._delivery.unseen.items():
            if event == name:
                column[number, : len(lost)] -= lost
        return column

    def _by_window(self, sales: Sales, weights: Ints | Floats, height: int, by: ReportTime) -> dict[str, Ints]:
        """Add sales up by attribution window, day and ad."""
        calendar = self._delivery.calendar
        moments = sales.cause if by == "impression" else sales.done
        days = calendar.days_at(((moments - calendar.start) // HOUR).astype(np.int64))
        cells, size = days * self._ads + sales.ad, height * self._ads
        found = {}
        for window in WINDOWS:
            chosen = _in_window(sales, window)
            total = np.bincount(cells[chosen], np.asarray(weights, np.float64)[chosen], size)
            found[window] = total.reshape(height, self._ads).astype(np.int64)
        return found

    def _tracked(self, sales: Sales) -> tuple[dict[Event, Flags], Floats]:
        """Tell which events of each sale broken tracking let through, and how many more times its purchase was sent."""
        conditions, hours = self._delivery.conditions, self._hours(sales)
        events: tuple[Event, ...] = ("purchases", *BUYERS_TOO)
        if not conditions.touches(("tracked", "copies"), hours):
            return {event: np.ones(len(hours), bool) for event in events}, np.zeros(len(hours))
        places, (_, lost, more, _) = self._delivery.places.take(sales.ad), self._luck(sales)
        whole = self._on_meta(sales)
        seen = {event: whole | (lost < conditions.by_event("tracked", hours, places, event)) for event in events}
        return seen, np.where(whole, 0.0, np.floor(conditions.by_event("copies", hours, places) + more))

    def _on_meta(self, sales: Sales) -> Flags:
        """Tell which sales came about on Meta itself, where no page fails and no event is lost or sent twice."""
        traits = self._delivery.traits
        return traits.on_meta[traits.set_of_ad[sales.ad]]

    def _luck(self, sales: Sales) -> tuple[Floats, Floats, Floats, Floats]:
        """Give four numbers of each sale's own, the same whenever they are asked for."""
        return uniforms(self._delivery.traits.order_keys[sales.ad], np.floor(sales.done * 1000).astype(np.int64), 3)

    def _hours(self, sales: Sales) -> Ints:
        return np.asarray((sales.done - self._delivery.calendar.start) // HOUR, np.int64)

    def _by_ad_set(self, sales: Sales) -> tuple[Floats, ...]:
        owner = self._delivery.traits.set_of_ad[sales.ad]
        order = np.argsort(owner, kind="stable")
        ends = np.cumsum(np.bincount(owner, minlength=self._ad_sets))
        return tuple(np.split(sales.done[order], ends[:-1]))

    def _shorten(self, counts: dict[str, Ints], as_of: int) -> None:
        """Take from young days what is not counted yet."""
        days = len(self._delivery.days)
        for day in range(max(0, days - YOUNG), days):
            age = as_of - self._delivery.calendar.end_of(day)
            missing = missing_share(self._seed, day) * (1 if age < DAY else 1 / 3 if age < 2 * DAY else 0)
            for column in counts.values():
                column[day] = np.rint(column[day] * (1 - missing)).astype(np.int64)


def _in_window(sales: Sales, window: str) -> Flags:
    if window in VIEW_WINDOWS:
        return np.asarray(sales.kind == VIEW_WINDOWS[window])
    return np.asarray((sales.kind == CLICK) & (sales.done - sales.cause <= CLICK_WINDOWS[window] * DAY))
