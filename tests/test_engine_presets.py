"""What the presets propose of the evidence method's verdicts: how far, in which order, and of whom."""

from decimal import Decimal
from typing import Any

import pytest
from engine_accounts import ACCOUNT, CPA_30, LOSER, WINNER, Row, accounts, ad_set, campaign, one, snapshot
from hypothesis import given
from msgspec.structs import replace

from adopt.engine.judging import judge
from adopt.engine.presets import propose
from adopt.engine.snapshot import Snapshot
from adopt.model import Change, History
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
