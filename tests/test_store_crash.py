"""kill -9 at any point: what is in the file is whole, and the next run goes on."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from store_child import DAY, NOW, PAUSE, PLAN, SETS, end_of, instructions, kill_after, poll

from adopt.store import changes, plans, polls
from adopt.store.database import Store, open_store, transaction
from adopt.store.migrations import migrate

PARTS = 12  # recording a poll is some 300,000 instructions of SQLite: it is killed after each of so many parts


def polls_are_whole(store: Store) -> int:
    """How many polls there are; each of them, and only those, can be read as it was recorded."""
    ids = [id_ for (id_,) in store.rows("SELECT id FROM poll ORDER BY id")]
    for number, id_ in enumerate(ids, 1):
        days = polls.days(store, "act_1", "purchase", "7d_click", DAY, id_)
        assert (len(days), set(days.spend), set(days.results)) == (SETS * 3, {number}, {float(number)})
        assert {ad_set.name for ad_set in polls.objects(store, "act_1", id_)[2]} == {f"{number}"}
    assert store.value("PRAGMA integrity_check") == "ok"
    assert store.rows("PRAGMA foreign_key_check") == []
    return len(ids)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_poll_that_is_killed_while_it_is_recorded_is_not_there(tmp_path: Path, part: int) -> None:
    path = tmp_path / "adopt.db"
    with open_store(path) as store:
        polls.record(store, poll(1))
        whole = instructions(store.connection, lambda: polls.record(store, poll(2)))
    assert end_of("record", path, 1 + part * whole // PARTS) == -signal.SIGKILL
    with open_store(path) as store:
        assert polls_are_whole(store) == 2
        polls.record(store, poll(3))
        assert polls_are_whole(store) == 3


@pytest.mark.parametrize("after", [1, 2, 5])
def test_a_recorder_killed_at_any_moment_leaves_whole_polls(tmp_path: Path, after: int) -> None:
    path = tmp_path / "adopt.db"
    assert kill_after("polls", path, after) == [str(number) for number in range(1, after + 1)]
    with open_store(path) as store:
        count = polls_are_whole(store)
        assert count >= after
        polls.record(store, poll(count + 1))
        assert polls_are_whole(store) == count + 1


@pytest.mark.parametrize("after", [1, 2, 3, 20, 21])
def test_a_journal_killed_at_any_moment_knows_every_intent_that_was_told(tmp_path: Path, after: int) -> None:
    path = tmp_path / "adopt.db"
    with open_store(path) as store:
        plans.save(store, PLAN)
    told = [line.split() for line in kill_after("journal", path, after)]
    with open_store(path) as store:
        states = {outcome.id: outcome.state for outcome in changes.of_plan(store, PLAN.id)}
        assert {id_ for id_, _ in told} <= set(states)
        assert {states[id_] for id_, state in told if state == "applied"} <= {"applied"}
        assert len(changes.in_doubt(store, "act_1")) <= 1
        again = [changes.intend(store, PLAN.id, ordinal, PAUSE, NOW) for ordinal in range(1, len(states) + 1)]
        assert {intent.id: intent.outcome.state for intent in again if not intent.is_new} == states


def test_a_writer_killed_inside_a_transaction_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    assert kill_after("lock", path, 1) == ["locked"]
    with open_store(path, wait_s=0) as store, transaction(store):
        assert polls_are_whole(store) == 0


@pytest.mark.parametrize("part", range(0, PARTS, 3))
def test_a_file_killed_while_it_was_made_is_made_by_the_next(tmp_path: Path, part: int) -> None:
    path = tmp_path / "adopt.db"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        whole = instructions(connection, lambda: migrate(connection))
    assert end_of("make", path, 1 + part * whole // PARTS) == -signal.SIGKILL
    with open_store(path) as store:
        assert polls_are_whole(store) == 0
