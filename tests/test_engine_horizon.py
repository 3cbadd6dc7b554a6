"""A declared horizon: its thresholds, that it spends alpha and no more, and what it says."""

from decimal import Decimal
from math import log

import numpy as np
import pytest
from engine_accounts import CPA_30, one
from msgspec.structs import replace
from scipy.stats import poisson

from adopt.engine import evidence
from adopt.engine.horizon import PRIOR, bounds, crossings, horizon, threshold
from adopt.engine.judging import judge
from adopt.engine.planning import promise
from adopt.model import Verdict
from adopt.policy import Decision, Policy, Target

ORDINARY = Policy(target=CPA_30.target)
AHEAD = replace(ORDINARY, decision=Decision(horizon=100))
ALPHA = float(evidence.epoch_alpha(0.05, 1.0))  # of an object's first epoch


def verdict(due: int, found: int, policy: Policy = AHEAD) -> Verdict:
    """Of an ad set whose spend, all of it ripe, should have bought so many results and bought others."""
    return judge(one((due * 3_000.0, due * 30.0, float(found), 0.0)), policy)[0]


@pytest.mark.parametrize(("due", "log_threshold"), [(30, 2.42), (100, 2.68), (300, 2.81)])
def test_a_threshold_is_the_published_one(due: int, log_threshold: float) -> None:
    assert threshold(due, 0.05) == pytest.approx(log_threshold, abs=0.005)


def test_at_twice_the_target_proof_takes_four_percent_more_than_any_rule_must() -> None:
    reached = bounds(100, threshold(100, 0.05))
    chance = crossings(reached, 0.5)
    spent = float(chance @ reached) + (1 - chance.sum()) * 100
    assert spent == pytest.approx(20.2, abs=0.05)
    assert spent / evidence.wald_bound(0.5) == pytest.approx(1.04, abs=0.01)


def test_a_chance_is_that_of_following_every_count_from_bound_to_bound() -> None:
    reached = bounds(30, threshold(30, 0.05))
    alive, before, lost = np.zeros(120), 0.0, []
    alive[0] = 1.0
    for n, bound in enumerate(reached):
        alive = np.convolve(alive, poisson.pmf(np.arange(120), bound - before))[:120]
        lost.append(alive[n])
        alive[n], before = 0.0, bound
    np.testing.assert_allclose(crossings(reached), lost, atol=1e-13)


@pytest.mark.parametrize("due", [10, 30, 100, 300, 1_000])
def test_all_of_alpha_is_spent_by_the_horizon_and_less_above_the_target(due: int) -> None:
    reached = bounds(due, threshold(due, 0.05))
    assert 0.0499 < crossings(reached).sum() <= 0.05
    assert crossings(reached, 1.1).sum() < crossings(reached).sum()


def test_the_ordinary_threshold_after_the_horizon_would_break_alpha() -> None:
    """Why nothing new is proven there: its chance comes on top, as much as the martingale has left at most."""
    within, counts = threshold(100, 0.05), np.arange(1_000.0)
    early, late = (evidence.plain_boundary(counts, *PRIOR, one) for one in (within, log(20)))
    both = np.where(early <= 100, early, late)
    total = crossings(both[both <= 1_000]).sum()
    assert 0.053 < total <= 0.05 + (1 - np.exp(within) * 0.05) / 20


def test_a_scaled_e_value_is_safe_above_the_limit_too() -> None:
    for above in (0.0, 0.5, 1.0, 2.0):
        chance = crossings(bounds(100, threshold(100, 0.05) + above)).sum()
        assert chance <= 0.05 * np.exp(-above)


def test_epochs_spend_their_own_alpha() -> None:
    alpha = evidence.epoch_alpha(0.05, np.array([1.0, 2.0, 1.0]))
    found = horizon(100, alpha)
    assert found.threshold.tolist() == [threshold(100, one) for one in alpha.tolist()]
    assert found.threshold[1] > found.threshold[0]


def test_days_that_vary_stay_below_alpha_by_their_index_of_dispersion() -> None:
    """Gamma shocks of a day, one result due a day: counts and dues are divided by 1 + cv2."""
    rng, shock, due = np.random.default_rng(5), 0.5, 50
    days = int(due * (1 + shock))
    brought = rng.poisson(rng.gamma(1 / shock, shock, (20_000, days))).cumsum(axis=1) / (1 + shock)
    ripe = np.arange(1.0, days + 1) / (1 + shock)
    reached = evidence.log_e_below(brought, np.broadcast_to(ripe, brought.shape), *PRIOR) >= threshold(due, 0.05)
    assert 0.01 < reached.any(axis=1).mean() < 0.05


def test_a_loser_is_proven_sooner_and_never_beside_the_boundary() -> None:
    edge = float(horizon(100, np.array([ALPHA])).boundary(np.array([10.0]), np.array([0]))[0])
    assert verdict(int(edge), 10).reason != "proven_bad"
    assert verdict(int(edge) + 1, 10).reason == "proven_bad"
    assert verdict(int(edge) + 1, 10, ORDINARY).reason != "proven_bad"


def test_an_e_value_says_at_the_boundary_what_the_limit_does() -> None:
    """A pause is still at 1 / alpha, so that its sentence speaks of the same chance with a horizon and without."""
    bad = verdict(60, 20).evidence
    assert bad.e_value is not None
    assert bad.alpha is not None
    raw = float(evidence.log_e_below(20.0, 60.0, *PRIOR))
    assert log(bad.e_value * bad.alpha) == pytest.approx(raw - threshold(100, ALPHA))


def test_what_is_proven_within_the_horizon_stays_so_and_nothing_new_is_after_it() -> None:
    assert verdict(100, 40).reason == verdict(300, 40).reason == "proven_bad"
    late = verdict(300, 200)
    assert verdict(300, 200, ORDINARY).reason == "proven_bad"
    assert late.reason == "doubted"
    assert late.evidence.spend_to_pause is None
    assert "a pause can no longer be proven within the horizon of 100 expected purchases" in late.sentence


def test_what_is_missing_to_a_proof_is_the_way_to_the_boundary() -> None:
    seen = verdict(20, 10)
    edge = float(horizon(100, np.array([ALPHA])).boundary(np.array([10.0]), np.array([0]))[0])
    assert seen.evidence.spend_to_pause == pytest.approx((edge - 20) * 3_000, abs=1)


def test_the_promise_names_the_horizon() -> None:
    assert promise(AHEAD).endswith("; the first 100 expected purchases can prove a pause, nothing after them can")
    assert promise(AHEAD).startswith(promise(ORDINARY))


@pytest.mark.parametrize("due", [0, 9, 1_001])
def test_a_horizon_too_near_or_far_is_refused(due: int) -> None:
    with pytest.raises(ValueError, match="from 10 to 1000 expected results, for example 100"):
        Decision(horizon=due)


def test_a_horizon_needs_the_evidence_method_and_a_target_cpa() -> None:
    with pytest.raises(ValueError, match='belongs to method = "evidence", not to "wilson"'):
        Decision(horizon=100, method="wilson")
    with pytest.raises(ValueError, match=r"decision\.horizon takes a target cpa"):
        Policy(target=Target(roas=Decimal(2)), decision=Decision(horizon=100))
