"""`adopt job`: what a person and a program see of the queue."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli_program import adopt, on_terminal

from adopt.errors import Rejected
from adopt.store import queue, steps
from adopt.store.database import Store, open_store
from adopt.store.queue import Lease, Order


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data" / "adopt.db") as opened:
        yield opened


def enqueue(store: Store, key: str, **more: object) -> str:
    return queue.enqueue(
        store,
        Order(**{"key": key, "kind": "launch", "lane": "act_1", "name": f"Launch {key}", "payload": b"", **more}),
        now,
    )[0].id


def claim(store: Store) -> Lease:
    lease = queue.claim(store, "w1", ["launch"], now)
    assert lease is not None
    return lease


def failed(store: Store) -> str:
    job = enqueue(store, "a")
    lease = claim(store)
    steps.begin(store, lease.n, "campaign", "creating", now())
    steps.finish(store, lease.n, "campaign", "120", now())
    steps.begin(store, lease.n, "ad set 1", "creating", now())
    error = Rejected("Your budget is too low", try_next="set at least 5.00 a day", code=100, subcode=1885272)
    steps.refuse(store, lease.n, "ad set 1", error, now())
    queue.fail(store, lease, error, now)
    return job


def test_a_list_shows_each_job_with_its_state_and_error(tmp_path: Path, store: Store) -> None:
    bad, waiting = failed(store), enqueue(store, "b")
    lines = adopt(tmp_path, "job", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["job", waiting, bad]
    assert "Failed  1 of 2" in lines[2]
    assert lines[2].endswith("Your budget is too low")
    assert [line.split()[0] for line in adopt(tmp_path, "job", "list", "--open").out.splitlines()] == ["job", waiting]
    [first, second] = json.loads(adopt(tmp_path, "job", "list", "-o", "json").out)
    assert (first["state"], second["error"]["subcode"]) == ("queued", 1885272)


def test_a_job_is_shown_with_its_steps_and_what_to_do(tmp_path: Path, store: Store) -> None:
    out = adopt(tmp_path, "job", "get", failed(store)[:5]).out
    for said in (
        "Launch a",
        "Failed",
        "Your budget is too low",
        "set at least 5.00 a day",
        "campaign",
        "120",
        "refused",
    ):
        assert said in out


def test_a_failed_job_is_queued_again_and_a_waiting_one_cancelled(tmp_path: Path, store: Store) -> None:
    job = failed(store)
    ran = adopt(tmp_path, "job", "retry", job)
    assert ran.out.splitlines() == [f"Job {job} is queued again.", f"next: adopt job watch {job}"]
    assert json.loads(adopt(tmp_path, "job", "cancel", job, "-o", "json").out)["state"] == "cancelled"
    again = adopt(tmp_path, "job", "cancel", job)
    assert (again.code, again.err.splitlines()[0]) == (2, f"error: job {job} has ended: cancelled")


def test_a_running_job_is_told_to_end(tmp_path: Path, store: Store) -> None:
    job = enqueue(store, "a")
    claim(store)
    assert adopt(tmp_path, "job", "cancel", job).out.startswith(f"Job {job} will end before its next step.")


def test_an_unknown_job_is_an_error_that_says_where_to_look(tmp_path: Path) -> None:
    ran = adopt(tmp_path, "job", "get", "ffff")
    assert (ran.code, ran.err) == (2, "error: there is no job ffff\ntry: adopt job list\n")


def test_watching_jobs_that_have_ended_gives_their_end_and_exit_7_for_a_failure(tmp_path: Path, store: Store) -> None:
    job = failed(store)
    ran = adopt(tmp_path, "job", "watch", job, "-o", "json")
    assert (ran.code, json.loads(ran.out)["id"]) == (7, job)
    assert json.loads(ran.err)["error"]["message"] == f"1 job failed: {job}"


def test_a_run_in_the_foreground_leaves_later_starts_and_is_silent_for_cron(tmp_path: Path, store: Store) -> None:
    enqueue(store, "a", due=now() + timedelta(hours=1))
    ran = adopt(tmp_path, "job", "run", "-q")
    assert (ran.code, ran.err) == (0, "")
    code, screen = on_terminal(tmp_path, "job", "run")
    assert code == 0
    assert "Queued" in screen


def test_nothing_runs_while_adopt_is_on_hold(tmp_path: Path) -> None:
    adopt(tmp_path, "hold", "on", "--reason", "sale")
    ran = adopt(tmp_path, "job", "run")
    assert (ran.code, ran.err.splitlines()[-1]) == (8, "try: adopt hold off")
