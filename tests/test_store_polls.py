"""The poll log: vintages, the structure as a poll saw it, days as columns."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adopt.errors import Invalid
from adopt.model import WINDOWS, Account, AdSet, Campaign, Count, DailyInsights, Poll
from adopt.store import polls
from adopt.store.database import Store, open_store

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
DAY = date(2026, 10, 1)
ACCOUNT = Account(id="act_1", name="Shoes", currency="EUR", timezone="Europe/Berlin")
CAMPAIGN = Campaign(id="c1", name="Autumn", status="ACTIVE", effective_status="ACTIVE")


def ad_set(id_: str = "1", **fields: object) -> AdSet:
    known = AdSet(id=id_, name="", campaign_id="c1", status="ACTIVE", effective_status="ACTIVE", daily_budget=5000)
    return replace(known, **fields)


def row(id_: str = "1", day: date = DAY, spend: int = 1000, clicks: int = 40, results: Count = 0) -> DailyInsights:
    """A row whose windows differ: the n-th one shows n results more."""
    counts = tuple(results + n if results else 0 for n in range(len(WINDOWS)))
    money = tuple(round(count * 2500) for count in counts)
    return DailyInsights(
        ad_set=id_, date=day, spend=spend, impressions=spend, clicks=clicks, results=counts, revenue=money
    )


def poll(*rows: DailyInsights, ad_sets: tuple[AdSet, ...] = (ad_set(),), **fields: object) -> Poll:
    known = Poll(
        account=ACCOUNT,
        as_of=NOON,
        since=DAY - timedelta(days=2),
        until=DAY,
        result="purchase",
        campaigns=(CAMPAIGN,),
        ad_sets=ad_sets,
        insights=rows,
    )
    return replace(known, **fields)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "adopt.db") as opened:
        yield opened


def spends(store: Store, as_of_poll: int | None = None) -> dict[tuple[str, date], int]:
    found = polls.days(store, "act_1", "purchase", "default", DAY - timedelta(days=30), as_of_poll)
    return {
        (found.ad_sets[place], date.fromordinal(day)): spend
        for place, day, spend in zip(found.ad_set, found.day, found.spend, strict=True)
    }


def kept(store: Store, table: str) -> int:
    return int(store.value(f"SELECT count(*) FROM {table}"))


def test_a_poll_that_shows_nothing_new_takes_no_row(store: Store) -> None:
    polls.record(store, poll(row(), row(day=DAY - timedelta(days=1))))
    before = kept(store, "insights"), kept(store, "state")
    polls.record(store, poll(row(), row(day=DAY - timedelta(days=1)), as_of=NOON + timedelta(hours=1)))
    assert (kept(store, "insights"), kept(store, "state"), kept(store, "poll")) == (*before, 2)


def test_only_the_day_that_changed_gets_a_new_vintage(store: Store) -> None:
    first = polls.record(store, poll(row(spend=1000), row(spend=700, day=DAY - timedelta(days=1))))
    polls.record(store, poll(row(spend=1300), row(spend=700, day=DAY - timedelta(days=1))))
    assert kept(store, "insights") == 3
    assert spends(store) == {("1", DAY): 1300, ("1", DAY - timedelta(days=1)): 700}
    assert spends(store, first) == {("1", DAY): 1000, ("1", DAY - timedelta(days=1)): 700}


def test_a_change_in_any_window_is_a_new_vintage(store: Store) -> None:
    same = row(results=2)
    polls.record(store, poll(same))
    for place in range(len(WINDOWS)):
        counts = tuple(count + (n <= place) for n, count in enumerate(same.results))
        polls.record(store, poll(replace(same, results=counts)))
    assert kept(store, "insights") == 1 + len(WINDOWS)


def test_a_row_that_is_gone_from_the_covered_days_has_become_zeros(store: Store) -> None:
    old = row(day=DAY - timedelta(days=9))
    first = polls.record(store, poll(row(), old, since=DAY - timedelta(days=9)))
    polls.record(store, poll())
    assert spends(store) == {("1", DAY): 0, ("1", old.date): 1000}
    polls.record(store, poll())
    assert kept(store, "insights") == 3
    assert spends(store, first) == {("1", DAY): 1000, ("1", old.date): 1000}


def test_zeros_where_nothing_was_known_take_no_row(store: Store) -> None:
    polls.record(store, poll(row(spend=0, clicks=0)))
    assert kept(store, "insights") == 0


def test_the_spend_of_an_ad_set_that_was_deleted_stays_spent(store: Store) -> None:
    polls.record(store, poll(row("1"), row("2"), ad_sets=(ad_set("1"), ad_set("2"))))
    polls.record(store, poll(row("1"), ad_sets=(ad_set("1"),)))
    assert spends(store) == {("1", DAY): 1000, ("2", DAY): 1000}


def test_a_row_that_paging_gives_twice_counts_once_the_later_one(store: Store) -> None:
    polls.record(store, poll(row(spend=1000), row(spend=1100)))
    assert spends(store) == {("1", DAY): 1100}


def test_each_result_type_has_vintages_of_its_own(store: Store) -> None:
    polls.record(store, poll(row(spend=1000, results=3)))
    polls.record(store, poll(row(spend=1200, results=9), result="lead"))
    found = {kind: polls.days(store, "act_1", kind, "default", DAY) for kind in ("purchase", "lead", "sale")}
    assert {kind: [*days.spend, *days.results] for kind, days in found.items()} == {
        "purchase": [1000, 3.0],
        "lead": [1200, 9.0],
        "sale": [],
    }


def test_accounts_are_kept_apart(store: Store) -> None:
    polls.record(store, poll(row(spend=1000)))
    polls.record(store, poll(row(spend=1), account=replace(ACCOUNT, id="act_2")))
    assert spends(store) == {("1", DAY): 1000}
    assert polls.objects(store, "act_1")[0] == ACCOUNT


def test_days_are_columns_of_one_window_sorted_by_ad_set_and_day(store: Store) -> None:
    yesterday = DAY - timedelta(days=1)
    rows = [row("20"), row("3", results=1.5), row("20", yesterday, spend=7), row("3", yesterday), row("1", results=2)]
    polls.record(store, poll(*rows, ad_sets=tuple(ad_set(id_) for id_ in ("20", "3", "1"))))
    days = polls.days(store, "act_1", "purchase", "7d_click", yesterday)
    assert days.ad_sets == ("1", "20", "3")
    assert len(days) == 5
    assert np.frombuffer(days.ad_set, np.int32).tolist() == [0, 1, 1, 2, 2]
    assert np.frombuffer(days.day, np.int32).tolist() == [day.toordinal() for day in (DAY, *(yesterday, DAY) * 2)]
    assert np.frombuffer(days.spend, np.int64).tolist() == [1000, 7, 1000, 1000, 1000]
    assert np.frombuffer(days.results, np.float64).tolist() == [4, 0, 0, 0, 3.5]
    assert np.frombuffer(days.revenue, np.int64).tolist() == [10000, 0, 0, 0, 8750]


def test_every_window_gives_its_own_figures(store: Store) -> None:
    shown = row(results=2)
    polls.record(store, poll(shown))
    found = [polls.days(store, "act_1", "purchase", window, DAY) for window in WINDOWS]
    assert tuple(days.results[0] for days in found) == shown.results
    assert tuple(days.revenue[0] for days in found) == shown.revenue


def test_days_of_an_unknown_window_name_the_known_ones(store: Store) -> None:
    with pytest.raises(Invalid, match="'2d_click' is no attribution window; allowed: default, 1d_click"):
        polls.days(store, "act_1", "purchase", "2d_click", DAY)


def test_days_before_since_are_left_out(store: Store) -> None:
    polls.record(store, poll(row(), row(day=DAY - timedelta(days=1))))
    assert list(polls.days(store, "act_1", "purchase", "default", DAY).day) == [DAY.toordinal()]


def test_the_latest_poll_is_found_by_what_it_covers(store: Store) -> None:
    wide = poll(since=DAY - timedelta(days=89), backfilled=True)
    ids = polls.record(store, wide), polls.record(store, poll(as_of=NOON + timedelta(hours=1)))
    newest = polls.latest(store, "act_1", "purchase")
    covering = [polls.latest(store, "act_1", "purchase", covering_days=days) for days in (3, 4, 90, 91)]
    assert [header and header.id for header in covering] == [ids[1], ids[0], ids[0], None]
    assert newest == polls.PollHeader(
        id=ids[1],
        account="act_1",
        as_of=NOON + timedelta(hours=1),
        since=DAY - timedelta(days=2),
        until=DAY,
        result="purchase",
        backfilled=False,
    )
    assert covering[2] is not None
    assert (covering[2].backfilled, covering[2].covered_days) == (True, 90)
    assert polls.latest(store, "act_1", "lead") is None
    assert polls.latest(store, "act_2", "purchase") is None


def test_objects_are_those_of_the_poll_with_all_their_fields(store: Store) -> None:
    full = ad_set("2", created=NOON, learning="SUCCESS", attribution="7d_click", lifetime_budget=9)
    first = polls.record(store, poll(ad_sets=(full, ad_set("1"))))
    paused = replace(full, status="PAUSED", effective_status="PAUSED", learning="FAIL", name="renamed")
    polls.record(store, poll(ad_sets=(paused,), campaigns=()))
    assert polls.objects(store, "act_1") == (ACCOUNT, (), (paused,))
    assert polls.objects(store, "act_1", first) == (ACCOUNT, (CAMPAIGN,), (ad_set("1"), full))


def test_an_ad_set_may_go_and_come_back(store: Store) -> None:
    seen = [polls.record(store, poll(ad_sets=sets)) for sets in ((ad_set(),), (), (ad_set(),))]
    assert [polls.objects(store, "act_1", id_)[2] for id_ in seen] == [(ad_set(),), (), (ad_set(),)]


def test_an_account_without_a_poll_is_said_to_have_none(store: Store) -> None:
    first = polls.record(store, poll())
    with pytest.raises(Invalid, match="no record of a poll of act_2"):
        polls.objects(store, "act_2")
    with pytest.raises(Invalid, match=f"no record of poll {first} of act_2"):
        polls.objects(store, "act_2", first)


COUNT = itertools.count(100)  # an account of its own for each example
SETS = ("1", "2", "3")
values = st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from([0, 1, 2.5, -1]))


@st.composite
def any_poll(draw: st.DrawFn) -> Poll:
    """A poll of three ad sets over four days, some of them deleted, some without rows, some rows all zeros."""
    first, last = sorted(draw(st.tuples(st.integers(0, 3), st.integers(0, 3))))
    ids = draw(st.sets(st.sampled_from(SETS)))
    cells = st.tuples(st.sampled_from(SETS), st.integers(first, last))
    shown = draw(st.dictionaries(cells, values, max_size=8))
    states = st.builds(ad_set, st.just("1"), daily_budget=st.sampled_from([None, 1, 2]), status=st.sampled_from("AP"))
    return poll(
        *(row(id_, DAY + timedelta(days=day), *figures) for (id_, day), figures in shown.items()),
        ad_sets=tuple(replace(draw(states), id=id_) for id_ in sorted(ids)),
        since=DAY + timedelta(days=first),
        until=DAY + timedelta(days=last),
        result=draw(st.sampled_from(["purchase", "lead"])),
    )


def replayed(log: list[Poll], result: str, since: date) -> dict[tuple[str, date], DailyInsights]:
    """What a plain reading of the polls knows: new rows win, and of a listed ad set no row says zeros."""
    known: dict[tuple[str, date], DailyInsights] = {}
    for one in log:
        if one.result == result:
            listed = {ad_set.id for ad_set in one.ad_sets}
            for id_, day in known:
                if id_ in listed and one.since <= day <= one.until:
                    known[id_, day] = row(id_, day, 0, 0, 0)
            known |= {(seen.ad_set, seen.date): seen for seen in one.insights}
    return {cell: seen for cell, seen in known.items() if seen.date >= since and any_delivery(log, cell, result)}


def any_delivery(log: list[Poll], cell: tuple[str, date], result: str) -> bool:
    """Whether any poll ever showed more than zeros there: otherwise nothing is kept."""
    return any(
        (seen.ad_set, seen.date) == cell and (seen.spend or seen.clicks or any(seen.results))
        for one in log
        if one.result == result
        for seen in one.insights
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=st.lists(any_poll(), min_size=1, max_size=6), window=st.sampled_from(WINDOWS), skipped=st.integers(0, 2))
def test_every_poll_can_be_read_again_as_it_was(store: Store, log: list[Poll], window: str, skipped: int) -> None:
    since = DAY + timedelta(days=skipped)
    account = replace(ACCOUNT, id=f"act_{next(COUNT)}")
    ids = [polls.record(store, replace(one, account=account)) for one in log]
    for count, id_ in enumerate(ids, 1):
        assert polls.objects(store, account.id, id_) == (account, (CAMPAIGN,), log[count - 1].ad_sets)
        for result in ("purchase", "lead"):
            days = polls.days(store, account.id, result, window, since, id_)
            assert flat(days) == expected(log[:count], result, window, since)
            if count == len(log):
                assert polls.days(store, account.id, result, window, since) == days


def expected(log: list[Poll], result: str, window: str, since: date) -> list[tuple[object, ...]]:
    place = WINDOWS.index(window)
    return [
        (*cell, seen.spend, seen.impressions, seen.clicks, seen.results[place], seen.revenue[place])
        for cell, seen in sorted(replayed(log, result, since).items())
    ]


def flat(days: polls.Days) -> list[tuple[object, ...]]:
    return [
        (days.ad_sets[place], date.fromordinal(day), *figures)
        for place, day, *figures in zip(
            days.ad_set,
            days.day,
            days.spend,
            days.impressions,
            days.clicks,
            days.results,
            days.revenue,
            strict=True,
        )
    ]
