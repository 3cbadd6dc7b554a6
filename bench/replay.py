"""A backtest over recorded polls: seconds a replayed pass, against the same pass over the last poll in the same run.

    python -m bench.replay [AD_SETS [DAYS]]        100 ad sets and 7 days of six looks a day unless said

The account is simulated, in a process of its own, and polled as cron would; nothing is ever changed in it.
"""

import resource
import sys
import tempfile
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from adopt.engine.judging import judge
from adopt.engine.planning import make_plan
from adopt.graph.client import Graph
from adopt.mock import control
from adopt.model import Span
from adopt.operations import watching
from adopt.operations.backtesting import backtest
from adopt.operations.ruling import remembered
from adopt.policy import Policy, Target
from adopt.store.database import Store, open_store
from bench.optimize import simulator

LOOKS = 6  # a day


def main() -> None:
    """Print one row: what a replayed pass costs beside one that is run."""
    said = [int(word) for word in sys.argv[1:]]
    ad_sets, days = (*said, *(100, 7)[len(said) :])
    with simulator(ad_sets) as door, tempfile.TemporaryDirectory() as home, open_store(Path(home, "adopt.db")) as store:
        policy = Policy(target=Target(cpa=Decimal(door["target_cpa"])))
        watch(store, door, policy, days * LOOKS)
        pass_s = one_pass(store, door["ad_account_id"], policy)
        started = time.perf_counter()
        span = Span(None, None, timedelta(hours=24 / LOOKS), backfilled=False)
        found = backtest(store, door["ad_account_id"], policy, span, lambda *_: None)
        seconds = time.perf_counter() - started
    print(f"{'ad sets':>8} {'passes':>7} {'changes':>8} {'seconds':>8} {'a pass':>8} {'x one run':>10} {'MB':>6}")
    print(
        f"{ad_sets:>8} {found.passes:>7} {len(found.changes):>8} {seconds:>8.1f} {seconds / found.passes:>8.3f} "
        f"{seconds / found.passes / pass_s:>10.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>6.0f}"
    )


def watch(store: Store, door: dict[str, Any], policy: Policy, looks: int) -> None:
    """Poll so often, with the time between two looks gone by."""
    for _ in range(looks):
        with Graph(door["base_url"], door["access_token"]) as graph:
            watching.poll(store, graph, door["ad_account_id"], policy.target)
        control.advance(door["control_url"], f"{24 // LOOKS}h")


def one_pass(store: Store, account: str, policy: Policy) -> float:
    """Seconds of a pass over the last poll, without asking Meta; the second of two, with its priors frozen."""
    seconds = 0.0
    for _ in range(2):
        started = time.perf_counter()
        snapshot = remembered(store, account, policy)
        make_plan(snapshot, judge(snapshot, policy), policy)
        seconds = time.perf_counter() - started
    return seconds


if __name__ == "__main__":
    main()
