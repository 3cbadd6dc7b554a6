"""What the dashboard is given: figures, intervals, what the last pass said and what was done; and parts of plans."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from recorded import ACCOUNT, POLICY, World
from statsmodels.stats.proportion import proportion_confint

from adopt.engine.verdicts import REASONS
from adopt.errors import Invalid, Refused
from adopt.model import AdSetRow, Mark, Overview, Plan, Series
from adopt.operations import choosing
from adopt.operations.overview import NEXT, known_accounts, overview, rule_counts, series, tree
from adopt.policy import Target
from adopt.store import activity, changes, plans
from adopt.store.database import open_store


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_store(tmp_path / "adopt.db") as store:
        yield World(store)


def seen(world: World) -> Overview:
    return overview(world.store, ACCOUNT.id, POLICY)


def row(world: World, id_: str) -> AdSetRow:
    return next(one for one in seen(world).rows if one.id == id_)


def spent(world: World, days: range, id_: str | None = None) -> tuple[int, int]:
    """What the world spent and brought so many days ago, in minor units and results."""
    cells = [
        cell for (one, day), cell in world.cells.items() if (world.now.date() - day).days in days and id_ in (None, one)
    ]
    return sum(spend for spend, _ in cells), sum(results for _, results in cells)


def test_every_reason_has_its_words() -> None:
    assert set(NEXT) == set(REASONS)


def test_an_account_that_was_never_polled_is_blank(world: World) -> None:
    found = seen(world)
    assert (found.name, found.as_of, found.rows, found.week.spend, found.week.cpa) == (None, None, (), 0, None)
    assert series(world.store, ACCOUNT.id, POLICY, 7, 1).days == ()
    assert tree(world.store, ACCOUNT.id) == known_accounts(world.store) == ()


def test_weeks_and_today_are_what_was_spent_and_brought(world: World) -> None:
    world.wait(6).poll()
    found = seen(world)
    assert (found.week.spend, found.week.results) == spent(world, range(7))
    assert (found.week_before.spend, found.week_before.results) == spent(world, range(7, 14))
    assert found.spend_today == spent(world, range(1))[0]
    assert found.daily_budget == 6 * 12_000
    one = row(world, "2")
    assert (one.week.spend, one.week.results) == spent(world, range(7), "2")
    assert (one.budget, one.budget_field, one.budget_of) == (12_000, "daily_budget", "adset")
    assert one.campaign == "C"


def test_an_interval_is_wilsons_over_clicks(world: World) -> None:
    world.poll()
    one = row(world, "1").week
    clicks = one.spend // 100
    low, high = proportion_confint(one.results, clicks, alpha=0.1, method="wilson")
    assert one.cpa
    assert one.cpa.value == round(one.spend / one.results)
    assert one.cpa.high == round(one.spend / clicks / low)
    assert one.cpa.low is not None
    assert one.cpa.low <= round(one.spend / clicks / high)  # newer clicks may still bring results
    assert one.roas
    assert one.roas.value == pytest.approx(one.revenue / one.spend, abs=1e-4)


def test_a_series_adds_up_and_a_span_slides_over_it(world: World) -> None:
    world.wait(30).poll()
    days = series(world.store, ACCOUNT.id, POLICY, 10, 1).days
    assert [(day.figures.spend, day.figures.results) for day in days] == [
        spent(world, range(ago, ago + 1)) for ago in range(9, -1, -1)
    ]
    assert days[-1].date == world.now.date()
    weekly = series(world.store, ACCOUNT.id, POLICY, 3, 7).days
    assert [day.figures.spend for day in weekly] == [spent(world, range(ago, ago + 7))[0] for ago in (2, 1, 0)]
    assert weekly[-1].figures == seen(world).week


def test_what_the_last_pass_said_and_what_became_of_it(world: World) -> None:
    world.run(6, world.optimize, 12)
    _, plan = world.wait(12).decide()
    assert {one.id: one.verdict for one in seen(world).rows} == {v.object.id: v.kind for v in plan.verdicts}
    assert plan.changes
    waiting = row(world, plan.changes[0].object.id)
    assert (waiting.rule, waiting.next.endswith("waits for a yes")) == (plan.changes[0].rule, True)
    for refusal in plan.refusals:
        assert row(world, refusal.change.object.id).next.endswith(f"held back by {refusal.guardrail}")


def test_changes_are_marks_and_the_last_of_each_object(world: World) -> None:
    world.run(8, world.optimize, 12).poll()
    made = changes.made_since(world.store, ACCOUNT.id, world.now - timedelta(days=30))
    assert made
    marks = series(world.store, ACCOUNT.id, POLICY, 30, 1).marks
    assert [mark.id for mark in marks] == [one.id for one in made]
    last: dict[str, Mark] = {mark.object.id: mark for mark in marks}
    for id_, mark in last.items():
        assert (row(world, id_).changed_at, row(world, id_).changed) == (mark.at, mark.text)


def test_rules_are_counted_and_so_is_what_was_taken_back(world: World) -> None:
    world.run(8, world.optimize, 12)
    counted = {one.rule: one for one in rule_counts(world.store, ACCOUNT.id, POLICY)}
    assert list(counted)[: len(POLICY.rule)] == [rule.name for rule in POLICY.rule]
    made = changes.made_since(world.store, ACCOUNT.id, world.now - timedelta(days=30))
    assert sum(one.applied for one in counted.values()) == len(made)
    assert sum(one.undone for one in counted.values()) == 0
    undone = made[-1]
    back = replace(_plan(world), id="f" * 16, origin="undo", changes=(undone.change.reverse,))
    plans.save(world.store, back)
    id_ = changes.intend(world.store, back.id, 1, back.changes[0], world.now).id
    changes.settle(world.store, id_, "applied", "", world.now)
    again = {one.rule: one.undone for one in rule_counts(world.store, ACCOUNT.id, POLICY)}
    assert again == {name: int(name == undone.change.rule) for name in again}


def test_everything_is_json_and_comes_back_the_same(world: World) -> None:
    world.run(6, world.optimize, 12)
    for found in (seen(world), series(world.store, ACCOUNT.id, POLICY, 30, 7)):
        again: Overview | Series = msgspec.json.decode(msgspec.json.encode(found), type=type(found))
        assert again == found


def test_without_a_policy_the_last_polls_results_are_shown(world: World) -> None:
    world.poll()
    found = overview(world.store, ACCOUNT.id, None)
    assert (found.goal, found.week) == (None, seen(world).week)


def test_a_target_by_roas_is_told_as_a_ratio(world: World) -> None:
    world.poll()
    found = overview(world.store, ACCOUNT.id, replace(POLICY, target=Target(roas=Decimal("2.5"))))
    assert found.goal
    assert (found.goal.metric, found.goal.value) == ("roas", 2.5)


def _plan(world: World) -> Plan:
    """A plan of several changes that waits."""
    _, plan = world.decide()
    change = next(iter(plan.changes), None) or changes.made_since(world.store, ACCOUNT.id, world.now)[0].change
    many = tuple(replace(change, object=replace(change.object, id=str(n))) for n in range(3))
    wide = replace(plan, id="a" * 16, changes=many)
    plans.save(world.store, wide)
    return wide


@pytest.fixture
def plan(world: World) -> Plan:
    return _plan(world.run(1, world.decide, 96))


def test_a_refused_plan_says_why_and_is_never_carried_out(world: World, plan: Plan) -> None:
    choosing.refuse(world.store, ACCOUNT.id, plan.id, "sale on Friday", world.now)
    header = plans.header(world.store, plan.id)
    assert (header.state, header.who) == ("refused", "sale on Friday")
    assert "sale on Friday" in activity.tail(world.store, ACCOUNT.id, limit=1)[0].text
    with pytest.raises(Refused, match="sale on Friday"):
        plans.require_not_refused(world.store, plan.id)
    with pytest.raises(Refused, match="no longer waits"):
        choosing.refuse(world.store, ACCOUNT.id, plan.id, "", world.now)


def test_a_part_of_a_plan_is_a_plan_that_stands_in_for_it(world: World, plan: Plan) -> None:
    kept = choosing.part(world.store, ACCOUNT.id, plan.id, ["3", f"{plan.id}.1"], world.now)
    assert kept.changes == (plan.changes[0], plan.changes[2])
    assert kept.is_intact
    assert kept.id != plan.id
    assert plans.find(world.store, kept.id) == kept
    assert plans.header(world.store, plan.id).state == "superseded"
    assert plans.header(world.store, kept.id).state == "waiting"


def test_all_of_a_plan_is_the_plan(world: World, plan: Plan) -> None:
    assert choosing.part(world.store, ACCOUNT.id, plan.id, ["1", "2", "3"], world.now) == plan


@pytest.mark.parametrize("ids", [[], ["4"], ["0"], ["x"]])
def test_what_a_plan_does_not_hold_cannot_be_chosen(world: World, plan: Plan, ids: list[str]) -> None:
    with pytest.raises(Invalid):
        choosing.part(world.store, ACCOUNT.id, plan.id, ids, world.now)
    assert plans.header(world.store, plan.id).state == "waiting"


def test_a_plan_of_another_account_is_left_alone(world: World, plan: Plan) -> None:
    with pytest.raises(Invalid, match="not of act_2"):
        choosing.refuse(world.store, "act_2", plan.id, "", world.now)


def test_the_tree_is_what_the_last_poll_saw(world: World) -> None:
    world.poll()
    [campaign] = tree(world.store, ACCOUNT.id)
    assert (campaign.object.name, len(campaign.below), campaign.below[0].budget) == ("C", 6, 12_000)
    [known] = known_accounts(world.store)
    assert (known.id, known.last_poll) == (ACCOUNT.id, world.now)
