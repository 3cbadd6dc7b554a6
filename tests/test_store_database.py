"""One file: who may read it, what a transaction keeps, and what each trouble is called."""

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from store_child import NOW as CHILDS_NOW
from store_child import command, fill

from adopt.errors import Invalid, NeedsPerson, Temporary
from adopt.model import Hold
from adopt.store.database import Store, moment, open_store, stamp, transaction
from adopt.store.hold import hold, set_hold

NOW = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_and_its_files_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "adopt.db"
    with open_store(path) as store:
        set_hold(store, True, "lunch", NOW)
        assert mode(path.parent) == 0o700
        assert {mode(file) for file in path.parent.iterdir()} == {0o600}


def test_a_commit_is_on_the_disk_and_references_hold(tmp_path: Path) -> None:
    with open_store(tmp_path / "adopt.db") as store:
        settings = {name: store.value(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")}
        assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    with open_store(tmp_path / "adopt.db") as store:
        pressed = set_hold(store, True, "lunch", NOW)
    with open_store(tmp_path / "adopt.db") as store:
        assert hold(store) == pressed


def press_twice(store: Store) -> None:
    set_hold(store, True, "lunch", NOW)
    set_hold(store, True, "lunch", NOW.replace(tzinfo=None))


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path / "adopt.db") as store:
        with pytest.raises(ValueError, match="no time zone"), transaction(store):
            press_twice(store)
        assert hold(store) is None


def test_an_inner_transaction_ends_with_the_outer_one(tmp_path: Path) -> None:
    with open_store(tmp_path / "adopt.db") as store, open_store(tmp_path / "adopt.db") as other:
        with transaction(store):
            set_hold(store, True, "lunch", NOW)
            assert hold(other) is None
        assert hold(other) == hold(store) is not None


def test_a_reader_is_not_kept_waiting_by_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    with open_store(path) as writer, transaction(writer), open_store(path, wait_s=0) as reader:
        assert hold(reader) is None


def test_a_second_writer_gives_up_after_its_patience(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    with open_store(path) as first, open_store(path, wait_s=0.05) as second, transaction(first):
        with pytest.raises(Temporary, match=r"adopt\.db is locked") as caught:
            set_hold(second, True, "lunch", NOW)
        assert caught.value.retry_after_s == 5


def test_a_second_writer_with_patience_waits_its_turn(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    with open_store(path) as store:
        with transaction(store):
            child = subprocess.Popen(command("hold", path), stdout=subprocess.PIPE)
            assert child.stdout is not None
            assert child.stdout.readline() == b"open\n"
            assert hold(store) is None
        with child:
            pass
        assert (child.returncode, hold(store)) == (0, Hold(reason="other", at=CHILDS_NOW))


def test_a_file_that_is_no_database_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    path.write_bytes(b"not a database " * 500)
    with pytest.raises(Invalid, match=r"adopt\.db is damaged: .*nothing was overwritten") as caught:
        open_store(path)
    assert f"mv {path}*" in caught.value.try_next
    assert path.read_bytes() == b"not a database " * 500


def test_damage_inside_is_told_when_it_is_met(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    open_store(path).close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(Invalid, match="is damaged"), open_store(path) as store:
        set_hold(store, True, "lunch", NOW)


def test_another_programs_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE song (title)")
    before = path.read_bytes()
    with pytest.raises(Invalid, match=r"other\.db is a database of another program"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_file_that_may_only_be_read_needs_a_person(tmp_path: Path) -> None:
    with open_store(tmp_path / "adopt.db") as store:
        store.run("PRAGMA query_only = ON")
        with pytest.raises(NeedsPerson, match=r"adopt\.db cannot be opened for writing"):
            set_hold(store, True, "lunch", NOW)


def test_a_path_under_a_file_needs_a_person(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(NeedsPerson, match="cannot be opened"):
        open_store(tmp_path / "data" / "adopt.db")


def test_a_full_database_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path / "adopt.db") as store:
        pressed = set_hold(store, True, "lunch", NOW)
        store.run(f"PRAGMA max_page_count = {store.value('PRAGMA page_count') + 2}")
        with pytest.raises(Temporary, match=r"disk is full or failing.*nothing was lost"):
            fill(store, 100_000)
        assert hold(store) == pressed
        store.run("PRAGMA max_page_count = 100000")
        fill(store, 100_000)
        assert hold(store) is None
        assert store.value("PRAGMA integrity_check") == "ok"


@pytest.mark.parametrize("size", [0, 4096, 200_000])
def test_a_disk_that_takes_no_more_bytes_loses_nothing(tmp_path: Path, size: int) -> None:
    path = tmp_path / "adopt.db"
    with open_store(path) as store:
        pressed = set_hold(store, True, "lunch", NOW)
    ended = subprocess.run(command("small_disk", path, size), check=False, stdout=subprocess.PIPE, text=True)
    assert ended.returncode == 75
    assert "nothing was lost" in ended.stdout
    with open_store(path) as store:
        assert (hold(store), store.value("SELECT count(*) FROM activity")) == (pressed, 0)
        assert store.value("PRAGMA integrity_check") == "ok"


def test_times_are_kept_as_text_that_sorts() -> None:
    berlin = datetime(2026, 10, 1, 11, 30, tzinfo=timezone(timedelta(hours=2)))
    later = NOW + timedelta(microseconds=1)
    assert stamp(berlin) == stamp(NOW) == "2026-10-01T09:30:00.000000+00:00" < stamp(later)
    assert moment(stamp(later)) == later


def test_a_time_without_a_zone_is_not_kept() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        stamp(datetime(2026, 10, 1))  # noqa: DTZ001 # the very mistake


def test_reading_loads_neither_sqlite_utils_nor_numpy(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    open_store(path).close()
    code = f"""
import sys
from pathlib import Path
from adopt.store import activity, changes, database, history, hold, looks, plans, polls
with database.open_store(Path({str(path)!r})) as store:
    hold.hold(store)
print({{"sqlite_utils", "numpy"}} & set(sys.modules))
"""
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"set()\n"
