"""The database under a run: damaged, from the future, or on a full disk; nothing is lost, and the next run goes on."""

import sqlite3
import subprocess
import sys

import pytest
from cli_program import environment_of
from flight import Flight


def test_a_damaged_database_is_named_and_left_as_it_is(fly: Flight) -> None:
    fly.adopt("plan", *fly.targets())
    path = fly.home / "data" / "adopt.db"
    path.write_bytes(b"not a database, but somebody's thesis\n" * 1000)
    ran = fly.adopt("optimize", *fly.targets())
    assert ran.code == 2
    assert str(path) in ran.err
    assert path.read_bytes().startswith(b"not a database")
    assert fly.calls("POST") == []


def test_a_database_of_a_newer_adopt_is_refused(fly: Flight) -> None:
    fly.adopt("plan", *fly.targets())
    with sqlite3.connect(fly.home / "data" / "adopt.db") as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    ran = fly.adopt("status")
    assert ran.code == 2
    assert "newer adopt" in ran.err


@pytest.mark.parametrize("blocks", [64, 120, 200])
def test_a_full_disk_stops_the_run_and_the_next_one_goes_on(fly: Flight, blocks: int) -> None:
    fly.adopt("init", "--no-input", *fly.targets())
    fly.adopt("status")
    ran = subprocess.run(
        ["bash", "-c", f'ulimit -f {blocks}; exec "$@"', "bash", sys.executable, "-m", "adopt", "optimize"],
        env=environment_of(fly.home, **fly.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 75, ran.stderr
    assert "full" in ran.stderr
    assert fly.adopt("optimize").code == 0
    assert fly.json("status")["in_doubt"] == 0
    writes = [call for call in fly.calls("POST") if call != "POST /"]
    assert len(writes) == len(set(writes))
