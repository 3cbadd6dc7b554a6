"""Proof against published tables, exact recursions, quadrature, and what makes it safe to look at any time."""

from collections.abc import Sequence
from math import lgamma

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import logsumexp
from scipy.stats import binomtest, gamma, poisson

from adopt.engine.evidence import (
    Side,
    epoch_alpha,
    hybrid_log_e,
    log_e_above,
    log_e_below,
    mixture_log_e,
    pause_boundary,
    rate_confseq,
    restart_weights,
    wald_bound,
)
from adopt.engine.statistics import Floats, log_gamma_above, log_gamma_below

LIMIT = float(np.log(20.0))

counts = st.integers(0, 3_000).map(float) | st.floats(0, 3_000)
exposures = st.floats(0.01, 3_000)
shapes = st.floats(0.3, 30)
rates = st.floats(0.3, 30)
sides = st.sampled_from(["below", "above"])


def one_log_e(n: float, e: float, a: float, b: float, q0: float, side: Side) -> float:
    return float((log_e_below if side == "below" else log_e_above)(n, e, a, b, q0))


# -- golden values


@pytest.mark.parametrize(
    ("n", "e", "a", "log_e"),
    [
        (4, 13.7, 1, 3.8964178271),
        (4, 13.7, 3, 3.7217973680),
        (10, 30, 3, 7.6855234830),
        (2.5, 9, 3, 2.4309446107),
        (500, 600, 3, 6.7542340318),
    ],
)
def test_proof_against_the_target_has_its_golden_values(n: float, e: float, a: float, log_e: float) -> None:
    assert float(log_e_below(n, e, a, a)) == pytest.approx(log_e, abs=6e-11)


def test_proof_above_the_target_has_its_golden_value() -> None:
    assert float(log_e_above(10.0, 30.0, 3.0, 3.0)) == pytest.approx(-2.6055814847, abs=6e-11)


@pytest.mark.parametrize(("n", "e", "ends"), [(3, 10, (0.03026933, 1.11118294)), (40, 35, (0.66477586, 1.80863816))])
def test_the_confidence_sequence_has_its_golden_values(n: float, e: float, ends: tuple[float, float]) -> None:
    assert [float(end) for end in rate_confseq(n, e)] == pytest.approx(ends, abs=6e-9)


def test_the_pause_boundary_has_its_golden_values() -> None:
    n = np.array([0, 1, 2, 3, 4, 5, 6, 8, 10, 15], dtype=np.float64)
    due = [4.8, 7.1, 9.1, 10.9, 12.5, 14.2, 15.7, 18.8, 21.7, 28.7]
    assert pause_boundary(n, 4.9, 4.9, LIMIT).round(1).tolist() == due


def test_the_sentence_of_a_probation_has_its_golden_boundary() -> None:
    assert float(pause_boundary(4.0, 3.0, 3.0, LIMIT)) == pytest.approx(12.35, abs=0.01)
    assert float(np.exp(hybrid_log_e(4.0, 7.5, 3.0, 3.0, 1.0, "below"))) == pytest.approx(1.7, abs=0.05)


@pytest.mark.parametrize(
    ("q", "power", "bound"),
    [
        (0, 1, 3.0),
        (0.1, 1, 4.5),
        (0.25, 1, 7.4),
        (0.4, 1, 12.8),
        (0.5, 1, 19.5),
        (0.6, 1, 32.0),
        (0.667, 1, 47.6),
        (0.75, 0.967, 80.4),
    ],
)
def test_no_rule_can_pause_sooner_than_wald_s_bound(q: float, power: float, bound: float) -> None:
    assert float(wald_bound(q, 0.05, power)) == pytest.approx(bound, abs=0.05)


def test_an_ad_set_exactly_on_target_cannot_be_told_apart() -> None:
    assert float(wald_bound(1.0)) == np.inf


# -- exact recursions


def absorbed(times: Sequence[float], q: float, first: Sequence[int] | None = None) -> Floats:
    """P that a Poisson path of rate q is absorbed at each time, in count n at the n-th, or in counts from first on."""
    size = len(times) + 1
    alive, lost, last = np.zeros(size), np.zeros(len(times)), 0.0
    alive[0] = 1.0
    for i, time in enumerate(times):
        step = poisson.pmf(np.arange(size), q * (time - last))
        arrived = np.convolve(alive, step)
        alive, beyond, last = arrived[:size].copy(), arrived[size:].sum(), time
        gone = slice(i, i + 1) if first is None else slice(first[i], None)
        lost[i] = alive[gone].sum() + (0.0 if first is None else beyond)
        alive[gone] = 0.0
    return lost if first is None else 1.0 - np.array([alive.sum()])


def maxsprt_false_alarms(horizon: float, critical: float) -> float:
    """P that the MaxSPRT of Kulldorff 2011 ever signals: with the n-th event no later than its own last time."""
    times: list[float] = []
    while not times or times[-1] < horizon:
        n = len(times) + 1
        latest = brentq(lambda t, n=n: n * np.log(n / t) - n + t - critical, 1e-9 * n, n, xtol=1e-13)
        times.append(min(float(latest), horizon))
    return float(absorbed(times, 1.0, range(1, len(times) + 1))[0])


@pytest.mark.parametrize(
    ("horizon", "critical"),
    [(1, 2.853937), (2, 3.046977), (5, 3.297183), (10, 3.467952), (20, 3.628123), (50, 3.819903)],
)
def test_the_recursion_of_these_tests_equals_the_published_critical_values(horizon: float, critical: float) -> None:
    assert maxsprt_false_alarms(horizon, critical) == pytest.approx(0.05, abs=2e-7)


def hybrid_boundary(horizon: float) -> list[float]:
    times = pause_boundary(np.arange(horizon), 4.9, 4.9, LIMIT)
    return [float(time) for time in times if time <= horizon]


@pytest.mark.parametrize(("q", "share"), [(1.0, 0.0419), (1.1, 0.0142), (1.3, 0.0034)])
def test_a_good_ad_set_is_ever_paused_exactly_this_often(q: float, share: float) -> None:
    assert absorbed(hybrid_boundary(300.0), q).sum() == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize(
    ("q", "due"), [(0, 4.8), (0.1, 6.1), (0.25, 9.2), (0.4, 15.1), (0.5, 22.7), (0.6, 37.3), (0.667, 56.2)]
)
def test_a_loser_is_paused_after_this_exposure_on_average(q: float, due: float) -> None:
    times = hybrid_boundary(600.0)
    lost = absorbed(times, q)
    assert lost.sum() == pytest.approx(1.0, abs=1e-6)
    assert float(lost @ np.array(times)) == pytest.approx(due, abs=0.06)


@pytest.mark.parametrize(("a", "q"), [(3.0, 1.0), (4.9, 1.0), (1.0, 1.0), (4.9, 1.2)])
def test_over_a_life_with_all_its_probes_an_ad_set_on_target_is_paused_less_often_than_promised(
    a: float, q: float
) -> None:
    """The first epoch and the three that probes may begin, exactly, each to 300 results due; each spends its part."""
    shares = []
    for epoch in range(1, 5):
        times = pause_boundary(np.arange(300.0), a, a, -np.log(epoch_alpha(0.05, epoch)))
        shares.append(float(absorbed([float(time) for time in times if time <= 300.0], q).sum()))
    ever = 1.0 - float(np.prod(1.0 - np.array(shares)))
    assert 0 < ever < 0.05
    assert all(share <= float(epoch_alpha(0.05, k)) for k, share in enumerate(shares, 1))


# -- what the formulas stand for


def averaged_ratio(n: float, e: float, a: float, b: float, q0: float, side: Side) -> float:
    """The likelihood ratio to q0 averaged over Gamma(a, b) cut at q0, by adaptive quadrature."""
    law = gamma(a, scale=1 / b)
    ends = (0.0, q0) if side == "below" else (q0, q0 + 40.0)
    peak = min(max((a + n) / (b + e), ends[0] + 1e-9), ends[1])

    def ratio(q: float) -> float:
        return float(law.pdf(q) * np.exp(n * np.log(q / q0) - (q - q0) * e)) if q > 0 else 0.0

    whole = quad(ratio, *ends, points=[peak], limit=200, epsabs=0, epsrel=1e-11)[0]
    return float(whole / (law.cdf(q0) if side == "below" else law.sf(q0)))


@pytest.mark.parametrize("side", ["below", "above"])
def test_an_e_value_is_a_likelihood_ratio_averaged_over_the_prior(side: Side) -> None:
    rng = np.random.default_rng(7)
    for n, e, a, b, q0 in rng.uniform([0, 0, 0.5, 0.5, 0.5], [40, 60, 12, 12, 1.5], (60, 5)):
        mixed = averaged_ratio(n, e, a, b, q0, side)
        assert one_log_e(n, e, a, b, q0, side) == pytest.approx(np.log(mixed), abs=1e-8)


@given(counts, exposures, shapes, rates, sides)
def test_the_hybrid_costs_at_most_ln_2(n: float, e: float, a: float, b: float, side: Side) -> None:
    both = [one_log_e(n, e, a, b, 1.0, side), one_log_e(n, e, 1.0, 1.0, 1.0, side)]
    hybrid = float(hybrid_log_e(n, e, a, b, 1.0, side))
    assert hybrid == pytest.approx(float(logsumexp(both, b=0.5)), abs=1e-9)
    assert max(both) - np.log(2) - 1e-9 <= hybrid <= max(both) + 1e-9


@given(counts, shapes, rates, st.floats(0.2, 5), sides)
def test_without_exposure_there_is_no_evidence(n: float, a: float, b: float, q0: float, side: Side) -> None:
    assert one_log_e(n, 0.0, a, b, q0, side) == 0.0
    assert float(hybrid_log_e(n, 0.0, a, b, q0, side)) == 0.0


def test_corrections_below_nothing_count_as_nothing() -> None:
    assert float(log_e_below(-3.0, 5.0, 3.0, 3.0)) == float(log_e_below(0.0, 5.0, 3.0, 3.0))
    assert float(log_e_below(2.0, -5.0, 3.0, 3.0)) == 0.0
    assert [float(end) for end in rate_confseq(-1.0, 5.0)] == [float(end) for end in rate_confseq(0.0, 5.0)]


@given(counts, exposures, shapes, rates, st.floats(0.01, 100))
def test_proof_against_falls_with_results_and_rises_with_exposure(
    n: float, e: float, a: float, b: float, more: float
) -> None:
    here, better, worse = log_e_below(np.array([n, n + more, n]), np.array([e, e, e + more]), a, b)
    slack = 1e-9 * (1 + abs(here))
    assert better <= here + slack
    assert worse >= here - slack


@given(counts, exposures, shapes, rates, st.floats(0.01, 100))
def test_proof_above_rises_with_results_and_falls_with_exposure(
    n: float, e: float, a: float, b: float, more: float
) -> None:
    here, better, worse = log_e_above(np.array([n, n + more, n]), np.array([e, e, e + more]), a, b)
    slack = 1e-9 * (1 + abs(here))
    assert better >= here - slack
    assert worse <= here + slack


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0.01, 9)), min_size=1, max_size=40), st.integers(1, 9))
def test_evidence_is_the_same_however_the_polls_are_cut(polls: list[tuple[int, float]], together: int) -> None:
    parts = np.array(polls, dtype=np.float64)
    merged = np.add.reduceat(parts, np.arange(0, len(parts), together))
    ends = [np.cumsum(cut, axis=0)[-1] for cut in (parts, merged, parts[::-1])]
    seen = [float(hybrid_log_e(n, e, 3.0, 3.0, 1.0, "below")) for n, e in ends]
    assert seen == pytest.approx([seen[0]] * 3, abs=1e-9)


@given(
    st.integers(0, 60).map(float), exposures.filter(lambda e: e < 90), shapes, rates,
    st.floats(0.01, 10), st.floats(1, 3), st.floats(0.5, 2),
)  # fmt: skip
def test_what_is_expected_after_one_more_step_on_target_is_no_more_evidence(
    n: float, e: float, a: float, b: float, step: float, above: float, q0: float
) -> None:
    k = np.arange(200.0)
    chance = poisson.logpmf(k, q0 * above * step)
    later = float(logsumexp(chance + hybrid_log_e(n + k, e + step, a, b, q0, "below")))
    assert later <= float(hybrid_log_e(n, e, a, b, q0, "below")) + 1e-9


@given(st.integers(0, 60).map(float), exposures.filter(lambda e: e < 90), shapes, rates, st.floats(0.01, 10))
def test_exactly_on_target_evidence_is_a_fair_game(n: float, e: float, a: float, b: float, step: float) -> None:
    k = np.arange(3_000.0)
    for log_e in (log_e_below, log_e_above):
        later = float(logsumexp(poisson.logpmf(k, step) + log_e(n + k, e + step, a, b)))
        assert later == pytest.approx(float(log_e(n, e, a, b)), abs=1e-6)


# -- restarts


def test_the_weights_of_the_lifetime_and_all_restarts_make_one() -> None:
    assert restart_weights(4).tolist() == pytest.approx([1 / 2, 1 / 4, 1 / 12, 1 / 24])
    assert restart_weights(10_000).sum() == pytest.approx(1 - 1 / 20_000)


@given(st.integers(1, 12))
def test_a_mixture_with_nothing_started_is_1(terms: int) -> None:
    blank = np.zeros((3, terms))
    ones = np.ones(3)
    assert mixture_log_e(blank, blank, ones, ones, restart_weights(terms), blank > 0) == pytest.approx(0, abs=1e-12)


def test_a_mixture_is_the_weighted_mean_of_what_started_and_1() -> None:
    n, e = np.array([[4.0, 1.0, 9.0], [2.0, 0.0, 0.0]]), np.array([[13.7, 6.0, 9.0], [9.0, 5.0, 0.0]])
    a, b = np.array([3.0, 1.0]), np.array([3.0, 2.0])
    started = np.array([[True, True, False], [True, False, False]])
    mixed = np.exp(mixture_log_e(n, e, a, b, restart_weights(3), started))
    life = np.exp(hybrid_log_e(n[:, 0], e[:, 0], a, b, 1.0, "below"))
    since = np.exp(hybrid_log_e(1.0, 6.0, 3.0, 3.0, 1.0, "below"))
    assert mixed.tolist() == pytest.approx([life[0] / 2 + since / 4 + 1 / 4, life[1] / 2 + 1 / 2])


def test_weights_that_make_one_leave_nothing_over() -> None:
    n, e, prior = np.array([[3.0, 0.0]]), np.array([[20.0, 8.0]]), np.array([3.0])
    mixed = mixture_log_e(n, e, prior, prior, np.array([0.5, 0.5]), np.array([[True, True]]))
    assert np.exp(mixed) == pytest.approx(np.exp(hybrid_log_e(n, e, 3.0, 3.0, 1.0, "below")).mean(axis=1))


def test_every_ad_set_may_count_its_restarts_from_its_own_start() -> None:
    n, e, prior = np.zeros((2, 3)), np.array([[9.0, 4.0, 2.0], [4.0, 0.0, 2.0]]), np.array([3.0, 3.0])
    own = np.array([[1 / 2, 1 / 4, 1 / 12], [1 / 2, 0, 1 / 4]])
    mixed = mixture_log_e(n, e, prior, prior, own, e > 0)
    alone = mixture_log_e(n[1:, ::2], e[1:, ::2], prior[1:], prior[1:], restart_weights(2), e[1:, ::2] > 0)
    assert mixed[1] == pytest.approx(alone[0])


# -- at any time


def test_paths_on_target_with_adaptive_budgets_rarely_ever_reach_the_limit() -> None:
    paths = 4_000
    rng = np.random.default_rng(11)
    n, e, highest = np.zeros((3, paths))
    prior = np.full(paths, 4.9)
    terms = 4
    starts = np.full((paths, terms, 2), np.nan)
    starts[:, 0] = 0.0
    for look in range(160):
        if look in (40, 80, 120):
            starts[:, look // 40] = np.column_stack([n, e])
        seen = np.nan_to_num(np.stack([n, e], axis=-1)[:, None] - starts)
        log_e = mixture_log_e(
            seen[..., 0], seen[..., 1], prior, prior, restart_weights(terms), ~np.isnan(starts[..., 0])
        )
        highest = np.maximum(highest, np.maximum(log_e, hybrid_log_e(n, e, 4.9, 4.9, 1.0, "below")))
        budget = np.where(log_e > 1, 0.2, 0.8)
        n, e = n + rng.poisson(budget), e + budget
    crossed = int((highest >= LIMIT).sum())
    assert 0.005 * paths < crossed
    assert binomtest(crossed, paths).proportion_ci(0.95, "exact").high <= 0.05


def test_the_interval_of_a_path_on_target_rarely_ever_loses_it() -> None:
    paths = 4_000
    rng = np.random.default_rng(12)
    steps = np.geomspace(0.1, 20, 150)
    n, e = rng.poisson(steps, (paths, steps.size)).cumsum(axis=1), steps.cumsum()
    low, high = rate_confseq(n.astype(np.float64), np.broadcast_to(e, n.shape))
    missed = int(np.any((low > 1) | (high < 1), axis=1).sum())
    assert binomtest(missed, paths).proportion_ci(0.95, "exact").high <= 0.05


# -- the confidence sequence


@given(counts, exposures, shapes, rates, st.floats(0.001, 0.5))
def test_the_interval_contains_what_was_seen(n: float, e: float, a: float, b: float, alpha: float) -> None:
    low, high = (float(end) for end in rate_confseq(n, e, a, b, alpha))
    assert 0 <= low <= n / e <= high < np.inf
    assert low < high


@given(st.floats(0.01, 3_000), exposures, shapes, rates, st.floats(0.001, 0.5))
def test_the_evidence_against_either_end_is_exactly_the_limit(
    n: float, e: float, a: float, b: float, alpha: float
) -> None:
    marginal = a * np.log(b) - lgamma(a) + lgamma(a + n) - (a + n) * np.log(b + e)
    for end in rate_confseq(n, e, a, b, alpha):
        if end > 1e-290:
            against = marginal - n * np.log(end) + end * e
            assert float(against) == pytest.approx(-np.log(alpha), abs=1e-9 * (1 + n + n * abs(np.log(end)) + end * e))


def test_the_interval_without_results_or_exposure() -> None:
    low, high = rate_confseq(np.array([0.0, 0.0, 5.0]), np.array([5.0, 0.0, 0.0]))
    assert low.tolist() == [0.0, 0.0, 0.0]
    assert high.tolist() == [pytest.approx((LIMIT + np.log(6)) / 5), np.inf, np.inf]


@pytest.mark.parametrize("n", [1e5, 1e7, 1e9, 1e12])
def test_the_interval_of_huge_counts_is_the_normal_one(n: float) -> None:
    low, high = (float(end) for end in rate_confseq(n, n))
    half = np.sqrt(2 * (LIMIT - 0.5 * np.log(2 * np.pi) + 0.5 * np.log(n) + 1) / n)  # Stirling's formula, a = b = 1
    assert (1 - low, high - 1) == (pytest.approx(half, rel=2 * half), pytest.approx(half, rel=2 * half))


def test_the_interval_of_a_sliver_of_a_result_is_that_of_none() -> None:
    none, sliver = rate_confseq(0.0, 10.0), rate_confseq(1e-9, 10.0)
    assert float(sliver[0]) == 0.0
    assert float(sliver[1]) == pytest.approx(float(none[1]), rel=1e-6)


@given(counts, exposures, st.floats(0.01, 0.2))
def test_the_interval_widens_with_confidence(n: float, e: float, alpha: float) -> None:
    (low, high), (wide_low, wide_high) = rate_confseq(n, e, alpha=alpha), rate_confseq(n, e, alpha=alpha / 2)
    assert wide_low <= low
    assert high < wide_high


# -- boundary and alpha


@given(counts, shapes, rates, st.floats(0.5, 12), st.floats(0.5, 2))
def test_at_the_boundary_the_hybrid_is_the_threshold(n: float, a: float, b: float, limit: float, q0: float) -> None:
    due = float(pause_boundary(n, a, b, limit, q0))
    assert due > n / q0
    assert float(hybrid_log_e(n, due, a, b, q0, "below")) == pytest.approx(limit, abs=1e-7)


def test_boundaries_take_a_threshold_an_ad_set() -> None:
    limits = np.log([20.0, 40.0, 90.0])
    together = pause_boundary(np.zeros(3), np.full(3, 3.0), np.full(3, 3.0), limits)
    assert together.tolist() == pytest.approx([float(pause_boundary(0.0, 3.0, 3.0, float(one))) for one in limits])


def test_all_epochs_together_spend_alpha() -> None:
    assert float(epoch_alpha(0.05, 1.0)) == pytest.approx(0.0303963551)
    assert epoch_alpha(0.05, np.arange(1, 200_001)).sum() == pytest.approx(0.05, abs=1e-6)


# -- numbers beyond floats


def test_a_million_results_where_ten_thousand_were_due_prove_nothing_against() -> None:
    density = gamma.pdf(1.0, 3, scale=1 / 3) / gamma.cdf(1.0, 3, scale=1 / 3)
    assert float(log_e_below(1e6, 1e4, 3.0, 3.0)) == pytest.approx(np.log(density / (1e6 - 1e4)), abs=1e-4)


def test_nothing_where_ten_thousand_results_were_due_proves_everything_against() -> None:
    exact = 1e4 + 3 * np.log(3 / 10_003) - np.log(gamma.cdf(1.0, 3, scale=1 / 3))
    assert float(log_e_below(0.0, 1e4, 3.0, 3.0)) == pytest.approx(exact, abs=1e-7)
    density = gamma.pdf(1.0, 3, scale=1 / 3) / gamma.sf(1.0, 3, scale=1 / 3)
    assert float(log_e_above(0.0, 1e4, 3.0, 3.0)) == pytest.approx(np.log(density / 1e4), abs=1e-3)


@pytest.mark.parametrize(("shape", "x"), [(3, 0.5), (400, 1.0), (3_000, 900.0), (20_000, 9_000.0), (200, 1e-4)])
def test_the_lower_gamma_function_is_the_tail_of_a_poisson_law(shape: int, x: float) -> None:
    tail = logsumexp(poisson.logpmf(np.arange(shape, shape + 5_000), x))
    assert float(log_gamma_below(float(shape), x)) == pytest.approx(tail, rel=1e-11, abs=1e-9)


@pytest.mark.parametrize(("shape", "x"), [(3, 0.5), (1, 900.0), (40, 5_000.0), (9_000, 20_000.0), (3, 1e4)])
def test_the_upper_gamma_function_is_the_head_of_a_poisson_law(shape: int, x: float) -> None:
    head = logsumexp(poisson.logpmf(np.arange(shape), x))
    assert float(log_gamma_above(float(shape), x)) == pytest.approx(head, rel=1e-11, abs=1e-9)


def test_the_gamma_functions_take_columns_and_scalars() -> None:
    shape, x = np.array([3.0, 4_000.0, 3.0]), np.array([0.0, 900.0, 5_000.0])
    assert log_gamma_below(shape, x).tolist() == [float(log_gamma_below(*one)) for one in zip(shape, x, strict=True)]
    assert log_gamma_above(3.0, x).tolist() == [float(log_gamma_above(3.0, float(one))) for one in x]
    assert float(log_gamma_below(3.0, 0.0)) == -np.inf


@given(st.floats(0, 1e9), st.floats(0, 1e9), shapes, rates, sides)
def test_evidence_is_a_number_whatever_the_figures(n: float, e: float, a: float, b: float, side: Side) -> None:
    assert np.isfinite(hybrid_log_e(n, e, a, b, 1.0, side))
