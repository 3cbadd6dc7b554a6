"""Allocation: the best split against a general optimiser and its conditions, and the way towards it."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from adopt.engine.allocation import BETA, moves, reach, waterfill

Floats = npt.NDArray[np.float64]
Problem = tuple[Floats, Floats, float, float, Floats, Floats]


def profit(q: Floats, s0: Floats, spend: Floats, beta: float) -> float:
    return float((q * s0 * (spend / s0) ** beta - spend).sum())


def problem(seed: int) -> Problem:
    """q, s0, budget, beta, lo and hi of a random account."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 12))
    s0 = rng.lognormal(4, 0.8, n)
    q = rng.lognormal(0.1, 0.5, n)
    lo, hi = s0 * rng.uniform(0, 0.3, n), s0 * rng.uniform(0.5, 5, n)
    return q, s0, float(lo.sum() + rng.uniform(0.05, 1.1) * (hi - lo).sum()), float(rng.uniform(0.6, 0.95)), lo, hi


problems = st.integers(0, 2**31).map(problem)


# -- the best split -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_no_general_optimiser_finds_a_better_split(seed: int) -> None:
    q, s0, budget, beta, lo, hi = problem(seed)
    spend, _ = waterfill(q, s0, budget, beta, lo, hi)
    start = lo + (hi - lo) * min(1.0, (budget - lo.sum()) / (hi - lo).sum())
    theirs = minimize(
        lambda x: -profit(q, s0, x * s0, beta) / s0.sum(),
        start / s0,
        jac=lambda x: (1 - q * beta * x ** (beta - 1)) * s0 / s0.sum(),
        method="SLSQP",
        bounds=list(zip(np.maximum(lo / s0, 1e-9), hi / s0, strict=True)),
        constraints={"type": "ineq", "fun": lambda x: (budget - x @ s0) / s0.sum(), "jac": lambda _: -s0 / s0.sum()},
        options={"maxiter": 500, "ftol": 1e-12},
    )
    assert theirs.success
    ours = profit(q, s0, spend, beta) / s0.sum()
    assert ours >= -theirs.fun - 1e-9
    assert ours == pytest.approx(-theirs.fun, abs=1e-5)
    np.testing.assert_allclose(spend / s0, theirs.x, atol=0.02)


@settings(max_examples=60)
@given(problems)
def test_the_next_unit_earns_the_same_everywhere_or_a_limit_is_reached(given_: Problem) -> None:
    q, s0, budget, beta, lo, hi = given_
    spend, mu = waterfill(q, s0, budget, beta, lo, hi)
    with np.errstate(divide="ignore"):
        earns = q * beta * (spend / s0) ** (beta - 1) - 1 - mu
    near = 1e-6 * s0
    inside = (spend > lo + near) & (spend < hi - near)
    assert np.all(np.abs(earns[inside]) < 1e-5)
    assert np.all(earns[spend <= lo + near] <= 1e-5)
    assert np.all(earns[spend >= hi - near] >= -1e-5)
    assert mu >= 0
    assert mu == 0 or spend.sum() == pytest.approx(budget)


@settings(max_examples=60)
@given(problems, st.just(0.0) | st.floats(1e-6, 1.5))
def test_the_budget_and_the_limits_hold(given_: Problem, share: float) -> None:
    q, s0, budget, beta, lo, hi = given_
    spend, _ = waterfill(q, s0, share * budget, beta, lo, hi)
    assert spend.sum() <= share * budget * (1 + 1e-9)
    assert np.all(spend <= hi)
    if lo.sum() <= share * budget:
        assert np.all(spend >= lo)


@settings(max_examples=60)
@given(problems)
def test_mu_is_what_the_next_unit_of_budget_earns(given_: Problem) -> None:
    q, s0, budget, beta, lo, hi = given_
    near = 1e-5 * budget
    less, above = waterfill(q, s0, budget - near, beta, lo, hi)
    _, mu = waterfill(q, s0, budget, beta, lo, hi)
    more, below = waterfill(q, s0, budget + near, beta, lo, hi)
    slope = (profit(q, s0, more, beta) - profit(q, s0, less, beta)) / (2 * near)
    assert below - 1e-6 <= mu <= above + 1e-6
    assert below - 1e-3 <= slope <= above + 1e-3


def test_budget_that_nothing_would_earn_back_is_kept() -> None:
    s0 = np.array([100.0, 100.0])
    lo, hi = 0.05 * s0, 5 * s0
    spend, mu = waterfill(np.array([0.9, 1.0]), s0, 500.0, BETA, lo, hi)
    assert mu == 0
    np.testing.assert_allclose(spend, s0 * (BETA * np.array([0.9, 1.0])) ** 5)
    hopeless, mu = waterfill(np.array([0.1, 0.0]), s0, 500.0, BETA, lo, hi)
    assert (hopeless.tolist(), float(mu)) == ([5, 5], 0)


def test_equal_ad_sets_share_equally_and_a_better_one_gets_more() -> None:
    s0, lo, hi = np.full(3, 100.0), np.full(3, 5.0), np.full(3, 500.0)
    equal, mu = waterfill(np.full(3, 2.0), s0, 300.0, BETA, lo, hi)
    np.testing.assert_allclose(equal, 100)
    assert float(mu) == pytest.approx(0.6)
    better, _ = waterfill(np.array([1.8, 2.0, 2.2]), s0, 300.0, BETA, lo, hi)
    np.testing.assert_allclose(better / better[1], (np.array([1.8, 2.0, 2.2]) / 2) ** 5)


def test_floors_beyond_the_budget_shrink_alike() -> None:
    spend, mu = waterfill(np.array([2.0, 0.0]), np.ones(2), 3.0, BETA, np.array([2.0, 4.0]), np.array([5.0, 5.0]))
    np.testing.assert_allclose(spend, [1, 2])
    assert np.isfinite(mu)


@pytest.mark.parametrize("budget", [0.0, -5.0])
def test_no_budget_is_no_spend(budget: float) -> None:
    spend, mu = waterfill(np.array([2.0, 1.0]), np.ones(2), budget, BETA, np.zeros(2), np.full(2, 5.0))
    assert spend.tolist() == [0, 0]
    assert np.isfinite(mu)


def test_an_ad_set_without_a_history_stays_at_its_floor() -> None:
    spend, _ = waterfill(
        np.array([2.0, 2.0]), np.array([0.0, 10.0]), 12.0, BETA, np.array([1.0, 1.0]), np.array([9.0, np.inf])
    )
    np.testing.assert_allclose(spend, [1, 11])


def test_an_account_without_ad_sets_spends_nothing() -> None:
    none = np.zeros(0)
    spend, mu = waterfill(none, none, 100.0, BETA, none, none)
    assert (spend.size, float(mu)) == (0, 0)


def test_many_accounts_at_once_are_each_as_alone() -> None:
    rng = np.random.default_rng(3)
    q, s0 = rng.lognormal(0, 0.5, (50, 8)), rng.lognormal(3, 0.5, (50, 8))
    lo, hi, budget = 0.05 * s0, 3 * s0, s0.sum(axis=1) * rng.uniform(0.01, 2, 50)
    together, mu = waterfill(q, s0, budget, BETA, lo, hi)
    alone = [waterfill(q[i], s0[i], budget[i], BETA, lo[i], hi[i]) for i in range(50)]
    np.testing.assert_allclose(together, [spend for spend, _ in alone], rtol=1e-12)
    np.testing.assert_allclose(mu, [one for _, one in alone], rtol=1e-9, atol=1e-12)


# -- moves --------------------------------------------------------------------------------------


def ints(*amounts: int) -> npt.NDArray[np.int64]:
    return np.array(amounts, dtype=np.int64)


@pytest.mark.parametrize(
    ("present", "wanted", "base", "then"),
    [
        (10_000, 11_500.0, 10_000, 11_500),  # within the step
        (10_000, 50_000.0, 10_000, 12_000),  # a fifth up
        (10_000, 0.0, 10_000, 8_000),  # a fifth down
        (10_000, 10_099.0, 10_000, 10_000),  # below 1 %
        (10_000, 9_901.0, 10_000, 10_000),
        (10_000, 10_100.0, 10_000, 10_100),
        (550, 0.0, 10_000, 500),  # the floor
        (500, 0.0, 10_000, 500),
        (49_000, 90_000.0, 10_000, 50_000),  # the cap
        (50_000, 90_000.0, 10_000, 50_000),
        (300, 0.0, 10_000, 360),  # below the floor: back towards it, a step at a time
        (90_000, 90_000.0, 10_000, 72_000),  # above the cap: the same
        (10_000, 11_234.9, 10_000, 11_234),  # rounded down: never more than was split
        (3, 9.0, 3, 3),  # a fifth of so little is no whole unit
        (0, 900.0, 1_000, 0),  # what has no budget gets none by steps
    ],
)
def test_a_budget_moves_a_step_between_its_floor_and_its_cap(present: int, wanted: float, base: int, then: int) -> None:
    moved = moves(ints(present), np.array([wanted]), ints(base))
    assert (moved.dtype, moved.tolist()) == (np.int64, [then])


amounts = st.integers(0, 10**9)
budgets = st.lists(st.tuples(amounts, st.floats(0, 1e10), amounts), min_size=1, max_size=30)


@settings(max_examples=60)
@given(budgets, st.floats(0.01, 0.9))
def test_no_budget_leaves_its_step_or_passes_a_limit_it_had_kept(
    rows: list[tuple[int, float, int]], step: float
) -> None:
    present, wanted, base = (np.array(column) for column in zip(*rows, strict=True))
    moved = moves(present, wanted, base, step)
    assert np.all(np.abs(moved - present) <= step * present + 1e-3)
    assert np.all((moved >= 0.05 * base - 1e-3) | (moved >= present))
    assert np.all((moved <= 5 * base + 1e-3) | (moved <= present))
    changed = moved != present
    assert np.all(np.abs(moved - present)[changed] >= 0.01 * present[changed])


@settings(max_examples=60)
@given(budgets)
def test_moving_goes_the_way_that_is_wanted(rows: list[tuple[int, float, int]]) -> None:
    present, wanted, base = (np.array(column) for column in zip(*rows, strict=True))
    moved = moves(present, wanted, base)
    within = (wanted >= 0.05 * base) & (wanted <= 5 * base)
    assert np.all(((moved - present) * (wanted - present) >= 0)[within])


def test_a_split_within_reach_needs_no_trimming_and_keeps_the_account_within_its_budget() -> None:
    rng = np.random.default_rng(4)
    for _ in range(50):
        base = rng.integers(1_000, 100_000, 12)
        present = (base * rng.uniform(0.1, 4, 12)).astype(np.int64)
        lo, hi = reach(present, base)
        q = rng.lognormal(0.3, 0.6, 12)
        spend, _ = waterfill(q, base.astype(float), float(present.sum()), BETA, lo.astype(float), hi.astype(float))
        moved = moves(present, spend, base, least=0.0)
        assert moved.sum() <= present.sum()
        assert np.all(np.abs(moved - spend) <= 1)


def test_repeated_moves_arrive() -> None:
    present, base, wanted = ints(10_000, 10_000), ints(10_000, 10_000), np.array([43_000.0, 700.0])
    for _ in range(20):
        present = moves(present, wanted, base)
    np.testing.assert_allclose(present, wanted, rtol=0.01)
