"""kill -9 at any point: what is in the file is whole, and the next run goes on."""

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen, run

import pytest

from adopt.model import Account, AdSet, Change, DailyInsights, Plan, Poll, Ref
from adopt.store import changes, plans, polls
from adopt.store.database import Store, open_store, transaction
from adopt.store.migrations import migrate

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
DAY = date(2026, 10, 1)
ACCOUNT = Account(id="act_1", name="Shoes", currency="EUR", timezone="UTC")
PAUSE = Change(
    object=Ref(level="adset", id="1", name=""), field="status", before="ACTIVE", after="PAUSED", rule="r", sentence=""
)
SETS = 300
PARTS = 12  # recording a poll is some 300,000 instructions of SQLite: it is killed after each of so many parts


def poll(number: int) -> Poll:
    """A poll in which every state and every value shows its number."""
    ids = [str(100 + n) for n in range(SETS)]
    return Poll(
        account=ACCOUNT,
        as_of=NOW + timedelta(hours=number),
        since=DAY,
        until=DAY + timedelta(days=2),
        result="purchase",
        campaigns=(),
        ad_sets=tuple(
            AdSet(id=id_, name=f"{number}", campaign_id="c", status="ACTIVE", effective_status="ACTIVE") for id_ in ids
        ),
        insights=tuple(
            DailyInsights(
                ad_set=id_,
                date=DAY + timedelta(days=day),
                spend=number,
                impressions=number,
                clicks=number,
                results=(number,) * 6,
                revenue=(number,) * 6,
            )
            for id_ in ids
            for day in range(3)
        ),
    )


def plan() -> Plan:
    return Plan(
        id="aa11",
        account="act_1",
        currency="EUR",
        timezone="UTC",
        made_at=NOW,
        expires_at=NOW,
        origin="engine",
        method="wilson",
        target="cpa 30.00 EUR",
        attribution="7d_click",
        changes=(PAUSE,),
    )


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
    command = [sys.executable, __file__, "record", str(path), str(1 + part * whole // PARTS)]
    assert run(command, check=False).returncode == -signal.SIGKILL
    with open_store(path) as store:
        assert polls_are_whole(store) == 2
        polls.record(store, poll(3))
        assert polls_are_whole(store) == 3


def instructions(connection: sqlite3.Connection, deed: Callable[[], object]) -> int:
    """How many instructions SQLite carries out for a deed."""
    counted: list[int] = []
    connection.set_progress_handler(lambda: counted.append(1), 1)
    deed()
    connection.set_progress_handler(None, 0)
    return len(counted)


@pytest.mark.parametrize("after", [1, 2, 5])
def test_a_recorder_killed_at_any_moment_leaves_whole_polls(tmp_path: Path, after: int) -> None:
    path = tmp_path / "adopt.db"
    told = kill_after("polls", path, after)
    with open_store(path) as store:
        count = polls_are_whole(store)
        assert count in (after, after + 1), told
        polls.record(store, poll(count + 1))
        assert polls_are_whole(store) == count + 1


@pytest.mark.parametrize("after", [1, 2, 3, 20, 21])
def test_a_journal_killed_at_any_moment_knows_every_intent_that_was_told(tmp_path: Path, after: int) -> None:
    path = tmp_path / "adopt.db"
    with open_store(path) as store:
        plans.save(store, plan())
    told = kill_after("journal", path, after)
    with open_store(path) as store:
        states = {outcome.id: outcome.state for outcome in changes.of_plan(store, "aa11")}
        assert set(told) <= {f"{id_} {state}" for id_, state in states.items()} | {f"{id_} intended" for id_ in states}
        settled = [line.removesuffix(" applied") for line in told if line.endswith("applied")]
        assert [states[id_] for id_ in settled] == ["applied"] * len(settled)
        assert len(changes.in_doubt(store, "act_1")) <= 1
        for ordinal in range(1, len(states) + 1):
            assert not changes.intend(store, "aa11", ordinal, PAUSE, NOW).is_new


def kill_after(what: str, path: Path, lines: int) -> list[str]:
    """What a process told in so many lines before it was killed; each line was told after its commit."""
    with Popen([sys.executable, __file__, what, str(path), "0"], stdout=PIPE, text=True) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().strip() for _ in range(lines)]
        child.kill()
        return told


def test_a_writer_killed_inside_a_transaction_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    kill_after("lock", path, 1)
    with open_store(path, wait_s=0) as store, transaction(store):
        assert polls_are_whole(store) == 0


@pytest.mark.parametrize("part", range(0, PARTS, 3))
def test_a_file_killed_while_it_was_made_is_made_by_the_next(tmp_path: Path, part: int) -> None:
    path = tmp_path / "adopt.db"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        whole = instructions(connection, lambda: migrate(connection))
    command = [sys.executable, __file__, "make", str(path), str(1 + part * whole // PARTS)]
    assert run(command, check=False).returncode == -signal.SIGKILL
    with open_store(path) as store:
        assert polls_are_whole(store) == 0


def die(connection: sqlite3.Connection, after: int) -> None:
    """The process killed after so many instructions, counted over statements: SQLite begins anew with each."""
    left = iter(range(after))
    connection.set_progress_handler(lambda: next(left, None) is None and os.kill(os.getpid(), signal.SIGKILL), 1)


def record_on(store: Store) -> None:
    for number in range(1, 200):
        print(polls.record(store, poll(number)), flush=True)  # noqa: T201 # the parent counts the lines


def journal_on(store: Store) -> None:
    for ordinal in range(1, 2000):
        intent = changes.intend(store, "aa11", ordinal, PAUSE, NOW)
        print(intent.id, "intended", flush=True)  # noqa: T201
        print(intent.id, changes.settle(store, intent.id, "applied", "", NOW).state, flush=True)  # noqa: T201


def lock_on(store: Store) -> None:
    with transaction(store):
        polls.record(store, poll(1))
        print("locked", flush=True)  # noqa: T201
        signal.pause()


def make(path: Path, _: str, after: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        die(connection, after)
        migrate(connection)


def act(path: Path, what: str, after: int) -> None:
    """Run in a process of its own, to be killed."""
    with open_store(path) as store:
        if what == "record":
            die(store.connection, after)
            polls.record(store, poll(3))
        else:
            {"polls": record_on, "journal": journal_on, "lock": lock_on}[what](store)


if __name__ == "__main__":
    _, what, path, after = sys.argv
    (make if what == "make" else act)(Path(path), what, int(after))
