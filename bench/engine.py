"""How long a decision takes: judge and plan a synthetic account, at 100 to 100,000 ad sets.

    python -m bench.engine [--rounds N]

28 days an ad set, a tenth of it under campaign budgets; the best of N rounds, and the peak of what Python and numpy
allocate on top of the snapshot, in a round that is not timed. `judge` gives its verdicts as columns; `read` is what
it costs to spell out every one of them, figures and sentence. `x` is the time of `judge` over that of adding up the
days of each ad set once, a column at a time, in the same run: the least that any judge would have to do. `rules` are
the seconds of twenty written rules over all ad sets, their columns included.
"""

import argparse
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from adopt.engine import scenes
from adopt.engine.columns import Columns
from adopt.engine.judging import judge
from adopt.engine.planning import make_plan
from adopt.engine.rules import evaluate
from adopt.engine.snapshot import Days, Snapshot
from adopt.language.checking import check
from adopt.language.parser import parse
from adopt.model import Account, AdSet, Campaign, History, Plan
from adopt.policy import Policy, Target

SIZES = (100, 1_000, 10_000, 100_000)
DAYS = 28
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
POLICY = Policy(target=Target(cpa=Decimal(30)))
TWENTY = [
    f"cpa({days}) > {times} * target and spend({days}) > {times} * target and {more}"
    for days in ("today", "3d", "7d", "28d", "lifetime")
    for times, more in (
        (1, "not learning"),
        (2, "ctr(7d) < 0.7 * ctr.campaign(7d)"),
        (1.5, "rank(roas(7d), 'campaign') > 3"),
        (3, "cpa.wilson_low > target and age > 3d"),
    )
]
HEAD = (
    f"{'ad sets':>8} {'judge s':>9} {'x':>7} {'read s':>9} {'plan s':>9} {'rules s':>9} {'us/ad set':>10} "
    f"{'peak MB':>9} {'kB/ad set':>10} {'changes':>8}"
)


def main() -> None:
    """Print a row a size: seconds of each step, microseconds an ad set, and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print(HEAD)
    for size in SIZES:
        print(row(account(size), rounds), flush=True)


def row(snapshot: Snapshot, rounds: int) -> str:
    """The figures of one account."""
    size = len(snapshot.ad_sets)
    verdicts = judge(snapshot, POLICY)
    least = best(rounds, lambda: added_up(snapshot))
    judging = best(rounds, lambda: judge(snapshot, POLICY))
    reading = best(rounds, lambda: sum(1 for _ in verdicts))
    planning = best(rounds, lambda: make_plan(snapshot, verdicts, POLICY))
    ruling = best(rounds, lambda: ruled(snapshot))
    plan, peak = watched(lambda: make_plan(snapshot, judge(snapshot, POLICY), POLICY))
    return (
        f"{size:8,} {judging:9.3f} {judging / least:7.1f} {reading:9.3f} {planning:9.3f} {ruling:9.3f} "
        f"{judging / size * 1e6:10.1f} {peak / 1e6:9.1f} {peak / size / 1e3:10.2f} {len(plan.changes):8,}"
    )


def added_up(snapshot: Snapshot) -> list[float]:
    """The totals of each ad set, a column at a time: the baseline."""
    days = snapshot.days
    return [
        float(np.bincount(days.object, weights=column, minlength=len(snapshot.ad_sets)).max())
        for column in (days.spend, days.impressions, days.clicks, days.results, days.revenue)
    ]


def ruled(snapshot: Snapshot) -> None:
    """Twenty rules of a buyer's own, over every ad set."""
    columns, about = Columns(scenes.ad_sets(snapshot, POLICY)), POLICY.about
    for text in TWENTY:
        evaluate(check(parse(text), about), columns, about, snapshot.account.money)


def account(size: int) -> Snapshot:
    """An account of so many ad sets, ten a campaign, every tenth campaign with a budget of its own."""
    rng = np.random.default_rng(size)
    campaigns = tuple(
        Campaign(
            id=f"c{n}",
            name=f"Campaign {n}",
            status="ACTIVE",
            effective_status="ACTIVE",
            daily_budget=50_000 if n % 10 == 0 else None,
        )
        for n in range(size // 10)
    )
    ad_sets = tuple(ad_set(n) for n in range(size))
    today = NOW.toordinal()
    clicks = rng.poisson(20, (size, DAYS))
    rates = rng.lognormal(np.log(0.05), 0.6, (size, 1))
    results = rng.poisson(clicks * rates)
    return Snapshot(
        account=Account(id="act_1", name="Bench", currency="USD", timezone="UTC"),
        now=NOW,
        campaigns=campaigns,
        ad_sets=ad_sets,
        histories={a.id: History(base=3_000, paused_by="adopt" if a.status == "PAUSED" else None) for a in ad_sets},
        days=Days(
            object=np.repeat(np.arange(size, dtype=np.int64), DAYS),
            date=np.tile(np.arange(today - DAYS + 1, today + 1, dtype=np.int64), size),
            spend=np.rint(clicks * 150.0).ravel(),
            impressions=(clicks * 80.0).ravel().astype(np.float64),
            clicks=clicks.ravel().astype(np.float64),
            results=results.ravel().astype(np.float64),
            revenue=(results * 6_000.0).ravel().astype(np.float64),
        ),
    )


def ad_set(number: int) -> AdSet:
    """The ad set of that number; every twentieth is paused."""
    status = "PAUSED" if number % 20 == 19 else "ACTIVE"
    return AdSet(
        id=f"{number:09}",
        name=f"Ad set {number}",
        campaign_id=f"c{number // 10}",
        status=status,
        effective_status=status,
        daily_budget=None if number // 10 % 10 == 0 else 3_000,
    )


def best(rounds: int, run: Callable[[], object]) -> float:
    """The fewest seconds that a run took."""
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        run()
        taken.append(time.process_time() - started)
    return min(taken)


def watched(run: Callable[[], Plan]) -> tuple[Plan, int]:
    """What a run gives, and the peak of bytes it allocated."""
    tracemalloc.start()
    plan = run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return plan, peak


if __name__ == "__main__":
    main()
