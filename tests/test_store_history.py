"""Who set a budget or paused an ad set, told by what was observed and what we wrote."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from adopt.model import Account, AdSet, BudgetMove, Campaign, Change, History, Plan, Poll, Ref
from adopt.store import changes, plans, polls
from adopt.store.changes import Settled
from adopt.store.database import Store, open_store
from adopt.store.history import Hypothesis, histories
from adopt.store.history import settings as settings_of

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
        self.attribution: str | None = "7d_click"

    def tick(self) -> datetime:
        self.hours += 1
        return hour(self.hours)

    def seen(
        self,
        budget: int | None = 0,
        status: str = "",
        *,
        gone: bool = False,
        attribution: str | None = "",
        result: str = "purchase",
    ) -> "Story":
        """A poll shows this budget, status and attribution setting; what is not said is as it was."""
        self.attribution = self.attribution if attribution == "" else attribution
        self.budget = self.budget if budget == 0 else budget
        self.status = status or self.status
        shown = AdSet(
            id="1",
            name="",
            campaign_id="c",
            status=self.status,
            effective_status=self.status,
            daily_budget=self.budget,
            attribution=self.attribution,
        )
        seen = poll(self.account, self.tick(), () if gone else (shown,))
        polls.record(self.store, replace(seen, result=result))
        return self

    def wrote(
        self,
        field: Literal["daily_budget", "status"],
        before: str | int,
        after: str | int,
        by: Literal["engine", "person", "undo"] = "engine",
        state: Settled | None = "applied",
        rule: str = "r",
        budget: tuple[int, int] | None = None,
        *,
        is_probe: bool = False,
    ) -> "Story":
        """A change of ours, carried out as far as `state` says; a status may have a budget beside it."""
        at = self.tick()
        ref = Ref(level="adset", id="1", name="")
        change = Change(object=ref, field=field, before=before, after=after, rule=rule, sentence="", is_probe=is_probe)
        if budget:
            move = BudgetMove(field="daily_budget", before=budget[0], after=budget[1])
            change = replace(change, budget=move)
        key = f"{self.account}:{self.hours}"
        plans.save(self.store, plan(self.account, key, at, by, change))
        id_ = changes.intend(self.store, key, 1, change, at).id
        if state:
            changes.settle(self.store, id_, state, "", at)
        if state == "applied" and field == "status":
            self.status = str(after)
            self.budget = budget[1] if budget else self.budget
        elif state == "applied":
            self.budget = int(after)
        return self

    def looked(
        self,
        target: str = "CPA €30.00",
        window: str = "7d_click",
        result: str = "purchase",
        by: Literal["engine", "person", "undo"] = "engine",
        **shown: Any,
    ) -> "Story":
        """A poll as `seen` tells it, and a plan that looks at it with this target."""
        self.seen(result=result, **shown)
        header = polls.newest(self.store, self.account)
        made = plan(self.account, f"{self.account}:{self.hours}", hour(self.hours), by)
        plans.save(self.store, replace(made, target=target, attribution=window, poll=header and header.id))
        return self

    def epoch(self, hypothesis: Hypothesis | None = None, id_: str = "1") -> tuple[int, datetime | None]:
        past = histories(self.store, self.account, hour(self.hours), hypothesis=hypothesis)[id_]
        return past.epoch, past.epoch_since

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


def plan(account: str, id_: str, at: datetime, by: Literal["engine", "person", "undo"], *changes: Change) -> Plan:
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
        changes=changes,
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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
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


OTHER = Hypothesis("CPA €25.00", "7d_click", "purchase")


def test_a_first_look_at_an_ad_set_is_its_first_epoch(story: Story) -> None:
    assert story.seen().epoch() == (1, None)
    assert story.looked().looked().epoch() == (1, None)


@pytest.mark.parametrize(
    "other",
    [("CPA €25.00",), ("ROAS 2.50",), ("CPA €30.00", "1d_click"), ("CPA €30.00", "7d_click", "lead")],
    ids=["target", "kind", "window", "result"],
)
def test_another_target_begins_an_epoch(story: Story, other: tuple[str, ...]) -> None:
    story.looked().looked()
    assert story.looked(*other).looked(*other).epoch() == (2, hour(2))


def test_back_to_an_earlier_target_is_one_more_epoch(story: Story) -> None:
    for target in ("CPA €30.00", "CPA €25.00", "CPA €30.00", "CPA €30.00", "CPA €20.00"):
        story.looked(target)
    assert story.epoch() == (4, hour(4))


def test_a_target_for_one_run_counts_and_so_does_the_way_back(story: Story) -> None:
    story.looked().looked("CPA €25.00").looked()
    assert story.epoch() == (3, hour(2))


@pytest.mark.parametrize("by", ["person", "undo"])
def test_only_the_engine_looks(story: Story, by: Literal["person", "undo"]) -> None:
    assert story.looked().looked("CPA €1.00", by=by).looked().epoch() == (1, None)


def test_targets_before_its_time_are_not_an_ad_sets(story: Story) -> None:
    story.looked("CPA €20.00", gone=True).looked("CPA €25.00", gone=True)
    assert story.looked("CPA €30.00").epoch() == (1, None)
    assert story.looked("CPA €35.00").epoch() == (2, hour(3))


def test_the_attribution_setting_of_an_ad_set_begins_an_epoch_of_it_alone(story: Story) -> None:
    story.looked().looked(attribution="1d_click").looked(attribution="1d_click", budget=1)
    assert story.epoch() == (2, hour(1))
    assert story.looked(attribution="7d_click").epoch() == (3, hour(3))


def test_a_setting_that_is_not_told_is_no_other_setting(story: Story) -> None:
    story.seen(attribution=None).seen(attribution="7d_click").seen(attribution=None).seen(attribution="7d_click")
    assert story.epoch() == (1, None)


def test_what_changes_with_one_poll_begins_one_epoch(story: Story) -> None:
    assert story.looked().looked("CPA €25.00", attribution="1d_click").epoch() == (2, hour(1))


def test_a_budget_or_status_is_no_epoch(story: Story) -> None:
    story.looked().wrote("daily_budget", 5000, 6000).looked().wrote("status", "ACTIVE", "PAUSED").looked(budget=9000)
    assert story.epoch() == (1, None)


def test_the_target_that_is_looked_at_now_counts(story: Story) -> None:
    story.looked().seen()
    assert story.epoch(OTHER) == (2, hour(1))
    assert story.epoch(Hypothesis("CPA €30.00", "7d_click", "purchase")) == (1, None)
    assert story.looked("CPA €25.00").epoch(OTHER) == (2, hour(2))


def test_the_first_look_of_all_is_no_epoch(story: Story) -> None:
    assert story.seen().epoch(OTHER) == (1, None)


def test_an_epoch_outlives_a_clock_that_jumps_back(story: Story) -> None:
    story.looked().looked("CPA €25.00")
    story.hours = -100
    assert story.looked().epoch() == (3, hour(-99))


LOOKS = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("xy"), st.booleans()), min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks=LOOKS)
def test_epochs_count_the_changes_since_first_sight(story: Story, looks: list[tuple[str, str, bool]]) -> None:
    """Each look at a target and a setting; before its first sight an ad set has none, and one that is gone keeps on."""
    life = Story(story.store)
    for target, setting, is_gone in looks:
        life.looked(target, attribution=setting, gone=is_gone)
    first = next((n for n, (*_, is_gone) in enumerate(looks) if not is_gone), None)
    if first is None:
        assert histories(life.store, life.account, hour(0)) == {}
        return
    targets = {n for n in range(first + 1, len(looks)) if looks[n][0] != looks[n - 1][0]}
    shown = [n for n in range(first, len(looks)) if not looks[n][2]]
    settings_ = {after for before, after in itertools.pairwise(shown) if looks[before][1] != looks[after][1]}
    begun = targets | settings_
    assert life.epoch() == (1 + len(begun), hour(max(begun)) if begun else None)


def test_our_pause_has_a_moment_while_it_holds(story: Story) -> None:
    story.seen().wrote("status", "ACTIVE", "PAUSED").seen()
    assert (story.now().paused_at, story.now().paused_count) == (hour(1), 1)
    story.wrote("status", "PAUSED", "ACTIVE").seen()
    assert (story.now().paused_at, story.now().paused_count) == (None, 1)
    story.wrote("status", "ACTIVE", "PAUSED", state="unknown").seen(status="PAUSED")
    assert (story.now().paused_at, story.now().paused_count) == (hour(6), 2)


def test_a_persons_pause_is_not_counted_as_ours(story: Story) -> None:
    story.seen().seen(status="PAUSED").wrote("status", "PAUSED", "ACTIVE").wrote("status", "ACTIVE", "PAUSED", "person")
    assert (story.now().paused_at, story.now().paused_count) == (None, 0)


def test_a_throttle_is_a_budget_that_a_rule_of_that_kind_set(story: Story) -> None:
    story.seen().wrote("daily_budget", 5000, 2500, rule="throttle").wrote("daily_budget", 2500, 3750, rule="allocate")
    story.wrote("daily_budget", 3750, 4500, rule="scale winners").wrote("status", "ACTIVE", "PAUSED", rule="throttle")
    story.wrote("daily_budget", 4500, 2250, rule="throttle", state="failed")
    story.wrote("daily_budget", 4500, 2250, "person", rule="throttle")
    assert story.now().throttled == hour(2)


def test_rules_that_throttle_may_have_names_of_their_own(story: Story) -> None:
    story.seen().wrote("daily_budget", 5000, 2500, rule="slow down")
    found = [
        histories(story.store, story.account, hour(1), throttles=names)["1"].throttled for names in (["slow down"], [])
    ]
    assert found == [hour(1), None]


def test_what_came_after_a_poll_was_not_remembered_at_it(story: Story) -> None:
    story.seen(5000).looked().wrote("daily_budget", 5000, 6000, rule="throttle").seen()
    then = histories(story.store, story.account, hour(story.hours))["1"]
    story.wrote("status", "ACTIVE", "PAUSED").seen().seen(9000, attribution="1d_click").looked("CPA €50.00")
    assert histories(story.store, story.account, hour(3), as_of_poll=3)["1"] == then
    assert histories(story.store, story.account, hour(story.hours))["1"] != then


def test_a_write_that_a_later_run_settled_was_in_doubt_until_then(story: Story) -> None:
    story.seen(5000).wrote("daily_budget", 5000, 6000, state=None).seen(6000)
    then = histories(story.store, story.account, hour(2))["1"]
    (doubt,) = changes.in_doubt(story.store, story.account)
    changes.settle(story.store, doubt.id, "applied", "", hour(10))
    second = polls.newest(story.store, story.account)
    assert second is not None
    assert histories(story.store, story.account, hour(2), as_of_poll=second.id)["1"] == then
    assert histories(story.store, story.account, hour(12))["1"] != then


def test_settings_tell_who_gave_what_after_first_sight(story: Story) -> None:
    story.seen(5000).wrote("daily_budget", 5000, 6000).seen().seen(8000).wrote("status", "ACTIVE", "PAUSED", "person")
    assert [(s.is_budget, s.before, s.after, s.by) for s in settings_of(story.store, story.account, hour(9))] == [
        (False, "ACTIVE", "PAUSED", "person"),
        (True, 5000, 6000, "engine"),
        (True, 6000, 8000, "person"),
    ]


def test_a_start_with_a_budget_is_remembered_as_both(story: Story) -> None:
    story.seen(5000).wrote("status", "ACTIVE", "PAUSED").seen()
    story.wrote("status", "PAUSED", "ACTIVE", rule="bring back", budget=(5000, 1250)).seen()
    past = story.now()
    assert (past.base, past.budget_rule, past.budget_edits) == (5000, "bring back", 0)
    assert (past.paused_by, past.revived, past.paused_count) == (None, past.touched, 1)
    assert story.now(-1).budget_edits == 1
    assert [(one.is_budget, one.before, one.after) for one in settings_of(story.store, story.account, hour(99))] == [
        (False, "ACTIVE", "PAUSED"),
        (False, "PAUSED", "ACTIVE"),
        (True, 5000, 1250),
    ]


def test_a_start_with_a_budget_whose_answer_was_lost_is_told_by_what_a_poll_shows(story: Story) -> None:
    story.seen(5000).wrote("status", "ACTIVE", "PAUSED").seen()
    story.wrote("status", "PAUSED", "ACTIVE", state="unknown", rule="bring back", budget=(5000, 1250))
    past = story.seen(1250, "ACTIVE").now()
    assert (past.base, past.budget_rule, past.paused_by) == (5000, "bring back", None)


# -- probes -------------------------------------------------------------------------------------


def paused(story: Story) -> Story:
    return story.seen(5000).wrote("status", "ACTIVE", "PAUSED").seen()


def test_a_probe_begins_an_epoch_and_keeps_the_base(story: Story) -> None:
    story = (
        paused(story).wrote("status", "PAUSED", "ACTIVE", budget=(5000, 250), rule="bring back", is_probe=True).seen()
    )
    past = story.now()
    assert (past.epoch, past.epoch_since, past.probed) == (2, hour(3), hour(3))
    assert (past.base, past.budget_rule, past.paused_by, past.paused_count) == (5000, "bring back", None, 1)
    again = story.wrote("status", "ACTIVE", "PAUSED").now()
    assert (again.epoch, again.probed, again.paused_at, again.paused_count) == (2, hour(3), hour(5), 2)


def test_a_comeback_begins_no_epoch(story: Story) -> None:
    past = paused(story).wrote("status", "PAUSED", "ACTIVE", budget=(5000, 1250)).seen().now()
    assert (past.epoch, past.probed) == (1, None)


@pytest.mark.parametrize("state", ["stale", "failed", "unknown", None])
def test_a_probe_that_was_not_surely_made_begins_none(story: Story, state: Settled | None) -> None:
    past = paused(story).wrote("status", "PAUSED", "ACTIVE", state=state, is_probe=True).now()
    assert (past.epoch, past.probed) == (1, None)


def test_what_begins_another_epoch_ends_the_trial(story: Story) -> None:
    paused(story).wrote("status", "PAUSED", "ACTIVE", is_probe=True).seen(attribution="1d_click")
    past = story.now()
    assert (past.epoch, past.epoch_since, past.probed) == (3, hour(4), None)


def test_a_probe_that_a_person_takes_back_is_theirs_to_start(story: Story) -> None:
    story = (
        paused(story).wrote("status", "PAUSED", "ACTIVE", is_probe=True).wrote("status", "ACTIVE", "PAUSED", by="undo")
    )
    assert (story.now().paused_by, story.now().paused_at) == ("person", None)
