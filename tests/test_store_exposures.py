"""When money was spent: what each day grew by between polls, and the moment by which it had."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from test_store_polls import ACCOUNT, COUNT, DAY, NOON, ad_set, any_poll, poll, replayed, row

from adopt.errors import Invalid
from adopt.model import WINDOWS, DailyInsights, Poll
from adopt.store import polls
from adopt.store.database import Store, open_store

YESTERDAY = DAY - timedelta(days=1)
Row = tuple[str, date, datetime, int, int, float, int]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "adopt.db") as opened:
        yield opened


def hour(count: float) -> datetime:
    return NOON + timedelta(hours=count)


def flat(found: polls.Exposures) -> list[Row]:
    return [
        (found.ad_sets[place], date.fromordinal(day), datetime.fromtimestamp(at, UTC), *figures)
        for place, day, at, *figures in zip(
            found.ad_set, found.day, found.at, found.spend, found.clicks, found.results, found.revenue, strict=True
        )
    ]


def exposed(store: Store, since: date = DAY - timedelta(days=30), as_of_poll: int | None = None) -> list[Row]:
    return flat(polls.exposures(store, "act_1", "purchase", "default", since, as_of_poll))


def spent(store: Store, as_of_poll: int | None = None) -> list[tuple[datetime, int]]:
    return [(at, spend) for _, _, at, spend, *_ in exposed(store, as_of_poll=as_of_poll)]


def test_a_day_grows_by_what_each_poll_showed_more(store: Store) -> None:
    for hours, spend in enumerate((1000, 1000, 1300, 1900)):
        polls.record(store, poll(row(spend=spend), as_of=hour(hours)))
    assert spent(store) == [(hour(0), 1000), (hour(2), 300), (hour(3), 600)]


def test_a_restatement_downward_takes_some_back(store: Store) -> None:
    polls.record(store, poll(row(spend=1000, clicks=40, results=2)))
    polls.record(store, poll(row(spend=900, clicks=41, results=1), as_of=hour(1)))
    assert exposed(store) == [("1", DAY, hour(0), 1000, 40, 2, 5000), ("1", DAY, hour(1), -100, 1, -1, -2500)]


def test_a_day_that_is_gone_is_taken_back(store: Store) -> None:
    polls.record(store, poll(row(spend=1000)))
    polls.record(store, poll(as_of=hour(1)))
    assert spent(store) == [(hour(0), 1000), (hour(1), -1000)]


def test_what_was_known_then_knows_nothing_of_later(store: Store) -> None:
    ids = [polls.record(store, poll(row(spend=spend), as_of=hour(spend / 100))) for spend in (100, 200, 300)]
    assert [len(spent(store, id_)) for id_ in ids] == [1, 2, 3]
    assert spent(store, ids[1]) == spent(store)[:2]


def test_a_day_that_was_over_before_it_was_seen_was_spent_by_its_end(store: Store) -> None:
    polls.record(store, poll(row(), row(day=YESTERDAY), backfilled=True))
    midnight = datetime(2026, 10, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert exposed(store) == [
        ("1", YESTERDAY, midnight, 1000, 40, 0, 0),
        ("1", DAY, NOON, 1000, 40, 0, 0),
    ]


def test_a_day_that_had_been_seen_goes_on_at_the_polls(store: Store) -> None:
    polls.record(store, poll(row(spend=1000)))
    polls.record(store, poll(row(spend=1500), as_of=hour(13)))
    assert spent(store) == [(hour(0), 1000), (hour(13), 500)]


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("UTC", date(2026, 10, 1), "2026-10-02T00:00Z"),
        ("Asia/Kolkata", date(2026, 10, 1), "2026-10-01T18:30Z"),
        ("Europe/Berlin", date(2026, 3, 28), "2026-03-28T23:00Z"),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-29T22:00Z"),  # 23 hours
        ("Europe/Berlin", date(2026, 10, 24), "2026-10-24T22:00Z"),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-25T23:00Z"),  # 25 hours
        ("America/New_York", date(2026, 11, 1), "2026-11-02T05:00Z"),
        ("Africa/Cairo", date(2024, 4, 25), "2024-04-25T22:00Z"),  # there was no midnight: it became one o'clock
        ("America/Havana", date(2023, 11, 4), "2023-11-05T04:00Z"),  # there were two midnights: the first ends the day
    ],
)
def test_a_day_ends_in_the_accounts_own_zone(store: Store, zone: str, day: date, end: str) -> None:
    account = replace(ACCOUNT, timezone=zone)
    seen = poll(row(day=day), account=account, since=day, until=day + timedelta(days=1))
    ended = datetime.fromisoformat(end)
    for seconds in (-1, 1):
        polls.record(store, replace(seen, as_of=ended + timedelta(seconds=seconds), result=f"{seconds}"))
    found = [flat(polls.exposures(store, "act_1", result, "default", day))[0][2] for result in ("-1", "1")]
    assert found == [ended - timedelta(seconds=1), ended]


def test_days_before_since_are_left_out(store: Store) -> None:
    polls.record(store, poll(row(), row(day=YESTERDAY)))
    polls.record(store, poll(row(spend=1100), row(day=YESTERDAY, spend=1100), as_of=hour(1)))
    assert [(day, spend) for _, day, _, spend, *_ in exposed(store, DAY)] == [(DAY, 1000), (DAY, 100)]


def test_accounts_and_result_types_are_kept_apart(store: Store) -> None:
    polls.record(store, poll(row(spend=1)))
    polls.record(store, poll(row(spend=20), result="lead"))
    polls.record(store, poll(row(spend=300), account=replace(ACCOUNT, id="act_2")))
    found = [
        list(polls.exposures(store, account, result, "default", DAY).spend)
        for account, result in (("act_1", "purchase"), ("act_1", "lead"), ("act_2", "purchase"), ("act_3", "purchase"))
    ]
    assert found == [[1], [20], [300], []]


def test_exposures_are_columns_as_numpy_reads_them(store: Store) -> None:
    sets = tuple(ad_set(id_) for id_ in ("20", "3", "1"))
    polls.record(store, poll(row("20"), row("3", results=1.5), ad_sets=sets))
    polls.record(store, poll(row("20", spend=1005), row("3", results=1.5), ad_sets=sets, as_of=hour(1)))
    found = polls.exposures(store, "act_1", "purchase", "7d_click", DAY)
    assert found.ad_sets == ("20", "3")
    assert len(found) == 3
    assert np.frombuffer(found.ad_set, np.int32).tolist() == [0, 1, 0]
    assert np.frombuffer(found.day, np.int32).tolist() == [DAY.toordinal()] * 3
    assert np.frombuffer(found.at, np.float64).tolist() == [hour(n).timestamp() for n in (0, 0, 1)]
    assert np.frombuffer(found.spend, np.int64).tolist() == [1000, 1000, 5]
    assert np.frombuffer(found.clicks, np.int64).tolist() == [40, 40, 0]
    assert np.frombuffer(found.results, np.float64).tolist() == [0, 3.5, 0]
    assert np.frombuffer(found.revenue, np.int64).tolist() == [0, 8750, 0]


def test_exposures_of_an_unknown_window_name_the_known_ones(store: Store) -> None:
    with pytest.raises(Invalid, match="'2d_click' is no attribution window; allowed: default, 1d_click"):
        polls.exposures(store, "act_1", "purchase", "2d_click", DAY)


LOGS = st.lists(st.tuples(any_poll(), st.integers(0, 120)), min_size=1, max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=LOGS, window=st.sampled_from(WINDOWS), skipped=st.integers(0, 2))
def test_exposures_are_what_a_plain_reading_of_the_polls_gives(
    store: Store, log: list[tuple[Poll, int]], window: str, skipped: int
) -> None:
    """Whatever was polled, restated, deleted or left out, and whichever way the clock went."""
    since = DAY + timedelta(days=skipped)
    account = replace(ACCOUNT, id=f"act_{next(COUNT)}")
    told = [replace(one, account=account, as_of=hour(hours)) for one, hours in log]
    for count, id_ in enumerate([polls.record(store, one) for one in told], 1):
        for result in ("purchase", "lead"):
            found = flat(polls.exposures(store, account.id, result, window, since, id_))
            assert sorted(found) == sorted(plain(told[:count], result, window, since))
            assert totals(found) == newest(polls.days(store, account.id, result, window, since, id_))
            assert all(at <= told[count - 1].as_of for _, _, at, *_ in found)


def plain(log: list[Poll], result: str, window: str, since: date) -> list[Row]:
    rows: list[Row] = []
    for count, one in enumerate(log, 1):
        before, after = (replayed(log[:n], result, since) for n in (count - 1, count))
        for (id_, day), now in after.items():
            then = before.get((id_, day))
            if then != now:
                at = one.as_of if then else min(one.as_of, end_of(day))
                rows.append((id_, day, min(at, log[-1].as_of), *grown(then, now, WINDOWS.index(window))))
    return rows


def grown(then: DailyInsights | None, now: DailyInsights, place: int) -> tuple[int, int, float, int]:
    then = then or row(spend=0, clicks=0)
    return (
        now.spend - then.spend,
        now.clicks - then.clicks,
        now.results[place] - then.results[place],
        now.revenue[place] - then.revenue[place],
    )


def end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(ACCOUNT.timezone))


def totals(found: list[Row]) -> dict[tuple[str, date], list[float]]:
    sums: dict[tuple[str, date], list[float]] = {}
    for id_, day, _, *figures in found:
        before = sums.get((id_, day), [0] * len(figures))
        sums[id_, day] = [known + more for known, more in zip(before, figures, strict=True)]
    return sums


def newest(days: polls.Days) -> dict[tuple[str, date], list[float]]:
    return {
        (days.ad_sets[place], date.fromordinal(day)): list(figures)
        for place, day, *figures in zip(
            days.ad_set, days.day, days.spend, days.clicks, days.results, days.revenue, strict=True
        )
    }
