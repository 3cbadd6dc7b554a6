"""The fields of an insights row, written as Meta writes them: every figure a text."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from adopt.mock.actions import ACTION_TYPES, PLAIN, Column, Show, clicks, series, stats, total, value_of
from adopt.mock.businesses import PURCHASE
from adopt.mock.chance import Floats, Ints
from adopt.mock.gathering import attribution
from adopt.mock.measures import Group, Rows
from adopt.mock.outcomes import outcome_of
from adopt.mock.properties import read, stamp
from adopt.mock.rankings import ranking
from adopt.mock.watching import PLAYS, SECONDS, THRUPLAYS
from adopt.mock.world import World

KINDS = tuple(ACTION_TYPES)
ORDER = ("account", "campaign", "ad set", "ad")
OMNI, PIXEL = "omni_purchase", "offsite_conversion.fb_pixel_purchase"
_GOALS = {
    "LINK_CLICKS": ("link_clicks", "link_click"),
    "LANDING_PAGE_VIEWS": ("landed", "landing_page_view"),
    "THRUPLAY": ("video_views", "video_view"),
    "POST_ENGAGEMENT": ("engagements", "post_engagement"),
}
TOLD_BY_HOUR = ("link_clicks", "engagements", "form leads")
_EVENTS = {"ADD_TO_CART": "carts", "INITIATED_CHECKOUT": "checkouts", "CONTENT_VIEW": "viewed"}


def figure(rows: Rows, name: str, show: Show = PLAIN) -> Column | None:
    """Give a field of every row, None where a row lacks it; None alone if no row has such a field."""
    if name in _LISTS:
        return _LISTS[name](rows, show)
    return _FIELDS[name](rows) if name in _FIELDS else None


def _texts(column: Ints) -> Column:
    return list(map(str, column.tolist()))


def _money(rows: Rows, column: Ints) -> Column:
    return list(map(rows.money.text, column.tolist()))


def _ratio(top: Ints | Floats, bottom: Ints | Floats, zero: str | None = None) -> Column:
    safe = np.divide(top, bottom, out=np.zeros(len(bottom)), where=bottom > 0)
    return [f"{value:.6f}" if under > 0 else zero for value, under in zip(safe.tolist(), bottom.tolist(), strict=True)]


def _spent(rows: Rows) -> Floats:
    return rows.counts["spend"] / rows.money.offset


def _per_spend(count: Callable[[Rows], Ints]) -> Callable[[Rows], Column]:
    return lambda rows: _ratio(_spent(rows), count(rows))


def _link(rows: Rows) -> Ints:
    return rows.counts["link_clicks"]


def _shown(rows: Rows) -> Ints:
    return rows.counts["impressions"]


def _unique(count: Callable[[Rows], Ints]) -> Callable[[Rows], Ints]:
    """Give the people who did something: nearly as many as did it, for few do it twice."""

    def people(rows: Rows) -> Ints:
        done = count(rows)
        again = np.floor(done * (0.06 + 0.01 * np.tanh(rows.chance("again"))))
        found: Ints = np.minimum(done - again.astype(np.int64), np.maximum(rows.reach, done > 0))
        return found if rows.kind.people else np.zeros_like(found)

    return people


def _reaches(node: Any, kind: str) -> bool:
    return ORDER.index(kind) <= ORDER.index(node.kind)


def _of(kind: str, name: str) -> Callable[[Rows], Column]:
    """Give a property of each row's object of a kind."""

    def known(one: Group, world: World) -> Any:
        return read(one.node.above(kind), name, world) if _reaches(one.node, kind) else None

    return _told_once(known)


def _told_once(tell: Callable[[Group, World], Any]) -> Callable[[Rows], Column]:
    """Give something of what each row is about, worked out once for all rows of one object."""

    def column(rows: Rows) -> Column:
        places = rows.group.tolist()
        found = {place: tell(rows.groups[place], rows.world) for place in set(places)}
        return [found[place] for place in places]

    return column


def _time(kind: str, name: str, length: int) -> Callable[[Rows], Column]:
    """Give when something of each row's object happened, to the day (10) or to the second."""

    def known(one: Group, world: World) -> str | None:
        if kind and not _reaches(one.node, kind):
            return None
        own = one.node.above(kind or one.node.kind).own
        return stamp(own[name], world)[:length] if name in own else None

    return _told_once(known)


def _edge_of_span(side: str) -> Callable[[Rows], Column]:
    def dates(rows: Rows) -> Column:
        known = [getattr(one, side).isoformat() for one in rows.spans]
        return [known[place] for place in rows.span.tolist()]

    return dates


def _setting(one: Group, world: World) -> str | None:
    """Give the attribution settings of a row's ad sets, where they agree."""
    ad_sets = {ad.above("ad set").id: ad.above("ad set") for ad in one.ads}.values()
    found = {_setting_text(*attribution(ad_set, world)) for ad_set in ad_sets}
    return found.pop() if len(found) == 1 else "mixed" if found else None


def _setting_text(clicked: str, viewed: bool, engaged: bool) -> str:  # noqa: FBT001 - what an attribution setting is made of
    return "_".join(
        [*([clicked] if clicked else []), *(["1d_view"] if viewed else []), *(["1d_ev"] if engaged else [])]
    )


def _counts(_: Rows, counts: Ints) -> Column:
    return [str(count) if count else None for count in counts.tolist()]


def _amounts(rows: Rows, values: Ints) -> Column:
    return [rows.money.text(value) if value else None for value in values.tolist()]


def _costs(rows: Rows, counts: Ints) -> Column:
    return _ratio(_spent(rows), counts)


def _returns(rows: Rows, values: Ints) -> Column:
    ratios = _ratio(values / rows.money.offset, _spent(rows))
    return [one if value else None for one, value in zip(ratios, values.tolist(), strict=True)]


def _over(count: Callable[[Rows], Ints], percent: int = 1) -> Callable[[Rows, Ints], Column]:
    """Write an action as a ratio to another count."""

    def ratios(rows: Rows, counts: Ints) -> Column:
        found = _ratio(percent * counts, count(rows))
        return [one if value else None for one, value in zip(found, counts.tolist(), strict=True)]

    return ratios


def _only(kind: str, name: str, write: Callable[[Rows, Ints], Column], count: Any = series) -> Any:
    return lambda rows, show: total(rows, show, kind, name, write, count)


def _single(name: str, count: Callable[[Rows], Ints], write: Callable[[Rows, Ints], Column] = _counts) -> Any:
    """Give lists of one statistic that no window applies to."""

    def lists(rows: Rows, _: Show) -> Column:
        return [None if one is None else [{"action_type": name, "value": one}] for one in write(rows, count(rows))]

    return lists


def _video(stage: str) -> Any:
    return _single("video_view", lambda rows: rows.counts[stage])


def _video_cost(stage: str) -> Any:
    return _single("video_view", lambda rows: rows.counts[stage], _costs)


def _average(rows: Rows, _: Show) -> Column:
    plays, seconds = rows.counts[PLAYS], rows.counts[SECONDS]
    whole = np.divide(seconds, plays, out=np.zeros(len(plays)), where=plays > 0)
    return [
        [{"action_type": "video_view", "value": str(max(1, round(one)))}] if played else None
        for one, played in zip(whole.tolist(), plays.tolist(), strict=True)
    ]


def _curve(rows: Rows, _: Show) -> Column:
    """Give what share of the plays was still going on, in per cent, at 22 points of a video."""
    plays = rows.counts[PLAYS]
    ends = [rows.counts[name] for name in ("video 3s", "video 25%", "video 50%", "video 75%", "video 100%")]
    shares = np.array([np.divide(one, plays, out=np.zeros(len(plays)), where=plays > 0) for one in ends]).T
    points = np.linspace(0, 1, 22)
    found = []
    for played, share in zip(plays.tolist(), shares, strict=True):
        curve = np.interp(points, (0, 0.1, 0.25, 0.5, 0.75, 1), (1.0, *share))
        values = np.rint(100 * curve).astype(int).tolist()
        found.append([{"action_type": "video_view", "value": values}] if played else None)
    return found


def _goal(group: Group, world: World) -> tuple[str, str]:
    """Give which kind of action a row's results are, under which name."""
    ad_set = next((ad.above("ad set") for ad in group.ads), None)
    goal = read(ad_set, "optimization_goal", world) if ad_set else None
    if goal in _GOALS:
        return _GOALS[goal]
    promoted = (read(ad_set, "promoted_object", world) if ad_set else None) or {}
    kind = _EVENTS.get(str(promoted.get("custom_event_type")))
    if kind:
        return kind, ACTION_TYPES[kind][1]
    outcome = outcome_of(ad_set, world) if ad_set else PURCHASE
    return outcome.name, outcome.indicator


def _results(write: Callable[[Rows, Ints], Column]) -> Any:
    """Give results: what the row's ad sets are optimised for."""

    def lists(rows: Rows, show: Show) -> Column:
        goals = _told_once(_goal)(rows)
        texts = {kind: write(rows, series(rows, kind)) for kind, _ in set(goals)}
        found: list[Any] = []
        for place, (kind, name) in enumerate(goals):
            item: dict[str, Any] = {"indicator": f"actions:{name}"}
            value = texts[kind][place] if show.off_meta or kind in TOLD_BY_HOUR else None
            if value is not None:
                item["values"] = [{"value": value, "attribution_windows": ["default"]}]
            found.append([item])
        return found

    return lists


def _indicator(group: Group, world: World) -> str:
    return f"actions:{_goal(group, world)[1]}"


def _people(rows: Rows, kind: str, window: str | None = None) -> Ints:
    return _unique(lambda one: series(one, kind, window))(rows)


def _bought(rows: Rows, _kind: str = "", window: str | None = None) -> Ints:
    return series(rows, "purchases", window)


def _order(rows: Rows, values: Ints) -> Column:
    return _ratio(values / rows.money.offset, _bought(rows))


_LISTS: dict[str, Callable[[Rows, Show], Column]] = {
    "actions": lambda rows, show: stats(rows, show, KINDS, _counts),
    "action_values": lambda rows, show: stats(rows, show, ("purchases",), _amounts, value_of),
    "cost_per_action_type": lambda rows, show: stats(rows, show, KINDS, _costs),
    "unique_actions": lambda rows, show: stats(rows, show, KINDS, _counts, _people),
    "cost_per_unique_action_type": lambda rows, show: stats(rows, show, KINDS, _costs, _people),
    "purchase_roas": _only("purchases", OMNI, _returns, value_of),
    "website_purchase_roas": _only("purchases", PIXEL, _returns, value_of),
    "average_purchases_conversion_value": _only("purchases", OMNI, _order, value_of),
    "results": _results(_counts),
    "cost_per_result": _results(_costs),
    "result_rate": _results(_over(_shown, 100)),
    "objective_results": _results(_counts),
    "cost_per_objective_result": _results(_costs),
    "objective_result_rate": _results(_over(_shown, 100)),
    "link_clicks_per_results": _results(_over(_link, 100)),
    "outbound_clicks": _single("outbound_click", _link),
    "outbound_clicks_ctr": _single("outbound_click", _link, _over(_shown, 100)),
    "cost_per_outbound_click": _single("outbound_click", _link, _costs),
    "unique_outbound_clicks": _single("outbound_click", _unique(_link)),
    "unique_outbound_clicks_ctr": _single("outbound_click", _unique(_link), _over(lambda rows: rows.reach, 100)),
    "cost_per_unique_outbound_click": _single("outbound_click", _unique(_link), _costs),
    "website_ctr": _single("link_click", _link, _over(_shown, 100)),
    "video_play_actions": _video(PLAYS),
    "video_continuous_2_sec_watched_actions": _video("video 2s"),
    "video_6_sec_watched_actions": _video("video 6s"),
    "video_15_sec_watched_actions": _video("video 15s"),
    "video_30_sec_watched_actions": _video("video 30s"),
    "video_thruplay_watched_actions": _video(THRUPLAYS),
    "video_p25_watched_actions": _video("video 25%"),
    "video_p50_watched_actions": _video("video 50%"),
    "video_p75_watched_actions": _video("video 75%"),
    "video_p95_watched_actions": _video("video 95%"),
    "video_p100_watched_actions": _video("video 100%"),
    "video_time_watched_actions": _video(SECONDS),
    "video_avg_time_watched_actions": _average,
    "video_play_curve_actions": _curve,
    "video_view_per_impression": _single("video_view", lambda rows: rows.counts["video 3s"], _over(_shown)),
    "unique_video_continuous_2_sec_watched_actions": _single(
        "video_view", _unique(lambda rows: rows.counts["video 2s"])
    ),
    "unique_video_view_15_sec": _single("video_view", _unique(lambda rows: rows.counts["video 15s"])),
    "cost_per_2_sec_continuous_video_view": _video_cost("video 2s"),
    "cost_per_6_sec_video_view": _video_cost("video 6s"),
    "cost_per_15_sec_video_view": _video_cost("video 15s"),
    "cost_per_thruplay": _video_cost(THRUPLAYS),
}
_FIELDS: dict[str, Callable[[Rows], Column]] = {
    "account_id": lambda rows: [rows.world.account.id] * len(rows),
    "account_name": _of("account", "name"),
    "account_currency": lambda rows: [rows.money.code] * len(rows),
    "campaign_id": _of("campaign", "id"),
    "campaign_name": _of("campaign", "name"),
    "adset_id": _of("ad set", "id"),
    "adset_name": _of("ad set", "name"),
    "ad_id": _of("ad", "id"),
    "ad_name": _of("ad", "name"),
    "date_start": _edge_of_span("since"),
    "date_stop": _edge_of_span("until"),
    "created_time": _time("", "created_time", 10),
    "updated_time": _time("", "updated_time", 10),
    "adset_start": _time("ad set", "created_time", 24),
    "adset_end": _time("ad set", "end_time", 24),
    "objective": _of("campaign", "objective"),
    "buying_type": _of("campaign", "buying_type"),
    "optimization_goal": _of("ad set", "optimization_goal"),
    "attribution_setting": _told_once(_setting),
    "result_values_performance_indicator": _told_once(_indicator),
    "quality_ranking": partial(ranking, "quality"),
    "engagement_rate_ranking": partial(ranking, "engagement"),
    "conversion_rate_ranking": partial(ranking, "conversion"),
    "impressions": lambda rows: _texts(_shown(rows)),
    "spend": lambda rows: _money(rows, rows.counts["spend"]),
    "clicks": lambda rows: _texts(clicks(rows)),
    "inline_link_clicks": lambda rows: _texts(_link(rows)),
    "inline_post_engagement": lambda rows: _texts(series(rows, "engagements")),
    "unique_clicks": lambda rows: _texts(_unique(clicks)(rows)),
    "unique_inline_link_clicks": lambda rows: _texts(_unique(_link)(rows)),
    "reach": lambda rows: _texts(rows.reach),
    "full_view_impressions": lambda rows: _texts(np.rint(0.62 * _shown(rows)).astype(np.int64)),
    "full_view_reach": lambda rows: _texts(np.rint(0.71 * rows.reach).astype(np.int64)),
    "frequency": lambda rows: _ratio(_shown(rows), rows.reach, "0"),
    "ctr": lambda rows: _ratio(100 * clicks(rows), _shown(rows), "0"),
    "inline_link_click_ctr": lambda rows: _ratio(100 * _link(rows), _shown(rows), "0"),
    "unique_ctr": lambda rows: _ratio(100 * _unique(clicks)(rows), rows.reach, "0"),
    "unique_inline_link_click_ctr": lambda rows: _ratio(100 * _unique(_link)(rows), rows.reach, "0"),
    "unique_link_clicks_ctr": lambda rows: _ratio(100 * _unique(_link)(rows), rows.reach, "0"),
    "cpm": lambda rows: _ratio(1000 * _spent(rows), _shown(rows)),
    "cpp": lambda rows: _ratio(1000 * _spent(rows), rows.reach),
    "cpc": _per_spend(clicks),
    "cost_per_inline_link_click": _per_spend(_link),
    "cost_per_inline_post_engagement": _per_spend(lambda rows: series(rows, "engagements")),
    "cost_per_unique_click": _per_spend(_unique(clicks)),
    "cost_per_unique_inline_link_click": _per_spend(_unique(_link)),
    "landing_page_view_per_link_click": lambda rows: _ratio(rows.counts["landed"], _link(rows)),
    "landing_page_view_actions_per_link_click": lambda rows: _ratio(rows.counts["landed"], _link(rows)),
    "landing_page_view_per_purchase_rate": lambda rows: _ratio(rows.counts["landed"], _bought(rows)),
    "purchase_per_landing_page_view": lambda rows: _ratio(_bought(rows), rows.counts["landed"]),
    "purchases_per_link_click": lambda rows: _ratio(_bought(rows), _link(rows)),
    "social_spend": lambda rows: _money(rows, np.zeros(len(rows), np.int64)),
    "wish_bid": lambda rows: ["0"] * len(rows),
}
KNOWN = frozenset({*_LISTS, *_FIELDS})
# Fields that tell what happened off Meta in one figure, and are absent where that is not told.
OFF_META = frozenset(
    {
        "landing_page_view_per_link_click",
        "landing_page_view_actions_per_link_click",
        "landing_page_view_per_purchase_rate",
        "purchase_per_landing_page_view",
        "purchases_per_link_click",
    }
)
