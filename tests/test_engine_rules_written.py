"""What written rules propose, and what the guardrails make of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from engine_accounts import LOSER, NOW, Row, accounts, ad_set, campaign, policies, snapshot
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adopt.engine.judging import judge
from adopt.engine.planning import make_plan
from adopt.engine.snapshot import Snapshot
from adopt.engine.verdicts import Verdicts
from adopt.engine.written import Written
from adopt.language.recipes import RECIPES
from adopt.model import History, Plan
from adopt.policy import Decision, Guardrails, Policy, Rule, Share, Span, Target

OPEN = Policy(
    target=Target(cpa=Decimal(30)),
    guardrails=Guardrails(
        max_step=Share(9), max_step_24h=Share(9), max_account_step_24h=Share(9), max_changes_per_plan=Share(1)
    ),
)


def ruled(when: str, do: str, **more: Any) -> Policy:
    """A policy of one written rule and hardly any guardrails."""
    return replace(OPEN, rule=(Rule(name="mine", when=when, do=do, **more),))


def planned(account: Snapshot, policy: Policy) -> Plan:
    """The plan of the written rules alone."""
    return make_plan(account, Verdicts(), policy)


def told(account: Snapshot, policy: Policy) -> list[tuple[str, str | int, str | int]]:
    """The changes of the plan, as what becomes what."""
    return [(change.object.id, change.before, change.after) for change in planned(account, policy).changes]


def dear(**more: Any) -> Snapshot:
    """An ad set on $100 a day that paid $200 a result."""
    return snapshot([ad_set("0", **more)], [Row(0, 1, *LOSER)])


@pytest.mark.parametrize(
    ("do", "after"),
    [
        ("pause", "PAUSED"),
        ("throttle", 2_000),
        ("budget +20%", 12_000),
        ("budget -20%", 8_000),
        ("budget +5.00", 10_500),
        ("budget -5.00", 9_500),
        ("budget = 40.00", 4_000),
        ("budget = 50%", 5_000),
        ("budget -99%", 500),
        ("budget = 1.00", 500),
    ],
)
def test_a_rule_does_what_it_says_where_its_condition_holds(do: str, after: str | int) -> None:
    before = "ACTIVE" if after == "PAUSED" else 10_000
    assert told(dear(), ruled("cpa > 3 * target", do)) == [("0", before, after)]
    assert told(dear(), ruled("cpa > 9 * target", do)) == []


def test_a_change_says_what_the_rule_saw() -> None:
    (change,) = planned(dear(), ruled("cpa > 3 * target", "pause")).changes
    assert (change.rule, change.sentence) == ("mine", "cpa is $200.00, > 3 * target ($90.00).")


def test_a_rule_revives_what_adopt_paused_and_shows_what_you_paused() -> None:
    for paused_by, changes, refused in (("adopt", [("0", "PAUSED", "ACTIVE")], []), ("person", [], ["paused_by_you"])):
        account = replace(dear(status="PAUSED"), histories={"0": History(paused_by=paused_by)})
        plan = planned(account, ruled("spend > 1", "revive"))
        assert told(account, ruled("spend > 1", "revive")) == changes
        assert [refusal.guardrail for refusal in plan.refusals] == refused


def test_a_rule_leaves_alone_what_was_changed_less_than_its_pace_ago() -> None:
    account = replace(dear(), histories={"0": History(touched=NOW - timedelta(hours=30))})
    assert told(account, ruled("spend > 1", "budget -20%", every=Span(hours=36))) == []
    assert told(account, ruled("spend > 1", "budget -20%", every=Span(hours=24))) == [("0", 10_000, 8_000)]


def test_budgets_are_changed_where_they_are_held() -> None:
    account = snapshot(
        [ad_set("0", daily_budget=None)], [Row(0, 1, *LOSER)], campaigns=(campaign("c", daily_budget=40_000),)
    )
    assert told(account, ruled("spend(7d) > 1", "budget -20%")) == [("c", 40_000, 32_000)]
    assert told(account, ruled("spend(7d) > 1", "pause")) == [("0", "ACTIVE", "PAUSED")]


def test_a_raise_never_cuts_and_a_cut_never_raises() -> None:
    account = replace(dear(daily_budget=15_000), histories={"0": History(base=10_000)})
    assert told(account, ruled("spend > 1", "budget +20%", schedule="00:00-24:00")) == []
    low = replace(dear(daily_budget=5_000), histories={"0": History(base=10_000)})
    assert told(low, ruled("spend > 1", "budget -20%", schedule="00:00-24:00")) == []


def test_the_first_rule_that_has_a_change_makes_it() -> None:
    rules = (
        Rule(name="never", when="spend < 0", do="pause"),
        Rule(name="first", when="spend > 1", do="budget -10%"),
        Rule(name="second", when="spend > 1", do="pause"),
    )
    assert [change.rule for change in planned(dear(), replace(OPEN, rule=rules)).changes] == ["first"]


def test_a_rule_that_only_notifies_leaves_a_note_and_no_change() -> None:
    for do, says in (
        ("notify", "rule mine: 1 ad set: "),
        ("tag 'probation'", "rule mine: 1 ad set tagged probation: "),
    ):
        plan = planned(dear(), ruled("cpa > target", do))
        assert plan.changes == ()
        assert plan.notes == (f"{says}Set 0 (cpa is $200.00, > target ($30.00))",)


# -- hours --------------------------------------------------------------------------------------

NIGHT = replace(OPEN, rule=(Rule(name="night", use="night"),))


def at(hour: int, account: Snapshot, zone: str = "America/New_York") -> Snapshot:
    """The account at an hour of its day."""
    return replace(account, now=datetime(2026, 3, 10, hour, tzinfo=ZoneInfo(zone)))


def held(budget: int, **more: Any) -> Snapshot:
    """Ad sets with a base of $100 and another budget, which a rule gave them."""
    ones = [ad_set(str(n), daily_budget=budget, learning="LEARNING") for n in range(4)]
    past = {
        one.id: History(**{"base": 10_000, "budget_day_ago": 10_000, "budget_rule": "night", **more}) for one in ones
    }
    return snapshot(ones, histories=past)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin"])
def test_hours_set_a_budget_and_every_pass_outside_them_gives_it_back(zone: str) -> None:
    strict = replace(
        NIGHT, guardrails=Guardrails()
    )  # neither cool-down, learning, steps nor the plan's size hold it back
    recently = held(5_000, touched=NOW - timedelta(hours=5))
    assert {after for _, _, after in told(at(3, held(10_000), zone), NIGHT)} == {5_000}
    assert told(at(3, held(5_000), zone), NIGHT) == []
    for hour in (7, 12, 23):
        assert told(at(hour, recently, zone), strict) == [(str(n), 5_000, 10_000) for n in range(4)]
    assert told(at(12, held(10_000), zone), strict) == []


def test_hours_give_back_only_what_their_rule_took() -> None:
    assert told(at(12, held(5_000, budget_rule=None)), NIGHT) == []
    assert told(at(12, held(5_000, budget_rule="doubt")), NIGHT) == []


def test_hours_give_back_only_what_their_rule_may_be_about() -> None:
    rule = Rule(name="night", when="name == 'Set 1' and roas > 3", do="budget = 50%", schedule="00:00-07:00")
    assert told(at(12, held(5_000)), replace(OPEN, rule=(rule,))) == [("1", 5_000, 10_000)]


def test_a_rule_without_a_budget_rests_outside_its_hours() -> None:
    resting = ruled("spend > 1", "pause", schedule="mon 06:00-20:00")  # it is a Tuesday
    assert told(dear(), resting) == []
    assert told(dear(), ruled("spend > 1", "pause", schedule="tue 06:00-20:00")) == [("0", "ACTIVE", "PAUSED")]


# -- guardrails ---------------------------------------------------------------------------------


def test_guardrails_stand_before_written_rules_too() -> None:
    guarded = replace(ruled("spend > 1", "budget +50%"), guardrails=Guardrails(max_account_step_24h=Share(1)))
    (change,) = planned(dear(), guarded).changes
    assert (change.after, change.trims) == (12_000, ("max_step",))
    young = dear(created=NOW - timedelta(days=1))
    assert [refusal.guardrail for refusal in planned(young, guarded).refusals] == ["min_age"]


def test_one_look_a_day_is_for_rules_on_an_interval() -> None:
    looked = replace(dear(), looked=NOW - timedelta(hours=1))
    wilson = replace(OPEN.decision, method="wilson")
    for when, refused in (("cpa > target", []), ("cpa.wilson_low > 0.1", ["one_look_a_day"])):
        policy = replace(ruled(when, "pause"), decision=wilson)
        assert [refusal.guardrail for refusal in planned(looked, policy).refusals] == refused


def test_what_the_evidence_says_decides_at_any_look_and_only_under_its_method() -> None:
    account = snapshot([ad_set("0")], [Row(0, 40 + n, *LOSER) for n in range(3)])
    for method, changes in (("evidence", [("0", "ACTIVE", "PAUSED")]), ("wilson", [])):
        policy = ruled("cpa.low > target and p_good < 1% and e_value > 20 and cpa.high > cpa.low", "pause")
        policy = replace(policy, decision=Decision(method=method))  # type: ignore[arg-type] # one of them
        plan = make_plan(account, judge(account, policy), policy)
        assert [(c.object.id, c.before, c.after) for c in plan.changes] == changes


@given(accounts(), policies(), st.sampled_from(sorted(RECIPES)))
def test_any_recipe_over_any_account_moves_within_a_twentieth_of_base_and_above(
    account: Snapshot, policy: Policy, recipe: str
) -> None:
    try:
        policy = replace(policy, rule=(Rule(name="r", use=recipe),))  # type: ignore[arg-type] # a recipe's name
    except ValueError:  # it needs a target of the other kind
        return
    for change in Written(account, policy, Verdicts()).changes(policy.rule[0]):
        base = account.history(change.object.id).base or (change.before if change.is_budget else 0)
        assert change.after != change.before
        assert not change.is_budget or int(change.after) >= min(int(int(base) * 0.05), int(change.before))
    planned(account, policy)
