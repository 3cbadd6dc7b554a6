"""The delay curve, and its fit against accounts whose true delays are known."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from adopt.engine.delay import (
    HORIZON_H,
    KNOTS_H,
    LEAST_CONVERSIONS,
    SLOW,
    TAU_H,
    Arrivals,
    Bound,
    DelayCurve,
    Spends,
    fit_delay,
    slow,
)
from adopt.model import WINDOWS

Floats = npt.NDArray[np.float64]
Mixture = tuple[tuple[float, float], ...]

WINDOW_H = 168.0
FAST: Mixture = ((0.50, 0.35), (0.30, 9.0), (0.20, 60.0))  # shares and hours: the simulator's
CRITEO: Mixture = ((0.38, 0.3), (0.12, 8.0), (0.13, 40.0), (0.37, 220.0))  # the slow published case
DAY = np.array([6, 4, 3, 2, 2, 3, 6, 8, 10, 10, 11, 12, 12, 12, 12, 12, 12, 13, 14, 15, 16, 16, 14, 10]) / 225.0
BOUNDS: tuple[Bound, ...] = ("lower", "mid", "upper")

windows = st.sampled_from(WINDOWS)
ages = st.lists(st.floats(0, 2_000), min_size=2, max_size=50).map(sorted).map(np.array)


@given(windows, ages)
def test_what_has_been_reported_only_grows(window: str, age_h: np.ndarray) -> None:
    reported = slow(window).reported(age_h)
    assert np.all(np.diff(reported) >= 0)
    assert np.all((reported >= 0) & (reported <= 1))


@pytest.mark.parametrize(
    ("window", "hours"),
    [("1d_click", 24), ("1d_view", 24), ("1d_ev", 24), ("7d_click", 168), ("28d_click", 672), ("default", 168)],
)
def test_nothing_is_reported_at_once_and_all_from_the_window_on(window: str, hours: float) -> None:
    curve = slow(window)
    ages_h = np.array([-5, 0, hours / 2, hours * (1 - 1e-9), hours, hours + 1, 10_000, np.inf])
    at = curve.reported(ages_h)
    assert at[[0, 1]].tolist() == [0, 0]
    assert 0 < at[2] < at[3] < 1
    assert at[4:].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(("hours", "share"), [(1, 0.37), (24, 0.52), (72, 0.65), (720, 1)])
def test_the_slow_default_is_the_slow_case_that_was_published(hours: float, share: float) -> None:
    thirty_days = DelayCurve(SLOW, HORIZON_H)
    assert float(thirty_days.reported(np.array(hours))) == pytest.approx(share, abs=0.02)


def test_a_curve_keeps_the_shape_of_what_it_is_asked() -> None:
    assert slow("default").reported(np.zeros((3, 2))).shape == (3, 2)
    assert slow("default").reported(np.zeros(0)).shape == (0,)


# -- bounds -------------------------------------------------------------------------------------

curves = st.builds(
    DelayCurve,
    weights=st.lists(st.just(0.0) | st.floats(0.001, 1), min_size=6, max_size=6).filter(any).map(tuple),
    window_h=st.sampled_from([24.0, 168.0, 672.0]),
    se=st.lists(st.floats(0, 0.6), min_size=len(KNOTS_H), max_size=len(KNOTS_H)).map(tuple),
)


@settings(max_examples=60)
@given(curves, ages)
def test_bounds_lie_around_the_curve_and_only_grow(curve: DelayCurve, age_h: Floats) -> None:
    lower, mid, upper = (curve.reported(age_h, bound) for bound in BOUNDS)
    assert np.all((lower <= mid) & (mid <= upper))
    assert np.all((lower >= 0) & (upper <= 1))
    assert np.all(np.diff(lower) >= -1e-12)
    assert np.all(np.diff(upper) >= -1e-12)


@settings(max_examples=60)
@given(curves)
def test_no_bound_reports_anything_at_once_or_leaves_anything_out(curve: DelayCurve) -> None:
    ends = np.array([0.0, curve.window_h, np.inf])
    assert [curve.reported(ends, bound).tolist() for bound in BOUNDS] == [[0, 1, 1]] * 3


def test_bounds_are_one_standard_error_away() -> None:
    se = np.where(KNOTS_H < WINDOW_H, 0.05, 0.0)
    curve = DelayCurve(SLOW, WINDOW_H, tuple(se))
    at = np.array([8.0, 24.0, 72.0])
    lower, mid, upper = (curve.reported(at, bound) for bound in BOUNDS)
    np.testing.assert_allclose(mid - lower, 0.05)
    np.testing.assert_allclose(upper - mid, 0.05)


def test_a_curve_taken_as_given_is_its_own_bounds() -> None:
    curve = DelayCurve(SLOW, WINDOW_H)
    assert [curve.reported(KNOTS_H, bound).tolist() for bound in BOUNDS] == [curve.reported(KNOTS_H).tolist()] * 3


def test_the_slow_default_is_slow_for_a_pause_and_says_nothing_for_a_rise() -> None:
    curve, at = slow("default"), np.array([0.0, 1.0, 24.0])
    assert curve.reported(at, "lower").tolist() == curve.reported(at).tolist()
    assert curve.reported(at, "upper").tolist() == [0, 1, 1]


# -- accounts whose delays are known ------------------------------------------------------------


class Polls(NamedTuple):
    """What a poll log holds of an account, by ad set and hour: (n, H)."""

    spend: Floats
    new: Floats

    def columns(self, every_h: int = 1) -> tuple[Arrivals, Spends]:
        spend, new = (part.reshape(len(part), -1, every_h).sum(axis=2) for part in self)
        ad_set, step = (place.ravel() for place in np.indices(spend.shape))
        since, paid = step * float(every_h), spend.ravel() > 0
        arrivals = Arrivals(ad_set, since, since + every_h, new.ravel())
        return arrivals, Spends(ad_set[paid], since[paid], since[paid] + every_h, spend.ravel()[paid])


def account(seed: int, conversions: float, delays: Mixture, *, ad_sets: int = 20, days: int = 30) -> Polls:
    """Ad sets that start on different days, are given other budgets on the way, and convert at rates of their own."""
    rng = np.random.default_rng(seed)
    day = np.arange(days)
    budget = rng.lognormal(0, 0.8, (ad_sets, 1)) * rng.lognormal(0, 0.15, (ad_sets, days))
    budget *= day >= rng.integers(0, days // 2, (ad_sets, 1))
    factor = rng.choice([0.0, 0.2, 0.5, 1.0, 1.5], (ad_sets, 1))
    budget *= np.where(day >= rng.integers(days // 3, days, (ad_sets, 1)), factor, 1.0)
    spend = (budget[:, :, None] * DAY).reshape(ad_sets, -1) * rng.lognormal(0, 0.15, (ad_sets, days * 24))
    due = spend * rng.lognormal(0, 0.5, (ad_sets, 1))
    counts = rng.poisson(due * conversions / due.sum())
    ad_set, hour = (np.repeat(place, counts.ravel()) for place in (axis.ravel() for axis in np.indices(counts.shape)))
    seen = np.floor(hour + rng.random(len(hour)) + draw(rng, len(hour), delays)).astype(np.int64)
    new, kept = np.zeros_like(spend), seen < days * 24
    np.add.at(new, (ad_set[kept], seen[kept]), 1)
    return Polls(spend, new)


def draw(rng: np.random.Generator, count: int, delays: Mixture) -> Floats:
    share, hours = np.array(delays).T
    mean = rng.choice(hours, count, p=share)
    return -mean * np.log1p(rng.random(count) * np.expm1(-WINDOW_H / mean))


def truth(delays: Mixture, age_h: Floats) -> Floats:
    share, hours = np.array(delays).T
    return (share * np.expm1(-age_h[:, None] / hours) / np.expm1(-WINDOW_H / hours)).sum(axis=1)


AT = np.array([24.0, 72.0])


@pytest.mark.parametrize(
    ("delays", "every_h", "conversions", "day_off", "three_days_off"),
    [
        (FAST, 1, 400, 0.08, 0.05),
        (FAST, 1, 1200, 0.05, 0.03),
        (FAST, 24, 1200, 0.06, 0.035),
        (CRITEO, 1, 400, 0.09, 0.06),
        (CRITEO, 1, 1200, 0.05, 0.035),
        (CRITEO, 24, 1200, 0.06, 0.04),
    ],
)
def test_the_curve_of_an_account_is_recovered(
    delays: Mixture, every_h: int, conversions: float, day_off: float, three_days_off: float
) -> None:
    fits = [fit_delay(*account(seed, conversions, delays).columns(every_h), "7d_click") for seed in range(16)]
    found = np.array([fit.reported(AT) for fit in fits if not fit.assumed])
    assert len(found) >= 13
    assert np.all(np.abs(found - truth(delays, AT)).mean(axis=0) < [day_off, three_days_off])


def test_more_conversions_make_the_curve_more_certain() -> None:
    se = [
        np.mean([fit_delay(*account(seed, n, FAST).columns(), "7d_click").se[7] for seed in range(4)])
        for n in (1_000, 4_000, 16_000)
    ]
    assert se[0] > 1.5 * se[1] > 2.2 * se[2] > 0


@pytest.mark.parametrize("delays", [FAST, CRITEO])
def test_the_truth_lies_within_one_standard_error_about_two_times_in_three(delays: Mixture) -> None:
    fits = [fit_delay(*account(100 + seed, 1500, delays).columns(), "7d_click") for seed in range(50)]
    low, high = (np.array([fit.reported(AT, bound) for fit in fits]) for bound in ("lower", "upper"))
    within = ((low <= truth(delays, AT)) & (truth(delays, AT) <= high)).mean(axis=0)
    safe = (low <= truth(delays, AT)).mean(axis=0)
    assert np.all((within >= 0.55) & (within <= 0.92))
    assert np.all(safe >= 0.78)  # 0.84 were the errors normal


def test_the_fit_is_the_most_likely_one() -> None:
    polls = account(5, 800, FAST, ad_sets=4, days=16)
    fit = fit_delay(*polls.columns(24), "7d_click")
    due = brute_exposure(polls)
    prior = 2 * normal(np.array(SLOW) * np.expm1(-WINDOW_H / TAU_H) / np.expm1(-HORIZON_H / TAU_H))
    new = polls.new.reshape(4, -1, 24).sum(axis=2)

    def unlikely(logits: Floats) -> float:
        weights = normal(np.exp(logits - logits.max()))
        mean = due @ weights
        seen = new[new > 0] @ np.log(mean[new > 0])
        return float(new.sum(axis=1) @ np.log(mean.sum(axis=1)) - seen - prior @ np.log(weights))

    best = minimize(unlikely, np.zeros(6), method="BFGS", options={"gtol": 1e-6})
    ours = normal(np.array(fit.weights) * np.expm1(-WINDOW_H / TAU_H) / np.expm1(-HORIZON_H / TAU_H))
    assert unlikely(np.log(ours)) <= best.fun + 1e-4
    np.testing.assert_allclose(ours, normal(np.exp(best.x)), atol=5e-3)


def brute_exposure(polls: Polls, parts: int = 96) -> Floats:
    """Spend due in each day by component, (n, D, 6), each day's spend cut into many moments."""
    spend = polls.spend.reshape(len(polls.spend), -1, 24).sum(axis=2)
    days = spend.shape[1]
    moment = (np.arange(days * parts) + 0.5) * 24 / parts
    age = np.clip(np.arange(days + 1)[:, None] * 24 - moment, 0, WINDOW_H)[..., None]
    share = np.diff(np.expm1(-age / TAU_H) / np.expm1(-WINDOW_H / TAU_H), axis=0)
    return np.einsum("nh,dhk->ndk", np.repeat(spend / parts, parts, axis=1), share)


def normal(weights: Floats) -> Floats:
    return weights / weights.sum()


# -- what may not change the curve --------------------------------------------------------------


def close(one: DelayCurve, other: DelayCurve) -> None:
    assert not one.assumed
    np.testing.assert_allclose(one.reported(KNOTS_H), other.reported(KNOTS_H), atol=1e-4)
    np.testing.assert_allclose(one.se, other.se, atol=1e-4)


def test_what_a_conversion_costs_each_ad_set_is_none_of_the_curve_s_business() -> None:
    polls = account(7, 1500, FAST)
    dearer = polls.spend * np.linspace(0.1, 30, len(polls.spend))[:, None]
    close(fit_delay(*polls.columns(), "default"), fit_delay(*Polls(dearer, polls.new).columns(), "default"))


def test_a_budget_that_is_cut_in_the_middle_changes_rates_and_no_delay() -> None:
    found = []
    for seed in range(8):
        polls = account(seed, 3000, FAST, ad_sets=10, days=40)
        stopped = polls.spend[:, 600:720].sum(axis=1) < polls.spend[:, 300:420].sum(axis=1)
        assert 0 < stopped.sum() < 10
        found.append(fit_delay(*polls.columns(24), "7d_click").reported(AT))
    assert np.abs(np.mean(found, axis=0) - truth(FAST, AT)).max() < 0.035


def test_order_ids_and_days_without_spend_do_not_matter() -> None:
    arrivals, spends = account(8, 1500, FAST).columns()
    rng = np.random.default_rng(1)
    names = rng.permutation(1_000)[:20].astype(np.int64)
    shuffled = [
        type(part)(names[part.ad_set][order], *(getattr(part, name)[order] for name in part.__struct_fields__[1:]))
        for part in (arrivals, spends)
        for order in [rng.permutation(part.ad_set.size)]
    ]
    close(fit_delay(arrivals, spends, "default"), fit_delay(shuffled[0], shuffled[1], "default"))


def test_a_moment_s_spend_counts_as_spend_of_a_very_short_time() -> None:
    arrivals, spends = account(9, 1500, FAST).columns()
    middle = (spends.since_h + spends.until_h) / 2
    at_once = Spends(spends.ad_set, middle, middle, spends.amount)
    shortly = Spends(spends.ad_set, middle, middle + 1e-6, spends.amount)
    close(fit_delay(arrivals, at_once, "default"), fit_delay(arrivals, shortly, "default"))


def test_conversions_without_spend_are_nobody_s() -> None:
    arrivals, spends = account(10, 1500, FAST).columns()
    odd = Arrivals(
        np.append(arrivals.ad_set, [99, 0]),
        np.append(arrivals.since_h, [10.0, 5_000.0]),
        np.append(arrivals.until_h, [11.0, 5_001.0]),
        np.append(arrivals.new, [500.0, 500.0]),
    )
    close(fit_delay(arrivals, spends, "default"), fit_delay(odd, spends, "default"))


def test_corrections_count_as_no_new_conversions() -> None:
    arrivals, spends = account(11, 1500, FAST).columns()
    corrected = Arrivals(
        arrivals.ad_set, arrivals.since_h, arrivals.until_h, np.where(arrivals.new > 0, arrivals.new, -1)
    )
    close(fit_delay(arrivals, spends, "default"), fit_delay(corrected, spends, "default"))


def test_intervals_wait_until_a_window_of_spend_is_known() -> None:
    arrivals, spends = account(12, 4000, FAST, days=40).columns()
    first = 10 * 24.0
    late = spends.since_h >= first
    known = Spends(*(getattr(spends, name)[late] for name in spends.__struct_fields__))
    ripe = arrivals.since_h >= first + WINDOW_H
    kept = Arrivals(*(getattr(arrivals, name)[ripe] for name in arrivals.__struct_fields__))
    from_then_on = fit_delay(arrivals, known, "7d_click", np.full(20, first))
    close(from_then_on, fit_delay(kept, spends, "7d_click"))
    assert from_then_on.conversions == kept.new.sum()


# -- when the slow default stays ----------------------------------------------------------------


def test_the_slow_default_stays_until_there_are_a_hundred_conversions() -> None:
    arrivals, spends = account(13, 1500, FAST).columns()
    few = np.cumsum(arrivals.new) < LEAST_CONVERSIONS
    fewer = Arrivals(arrivals.ad_set, arrivals.since_h, arrivals.until_h, np.where(few, arrivals.new, 0))
    assert fit_delay(fewer, spends, "28d_click") == slow("28d_click")
    assert not fit_delay(arrivals, spends, "28d_click").assumed


def test_even_spend_says_nothing_of_delays_so_the_slow_default_stays() -> None:
    even = Polls(np.full((3, 40 * 24), 10.0), np.full((3, 40 * 24), 0.5))
    assert fit_delay(*even.columns(24), "7d_click", np.zeros(3)) == slow("7d_click")


def test_nothing_seen_or_nothing_spent_leaves_the_slow_default() -> None:
    arrivals, spends = account(14, 1500, FAST).columns()
    nothing, nobody = np.zeros(0), np.zeros(0, np.int64)
    assert fit_delay(Arrivals(nobody, nothing, nothing, nothing), spends, "default") == slow("default")
    assert fit_delay(arrivals, Spends(nobody, nothing, nothing, nothing), "default") == slow("default")
    assert fit_delay(arrivals, spends, "default", np.full(20, np.inf)) == slow("default")
    long_after = Arrivals(arrivals.ad_set, arrivals.since_h + 9_000, arrivals.until_h + 9_000, arrivals.new)
    assert fit_delay(long_after, spends, "default") == slow("default")


@settings(max_examples=12)
@given(st.sampled_from(WINDOWS), st.integers(0, 1_000))
def test_a_fit_keeps_to_the_attribution_window(window: str, seed: int) -> None:
    fit = fit_delay(*account(seed, 600, FAST, ad_sets=6).columns(24), window)
    assert fit.window_h == slow(window).window_h
    assert sum(fit.weights) == pytest.approx(1)
    assert fit.assumed or len(fit.se) == len(KNOTS_H)


def test_a_large_account_takes_a_moment() -> None:
    arrivals, spends = account(15, 60_000, FAST, ad_sets=1_000, days=90).columns(24)
    fit = fit_delay(arrivals, spends, "7d_click")
    assert np.abs(fit.reported(AT) - truth(FAST, AT)).max() < 0.02
    assert fit.conversions > 50_000
