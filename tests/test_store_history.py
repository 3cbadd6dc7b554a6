"""Who set a budget or paused an ad set, told by what was observed and what we wrote."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from adopt.model import Account, AdSet, Campaign, Change, History, Plan, Poll, Ref
from adopt.store import changes, plans, polls
from adopt.store.changes import Settled
from adopt.store.database import Store, open_store
from adopt.store.history import histories

START = datetime(2026, 10, 1, tzinfo=UTC)
COUNT = itertools.count()  # an account of its own for each story


def hour(count: float) -> datetime:
    return START + timedelta(hours=count)


class Story:
    """An ad set's life, told in order; every line happens an hour after the one before."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.account = f"act_{next(COUNT)}"
        self.hours = -1
        self.budget: int | None = 5000
        self.status = "ACTIVE"

    def tick(self) -> datetime:
        self.hours += 1
        return hour(self.hours)

    def seen(self, budget: int | None = 0, status: str = "", *, gone: bool = False) -> "Story":
        """A poll shows this budget and this status; what is not said is as it was."""
        self.budget = self.budget if budget == 0 else budget
        self.status = status or self.status
        shown = AdSet(
            id="1",
            name="",
            campaign_id="c",
            status=self.status,
            effective_status=self.status,
            daily_budget=self.budget,
        )
        polls.record(self.store, poll(self.account, self.tick(), () if gone else (shown,)))
        return self

    def wrote(
        self,
        field: Literal["daily_budget", "status"],
        before: str | int,
        after: str | int,
        by: Literal["engine", "person", "undo"] = "engine",
        state: Settled | None = "applied",
    ) -> "Story":
        """A change of ours, carried out as far as `state` says."""
        at = self.tick()
        ref = Ref(level="adset", id="1", name="")
        change = Change(object=ref, field=field, before=before, after=after, rule="r", sentence="")
        key = f"{self.account}:{self.hours}"
        plans.save(self.store, plan(self.account, key, at, by, change))
        id_ = changes.intend(self.store, key, 1, change, at).id
        if state:
            changes.settle(self.store, id_, state, "", at)
        if state == "applied" and field == "status":
            self.status = str(after)
        elif state == "applied":
            self.budget = int(after)
        return self

    def now(self, hours_later: float = 0) -> History:
        return histories(self.store, self.account, hour(self.hours + hours_later))["1"]


def poll(account: str, at: datetime, ad_sets: tuple[AdSet, ...], campaigns: tuple[Campaign, ...] = ()) -> Poll:
    return Poll(
        account=Account(id=account, name="Shoes", currency="EUR", timezone="UTC"),
        as_of=at,
        since=date(2026, 10, 1),
        until=date(2026, 10, 1),
        result="purchase",
        campaigns=campaigns,
        ad_sets=ad_sets,
        insights=(),
    )


def plan(account: str, id_: str, at: datetime, by: Literal["engine", "person", "undo"], change: Change) -> Plan:
    return Plan(
        id=id_,
        account=account,
        currency="EUR",
        timezone="UTC",
        made_at=at,
        expires_at=at,
        origin=by,
        method="wilson",
        target="cpa 30.00 EUR",
        attribution="7d_click",
        changes=(change,),
    )


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with open_store(tmp_path / "adopt.db") as store:
        yield Story(store)


def test_an_account_never_seen_has_no_history(story: Story) -> None:
    assert histories(story.store, story.account, START) == {}


def test_the_budget_at_first_sight_is_a_persons(story: Story) -> None:
    assert story.seen(5000).now(2) == History(base=5000, first_seen=hour(0), budget_day_ago=5000)


def test_our_own_budgets_leave_the_base_alone(story: Story) -> None:
    story.seen(5000).wrote("daily_budget", 5000, 6000).seen().wrote("daily_budget", 6000, 3000).seen()
    assert story.now().base == 5000


def test_a_budget_we_did_not_write_was_set_by_a_person(story: Story) -> None:
    story.seen(5000).wrote("daily_budget", 5000, 6000).seen().seen(8000)
    assert story.now().base == 8000
    assert story.wrote("daily_budget", 8000, 9000).seen().now().base == 8000


def test_a_person_who_sets_it_back_right_after_us_is_noticed(story: Story) -> None:
    story.seen(5000).wrote("daily_budget", 5000, 4000).seen().wrote("daily_budget", 4000, 2000).seen(4000)
    assert story.now().base == 4000


def test_a_person_who_chooses_our_former_figure_has_still_chosen_it(story: Story) -> None:
    story.seen(5000).wrote("daily_budget", 5000, 6000).seen().seen(9000).seen(6000)
    assert story.now().base == 6000


def test_a_person_who_sets_it_through_adopt_sets_the_base(story: Story) -> None:
    assert story.seen(5000).wrote("daily_budget", 5000, 7000, "person").now().base == 7000


def test_an_undo_leaves_the_base_alone(story: Story) -> None:
    story.seen(5000).wrote("daily_budget", 5000, 6000).wrote("daily_budget", 6000, 5000, "undo").seen()
    assert story.now().base == 5000


def test_what_was_seen_just_before_a_write_counts_as_seen(story: Story) -> None:
    assert story.seen(5000).wrote("daily_budget", 8000, 9000).now().base == 8000


def test_what_a_write_in_doubt_expected_was_not_seen(story: Story) -> None:
    story.seen(5000).seen(8000).wrote("daily_budget", 5000, 6000, state=None).seen(8000)
    assert story.now().base == 8000


def test_a_write_that_was_not_made_explains_nothing(story: Story) -> None:
    story.seen(5000).wrote("daily_budget", 5000, 6000, state="failed").seen(6000)
    assert (story.now().base, story.now().touched) == (6000, None)


@pytest.mark.parametrize("state", ["unknown", None])
def test_a_write_in_doubt_that_was_made_is_not_taken_for_a_persons(story: Story, state: Settled | None) -> None:
    story.seen(5000).wrote("daily_budget", 5000, 2500, state=state).seen(2500)
    story.wrote("status", "ACTIVE", "PAUSED", state=state).seen(status="PAUSED")
    assert (story.now().base, story.now().paused_by) == (5000, "adopt")


def test_an_ad_set_that_moves_under_a_campaign_budget_has_no_base(story: Story) -> None:
    assert story.seen(5000).seen(None).now().base is None
    assert story.seen(4000).now().base == 4000


def test_our_own_pause_is_ours(story: Story) -> None:
    story.seen().wrote("status", "ACTIVE", "PAUSED")
    assert story.now().paused_by == "adopt"
    assert story.seen().seen().now().paused_by == "adopt"


def test_an_ad_set_that_was_paused_at_first_sight_was_paused_by_a_person(story: Story) -> None:
    assert story.seen(status="PAUSED").now().paused_by == "person"


def test_a_running_ad_set_is_paused_by_nobody(story: Story) -> None:
    story.seen().wrote("status", "ACTIVE", "PAUSED").seen().seen(status="ACTIVE")
    assert story.now().paused_by is None


def test_a_pause_after_somebody_brought_it_back_is_a_persons(story: Story) -> None:
    story.seen().wrote("status", "ACTIVE", "PAUSED").seen().seen(status="ACTIVE").seen(status="PAUSED")
    assert story.now().paused_by == "person"


def test_a_pause_after_somebody_brought_it_back_before_we_looked_is_a_persons(story: Story) -> None:
    story.seen().wrote("status", "ACTIVE", "PAUSED").seen(status="ACTIVE").seen(status="PAUSED")
    assert story.now().paused_by == "person"


@pytest.mark.parametrize("by", ["person", "undo"])
def test_a_pause_that_a_person_asked_of_adopt_is_a_persons(story: Story, by: Literal["person", "undo"]) -> None:
    assert story.seen().wrote("status", "ACTIVE", "PAUSED", by).seen().now().paused_by == "person"


def test_revived_and_touched_say_when_we_did_it(story: Story) -> None:
    story.seen().wrote("status", "ACTIVE", "PAUSED").wrote("status", "PAUSED", "ACTIVE").seen()
    story.wrote("daily_budget", 5000, 6000).wrote("daily_budget", 6000, 7000, state="stale")
    assert (story.now().revived, story.now().touched, story.now().paused_by) == (hour(2), hour(4), None)


def test_a_persons_revival_is_not_ours(story: Story) -> None:
    story.seen().wrote("status", "ACTIVE", "PAUSED").wrote("status", "PAUSED", "ACTIVE", "undo")
    assert (story.now().revived, story.now().touched) == (None, hour(2))


def test_the_budget_a_day_ago_is_the_one_that_held_then(story: Story) -> None:
    story.seen(5000).wrote("daily_budget", 5000, 6000).seen().seen(9000)
    held = [story.now(later).budget_day_ago for later in (0, 21, 22, 23.5, 24, 300)]
    assert held == [5000, 5000, 6000, 6000, 9000, 9000]


@pytest.mark.parametrize(("state", "count"), [("applied", 1), ("unknown", 1), (None, 1), ("failed", 0), ("stale", 0)])
def test_budget_edits_are_those_that_meta_may_have_counted_in_the_last_hour(
    story: Story, state: Settled | None, count: int
) -> None:
    story.seen().wrote("status", "ACTIVE", "PAUSED").wrote("daily_budget", 5000, 5500, state=state)
    assert [story.now(later).budget_edits for later in (0, 0.9, 1)] == [count, count, 0]


def test_first_sight_outlives_a_disappearance(story: Story) -> None:
    story.seen().seen(gone=True).seen()
    assert (story.now().first_seen, story.now().base) == (hour(0), 5000)


def test_campaigns_have_a_history_too(story: Story) -> None:
    campaign = Campaign(id="c", name="", status="PAUSED", effective_status="PAUSED", lifetime_budget=90000)
    polls.record(story.store, poll(story.account, START, (), (campaign,)))
    assert histories(story.store, story.account, START) == {
        "c": History(base=90000, paused_by="person", first_seen=START, budget_day_ago=90000)
    }


def test_a_clock_that_jumps_back_does_not_turn_the_story_around(story: Story) -> None:
    story.seen().wrote("status", "ACTIVE", "PAUSED")
    story.hours = -100
    assert story.seen().now().paused_by == "adopt"


class Deed(Struct, frozen=True):
    """Somebody sets the budget; a poll follows or does not."""

    by: Literal["engine", "person", "undo", "outside"]
    budget: int
    is_polled: bool


DEEDS = st.lists(
    st.builds(
        Deed,
        by=st.sampled_from(["engine", "person", "undo", "outside"]),
        budget=st.sampled_from([10, 20, 30]),
        is_polled=st.booleans(),
    ),
    max_size=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_the_base_is_the_last_budget_a_person_is_known_to_have_set(story: Story, deeds: list[Deed]) -> None:
    """Each write looks first, so what a person did outside is known at the next poll or write, if it still holds."""
    base = budget = known = 10
    life = Story(story.store).seen(budget)
    for deed in deeds:
        if deed.by == "outside":
            budget = deed.budget
        else:
            base = base if budget == known else budget
            life.wrote("daily_budget", budget, deed.budget, deed.by)
            base = deed.budget if deed.by == "person" else base
            budget = known = deed.budget
        if deed.is_polled:
            base = base if budget == known else budget
            known = budget
            life.seen(budget)
    assert life.now().base == base
