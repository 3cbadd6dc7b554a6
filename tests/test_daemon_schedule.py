"""When slots are due: intervals, cron's own weekdays, the account's zone, and each slot once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adopt.daemon.schedule import Slot, Timetable, trigger_of
from adopt.errors import Invalid
from adopt.operations import passing
from adopt.operations.applying import require_no_hold
from adopt.operations.working import Worker
from adopt.policy import Schedule
from adopt.store import hold, queue
from adopt.store.database import Store, open_store

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def fires(text: str, after: datetime, times: int, zone: str = "UTC") -> list[datetime]:
    """The first moments that a schedule is due after one."""
    trigger, found = trigger_of(Slot("optimize", "act_1", text, zone)), list[datetime]()
    previous = None
    while len(found) < times:
        previous = trigger.get_next_fire_time(previous, after if previous is None else previous + timedelta(seconds=1))
        found.append(previous)
    return found


@given(st.integers(0, 7))
def test_a_weekday_is_crons_and_counts_from_sunday(day: int) -> None:
    [due] = fires(f"0 6 * * {day}", NOW, 1)
    assert due.isoweekday() % 7 == day % 7
    assert (due.hour, due.minute) == (6, 0)


@pytest.mark.parametrize(
    ("weekdays", "days"),
    [
        ("1-5", {1, 2, 3, 4, 5}),
        ("0,6", {0, 6}),
        ("mon", {1}),
        ("*", set(range(7))),
        ("*/2", {0, 2, 4, 6}),
        ("5-7", {5, 6, 0}),
        ("0-2", {0, 1, 2}),
    ],
)
def test_ranges_and_lists_of_weekdays_are_crons(weekdays: str, days: set[int]) -> None:
    found = {due.isoweekday() % 7 for due in fires(f"0 6 * * {weekdays}", NOW, 14)}
    assert found == days


def test_a_cron_expression_is_in_the_accounts_zone_through_a_change_of_clocks() -> None:
    found = fires("30 8 * * *", datetime(2026, 3, 6, tzinfo=UTC), 5, "America/New_York")
    assert {due.astimezone(ZoneInfo("America/New_York")).strftime("%H:%M") for due in found} == {"08:30"}
    assert len({due.date() for due in found}) == 5
    assert {due.astimezone(UTC).hour for due in found} == {12, 13}


@pytest.mark.parametrize("text", ["61 * * * *", "* * * * 9", "* 25 * * *", "* * * * 3-1", "* * * * noday"])
def test_a_cron_expression_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is no schedule"):
        trigger_of(Slot("optimize", "act_1", text, "UTC"))


@pytest.mark.parametrize("text", ["1m", "sometimes", "* * * *", "a b c d !"])
def test_a_policy_refuses_a_schedule_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"optimize|sometimes"):
        Schedule(optimize=text)


def test_what_is_off_has_no_slot() -> None:
    assert Schedule(optimize="off", poll="2h", check="off", digest="off").slots == {"poll": "2h"}


def test_a_timetable_keeps_the_beat_of_what_did_not_change() -> None:
    fired: list[str] = []
    timetable = Timetable(lambda slot, _: fired.append(slot.kind))
    one, other = (Slot(kind, "act_1", "0 0 1 1 *", "UTC") for kind in ("optimize", "poll"))
    timetable.start()
    try:
        timetable.keep([one, other])
        before = timetable.due()
        timetable.keep([one])
        assert dict(timetable.due()) == {"optimize:act_1": before["optimize:act_1"]}
        timetable.keep([])
        assert timetable.due() == {}
    finally:
        timetable.stop()
    assert fired == []


@pytest.mark.parametrize(
    ("zone", "text", "eve"),
    [
        ("Europe/Berlin", "30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC)),  # 02:30 is left out
        ("Europe/Berlin", "30 2 * * *", datetime(2026, 10, 24, 12, tzinfo=UTC)),  # 02:30 comes twice
        ("America/Santiago", "0 0 * * *", datetime(2026, 9, 5, 12, tzinfo=UTC)),  # midnight is left out
        ("America/Santiago", "30 23 * * *", datetime(2026, 4, 4, 12, tzinfo=UTC)),  # 23:30 comes twice
    ],
)
def test_each_day_has_its_pass_once_where_the_clocks_change(zone: str, text: str, eve: datetime) -> None:
    found = fires(text, eve, 4, zone)
    days = [due.astimezone(ZoneInfo(zone)).date().toordinal() for due in found]
    assert days == list(range(days[0], days[0] + 4))


def test_in_the_hour_that_comes_twice_a_daemon_that_starts_waits_for_tomorrow() -> None:
    again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    [due] = fires("30 2 * * *", again, 1, "Europe/Berlin")
    assert due == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_clock_that_is_set_back_holds_nothing_up() -> None:
    timetable, slot = Timetable(lambda *_: None), Slot("optimize", "act_1", "4h", "UTC")
    ahead = datetime.now(UTC) + timedelta(days=2)
    timetable.keep([slot])
    assert timetable.heed(ahead, 100.0) == 0.0
    assert timetable.heed(ahead + timedelta(seconds=9), 110.0) == 0.0  # put right, no jump
    assert timetable.heed(ahead + timedelta(hours=6), 111.0) == 0.0  # forward: the scheduler finds it late by itself
    before = timetable.due()["optimize:act_1"]
    back = timetable.heed(datetime.now(UTC), 112.0)
    assert back == pytest.approx((ahead - datetime.now(UTC)).total_seconds() + 6 * 3600, abs=20)
    assert before < timetable.due()["optimize:act_1"] <= datetime.now(UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "adopt.db")


def due(store: Store, at: datetime, account: str = "act_1", kind: str = "optimize") -> bool:
    return passing.enqueue(store, kind, account, "http://127.0.0.1:1", at, lambda: at)


def test_a_slot_is_one_job_however_often_it_fires(store: Store) -> None:
    assert due(store, NOW)
    assert not due(store, NOW)
    assert len(queue.listing(store)) == 1


def test_slots_that_were_missed_are_one_pass(store: Store) -> None:
    assert [due(store, NOW + timedelta(hours=n)) for n in range(4)] == [True, False, False, False]
    lease = queue.claim(store, "w", ["optimize"], lambda: NOW)
    assert lease
    assert not due(store, NOW + timedelta(hours=5))
    queue.complete(store, lease, lambda: NOW)
    assert due(store, NOW + timedelta(hours=6))


def test_accounts_and_kinds_do_not_hold_each_other_up(store: Store) -> None:
    assert due(store, NOW)
    assert due(store, NOW, "act_2")
    assert due(store, NOW, kind="poll")


def test_passes_long_done_are_swept_and_failed_ones_stay(store: Store) -> None:
    for n in range(3):
        assert due(store, NOW + timedelta(hours=n))
        at = NOW + timedelta(hours=n)
        lease = queue.claim(store, "w", ["optimize"], lambda at=at: at)  # type: ignore[misc]
        assert lease
        if n:
            queue.complete(store, lease, lambda at=at: at)  # type: ignore[misc]
        else:
            queue.fail(store, lease, Invalid("no"), lambda at=at: at)  # type: ignore[misc]
    assert due(store, NOW + timedelta(days=2))
    assert [job.state for job in queue.listing(store)] == ["queued", "failed"]


def test_the_red_button_does_not_stop_the_clock(store: Store) -> None:
    hold.set_hold(store, True, "sale", NOW)
    assert due(store, NOW)


def test_a_pass_that_the_red_button_stops_midway_is_made_when_it_is_released(tmp_path: Path, store: Store) -> None:
    made: list[str] = []

    def make(account: str) -> None:
        if not made:
            hold.set_hold(store, True, "sale", NOW)
        made.append(account)
        require_no_hold(store)

    kinds = {"optimize": passing.kind("http://127.0.0.1:1", make)}
    worker = Worker(lambda: open_store(store.path), tmp_path / "workers", kinds)
    assert due(store, NOW)
    worker.run_due(Event())
    assert [job.state for job in queue.listing(store)] == ["queued"]
    hold.set_hold(store, False, "", NOW)
    worker.run_due(Event())
    assert [job.state for job in queue.listing(store)] == ["completed"]
    assert made == ["act_1", "act_1"]
