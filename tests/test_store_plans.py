"""Plans are kept whole, found by the beginning of their id, and stand where somebody put them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adopt.errors import Invalid
from adopt.model import Change, Evidence, Plan, Ref, Refusal, Verdict, digest
from adopt.store import plans
from adopt.store.database import Store, open_store

NOW = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
REF = Ref(level="adset", id="238", name="Größe 25")
PAUSE = Change(object=REF, field="status", before="ACTIVE", after="PAUSED", rule="stop losers", sentence="Too dear.")


def plan(*changes: Change, made_at: datetime = NOW, account: str = "act_1", **fields: object) -> Plan:
    expires_at = made_at + timedelta(days=1)
    known = Plan(
        id=digest(account, made_at, expires_at, "engine", changes),
        account=account,
        currency="EUR",
        timezone="Europe/Berlin",
        made_at=made_at,
        expires_at=expires_at,
        origin="engine",
        method="wilson",
        target="cpa 30.00 EUR",
        attribution="7d_click",
        changes=changes,
    )
    return replace(known, **fields)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "adopt.db") as opened:
        yield opened


def test_a_plan_comes_back_whole(store: Store) -> None:
    evidence = Evidence(
        method="wilson", metric="cpa", since=None, until=NOW.date(), spend=1, impressions=2, clicks=3, matured_clicks=3,
        results=1.5, revenue=None, cpa=20, roas=None, low=0.25, high=None, confidence=0.95,
    )  # fmt: skip
    verdict = Verdict(object=REF, kind="pause", reason="dear", sentence="Too dear.", stake=900, evidence=evidence)
    refusal = Refusal(change=PAUSE, guardrail="min_age", sentence="Two days old.")
    full = plan(PAUSE, verdicts=(verdict,) * 3, refusals=(refusal,), notes=("a note",), poll=7)
    plans.save(store, full)
    assert plans.find(store, full.id) == plans.latest(store, "act_1") == full


TEXT = st.text(max_size=8)
MONEY = st.integers(-(2**53), 2**53)
STATUS = st.builds(
    Change,
    object=st.builds(Ref, level=st.sampled_from(["campaign", "adset"]), id=TEXT, name=TEXT),
    field=st.just("status"),
    before=TEXT,
    after=TEXT,
    rule=TEXT,
    sentence=TEXT,
    stake=MONEY,
    trims=st.lists(TEXT, max_size=2).map(tuple),
)
BUDGET = st.builds(
    replace, STATUS, field=st.sampled_from(["daily_budget", "lifetime_budget"]), before=MONEY, after=MONEY
)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30))])
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1), timezones=ZONES)  # noqa: DTZ001 # zones are drawn


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(STATUS | BUDGET, max_size=4), made_at=MOMENTS)
def test_a_plan_keeps_its_digest_in_the_store(store: Store, changes: list[Change], made_at: datetime) -> None:
    made = plan(*changes, made_at=made_at)
    plans.save(store, made)
    back = plans.find(store, made.id)
    assert back.is_intact
    assert back.changes == made.changes


def test_the_beginning_of_an_id_is_enough(store: Store) -> None:
    for id_ in ("3fa1c2d4e5f60718", "3fb0000000000000"):
        plans.save(store, plan(id=id_))
    assert plans.find(store, "3fa").id == "3fa1c2d4e5f60718"


def test_a_beginning_that_fits_several_names_them(store: Store) -> None:
    for id_ in ("3fa1c2d4e5f60718", "3fb0000000000000"):
        plans.save(store, plan(id=id_))
    with pytest.raises(Invalid, match="'3f' fits several plans: 3fb0000000000000, 3fa1c2d4e5f60718"):
        plans.find(store, "3f")


def test_an_unknown_plan_names_the_newest(store: Store) -> None:
    with pytest.raises(Invalid, match="there is no plan 77; there are none yet"):
        plans.find(store, "77")
    plans.save(store, plan(id="3fa1c2d4e5f60718"))
    with pytest.raises(Invalid, match="there is no plan 77; the newest are 3fa1c2d4e5f60718"):
        plans.find(store, "77")


def test_a_prefix_is_text_and_no_pattern(store: Store) -> None:
    plans.save(store, plan())
    for prefix in ("%", "_", "*", "[0-9a-f]"):
        with pytest.raises(Invalid, match="there is no plan"):
            plans.find(store, prefix)


def test_a_plan_is_saved_once(store: Store) -> None:
    made = plan(PAUSE)
    plans.save(store, made)
    plans.mark(store, made.id, "applied", "ana", NOW)
    plans.save(store, made)
    assert [header.state for header in plans.recent(store, "act_1")] == ["applied"]


def test_a_plan_waits_from_the_moment_it_was_made(store: Store) -> None:
    made = plan(PAUSE)
    plans.save(store, made)
    assert plans.header(store, made.id) == plans.PlanHeader(
        id=made.id,
        account="act_1",
        made_at=NOW,
        expires_at=NOW + timedelta(days=1),
        origin="engine",
        changes=1,
        state="waiting",
        who="engine",
        at=NOW,
    )


def test_an_approval_says_who_and_when(store: Store) -> None:
    made = plan(PAUSE)
    plans.save(store, made)
    approved = plans.mark(store, made.id, "approved", "ana", NOW + timedelta(hours=1))
    assert (approved.state, approved.who, approved.at) == ("approved", "ana", NOW + timedelta(hours=1))


@pytest.mark.parametrize("end", ["applied", "superseded"])
def test_applied_and_superseded_are_ends(store: Store, end: plans.PlanState) -> None:
    made = plan(PAUSE)
    plans.save(store, made)
    ended = plans.mark(store, made.id, end, "ana", NOW)
    assert plans.mark(store, made.id, "approved", "ben", NOW + timedelta(hours=1)) == ended


def test_a_plan_supersedes_only_what_waits_in_its_account(store: Store) -> None:
    old, approved, new = (plan(made_at=NOW + timedelta(hours=hour)) for hour in range(3))
    other = plan(account="act_2")
    for one in (old, approved, other, new):
        plans.save(store, one)
    plans.mark(store, approved.id, "approved", "ana", NOW)
    assert plans.supersede(store, "act_1", "engine", NOW, keep=new.id) == (old.id,)
    states = {header.id: header.state for name in ("act_1", "act_2") for header in plans.recent(store, name)}
    assert states == {old.id: "superseded", approved.id: "approved", new.id: "waiting", other.id: "waiting"}


def test_the_latest_plan_is_the_last_one_saved_whatever_its_clock_said(store: Store) -> None:
    for hour in (5, 2):
        plans.save(store, plan(made_at=NOW + timedelta(hours=hour)))
    newest = plans.latest(store, "act_1")
    assert newest is not None
    assert newest.made_at == NOW + timedelta(hours=2)
    assert [header.made_at.hour for header in plans.recent(store, "act_1")] == [11, 14]
    assert len(plans.recent(store, "act_1", limit=1)) == 1
    assert plans.latest(store, "act_2") is None


def test_the_latest_judging_plan_is_the_engines(store: Store) -> None:
    judging = plan(PAUSE)
    plans.save(store, judging)
    plans.save(store, plan(origin="person", made_at=NOW + timedelta(hours=1)))
    plans.save(store, plan(origin="undo", made_at=NOW + timedelta(hours=2)))
    plans.save(store, plan(account="act_2", made_at=NOW + timedelta(hours=3)))
    assert plans.latest_judging(store, "act_1") == judging
    assert plans.latest_judging(store, "act_3") is None


def test_the_plan_that_judged_at_a_moment_is_the_newest_made_by_then(store: Store) -> None:
    first, second = (plan(PAUSE, made_at=NOW + timedelta(hours=hour)) for hour in (0, 4))
    for one in (first, second):
        plans.save(store, one)
    moments = [NOW + timedelta(hours=hour) for hour in (-1, 0, 3, 4, 9)]
    assert [plans.latest_judging(store, "act_1", at) for at in moments] == [None, first, first, second, second]
    assert plans.latest_judging(store, "act_1", NOW.astimezone(timezone(timedelta(hours=-9)))) == first


def test_plans_that_did_not_judge_last_are_not_read(store: Store) -> None:
    plans.save(store, plan(PAUSE))
    store.run("UPDATE plan SET body = '', verdicts = ''")
    judging = plan(PAUSE, made_at=NOW + timedelta(hours=1))
    plans.save(store, judging)
    assert plans.latest_judging(store, "act_1") == judging


def test_a_plan_of_another_shape_is_said_to_be_of_another_version(store: Store) -> None:
    made = plan(PAUSE)
    plans.save(store, made)
    store.run("UPDATE plan SET body = json_remove(body, '$.target')")
    with pytest.raises(Invalid, match=r"another version of adopt and cannot be read: .*`target`"):
        plans.find(store, made.id)
