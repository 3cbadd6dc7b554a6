"""Belief against scipy.stats, quadrature and a search of its own for the prior."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import gamma, nbinom

from adopt.engine.belief import GammaPrior, dispersion, fit_prior, fit_prior_others, phi, posterior
from adopt.engine.statistics import Floats

counts = st.floats(0, 2_000)
exposures = st.floats(0, 2_000)
shapes = st.floats(0.2, 40)


def account(seed: int, ad_sets: int, a: float, b: float, due: float = 12.0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    exposure = rng.lognormal(np.log(due), 1.0, ad_sets)
    return rng.poisson(rng.gamma(a, 1 / b, ad_sets) * exposure).astype(np.float64), exposure


# -- the posterior


def test_the_sentence_of_a_probation_has_its_golden_chance() -> None:
    _, p_good, _, _ = posterior(4.0, 7.5, 3.0, 3.0)
    assert float(p_good) == pytest.approx(0.102, abs=5e-4)


@pytest.mark.parametrize(
    ("n", "e", "a", "b"), [(0, 0, 3, 3), (4, 13.7, 3, 3), (10, 4, 1, 1), (2.5, 9, 0.7, 2), (300, 250, 4.9, 4.9)]
)
def test_the_posterior_is_a_gamma_law(n: float, e: float, a: float, b: float) -> None:
    law = gamma(a + n, scale=1 / (b + e))
    mean, p_good, gain, loss = (float(one) for one in posterior(n, e, a, b))
    assert (mean, p_good) == (pytest.approx(law.mean()), pytest.approx(law.sf(1)))
    assert gain == pytest.approx(quad(law.sf, 1, law.isf(1e-16) + 1, epsabs=1e-13)[0], abs=1e-10)
    assert loss == pytest.approx(quad(law.cdf, 0, 1, epsabs=1e-13, points=[min(law.mean(), 1)])[0], abs=1e-10)


@given(counts, exposures, shapes, shapes)
def test_the_mean_lies_between_the_prior_and_what_was_seen(n: float, e: float, a: float, b: float) -> None:
    mean = float(posterior(n, e, a, b)[0])
    ends = sorted([a / b, n / e if e > 0 else np.inf])
    assert ends[0] * (1 - 1e-12) <= mean <= ends[1] * (1 + 1e-12)


@given(counts, exposures, shapes, shapes)
def test_gain_less_loss_is_the_mean_above_the_target(n: float, e: float, a: float, b: float) -> None:
    mean, p_good, gain, loss = (float(one) for one in posterior(n, e, a, b))
    assert 0 <= p_good <= 1
    assert (gain >= 0, loss >= 0) == (True, True)
    assert gain - loss == pytest.approx(mean - 1, abs=1e-9 * (1 + mean))


@given(counts, exposures, shapes, shapes, st.floats(0.01, 50))
def test_belief_rises_with_results_and_falls_with_exposure(n: float, e: float, a: float, b: float, more: float) -> None:
    mean, p_good, gain, _ = posterior(np.array([n, n + more, n]), np.array([e, e, e + more]), a, b)
    for column in (mean, p_good, gain):
        assert column[1] >= column[0] - 1e-9
        assert column[2] <= column[0] + 1e-9


def test_without_data_belief_is_the_prior_and_corrections_below_nothing_count_as_nothing() -> None:
    prior = [float(one) for one in posterior(0.0, 0.0, 3.0, 2.0)]
    assert prior[0] == 1.5
    assert [float(one) for one in posterior(-4.0, -1.0, 3.0, 2.0)] == prior


def test_belief_stands_huge_numbers() -> None:
    n, e = np.array([1e6, 0.0, 1e6]), np.array([1e4, 1e4, 1e6])
    mean, p_good, gain, loss = posterior(n, e, 3.0, 3.0)
    assert p_good.tolist() == [1.0, 0.0, pytest.approx(0.5, abs=1e-3)]
    assert gain.tolist() == [pytest.approx(mean[0] - 1), 0.0, pytest.approx(np.sqrt(1e-6 / (2 * np.pi)), rel=1e-2)]
    assert loss.tolist() == [0.0, pytest.approx(1 - mean[1]), pytest.approx(np.sqrt(1e-6 / (2 * np.pi)), rel=1e-2)]


# -- the prior


def searched_prior(n: Floats, e: Floats, pseudo: float) -> tuple[float, float]:
    """The same optimum by a simplex over scipy.stats' negative binomial law and a quadrature of the penalty."""
    known = gamma(3, scale=1 / 3)
    grid = known.ppf((np.arange(20_000) + 0.5) / 20_000)

    def loss(at: Floats) -> float:
        a, b = np.exp(at)
        return -float(nbinom.logpmf(n, a, b / (b + e)).sum() + pseudo * gamma.logpdf(grid, a, scale=1 / b).mean())

    found = minimize(loss, np.log([3.0, 3.0]), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    a, b = np.exp(found.x)
    return float(a), float(b)


@pytest.mark.parametrize(
    ("ad_sets", "a", "b", "pseudo"),
    [(5, 3, 3, 2.0), (30, 5, 5, 2.0), (30, 5, 5, 20.0), (300, 4.9, 4.9, 2.0), (300, 2, 5, 2.0), (300, 9, 4, 2.0),
     (2_000, 0.8, 0.6, 2.0), (2_000, 20, 22, 2.0)],
)  # fmt: skip
def test_the_prior_is_the_penalised_maximum_of_a_negative_binomial_law(
    ad_sets: int, a: float, b: float, pseudo: float
) -> None:
    n, e = account(ad_sets, ad_sets, a, b)
    prior, (shape, rate) = fit_prior(n, e, pseudo), searched_prior(n, e, pseudo)
    assert prior.a == pytest.approx(shape, rel=0.02)
    assert prior.a / prior.b == pytest.approx(shape / rate, rel=0.005)


def test_the_prior_of_a_large_account_is_its_own() -> None:
    prior = fit_prior(*account(5, 20_000, 4.9, 5.6))
    assert prior.a == pytest.approx(4.9, rel=0.03)
    assert prior.a / prior.b == pytest.approx(4.9 / 5.6, rel=0.01)


@pytest.mark.parametrize("ad_sets", [0, 1, 4])
def test_fewer_than_five_ad_sets_make_no_prior(ad_sets: int) -> None:
    assert fit_prior(*account(1, ad_sets, 9, 3)) == GammaPrior(3.0, 3.0)


def test_ad_sets_without_exposure_say_nothing() -> None:
    n, e = account(2, 6, 5, 5)
    blank = np.zeros(9)
    with_blanks, without = fit_prior(np.append(n, blank + 7), np.append(e, blank)), fit_prior(n, e)
    assert (with_blanks.a, with_blanks.b) == (pytest.approx(without.a), pytest.approx(without.b))
    assert fit_prior(np.append(n[:4], blank), np.append(e[:4], blank)) == GammaPrior(3.0, 3.0)


def test_a_heavy_penalty_leaves_the_default() -> None:
    prior = fit_prior(*account(3, 20, 9, 3), pseudo=1e7)
    assert (prior.a, prior.b) == (pytest.approx(3, rel=0.02), pytest.approx(3, rel=0.02))


@pytest.mark.parametrize(("a", "b"), [(3, 300), (300, 3), (1e4, 1e4)])
def test_an_account_beyond_the_grid_gets_its_edge(a: float, b: float) -> None:
    prior = fit_prior(*account(4, 400, a, b, due=40))
    assert 0.2 < prior.a < 80
    assert 0.04 < prior.a / prior.b < 25


def test_two_camps_of_winners_and_losers_still_make_a_prior() -> None:
    prior = fit_prior(np.tile([0.0, 400.0], 50), np.full(100, 100.0))
    assert 0.2 < prior.a < 1
    assert prior.a / prior.b == pytest.approx(2.0, rel=0.2)


def test_the_prior_of_each_is_fitted_on_the_others_whatever_their_number() -> None:
    for ad_sets in (6, 40, 1_100):
        n, e = account(ad_sets, ad_sets, 5, 5)
        n[0] = 900.0
        a, b = fit_prior_others(n, e)
        for i in (0, 1, ad_sets // 2, ad_sets - 1):
            others = fit_prior(np.delete(n, i), np.delete(e, i))
            assert (a[i], b[i]) == (pytest.approx(others.a, rel=1e-7), pytest.approx(others.b, rel=1e-7))


def test_a_lone_winner_is_not_judged_by_itself() -> None:
    n, e = account(6, 12, 20, 40, due=60)
    n[3], e[3] = 400.0, 100.0
    a, b = fit_prior_others(n, e)
    assert a[3] / b[3] < 0.7 < np.delete(a / b, 3).min()


def test_fewer_than_five_others_make_no_prior() -> None:
    n, e = account(7, 5, 9, 3)
    assert [column.tolist() for column in fit_prior_others(n, e)] == [[3.0] * 5, [3.0] * 5]
    n, e = np.append(n, 0.0), np.append(e, 0.0)
    a, b = fit_prior_others(n, e)
    assert (a[:5].tolist(), b[:5].tolist()) == ([3.0] * 5, [3.0] * 5)
    assert (a[5], b[5]) == pytest.approx((fit_prior(n, e).a, fit_prior(n, e).b))
    assert [column.tolist() for column in fit_prior_others(n[:0], e[:0])] == [[], []]


def test_the_chance_of_being_good_is_kept_over_an_account() -> None:
    rng = np.random.default_rng(8)
    q, e = rng.gamma(4.9, 1 / 5.5, 20_000), rng.lognormal(2, 1, 20_000)
    n = rng.poisson(q * e).astype(np.float64)
    _, p_good, _, _ = posterior(n, e, *fit_prior_others(n, e))
    for low in np.arange(0, 1, 0.1):
        held = (p_good >= low) & (p_good < low + 0.1)
        assert (q[held] >= 1).mean() == pytest.approx(p_good[held].mean(), abs=4 * 0.5 / np.sqrt(held.sum()))


# -- overdispersion


@pytest.mark.parametrize(
    ("count", "mean", "cv2"),
    [([2.0, 0.0], [1.0, 1.0], 0.0), ([4.0, 0.0], [2.0, 2.0], 0.5), ([3.0, 3.0], [3.0, 3.0], 0.0), ([0.0], [0.0], 0.0)],
)
def test_the_dispersion_of_a_few_days_by_hand(count: list[float], mean: list[float], cv2: float) -> None:
    assert dispersion(np.array([count]), np.array([mean])) == pytest.approx(cv2)


@pytest.mark.parametrize("cv", [0.0, 0.2, 0.5, 1.0])
def test_the_dispersion_of_shocked_days_is_that_of_the_shocks(cv: float) -> None:
    rng = np.random.default_rng(9)
    mean = rng.lognormal(1, 0.8, (3_000, 30))
    shock = rng.gamma(1 / cv**2, cv**2, mean.shape) if cv else np.ones(mean.shape)
    assert dispersion(rng.poisson(mean * shock).astype(np.float64), mean) == pytest.approx(cv**2, abs=0.06 * cv + 0.005)


@given(st.floats(0, 4), st.floats(0, 100))
def test_the_index_is_the_variance_of_a_negative_binomial_day_over_its_mean(cv2: float, per_day: float) -> None:
    index = float(phi(cv2, np.array([per_day]))[0])
    assert index >= 1
    if cv2 * per_day > 1e-3:
        law = nbinom(1 / cv2, 1 / (1 + cv2 * per_day))
        assert index == pytest.approx(law.var() / law.mean())
