from functools import cache
from typing import Any

import numpy as np
import pytest
from test_mock_ground import NOON

from adopt.mock.account import Options
from adopt.mock.clock import Beginning, Clock
from adopt.mock.conditions import Conditions, Effect, Places
from adopt.mock.reporting import Table
from adopt.mock.world import World

DAY = 86400
HISTORY, WHOLE = 4, slice(6, 8)  # days before today; the days an effect of these tests lasts
FIRST = 24 * WHOLE.start
LAST = 24 * WHOLE.stop


def world_with(*effects: Effect, before: bool = True) -> World:
    world = World(Options(days=HISTORY, ad_sets=72), Clock(Beginning(NOON, 0.0), machine=lambda: 0.0))
    if not before:
        world.report()
        world.clock.advance(DAY)
        world.report()
        world.clock.advance(-DAY)
    world.impose(effects)
    world.clock.advance(10 * DAY)
    return world


@cache
def usual() -> Table:
    return world_with().report()


def effect(stage: Any, factor: float, **how: Any) -> Effect:
    return Effect(stage, factor, FIRST, LAST, **how)


def ratios(effects: tuple[Effect, ...], days: slice = WHOLE) -> dict[str, float]:
    """Give what effects do to the reported figures of some days, as a ratio."""
    odd = world_with(*effects).report()
    found = {name: odd.counts[name][days].sum() / usual().counts[name][days].sum() for name in odd.counts}
    bought, worth = odd.purchases["7d_click"], odd.values["7d_click"]
    found["purchases"] = bought[days].sum() / usual().purchases["7d_click"][days].sum()
    found["values"] = worth[days].sum() / usual().values["7d_click"][days].sum()
    return found


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        ((effect("cpm", 2.0),), {"impressions": 0.5, "spend": 1.0, "link_clicks": 0.5}),
        ((effect("ctr", 3.0),), {"impressions": 1.0, "link_clicks": 3.0, "landed": 3.0}),
        ((effect("landing", 0.1),), {"link_clicks": 1.0, "landed": 0.1, "carts": 0.1}),
        ((effect("spend", 0.4),), {"spend": 0.4, "impressions": 0.4}),
        ((effect("spend", 0.0),), {"spend": 0.0, "impressions": 0.0}),
        ((effect("tracked", 0.2, event="purchases"),), {"purchases": 0.2, "values": 0.2, "carts": 1.0, "landed": 1.0}),
        ((effect("tracked", 0.2, event="carts"),), {"purchases": 1.0, "carts": 0.2, "checkouts": 1.0, "spend": 1.0}),
        ((effect("tracked", 0.3),), {"purchases": 0.3, "carts": 0.3, "checkouts": 0.3, "landed": 0.3, "spend": 1.0}),
        ((effect("copies", 1.0),), {"purchases": 2.0, "values": 1.0, "spend": 1.0}),
        ((effect("shop", 0.0),), {"landed": 1.0, "spend": 1.0}),
        ((effect("value", 0.5),), {"purchases": 1.0, "values": 0.58}),
        ((effect("cvr", 0.3),), {"link_clicks": 1.0, "purchases": 0.4}),
    ],
)  # fmt: skip
def test_an_effect_changes_its_stage_and_what_follows_from_it(
    effects: tuple[Effect, ...], expected: dict[str, float]
) -> None:
    found = ratios(effects)
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=0.15, abs=0.04)
    before = ratios(effects, slice(0, WHOLE.start))
    assert all(ratio == 1 for ratio in before.values())


def test_buyers_carts_are_counted_while_their_purchases_are_lost() -> None:
    table = world_with(effect("tracked", 0.1, event="purchases")).report()
    bought, carts = (table.purchases[name][WHOLE].sum() for name in ("7d_click", "carts 7d_click"))
    assert bought < 0.2 * carts
    assert carts == usual().purchases["7d_click"][WHOLE].sum()


def test_a_closed_shop_sells_nothing_to_those_who_clicked_before_either() -> None:
    world = world_with(effect("shop", 0.0))
    world.report()
    days = (world.reporting.happened().done - world.calendar.start) // DAY
    assert not ((days >= WHOLE.start) & (days < WHOLE.stop)).any()
    assert (days < WHOLE.start).any()
    assert (days >= WHOLE.stop).any()


def test_an_effect_stays_where_it_is_put() -> None:
    owner = world_with().delivery.traits
    for level, column in (("ad set", owner.set_of_ad), ("campaign", owner.campaign_of_set[owner.set_of_ad])):
        odd = world_with(effect("ctr", 0.2, level=level, index=1)).report().counts["link_clicks"][WHOLE]
        plain = usual().counts["link_clicks"][WHOLE]
        assert np.array_equal(odd[:, column != 1], plain[:, column != 1])
        assert odd[:, column == 1].sum() < 0.4 * plain[:, column == 1].sum()


def test_an_effect_imposed_while_the_world_runs_is_the_effect_known_before() -> None:
    effects = (effect("tracked", 0.4), effect("copies", 0.5), effect("cpm", 1.5), effect("shop", 0.5))
    early, late = (world_with(*effects, before=before).report() for before in (True, False))
    for kind in ("counts", "purchases", "values"):
        known, told = getattr(early, kind), getattr(late, kind)
        assert all(np.array_equal(known[name], told[name]) for name in known)


def test_held_back_reports_stand_still_and_then_catch_up() -> None:
    world = World(Options(days=HISTORY), Clock(Beginning(NOON, 0.0), machine=lambda: 0.0))
    hour = world.calendar.hour_at(NOON) + 1
    world.impose((Effect("lag", 48, hour, hour + 24),))
    seen = []
    for _ in range(12):
        world.clock.advance(3 * 3600)
        seen.append(int(world.report().counts["impressions"].sum()))
    assert len(set(seen[:8])) == 1
    assert seen[-1] > seen[0]
    assert seen == sorted(seen)


def test_the_past_cannot_be_changed() -> None:
    world = World(Options(days=HISTORY), Clock(Beginning(NOON, 0.0), machine=lambda: 0.0))
    world.report()
    with pytest.raises(ValueError, match="is over: effects begin at hour"):
        world.impose((Effect("cpm", 2.0, 3, 9),))


def test_a_ramp_reaches_its_factor_evenly() -> None:
    places = Places(*(np.zeros(1, np.int64) for _ in range(3)))
    conditions = Conditions((Effect("cpm", 16.0, 10, 20, ramp=4),))
    assert conditions.factors("cpm", np.arange(9, 21), places)[:, 0].tolist() == pytest.approx(
        [1, 2, 4, 8, 16, 16, 16, 16, 16, 16, 16, 1]
    )
