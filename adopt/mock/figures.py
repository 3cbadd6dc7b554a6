"""The fields of an insights row, written as Meta writes them: every figure a text."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adopt.mock.chance import Floats, Ints
from adopt.mock.measures import Rows
from adopt.mock.properties import stamp
from adopt.mock.reporting import CLICK_WINDOWS, WINDOWS

# Overlapping names of the same events: they must never be added up.
ACTION_TYPES: dict[str, tuple[str, ...]] = {
    "link_clicks": ("link_click",),
    "engagements": ("post_engagement", "page_engagement"),
    "landed": ("landing_page_view", "omni_landing_page_view"),
    "viewed": ("view_content", "offsite_conversion.fb_pixel_view_content", "omni_view_content"),
    "carts": ("add_to_cart", "offsite_conversion.fb_pixel_add_to_cart", "omni_add_to_cart"),
    "checkouts": ("initiate_checkout", "offsite_conversion.fb_pixel_initiate_checkout", "omni_initiated_checkout"),
    "purchases": ("purchase", "offsite_conversion.fb_pixel_purchase", "omni_purchase", "onsite_web_purchase"),
}
_SAME_AS = {"viewed": "landed"}
_BUYERS_TOO = ("carts", "checkouts")  # a buyer filled a cart and went to the checkout
Column = Sequence[Any]
Windows = tuple[str, ...]


def figure(rows: Rows, name: str, windows: Windows) -> Column | None:
    """Give a field of every row, None where a row lacks it; None alone if no row has such a field."""
    if name in _LISTS:
        return _LISTS[name](rows, windows)
    return _FIELDS[name](rows) if name in _FIELDS else None


def clicks(rows: Rows) -> Ints:
    """Give all clicks: on the link and elsewhere."""
    return rows.counts["link_clicks"] + rows.counts["other_clicks"]


def _texts(column: Ints) -> Column:
    return list(map(str, column.tolist()))


def _money(rows: Rows, column: Ints) -> Column:
    return list(map(rows.money.text, column.tolist()))


def _ratio(top: Ints | Floats, bottom: Ints | Floats, zero: str | None = None) -> Column:
    safe = np.divide(top, bottom, out=np.zeros(len(bottom)), where=bottom > 0)
    return [f"{value:.6f}" if under > 0 else zero for value, under in zip(safe.tolist(), bottom.tolist(), strict=True)]


def _spent(rows: Rows) -> Floats:
    return rows.counts["spend"] / rows.money.offset


def _ident(kind: str) -> Callable[[Rows], Column]:
    return lambda rows: [node.above(kind).id if _reaches(node, kind) else None for node in rows.nodes]


def _name(kind: str) -> Callable[[Rows], Column]:
    return lambda rows: [node.above(kind).own["name"] if _reaches(node, kind) else None for node in rows.nodes]


def _reaches(node: Any, kind: str) -> bool:
    order = ("account", "campaign", "ad set", "ad")
    return order.index(kind) <= order.index(node.kind)


def _constant(value: str) -> Callable[[Rows], Column]:
    return lambda rows: [value] * len(rows)


def _below(kind: str, value: str) -> Callable[[Rows], Column]:
    return lambda rows: [value if _reaches(node, kind) else None for node in rows.nodes]


def _edge_of_span(side: str) -> Callable[[Rows], Column]:
    def dates(rows: Rows) -> Column:
        known = [getattr(one, side).isoformat() for one in rows.spans]
        return [known[place] for place in rows.span.tolist()]

    return dates


def _moment(name: str) -> Callable[[Rows], Column]:
    return lambda rows: [stamp(node.own[name], rows.world)[:10] for node in rows.nodes]


def series(rows: Rows, what: str, window: str | None = None) -> Ints:
    """Give one kind of action by row: as attributed, or within one attribution window."""
    clicked = window is None or window in CLICK_WINDOWS
    none = np.zeros(len(rows), np.int64)
    if what == "engagements":
        return clicks(rows) if clicked else none
    own = rows.counts[_SAME_AS.get(what, what)] if what != "purchases" and clicked else none
    if what != "purchases" and what not in _BUYERS_TOO:
        return own
    bought = {one: rows.purchases.get(f"{what} {one}", rows.purchases[one]) for one in WINDOWS}
    if window is None:
        return own + rows.attributed(bought)
    return own + bought[window] if window in WINDOWS else own


def _values(rows: Rows, window: str | None = None) -> Ints:
    if window is None:
        return rows.attributed(rows.values)
    return rows.values[window] if window in WINDOWS else np.zeros(len(rows), np.int64)


def _stats(
    kinds: Sequence[str], write: Callable[[Rows, str, str | None], Column], rows: Rows, windows: Windows
) -> Column:
    """Give lists of action statistics; an action a row lacks is left out, and so is an empty window."""
    found: list[list[dict[str, str]]] = [[] for _ in range(len(rows))]
    for kind in kinds:
        keys = ("value", *windows)
        columns = [write(rows, kind, None), *(write(rows, kind, window) for window in windows)]
        for items, *texts in zip(found, *columns, strict=True):
            if texts[0] is not None or any(one is not None for one in texts):
                stats = {key: one for key, one in zip(keys, texts, strict=True) if one is not None}
                stats = {"value": "0", **stats}
                items += [{"action_type": name, **stats} for name in ACTION_TYPES[kind]]
    return [items or None for items in found]


def _count(rows: Rows, kind: str, window: str | None) -> Column:
    return [str(count) if count else None for count in series(rows, kind, window).tolist()]


def _worth(rows: Rows, _kind: str, window: str | None) -> Column:
    return [rows.money.text(value) if value else None for value in _values(rows, window).tolist()]


def _cost(rows: Rows, kind: str, window: str | None) -> Column:
    return _ratio(_spent(rows), series(rows, kind, window))


def _return(rows: Rows, _kind: str, window: str | None) -> Column:
    ratios = _ratio(_values(rows, window) / rows.money.offset, _spent(rows))
    return [one if value else None for one, value in zip(ratios, _values(rows, window).tolist(), strict=True)]


def _only(name: str, column: Column) -> Column:
    """Keep of each list the one action type."""
    return [[one for one in items if one["action_type"] == name] if items else None for items in column]


def _outbound(rows: Rows, _: Windows) -> Column:
    counts = rows.counts["link_clicks"].tolist()
    return [[{"action_type": "outbound_click", "value": str(count)}] if count else None for count in counts]


_LISTS: dict[str, Callable[[Rows, Windows], Column]] = {
    "actions": lambda rows, windows: _stats(tuple(ACTION_TYPES), _count, rows, windows),
    "action_values": lambda rows, windows: _stats(("purchases",), _worth, rows, windows),
    "cost_per_action_type": lambda rows, windows: _stats(tuple(ACTION_TYPES), _cost, rows, windows),
    "purchase_roas": lambda rows, windows: _only("omni_purchase", _stats(("purchases",), _return, rows, windows)),
    "website_purchase_roas": lambda rows, windows: _only(
        "offsite_conversion.fb_pixel_purchase", _stats(("purchases",), _return, rows, windows)
    ),
    "outbound_clicks": _outbound,
}
_FIELDS: dict[str, Callable[[Rows], Column]] = {
    "account_id": lambda rows: [rows.world.account.id] * len(rows),
    "account_name": _name("account"),
    "account_currency": lambda rows: [rows.money.code] * len(rows),
    "campaign_id": _ident("campaign"),
    "campaign_name": _name("campaign"),
    "adset_id": _ident("ad set"),
    "adset_name": _name("ad set"),
    "ad_id": _ident("ad"),
    "ad_name": _name("ad"),
    "date_start": _edge_of_span("since"),
    "date_stop": _edge_of_span("until"),
    "created_time": _moment("created_time"),
    "updated_time": _moment("updated_time"),
    "objective": _below("campaign", "OUTCOME_SALES"),
    "buying_type": _below("campaign", "AUCTION"),
    "optimization_goal": _below("ad set", "OFFSITE_CONVERSIONS"),
    "attribution_setting": _constant("7d_click_1d_view"),
    "impressions": lambda rows: _texts(rows.counts["impressions"]),
    "spend": lambda rows: _money(rows, rows.counts["spend"]),
    "clicks": lambda rows: _texts(clicks(rows)),
    "inline_link_clicks": lambda rows: _texts(rows.counts["link_clicks"]),
    "inline_post_engagement": lambda rows: _texts(clicks(rows)),
    "reach": lambda rows: _texts(rows.reach),
    "frequency": lambda rows: _ratio(rows.counts["impressions"], rows.reach, "0"),
    "ctr": lambda rows: _ratio(100 * clicks(rows), rows.counts["impressions"], "0"),
    "inline_link_click_ctr": lambda rows: _ratio(100 * rows.counts["link_clicks"], rows.counts["impressions"], "0"),
    "cpm": lambda rows: _ratio(1000 * _spent(rows), rows.counts["impressions"]),
    "cpp": lambda rows: _ratio(1000 * _spent(rows), rows.reach),
    "cpc": lambda rows: _ratio(_spent(rows), clicks(rows)),
    "cost_per_inline_link_click": lambda rows: _ratio(_spent(rows), rows.counts["link_clicks"]),
    "social_spend": lambda rows: _money(rows, np.zeros(len(rows), np.int64)),
}
