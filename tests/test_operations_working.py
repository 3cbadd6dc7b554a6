"""The worker: no job lost, none done twice, whatever dies when; real processes, really killed."""

import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from subprocess import PIPE, Popen
from threading import Event, Thread

import pytest
import worker_child
from worker_child import STEPS, Outside

from adopt.errors import AdoptError, NeedsPerson, Temporary, Unknown
from adopt.model import Job
from adopt.operations.working import Context, Kind, Worker, backoff
from adopt.store import hold, queue
from adopt.store.database import Store, open_store
from adopt.store.queue import Order

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "adopt.db") as opened:
        yield opened


def order(key: str, kind: str = "build", **more: object) -> Order:
    return Order(**{"key": key, "kind": kind, "lane": "act_1", "name": key, "payload": key.encode(), **more})


def child(home: Path, skew: float = 0.0) -> Popen[bytes]:
    process = Popen([sys.executable, worker_child.__file__, str(home), str(skew)], stdout=PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def kill(process: Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def wait(store: Store, state: str = "completed", limit_s: float = 60.0) -> tuple[Job, ...]:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        jobs = queue.listing(store, limit=10_000)
        if all(job.state == state for job in jobs):
            return jobs
        time.sleep(0.02)
    raise AssertionError([(job.name, job.shown, job.error) for job in jobs])


def run_due(tmp_path: Path, run: object, **kind: object) -> None:
    kinds = {"build": Kind(run, **kind)}  # type: ignore[arg-type]
    Worker(partial(open_store, tmp_path / "adopt.db"), tmp_path / "workers", kinds, settle_s=0.05).run_due(Event())


def everything_was_made_once(home: Path, jobs: int) -> None:
    made = Counter(path.name.rsplit(".", 1)[0] for path in Outside(home / "outside").made.iterdir())
    assert len(made) == jobs * STEPS
    assert set(made.values()) == {1}


@pytest.mark.parametrize("seed", range(5))
def test_a_worker_killed_again_and_again_makes_everything_once(tmp_path: Path, store: Store, seed: int) -> None:
    for number in range(3):
        queue.enqueue(store, order(f"job{number}"), now)
    chance = Random(seed)  # noqa: S311 - when to kill
    kills = 0
    process = child(tmp_path)
    while any(job.state != "completed" for job in queue.listing(store)) and kills < 12:
        time.sleep(chance.uniform(0.0, 0.08))
        kill(process)
        kills += 1
        process = child(tmp_path)
    jobs = wait(store)
    kill(process)
    assert kills > 0
    everything_was_made_once(tmp_path, 3)
    doubts = sum(step.attempts - 1 for job in jobs for step in job.steps)
    looks = len(list(Outside(tmp_path / "outside").looked.iterdir()))
    assert doubts <= looks <= 3 * kills
    assert all(job.failures == 0 and job.error is None for job in jobs)


def test_two_workers_whose_clocks_differ_by_a_minute_share_the_lanes(tmp_path: Path, store: Store) -> None:
    for number in range(12):
        queue.enqueue(store, order(f"job{number}", lane=f"act_{number % 3}"), now)
    workers = [child(tmp_path), child(tmp_path, 60.0)]
    time.sleep(0.15)
    kill(workers[1])
    workers[1] = child(tmp_path, 60.0)
    wait(store)
    for process in workers:
        kill(process)
    everything_was_made_once(tmp_path, 12)


def test_a_worker_told_to_stop_finishes_its_step_and_leaves_the_job_for_the_next(tmp_path: Path, store: Store) -> None:
    queue.enqueue(store, order("job"), now)
    stop, called = Event(), []

    def run(context: Context, _: bytes) -> None:
        for number in range(3):
            context.step(f"{number}", lambda n=number: called.append(n) or stop.set())

    kinds = {"build": Kind(run)}
    Worker(partial(open_store, tmp_path / "adopt.db"), tmp_path / "workers", kinds).run(stop)
    assert called == [0]
    assert queue.listing(store)[0].state == "queued"
    stop = Event()
    Worker(partial(open_store, tmp_path / "adopt.db"), tmp_path / "workers", kinds).run_due(Event())
    assert called == [0, 1, 2]


def test_what_was_refused_stops_at_once_and_goes_on_from_there_when_tried_again(tmp_path: Path, store: Store) -> None:
    job, _ = queue.enqueue(store, order("job"), now)
    called, mended = [], []

    def pay() -> str:
        if not mended:
            raise NeedsPerson("the card was declined", try_next="update the card")
        return "120"

    def run(context: Context, _: bytes) -> None:
        context.step("first", lambda: called.append("first") or "119")
        context.step("pay", pay, find=lambda: pytest.fail("a refused step is in no doubt"))

    run_due(tmp_path, run)
    failed = queue.find(store, job.id)
    assert (failed.state, failed.shown) == ("failed", "Failed")
    assert failed.error is not None
    assert (failed.error.kind, failed.error.next) == ("NeedsPerson", "update the card")
    assert [(step.name, step.state) for step in failed.steps] == [("first", "done"), ("pay", "refused")]
    mended.append(True)
    queue.retry(store, job.id, now)
    run_due(tmp_path, run)
    done = queue.find(store, job.id)
    assert done.state == "completed"
    assert [(step.object, step.attempts) for step in done.steps] == [("119", 1), ("120", 2)]
    assert called == ["first"]


def test_a_call_whose_answer_never_came_is_looked_up_before_it_is_made_again(tmp_path: Path, store: Store) -> None:
    queue.enqueue(store, order("job"), now)
    made, looked = [], []

    def create() -> str:
        made.append("1")
        raise Unknown("the connection dropped", retry_after_s=0.0)

    def find() -> str | None:
        looked.append(len(made))
        return made[0] if len(looked) > 1 else None  # the list lags

    run_due(tmp_path, lambda context, _: context.step("create", create, find=find))
    job = queue.listing(store)[0]
    assert (job.state, job.steps[0].object, made) == ("completed", "1", ["1"])
    assert looked == [1, 1]


def test_a_disk_that_cannot_keep_a_result_leaves_the_step_in_doubt(tmp_path: Path, store: Store) -> None:
    queue.enqueue(store, order("job"), now)
    made, looked = [], []

    def create(context: Context) -> str:
        made.append("1")
        context.store.run("PRAGMA query_only = ON")  # from here on nothing can be kept
        return "1"

    def run(context: Context, _: bytes) -> None:
        context.step("create", lambda: create(context), find=lambda: looked.append(1) or made[0])

    with pytest.raises(AdoptError):
        run_due(tmp_path, run)
    run_due(tmp_path, run)
    job = queue.listing(store)[0]
    assert (job.state, job.steps[0].object, made, looked) == ("completed", "1", ["1"], [1])


def test_a_temporary_error_waits_as_the_server_says_and_counts_anew_after_a_step(tmp_path: Path, store: Store) -> None:
    queue.enqueue(store, order("job"), now)
    tries, failures = Counter[str](), []

    def flaky(name: str) -> str:
        tries[name] += 1
        if tries[name] < 3:
            raise Temporary("too many calls", retry_after_s=0.0)
        return name

    def run(context: Context, _: bytes) -> None:
        failures.append(context.lease.failures)
        for name in ("a", "b"):
            context.step(name, partial(flaky, name))

    run_due(tmp_path, run)
    assert failures == [0, 1, 2, 1, 2]
    assert queue.listing(store)[0].state == "completed"


def test_backoff_is_full_jitter_up_to_ten_minutes_and_a_server_wins() -> None:
    waits = [[backoff(Temporary("x"), failures) for _ in range(500)] for failures in range(12)]
    for failures, drawn in enumerate(waits):
        most = min(600, 2 * 2**failures)
        assert 0 <= min(drawn) < 0.05 * most < 0.9 * most < max(drawn) <= most
    assert all(300 <= backoff(Temporary("x", retry_after_s=300), 0) <= 301 for _ in range(50))


def test_a_cancelled_job_ends_between_two_steps(tmp_path: Path, store: Store) -> None:
    job, _ = queue.enqueue(store, order("job"), now)
    called = []

    def run(context: Context, _: bytes) -> None:
        context.step("first", lambda: called.append(1) or queue.cancel(store, job.id, now).id)
        context.step("second", lambda: called.append(2))

    run_due(tmp_path, run)
    assert (queue.find(store, job.id).state, called) == ("cancelled", [1])


def test_the_red_button_stops_a_job_between_two_steps_and_releasing_it_lets_it_go_on(
    tmp_path: Path, store: Store
) -> None:
    queue.enqueue(store, order("job"), now)
    called = []

    def press() -> None:
        called.append(1)
        hold.set_hold(store, True, "stop", NOW)

    def run(context: Context, _: bytes) -> None:
        context.step("first", press)
        context.step("second", lambda: called.append(2))

    run_due(tmp_path, run)
    assert (queue.listing(store)[0].state, called) == ("queued", [1])
    hold.set_hold(store, False, "", NOW)
    run_due(tmp_path, run)
    assert (queue.listing(store)[0].state, called) == ("completed", [1, 2])


def test_a_sleeping_job_holds_no_worker_and_no_lane(tmp_path: Path, store: Store) -> None:
    for key in ("sleeper", "other"):
        queue.enqueue(store, order(key), now)
    ended: list[bytes] = []

    def run(context: Context, payload: bytes) -> None:
        if payload == b"sleeper":
            context.sleep("nap", 0.2)
        ended.append(payload)

    run_due(tmp_path, run)
    assert ended == [b"other", b"sleeper"]


def test_a_run_in_the_foreground_leaves_what_starts_later_or_lingers(tmp_path: Path, store: Store) -> None:
    queue.enqueue(store, order("late", due=now() + timedelta(minutes=11)), now)
    run_due(tmp_path, lambda *_: pytest.fail("it is not due"))
    queue.enqueue(store, order("watch", lane="act_2"), now)
    run_due(tmp_path, lambda *_: pytest.fail("it lingers"), lingers=True)
    assert {job.state for job in queue.listing(store)} == {"queued"}


def test_a_job_that_breaks_adopt_fails_alone(tmp_path: Path, store: Store) -> None:
    for key in ("bad", "good"):
        queue.enqueue(store, order(key), now)

    def run(_: Context, payload: bytes) -> None:
        if payload == b"bad":
            raise ZeroDivisionError("EAAG" + "x" * 20)

    run_due(tmp_path, run)
    good, bad = queue.listing(store)
    assert (good.state, bad.state) == ("completed", "failed")
    assert bad.error is not None
    assert bad.error.message == "adopt itself failed: ZeroDivisionError: ***"


def test_a_stopped_process_is_robbed_of_its_job_only_when_it_has_not_beaten_for_a_lease(
    tmp_path: Path, store: Store
) -> None:
    queue.enqueue(store, order("job"), now)
    process = child(tmp_path)
    while not queue.running(store):
        time.sleep(0.005)
    process.send_signal(signal.SIGSTOP)
    before = queue.running(store)
    stop = Event()
    other = Thread(target=worker_child.worker(tmp_path).run, args=(stop,))
    other.start()
    time.sleep(0.5)
    stop.set()
    other.join()
    assert queue.running(store) == before
    process.send_signal(signal.SIGCONT)
    wait(store)
    kill(process)
    everything_was_made_once(tmp_path, 1)


def test_a_thousand_jobs_are_all_done_once(tmp_path: Path, store: Store) -> None:
    for number in range(1000):
        queue.enqueue(store, order(f"job{number}", lane=f"act_{number % 10}"), now)
    done: Counter[bytes] = Counter()

    def run(_: Context, payload: bytes) -> None:
        done[payload] += 1

    workers = [Thread(target=run_due, args=(tmp_path, run)) for _ in range(2)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert len(wait(store)) == 1000
    assert set(done.values()) == {1}
