"""What an account teaches about itself."""

import numpy as np
import pytest
from engine_accounts import CPA_30, NOW, ROAS_2, Row, ad_set, campaign, snapshot
from msgspec.structs import replace

from adopt.engine import belief, delay
from adopt.engine.delay import DelayCurve, slow
from adopt.engine.judging import judge
from adopt.engine.learning import first_priors, learn_curve
from adopt.engine.snapshot import Snapshot
from adopt.policy import Policy

CPA = Policy(target=CPA_30.target)
TRUTH = DelayCurve((0.30, 0.10, 0.05, 0.25, 0.30, 0.0), 168.0)


def lived(seed: int, count: int, lasted: int, per_day: float) -> Snapshot:
    """Ad sets whose budgets move, with each purchase dated by the day it happened (`mixed`)."""
    rng = np.random.default_rng(seed)
    spend = np.rint(3_000 * per_day * rng.lognormal(0, 0.9, (count, lasted)))
    owner, day = np.nonzero(clicked := rng.poisson(spend / 3_000))
    owner, day = (np.repeat(column, clicked[owner, day]) for column in (owner, day))
    component = rng.choice(6, owner.size, p=np.array(TRUTH.weights))
    late = rng.exponential(delay.TAU_H[component])
    arrives = np.floor(day + rng.random(owner.size) + late / 24).astype(np.int64)
    kept = (arrives < lasted) & (late < 168)
    results = np.zeros((count, lasted))
    np.add.at(results, (owner[kept], arrives[kept]), 1)
    rows = [Row(n, lasted - at, spend[n, at], 50, results[n, at]) for n in range(count) for at in range(lasted)]
    return snapshot([ad_set(str(n)) for n in range(count)], rows)


def test_an_account_s_curve_is_learned_from_its_days() -> None:
    curve = learn_curve(lived(3, 25, 70, 2.0), "7d_click")
    assert not curve.assumed
    assert curve.conversions > 1_000
    ages = np.array([24.0, 72.0])
    assert curve.reported(ages) == pytest.approx(TRUTH.reported(ages), abs=0.08)
    assert abs(slow("7d_click").reported(ages) - TRUTH.reported(ages)).max() > 0.08


@pytest.mark.parametrize(("lasted", "per_day"), [(20, 0.15), (6, 2.0)], ids=["few results", "few days"])
def test_before_it_has_said_enough_the_curve_is_the_slow_one(lasted: int, per_day: float) -> None:
    assert learn_curve(lived(4, 10, lasted, per_day), "7d_click") == slow("7d_click")


def test_an_account_without_results_or_days_has_the_slow_curve() -> None:
    assert learn_curve(snapshot(), "28d_click") == slow("28d_click")
    assert learn_curve(snapshot([ad_set()], [Row(0, 3, 9_000, 50, 0)]), "1d_click") == slow("1d_click")
    lifetime = snapshot([ad_set()], [Row(0, NOW.toordinal(), 9_000_000, 50, 900)])
    assert learn_curve(lifetime, "7d_click") == slow("7d_click")


def test_corrections_teach_nothing_false() -> None:
    seen = lived(3, 25, 70, 2.0)
    results = seen.days.results.copy()
    results[::50] = -3.0
    curve = learn_curve(replace(seen, days=replace(seen.days, results=results)), "7d_click")
    assert curve.reported(np.array(24.0)) == pytest.approx(TRUTH.reported(np.array(24.0)), abs=0.1)


def test_a_day_that_has_begun_nowhere_yet_teaches_nothing() -> None:
    """A clock behind the account's own must not stop a pass."""
    seen = lived(3, 25, 70, 2.0)
    ahead = snapshot(seen.ad_sets, [Row(24, -1, 3_000, 50, 1)])
    both = replace(seen, days=replace(seen.days, **{
        name: np.concatenate([getattr(seen.days, name), getattr(ahead.days, name)])
        for name in seen.days.__struct_fields__
    }))  # fmt: skip
    assert learn_curve(both, "7d_click") == learn_curve(seen, "7d_click")


# -- priors -------------------------------------------------------------------------------------


def eight(last: float = 3.0) -> Snapshot:
    figures = [4.0, 9.0, 2.0, 6.0, 7.0, 5.0, 8.0, last]
    rows = [Row(n, 10, 20_000, 300, results, results * 6_000) for n, results in enumerate(figures)]
    return snapshot([ad_set(str(n)) for n in range(8)], rows)


def test_a_prior_is_fitted_on_the_others() -> None:
    n, e = np.array([4.0, 9, 2, 6, 7, 5, 8, 3]), np.full(8, 20_000 / 3_000)
    a, b = belief.fit_prior_others(n, e)
    found = first_priors(eight(), CPA)
    assert [found[str(k)] for k in range(8)] == [pytest.approx(pair) for pair in zip(a, b, strict=True)]


def test_an_ad_set_s_own_figures_do_not_move_its_prior() -> None:
    few, many = (first_priors(eight(last), CPA) for last in (0.0, 60.0))
    assert few["7"] == pytest.approx(many["7"])
    assert few["0"] != pytest.approx(many["0"])


def test_a_roas_prior_has_the_others_too() -> None:
    found = first_priors(eight(), replace(CPA, target=ROAS_2.target))
    assert len(found) == 8
    assert all(a > 0 and b > 0 for a, b in found.values())


def test_fewer_than_five_others_teach_nothing() -> None:
    seen = eight()
    five = replace(seen, ad_sets=seen.ad_sets[:5], days=seen.days.only(seen.days.object < 5))
    assert set(first_priors(five, CPA).values()) == {(3.0, 3.0)}
    assert first_priors(snapshot(), CPA) == {}


def test_campaigns_that_hold_a_budget_have_priors_of_their_own_level() -> None:
    seen = replace(eight(), campaigns=(campaign(daily_budget=10_000),))
    assert first_priors(seen, CPA)["c"] == (3.0, 3.0)


def test_frozen_priors_are_used_unchanged_and_not_fitted_again() -> None:
    frozen = {"0": (8.0, 4.0), "3": (2.0, 9.0)}
    seen = replace(eight(), priors=frozen)
    assert set(first_priors(seen, CPA)) == set("124567")
    expected = [(found.evidence.expected or 0) for found in judge(seen, CPA)]
    faded, late = 0.5 ** (240 / 24 / 21), float(slow("7d_click").lately(np.array([228.0]), 504.0)[0])
    for place, results in ((0, 4.0), (3, 6.0)):
        a, b = frozen[str(place)]
        assert expected[place] == pytest.approx((a + results * faded) / (b + 20_000 / 3_000 * late))
