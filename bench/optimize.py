"""One optimize pass against the simulator: seconds, Graph calls, peak memory, the engine's part, and how each grows.

    python -m bench.optimize [SIZE ...]        100, 1000 and 10000 ad sets unless said

Each size is a simulated account in a process of its own, and a pass in another. The first pass back-fills 90 days,
the second is what cron runs every few hours. Ratios are to the pass over the smallest account.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from adopt.engine.judging import judge
from adopt.engine.planning import make_plan, with_verdicts
from adopt.graph.client import Graph
from adopt.operations import watching
from adopt.policy import Policy, Target
from adopt.store import plans
from adopt.store.database import open_store

SIZES = (100, 1000, 10_000)
HEAD = f"{'ad sets':>8} {'pass':>7} {'seconds':>8} {'x':>6} {'calls':>6} {'engine':>7} {'share':>6} {'MB':>6}"


def main() -> None:
    """Print a row a pass."""
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    print(HEAD)
    first: dict[str, float] = {}
    for size in sizes:
        with simulator(size) as door, get_context("spawn").Pool(1) as pool:
            for name, seen in pool.apply(passes, (door,)):
                ratio = seen["seconds"] / first.setdefault(name, seen["seconds"])
                share = seen["engine"] / seen["seconds"]
                print(
                    f"{size:>8} {name:>7} {seen['seconds']:>8.2f} {ratio:>6.1f} {seen['calls']:>6.0f} "
                    f"{seen['engine']:>7.2f} {share:>6.0%} {seen['megabytes']:>6.0f}",
                    flush=True,
                )


def passes(door: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    """The first pass over an account and the one after it, measured."""
    policy = Policy(target=Target(cpa=Decimal(door["target_cpa"])))
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "adopt.db")
        return [(name, one_pass(path, door, policy)) for name in ("first", "later")]


def one_pass(path: Path, door: dict[str, Any], policy: Policy) -> dict[str, float]:
    """Poll, judge and plan; what it cost. The memory is the peak of the process so far."""
    started = time.perf_counter()
    with open_store(path) as store, Graph(door["base_url"], door["access_token"]) as graph:
        poll = watching.poll(store, graph, door["ad_account_id"], policy.target)
        snapshot = watching.snapshot(store, poll, policy)
        thinking = time.perf_counter()
        verdicts = judge(snapshot, policy)
        plan = with_verdicts(make_plan(snapshot, verdicts, policy), verdicts)
        engine = time.perf_counter() - thinking
        plans.save(store, plan)
        calls = graph.calls
    return {
        "seconds": time.perf_counter() - started,
        "engine": engine,
        "calls": calls,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


@contextmanager
def simulator(ad_sets: int) -> Iterator[dict[str, Any]]:
    """A simulated account of that size, ready."""
    command = [sys.executable, "-m", "adopt", "mock", "serve", "--port", "0", "--ad-sets", str(ad_sets)]
    with (
        tempfile.TemporaryDirectory() as home,
        subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "ADOPT_HOME": home}) as process,
    ):
        try:
            yield json.loads(process.stdout.readline() if process.stdout else b"")
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
