"""What the queue costs beside the disk: enqueueing, and jobs worked off, against raw durable commits.

    python -m bench.queue [--jobs N]

The raw commit is one row into a table of its own in the same database, in the same loop, turn by turn.
"""

import argparse
import resource
import statistics
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread

from adopt.operations.working import Context, Kind, Worker
from adopt.store import queue
from adopt.store.database import Store, open_store, transaction
from adopt.store.queue import Order

IDLE_S = 5.0


def main() -> None:
    """Print the figures, each with its ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    jobs = parser.parse_args().jobs
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, open_store(Path(folder) / "adopt.db") as store:
        store.run("CREATE TABLE raw (n INTEGER PRIMARY KEY, body BLOB)")
        raw, enqueued = enqueueing(store, jobs)
        print(f"raw durable commit       {raw * 1e3:8.2f} ms")
        print(f"enqueue a job            {enqueued * 1e3:8.2f} ms  {enqueued / raw:5.2f} x a raw commit")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        took = working_off(Path(folder))
        grew = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"jobs of one step         {jobs / took:8.0f} a s {jobs / took * raw:5.2f} x as many as raw commits")
        print(f"memory over {jobs:,} jobs   {grew:8.1f} MB more")
        print(f"idle worker              {idle(Path(folder)) * 100:8.2f} % of a core")


def enqueueing(store: Store, jobs: int) -> tuple[float, float]:
    """The median seconds of a raw commit and of an enqueue."""
    raw, own = [], []
    for number in range(jobs):
        started = time.perf_counter()
        with transaction(store):
            store.run("INSERT INTO raw (body) VALUES (?)", [b"x" * 200])
        between = time.perf_counter()
        queue.enqueue(store, order(number), now)
        raw.append(between - started)
        own.append(time.perf_counter() - between)
    return statistics.median(raw), statistics.median(own)


def working_off(folder: Path) -> float:
    """The seconds one worker takes for all that waits."""
    started = time.perf_counter()
    worker(folder).run_due(Event())
    return time.perf_counter() - started


def idle(folder: Path) -> float:
    """The share of a core that a worker without work takes."""
    stop = Event()
    thread = Thread(target=worker(folder).run, args=(stop,))
    thread.start()
    before = time.process_time()
    stop.wait(IDLE_S)
    used = time.process_time() - before
    stop.set()
    thread.join()
    return used / IDLE_S


def worker(folder: Path) -> Worker:
    """A worker for jobs of one step that costs nothing."""
    return Worker(partial(open_store, folder / "adopt.db"), folder / "workers", {"bench": Kind(one_step)})


def one_step(context: Context, _: bytes) -> None:
    """Do nothing, once."""
    context.step("step", lambda: None)


def order(number: int) -> Order:
    """A job of a lane of its own."""
    return Order(key=f"{number}", kind="bench", lane=f"act_{number % 10}", name="bench", payload=b"x" * 200)


def now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
