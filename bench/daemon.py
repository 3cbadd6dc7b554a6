"""What the daemon costs: until it answers and until it is gone, a call, a hundred streams, and doing nothing.

    python -m bench.daemon [--calls N] [--ad-sets N] [--idle-s SECONDS]

Each figure has a baseline in the same run: an interpreter that starts, or a call that only echoes over a socket.
The account is one that was recorded here, so nobody is asked.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adopt.doors import door
from adopt.model import WINDOWS, Account, AdSet, Campaign, DailyInsights, Poll
from adopt.operations.presence import daemon
from adopt.remote import Remote
from adopt.settings import Settings, load
from adopt.store import activity, polls
from adopt.store.database import open_store

STREAMS = 100
EVENTS = 50
DAYS = 14


def main() -> None:
    """Print the figures, a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--ad-sets", type=int, default=200)
    parser.add_argument("--idle-s", type=float, default=20.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        settings = load({"ADOPT_HOME": home, "ADOPT_GRAPH_URL": "http://127.0.0.1:9", "ADOPT_AD_ACCOUNT_ID": "1"})
        record(settings.database, asked.ad_sets)
        floor = statistics.median(timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), 10))
        print(f"python -c pass                 {floor * 1e3:8.0f} ms")
        lives(home, settings, floor)
        with running(home, settings) as process:
            calls(settings, asked.calls, asked.ad_sets)
            streams(settings, process.pid)
            idle(process.pid, asked.idle_s)


def record(path: Path, count: int) -> None:
    """A poll of an account with so many ad sets."""
    now, windows = datetime.now(UTC), len(WINDOWS)
    campaigns = tuple(
        Campaign(id=f"c{n}", name=f"Campaign {n}", status="ACTIVE", effective_status="ACTIVE")
        for n in range(count // 20 + 1)
    )
    ad_sets = tuple(
        AdSet(
            id=str(n),
            name=f"Ad set {n}",
            campaign_id=f"c{n // 20}",
            status="ACTIVE",
            effective_status="ACTIVE",
            daily_budget=5000,
        )
        for n in range(count)
    )
    rows = tuple(
        DailyInsights(
            ad_set=one.id,
            date=now.date() - timedelta(days=day),
            spend=4000,
            impressions=9000,
            clicks=90,
            results=(2,) * windows,
            revenue=(9000,) * windows,
        )
        for one in ad_sets
        for day in range(DAYS)
    )
    poll = Poll(
        account=Account(id="act_1", name="Shop", currency="USD", timezone="UTC"),
        as_of=now,
        since=now.date() - timedelta(days=DAYS - 1),
        until=now.date(),
        result="purchase",
        campaigns=campaigns,
        ad_sets=ad_sets,
        insights=rows,
    )
    with open_store(path) as store:
        polls.record(store, poll)


@contextmanager
def running(home: str, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon that answers."""
    with subprocess.Popen(
        [sys.executable, "-m", "adopt", "daemon", "run"],
        env={**os.environ, "ADOPT_HOME": home, "ADOPT_GRAPH_URL": settings.graph_url, "ADOPT_AD_ACCOUNT_ID": "1"},
    ) as process:
        while not ((there := daemon(settings.daemon_lock)) and there.socket):
            time.sleep(0.002)
        try:
            yield process
        finally:
            process.terminate()


def lives(home: str, settings: Settings, floor: float) -> None:
    """How long it takes until it answers, and until it has gone."""
    starts, stops = [], []
    for _ in range(7):
        began = time.perf_counter()
        with running(home, settings) as process:
            starts.append(time.perf_counter() - began)
            time.sleep(0.3)
            began = time.perf_counter()
            process.terminate()
            process.wait()
            stops.append(time.perf_counter() - began)
    tell("start, until it answers", statistics.median(starts), floor, "an interpreter")
    tell("stop, until it is gone", statistics.median(stops), floor, "an interpreter")


def calls(settings: Settings, count: int, ad_sets: int) -> None:
    """How long a call takes, beside an echo over a socket on a connection of its own."""
    client = door(settings)
    assert isinstance(client, Remote)  # noqa: S101 - else this would measure something else
    with echo() as knock:
        echoed = statistics.median(timed(knock, count))
    print(f"echo over a unix socket        {echoed * 1e3:8.2f} ms")
    named: tuple[tuple[str, Callable[[], object], int], ...] = (
        ("hold", client.hold, count),
        ("status", client.status, count),
        (f"overview of {ad_sets:,} ad sets", client.overview, max(count // 25, 5)),
        ("series of 90 days", client.series, max(count // 25, 5)),
    )
    for name, call, times in named:
        took = timed(call, times)
        tell(f"{name}, p50", statistics.median(took), echoed, "an echo")
        tell(f"{name}, p99", statistics.quantiles(took, n=100)[98], echoed, "an echo")


def streams(settings: Settings, pid: int) -> None:
    """How soon a hundred listeners hear of an event, and what that costs the daemon."""
    heard: list[float] = []
    ready = threading.Barrier(STREAMS + 1)

    def listen() -> None:
        events = door(settings).follow()
        next(events)
        ready.wait()
        count = 0
        while count < EVENTS:
            if (event := next(events)) and event.activity:
                count += 1
                heard.append(time.time() - event.activity.at.timestamp())

    before = memory(pid)
    threads = [threading.Thread(target=listen, daemon=True) for _ in range(STREAMS)]
    for thread in threads:
        thread.start()
    ready.wait()
    used, began = processor(pid), time.perf_counter()
    with open_store(settings.database) as store:
        for number in range(EVENTS):
            activity.append(store, datetime.now(UTC), "act_1", "note", "info", f"event {number}")
            time.sleep(0.2)
    for thread in threads:
        thread.join(30)
    share = (processor(pid) - used) / (time.perf_counter() - began)
    print(f"{STREAMS} streams, 5 events a second   {share * 100:6.1f} % of a core, {memory(pid) - before:.1f} MB more")
    print(f"  heard of {len(heard):,} of {STREAMS * EVENTS:,}; p50 {statistics.median(heard) * 1e3:.0f} ms, ", end="")
    print(f"p99 {statistics.quantiles(heard, n=100)[98] * 1e3:.0f} ms after it was written")


def idle(pid: int, seconds: float) -> None:
    """What it costs to do nothing."""
    time.sleep(2)
    used, began = processor(pid), time.perf_counter()
    time.sleep(seconds)
    share = (processor(pid) - used) / (time.perf_counter() - began)
    print(f"idle                           {share * 100:8.2f} % of a core, {memory(pid):.0f} MB resident")


@contextmanager
def echo() -> Iterator[Callable[[], object]]:
    """A server in another thread that answers a line, and what asks it."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/echo"
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.bind(path)
        line.listen(128)

        def serve() -> None:
            while True:
                try:
                    with line.accept()[0] as one:
                        one.sendall(one.recv(4096))
                except OSError:
                    return

        def knock() -> bytes:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
                one.connect(path)
                one.sendall(b"x" * 300)
                return one.recv(4096)

        threading.Thread(target=serve, daemon=True).start()
        yield knock
        line.close()


def timed(call: Callable[[], object], times: int) -> list[float]:
    """The seconds of each call, after three that are not counted."""
    took = []
    for turn in range(times + 3):
        began = time.perf_counter()
        call()
        if turn > 2:
            took.append(time.perf_counter() - began)
    return took


def tell(name: str, seconds: float, base: float, of: str) -> None:
    """One figure and its ratio."""
    print(f"{name:30} {seconds * 1e3:8.2f} ms  {seconds / base:6.1f} x {of}")


def processor(pid: int) -> float:
    """Seconds of processor that a process has had: fields 14 and 15 of its stat, proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").split("VmRSS:")[1]
    return int(status.split()[0]) / 1024


if __name__ == "__main__":
    main()
