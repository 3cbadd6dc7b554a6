"""Gathers an insights call's rows: objects by spans, whole or cut into the cells of a breakdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from adopt.mock.breakdowns import HOURS
from adopt.mock.businesses import Outcome
from adopt.mock.cells import Family, Spread
from adopt.mock.chance import Floats, Ints, key_of, keys_of, uniforms
from adopt.mock.measures import Credit, Daily, Group, Kind, Labels, Rows, audiences, daily, events, over_spans
from adopt.mock.objects import Node
from adopt.mock.outcomes import by_outcome, outcome_of
from adopt.mock.properties import read
from adopt.mock.reporting import CLICK_WINDOWS, REFRESH
from adopt.mock.spans import Span
from adopt.mock.splitting import split, split_like, split_within
from adopt.mock.watching import PLAYS, SECONDS, STAGES, watched
from adopt.mock.world import World

CHUNK = 4_000_000  # cells worked on at once
_CLICKS = {days: window for window, days in CLICK_WINDOWS.items()}
_STEPS = {"1d_click": "", "7d_click": "1d_click", "28d_click": "7d_click", "1d_view": "", "1d_ev": ""}
# What each count is taken from, and what tilts it: a cell cannot have more link clicks than impressions, and so on.
_FROM = {
    "link_clicks": ("impressions", "clicks"),
    "other_clicks": ("impressions", "clicks"),
    "landed": ("link_clicks", ""),
    "carts": ("landed", "buyers"),
    "checkouts": ("carts", ""),
    PLAYS: ("impressions", ""),
    **{name: (before, "") for before, name in zip(list(STAGES)[:-1], list(STAGES)[1:], strict=True)},
}
Tables = tuple[dict[str, Ints], dict[str, Ints], dict[str, Ints]]


@dataclass(frozen=True)
class Cut:
    """How rows are cut: into a family's cells, of which some are kept, told apart by some of its names."""

    family: Family
    names: tuple[str, ...]
    keep: Callable[[dict[str, str]], bool]

    def labels(self) -> tuple[list[Labels], Ints]:
        """Give the labels rows have, and by cell which of them it belongs to; -1 where it is not kept."""
        known: dict[tuple[str, ...], int] = {}
        places = []
        for cell in self.family.cells:
            mark = tuple(cell.labels[name] for name in self.names)
            places.append(known.setdefault(mark, len(known)) if self.keep(cell.labels) else -1)
        return [dict(zip(self.names, mark, strict=True)) for mark in known], np.array(places, np.int64)


def gather(
    world: World,
    groups: Sequence[Group],
    spans: Sequence[Span],
    cut: Cut | None = None,
    *,
    videos: bool = False,
) -> Rows:
    """Add up each group's ads over each span, by cell if rows are cut; give the rows in which anything happened."""
    known = daily(world, groups, spans)
    known = watched(world, groups, known) if videos else known
    credit, outcomes = _credit(world, groups)
    known = by_outcome(known, outcomes)
    if cut is not None and known.owner.size:
        return _cut_rows(world, groups, spans, cut, known, credit)
    tables = known.counts, credit.own(known.purchases), credit.own(known.values)
    parts = [
        {
            name: over_spans(world, _by_group(column, known, len(groups)), known.days.start, spans)[..., None]
            for name, column in table.items()
        }
        for table in tables
    ]
    return _rows(world, groups, spans, Kind(), parts)


def attribution(ad_set: Node, world: World) -> tuple[str, bool, bool]:
    """Give an ad set's click window, and whether views and engaged views count."""
    clicks, views, engaged = "", False, False
    spec = read(ad_set, "attribution_spec", world)
    for one in spec if isinstance(spec, list) else ():
        match one.get("event_type"):
            case "CLICK_THROUGH":
                clicks = _CLICKS.get(int(one.get("window_days", 7)), "7d_click")
            case "VIEW_THROUGH":
                views = True
            case "ENGAGED_VIDEO_VIEW":
                engaged = True
    return clicks, views, engaged


def _credit(world: World, groups: Sequence[Group]) -> tuple[Credit, list[Outcome]]:
    """Give what each ad is credited with, and what its people do."""
    settings: dict[str, tuple[tuple[str, bool, bool], Outcome]] = {}
    found = []
    for ad in (ad for one in groups for ad in one.ads):
        ad_set = ad.above("ad set")
        if ad_set.id not in settings:
            settings[ad_set.id] = attribution(ad_set, world), outcome_of(ad_set, world)
        found.append(settings[ad_set.id])
    views, engaged = (np.array([one[place] for one, _ in found], bool) for place in (1, 2))
    return Credit([one[0] for one, _ in found], views, engaged), [outcome for _, outcome in found]


def _by_group(column: Ints, known: Daily, groups: int) -> Ints:
    """Add up ads (the second axis) by group."""
    if np.array_equal(known.owner, np.arange(groups)):
        return column
    whole = np.zeros((column.shape[0], groups, *column.shape[2:]), np.int64)
    filled = np.bincount(known.owner, minlength=groups) > 0
    if filled.any():
        starts = np.searchsorted(known.owner, np.flatnonzero(filled))
        whole[:, filled] = np.add.reduceat(column, starts, axis=1)
    return whole


def _rows(
    world: World,
    groups: Sequence[Group],
    spans: Sequence[Span],
    kind: Kind,
    parts: Sequence[dict[str, Ints]],
    whole: Ints | None = None,
) -> Rows:
    """Give the rows of tables by span, group and cell (s, g, k) in which anything happened."""
    happened = parts[0]["impressions"] > 0
    for column in parts[1].values():
        happened = happened | (column > 0)
    span, group, cell = np.nonzero(happened)
    counts, purchases, values = ({name: column[span, group, cell] for name, column in part.items()} for part in parts)
    people = audiences(world, [one.ads for one in groups])[group]
    share = np.ones(len(span)) if whole is None else counts["impressions"] / np.maximum(whole[span, group], 1)
    return Rows(world, groups, spans, kind, group, span, cell, counts, purchases, values, people, share)


def _cut_rows(
    world: World, groups: Sequence[Group], spans: Sequence[Span], cut: Cut, known: Daily, credit: Credit
) -> Rows:
    labels, place_of_cell = cut.labels()
    plan = _Plan(world, groups, cut.family, known)
    found = [
        [
            {
                name: _merged(_by_group(column, known, len(groups)), place_of_cell, len(labels))
                for name, column in table.items()
            }
            for table in _Cells(plan, days).tables(credit)
        ]
        for days in plan.chunks()
    ]
    parts = [
        {
            name: over_spans(world, np.concatenate([one[number][name] for one in found]), known.days.start, spans)
            for name in table
        }
        for number, table in enumerate(found[0])
    ]
    whole = over_spans(world, _by_group(known.counts["impressions"], known, len(groups)), known.days.start, spans)
    views = [cell.views for cell in cut.family.cells if cell.views]
    kind = Kind(labels, cut.family.shared, not {*HOURS} & {*cut.family.names}, views)
    return _rows(world, groups, spans, kind, parts, whole)


def _merged(column: Ints, places: Ints, count: int) -> Ints:
    """Add up cells (the last axis) that bear the same labels."""
    out = np.zeros((*column.shape[:-1], count), np.int64)
    for cell, place in enumerate(places.tolist()):
        if place >= 0:
            out[..., place] += column[..., cell]
    return out


class _Plan:
    """What every chunk of days is cut by: the ads, their ad sets and targetings, and their keys."""

    def __init__(self, world: World, groups: Sequence[Group], family: Family, known: Daily) -> None:
        self.world, self.family, self.known = world, family, known
        ads = [ad for one in groups for ad in one.ads]
        sets = list({ad_set.id: ad_set for ad_set in (ad.above("ad set") for ad in ads)}.values())
        place = {one.id: number for number, one in enumerate(sets)}
        self.owner = np.array([place[ad.above("ad set").id] for ad in ads], np.int64)
        self.seed = world.account.options.seed
        self.keys = keys_of(self.seed, (ad.id for ad in ads), "cells")
        self._ids = [one.id for one in sets]
        self._targetings = [read(one, "targeting", world) or {} for one in sets]

    def chunks(self) -> list[range]:
        """Give the days asked about, counted from the first, a few at a time; one empty chunk if there are none."""
        height = len(self.known.counts["impressions"])
        step = max(1, CHUNK // max(1, len(self.owner) * len(self.family.cells)))
        return [range(begin, min(begin + step, height)) for begin in range(0, height, step)] or [range(0)]

    def ordinals(self, days: range) -> Ints:
        """Give the ordinals of days."""
        first = self.known.days.start + self.world.calendar.first.toordinal()
        found: Ints = np.arange(days.start, days.stop, dtype=np.int64) + first
        return found

    def spread(self, days: range) -> Spread:
        """Give how ad sets' delivery spreads; hours of today that are not reported yet hold nothing."""
        spread = self.family.spread(self.seed, self._ids, self._targetings, self.ordinals(days))
        if not {*HOURS} & {*self.family.names}:
            return spread
        last = self.world.calendar.local(self.world.report().as_of - REFRESH)
        ahead = (self.ordinals(days) - last.toordinal())[:, None]
        seen = (ahead < 0) | ((ahead == 0) & (np.arange(len(self.family.cells)) <= last.hour))
        return Spread(spread.weights * seen[:, None, :], spread.price, spread.clicks, spread.buyers)


class _Cells:
    """A few days of the ads' counts, cut into cells (d, m, k) so that the counts of every cell fit each other."""

    def __init__(self, plan: _Plan, days: range) -> None:
        self._plan, self._known, self._days = plan, plan.known, slice(days.start, days.stop)
        self._ordinals = plan.ordinals(days)
        self._spread = plan.spread(days)
        self._weights = self._spread.weights[:, plan.owner]
        self._done: dict[str, Ints] = {}

    def tables(self, credit: Credit) -> Tables:
        """Give counts, purchases and values by cell."""
        counts = {name: self._count(name) for name in self._known.counts}
        purchases = self._purchases()
        return counts, credit.own(purchases), credit.own(self._values(purchases))

    def _count(self, name: str) -> Ints:
        if name not in self._done:
            self._done[name] = self._parted(name)
        return self._done[name]

    def _parted(self, name: str) -> Ints:
        total, u = self._known.counts[name][self._days], self._u(name)
        if name == "impressions":
            return split(total, self._weights, u)
        if name == "spend":
            return split_like(total, self._count("impressions") * self._tilt("price"), self._weights, u)
        if name == SECONDS:
            return split_like(total, self._count("impressions"), self._weights, u)
        source, rates = _FROM[name]
        return split_within(total, self._count(source), self._tilt(rates), self._weights, u)

    def _tilt(self, name: str) -> Floats:
        tilt: Floats = getattr(self._spread, name)[self._plan.owner] if name else np.ones(1)
        return tilt

    def _purchases(self) -> dict[str, Ints]:
        weights = self._weights * (self._tilt("clicks") * self._tilt("buyers"))
        found: dict[str, Ints] = {}
        for event in events(self._known.purchases):
            table = {name: self._known.purchases[event + name] for name in _STEPS}
            steps = {name: split(self._added(table, name), weights, self._u(f"purchases {name}")) for name in _STEPS}
            found |= {event + name: column for name, column in _piled(steps).items()}
        return found

    def _values(self, purchases: dict[str, Ints]) -> dict[str, Ints]:
        table, found = self._known.values, {}
        for name, less in _STEPS.items():
            bought = purchases[name] - (purchases[less] if less else 0)
            found[name] = split_like(self._added(table, name), bought, self._weights, self._u(f"values {name}"))
        return _piled(found)

    def _added(self, table: dict[str, Ints], name: str) -> Ints:
        """Give what a window adds to the shorter one it contains, so that windows stay in order in every cell."""
        less = _STEPS[name]
        column = table[name] - table[less] if less else table[name]
        return column[self._days]

    def _u(self, stream: str) -> Floats:
        lane = key_of(stream) % (1 << 30)
        return uniforms(self._plan.keys[None, :], self._ordinals[:, None], lane)[0]


def _piled(steps: dict[str, Ints]) -> dict[str, Ints]:
    found: dict[str, Ints] = {}
    for name, less in _STEPS.items():
        found[name] = steps[name] + found[less] if less else steps[name]
    return found
