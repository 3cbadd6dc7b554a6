"""The daily digest: yesterday's money, what was changed, what is spared, what waits; once a day of the account."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from recorded import ACCOUNT, POLICY, World

from adopt.model import AdSet
from adopt.operations import digesting
from adopt.store import activity, changes, hold
from adopt.store.database import open_store


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world whose losers were paused two days ago, so that yesterday went by without them."""
    made = World(open_store(tmp_path / "adopt.db"))
    made.run(18, made.optimize)
    assert losers(made)
    made.run(12, made.poll)
    return made


def losers(world: World) -> list[AdSet]:
    return [one for one in world.ad_sets.values() if one.status == "PAUSED"]


def told(world: World, later: timedelta = timedelta(0)) -> list[str]:
    digesting.tell(world.store, ACCOUNT.id, POLICY, world.now + later)
    return [row.text for row in activity.tail(world.store, ACCOUNT.id, kinds=("digest",))]


def test_a_digest_counts_the_last_whole_day(world: World) -> None:
    [text] = told(world)
    day = world.now.date() - timedelta(days=1)
    cells = [cell for (_, on), cell in world.cells.items() if on == day]
    spend, results = sum(one[0] for one in cells), sum(one[1] for one in cells)
    assert text.startswith(f"{day:%a %Y-%m-%d}: Spent ${spend / 100:,.2f} for {results} results so far, CPA $")
    assert "(target CPA $30.00)." in text
    assert "adopt changed nothing." in text


def test_a_digest_names_what_is_not_spent_any_more(world: World) -> None:
    spared = 0
    for one in losers(world):
        pause = changes.last_made(world.store, ACCOUNT.id)[one.id].at.date()
        week = [pause - timedelta(days=ago) for ago in range(1, 8)]
        spared += round(sum(world.cells.get((one.id, day), (0, 0))[0] for day in week) / 7)
    assert spared > 0
    many = f"{len(losers(world))} ad set{'s' * (len(losers(world)) != 1)}"
    assert f"About ${spared / 100:,.2f} was not spent on {many} that adopt has paused" in told(world)[0]


def test_a_digest_counts_the_changes_of_its_day(tmp_path: Path) -> None:
    made = World(open_store(tmp_path / "adopt.db"))
    made.run(18, made.optimize)
    day = changes.last_made(made.store, ACCOUNT.id)[losers(made)[0].id].at.date()
    made.run(6, made.poll)
    made.now = made.now.replace(year=day.year, month=day.month, day=day.day) + timedelta(days=1)
    on = [
        one for one in changes.made_since(made.store, ACCOUNT.id, made.now - timedelta(days=9)) if one.at.date() == day
    ]
    pauses = sum(one.change.after == "PAUSED" for one in on)
    assert f"adopt made {pauses} pause" in told(made)[0]


def test_a_day_is_told_once_and_the_next_one_again(world: World) -> None:
    assert len(told(world)) == 1
    assert len(told(world, timedelta(hours=3))) == 1
    assert len(told(world, timedelta(days=1))) == 2


def test_a_digest_says_what_waits(world: World) -> None:
    hold.set_hold(world.store, True, "holiday", world.now)  # pressed
    _, plan = world.decide()
    [text] = told(world)
    assert "Everything is on hold: holiday." in text
    if plan.changes:
        assert f"Plan {plan.id} waits for a yes" in text


def test_the_day_is_the_accounts(world: World) -> None:
    berlin = replace(ACCOUNT, timezone="Pacific/Kiritimati")  # 14 hours ahead
    assert digesting.last_day(berlin, world.now).day == (world.now + timedelta(hours=14)).date() - timedelta(days=1)


def test_an_account_that_was_never_polled_has_no_digest(tmp_path: Path) -> None:
    with open_store(tmp_path / "adopt.db") as store:
        assert not digesting.tell(store, "act_9", POLICY, World(store).now)
