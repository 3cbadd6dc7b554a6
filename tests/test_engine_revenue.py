"""Revenue as evidence: the inequality it rests on, and that heavy tails do not break the promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest

from adopt.engine.evidence import hybrid_log_e
from adopt.engine.revenue import RevenueUnit, capped, revenue_unit
from adopt.engine.statistics import Floats

LAWS = ("lognormal .6", "lognormal 1.2", "pareto 2.5", "two-point", "whales")


def orders(law: str, rng: np.random.Generator, size: int) -> Floats:
    """Order values of mean about 50."""
    if law.startswith("lognormal"):
        sigma = float(law.split()[1])
        return 50 * rng.lognormal(-(sigma**2) / 2, sigma, size)
    if law == "pareto 2.5":
        return 30 * (1 + rng.pareto(2.5, size))
    if law == "two-point":
        return rng.choice([10.0, 410.0], size, p=[0.9, 0.1])
    return 50 * rng.lognormal(-0.72, 1.2, size) * np.where(rng.random(size) < 0.005, 20, 1)


def unit_of(revenue: Floats, counts: Floats, cap_mult: float = 3.0) -> RevenueUnit:
    unit = revenue_unit(revenue, counts, cap_mult)
    assert unit is not None
    return unit


def test_the_unit_of_three_orders_by_hand() -> None:
    unit = unit_of(np.array([10.0, 10.0, 100.0]), np.ones(3), cap_mult=2.0)
    assert unit.cap == pytest.approx(80)
    assert unit.kappa == pytest.approx(100 / 120)
    assert unit.mean == pytest.approx(100 / 3)
    assert unit.b == pytest.approx((100 + 100 + 6_400) / 100)


def test_orders_of_one_value_are_counted_like_results() -> None:
    revenue, counts = np.array([30.0, 90.0, 0.0]), np.array([1.0, 3.0, 0.0])
    unit = unit_of(revenue, counts)
    assert unit == RevenueUnit(b=30.0, kappa=1.0, cap=90.0, mean=30.0)
    assert unit.pieces(capped(revenue, counts, unit)).tolist() == counts.tolist()
    assert unit.exposure(np.array([60.0]), 2.0).tolist() == [4.0]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("cap_mult", [1.5, 3.0, 1e9])
def test_no_revenue_is_more_variable_below_than_jumps_of_one_unit(law: str, cap_mult: float) -> None:
    values = orders(law, np.random.default_rng(1), 20_000)
    unit = unit_of(values, np.ones(values.size), cap_mult)
    kept = capped(values, np.ones(values.size), unit)
    assert kept.mean() == pytest.approx(unit.mean)
    assert kept.sum() == pytest.approx(unit.kappa * values.sum())
    for eta in np.geomspace(1e-4, 1e3, 60) / unit.b:
        slack = np.expm1(-eta * kept).mean() + unit.mean / unit.b * -np.expm1(-eta * unit.b)
        assert slack <= 1e-12


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(0.01, 1e6)), st.floats(1, 50), st.floats(1e-6, 1e3))
def test_the_inequality_holds_for_any_orders_at_all(values: Floats, cap_mult: float, eta: float) -> None:
    unit = unit_of(values, np.ones(values.size), cap_mult)
    kept = capped(values, np.ones(values.size), unit)
    step = eta / unit.b
    assert unit.b <= unit.cap * (1 + 1e-12)
    assert np.expm1(-step * kept).mean() <= unit.mean / unit.b * np.expm1(-step * unit.b) + 1e-12


@given(
    arrays(np.float64, (4, 5), elements=st.floats(-50, 1e5) | st.just(np.nan)),
    arrays(np.float64, (4, 5), elements=st.integers(-2, 9).map(float)),
    st.floats(1, 20),
)
def test_a_unit_is_at_least_the_mean_and_leaves_kappa(revenue: Floats, counts: Floats, cap_mult: float) -> None:
    unit = revenue_unit(revenue, counts, cap_mult)
    if unit is not None:
        assert 0 < unit.mean <= unit.b * (1 + 1e-12)
        assert 0 < unit.kappa <= 1
        kept = capped(revenue, counts, unit)
        assert np.all((kept >= 0) & (kept <= np.maximum(np.nan_to_num(revenue), 0)))
        assert kept.sum() == pytest.approx(unit.kappa * np.maximum(np.nan_to_num(revenue), 0).sum())


@pytest.mark.parametrize(
    ("revenue", "counts"),
    [([], []), ([0.0, 0.0], [3.0, 1.0]), ([np.nan], [2.0]), ([40.0], [0.0]), ([-5.0], [1.0]), ([9.0, 0.0], [0.0, 2.0])],
)
def test_there_is_no_unit_before_an_order_has_a_value(revenue: list[float], counts: list[float]) -> None:
    assert revenue_unit(np.array(revenue), np.array(counts)) is None


@pytest.mark.parametrize("law", LAWS[:2])
@pytest.mark.parametrize("each", [2, 5, 20])
def test_cells_of_many_orders_give_the_unit_of_one_order(law: str, each: int) -> None:
    values = orders(law, np.random.default_rng(2), 200_000)
    uncapped = unit_of(values, np.ones(values.size), 1e9)
    cells = unit_of(values.reshape(-1, each).sum(axis=1), np.full(values.size // each, float(each)), 1e9)
    assert cells.b == pytest.approx(uncapped.b, rel=0.05)


def test_noisy_days_make_the_unit_larger_and_proof_slower() -> None:
    unit = RevenueUnit(b=80.0, kappa=0.9, cap=150.0, mean=50.0)
    squared_spread = 80 / 50 - 1  # of one order, CV^2
    phi = np.array([1.0, 1.5])
    assert np.asarray(unit.size(phi)).tolist() == pytest.approx((50 * (squared_spread + phi)).tolist())
    n, e = unit.pieces(np.full(2, 400.0), phi), unit.exposure(np.full(2, 900.0), 2.0, phi)
    assert (n.tolist(), e.tolist()) == (pytest.approx([400 / 80, 400 / 105]), pytest.approx([1_620 / 80, 1_620 / 105]))
    calm, noisy = hybrid_log_e(n, e, 3.0, 3.0, 1.0, "below")
    assert noisy < calm


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("together", [1, 4, 10])
def test_ad_sets_on_a_roas_target_rarely_ever_reach_the_limit_however_few_the_polls(law: str, together: int) -> None:
    rng = np.random.default_rng(3)
    paths, looks, per_look = 1_200, 200, 0.5
    single = rng.poisson(per_look, (paths, looks))
    owner = np.repeat(np.arange(single.size), single.ravel())
    values = np.bincount(owner, orders(law, rng, owner.size), single.size)
    counts = single.reshape(paths, -1, together).sum(axis=2).astype(np.float64)
    cells = values.reshape(paths, -1, together).sum(axis=2)
    unit = unit_of(cells, counts)
    spend = np.full(looks // together, together * per_look * cells.sum() / counts.sum() / 2).cumsum()
    n, e = unit.pieces(capped(cells, counts, unit).cumsum(axis=1)), unit.exposure(spend, 2.0)
    crossed = int(np.any(hybrid_log_e(n, e, 4.9, 4.9, 1.0, "below") >= np.log(20), axis=1).sum())
    assert binomtest(crossed, paths).proportion_ci(0.95, "exact").high <= 0.05
