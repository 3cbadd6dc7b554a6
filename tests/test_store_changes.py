"""The journal: a key is used once, ever; what is in doubt stays in doubt until somebody has looked."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from store_child import KEYS, PLAN, together

from adopt.errors import Invalid
from adopt.model import Change, Outcome, Plan, Ref
from adopt.store import changes, plans
from adopt.store.database import Store, open_store

NOW = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
REF = Ref(level="adset", id="238", name="Broad")
RAISE = Change(object=REF, field="daily_budget", before=5000, after=6000, rule="scale winners", sentence="Good.")


def plan(id_: str, account: str = "act_1") -> Plan:
    return Plan(
        id=id_,
        account=account,
        currency="EUR",
        timezone="Europe/Berlin",
        made_at=NOW,
        expires_at=LATER,
        origin="engine",
        method="wilson",
        target="cpa 30.00 EUR",
        attribution="7d_click",
        changes=(RAISE,),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "adopt.db") as opened:
        for id_ in ("aa11", "ab22"):
            plans.save(opened, plan(id_))
        plans.save(opened, plan("ff00", "act_2"))
        yield opened


def test_an_intent_is_in_doubt_until_it_is_settled(store: Store) -> None:
    intent = changes.intend(store, "aa11", 1, RAISE, NOW)
    begun = Outcome(id="aa11.1", change=RAISE, state="intended", sentence="", at=NOW)
    assert intent == changes.Intent(outcome=begun, is_new=True)
    assert changes.in_doubt(store, "act_1") == (begun,)
    done = changes.settle(store, intent.id, "applied", "€60.00 a day", LATER)
    assert done == Outcome(id="aa11.1", change=RAISE, state="applied", sentence="€60.00 a day", at=LATER)
    assert changes.in_doubt(store, "act_1") == ()


def test_a_key_that_was_used_gives_what_became_of_it(store: Store) -> None:
    first = changes.intend(store, "aa11", 1, RAISE, NOW)
    assert changes.intend(store, "aa11", 1, RAISE, LATER) == replace(first, is_new=False)
    done = changes.settle(store, first.id, "failed", "refused", LATER)
    assert changes.intend(store, "aa11", 1, RAISE, LATER) == changes.Intent(outcome=done, is_new=False)


def test_unknown_stays_in_doubt_until_it_was_looked_up(store: Store) -> None:
    id_ = changes.intend(store, "aa11", 1, RAISE, NOW).id
    unknown = changes.settle(store, id_, "unknown", "no answer", LATER)
    assert changes.in_doubt(store, "act_1") == (unknown,)
    assert changes.settle(store, id_, "applied", "it was made", LATER).state == "applied"


@pytest.mark.parametrize("end", ["applied", "already", "stale", "failed"])
def test_an_end_stays_what_it_is(store: Store, end: changes.Settled) -> None:
    id_ = changes.intend(store, "aa11", 1, RAISE, NOW).id
    ended = changes.settle(store, id_, end, "done", NOW)
    assert [changes.settle(store, id_, state, "again", LATER) for state in get_args(changes.Settled)] == [ended] * 5


def test_an_intent_needs_its_plan(store: Store) -> None:
    with pytest.raises(Invalid, match="there is no plan 9999"):
        changes.intend(store, "9999", 1, RAISE, NOW)


def test_only_what_was_begun_can_be_settled(store: Store) -> None:
    with pytest.raises(Invalid, match=r"there is no change aa11\.1"):
        changes.settle(store, "aa11.1", "applied", "", NOW)


def test_doubts_are_those_of_the_account(store: Store) -> None:
    begun = [changes.intend(store, id_, 1, RAISE, NOW).outcome for id_ in ("ab22", "ff00", "aa11")]
    assert changes.in_doubt(store, "act_1") == (begun[0], begun[2])
    assert changes.in_doubt(store, "act_2") == (begun[1],)


def test_a_change_is_found_by_the_beginning_of_its_plan(store: Store) -> None:
    for ordinal in (1, 2, 11):
        changes.intend(store, "aa11", ordinal, RAISE, NOW)
    changes.intend(store, "ab22", 1, RAISE, NOW)
    found = [changes.find(store, prefix).id for prefix in ("aa11.1", "aa.11", "ab", "ab22.1")]
    assert found == ["aa11.1", "aa11.11", "ab22.1", "ab22.1"]


def test_a_beginning_that_fits_several_changes_names_them(store: Store) -> None:
    for id_ in ("aa11", "ab22"):
        changes.intend(store, id_, 1, RAISE, NOW)
    with pytest.raises(Invalid, match=r"'a.1' fits several changes: ab22.1, aa11.1"):
        changes.find(store, "a.1")
    for unknown in ("a.2", "c", "%"):
        with pytest.raises(Invalid, match="there is no change"):
            changes.find(store, unknown)


def test_the_changes_of_a_plan_come_in_its_order_those_of_an_object_in_time(store: Store) -> None:
    other = replace(RAISE, object=replace(REF, id="77"))
    done = [
        changes.intend(store, id_, ordinal, change, NOW).outcome
        for id_, ordinal, change in (("ab22", 2, RAISE), ("aa11", 1, RAISE), ("ab22", 1, other))
    ]
    assert changes.of_plan(store, "ab22") == (done[2], done[0])
    assert changes.of_object(store, "238") == (done[0], done[1])


COUNT = itertools.count(100)  # an account of its own for each example
MOVES = st.sampled_from(["intend", *get_args(changes.Settled)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(1, 2), MOVES), max_size=20))
def test_any_interleaving_leaves_each_key_with_one_state(store: Store, moves: list[tuple[str, int, str]]) -> None:
    account = f"act_{next(COUNT)}"
    for name in ("a", "b"):
        plans.save(store, plan(account + name, account))
    expected: dict[str, str] = {}
    for name, ordinal, move in moves:
        key = f"{account}{name}.{ordinal}"
        if move == "intend":
            intent = changes.intend(store, account + name, ordinal, RAISE, NOW)
            assert intent.is_new == (key not in expected)
            expected.setdefault(key, "intended")
        elif key in expected:
            expected[key] = move if expected[key] in ("intended", "unknown") else expected[key]
            assert changes.settle(store, key, move, "", LATER).state == expected[key]
    assert {one.id: one.state for name in "ab" for one in changes.of_plan(store, account + name)} == expected
    doubtful = {key for key, state in expected.items() if state in ("intended", "unknown")}
    assert {one.id for one in changes.in_doubt(store, account)} == doubtful


def test_of_many_processes_one_gets_each_key(tmp_path: Path) -> None:
    path = tmp_path / "adopt.db"
    with open_store(path) as store:
        plans.save(store, PLAN)
    won = " ".join(together("keys", path, 3)).split()
    assert sorted(won) == sorted(f"{PLAN.id}.{ordinal}" for ordinal in range(KEYS))
