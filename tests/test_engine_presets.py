"""What the presets propose of the evidence method's verdicts: how far, in which order, and of whom."""

import math
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from engine_accounts import ACCOUNT, CPA_30, LOSER, NOW, WINNER, Row, accounts, ad_set, campaign, one, snapshot
from hypothesis import given
from msgspec.structs import replace

from adopt.engine.judging import judge
from adopt.engine.presets import propose
from adopt.engine.snapshot import Snapshot
from adopt.model import BudgetMove, Change, History
from adopt.policy import Guardrails, Policy, Rule

PRESETS = ("safe-stop", "revive", "throttle", "scale-20", "allocate")
PAUSED = {"status": "PAUSED"}
DOUBTED = (22_500.0, 500.0, 4.0)  # 7.5 were due
LIKELY = (45_000.0, 500.0, 16.0)  # 15 were due


def listed(*uses: str) -> Policy:
    return Policy(target=CPA_30.target, rule=tuple(Rule(name=use, use=use) for use in uses))  # type: ignore[arg-type]


def wanted(seen: Snapshot, *uses: str) -> list[tuple[str, str, Any]]:
    policy = listed(*uses)
    return [(c.object.id, c.rule, c.after) for c in propose(seen, judge(seen, policy), policy)]


def remembering(seen: Snapshot, **more: Any) -> Snapshot:
    return replace(seen, histories={"1": History(**more)})


# -- one by one ---------------------------------------------------------------------------------


def test_what_is_proven_bad_is_paused_and_nothing_else_is_done_to_it() -> None:
    assert wanted(one(LOSER), *PRESETS) == [("1", "safe-stop", "PAUSED")]
    assert wanted(one(LOSER), "revive", "throttle", "scale-20", "allocate") == []


@pytest.mark.parametrize(
    ("budget", "base", "after"),
    [
        (10_000, 10_000, 2_000),
        (10_000, None, 2_000),
        (9_999, 9_999, 1_999),
        (900, 10_000, 500),
        (501, 10_000, 500),
        (500, 10_000, None),
        (300, 10_000, None),
        (1, 1, None),
    ],
)
def test_what_is_doubted_falls_to_a_fifth_a_day_down_to_a_twentieth_of_its_base(
    budget: int, base: int | None, after: int | None
) -> None:
    seen = remembering(one(DOUBTED, daily_budget=budget), base=base)
    assert wanted(seen, *PRESETS) == ([("1", "throttle", after)] if after else [])


@pytest.mark.parametrize(
    ("budget", "after"), [(500, 2_000), (2_000, 8_000), (5_000, 10_000), (10_000, None), (12_000, None)]
)
def test_what_is_likely_good_gets_back_four_times_as_much_a_day_up_to_its_base(budget: int, after: int | None) -> None:
    seen = remembering(one(LIKELY, daily_budget=budget), base=10_000, budget_rule="throttle")
    assert wanted(seen, "throttle", "scale-20") == ([("1", "throttle", after)] if after else [])


def test_what_another_rule_took_of_a_budget_the_throttle_does_not_give_back() -> None:
    seen = remembering(one(LIKELY, daily_budget=5_000), base=10_000, budget_rule="allocate")
    assert judge(seen, listed("throttle", "allocate"))[0].reason == "open"
    assert wanted(seen, "throttle") == []


def test_between_the_two_thresholds_nothing_moves() -> None:
    seen = remembering(one((30_000.0, 500.0, 9.0), daily_budget=5_000), base=10_000)
    found = judge(seen, listed())[0]
    assert 0.30 < (found.evidence.p_good or 0) < 0.40
    assert (found.kind, wanted(seen, "throttle")) == ("hold", [])
    assert (found.evidence.spend_to_pause or 0) > 0


def test_a_hold_says_the_spend_that_would_prove_a_pause() -> None:
    """So much more matured spend without a result, and a little, is a pause indeed."""
    found = judge(one((30_000.0, 500.0, 9.0)), listed())[0]
    more = (found.evidence.spend_to_pause or 0) + 10.0
    then = snapshot([ad_set()], [Row(0, 10, 30_000 + more, 500, 9)])
    assert (found.kind, judge(then, listed())[0].kind) == ("hold", "pause")


def test_only_our_own_pauses_come_back_and_a_person_s_is_shown() -> None:
    seen = one(WINNER, **PAUSED)
    ours, theirs = (remembering(seen, paused_by=who) for who in ("adopt", "person"))
    verdicts = [judge(found, listed())[0] for found in (ours, theirs)]
    assert [(v.kind, v.status) for v in verdicts] == [("revive", "paused by adopt"), ("revive", "paused by you")]
    assert wanted(ours, *PRESETS) == [("1", "revive", "ACTIVE")]
    assert wanted(remembering(one(LOSER, **PAUSED), paused_by="adopt"), *PRESETS) == []


def revival(policy: Policy, *, base: int | None = None, **more: Any) -> Change:
    seen = remembering(one(WINNER, **PAUSED, **more), paused_by="adopt", base=base)
    (found,) = propose(seen, judge(seen, policy), policy)
    return found


@pytest.mark.parametrize(
    ("held", "base", "least", "starts"),
    [
        (10_000, None, None, (10_000, 2_500)),
        (10_000, 12_001, None, (10_000, 3_000)),
        (600, 12_000, None, (600, 3_000)),  # the throttle had left it a twentieth
        (10_000, None, Decimal(40), (10_000, 4_000)),
        (3, None, None, (3, 1)),
        (10_000, 40_000, None, None),  # a quarter is what it has
    ],
)
def test_a_revival_starts_with_a_quarter_of_its_base_in_the_same_write(
    held: int, base: int | None, least: Decimal | None, starts: tuple[int, int] | None
) -> None:
    policy = replace(listed("revive"), guardrails=Guardrails(min_daily_budget=least))
    found = revival(policy, base=base, daily_budget=held)
    assert (found.field, found.before, found.after) == ("status", "PAUSED", "ACTIVE")
    assert (found.budget and (found.budget.before, found.budget.after)) == starts
    assert found.sentence.endswith("a day of its base of " + ACCOUNT.money.show(base or held) + ".")


def test_where_no_daily_budget_is_held_only_the_status_changes() -> None:
    assert revival(listed("revive"), daily_budget=None).budget is None
    assert revival(listed("revive"), daily_budget=None, lifetime_budget=90_000).budget is None


def test_the_throttle_gives_a_revived_ad_set_its_budget_back_step_by_step() -> None:
    back = remembering(one(LIKELY, daily_budget=2_500), base=10_000, budget_rule="revive")
    assert wanted(back, *PRESETS) == [("1", "throttle", 10_000)]


# -- trying again -------------------------------------------------------------------------------


def stands(
    figures: tuple[float, ...] = LOSER, *, days: float = 15, count: int = 1, base: int = 10_000, **more: Any
) -> Snapshot:
    """An ad set that we paused so many days ago, for the count-th time."""
    known = {"paused_by": "adopt", "paused_at": NOW - timedelta(days=days), "paused_count": count, "base": base}
    return remembering(one(figures, **PAUSED), **{**known, **more})


@pytest.mark.parametrize(
    ("count", "days", "is_due"),
    [(1, 13.9, False), (1, 14, True), (2, 27, False), (2, 28, True), (3, 55, False), (3, 56, True), (4, 900, False)],
)
def test_what_we_paused_is_tried_again_later_each_time_and_three_times_at_most(
    count: int, days: float, *, is_due: bool
) -> None:
    seen = stands(days=days, count=count)
    assert judge(seen, listed("revive"))[0].reason == ("probe" if is_due else "stays_paused")
    assert wanted(seen, *PRESETS) == ([("1", "revive", "ACTIVE")] if is_due else [])


def test_a_probe_starts_with_a_twentieth_of_its_base_and_begins_an_epoch() -> None:
    seen, policy = stands(), listed("revive")
    (found,) = propose(seen, judge(seen, policy), policy)
    assert (found.is_probe, found.budget) == (True, BudgetMove(field="daily_budget", before=10_000, after=500))
    assert found.sentence == (
        "Paused for long enough to see whether it has changed: before, 5 purchases where 33.3 were due, below 1 % "
        "chance that it meets the target of $30.00. It is tried again with little money and judged by what comes "
        "from now on alone. It starts with $5.00 a day of its base of $100.00."
    )
    back = stands(WINNER)
    (comeback,) = propose(back, judge(back, policy), policy)
    assert (comeback.is_probe, comeback.budget and comeback.budget.after) == (False, 2_500)


def test_nothing_starts_or_is_throttled_below_what_meta_takes() -> None:
    seen, policy = replace(stands(), account=replace(ACCOUNT, min_daily_budget=700)), listed("revive", "throttle")
    (found,) = propose(seen, judge(seen, policy), policy)
    assert found.budget
    assert found.budget.after == 700
    low = replace(remembering(one(DOUBTED, daily_budget=900), base=10_000), account=seen.account)
    (cut,) = propose(low, judge(low, policy), policy)
    assert cut.after == 700
    at_it = replace(remembering(one(DOUBTED, daily_budget=600), base=10_000), account=seen.account)
    assert propose(at_it, judge(at_it, policy), policy) == []


def test_no_probe_of_what_a_person_paused_or_of_what_has_no_ads_or_no_small_budget() -> None:
    assert wanted(stands(paused_by="person", paused_at=None), *PRESETS) == []
    assert wanted(replace(stands(), without_ads=frozenset("1")), *PRESETS) == []
    assert wanted(replace(stands(), campaigns=(campaign(status="PAUSED"),)), *PRESETS) == []
    known = stands().histories
    for budgets in ({"daily_budget": None}, {"daily_budget": None, "lifetime_budget": 90_000}):
        assert wanted(replace(one(LOSER, **PAUSED, **budgets), histories=known), *PRESETS) == []


def test_no_probe_where_the_rule_says_so_or_where_totals_are_compared() -> None:
    quiet = Policy(target=CPA_30.target, rule=(Rule(name="bring back", use="revive", probe=False),))
    assert judge(stands(), quiet)[0].reason == "stays_paused"
    assert judge(stands(), CPA_30)[0].reason == "stays_paused"
    assert judge(stands(), listed("throttle"))[0].reason == "stays_paused"
    with pytest.raises(ValueError, match="probe belongs to a rule"):
        Rule(name="doubt", use="throttle", probe=False)


def on_trial(*rows: tuple[float, ...], budget: int = 500) -> Snapshot:
    """An ad set that was tried again five days ago, with rows from then on after a bad life."""
    began = NOW - timedelta(days=5)
    past = History(epoch=2, epoch_since=began, probed=began, base=10_000, budget_rule="revive", paused_count=1)
    new = [Row(0, 4 - n, *row) for n, row in enumerate(rows)]
    return snapshot([ad_set(daily_budget=budget)], [Row(0, 30, *LOSER), *new], histories={"1": past})


def test_the_evidence_of_a_probe_holds_nothing_from_before_it() -> None:
    (found,) = judge(on_trial((500.0, 5.0, 0.0), (500.0, 5.0, 0.0)), listed("revive"))
    assert (found.evidence.spend, found.evidence.results) == (1_000, 0)
    assert found.evidence.alpha == pytest.approx(0.05 * 6 / math.pi**2 / 4)
    assert (found.kind, found.reason) == ("hold", "on_trial")
    assert found.sentence.startswith("Tried again after a pause, by what came since alone: 0 purchases where 0.")


def test_a_probe_keeps_its_small_budget_until_a_result_was_due_then_the_throttle_gives_it_back() -> None:
    good = (2_500.0, 30.0, 2.0)
    assert wanted(on_trial((500.0, 5.0, 2.0)), *PRESETS) == []
    assert wanted(on_trial(good, good, good), *PRESETS) == [("1", "throttle", 2_000)]


def test_a_probe_that_is_proven_bad_is_paused_again() -> None:
    bad = (25_000.0, 100.0, 0.0)
    assert wanted(on_trial(bad, bad, bad), *PRESETS) == [("1", "safe-stop", "PAUSED")]


# -- campaigns that hold a budget ---------------------------------------------------------------


def pooled(*figures: tuple[float, ...]) -> Snapshot:
    sets = [ad_set(str(n), daily_budget=None) for n in range(len(figures))]
    rows = [Row(n, 10, *row) for n, row in enumerate(figures)]
    return snapshot(sets, rows, campaigns=(campaign(daily_budget=50_000),))


def test_with_a_campaign_budget_pauses_are_of_ad_sets_and_budgets_of_the_campaign() -> None:
    assert wanted(pooled(LOSER, LOSER), *PRESETS) == [("0", "safe-stop", "PAUSED"), ("1", "safe-stop", "PAUSED")]
    assert wanted(pooled(DOUBTED, DOUBTED), *PRESETS) == [("c", "throttle", 10_000)]
    assert wanted(pooled(WINNER, WINNER), *PRESETS) == [("c", "scale-20", 60_000)]
    assert wanted(pooled(WINNER, DOUBTED), "throttle", "allocate") == []


def test_a_campaign_is_judged_by_its_ad_sets_together() -> None:
    some = (15_000.0, 300.0, 1.0)
    alone, *_, together = judge(pooled(*[some] * 4), listed())
    assert (alone.kind, together.kind, together.reason) == ("hold", "hold", "bad_campaign")


# -- allocation ---------------------------------------------------------------------------------


def spread(seen: Snapshot) -> list[Change]:
    policy = listed("allocate")
    return propose(seen, judge(seen, policy), policy)


def test_money_moves_from_the_worse_to_the_better_by_a_fifth_at_most() -> None:
    figures = [WINNER, (60_000.0, 600.0, 21.0), DOUBTED]
    seen = snapshot([ad_set(str(n)) for n in range(3)], [Row(n, 10, *row) for n, row in enumerate(figures)])
    assert [(c.object.id, c.before, c.after) for c in spread(seen)] == [("0", 10_000, 12_000), ("1", 10_000, 8_000)]
    assert "The next $1.00 a day in this account would earn $1" in spread(seen)[0].sentence


def test_only_what_is_proven_grows_beyond_twice_its_base() -> None:
    sets = [ad_set("1", daily_budget=20_000), ad_set("2", daily_budget=20_000), ad_set("3", daily_budget=90_000)]
    good = (30_000.0, 300.0, 17.0)  # believed to be good, and not proven
    rows = [Row(0, 10, *WINNER), Row(1, 10, *good), Row(2, 10, 60_000, 600, 19)]
    histories = {"1": History(base=10_000), "2": History(base=10_000), "3": History(base=90_000)}
    seen = snapshot(sets, rows, histories=histories)
    reasons = [found.reason for found in judge(seen, listed())]
    assert reasons == ["proven_good", "open", "open"]
    budgets = {c.object.id: int(c.after) for c in spread(seen)}
    assert (budgets["1"], "2" in budgets, 72_000 <= budgets["3"] < 90_000) == (24_000, False, True)
    rich = replace(seen, ad_sets=(replace(sets[0], daily_budget=49_000), *sets[1:]))
    assert {c.object.id: c.after for c in spread(rich)}["1"] == 50_000


def test_a_cut_too_small_to_be_made_gives_no_money_away() -> None:
    sets = [ad_set("1", daily_budget=5), ad_set("2", daily_budget=5_000)]
    assert spread(snapshot(sets, [Row(0, 10, *WINNER), Row(1, 10, 30_000, 300, 17)])) == []


@given(accounts())
def test_budgets_add_up_to_no_more_than_before_or_than_their_bases_and_keep_their_limits(seen: Snapshot) -> None:
    found = spread(seen)
    budgets = {o.id: o.daily_budget for o in (*seen.ad_sets, *seen.campaigns) if o.daily_budget}
    moved = [v.object.id for v in judge(seen, listed()) if v.reason in ("open", "proven_good")]
    back = sum((seen.history(id_).base or budgets[id_]) - budgets[id_] for id_ in moved if id_ in budgets)
    assert sum(int(c.after) - int(c.before) for c in found) <= max(back, 0) + _unknown(seen, moved, budgets)
    for change in found:
        before, after = int(change.before), int(change.after)
        base = seen.history(change.object.id).base or before
        assert abs(after - before) * 5 <= before
        assert after >= min(before, base / 20) * 0.8
        assert after <= max(5 * base, before)
    assert found == spread(seen)


def _unknown(seen: Snapshot, moved: list[str], budgets: dict[str, int]) -> int:
    """What may come back to ad sets that are moved while others, of which too little is known, are not."""
    return sum(max(budgets[id_] - (seen.history(id_).base or budgets[id_]), 0) for id_ in moved if id_ in budgets)


def test_an_account_that_just_meets_its_target_is_left_alone() -> None:
    figures = [(600_000.0, 6_000.0, 200.0)] * 4
    seen = snapshot([ad_set(str(n)) for n in range(4)], [Row(n, 10, *row) for n, row in enumerate(figures)])
    known = replace(seen, priors={str(n): (50.0, 50.0) for n in range(4)})
    assert spread(known) == []


def test_what_too_little_is_known_of_keeps_its_budget() -> None:
    assert spread(one((6_000.0, 60.0, 0.0))) == []


# -- the order ----------------------------------------------------------------------------------


def test_each_object_has_one_change_of_the_first_rule_that_wants_one() -> None:
    figures = [LOSER, WINNER, DOUBTED, (60_000.0, 600.0, 21.0), WINNER]
    sets = [ad_set(str(n), **(PAUSED if n == 1 else {})) for n in range(5)]
    ours = {"1": History(paused_by="adopt")}
    seen = snapshot(sets, [Row(n, 10, *row) for n, row in enumerate(figures)], histories=ours)
    written = Rule(name="mine", when="spend(30d) > 1", do="budget +10%")
    backwards = listed(*reversed(PRESETS))
    policy = replace(backwards, rule=(*backwards.rule[:2], written, *backwards.rule[2:]))
    found = [(c.object.id, c.rule, c.after) for c in propose(seen, judge(seen, policy), policy)]
    assert found == [
        ("0", "safe-stop", "PAUSED"),
        ("1", "revive", "ACTIVE"),
        ("2", "throttle", 2_000),
        ("3", "mine", 11_000),
        ("4", "mine", 11_000),
    ]
    rest = [(c.object.id, c.rule, c.after) for c in propose(seen, judge(seen, backwards), backwards)]
    assert rest[3:] == [("4", "scale-20", 12_000), ("3", "allocate", 8_000)]


@given(accounts())
def test_nothing_is_changed_twice(seen: Snapshot) -> None:
    ids = [id_ for id_, *_ in wanted(seen, *PRESETS)]
    assert len(ids) == len(set(ids))
