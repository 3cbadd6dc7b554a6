"""The insights edge: which rows, which fields, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adopt.mock.actions import Show
from adopt.mock.assets import by_asset
from adopt.mock.breakdowns import family_of
from adopt.mock.cells import family
from adopt.mock.chance import Flags, Ints
from adopt.mock.errors import invalid
from adopt.mock.figures import OFF_META, figure
from adopt.mock.filtering import Filter
from adopt.mock.gathering import Cut, gather
from adopt.mock.measures import Group, Rows
from adopt.mock.objects import Node, Objects
from adopt.mock.paging import page
from adopt.mock.params import Params, text
from adopt.mock.properties import FIELDS, is_field, read
from adopt.mock.query import ALWAYS, Query, figure_of, is_action, label_of, object_of, query_of, too_many_rows
from adopt.mock.spans import Span
from adopt.mock.world import World

KEPT = 16  # selections kept: their next pages are asked for at once
MOST_ROWS, MOST_CELLS = 2_000_000, 400_000_000  # a call may make and work through; report runs five times as many
_PATIENCE = 5
_SHOWING = ("limit", "after", "before", "offset", "access_token", "as")  # parameters that do not select


@dataclass(frozen=True)
class Selection:
    """A call's rows in their order, and what to show of them."""

    query: Query
    rows: Rows
    places: Ints
    whole: Group


class Insights:
    """Answers insights calls; the last selections are kept."""

    def __init__(self, world: World, objects: Objects) -> None:
        self._world, self._objects = world, objects
        self._kept: dict[tuple[Any, ...], Selection] = {}

    def answer(self, node: Node, params: Params, url: str) -> dict[str, Any]:
        """Answer a call on a node."""
        return self.shown(self.select(node, params), params, url)

    def shown(self, selection: Selection, params: Params, url: str) -> dict[str, Any]:
        """Give a page of a selection's rows, and their summary if it was asked for."""
        rows, places = selection.rows, selection.places

        def show(part: Sequence[int]) -> list[dict[str, Any]]:
            return _write(rows.take(places[part]), selection.query)

        every = range(len(places))
        answer = page(every, every, params, url, show)
        return answer if selection.query.summary is None else answer | {"summary": _summary(selection)}

    def check(self, node: Node, params: Params) -> None:
        """Refuse a call a report run could not answer."""
        self._query(node, params, later=True)

    def forget(self) -> None:
        """Forget the selections kept: something was written."""
        self._kept.clear()

    def select(self, node: Node, params: Params, *, later: bool = False) -> Selection:
        """Find a call's rows; `later` is for those of a report run."""
        asked = tuple((name, text(params, name)) for name in sorted(params) if name not in _SHOWING)
        key = (self._world.report().as_of, node.id, later, *asked)
        if key not in self._kept:
            query = self._query(node, params, later=later)
            found = self._found(node, query, _PATIENCE if later else 1)
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = found
        return self._kept[key]

    def _query(self, node: Node, params: Params, *, later: bool) -> Query:
        calendar = self._world.calendar
        today = calendar.date(calendar.today(self._world.now()))
        return query_of(node, params, today, calendar.first, later=later)

    def _found(self, node: Node, query: Query, patience: int) -> Selection:
        world = self._world
        about = [one for one in query.filters if not is_action(one) and not label_of(one) and object_of(one)]
        groups = [Group(one, _ads(one, about, world)) for one in self._objects.of_kind(node, query.level)]
        if query.breakdowns.empty:
            groups = []
        if query.breakdowns.asset is not None:
            groups = by_asset(groups, query.breakdowns.asset, world)
        cut = _cut(query)
        _check_size(query, groups, cut, patience)
        rows = gather(world, groups, query.spans, cut, videos=query.videos)
        whole = Group(node, [ad for one in groups for ad in one.ads])
        return Selection(query, rows, _places(rows, query), whole)


def _ads(node: Node, about: Sequence[Filter], world: World) -> list[Node]:
    return [ad for ad in node.below("ad") if all(_passes(ad, one, world) for one in about)]


def _passes(ad: Node, condition: Filter, world: World) -> bool:
    kind, name = object_of(condition) or ("ad", "id")
    node = ad.above(kind)
    if not is_field(node, name):
        raise invalid(f"Filtering field {condition.field} is invalid.")
    value = read(node, name, world)
    return condition.holds("" if value is None else value)


def _cut(query: Query) -> Cut | None:
    names = family_of(query.cut) if query.cut else None
    if names is None:
        return None
    conditions = [one for one in query.filters if label_of(one) in names]

    def keep(labels: dict[str, str]) -> bool:
        return all(one.holds(labels[one.field]) for one in conditions)

    return Cut(family(names), tuple(name for name in query.breakdowns.rows if name in names), keep)


def _check_size(query: Query, groups: Sequence[Group], cut: Cut | None, patience: int) -> None:
    cells = len(cut.family.cells) if cut else 1
    ads = sum(len(one.ads) for one in groups)
    days = sum((one.until - one.since).days + 1 for one in query.spans)
    if (
        len(groups) * len(query.spans) * cells > patience * MOST_ROWS
        or ads * min(days, 1200) * cells > patience * MOST_CELLS
    ):
        raise too_many_rows()


def _places(rows: Rows, query: Query) -> Ints:
    kept: Flags = np.ones(len(rows), bool)
    for condition in query.filters:
        if not is_action(condition) and not label_of(condition) and object_of(condition) is None:
            column = _column(rows, *figure_of(condition), condition.field)
            kept &= np.array([condition.holds(value) for value in column], bool)
    places = np.flatnonzero(kept)
    for name, descending in reversed(query.order):
        field, _, kind = name.partition(":")
        column = rows.labels(field) if field in query.breakdowns.rows else _column(rows, field, kind or None, name)
        keys = [_key(column[place]) for place in places.tolist()]
        turn = sorted(range(len(places)), key=keys.__getitem__, reverse=descending)
        places = places[turn] if len(places) else places
    return places


def _column(rows: Rows, name: str, kind: str | None, asked: str) -> Sequence[Any]:
    """Give a field of every row as one plain value: of a list the first, or that of an action type."""
    if name not in FIELDS["insights"]:
        raise invalid(f"Filtering field {asked} is invalid.")
    column = figure(rows, name)
    return [_plain(value, kind) for value in column or [None] * len(rows)]


def _plain(value: Any, kind: str | None) -> Any:
    if not isinstance(value, list):
        return "0" if value is None else value
    return next((one.get("value", "0") for one in value if kind in (None, one.get("action_type"))), "0")


def _key(plain: Any) -> tuple[float, str]:
    try:
        return float(plain), ""
    except (TypeError, ValueError):
        return 0.0, str(plain)


def _show(query: Query, actions: tuple[str, ...]) -> Show:
    conditions = [one for one in query.filters if is_action(one)]

    def keeps(name: str) -> bool:
        return all(one.holds(name) for one in conditions)

    return Show(query.windows, actions, query.breakdowns.off_meta, keeps if conditions else None)


def _write(rows: Rows, query: Query) -> list[dict[str, Any]]:
    columns = _columns(rows, query, query.names, _show(query, query.breakdowns.actions))
    columns += [(name, rows.labels(name)) for name in query.breakdowns.rows]
    keys = [name for name, _ in columns]
    return [
        {key: value for key, value in zip(keys, values, strict=True) if value is not None}
        for values in zip(*(column for _, column in columns), strict=True)
    ]


def _columns(rows: Rows, query: Query, names: Sequence[str], show: Show) -> list[tuple[str, Sequence[Any]]]:
    found = []
    old = [not query.told("reach", one.since) for one in query.spans]
    for name in names:
        column = None if name in OFF_META and not show.off_meta else figure(rows, name, show)
        if column is not None and any(old):
            gone = [not query.told(name, one.since) for one in rows.spans]
            column = [None if gone[span] else one for one, span in zip(column, rows.span.tolist(), strict=True)]
        if column is not None:
            found.append((name, column))
    return found


def _summary(selection: Selection) -> dict[str, Any]:
    query, rows = selection.query, selection.rows.take(selection.places)
    names = query.summary or ALWAYS
    spans = query.spans or (Span(query.today, query.today),)
    span = Span(min(one.since for one in spans), max(one.until for one in spans))
    whole = rows.total(selection.whole, span)
    columns = _columns(whole, query, names, _show(query, query.summary_actions))
    return {name: column[0] for name, column in columns if column[0] is not None}
