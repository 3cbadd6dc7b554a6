"""The lists of actions in an insights row: which there are, under which names, and how many in which window."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adopt.mock.chance import Floats, Ints
from adopt.mock.measures import OWN, Rows
from adopt.mock.reporting import CLICK_WINDOWS, WINDOWS
from adopt.mock.splitting import split
from adopt.mock.watching import VIEWS

# Overlapping names of the same events: they must never be added up.
ACTION_TYPES: dict[str, tuple[str, ...]] = {
    "link_clicks": ("link_click",),
    "engagements": ("post_engagement", "page_engagement"),
    "video_views": ("video_view",),
    "landed": ("landing_page_view", "omni_landing_page_view"),
    "viewed": ("view_content", "offsite_conversion.fb_pixel_view_content", "omni_view_content"),
    "carts": ("add_to_cart", "offsite_conversion.fb_pixel_add_to_cart", "omni_add_to_cart"),
    "checkouts": ("initiate_checkout", "offsite_conversion.fb_pixel_initiate_checkout", "omni_initiated_checkout"),
    "purchases": ("purchase", "offsite_conversion.fb_pixel_purchase", "omni_purchase", "onsite_web_purchase"),
    "leads": ("lead",),
    "website leads": ("offsite_conversion.fb_pixel_lead",),
    "form leads": ("onsite_conversion.lead_grouped",),
    "installs": ("mobile_app_install", "omni_app_install"),
}
ON_META = ("link_clicks", "engagements", "video_views")  # what happens on Meta, and is told by hour, region and device
_NOT_BOUGHT = ("website leads", "form leads", "installs")  # what people do who do not buy
_OUTCOMES = {"leads": ("website leads", "form leads"), **{one: (one,) for one in _NOT_BOUGHT}}
_TOLD_ALWAYS = {"form leads": ("lead", "onsite_conversion.lead_grouped")}  # on Meta too: the only leads told by hour
_SAME_AS = {"viewed": "landed"}
_BUYERS_TOO = ("carts", "checkouts")  # a buyer filled a cart and went to the checkout
_DEVICES = {
    "android_smartphone": 0.41,
    "iphone": 0.43,
    "desktop": 0.09,
    "ipad": 0.03,
    "android_tablet": 0.02,
    "other": 0.02,
}
Column = Sequence[Any]


@dataclass(frozen=True)
class Show:
    """How the actions of rows are to be shown."""

    windows: tuple[str, ...] = ()
    breakdowns: tuple[str, ...] = ("action_type",)
    off_meta: bool = True
    keeps: Callable[[str], bool] | None = None  # of the action types

    def kept(self, name: str) -> bool:
        """Tell whether an action type is to be shown."""
        return self.keeps is None or self.keeps(name)


PLAIN = Show()
Write = Callable[[Rows, Ints], Column]


def clicks(rows: Rows) -> Ints:
    """Give all clicks: on the link and elsewhere."""
    return rows.counts["link_clicks"] + rows.counts["other_clicks"]


def series(rows: Rows, what: str, window: str | None = None) -> Ints:
    """Give one kind of action by row: as attributed, or within one attribution window."""
    clicked = window is None or window in CLICK_WINDOWS
    none = np.zeros(len(rows), np.int64)
    if what in ON_META:
        return _on_meta(rows, what) if clicked else none
    if what in _OUTCOMES:
        return none + sum(_windowed(_of(rows, one), window, none) for one in _OUTCOMES[what] if one in _present(rows))
    own = rows.counts[_SAME_AS.get(what, what)] if what != "purchases" and clicked else none
    if what != "purchases" and what not in _BUYERS_TOO:
        return own
    bought = {one: rows.purchases.get(f"{what} {one}", rows.purchases[one]) for one in (OWN, *WINDOWS)}
    return own + _windowed(bought, window, none)


def worth(rows: Rows, window: str | None = None) -> Ints:
    """Give the value of purchases by row, in minor units: as attributed, or within one attribution window."""
    return _windowed(rows.values, window, np.zeros(len(rows), np.int64))


def stats(rows: Rows, show: Show, kinds: Sequence[str], write: Write, count: Callable[..., Ints] = series) -> Column:
    """Give lists of action statistics; an action a row lacks is left out, and so is an empty window."""
    found: list[list[dict[str, str]]] = [[] for _ in range(len(rows))]
    for kind in kinds:
        names = [name for name in _names(rows, show, kind) if show.kept(name)]
        if not names:
            continue
        for labels, part in _parts(rows, show, kind, count):
            _add(found, rows, show.windows, _items(show, names, labels), part, write)
    return [items or None for items in found]


def results(rows: Rows) -> Ints:
    """Give what the rows' ad sets are after, whatever it is, as attributed."""
    return rows.purchases[OWN] + sum(_of(rows, one)[OWN] for one in _present(rows))


def _names(rows: Rows, show: Show, kind: str) -> Sequence[str]:
    """Give the action types under which a kind of action is told, none where rows cannot have it."""
    if kind in _OUTCOMES and not _present(rows) & {*_OUTCOMES[kind]}:
        return ()
    if show.off_meta or kind in ON_META:
        return ACTION_TYPES[kind]
    return _TOLD_ALWAYS.get(kind, ())


def _present(rows: Rows) -> set[str]:
    """Give the outcomes other than purchases that the rows know of."""
    return {one for one in _NOT_BOUGHT if f"{one} {OWN}" in rows.purchases}


def _of(rows: Rows, outcome: str) -> dict[str, Ints]:
    return {window: rows.purchases[f"{outcome} {window}"] for window in (OWN, *WINDOWS)}


def total(rows: Rows, show: Show, kind: str, name: str, write: Write, count: Callable[..., Ints] = series) -> Column:
    """Give lists with one kind of action under one name of it."""
    if not show.off_meta and kind not in ON_META:
        return [None] * len(rows)
    found: list[list[dict[str, str]]] = [[] for _ in range(len(rows))]
    _add(found, rows, show.windows, [{"action_type": name}], lambda window: count(rows, kind, window), write)
    return [items or None for items in found]


def value_of(rows: Rows, _kind: str, window: str | None = None) -> Ints:
    """Give what purchases were worth, whatever the kind."""
    return worth(rows, window)


def _on_meta(rows: Rows, what: str) -> Ints:
    views = rows.counts.get(VIEWS, np.zeros(len(rows), np.int64))
    return {"link_clicks": rows.counts["link_clicks"], "engagements": clicks(rows) + views, "video_views": views}[what]


def _windowed(table: dict[str, Ints], window: str | None, none: Ints) -> Ints:
    if window is None:
        return table[OWN]
    return table[window] if window in WINDOWS else none


def _items(show: Show, names: Sequence[str], labels: dict[str, str]) -> list[dict[str, str]]:
    if "action_type" not in show.breakdowns:
        return [labels]
    return [{"action_type": name, **labels} for name in names]


def _add(
    found: list[list[dict[str, str]]],
    rows: Rows,
    windows: tuple[str, ...],
    items: list[dict[str, str]],
    part: Callable[[str | None], Ints],
    write: Write,
) -> None:
    keys = ("value", *windows)
    columns = [write(rows, part(None)), *(write(rows, part(window)) for window in windows)]
    for place, texts in enumerate(zip(*columns, strict=True)):
        shown = {key: one for key, one in zip(keys, texts, strict=True) if one is not None}
        if shown:
            found[place] += [{**item, "value": "0", **shown} for item in items]


def _parts(
    rows: Rows, show: Show, kind: str, count: Callable[..., Ints]
) -> Iterator[tuple[dict[str, str], Callable[[str | None], Ints]]]:
    """Give the parts an action is broken down into; what happens off Meta is told whole, without labels."""
    labels = {}
    if kind in ON_META and "action_destination" in show.breakdowns:
        labels["action_destination"] = rows.world.account.trade.site
    if kind in ON_META and "action_target_id" in show.breakdowns:
        labels["action_target_id"] = rows.world.account.page
    if kind not in ON_META or "action_device" not in show.breakdowns:
        yield labels, lambda window: count(rows, kind, window)
        return
    weights = np.array([*_DEVICES.values()]) * np.ones((len(rows), 1))
    chance = _uniform(rows.chance(f"devices {kind}"))
    for place, device in enumerate(_DEVICES):
        yield (
            {"action_device": device, **labels},
            lambda window, place=place: split(count(rows, kind, window), weights, chance)[:, place],  # type: ignore[misc]
        )


def _uniform(z: Floats) -> Floats:
    """Give uniform numbers of normal ones, roughly: they only decide roundings."""
    flat: Floats = 1 / (1 + np.exp(-1.702 * z))
    return flat
