"""The steps run once each, in order, whole or not at all, whoever comes first."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from store_child import LATER, NOW, PLAN, migrate_file, poll, together

from adopt.errors import Invalid
from adopt.store import history, plans, polls, priors
from adopt.store.database import Store, open_store
from adopt.store.migrations import STEPS

if TYPE_CHECKING:
    from sqlite_utils import Database

    from adopt.store.migrations import Step


def break_down(database: "Database") -> None:
    database.execute("DROP TABLE colour")
    raise ZeroDivisionError


def test_a_new_file_gets_every_step_by_name(tmp_path: Path) -> None:
    open_store(tmp_path / "adopt.db").close()
    with closing(sqlite3.connect(tmp_path / "adopt.db")) as connection:
        assert connection.execute("SELECT name FROM migration").fetchall() == sorted((step.__name__,) for step in STEPS)
        assert connection.execute("PRAGMA user_version").fetchall() == [(len(STEPS),)]


def test_only_the_steps_that_are_missing_run(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    open_store(path).close()
    assert migrate_file(path, LATER) == ("add_colour", "fill_colour")
    assert migrate_file(path, LATER) == ()


@pytest.mark.parametrize("count", range(1, len(STEPS)))
def test_an_older_database_comes_to_know_what_a_new_one_does(tmp_path: Path, count: int) -> None:
    new, old = tmp_path / "new.db", tmp_path / "old.db"
    with open_store(new) as store:
        for number in (1, 2, 2, 3):
            polls.record(store, poll(number))
        for name, target in (("aa11", "CPA €30.00"), ("bb22", "CPA €25.00")):
            plans.save(store, replace(PLAN, id=name, target=target, poll=int(name[0] == "b") + 1))
    make_older(old, STEPS[:count], new)
    with open_store(old) as store:
        brought = known(store)
    with open_store(new) as store:
        assert brought == known(store)


def test_a_prior_of_an_older_database_is_dated_by_the_first_plan_that_could_see_its_object(tmp_path: Path) -> None:
    new, old = tmp_path / "new.db", tmp_path / "old.db"
    with open_store(new) as store:
        for number in (1, 2, 3):
            polls.record(store, poll(number))
        for name, seen in (("aa11", 2), ("bb22", 3)):
            plans.save(store, replace(PLAN, id=name, target="CPA €30.00", attribution="7d_click", poll=seen))
        for target in ("CPA €30.00 7d_click", "CPA €25.00 7d_click"):
            priors.freeze(store, "act_1", "purchase", target, {"100": (1.0, 2.0)}, 1)
    make_older(old, STEPS[:3], new)
    with open_store(old) as store:
        assert store.rows("SELECT target, poll FROM prior ORDER BY target DESC") == [
            ("CPA €30.00 7d_click", 2),
            ("CPA €25.00 7d_click", None),
        ]


def make_older(path: Path, steps: "tuple[Step, ...]", new: Path) -> None:
    """A database that only these steps have made, with the rows of a new one."""
    path.touch()
    migrate_file(path, steps)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ATTACH ? AS new", [str(new)])
        tables = (
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT IN ('migration', 'sqlite_sequence')"
        )
        for (table,) in connection.execute(tables).fetchall():
            columns = ", ".join(name for _, name, *_ in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        connection.commit()


def known(store: Store) -> tuple[object, ...]:
    since = NOW.date() - timedelta(days=9)
    return (
        polls.exposures(store, "act_1", "purchase", "7d_click", since),
        polls.exposures(store, "act_1", "purchase", "7d_click", since, 2),
        history.histories(store, "act_1", NOW)["100"],
        plans.latest_judging(store, "act_1"),
        priors.frozen(store, "act_1", "purchase", "CPA €30.00"),
        store.rows("SELECT n, poll, target, attribution FROM plan"),
    )


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    open_store(path).close()
    with pytest.raises(ZeroDivisionError):
        migrate_file(path, (*LATER, break_down))
    assert migrate_file(path, LATER) == ()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM colour").fetchall() == [("red",)]


def test_a_newer_database_asks_for_an_upgrade_and_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    open_store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(Invalid, match=rf"made by a newer adopt \(schema 99, this one knows {len(STEPS)}\)") as caught:
        open_store(path)
    assert "upgrade" in caught.value.try_next
    assert path.read_bytes() == before


def test_each_step_runs_once_when_processes_come_together(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    open_store(path).close()
    ran = together("migrate", path, 3)
    assert sorted(" ".join(ran).split()) == ["add_colour", "fill_colour"]


def test_processes_that_open_a_new_file_together_all_get_in(tmp_path: Path) -> None:
    path = tmp_path / "data" / "adopt.db"
    assert together("open", path, 6) == ["opened\n"] * 6
