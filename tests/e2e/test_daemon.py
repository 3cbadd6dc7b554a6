"""The daemon as a process: it keeps time, survives kill -9, is alone, and stops."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cli_program import adopt
from flight import Flight, flight

from adopt.store.database import open_store, transaction


@pytest.fixture
def fly(tmp_path: Path) -> Iterator[Flight]:
    """A simulated account with a policy, and no daemon left behind."""
    with flight(tmp_path, "--seed", "1", "--ad-sets", "6", "--days", "40") as flown:
        assert flown.adopt("init", *flown.targets()).code == 0
        yield flown
        flown.adopt("daemon", "stop")


def until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What comes true in the end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come true")


def completed(fly: Flight) -> set[str]:
    return {job["kind"] for job in fly.json("job", "list") if job["state"] == "completed"}


def pid(fly: Flight) -> int:
    return int(fly.json("daemon", "status")["daemon"]["pid"])


def log_of(fly: Flight) -> list[dict[str, Any]]:
    """The daemon's log."""
    return [json.loads(line) for line in fly.adopt("daemon", "logs", "-n", "1000").out.splitlines()]


def test_it_polls_and_optimizes_by_itself_and_tells_who_it_is(fly: Flight) -> None:
    assert fly.adopt("daemon", "start").code == 0
    until(lambda: {"poll", "optimize"} <= completed(fly))
    told = fly.json("status")
    assert told["daemon"]["pid"] == pid(fly)
    assert told["daemon"]["version"] == told["version"]
    assert told["plan"]
    log = [json.loads(line) for line in fly.adopt("daemon", "logs").out.splitlines()]
    assert log[0]["text"] == "the daemon starts"
    assert any(line.get("what") == "plan" for line in log)
    assert fly.door["access_token"] not in fly.adopt("daemon", "logs", "-n", "1000").out


def test_one_runs_at_a_time(fly: Flight) -> None:
    assert fly.adopt("daemon", "start").code == 0
    first = pid(fly)
    assert fly.adopt("daemon", "start").code == 0
    assert pid(fly) == first
    ran = fly.adopt("daemon", "run")
    assert (ran.code, f"process {first}" in ran.err) == (5, True)


def test_two_started_at_once_are_one(fly: Flight) -> None:
    starts = [fly.start("daemon", "start") for _ in range(3)]
    assert [start.wait(60) for start in starts] == [0, 0, 0]
    [first] = [line for line in log_of(fly) if line["text"] == "the daemon starts"]
    assert first["pid"] == pid(fly)


def test_it_goes_on_after_kill_9(fly: Flight) -> None:
    fly.adopt("daemon", "start")
    first = pid(fly)
    os.kill(first, signal.SIGKILL)
    until(lambda: not fly.json("daemon", "status")["running"])
    assert fly.adopt("daemon", "start").code == 0
    assert pid(fly) != first
    until(lambda: "optimize" in completed(fly))
    until(lambda: [job["kind"] for job in fly.json("job", "list", "--open") if job["kind"] != "review"] == [])


def test_it_stops_when_told_and_nothing_is_left_running(fly: Flight) -> None:
    fly.adopt("daemon", "start")
    number = pid(fly)
    assert fly.adopt("daemon", "stop").code == 0
    with pytest.raises(ProcessLookupError):
        until(lambda: os.kill(number, 0), 5)
    assert fly.adopt("daemon", "stop").code == 0
    assert not fly.json("daemon", "status")["running"]


def test_a_database_that_is_locked_for_a_while_is_waited_for(fly: Flight) -> None:
    fly.adopt("daemon", "start")
    number = pid(fly)
    with open_store(fly.home / "data" / "adopt.db") as store, transaction(store):
        time.sleep(3)
        store.run("UPDATE hold SET reason = reason")
    until(lambda: {"poll", "optimize"} <= completed(fly))
    assert pid(fly) == number
    assert [line for line in log_of(fly) if line["level"] == "error"] == []


def test_a_job_that_is_watched_and_that_nobody_works_at_has_a_daemon_started(fly: Flight) -> None:
    fly.adopt("launch", "init", str(fly.home / "first"))
    job = fly.json("launch", str(fly.home / "first" / "launch.toml"))["id"]
    assert not fly.json("daemon", "status")["running"]
    assert fly.json("job", "watch", job)["state"] == "completed"
    assert fly.json("daemon", "status")["running"]


def test_it_carries_a_launch_through(fly: Flight) -> None:
    fly.adopt("daemon", "start")
    assert fly.adopt("launch", "init", str(fly.home / "first")).code == 0
    ran = fly.adopt("launch", str(fly.home / "first" / "launch.toml"))
    assert ran.code == 0, ran.err
    assert "adopt job run" not in ran.out
    until(lambda: "launch" in completed(fly))


def test_while_held_nothing_is_written(fly: Flight) -> None:
    fly.adopt("hold", "on")
    fly.forget_calls()
    fly.adopt("daemon", "start")
    until(lambda: any(job["kind"] == "optimize" for job in fly.json("job", "list")))
    time.sleep(2)
    assert fly.calls("POST") == []
    assert "optimize" not in completed(fly)
    fly.adopt("hold", "off")
    until(lambda: "optimize" in completed(fly))


def test_a_policy_that_cannot_be_read_is_told_and_the_others_go_on(fly: Flight) -> None:
    other = fly.home / "config" / "policy" / "act_999.toml"
    other.write_text("[target]\ncpa = 'x'\n")
    fly.adopt("daemon", "start")
    until(lambda: "optimize" in completed(fly))
    assert "act_999 is left out" in fly.adopt("daemon", "logs").out


def test_a_unit_is_written_and_taken_back(tmp_path: Path) -> None:
    home = {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), "ADOPT_ACCESS_TOKEN": "EAAcanaryCanary0123"}
    assert adopt(tmp_path, "daemon", "install", **home).code == 0
    [unit] = (tmp_path / "xdg").rglob("adopt.service")
    text = unit.read_text()
    assert "daemon run" in text
    assert "EAAcanary" not in text
    if subprocess.run(["which", "systemd-analyze"], capture_output=True, check=False).returncode == 0:
        subprocess.run(["systemd-analyze", "verify", "--user", str(unit)], check=False, timeout=30)
    assert adopt(tmp_path, "daemon", "uninstall", **home).code == 0
    assert not unit.exists()
    assert datetime.now(UTC).year >= 2026
