"""The insights edge: which rows, which fields, in which order."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adopt.mock.chance import Flags, Ints
from adopt.mock.errors import invalid
from adopt.mock.figures import figure
from adopt.mock.filtering import Filter, filters_of
from adopt.mock.measures import Rows, gather
from adopt.mock.objects import LEVELS, Node, Objects
from adopt.mock.paging import page
from adopt.mock.params import Params, text, words
from adopt.mock.properties import FIELDS, is_field, read
from adopt.mock.spans import spans_of
from adopt.mock.world import World

LEVEL_NAMES = {"account": "account", "campaign": "campaign", "adset": "ad set", "ad": "ad"}
_WINDOWS = """
default 1d_click 7d_click 28d_click 1d_view 7d_view 28d_view 1d_ev custom dda incrementality
incrementality_all_conversions incrementality_first_conversions 1d_sequenced 7d_sequenced 28d_sequenced
7d_view_first_conversion 28d_view_first_conversion 7d_view_all_conversions 28d_view_all_conversions skan_click skan_view
skan_click_second_postback skan_view_second_postback skan_click_third_postback skan_view_third_postback
"""
WINDOW_NAMES = frozenset(_WINDOWS.split())
_DEFAULT = {
    "account": ("account_id",),
    "campaign": ("account_id", "campaign_id"),
    "ad set": ("account_id", "campaign_id", "adset_id"),
    "ad": ("account_id", "campaign_id", "adset_id", "ad_id"),
}
_ALWAYS = ("date_start", "date_stop")
_SELECTING = ("date_preset", "time_range", "time_ranges", "time_increment", "filtering", "sort", "breakdowns")


class Insights:
    """Answers insights calls; the selection made last is kept, because its next page is asked for at once."""

    def __init__(self, world: World, objects: Objects) -> None:
        self._world, self._objects = world, objects
        self._last: tuple[tuple[Any, ...], Rows, list[int]] | None = None

    def answer(self, node: Node, params: Params, url: str) -> dict[str, Any]:
        """Answer a call on a node."""
        level = _level(node, params)
        names, windows = _names(level, params), _windows(params)
        rows, places = self._select(node, level, params)

        def show(part: Sequence[int]) -> list[dict[str, Any]]:
            return _write(rows.take(np.asarray(part, np.int64)), names, windows)

        return page(places, range(len(places)), params, url, show)

    def forget(self) -> None:
        """Forget the selection made last: something was written."""
        self._last = None

    def _select(self, node: Node, level: str, params: Params) -> tuple[Rows, list[int]]:
        asked = tuple((name, text(params, name)) for name in _SELECTING)
        key = (self._world.report().as_of, node.id, level, *asked)
        if self._last is None or self._last[0] != key:
            filters, order = filters_of(params), _order(params)
            if words(params, "breakdowns"):
                raise invalid("Param breakdowns: this simulated account has no breakdowns")
            rows = _rows(self._world, self._objects, node, level, params, filters)
            self._last = key, rows, _places(rows, filters, order).tolist()
        return self._last[1], self._last[2]


def _level(node: Node, params: Params) -> str:
    asked = text(params, "level")
    if asked is None:
        return node.kind
    if asked not in LEVEL_NAMES:
        raise invalid(f"level must be one of the following values: {', '.join(LEVEL_NAMES)}")
    level = LEVEL_NAMES[asked]
    if LEVELS.index(level) < LEVELS.index(node.kind):
        raise invalid(f"level {asked} is not valid for this object")
    return level


def _names(level: str, params: Params) -> tuple[str, ...]:
    asked = words(params, "fields")
    if not asked:
        return (*_DEFAULT[level], "impressions", "spend", *_ALWAYS)
    for name in asked:
        if name not in FIELDS["insights"]:
            raise invalid(
                f"{name} is not valid for fields param. please check "
                "https://developers.facebook.com/docs/marketing-api/reference/ads-insights/ for all valid values"
            )
    return tuple(dict.fromkeys((*asked, *_ALWAYS)))


def _windows(params: Params) -> tuple[str, ...]:
    asked = words(params, "action_attribution_windows") or []
    for name in asked:
        if name not in WINDOW_NAMES:
            allowed = ", ".join(sorted(WINDOW_NAMES))
            raise invalid(f"action_attribution_windows[0] must be one of the following values: {allowed}")
    return tuple(dict.fromkeys(name for name in asked if name != "default"))


def _order(params: Params) -> list[tuple[str, bool]]:
    found = []
    for item in words(params, "sort") or []:
        name, _, direction = item.rpartition("_")
        if direction not in ("ascending", "descending") or name not in FIELDS["insights"]:
            raise invalid(f"Sorting field {item} is invalid.")
        found.append((name, direction == "descending"))
    return found


def _rows(world: World, objects: Objects, node: Node, level: str, params: Params, filters: Sequence[Filter]) -> Rows:
    today = world.calendar.date(world.calendar.today(world.now()))
    spans = spans_of(params, today, world.calendar.first)
    about = [one for one in filters if _object_field(one) is not None]
    groups = list(objects.of_kind(node, level))
    ads = [[ad for ad in group.below("ad") if all(_passes(ad, one, world) for one in about)] for group in groups]
    return gather(world, groups, ads, spans)


def _object_field(condition: Filter) -> tuple[str, str] | None:
    """Give the level and field of a condition on objects, None for one on figures."""
    prefix, dot, name = condition.field.partition(".")
    if not dot:
        prefix, _, name = condition.field.partition("_")
        return (LEVEL_NAMES[prefix], name) if prefix in LEVEL_NAMES and name in ("id", "name") else None
    name = "effective_status" if name == "delivery_info" else name
    if prefix not in LEVEL_NAMES:
        raise invalid(f"Filtering field {condition.field} is invalid.")
    return (LEVEL_NAMES[prefix], name) if name not in FIELDS["insights"] or name == "id" else None


def _passes(ad: Node, condition: Filter, world: World) -> bool:
    kind, name = _object_field(condition) or ("ad", "id")
    node = ad.above(kind)
    if not is_field(node, name):
        raise invalid(f"Filtering field {condition.field} is invalid.")
    value = read(node, name, world)
    return condition.holds("" if value is None else value)


def _places(rows: Rows, filters: Sequence[Filter], order: Sequence[tuple[str, bool]]) -> Ints:
    kept: Flags = np.ones(len(rows), bool)
    for condition in filters:
        if _object_field(condition) is None:
            name = condition.field.rpartition(".")[2]
            column = figure(rows, name, ()) if name in FIELDS["insights"] else None
            if column is None:
                raise invalid(f"Filtering field {condition.field} is invalid.")
            kept &= np.array([condition.holds(_plain(value)) for value in column], bool)
    places = np.flatnonzero(kept)
    for name, descending in reversed(order):
        column = figure(rows, name, ()) or [None] * len(rows)
        keys = [_key(column[place]) for place in places.tolist()]
        turn = sorted(range(len(places)), key=keys.__getitem__, reverse=descending)
        places = places[turn] if len(places) else places
    return places


def _plain(value: Any) -> Any:
    return value[0].get("value", "0") if isinstance(value, list) else "0" if value is None else value


def _key(value: Any) -> tuple[float, str]:
    plain = _plain(value)
    try:
        return float(plain), ""
    except ValueError:
        return 0.0, str(plain)


def _write(rows: Rows, names: tuple[str, ...], windows: tuple[str, ...]) -> list[dict[str, Any]]:
    columns = [(name, figure(rows, name, windows)) for name in names]
    known = [(name, column) for name, column in columns if column is not None]
    keys = [name for name, _ in known]
    return [
        {key: value for key, value in zip(keys, values, strict=True) if value is not None}
        for values in zip(*(column for _, column in known), strict=True)
    ]
