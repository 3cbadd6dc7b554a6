"""What a verdict is, and what it never depends on."""

from datetime import timedelta
from decimal import Decimal
from math import isnan

import numpy as np
import pytest
from engine_accounts import (
    ACCOUNT,
    CLOSE,
    CPA_30,
    LOSER,
    NOW,
    ROAS_2,
    TODAY,
    WINNER,
    Row,
    accounts,
    ad_set,
    campaign,
    days,
    one,
    ordinary,
    policies,
    snapshot,
)
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from adopt.engine.delay import slow
from adopt.engine.judging import judge
from adopt.engine.ledgers import ledgers
from adopt.engine.snapshot import Days, Snapshot, ad_set_refs, ages_h, totals
from adopt.model import AdSet, Evidence, History, Ref, Verdict
from adopt.policy import Policy


def first(seen: Snapshot, policy: Policy = CPA_30) -> Verdict:
    return judge(seen, policy)[0]


def said(seen: Snapshot, policy: Policy = CPA_30) -> tuple[str, str]:
    found = first(seen, policy)
    return found.kind, found.reason


def test_a_verdict_is_whole() -> None:
    assert first(one(LOSER)) == Verdict(
        object=Ref(level="adset", id="1", name="Set 1"),
        kind="pause",
        reason="misses_target",
        sentence="$1,000.00 bought 5 purchases at $200.00 each; "
        "the 95 % one-look interval of its CPA, $85.83 to $467.83, lies wholly above the target of $30.00.",
        stake=85_000,
        evidence=Evidence(
            method="wilson",
            metric="cpa",
            since=(NOW - timedelta(days=10)).date(),
            until=(NOW - timedelta(days=10)).date(),
            spend=100_000,
            impressions=80_000,
            clicks=1_000,
            matured_clicks=1_000,
            results=5,
            revenue=10_000,
            cpa=20_000,
            roas=0.1,
            low=pytest.approx(8_583.0, abs=0.1),
            high=pytest.approx(46_782.8, abs=0.1),
            confidence=0.95,
        ),
        status="running",
        budget=10_000,
    )


@pytest.mark.parametrize(
    ("figures", "policy", "verdict"),
    [
        (LOSER, CPA_30, ("pause", "misses_target")),
        (WINNER, CPA_30, ("scale", "beats_target")),
        (CLOSE, CPA_30, ("hold", "unsure")),
        (LOSER, ROAS_2, ("pause", "misses_target")),
        (WINNER, ROAS_2, ("scale", "beats_target")),
        (CLOSE, ROAS_2, ("hold", "unsure")),
        # data guards: 100 matured clicks and three target CPAs, no less
        ((100_000, 100, 0, 0), CPA_30, ("pause", "misses_target")),
        ((100_000, 99, 0, 0), CPA_30, ("hold", "too_little")),
        ((9_000, 1_000, 500, 0), CPA_30, ("scale", "beats_target")),
        ((8_999, 1_000, 500, 0), CPA_30, ("hold", "too_little")),
        # a ROAS target where nothing says what a result is worth
        ((50_000, 1_000, 0, 0), ROAS_2, ("hold", "unpriced")),
        ((50_000, 1_000, 20, 0), ROAS_2, ("hold", "unpriced")),
        ((50_000, 1_000, 20, float("nan")), ROAS_2, ("hold", "unpriced")),
        ((50_000, 1_000, 20, -700), ROAS_2, ("hold", "unpriced")),
        ((50_000, 1_000, 0, 900_000), ROAS_2, ("hold", "unpriced")),
    ],
)
def test_figures_give_a_verdict(figures: tuple[float, ...], policy: Policy, verdict: tuple[str, str]) -> None:
    assert said(one(figures), policy) == verdict


def test_an_ad_set_without_history_and_an_account_without_ad_sets_are_judged() -> None:
    assert said(snapshot([ad_set()])) == ("hold", "no_spend")
    assert judge(snapshot(), CPA_30) == ()
    assert judge(snapshot(campaigns=()), ROAS_2) == ()


@pytest.mark.parametrize("code", ["USD", "JPY"])
def test_a_target_below_a_minor_unit_is_no_target_of_nothing(code: str) -> None:
    seen = replace(one((10.0, 10_000.0, 9_000.0)), account=replace(ACCOUNT, currency=code))
    policy = replace(CPA_30, target=replace(CPA_30.target, cpa=Decimal("0.004")))
    assert first(seen, policy).kind != "pause"


def test_in_a_roas_account_the_usual_price_guards_the_data() -> None:
    """One order of $1 says little about what an order is worth; spend is held against the account's average."""
    seen = snapshot([ad_set("1"), ad_set("2")], [Row(0, 10, 2_000, 400, 1, 100), Row(1, 10, *WINNER)])
    assert said(seen, ROAS_2) == ("hold", "too_little")
    average = (100 + WINNER[3]) / (1 + WINNER[2]) / 2  # of an order, over the target: what a result may cost
    assert first(seen, ROAS_2).evidence.spend_needed == np.ceil(3 * average - 2_000)


def test_unknown_revenue_does_not_lower_what_a_result_is_worth() -> None:
    known, unknown = Row(0, 10, 100_000, 1_000, 50, 300_000), Row(1, 10, 100_000, 1_000, 50, float("nan"))
    nothing = Row(2, 10, 100_000, 1_000, 0, 0)
    with_it = judge(snapshot([ad_set(c) for c in "123"], [known, unknown, nothing]), ROAS_2)[2]
    without = judge(snapshot([ad_set(c) for c in "123"], [known, nothing._replace(ad_set=2)]), ROAS_2)[2]
    assert with_it == without


# -- standing -----------------------------------------------------------------------------------

PAUSED = {"status": "PAUSED"}
OURS = {"1": History(paused_by="adopt")}
THEIRS = {"1": History(paused_by="person")}
OFF = {"effective_status": "CAMPAIGN_PAUSED"}


@pytest.mark.parametrize(
    ("figures", "ad", "histories", "verdict"),
    [
        (WINNER, PAUSED, OURS, ("revive", "comeback", "paused by adopt")),
        (WINNER, PAUSED, THEIRS, ("revive", "comeback", "paused by you")),
        (WINNER, PAUSED, {}, ("revive", "comeback", "paused by you")),
        (CLOSE, PAUSED, OURS, ("revive", "comeback", "paused by adopt")),
        (LOSER, PAUSED, OURS, ("hold", "stays_paused", "paused by adopt")),
        (LOSER, PAUSED, THEIRS, ("hold", "stays_paused", "paused by you")),
        ((2_000, 30, 9, 0), PAUSED, OURS, ("hold", "too_little", "paused by adopt")),
        (LOSER, OFF, {}, ("hold", "parent_paused", "parent paused")),
        (WINNER, OFF, {}, ("hold", "parent_paused", "parent paused")),
        (WINNER, {"daily_budget": None}, {}, ("hold", "good_in_campaign", "running")),
        (LOSER, {"daily_budget": None}, {}, ("pause", "misses_target", "running")),
        (WINNER, {"daily_budget": None, "lifetime_budget": 90_000}, {}, ("scale", "beats_target", "running")),
    ],
)
def test_standing_gives_the_verdict_its_kind(
    figures: tuple[float, ...], ad: dict[str, object], histories: dict[str, History], verdict: tuple[str, str, str]
) -> None:
    found = first(replace(one(figures, **ad), histories=histories))
    assert (found.kind, found.reason, found.status) == verdict


def standing(one: AdSet, seen: Snapshot) -> str:
    """How an ad set stands, told by itself."""
    by = seen.history(one.id).paused_by
    if one.status == "PAUSED" and by != "adopt":
        return "paused by you"
    off = any(parent.id == one.campaign_id and parent.status == "PAUSED" for parent in seen.campaigns)
    if off or one.effective_status == "CAMPAIGN_PAUSED":
        return "parent paused"
    return "paused by adopt" if one.status == "PAUSED" else "running"


@given(accounts())
def test_ad_sets_that_are_looked_at_together_stand_as_each_does_by_itself(seen: Snapshot) -> None:
    found = [verdict.status for verdict in judge(seen, CPA_30)][: len(seen.ad_sets)]
    assert found == [standing(ad_set, seen) for ad_set in seen.ad_sets]


def test_what_we_paused_stays_so_while_a_person_keeps_its_campaign_paused() -> None:
    seen = replace(one(WINNER, **PAUSED), campaigns=(campaign(status="PAUSED"),), histories=OURS)
    assert said(seen) == ("hold", "parent_paused")
    assert said(replace(seen, histories=THEIRS)) == ("revive", "comeback")


def test_a_campaign_budget_is_judged_from_its_ad_sets_pooled() -> None:
    rows = [Row(0, 10, 9_000, 100, 10), Row(1, 10, 8_000, 90, 9), Row(2, 10, *LOSER)]
    sets = [ad_set("1", daily_budget=None), ad_set("2", daily_budget=None), ad_set("3", campaign_id="other")]
    parents = (campaign(daily_budget=50_000), campaign("other"))
    *_, pool = judge(snapshot(sets, rows, campaigns=parents), CPA_30)
    assert (pool.object, pool.kind, pool.reason, pool.budget) == (
        Ref(level="campaign", id="c", name="Campaign c"),
        "scale",
        "beats_target",
        50_000,
    )
    assert (pool.evidence.spend, pool.evidence.clicks, pool.evidence.results) == (17_000, 190, 19)


def test_a_bad_campaign_budget_is_left_to_the_verdicts_on_its_ad_sets() -> None:
    seen = replace(one(LOSER, daily_budget=None), campaigns=(campaign(daily_budget=50_000),))
    assert [(v.object.level, v.kind, v.reason) for v in judge(seen, CPA_30)] == [
        ("adset", "pause", "misses_target"),
        ("campaign", "hold", "bad_campaign"),
    ]


# -- time ---------------------------------------------------------------------------------------


def test_only_the_days_of_the_window_are_judged() -> None:
    last, too_old = Row(0, 27, *WINNER), Row(0, 28, *LOSER)
    assert said(snapshot([ad_set()], [last, too_old])) == ("scale", "beats_target")
    assert first(snapshot([ad_set()], [last, too_old])).evidence.spend == 100_000


def test_a_loser_that_we_paused_does_not_come_back_because_its_bad_days_grow_old() -> None:
    bad = [Row(0, ago, 20_000, 200, 2) for ago in range(12, 22)]
    better = [Row(0, ago, 10_000, 200, 5) for ago in range(8, 12)]
    seen = replace(snapshot([ad_set(**PAUSED)], [*bad, *better]), histories=OURS)
    later = [replace(seen, now=NOW + timedelta(days=n)) for n in (0, 10, 16, 18, 20, 40)]
    assert {said(one) for one in later} == {("hold", "stays_paused")}
    late = replace(later[-1], days=replace(seen.days, results=seen.days.results + 5))
    assert said(late) == ("revive", "comeback")


def test_each_ad_set_is_judged_on_its_own_days() -> None:
    seen = snapshot(
        [ad_set("1"), ad_set("2"), ad_set("3")], [Row(0, 9, 1, 1, 0), Row(0, 3, 1, 1, 0), Row(1, 5, 1, 1, 0)]
    )
    found = [(v.evidence.since, v.evidence.until) for v in judge(seen, CPA_30)]
    nine, five, three = ((NOW - timedelta(days=ago)).date() for ago in (9, 5, 3))
    assert found == [(nine, three), (five, five), (None, None)]


def test_new_clicks_count_only_as_far_as_their_results_have_had_time() -> None:
    curve = slow("7d_click")
    clicks = [1_000.0, 1_000.0, 1_000.0]
    seen = snapshot([ad_set()], [Row(0, ago, 1.0, 1_000.0, 0.0) for ago in (0, 1, 10)])
    sums = totals(ad_set_refs(seen), seen.days, seen.now, curve)
    expected = float(np.dot(clicks, curve.reported(np.array([0.0, 12.0, 228.0]))))
    assert (sums.clicks[0], sums.matured_clicks[0]) == (3_000, pytest.approx(expected))


def test_a_young_loser_is_not_paused_for_results_that_are_still_to_come() -> None:
    today = Row(0, 0, 100_000, 1_000, 3)
    assert said(snapshot([ad_set()], [today])) == ("hold", "too_little")
    assert said(snapshot([ad_set()], [today._replace(ago=8)])) == ("pause", "misses_target")


def test_a_young_winner_is_not_scaled_until_it_beats_the_target_on_all_its_clicks() -> None:
    rows = [Row(0, 8, 20_000, 200, 14), Row(0, 0, 40_000, 400, 0)]
    assert said(snapshot([ad_set()], rows)) == ("hold", "unsure")


def test_ages_are_counted_from_the_end_of_the_account_s_day() -> None:
    ordinals = np.array([TODAY + 1, TODAY, TODAY - 1, TODAY - 2, 0])
    assert ages_h(ordinals, NOW).tolist() == [0, 0, 12, 36, np.inf]


# -- facts about any account --------------------------------------------------------------------


@given(accounts(), policies())
def test_every_ad_set_and_every_campaign_budget_gets_one_verdict(seen: Snapshot, policy: Policy) -> None:
    held = [c.id for c in seen.campaigns if c.daily_budget is not None]
    assert [v.object.id for v in judge(seen, policy)] == [*(a.id for a in seen.ad_sets), *held]


@given(accounts(), policies())
def test_a_verdict_has_a_sentence_and_no_figure_that_is_not_one(seen: Snapshot, policy: Policy) -> None:
    for found in judge(seen, policy):
        assert found.sentence.endswith(".")
        assert found.stake >= 0
        figures = [value for value in asdict(found.evidence).values() if isinstance(value, float)]
        assert not any(isnan(value) for value in figures)
        assert found.evidence.high is None or 0 <= found.evidence.low <= found.evidence.high


@given(accounts(), policies(), st.randoms())
def test_a_verdict_does_not_depend_on_the_order_of_rows(seen: Snapshot, policy: Policy, random: object) -> None:
    order = list(range(len(seen.days.date)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = Days(*(getattr(seen.days, name)[order] for name in seen.days.__struct_fields__))
    assert judge(replace(seen, days=shuffled), policy) == judge(seen, policy)


@given(accounts(), policies(), st.integers(1, 5))
def test_a_verdict_does_not_depend_on_how_days_are_split_into_rows(seen: Snapshot, policy: Policy, part: int) -> None:
    d = seen.days
    figures = ("spend", "impressions", "clicks", "results", "revenue")
    some = {name: np.floor(getattr(d, name) * part / 6) for name in figures}
    split = Days(
        *(np.concatenate([getattr(d, name)] * 2) for name in ("object", "date")),
        *(np.concatenate([some[name], getattr(d, name) - some[name]]) for name in figures),
    )
    assert judge(replace(seen, days=split), policy) == judge(seen, policy)


@given(accounts(), policies())
def test_a_verdict_does_not_depend_on_the_currency_s_minor_unit(seen: Snapshot, policy: Policy) -> None:
    """The same figures in yen: every amount in minor units is a hundredth, every major amount the same."""
    yen = replace(
        seen,
        account=replace(seen.account, currency="JPY"),
        days=replace(seen.days, spend=seen.days.spend / 100, revenue=seen.days.revenue / 100),
    )
    dollars = [(v.object, v.kind, v.reason) for v in judge(seen, policy)]
    assert [(v.object, v.kind, v.reason) for v in judge(yen, policy)] == dollars


@given(accounts(), policies())
def test_a_pause_is_worse_than_the_target_and_a_scale_better_as_observed(seen: Snapshot, policy: Policy) -> None:
    for found in judge(seen, policy):
        figures, results = found.evidence, max(found.evidence.results, 0)
        if policy.target.cpa is not None:
            lost = figures.spend > results * 3_000
            won = figures.spend < results * 3_000
        else:
            revenue = max(figures.revenue or 0, 0)
            lost, won = revenue < 2 * figures.spend, revenue > 2 * figures.spend
        assert (found.kind != "pause" or lost, found.kind != "scale" or won) == (True, True)


@given(accounts(most=2), policies(), st.integers(1, 500))
def test_more_results_never_turn_a_scale_into_a_pause(seen: Snapshot, policy: Policy, more: int) -> None:
    richer = replace(seen, days=replace(seen.days, results=seen.days.results + more))
    pairs = zip(judge(seen, policy), judge(richer, policy), strict=True)
    assert ("scale", "pause") not in {(before.kind, after.kind) for before, after in pairs}


@given(st.integers(0, 1_000), st.integers(0, 1_000))
def test_with_more_results_a_verdict_only_gets_better(results: int, more: int) -> None:
    worth = {"pause": 0, "hold": 1, "scale": 2}
    few, many = (one((100_000.0, 2_000.0, float(k))) for k in (results, results + more))
    assert worth[first(few).kind] <= worth[first(many).kind]


# -- pooling ------------------------------------------------------------------------------------


def test_only_campaigns_with_a_budget_are_pooled() -> None:
    sets = [ad_set("1", campaign_id="a"), ad_set("2", campaign_id="b"), ad_set("3", campaign_id="gone")]
    parents = (campaign("a", daily_budget=100), campaign("b"), campaign("empty", lifetime_budget=5))
    _, pool = ledgers(snapshot(sets, [Row(n, 1, 10.0 + n, 1, 0) for n in range(3)], campaigns=parents), CPA_30)
    assert [ref.id for ref in pool.refs] == ["a", "empty"]
    assert (pool.days.object.tolist(), pool.days.spend.tolist()) == ([0], [10.0])
    assert (pool.spent.object.tolist(), pool.spent.amount.tolist()) == ([0], [10.0])


def test_rows_from_a_day_on_include_those_of_no_day() -> None:
    rows = [Row(0, 3, 1, 1, 0), Row(0, 1, 2, 1, 0), Row(0, TODAY, 4, 1, 0)]
    assert days(rows).since(np.array([TODAY - 1])).spend.tolist() == [2, 4]


def test_names_do_not_change_a_verdict() -> None:
    seen = ordinary()
    odd = replace(seen, ad_sets=tuple(replace(a, name="🔥\x00\x1b[2J\u202e") for a in seen.ad_sets))
    plain, strange = judge(seen, CPA_30), judge(odd, CPA_30)
    assert [replace(v, object=None) for v in plain] == [replace(v, object=None) for v in strange]
