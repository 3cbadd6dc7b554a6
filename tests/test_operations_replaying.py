"""Backtests and shadow scores over recorded polls: what is asked for, what is said of it, and what really came."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace
from recorded import ACCOUNT, BACK_D, POLICY, START, World

from adopt.engine.replay import step
from adopt.errors import Invalid
from adopt.model import Hindsight, Plan, Span
from adopt.operations import explaining, shadowing, watching
from adopt.operations.backtesting import backtest
from adopt.operations.deciding import keep
from adopt.policy import Policy, Rule, Share, Target
from adopt.store import polls
from adopt.store.database import open_store

ALL = Span(None, None, timedelta(hours=4), backfilled=False)
STOP = replace(POLICY, rule=(Rule(name="stop losers", use="safe-stop"),))
SHADOW = replace(STOP, decision=replace(STOP.decision, autonomy="shadow"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_store(tmp_path / "adopt.db") as store:
        yield World(store)


def ran(world: World, policy: Policy = STOP, span: Span = ALL) -> Hindsight:
    return backtest(world.store, ACCOUNT.id, policy, span, lambda *_: None)


def shadow(world: World, policy: Policy = SHADOW) -> Plan:
    """A shadow pass, as `adopt optimize` runs it behind a server."""
    snapshot = watching.snapshot(world.store, world.poll(), policy)
    plan = step(snapshot, policy, shadowing.course(world.store, ACCOUNT, policy)).plan
    return keep(world.store, replace(plan, is_shadow=True))


def test_what_was_never_polled_cannot_be_replayed(world: World) -> None:
    with pytest.raises(Invalid, match="never polled for purchase"):
        ran(world)


def test_each_pause_is_held_against_what_came_after_it(world: World) -> None:
    world.run(60, world.poll)
    found = ran(world)
    by_name = {one.change.object.id: one for one in found.changes}
    assert set(by_name) >= {"3", "4", "5"}
    assert not set(by_name) & {"0", "1"}
    for one in found.changes:
        rows = [cell for (id_, day), cell in world.cells.items() if id_ == one.change.object.id and day > one.at.date()]
        today = world.cells[one.change.object.id, one.at.date()]
        assert sum(spend for spend, _ in rows) <= one.later.spend <= sum(spend for spend, _ in rows) + today[0]
        assert (one.support == "supported") == (one.later.says == "bad")
        assert one.evidence is not None
        assert not one.counterfactual
    assert by_name["5"].support == "supported"
    assert found.pauses.changes == len(found.changes) == found.pauses.supported + found.pauses.open
    assert found.pauses.spend == sum(one.later.spend for one in found.changes)


def test_what_happened_before_a_change_does_not_speak_for_it(world: World) -> None:
    world.run(6, world.poll)
    found = ran(world)
    last = [one for one in found.changes if one.at == world.now]
    assert all((one.later.spend, one.later.results, one.support) == (0, 0, "open") for one in last)
    assert {one.later.until for one in found.changes} == {world.now}


def test_what_somebody_did_within_a_week_stands_beside_it(world: World) -> None:
    world.run(6, world.poll)
    first = next(one for one in ran(world).changes if one.change.object.id == "5")
    world.edit("5", status="PAUSED")
    world.run(6, world.poll)
    one = next(one for one in ran(world).changes if one.change.object.id == "5")
    assert (one.at, first.done, first.by_person) == (first.at, (), False)
    assert [(done.before, done.after, done.by) for done in one.done] == [("ACTIVE", "PAUSED", "person")]
    assert one.by_person


def test_what_adopt_itself_did_stands_beside_it(world: World) -> None:
    world.run(12, lambda: world.optimize(STOP))
    found = ran(world)
    assert {(one.at == one.done[0].at, one.done[0].by) for one in found.changes} == {(True, "engine")}
    assert found.pauses.by_person == 0


def test_passes_lie_as_far_apart_as_asked_for_within_the_days_asked_for(world: World) -> None:
    world.run(48, world.poll, hours=1)
    assert ran(world).passes == 12
    assert ran(world, span=ALL._replace(every=timedelta(days=1))).passes == 2
    since, until = START + timedelta(hours=10), START + timedelta(hours=20)
    found = ran(world, span=ALL._replace(every=timedelta(hours=1), since=since, until=until))
    assert (found.passes, found.since, found.until) == (11, since, until)


def test_a_pace_survives_a_cron_that_is_not_on_time_to_the_second(world: World) -> None:
    for n in range(10):
        world.wait(4 + (0.01 if n % 2 else -0.01)).poll()
    assert ran(world).passes == 10


def test_the_days_before_the_first_poll_are_replayed_only_when_asked_for_and_marked(world: World) -> None:
    world.run(2, world.poll)
    early = ALL._replace(since=START - timedelta(days=8))
    plain, marked = ran(world, span=early), ran(world, span=early._replace(backfilled=True))
    assert (plain.passes, plain.backfilled, marked.passes, marked.backfilled) == (2, 0, 2 + 8, 8)
    assert plain.first_poll == START + timedelta(hours=4)
    assert any("--backfilled" in note for note in plain.notes)
    assert any("hindsight" in note for note in marked.notes)
    assert {one.backfilled for one in marked.changes if one.at < START} == {True}
    assert {one.backfilled for one in marked.changes if one.at > START} <= {False}


def test_all_the_days_of_the_first_poll_are_replayed_at_most(world: World) -> None:
    world.poll()
    assert ran(world, span=ALL._replace(backfilled=True)).backfilled == BACK_D


def test_rules_that_only_speak_are_heard_once_a_spell(world: World) -> None:
    rule = Rule(name="dear", when="cpa(7d) > 3 * target and spend(7d) > 100", do="notify")
    world.run(6, world.poll)
    found = ran(world, replace(POLICY, rule=(rule,)))
    assert found.changes == ()
    assert [remark.text.startswith("rule dear: ") for remark in found.remarks][:1] == [True]
    assert len(found.remarks) == len({remark.text for remark in found.remarks})


def test_a_shadow_decides_as_if_its_decisions_had_been_carried_out(world: World) -> None:
    made: list[Plan] = []
    world.run(14, lambda: made.append(shadow(world)))
    paused = [change.object.id for plan in made for change in plan.changes]
    assert len(paused) == len(set(paused)) > 0
    assert {ad_set.status for ad_set in world.ad_sets.values()} == {"ACTIVE"}


def test_a_shadows_score_is_the_backtest_of_the_same_passes(world: World) -> None:
    world.run(20, lambda: shadow(world))
    scored, tested = shadowing.score(world.store, ACCOUNT.id, SHADOW), ran(world, SHADOW)
    assert scored.kind == "shadow"
    assert scored.changes == tested.changes
    assert (scored.pauses, scored.rules) == (tested.pauses, tested.rules)


def test_a_shadow_takes_up_what_a_person_really_did(world: World) -> None:
    rails = replace(SHADOW.guardrails, max_changes_per_plan=Share(1))
    up = replace(SHADOW, rule=(Rule(name="up", when="spend(3d) > 0", do="budget +10%"),), guardrails=rails)
    world.run(9, lambda: shadow(world, up))
    world.edit("1", daily_budget=9_000)
    made: list[Plan] = []
    world.run(10, lambda: made.append(shadow(world, up)))
    assert next(c.before for plan in made for c in plan.changes if c.object.id == "1") == 9_000
    moves = [one for one in shadowing.score(world.store, ACCOUNT.id, up).changes if one.change.object.id == "1"]
    assert [one.counterfactual for one in moves][:2] == [False, True]
    assert not next(one for one in moves if one.change.before == 9_000).counterfactual


def test_a_shadow_under_another_target_starts_anew(world: World) -> None:
    world.run(10, lambda: shadow(world))
    other = replace(SHADOW, target=Target(cpa=Decimal(40)))
    assert shadowing.course(world.store, ACCOUNT, SHADOW).parted
    assert not shadowing.course(world.store, ACCOUNT, other).parted
    world.run(2, lambda: shadow(world, other))
    assert any("10 earlier shadow passes" in n for n in shadowing.score(world.store, ACCOUNT.id, other).notes)


def test_a_shadow_starts_anew_once_adopt_has_acted(world: World) -> None:
    world.run(10, lambda: shadow(world))
    world.run(1, lambda: world.optimize(replace(STOP, rule=())))
    assert not shadowing.course(world.store, ACCOUNT, SHADOW).parted


def test_without_a_shadow_there_is_nothing_to_score(world: World) -> None:
    world.run(2, world.optimize)
    with pytest.raises(Invalid, match="nothing was decided in shadow"):
        shadowing.score(world.store, ACCOUNT.id, SHADOW)


def test_why_at_a_moment_is_the_verdict_of_the_last_pass_by_then(world: World) -> None:
    made: list[Plan] = []
    world.run(10, lambda: made.append(world.optimize(STOP)[1]))
    for before, after in ((made[0], made[1]), (made[6], made[7])):
        at = after.made_at - timedelta(seconds=1)
        known = explaining.why(world.store, ACCOUNT.id, "5", at)
        assert (known.plan, known.at) == (before.id, at)
        assert known.verdict == next(one for one in before.verdicts if one.object.id == "5")
        assert all(outcome.at <= at for outcome in known.outcomes)
    with pytest.raises(Invalid, match=r"nothing was known of 5 .* the first pass was at 2026-03-02 10:00"):
        explaining.why(world.store, ACCOUNT.id, "5", START)


def test_why_of_a_change_says_which_guards_it_passed_and_what_goes_on_without_it(world: World) -> None:
    made: list[Plan] = []
    world.run(10, lambda: made.append(world.optimize(STOP)[1]))
    plan = next(plan for plan in made if plan.changes)
    known = explaining.why(world.store, ACCOUNT.id, f"{plan.id[:8]}.1")
    assert known.proposed == plan.changes[0]
    assert {guard.outcome for guard in known.guards} == {"passed"}
    assert [guard.name for guard in known.guards][:2] == ["silent_tracking", "never_touch"]
    assert known.verdict is not None
    assert known.instead.startswith("Without the pause it would go on spending about $1")
    assert "a result" in known.instead


def test_why_of_a_refused_change_names_the_guard_that_stopped_it(world: World) -> None:
    world.edit("5", created=START)
    world.run(2, lambda: world.optimize(STOP))
    known = explaining.why(world.store, ACCOUNT.id, "5")
    assert [guard.outcome for guard in known.guards] == ["passed"] * (len(known.guards) - 1) + ["refused"]
    assert (known.guards[-1].name, known.guards[-1].sentence) == ("min_age", "younger than 3d")


def test_why_of_what_is_left_alone_says_what_would_turn_it(world: World) -> None:
    world.run(2, lambda: world.optimize(STOP))
    assert "would prove a pause" in explaining.why(world.store, ACCOUNT.id, "1").instead


@pytest.mark.parametrize(("ordinal", "there"), [("9", "1 to"), ("0", "1 to"), ("x", "1 to")])
def test_a_change_that_a_plan_does_not_have_is_refused(world: World, ordinal: str, there: str) -> None:
    made: list[Plan] = []
    world.run(10, lambda: made.append(world.optimize(STOP)[1]))
    plan = next(plan for plan in made if plan.changes)
    with pytest.raises(Invalid, match=f"has no change {ordinal}; it has {there}"):
        explaining.why(world.store, ACCOUNT.id, f"{plan.id}.{ordinal}")


def test_polls_are_listed_oldest_first_by_result(world: World) -> None:
    world.run(3, world.poll)
    found = polls.headers(world.store, ACCOUNT.id, "purchase")
    assert [header.as_of for header in found] == sorted(header.as_of for header in found)
    assert polls.headers(world.store, ACCOUNT.id, "lead") == ()
