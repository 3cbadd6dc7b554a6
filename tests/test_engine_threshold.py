"""The plain threshold: totals against the target after a least spend, and no promise."""

from datetime import timedelta
from decimal import Decimal

import pytest
from engine_accounts import CPA_30, NOW, ROAS_2, Row, ad_set, one, snapshot
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adopt.engine.judging import judge
from adopt.engine.planning import make_plan
from adopt.engine.snapshot import Snapshot
from adopt.model import History, Verdict
from adopt.policy import Decision, Policy

CPA = replace(CPA_30, decision=Decision(method="threshold"))
ROAS = replace(ROAS_2, decision=Decision(method="threshold"))


def first(seen: Snapshot, policy: Policy = CPA) -> Verdict:
    return judge(seen, policy)[0]


@pytest.mark.parametrize(
    ("spend", "results", "reason"),
    [
        (8_999, 0, "too_little"),  # three target CPAs of $30 are $90
        (9_000, 0, "past_threshold"),
        (45_000, 10, "between"),  # exactly 1.5 times the target
        (45_001, 10, "past_threshold"),
        (24_000, 10, "between"),  # exactly 0.8 times
        (23_999, 10, "within_threshold"),
        (0, 3, "no_spend"),
    ],
)
def test_a_cpa_is_held_against_multiples_of_the_target(spend: int, results: int, reason: str) -> None:
    assert first(one((spend, 40, results))).reason == reason


@pytest.mark.parametrize(
    ("revenue", "reason"),
    [(13_333, "past_threshold"), (13_400, "between"), (25_000, "between"), (25_100, "within_threshold")],
)
def test_a_roas_is_held_against_the_inverse_multiples(revenue: int, reason: str) -> None:
    assert first(one((10_000, 40, 4, revenue)), ROAS).reason == reason


def test_it_needs_no_clicks_and_shows_no_interval() -> None:
    found = first(one((100_000, 0, 5)))
    assert (found.kind, found.reason) == ("pause", "past_threshold")
    assert found.sentence == (
        "$1,000.00 bought 5 purchases at $200.00 each: past the threshold for the target of $30.00. "
        "A plain threshold takes luck for skill: it promises nothing."
    )
    assert make_plan(one((100_000, 0, 5)), judge(one((100_000, 0, 5)), CPA), CPA).promise == ""


def test_what_it_paused_comes_back_when_the_total_meets_the_target() -> None:
    ours = {"1": History(paused_by="adopt", paused_at=NOW - timedelta(days=4))}
    good, bad = (
        snapshot([ad_set(status="PAUSED")], [Row(0, 10, 100_000, 400, results)], histories=ours) for results in (40, 30)
    )
    assert (first(good).kind, first(good).reason) == ("revive", "comeback")
    assert first(bad).reason == "stays_paused"


@given(st.integers(9_000, 10**9), st.integers(0, 10_000), st.sampled_from(["1.2", "30", "45.50"]))
def test_more_results_for_the_same_money_are_never_worse(spend: int, results: int, cpa: str) -> None:
    policy = replace(CPA, target=replace(CPA.target, cpa=Decimal(cpa)), decision=replace(CPA.decision, min_spend=0.0))
    order = ["past_threshold", "between", "within_threshold"]
    fewer, more = (first(one((spend, 1, n)), policy).reason for n in (results, results + 1))
    assert order.index(fewer) <= order.index(more)


@pytest.mark.parametrize(("worse", "better"), [(0.9, 0.8), (1.5, 1.1), (1.5, 0.0), (float("inf"), 0.8)])
def test_thresholds_on_the_wrong_side_of_the_target_are_refused(worse: float, better: float) -> None:
    with pytest.raises(ValueError, match="better_than must be above 0 and at most 1"):
        Decision(worse_than=worse, better_than=better)
