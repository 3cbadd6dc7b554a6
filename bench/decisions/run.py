"""Runs the suites: every world, policy and seed is a job; what they give becomes records."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import get_context
from typing import Final

import numpy as np
from msgspec import Struct

from bench.decisions.living import Outcome, live
from bench.decisions.looks import look_gap
from bench.decisions.metrics import Measure, Record, measures, paired, together, wald_ratio
from bench.decisions.policies import MAIN, POLICIES, applies
from bench.decisions.scenarios import SCENARIOS
from bench.decisions.worlds import make_world

ALPHA: Final = 0.05
LOOKS: Final = "D14"
BEST_IS_MOST: Final = frozenset(
    {"profit", "allocation", "losers_proven", "winners_scaled", "delivered", "profit_lead", "profit_of_dp"}
)


class Suite(Struct, frozen=True):
    """How much is run."""

    seeds: int
    ad_sets: int
    everywhere: tuple[str, ...]  # policies that are run in every world, the others in D1


QUICK: Final = Suite(1, 800, MAIN)
FULL: Final = Suite(6, 1600, (*MAIN, "account", "bayes_5", "three_day"))
SUITES: Final = {"quick": QUICK, "full": FULL}


class Job(Struct, frozen=True):
    """One policy in one world."""

    scenario: str
    policy: str
    seed: int
    ad_sets: int


def run(suite: Suite, seed_base: int, workers: int, only: Sequence[str] = ()) -> list[Record]:
    """The records of a suite, in the order of the scenarios."""
    jobs = [job for job in jobs_of(suite, seed_base) if not only or job.scenario.split("/")[0] in only]
    done = dict(_results(jobs, workers))
    records = list(_records(jobs, done, seed_base))
    return _with_worst(records)


def jobs_of(suite: Suite, seed_base: int) -> list[Job]:
    """Every world, policy and seed of a suite; worlds of two months at half their size."""
    return [
        Job(scenario, policy, seed_base + number, suite.ad_sets // (2 if spec.beta else 1))
        for scenario, spec in SCENARIOS.items()
        for policy in POLICIES
        for number in range(suite.seeds)
        if applies(policy, spec.is_boundary, spec.beta is not None)
        and _is_wanted(scenario, policy, suite, boundary=spec.is_boundary)
    ]


def _is_wanted(scenario: str, policy: str, suite: Suite, *, boundary: bool) -> bool:
    """Proof alone is run on target too, where it is the hardest test of the promise."""
    if scenario == LOOKS:
        return policy in MAIN
    return policy in suite.everywhere or scenario == "D1" or (policy == "proof" and boundary)


def work(job: Job) -> tuple[Job, Outcome | float]:
    """What came of a job."""
    world = make_world(SCENARIOS[job.scenario], job.seed, job.ad_sets)
    if job.scenario == LOOKS:
        return job, look_gap(world, job.policy)
    return job, live(world, POLICIES[job.policy](world))


def _results(jobs: list[Job], workers: int) -> Iterator[tuple[Job, Outcome | float]]:
    """Results as they come, the longest jobs begun first; progress for whoever watches."""
    started, longest = time.monotonic(), sorted(jobs, key=_effort, reverse=True)
    if workers == 1:
        yield from _watched(map(work, longest), len(jobs), started)
        return
    with get_context("spawn").Pool(workers) as pool:
        yield from _watched(pool.imap_unordered(work, longest), len(jobs), started)


def _effort(job: Job) -> tuple[bool, bool, int]:
    spec = SCENARIOS[job.scenario]
    thinks = job.policy in {"evidence", "account", "proof", "bayes_5", "dp"}
    return thinks, spec.learned or spec.orders, spec.days


def _watched(
    results: Iterable[tuple[Job, Outcome | float]], count: int, started: float
) -> Iterator[tuple[Job, Outcome | float]]:
    for number, (job, result) in enumerate(results, 1):
        if sys.stderr.isatty():
            took = time.monotonic() - started
            print(f"\r{number}/{count}  {took:4.0f} s  {job.scenario} {job.policy:<20}", end="", file=sys.stderr)
        yield job, result
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _records(jobs: list[Job], done: dict[Job, Outcome | float], seed: int) -> Iterator[Record]:
    pairs = list(dict.fromkeys((job.scenario, job.policy) for job in jobs))
    merged: dict[tuple[str, str], Outcome] = {}
    for scenario, policy in pairs:
        results = [done[job] for job in jobs if (job.scenario, job.policy) == (scenario, policy)]
        outcomes = [result for result in results if isinstance(result, Outcome)]
        if not outcomes:
            yield _record(scenario, policy, "look_gap", _exactly(max(r for r in results if isinstance(r, float))))
            continue
        merged[scenario, policy] = together(outcomes)
        spec = SCENARIOS[scenario]
        found = measures(merged[scenario, policy], boundary=spec.is_boundary, growth=spec.beta is not None, seed=seed)
        for metric, measure in found.items():
            yield _record(scenario, policy, metric, measure)
    yield from _compared(merged, seed)
    if ("D1", "evidence") in merged:
        yield _record("D1", "evidence", "wald_ratio", wald_ratio(ALPHA, seed))


def _compared(merged: dict[tuple[str, str], Outcome], seed: int) -> Iterator[Record]:
    """The evidence method beside hourly Wilson and beside the best stop, in the same worlds."""
    for (scenario, policy), outcome in merged.items():
        if policy != "evidence" or SCENARIOS[scenario].is_boundary:
            continue
        wilson, best = merged.get((scenario, "wilson_hourly")), merged.get((scenario, "dp"))
        if wilson is not None:
            yield _record(scenario, policy, "profit_lead", paired(outcome, wilson, np.subtract, seed))
        if best is not None:
            yield _record(scenario, policy, "profit_of_dp", paired(outcome, best, np.divide, seed))


def _with_worst(records: list[Record]) -> list[Record]:
    """The records, and under the bare name of a scenario with variants the worst of them."""
    worst: dict[tuple[str, str, str], Record] = {}
    for record in records:
        name, _, variant = record.scenario.partition("/")
        key = name, record.policy, record.metric
        if variant and (key not in worst or _is_worse(record, worst[key])):
            worst[key] = Record(name, *(getattr(record, field) for field in Record.__struct_fields__[1:]))
    order = {scenario: place for place, scenario in enumerate(SCENARIOS)} | {
        name: place - 0.5 for place, name in reversed(list(enumerate(s.split("/")[0] for s in SCENARIOS)))
    }
    return sorted([*records, *worst.values()], key=lambda record: order[record.scenario])


def _is_worse(one: Record, other: Record) -> bool:
    return one.value < other.value if one.metric in BEST_IS_MOST else one.value > other.value


def _record(scenario: str, policy: str, metric: str, measure: Measure) -> Record:
    return Record(scenario, policy, metric, *(float(getattr(measure, field)) for field in Measure.__struct_fields__))


def _exactly(value: float) -> Measure:
    return Measure(value, value, value)
