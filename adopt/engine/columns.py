"""What rules look at, as columns over objects: each is computed once, when the first rule asks for it."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from adopt.engine.delay import DelayCurve
from adopt.engine.snapshot import UNDATED, Days, Floats, Integers, ages_h
from adopt.engine.statistics import wilson_interval
from adopt.language.figures import ANYTIME, BOUNDS, EVIDENT, FIGURES
from adopt.language.syntax import Figure, Rank, Scope

Bools = npt.NDArray[np.bool_]
Texts: TypeAlias = Sequence[tuple[str, ...]]  # of each object, all that it may be called
Rows: TypeAlias = Integers | slice
T = TypeVar("T")

_RIPE_D = 60  # days after which all that an attribution window counts has been reported
NEVER = UNDATED  # the ordinal of a change that was never made
_RATES: Mapping[str, tuple[str, str, float]] = {
    "ctr": ("clicks", "impressions", 1.0),
    "cvr": ("results", "clicks", 1.0),
    "cpc": ("spend", "clicks", 1.0),
    "cpm": ("spend", "impressions", 1000.0),
    "cpa": ("spend", "results", 1.0),
    "roas": ("revenue", "spend", 1.0),
    "aov": ("revenue", "results", 1.0),
}


class Scene(Struct, frozen=True, kw_only=True):
    """One row an object: its days, how it stands, and what it is held against; NaN where a figure does not exist."""

    today: int  # the account's day, an ordinal
    days: Days
    reported: Callable[[Integers], Floats]  # by a day's ordinal, the share of its conversions reported by now
    target: float  # minor units of CPA, or ROAS
    offset: int  # minor units in a major one
    judged_d: int  # the days of a figure without a window
    skipped_d: int  # the newest days, which a mature window leaves out
    confidence: float  # of the Wilson bounds
    parent: Integers  # the place of an object's campaign
    budget: Floats  # minor units
    base: Floats
    age_d: Floats
    learning: Bools
    touched: Integers  # the day of our last change, an ordinal
    texts: Callable[[str], Texts]
    evidence: Mapping[str, Floats] = {}  # low and high of the target's metric, e_value, p_good: at any number of looks

    def __len__(self) -> int:
        return len(self.parent)


class Columns:
    """The columns of a scene, kept once they are computed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._kept: dict[object, object] = {}

    def figure(self, node: Figure) -> Floats:
        """A figure of every object."""
        return self._once(("figure", node), lambda: self._figure(node))

    def rank(self, node: Rank) -> Floats:
        """The place of every object among its campaign's or the account's, the best first; NaN without the figure."""
        return self._once(("rank", node), lambda: self._rank(node))

    def matches(self, name: str, pattern: str, *, exact: bool) -> tuple[Bools, Bools]:
        """Whether a text of each object is this, or matches it; and whether not."""
        return self._once(("matches", name, pattern, exact), lambda: self._matches(name, pattern, exact=exact))

    def texts(self, name: str) -> Texts:
        """All that each object may be called."""
        return self._once(("texts", name), lambda: self.scene.texts(name))

    def sums(self, name: str, window: str) -> Floats:
        """A column of insights summed over a window of days."""
        column: Floats = getattr(self.scene.days, name)
        return self._once(("sums", name, window), lambda: self._added(column[self._rows(window)], window))

    def _added(self, values: Floats, window: str) -> Floats:
        """The values of a window's rows summed by object."""
        objects = self._once(("objects", window), lambda: self.scene.days.object[self._rows(window)])
        return np.bincount(objects, weights=values, minlength=len(self.scene)).astype(np.float64)

    def _once(self, key: object, compute: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = compute()
        return self._kept[key]  # type: ignore[return-value] # a key names the kind of what it keeps

    # -- figures --------------------------------------------------------------------------------

    def _figure(self, node: Figure) -> Floats:
        name = "results" if node.name == "actions" else node.name
        if node.part in ANYTIME or name in EVIDENT:
            return self.scene.evidence.get(node.part or name, np.full(len(self.scene), np.nan))
        if not FIGURES[name].measured:
            return self._property(name)
        if node.part in BOUNDS:
            return self._bound(name, node.part, node.window)
        above, below, times = _RATES.get(name, (name, "", 1.0))
        total = self._within(above, node.window, node.part)
        if not below:
            return total
        if above == "revenue":  # results without revenue say that no values are sent, not that they are worth nothing
            unpriced = (total <= 0) & (self._within("results", node.window, node.part) > 0)
            total = np.where(unpriced, np.nan, total)
        return times * ratio(total, self._within(below, node.window, node.part))

    def _property(self, name: str) -> Floats:
        scene = self.scene
        found: Mapping[str, Floats] = {"budget": scene.budget, "base": scene.base, "age": scene.age_d}
        return np.full(len(scene), scene.target) if name == "target" else found[name]

    def _within(self, name: str, window: str, part: str) -> Floats:
        """A sum of the object itself, or of its whole campaign or account."""
        own = self.sums(name, window)
        if part == "account":
            return np.full(len(self.scene), own.sum())
        if part == "campaign":
            return np.bincount(self.scene.parent, weights=own).astype(np.float64)[self.scene.parent]
        return own

    def _bound(self, name: str, part: str, window: str) -> Floats:
        """An end of the Wilson interval, for one look, as the judge forms it: newer clicks may still convert."""
        results, clicks = (np.maximum(self.sums(of, window), 0.0) for of in ("results", "clicks"))
        is_rate_high = (part == "wilson_high") == (name == "roas")
        tried = np.clip(np.rint(self._matured(window)), 0.0, clicks) if is_rate_high else clicks
        low, high = wilson_interval(results, tried, self.scene.confidence)
        rate = np.where(results <= clicks, high if is_rate_high else low, np.nan)
        cost = ratio(self.sums("spend", window), clicks)
        if name == "cpa":
            return np.where((rate <= 0) & (clicks > 0), np.inf, ratio(cost, rate))
        return ratio(rate * self.figure(Figure("aov", window=window)), cost)

    def _matured(self, window: str) -> Floats:
        def add() -> Floats:
            rows, days = self._rows(window), self.scene.days
            return self._added(days.clicks[rows] * self.scene.reported(days.date[rows]), window)

        return self._once(("matured", window), add)

    # -- days -----------------------------------------------------------------------------------

    def _rows(self, window: str) -> Rows:
        """Which rows lie in a window; all of them are no copy."""

        def find() -> Rows:
            if window == "lifetime":
                return slice(None)
            keep = self._lies_in(window)
            return slice(None) if keep.all() else np.flatnonzero(keep)

        return self._once(("rows", window), find)

    def _lies_in(self, window: str) -> Bools:
        days, date = self.scene.days, self.scene.days.date
        if window == "since_change":
            return date > self.scene.touched[days.object]
        if window.startswith("first_"):
            first = self._firsts()[days.object]
            return (date >= first) & (date < first + _length(window))
        start, end = _bounds(window or f"{self.scene.judged_d}d", self.scene)
        return (date >= start) & (date <= end)

    def _firsts(self) -> Integers:
        """The first day that each object spent on."""
        days = self.scene.days
        found = np.full(len(self.scene), self.scene.today, dtype=np.int64)
        spent = (days.spend > 0) & (days.date != UNDATED)
        np.minimum.at(found, days.object[spent], days.date[spent])
        return found

    # -- places and texts -----------------------------------------------------------------------

    def _rank(self, node: Rank) -> Floats:
        column = self.figure(node.of)
        sign = 1.0 if FIGURES[node.of.name].low_is_good else -1.0
        return ranks(sign * column, self._groups(node.within))

    def _groups(self, within: Scope) -> Integers:
        return self.scene.parent if within == "campaign" else np.zeros(len(self.scene), dtype=np.int64)

    def _matches(self, name: str, pattern: str, *, exact: bool) -> tuple[Bools, Bools]:
        search = re.compile(pattern).search
        texts = self.texts(name)
        found = (pattern in of if exact else any(map(search, of)) for of in texts)
        yes = np.fromiter(found, dtype=np.bool_, count=len(self.scene))
        return yes, ~yes


def ratio(above: Floats, below: Floats) -> Floats:
    """Elementwise quotient, NaN where the divisor is not above 0: a rate over nothing does not exist."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)


def ranks(values: Floats, groups: Integers) -> Floats:
    """The place of each value in its group, the least first, equals sharing a place; NaN has none."""
    found = np.full(values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.lexsort((values[known], groups[known]))]
    group, value = groups[order], values[order]
    place = np.arange(order.size)
    opens = np.r_[True, group[1:] != group[:-1]][: order.size]
    differs = opens | np.r_[True, value[1:] != value[:-1]][: order.size]
    start = np.maximum.accumulate(np.where(opens, place, 0))
    tied = np.maximum.accumulate(np.where(differs, place, 0))
    found[order] = tied - start + 1
    return found


def reported_by(now: datetime, curve: DelayCurve) -> Callable[[Integers], Floats]:
    """By a day's ordinal, the share reported by now; reckoned once a day, since many rows are of few days."""

    def reported(ordinals: Integers) -> Floats:
        first = now.toordinal() - _RIPE_D
        table = curve.reported(ages_h(np.arange(first, now.toordinal() + 1), now))
        return np.where(ordinals < first, 1.0, table[np.clip(ordinals - first, 0, _RIPE_D)])

    return reported


def _bounds(window: str, scene: Scene) -> tuple[int, int]:
    """The first and the last day of a window that is the same for all."""
    today = scene.today
    if window in ("today", "yesterday"):
        day = today - (window == "yesterday")
        return day, day
    last = today
    if window.startswith("prior_"):
        last = today - 1
    elif window.startswith("mature_"):
        last = today - 1 - scene.skipped_d
    return last - _length(window) + 1, last


def _length(window: str) -> int:
    return int(window.rpartition("_")[2].removesuffix("d"))
