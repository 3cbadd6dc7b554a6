"""A seed as a panel: the account's reports over its life, how they grew, and what its truth log knows."""

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

import numpy as np

from adopt.mock.account import Options
from adopt.mock.orders import CLICK
from bench.realism.flight import DAY, HOUR, Flight
from bench.realism.frame import Daily, Floats, Panel, Waves, daily
from bench.realism.twins import twins

BEGINS: Final = datetime(2026, 9, 1, 12)  # noqa: DTZ001 - noon where the account is
LOOKS, AFTER = 14, 9  # noons at which reports are read; days watched after delivery stopped
FIELDS: Final = "campaign_id,adset_id,ad_id,spend,impressions,reach,inline_link_clicks,actions,action_values,date_start"
LANDED, BOUGHT = "landing_page_view", "omni_purchase"
AGES: Final = (1, 3, 7)
ENOUGH: Final = 50  # purchases a day, for an account's delay and restatement to be looked at
ENOUGH_AFTER: Final = 100  # and for what follows a stop, where a tenth of a day's are all there are to count


def account(seed: int, ad_sets: int, days: int, *, paired: bool = True) -> Panel:
    """Live through an account's days, stop it, and look at everything it ever said."""
    flight = Flight(Options(seed=seed, ad_sets=ad_sets, days=days - LOOKS, realistic=True), BEGINS)
    _calm(flight)
    mixed, clicked = _looks(flight)
    flight.advance(11.5)
    stopped = flight.graph.world.calendar.today(flight.clock.now())
    _stop(flight)
    flight.advance(0.5 + 24 * AFTER)
    rows = [row for row in flight.insights("adset", FIELDS) if _ordinal(row) <= _day(flight, stopped)]
    ads = _daily([row for row in flight.insights("ad", FIELDS) if _ordinal(row) <= _day(flight, stopped)], "ad_id")
    return Panel(
        name=f"seed {seed}",
        days=_daily(rows, "adset_id"),
        ads=ads,
        purses=_purses(flight, rows),
        order_values=np.asarray(flight.graph.world.delivery.orders.all().value, np.float64),
        lifetime_spend=np.nansum(ads.spend, axis=1),
        waves=_waves(flight, mixed, clicked, stopped),
        same=twins(seed) if paired else None,
    )


def _calm(flight: Flight) -> None:
    """End what goes wrong unasked before reports are watched: it would be measured instead of how reports grow."""
    world = flight.graph.world
    hour = world.calendar.hour_at(world.now()) + 1
    world.lift(world.delivery.conditions.effects, hour)


def _looks(flight: Flight) -> tuple[list[Floats], list[Floats]]:
    """Read the account's purchases by day at noon for some days, by conversion and by click."""
    mixed, clicked = [_purchases(flight)], [_by_click(flight)]
    for _ in range(LOOKS):
        flight.advance(24)
        mixed.append(_purchases(flight))
        clicked.append(_by_click(flight))
    return mixed, clicked


def _stop(flight: Flight) -> None:
    for campaign in flight.ask(f"{flight.account}/campaigns", fields="id"):
        flight.write(campaign["id"], status="PAUSED")


def _by_click(flight: Flight) -> Floats:
    """Give purchases by the day of their click or view, which Meta tells nobody any more: from the report itself."""
    table = flight.graph.world.report(by="impression").purchases
    return np.asarray(sum(table[window].sum(axis=1) for window in ("7d_click", "1d_view")), np.float64)


def _purchases(flight: Flight) -> Floats:
    rows = flight.insights("account", "actions")
    found = {_ordinal(row): _action(row, "actions", BOUGHT) for row in rows}
    first = flight.graph.world.calendar.first.toordinal()
    today = flight.graph.world.calendar.today(flight.clock.now())
    return np.array([found.get(first + day, 0.0) for day in range(today + 1)])


def _waves(flight: Flight, mixed: list[Floats], clicked: list[Floats], stopped: int) -> Waves | None:
    """Give how reports grew; None where so few buy a day that chance decides what is seen of it."""
    final, by_click = _purchases(flight), _by_click(flight)
    at = np.array([len(look) - 1 for look in mixed])  # the day of each look
    noon, next_day, later = (
        np.array([look[day - age] for look, day in zip(mixed[age:], at[age:], strict=True)]) for age in (0, 1, 2)
    )
    usual = final[stopped - LOOKS : stopped].mean()
    if usual < ENOUGH:
        return None
    after = [final[stopped + day] / usual if usual >= ENOUGH_AFTER else np.nan for day in (1, 2, 8)]
    moved = np.abs(later - final[at[:-2]])
    return Waves(
        noon=float(noon.sum() / final[at].sum()),
        next_day=float(next_day.sum() / final[at[:-1]].sum()),
        later=float((moved / np.maximum(final[at[:-2]] / 100, 1)).max()),
        lags=_lags(flight),
        after_stop=np.array(after),
        early=_early(flight, clicked, by_click),
    )


def _lags(flight: Flight) -> Floats:
    world = flight.graph.world
    sales = world.delivery.orders.all()
    clicks = sales.where(sales.kind == CLICK)
    caused, done = (
        world.calendar.days_at(((when - world.calendar.start) // HOUR).astype(np.int64))
        for when in (clicks.cause, clicks.done)
    )
    return np.asarray(done - caused, np.float64)


def _early(flight: Flight, looks: list[Floats], final: Floats) -> Floats:
    """Give, by age, the share of purchases that reports showed, less the share that had happened."""
    world = flight.graph.world
    sales = world.delivery.orders.all()
    caused = world.calendar.days_at(((sales.cause - world.calendar.start) // HOUR).astype(np.int64))
    begins = world.calendar.start + DAY * (len(looks[0]) - 1) + DAY / 2
    found = []
    for age in AGES:
        seen = known = happened = everything = 0.0
        for number, look in enumerate(looks):
            day = len(look) - 1 - age
            seen, known = seen + look[day], known + final[day]
            of_day = caused == day
            happened += (sales.done[of_day] <= begins + DAY * number).sum()
            everything += of_day.sum()
        found.append(seen / known - happened / everything)
    return np.array(found)


def _purses(flight: Flight, rows: list[dict[str, Any]]) -> Daily:
    """Give spend and budget of every ad set and campaign that carries one."""
    by_set = flight.ask(f"{flight.account}/adsets", fields="id,daily_budget,campaign_id")
    by_campaign = flight.ask(f"{flight.account}/campaigns", fields="id,daily_budget")
    budgets = {one["id"]: int(one["daily_budget"]) / 100 for one in (*by_set, *by_campaign) if "daily_budget" in one}
    owner = {one["id"]: one["id"] if one["id"] in budgets else one["campaign_id"] for one in by_set}
    held = [{**row, "purse": owner[row["adset_id"]]} for row in rows]
    spent, purses = _daily(held, "purse"), dict.fromkeys(row["purse"] for row in held)
    return replace(spent, budget=_budgets(flight, spent, {one: budgets[one] for one in purses}))


def _budgets(flight: Flight, spent: Daily, now: dict[str, float]) -> Floats:
    """Give each day's largest budget, from today's back through the account's activities."""
    found = np.repeat(np.array([list(now.values())]).T, spent.spend.shape[1], axis=1)
    places = {one: place for place, one in enumerate(now)}
    for entry in flight.ask(f"{flight.account}/activities", fields="event_time,event_type,object_id,extra_data"):
        if entry["event_type"].endswith("_budget") and entry["object_id"] in places:
            told, row = json.loads(entry["extra_data"]), found[places[entry["object_id"]]]
            old, new = (float(told[name]) / 100 for name in ("old_value", "new_value"))
            day = max(date.fromisoformat(entry["event_time"][:10]).toordinal() - spent.first, 0)
            row[:day], row[day : day + 1] = old, max(old, new)
    return found


def _daily(rows: list[dict[str, Any]], name: str) -> Daily:
    spent = {
        "spend": [float(row["spend"]) for row in rows],
        "impressions": [float(row["impressions"]) for row in rows],
        "reach": [float(row["reach"]) for row in rows],
        "clicks": [float(row["inline_link_clicks"]) for row in rows],
        "landed": [_action(row, "actions", LANDED) for row in rows],
        "conversions": [_action(row, "actions", BOUGHT) for row in rows],
        "value": [_action(row, "action_values", BOUGHT) for row in rows],
    }
    return daily([row[name] for row in rows], [_ordinal(row) for row in rows], spent)


def _action(row: dict[str, Any], field: str, kind: str) -> float:
    return next((float(one["value"]) for one in row.get(field, ()) if one["action_type"] == kind), 0.0)


def _ordinal(row: dict[str, Any]) -> int:
    return date.fromisoformat(row["date_start"]).toordinal()


def _day(flight: Flight, number: int) -> int:
    return flight.graph.world.calendar.date(number).toordinal()
