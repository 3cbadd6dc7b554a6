"""The interval and the tail against published tables and two independent libraries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, nbinom, poisson
from statsmodels.stats.proportion import proportion_confint

from adopt.engine.statistics import negative_binomial_tail, wilson_interval

counts = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def interval(k: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    low, high = wilson_interval(np.array([float(k)]), np.array([float(n)]), confidence)
    return float(low[0]), float(high[0])


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_equals_newcombe_s_table_of_1998(k: int, n: int, low: float, high: float) -> None:
    assert tuple(round(end, 4) for end in interval(k, n)) == (low, high)


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.999])
def test_wilson_equals_statsmodels_and_scipy_on_random_counts(confidence: float) -> None:
    rng = np.random.default_rng(1)
    n = rng.integers(1, 5_000, 500)
    k = rng.integers(0, n + 1)
    low, high = wilson_interval(k.astype(float), n.astype(float), confidence)
    np.testing.assert_allclose((low, high), proportion_confint(k, n, 1 - confidence, "wilson"), rtol=0, atol=1e-12)
    theirs = [binomtest(*one).proportion_ci(confidence, "wilson") for one in zip(k.tolist(), n.tolist(), strict=True)]
    np.testing.assert_allclose(np.column_stack([low, high]), theirs, rtol=0, atol=1e-12)


@given(counts)
def test_wilson_contains_what_was_seen(kn: tuple[int, int]) -> None:
    k, n = kn
    low, high = interval(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert low < high


@given(counts)
def test_wilson_rises_with_every_success(kn: tuple[int, int]) -> None:
    k, n = kn
    (low, high), (more_low, more_high) = interval(k, n), interval(min(k + 1, n), n)
    assert (low <= more_low, high <= more_high) == (True, True)


@given(counts, st.integers(2, 100))
def test_wilson_narrows_as_the_same_share_is_seen_in_more(kn: tuple[int, int], times: int) -> None:
    k, n = kn
    (low, high), (more_low, more_high) = interval(k, n), interval(k * times, n * times)
    assert more_high - more_low < high - low


@given(counts)
def test_wilson_widens_with_confidence(kn: tuple[int, int]) -> None:
    (low, high), (wide_low, wide_high) = interval(*kn, 0.8), interval(*kn, 0.99)
    assert (wide_low <= low, high <= wide_high) == (True, True)


@pytest.mark.parametrize(
    ("k", "n", "ends"),
    [(0, 0, (0, 1)), (5, 0, (0, 1)), (-2, 20, interval(0, 20)), (25, 20, interval(20, 20))],
)
def test_counts_outside_their_range_are_held_to_its_ends(k: float, n: float, ends: tuple[float, float]) -> None:
    assert interval(k, n) == pytest.approx(ends, abs=5e-4)


@given(st.integers(1, 10**6))
def test_none_of_n_begins_at_0_and_all_of_n_end_at_1(n: int) -> None:
    assert (interval(0, n)[0], interval(n, n)[1]) == (0.0, 1.0)


@given(st.integers(-3, 3_000), st.floats(0.01, 3_000), st.floats(1e-3, 10))
def test_the_tail_of_uneven_counts_equals_scipy_s(count: int, mean: float, unevenness: float) -> None:
    shape = 1 / unevenness
    theirs = nbinom.cdf(max(count, 0), shape, shape / (shape + mean))
    assert negative_binomial_tail(count, mean, unevenness) == pytest.approx(theirs, rel=1e-6, abs=1e-300)


@given(st.integers(0, 300), st.floats(0.01, 300))
def test_the_tail_of_even_counts_is_poisson_s(count: int, mean: float) -> None:
    assert negative_binomial_tail(count, mean, 1e-9) == pytest.approx(poisson.cdf(count, mean), rel=1e-3)


def test_a_fractional_count_is_floored() -> None:
    assert negative_binomial_tail(2.9, 5.0, 0.1) == negative_binomial_tail(2, 5.0, 0.1)
