"""The edge cases of the decision statistics, one by one: what each row of their table promises."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from math import inf, log
from pathlib import Path

import numpy as np
import pytest
from engine_accounts import CPA_30, NOW, ROAS_2, Row, ad_set, one, snapshot
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from recorded import POLICY, World
from scipy.special import gammaincc

from adopt.engine.delay import slow
from adopt.engine.evidence import hybrid_log_e, most_log_e, pause_boundary, rate_confseq
from adopt.engine.judging import judge
from adopt.engine.planning import make_plan
from adopt.engine.snapshot import Snapshot, aged
from adopt.engine.statistics import wilson_interval
from adopt.errors import Invalid
from adopt.model import Evidence, History
from adopt.policy import Policy, Rule, Target, load
from adopt.store.database import open_store

CPA = Policy(target=CPA_30.target)
ROAS = Policy(target=ROAS_2.target)
WILSON = CPA_30
PRICE = 3_000  # the target, minor units
LIMIT = log(20)
REVIVES = (Rule(name="stop", use="safe-stop"), Rule(name="bring back", use="revive"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_store(tmp_path / "adopt.db") as store:
        yield World(store)


def said(seen: Snapshot, policy: Policy = CPA) -> tuple[str, str]:
    found = judge(seen, policy)[0]
    return found.kind, found.reason


def figures(seen: Snapshot, policy: Policy = CPA) -> Evidence:
    return judge(seen, policy)[0].evidence


# -- no spend, or none that has matured ---------------------------------------------------------


@pytest.mark.parametrize("policy", [CPA, ROAS, WILSON])
@pytest.mark.parametrize("row", [(0, 0, 0, 0), (0, 500, 20, 100), (-500, 500, 20, 100)])
def test_without_spend_nothing_is_said(row: tuple[float, ...], policy: Policy) -> None:
    assert said(one(row), policy) == ("hold", "no_spend")


def test_spend_that_has_not_matured_is_no_evidence() -> None:
    found = judge(snapshot([ad_set()], [Row(0, 0, 90_000, 500, 0)]), CPA)[0]
    seen = found.evidence
    assert (found.kind, found.reason) == ("hold", "unripe")
    assert (seen.matured_spend, seen.e_value, seen.expected) == (0, 1.0, 1.0)
    assert seen.p_good == pytest.approx(gammaincc(3, 3))  # the prior's
    assert (seen.low, seen.high) == (0.0, None)
    assert rate_confseq(np.zeros(1), np.zeros(1)) == (np.zeros(1), np.array([inf]))


# -- clicks and results that do not fit ---------------------------------------------------------


def test_proof_needs_no_clicks() -> None:
    assert said(one((50_000, 0, 0, 0))) == ("pause", "proven_bad")
    assert said(one((50_000, 0, 17, 0))) == ("hold", "open")


@pytest.mark.parametrize("clicks", [0, -4])
@pytest.mark.parametrize("results", [0, 12])
def test_without_clicks_the_interval_is_everything(clicks: float, results: float) -> None:
    seen = one((50_000, clicks, results, 0))
    assert said(seen, WILSON) == ("hold", "no_clicks")
    assert (figures(seen, WILSON).low, figures(seen, WILSON).high) == (0.0, None)
    assert wilson_interval(np.zeros(1), np.zeros(1)) == (np.zeros(1), np.ones(1))


def test_more_results_than_clicks_are_flagged_and_stop_wilson_alone() -> None:
    seen, fewer = one((50_000, 200, 201, 0)), one((50_000, 200, 200, 0))
    assert said(seen, WILSON) == ("hold", "overcounted")
    assert (figures(seen, WILSON).flags, figures(fewer, WILSON).flags) == (("more results than clicks",), ())
    assert said(fewer, WILSON) == ("scale", "beats_target")
    assert said(one((50_000, 20, 200, 0))) == ("scale", "proven_good")
    low, high = wilson_interval(np.array([201.0]), np.array([200.0]))
    assert (low[0], high[0]) == (wilson_interval(np.array([200.0]), np.array([200.0]))[0][0], 1.0)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_proof_and_belief_do_not_look_at_clicks(results: int, some: int, other: int) -> None:
    here, there = (figures(one((50_000, clicks, results, 0))) for clicks in (some, other))
    assert (here.e_value, here.p_good, here.low, here.high) == (there.e_value, there.p_good, there.low, there.high)


# -- no results ---------------------------------------------------------------------------------


def test_an_ad_set_without_results_is_paused_at_4_8_expected_ones() -> None:
    """With the prior of the golden values; at ln 20 = 3.0 the likelihood ratio itself would, at a single look."""
    assert float(pause_boundary(0.0, 4.9, 4.9, LIMIT)) == pytest.approx(4.8, abs=0.05)
    assert float(most_log_e(np.zeros(1), np.array([LIMIT]), "below")[0]) == pytest.approx(LIMIT)


def test_a_lifetime_without_results_waits_for_the_weight_of_its_restarts_and_its_epoch() -> None:
    """The lifetime is half of the mixture, the rest counts as 1; the first epoch may spend 6 / pi^2 of alpha."""
    edge = float(pause_boundary(0.0, 3.0, 3.0, log(2 * 20 * np.pi**2 / 6 - 1))) * PRICE
    kinds = [said(snapshot([ad_set()], [Row(0, 100, edge + more, 1, 0)]))[0] for more in (-2, 2)]
    assert kinds == ["hold", "pause"]


# -- counts that are revised --------------------------------------------------------------------


def test_a_count_that_is_revised_undoes_a_proof_because_totals_are_judged() -> None:
    bare, late = ([Row(0, ago, 3_000, 50, found) for ago in range(1, 9)] for found in (0, 1))
    assert said(snapshot([ad_set()], bare)) == ("pause", "proven_bad")
    assert said(snapshot([ad_set()], late)) == ("hold", "open")


def test_negative_counts_are_none_to_evidence() -> None:
    below, none = one((50_000, 900, -3, 0)), one((50_000, 900, 0, 0))
    assert said(below) == said(none) == ("pause", "proven_bad")
    assert figures(below).e_value == figures(none).e_value
    assert said(one((50_000, 1_000, -3, 0)), WILSON) == ("pause", "misses_target")


def test_a_refund_lowers_what_was_earned_and_not_the_spend() -> None:
    sold, refunded = (one((50_000, 900, 20, revenue)) for revenue in (120_000, 110_000))
    assert judge(sold, ROAS)[0].stake > judge(refunded, ROAS)[0].stake
    assert figures(refunded, ROAS).spend == 50_000


# -- another hypothesis -------------------------------------------------------------------------


def test_another_target_or_attribution_is_a_new_epoch_and_a_budget_is_none(world: World) -> None:
    world.decide()
    world.wait(4).edit("1", daily_budget=15_000)
    before, _ = world.decide()
    assert {before.history(id_).epoch for id_ in world.ad_sets} == {1}
    world.wait(4).edit("1", attribution="1d_click")
    edited, _ = world.decide()
    assert [edited.history(id_).epoch for id_ in ("0", "1", "2")] == [1, 2, 1]
    other, _ = (world.wait(4), world.decide(replace(POLICY, target=Target(cpa=Decimal(25)))))[1]
    assert [other.history(id_).epoch for id_ in ("0", "1", "2")] == [2, 3, 2]


def test_what_came_before_an_epoch_is_no_evidence_in_it() -> None:
    seen = snapshot([ad_set()], [Row(0, ago, 3_000, 50, 0) for ago in range(1, 21)])
    fresh = replace(seen, histories={"1": History(epoch=2, epoch_since=NOW - timedelta(days=2))})
    assert (figures(seen).spend, figures(fresh).spend) == (60_000, 6_000)
    assert (said(seen)[0], said(fresh)[0]) == ("pause", "throttle")


# -- paused by hand -----------------------------------------------------------------------------


def test_what_a_person_paused_matures_is_shown_and_not_acted_on() -> None:
    good = Row(0, 6, 60_000, 900, 60)
    seen = snapshot([ad_set(status="PAUSED")], [good], histories={"1": History(paused_by="person")})
    policy = replace(CPA, rule=REVIVES)
    later = replace(seen, now=seen.now + timedelta(days=1))
    assert (figures(later).matured_spend or 0) > (figures(seen).matured_spend or 0)
    verdicts = judge(seen, policy)
    assert (verdicts[0].kind, verdicts[0].status) == ("revive", "paused by you")
    plan = make_plan(seen, verdicts, policy)
    assert plan.changes == ()
    assert [refusal.guardrail for refusal in plan.refusals] == ["paused_by_you"]


# -- no target ----------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["", 'cpa = "0"\n', 'cpa = "-3"\n', "roas = 0\n", 'cpa = "nan"\n'])
def test_without_a_target_there_is_nothing_to_judge_by(target: str, tmp_path: Path) -> None:
    path = tmp_path / "act_1.toml"
    path.write_text(f"[target]\n{target}", encoding="utf-8")
    with pytest.raises(Invalid, match="target"):
        load(path)


# -- huge and tiny numbers ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "policy", "verdict"),
    [
        ((1e11, 900, 0, 0), CPA, ("pause", "proven_bad")),
        ((3e9, 900, 1e6, 0), CPA, ("throttle", "doubted")),  # all on one day; a slow curve has them fade less
        ((3e9, 9e6, 3e6, 0), CPA, ("scale", "proven_good")),
        ((50_000, 1_000, 2.5, 0), WILSON, ("pause", "misses_target")),
        ((1, 1, 0, 0), CPA, ("hold", "open")),
        ((1e15, 1e12, 1e12, 1e17), ROAS, ("scale", "proven_good")),
    ],
)
def test_sizes_do_not_matter(row: tuple[float, ...], policy: Policy, verdict: tuple[str, str]) -> None:
    assert said(one(row), policy) == verdict
    assert np.isfinite(figures(one(row), policy).e_value or 0.0)


@pytest.mark.parametrize(("count", "due"), [(1e6, 1e6), (1e6, 1e4), (0.0, 1e4), (1e6, 1e-9), (0.0, 1e9)])
def test_evidence_is_finite_where_the_gamma_functions_underflow(count: float, due: float) -> None:
    for side in ("below", "above"):
        assert np.isfinite(hybrid_log_e(count, due, 3.0, 3.0, 1.0, side))  # type: ignore[arg-type] # a literal


# -- polls that failed to come ------------------------------------------------------------------


def test_spend_of_a_gap_counts_from_its_end_so_that_nothing_is_proven_the_sooner(tmp_path: Path) -> None:
    with open_store(tmp_path / "often.db") as some, open_store(tmp_path / "rarely.db") as other:
        often, rarely = World(some), World(other)
        for world in (often, rarely):
            world.poll()
        often.run(13, often.poll)
        rarely.wait(52)
        known, late = (aged(world.decide()[0]) for world in (often, rarely))
    assert known.amount.sum() == late.amount.sum()
    curve = slow("7d_click")
    for number in range(len(often.ad_sets)):
        ripe = [
            float((paid.shares(curve.reported(paid.ages_h)) * (paid.object == number)).sum()) for paid in (known, late)
        ]
        assert ripe[1] < ripe[0]
