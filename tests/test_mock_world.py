from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from test_mock_ground import NOON, Ground

from adopt.mock.account import Options
from adopt.mock.calendar import Calendar
from adopt.mock.clock import Beginning, Clock, seconds_of
from adopt.mock.delivery import COUNTS, Delivery
from adopt.mock.drawing import BLOCK, draw_account
from adopt.mock.parameters import Parameters
from adopt.mock.truth import expected_cpa
from adopt.mock.world import World

FIRST = date(2026, 10, 18)


def deliver(
    days: int, *, steps: tuple[int, ...] = (), before: Callable[[Delivery], None] | None = None, **options: Any
) -> Delivery:
    account = draw_account(Options(**options))
    delivery = Delivery(account, Calendar("America/New_York", FIRST))
    if before:
        before(delivery)
    for hour in (*steps, delivery.calendar.hours_of(days - 1).stop):
        delivery.run(hour)
    return delivery


def told(delivery: Delivery, days: int | None = None) -> dict[str, np.ndarray]:
    found = {name: np.stack([day[name] for day in delivery.days[:days]]) for name in COUNTS}
    sales = delivery.orders.all()
    order = np.lexsort((sales.value, sales.done))
    return found | {"done": sales.done[order], "value": sales.value[order]}


def same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(left[name], right[name]) for name in left)


def by_set(delivery: Delivery, name: str) -> np.ndarray:
    total = sum(day[name] for day in delivery.days)
    return np.bincount(delivery.traits.set_of_ad, total, len(delivery.traits.quality))


def test_the_same_seed_delivers_the_same() -> None:
    assert same(told(deliver(12)), told(deliver(12)))


def test_thirty_days_and_thirty_more_are_sixty() -> None:
    assert same(told(deliver(60, steps=(17, 18, 333, 720, 1001))), told(deliver(60)))


def test_a_longer_world_begins_like_a_shorter_one() -> None:
    short, long = told(deliver(10)), told(deliver(20), 10)
    assert all(np.array_equal(short[name], long[name]) for name in COUNTS)


def test_twenty_seeds_tell_twenty_stories() -> None:
    worlds = [deliver(3, seed=seed) for seed in range(20)]
    assert len({bytes(by_set(world, "impressions")) for world in worlds}) == 20
    assert len({bytes(world.purses.pace_keys) for world in worlds}) == 20


def test_more_ad_sets_leave_the_others_as_they_were() -> None:
    few, many = deliver(5, ad_sets=12), deliver(5, ad_sets=19)
    ads = len(few.traits.ctr)
    for small, large in zip(few.days, many.days, strict=True):
        assert all(np.array_equal(small[name], large[name][:ads]) for name in COUNTS)


def test_pausing_an_ad_set_moves_no_other_draw() -> None:
    def pause(delivery: Delivery) -> None:
        delivery.agenda.add(60, "ad_set_on", 0, 0)

    plain, paused = deliver(8), deliver(8, before=pause)
    other = plain.traits.set_of_ad != 0
    for left, right in zip(plain.days, paused.days, strict=True):
        assert all(np.array_equal(left[name][other], right[name][other]) for name in COUNTS)
    mine = ~other
    assert paused.days[1]["impressions"][mine].sum() == plain.days[1]["impressions"][mine].sum()
    assert 0 < paused.days[2]["spend"][mine].sum() < plain.days[2]["spend"][mine].sum()
    assert all(day["impressions"][mine].sum() == 0 for day in paused.days[3:])


def test_a_paused_ad_set_still_converts_for_a_while() -> None:
    def pause(delivery: Delivery) -> None:
        for index in range(len(delivery.traits.quality)):
            delivery.agenda.add(240, "ad_set_on", index, 0)

    delivery = deliver(20, before=pause)
    days = delivery.calendar.days_at(((delivery.orders.all().done - delivery.calendar.start) // 3600).astype(int))
    counts = np.bincount(days, minlength=20)
    usual = counts[5:10].mean()
    assert 0.05 < counts[10] / usual < 0.45
    assert counts[11] < counts[10]
    assert counts[18:].sum() == 0


def test_a_budget_edit_acts_from_its_hour_on() -> None:
    def double(delivery: Delivery) -> None:
        delivery.agenda.add(24 * 4, "ad_set_budget", 1, int(delivery.settings.of["ad_set_budget"][1]) * 2)

    plain, edited = deliver(8), deliver(8, before=double)
    mine = plain.traits.set_of_ad == 1
    spend = [[int(day["spend"][mine].sum()) for day in one.days] for one in (plain, edited)]
    assert spend[0][:4] == spend[1][:4]
    assert 1.7 < sum(spend[1][4:]) / sum(spend[0][4:]) < 2.4


@pytest.mark.parametrize("seed", range(4))
def test_budgets_keep_their_day_and_week_caps(seed: int) -> None:
    delivery = deliver(28, seed=seed, ad_sets=24)
    spend = np.stack([day["spend"] for day in delivery.days])
    purse, budgets = delivery.purse_of_set(), delivery.budgets()
    units = np.stack([np.bincount(purse[delivery.traits.set_of_ad], day, len(budgets)) for day in spend])
    assert (units <= 1.75 * budgets).all()
    weeks = units.reshape(4, 7, -1).sum(axis=1)  # the first day is a Sunday
    assert (weeks <= 7 * budgets).all()
    running = np.array([a.starts == 0 for a in draw_account(Options(seed=seed, ad_sets=24)).ad_sets])
    busy = purse[running & (budgets[purse] > 0)]
    assert (weeks[1][busy] > 6 * budgets[busy]).mean() > 0.5


def test_the_funnel_never_widens() -> None:
    delivery = deliver(20, ad_sets=60)
    for day in delivery.days:
        assert (day["link_clicks"] + day["other_clicks"] <= day["impressions"]).all()
        assert (day["landed"] <= day["link_clicks"]).all()
        assert (day["checkouts"] <= day["carts"]).all()


def test_ad_sets_cost_what_their_quality_says() -> None:
    delivery = deliver(14, ad_sets=240)
    sales = delivery.orders.all()
    seen = np.bincount(delivery.traits.set_of_ad[sales.ad[np.isfinite(sales.seen)]], minlength=240)
    expected = by_set(delivery, "spend") * delivery.traits.quality / 4500
    assert seen.sum() / expected.sum() == pytest.approx(1.0, abs=0.15)


def test_the_default_account_has_clear_losers_and_winners() -> None:
    for seed in range(10):
        world = World(Options(seed=seed), Clock(Beginning(NOON, 0.0), machine=lambda: 0.0))
        world.report()
        cost = expected_cpa(world) / world.account.target_cpa
        own = np.array([ad_set.budget > 0 for ad_set in world.account.ad_sets])
        paused = np.array([ad_set.paused is not None for ad_set in world.account.ad_sets])
        assert own.sum() * 2 >= len(own)
        assert ((cost > 1.8) & own & ~paused).sum() >= 2
        assert ((cost < 0.85) & own & ~paused).sum() >= 2
        assert paused.sum() == 2
        assert 1 <= (cost < 1)[paused].sum() < 2


def test_a_block_of_ad_sets_repeats_the_story() -> None:
    account = draw_account(Options(ad_sets=3 * BLOCK))
    assert len(account.campaigns) == 9
    assert len({ad_set.id for ad_set in account.ad_sets} | {ad.id for ad in account.ads}) == 36 + len(account.ads)
    assert len({ad_set.name for ad_set in account.ad_sets}) == 36


def test_reports_show_what_is_tracked_and_late_what_is_modelled() -> None:
    ground = Ground(ad_sets=48, days=10)
    delivery = ground.graph.world.delivery
    ground.graph.world.report()
    sales = delivery.orders.all()
    shown = np.isfinite(sales.seen)
    late = sales.seen - sales.done > 3 * 3600
    assert shown.mean() == pytest.approx(Parameters().seen, abs=0.02)
    assert late[shown].mean() == pytest.approx(0.075 / 0.925, abs=0.02)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_every_hour_belongs_to_one_day(zone: str) -> None:
    calendar = Calendar(zone, date(2026, 3, 1))
    hours = [hour for day in range(300) for hour in calendar.hours_of(day)]
    assert hours == list(range(len(hours)))
    for day in (0, 5, 200, 299):
        assert {calendar.day_of(hour) for hour in calendar.hours_of(day)} == {day}
        assert len(calendar.hours_of(day)) in (23, 24, 25)


@pytest.mark.parametrize(("text", "seconds"), [("90m", 5400), ("36h", 129600), ("1d12h", 129600), ("2w", 1209600)])
def test_durations_are_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "d", "1y", "-1d", "1d 2h"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        seconds_of(text)


def test_days_look_like_an_accounts_days() -> None:
    delivery = deliver(56, seed=5, ad_sets=36)
    steady = np.array([a.starts == 0 for a in draw_account(Options(seed=5, ad_sets=36)).ad_sets])
    spend, shown = (
        np.stack([np.bincount(delivery.traits.set_of_ad, day[name], 36) for day in delivery.days])[:, steady]
        for name in ("spend", "impressions")
    )
    price = np.log(spend / shown)
    away = price - price.mean(axis=0)
    follows = (away[1:] * away[:-1]).sum(axis=0) / (away**2).sum(axis=0)
    assert 0.40 < follows.mean() < 0.95
    moved = [np.corrcoef(a, b)[0, 1] for a, b in zip(np.diff(np.log(spend).T), np.diff(np.log(shown).T), strict=True)]
    assert 0.65 < np.mean(moved) < 0.99
    weekday = spend.sum(axis=1).reshape(8, 7).mean(axis=0) / spend.sum(axis=1).mean()  # from Sunday
    assert 1.02 < weekday[0] < 1.13
    assert 0.86 < weekday[6] < 0.99
    assert (spend % 100 == 0).mean() < 0.08
