"""The common frame: daily figures as grids of entities by days, whoever reported them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ENOUGH = 20  # days with spend, for an entity to be looked at
COLUMNS = ("spend", "impressions", "reach", "clicks", "landed", "conversions", "value", "budget")


@dataclass(frozen=True)
class Daily:
    """Figures by entity (rows) and consecutive day (columns); not a number where nothing was reported."""

    first: int  # the first day, as an ordinal
    spend: Floats
    impressions: Floats
    reach: Floats
    clicks: Floats
    landed: Floats
    conversions: Floats
    value: Floats
    budget: Floats  # that day's largest

    def __len__(self) -> int:
        return len(self.spend)

    @property
    def active(self) -> Flags:
        """Give where money was spent and people were reached."""
        return np.asarray((self.spend > 0) & (self.impressions > 0))

    def long(self) -> "Daily":
        """Give the entities with enough days of spend."""
        return self.take(self.active.sum(axis=1) >= ENOUGH)

    def take(self, chosen: Flags) -> "Daily":
        """Give some entities."""
        return Daily(self.first, *(getattr(self, name)[chosen] for name in COLUMNS))


@dataclass(frozen=True)
class Waves:
    """What a simulated account's reports said when they were young, and what its truth log knows of delay."""

    noon: float  # purchases seen at their day's noon, over those seen in the end
    next_day: float  # the same a day later
    later: float  # the most that a day's purchases still move two days later, where 1 is a purchase or a hundredth
    lags: Floats  # of true conversions after clicks: calendar days from click to purchase
    after_stop: Floats  # purchases 1, 2 and 8 days after delivery stopped, over a usual day's
    early: Floats  # purchases by day of the click, 1, 3, 7 days later: reported share less the share that had happened


@dataclass(frozen=True)
class Panel:
    """One account, or one file, as it is checked."""

    name: str
    days: Daily  # ad sets, or whatever the file has
    ads: Daily  # by ad, where known; else as above
    purses: Daily | None = None  # whatever carries a budget
    order_values: Floats = field(default_factory=lambda: np.zeros(0))
    lifetime_spend: Floats = field(default_factory=lambda: np.zeros(0))  # by ad
    waves: Waves | None = None
    response: tuple[float, float] | None = None  # conversions on spend under budget steps: estimate, configured
    levels: Floats = field(default_factory=lambda: np.zeros((0, 4)))  # of many accounts, one a row
    same: Flags | None = None  # whether what must be the same is, and what must differ does


def daily(entities: Sequence[str], days: Sequence[int], columns: Mapping[str, Sequence[float]]) -> Daily:
    """Lay out rows (an entity, a day, its figures) as grids; rows of one cell are added up."""
    names = {name: place for place, name in enumerate(dict.fromkeys(entities))}
    first, last = (min(days), max(days)) if len(days) else (0, -1)
    rows = np.array([names[name] for name in entities], np.int64)
    cells = rows * (last - first + 1) + np.asarray(days, np.int64) - first
    shape = len(names), last - first + 1
    grids = {name: _grid(cells, columns.get(name), shape) for name in COLUMNS}
    return Daily(first, **grids)


def _grid(cells: NDArray[np.int64], column: Sequence[float] | None, shape: tuple[int, int]) -> Floats:
    if column is None:
        return np.full(shape, np.nan)
    figures = np.asarray(column, np.float64)
    known = ~np.isnan(figures)
    size = shape[0] * shape[1]
    total = np.bincount(cells[known], figures[known], size)
    there = np.bincount(cells[known], minlength=size) > 0
    return np.where(there, total, np.nan).reshape(shape)
