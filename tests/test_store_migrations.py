"""The steps run once each, in order, whole or not at all, whoever comes first."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_child import LATER, migrate_file, together

from adopt.errors import Invalid
from adopt.store.database import open_store
from adopt.store.migrations import STEPS

if TYPE_CHECKING:
    from sqlite_utils import Database


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
        connection.execute("PRAGMA user_version = 7")
    before = path.read_bytes()
    with pytest.raises(Invalid, match=rf"made by a newer adopt \(schema 7, this one knows {len(STEPS)}\)") as caught:
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
