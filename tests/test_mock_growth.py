from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_mock_ground import NOON

from adopt.mock.account import Ad, Campaign, Options
from adopt.mock.clock import Beginning, Clock
from adopt.mock.drawing import BLOCK
from adopt.mock.newcomers import Schedule, new_ad, new_ad_set, review_of
from adopt.mock.world import World

DAY = 86400
PURSE = Schedule(budget=10_000)


def make(days: int = 4, **options: Any) -> World:
    return World(Options(days=days, **options), Clock(Beginning(NOON, 0.0), machine=lambda: 0.0))


def advance(world: World, seconds: float) -> None:
    world.clock.advance(seconds)
    world.report()


def join(world: World, schedule: Schedule = PURSE, *, ads: int = 2, name: str = "7", **campaign: Any) -> slice:
    """Let a campaign with one ad set and its ads join now; give the places of the ads."""
    account, first = world.account, len(world.account.ads)
    owner = Campaign(f"c{name}", "Fresh", **campaign)
    ad_set = new_ad_set(account.options, account.money, f"s{name}", "Fresh", len(account.campaigns), schedule)
    made = [new_ad(account.options, ad_set, len(account.ad_sets), f"a{name}{n}", f"k{n}", "Fresh") for n in range(ads)]
    world.grow(world.now(), (owner,), (ad_set,), tuple(made))
    return slice(first, first + ads)


def shown(world: World, ads: slice) -> np.ndarray:
    return world.report().counts["impressions"][:, ads]


def tables(world: World) -> dict[str, np.ndarray]:
    table = world.report()
    return {
        f"{kind} {name}": column
        for kind in ("counts", "purchases", "values")
        for name, column in getattr(table, kind).items()
    }


def test_what_joins_delivers_from_the_hour_its_review_is_over() -> None:
    world = make()
    ads = join(world)
    assert shown(world, ads).sum() == 0
    over = max(review.over for review in world.reviews.values())
    assert all(review.approved for review in world.reviews.values())
    advance(world, over - world.now())
    advance(world, 2 * 3600)
    assert (shown(world, ads).sum(axis=0) > 0).all()
    assert shown(world, ads)[:4].sum() == 0


def test_an_ad_that_review_refuses_is_never_shown() -> None:
    refused = next(f"a{n}" for n in range(1000) if not review_of(7, f"a{n}", NOON).approved)
    world = make()
    ad = new_ad(world.account.options, world.account.ad_sets[0], 0, refused, "k", "Refused")
    world.grow(NOON, ads=(ad,))
    advance(world, 3 * DAY)
    assert shown(world, slice(-1, None)).sum() == 0


@settings(max_examples=12)
@given(
    hours=st.integers(1, 60),
    count=st.integers(0, 3),
    shared=st.sampled_from(("", "shared")),
    advanced=st.sampled_from((0, 5000)),
)
def test_what_joins_leaves_the_others_bytes_as_they_were(hours: int, count: int, shared: str, advanced: int) -> None:
    plain, grown = make(ad_sets=BLOCK), make(ad_sets=BLOCK)
    ads = len(plain.account.ads)
    for world in (plain, grown):
        advance(world, hours * 3600)
    join(grown, Schedule() if shared else PURSE, ads=count, budget=20_000 if shared else 0)
    for world in (plain, grown):
        advance(world, advanced)
        advance(world, 3 * DAY)
    others = {name: column[:, :ads] for name, column in tables(grown).items()}
    assert all(np.array_equal(others[name], column) for name, column in tables(plain).items())


def test_joining_again_from_the_record_gives_the_same_bytes() -> None:
    """A world that grew while it ran, and one that is told of it before it runs, are one."""
    live, told = make(), make()
    advance(live, 30 * 3600 + 17)
    told.clock.advance(30 * 3600 + 17)
    for world in (live, told):
        join(world, name="1")
        world.change(world.now(), "ad_set_budget", len(world.account.ad_sets) - 1, 30_000)
    advance(live, 7 * 3600)
    told.clock.advance(7 * 3600)
    for world in (live, told):
        join(world, name="2")
        advance(world, 2 * DAY)
    assert all(np.array_equal(tables(told)[name], column) for name, column in tables(live).items())


@pytest.mark.parametrize(
    "switch", [{"campaign": {"on": False}}, {"schedule": Schedule(budget=10_000, on=False)}, {"ad": False}]
)
def test_what_joins_switched_off_waits_for_its_switch(switch: dict[str, Any]) -> None:
    world = make()
    ads = join(world, switch.get("schedule", PURSE), ads=1, **switch.get("campaign", {}))
    if "ad" in switch:
        world.change(world.now(), "ad_on", ads.start, 0)
    advance(world, 2 * DAY)
    assert shown(world, ads).sum() == 0
    what, place = {
        "campaign": ("campaign_on", len(world.account.campaigns) - 1),
        "schedule": ("ad_set_on", len(world.account.ad_sets) - 1),
        "ad": ("ad_on", ads.start),
    }[next(iter(switch))]
    world.change(world.now(), what, place, 1)
    advance(world, DAY)
    assert shown(world, ads).sum() > 0


def test_a_schedule_is_kept_to_the_hour() -> None:
    world = make()
    begins, ends = int(NOON) + DAY, int(NOON) + 2 * DAY
    ads = join(world, Schedule(budget=50_000, begins=begins, ends=ends), ads=1)
    advance(world, DAY + 900)
    assert shown(world, ads).sum() == 0
    advance(world, 3600 + 900)
    begun = shown(world, ads).sum()
    assert begun > 0
    advance(world, 5 * DAY)
    days = shown(world, ads).sum(axis=1)
    assert days.sum() > begun
    assert days[days > 0].size == 2


def test_a_lifetime_budget_is_spread_over_its_days_and_never_passed() -> None:
    world = make()
    ads = join(world, Schedule(lifetime=50_000, ends=int(NOON) + 10 * DAY), ads=1)
    advance(world, 12 * DAY)
    spend = world.report().counts["spend"][:, ads].sum(axis=1)
    assert 0.85 * 50_000 < spend.sum() <= 50_000
    assert spend.max() < 12_000


def test_a_spend_cap_is_never_passed() -> None:
    world = make()
    one = join(world, Schedule(budget=20_000, cap=30_000), name="1")
    two = join(world, Schedule(budget=20_000), name="2", cap=25_000)
    advance(world, 6 * DAY)
    spend = world.report().counts["spend"]
    assert 29_000 < spend[:, one].sum() <= 30_000
    assert 24_000 < spend[:, two].sum() <= 25_000


def test_ad_sets_move_to_a_campaign_budget_and_back() -> None:
    world = make()
    mine = [n for n, a in enumerate(world.account.ad_sets) if a.campaign == 0]
    ads = [n for n, a in enumerate(world.account.ads) if a.ad_set in mine]
    world.change(world.now(), "campaign_budget", 0, 5_000)
    advance(world, 2 * DAY)
    spend = world.report().counts["spend"][:, ads].sum(axis=1)
    assert spend[-2] <= 1.75 * 5_000 < spend[2]
    world.change(world.now(), "campaign_budget", 0, 0)
    advance(world, 2 * DAY)
    assert world.report().counts["spend"][-2, ads].sum() > 1.75 * 5_000


def test_an_ad_set_learns_anew_when_an_ad_joins_it() -> None:
    world = make(days=20)
    world.report()
    place = int(np.flatnonzero(~world.delivery.learning())[0])
    ad = Ad("a1", "k1", "Fresh", place, 0.012, video=False)
    world.grow(world.now(), ads=(ad,))
    advance(world, 3 * 3600)
    assert world.delivery.learning()[place]


def test_a_copy_is_like_what_it_copies() -> None:
    account = make().account
    copies = [
        new_ad_set(account.options, account.money, f"s{n}", "Copy", 0, PURSE, like=account.ad_sets[0])
        for n in range(200)
    ]
    found = np.log([one.cvr / account.ad_sets[0].cvr for one in copies])
    assert abs(found.mean()) < 0.02
    assert 0.03 < found.std() < 0.07


def test_goals_buy_what_they_ask_for() -> None:
    account = make().account
    clicks, sales = (
        new_ad_set(account.options, account.money, "s1", "One", 0, PURSE, goal=goal)
        for goal in ("LINK_CLICKS", "OFFSITE_CONVERSIONS")
    )
    assert clicks.ctr > sales.ctr
    assert clicks.cpm < sales.cpm
    assert clicks.cvr < sales.cvr
    assert clicks.quality < sales.quality
