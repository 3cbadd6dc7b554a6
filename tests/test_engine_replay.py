"""The replay of passes: exactly what was known, nothing that came later, and a course of its own."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from engine_accounts import CPA_30, NOW, ordinary
from msgspec.structs import replace
from recorded import ACCOUNT, POLICY, World

from adopt.engine.judging import judge
from adopt.engine.planning import make_plan
from adopt.engine.replay import Course, Pass, fold, replay, step
from adopt.engine.snapshot import Snapshot
from adopt.model import Plan
from adopt.operations import watching
from adopt.policy import Decision, Policy, Rule, Target
from adopt.store import polls
from adopt.store.database import Store, open_store


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_store(tmp_path / "adopt.db") as store:
        yield World(store)


def headers(store: Store) -> tuple[polls.PollHeader, ...]:
    return polls.headers(store, ACCOUNT.id, "purchase")


def replayed(world: World, policy: Policy = POLICY, until: int | None = None) -> list[Pass]:
    """A pass at each poll, or at the first of them."""

    def known(header: polls.PollHeader) -> Snapshot:
        return watching.snapshot_then(world.store, header, policy)

    return list(replay(headers(world.store)[:until], known, policy))


def said(plan: Plan) -> Any:
    """All that a plan says, but the poll's own order of what is equal."""
    return msgspec.to_builtins(plan)


def test_a_replayed_pass_is_the_pass_that_was_run(world: World) -> None:
    real = []
    world.run(14, lambda: real.append(world.optimize()))
    assert sum(len(plan.changes) for _, plan in real) > 5
    assert {change.after for _, plan in real for change in plan.changes} >= {"PAUSED"}
    found = replayed(world)
    assert [said(one.plan) for one in found] == [said(plan) for _, plan in real]
    assert [one.snapshot.histories for one in found] == [snapshot.histories for snapshot, _ in real]
    assert [dict(one.snapshot.priors) for one in found] == [dict(snapshot.priors) for snapshot, _ in real]


def test_the_first_replayed_pass_is_that_pass_wherever_the_replay_starts(world: World) -> None:
    real = []
    world.run(8, lambda: real.append(world.decide()))
    for header, (_, plan) in zip(headers(world.store), real, strict=True):
        done = step(watching.snapshot_then(world.store, header, POLICY), POLICY, Course())
        assert said(done.plan) == said(plan)


def test_a_target_that_changed_is_replayed_as_it_was_judged(world: World) -> None:
    dearer = replace(POLICY, target=Target(cpa=Decimal(60)))
    world.run(4, world.optimize)
    real = []
    world.run(4, lambda: real.append(world.optimize(dearer)))
    then = [step(watching.snapshot_then(world.store, h, dearer), dearer, Course()) for h in headers(world.store)[4:]]
    assert [one.plan.verdicts for one in then] == [plan.verdicts for _, plan in real]
    assert {history.epoch for history in then[-1].snapshot.histories.values()} == {2}


def test_a_target_that_nobody_had_counts_as_having_been_there_from_the_start(world: World) -> None:
    world.run(6, world.optimize)
    found = replayed(world, replace(POLICY, target=Target(cpa=Decimal(20))))
    assert {history.epoch for one in found for history in one.snapshot.histories.values()} == {1}


def a_later_vintage(world: World) -> None:
    world.cells = {key: (spend, results + 40) for key, (spend, results) in world.cells.items()}
    world.poll()


def a_later_poll(world: World) -> None:
    world.run(6, world.poll)


def a_later_edit(world: World) -> None:
    world.edit("0", daily_budget=50_000)
    world.edit("1", status="PAUSED")
    world.edit("2", attribution="1d_click")
    world.poll()


def a_later_pass_with_changes(world: World) -> None:
    world.run(4, world.optimize)


def a_later_prior(world: World) -> None:
    world.store.run("UPDATE prior SET a = 50, b = 1, poll = ?", [world.seen + 1])


def a_later_target(world: World) -> None:
    world.run(2, lambda: world.optimize(replace(POLICY, target=Target(cpa=Decimal(300)))))


@pytest.mark.parametrize(
    "happens",
    [a_later_vintage, a_later_poll, a_later_edit, a_later_pass_with_changes, a_later_prior, a_later_target],
)
def test_nothing_that_came_later_moves_an_earlier_decision(world: World, happens: Any) -> None:
    world.run(8, world.poll)
    count = len(headers(world.store))
    before = [said(one.plan) for one in replayed(world)]
    assert sum(len(plan["changes"]) for plan in before) > 3
    world.wait(4)
    happens(world)
    assert [said(one.plan) for one in replayed(world, until=count)] == before


def test_what_would_have_been_paused_is_left_alone_from_then_on(world: World) -> None:
    world.run(30, world.poll)
    found = replayed(world)
    paused = [change.object.id for one in found for change in one.plan.changes if change.after == "PAUSED"]
    assert paused
    assert len(paused) == len(set(paused))
    for one in found:
        out = {id_ for (id_, _), departure in one.course.departures.items() if departure.value == "PAUSED"}
        assert not [c for c in one.plan.changes if c.object.id in one.parted & out and c.after != "PAUSED"]


def test_a_budget_goes_on_from_where_the_replay_left_it(world: World) -> None:
    double = Rule(name="up", when="spend(3d) > 0", do="budget +10%")
    policy = replace(POLICY, rule=(double,))
    world.run(18, world.poll)
    moves = [c for one in replayed(world, policy) for c in one.plan.changes if c.object.id == "1"]
    assert [(c.before, c.after) for c in moves[:3]] == [(12_000, 13_200), (13_200, 14_520), (14_520, 15_972)]


def test_cool_downs_count_the_changes_that_were_not_made(world: World) -> None:
    policy = replace(POLICY, rule=(Rule(name="up", when="spend(3d) > 0", do="budget +10%"),))
    world.run(18, world.poll)
    at = [one.plan.made_at for one in replayed(world, policy) for c in one.plan.changes if c.object.id == "1"]
    assert all(later - before >= timedelta(hours=24) for before, later in pairwise(at))
    assert len(at) > 2


def test_what_somebody_really_changes_is_taken_up_again_as_it_is(world: World) -> None:
    policy = replace(POLICY, rule=(Rule(name="up", when="spend(3d) > 0", do="budget +10%"),))
    world.run(7, world.poll)
    world.edit("1", daily_budget=20_000)
    world.run(16, world.poll)
    moves = [c for one in replayed(world, policy) for c in one.plan.changes if c.object.id == "1"]
    assert (moves[0].before, moves[-1].before) == (12_000, 20_000)


def test_one_look_a_day_counts_the_replays_own_looks(world: World) -> None:
    policy = replace(POLICY, decision=Decision(method="wilson", min_clicks=0, min_spend=0.0))
    world.run(12, world.poll)
    days = [one.plan.made_at.date() for one in replayed(world, policy) if one.plan.changes]
    assert days
    assert len(days) == len(set(days))


def test_a_course_is_folded_from_plans_as_the_replay_walks_it() -> None:
    snapshot = ordinary()
    verdicts = judge(snapshot, CPA_30)
    plan = make_plan(snapshot, verdicts, CPA_30)
    done = step(snapshot, CPA_30, Course())
    assert fold(Course(), plan).departures == done.course.departures
    assert done.course.parted == {change.object.id for change in plan.changes} != frozenset()
    assert done.course.looked == NOW
