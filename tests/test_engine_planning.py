"""What a plan may hold: each change is checked against the guardrails as they are written, not as they are coded."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from engine_accounts import (
    ACCOUNT,
    CLOSE,
    CPA_30,
    LOSER,
    NOW,
    WINNER,
    Row,
    accounts,
    ad_set,
    campaign,
    one,
    ordinary,
    policies,
    snapshot,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adopt.engine.judging import judge
from adopt.engine.planning import hand_plan, make_plan, undo_plan, with_verdicts
from adopt.engine.snapshot import Snapshot
from adopt.model import AdSet, Campaign, Change, History, Plan, Ref
from adopt.policy import Guardrails, Matcher, Policy, Rule, Share, Span

WIDE = Guardrails(max_changes_per_plan=Share(1), max_account_step_24h=Share(10))
OPEN = replace(CPA_30, guardrails=WIDE)


def plan_of(seen: Snapshot, policy: Policy = OPEN, most: int | None = None) -> Plan:
    verdicts = judge(seen, policy)
    return with_verdicts(make_plan(seen, verdicts, policy, most), verdicts)


def under(**limits: Any) -> Policy:
    return replace(CPA_30, guardrails=replace(WIDE, **limits))


def told(plan: Plan) -> list[tuple[str, str, Any, Any]]:
    return [(change.object.id, change.field, change.before, change.after) for change in plan.changes]


def refused(plan: Plan) -> list[tuple[str, str]]:
    return [(refusal.change.object.id, refusal.guardrail) for refusal in plan.refusals]


# -- the checker --------------------------------------------------------------------------------


def breaches(plan: Plan, seen: Snapshot, policy: Policy) -> Iterator[str]:
    """Every way in which a plan of the engine breaks a guardrail, from the design's text alone."""
    rails, objects = policy.guardrails, {o.id: o for o in (*seen.campaigns, *seen.ad_sets)}
    if len({change.object.id for change in plan.changes}) < len(plan.changes):
        yield "two changes of one object"
    active = [o for o in objects.values() if o.effective_status == "ACTIVE"]
    if len(plan.changes) > max(1, Fraction(rails.max_changes_per_plan) * sum(isinstance(o, AdSet) for o in active)):
        yield "more changes than the share of the account"
    if plan.changes and policy.decision.one_look_a_day and seen.looked and seen.looked.date() == NOW.date():
        yield "a second look"
    for change in plan.changes:
        yield from (
            f"{breach}: {change}"
            for breach in _breaches(change, objects[change.object.id], seen.history(change.object.id), seen, rails)
        )
    yield from _of_the_account(plan, seen, rails, {o.id: o.daily_budget or 0 for o in active})


def _breaches(
    change: Change, seen: AdSet | Campaign, past: History, all_seen: Snapshot, rails: Guardrails
) -> Iterator[str]:
    if change.before != getattr(seen, change.field):
        yield "not what was seen"
    if seen.status == "PAUSED" and past.paused_by != "adopt":
        yield "a person paused it"
    if change.field == "status" and not isinstance(seen, AdSet):
        yield "the status of a campaign"
    if isinstance(seen, AdSet) and seen.created and NOW - seen.created < rails.min_age:
        yield "too young"
    if change.after != "PAUSED" and past.touched and NOW - past.touched < rails.cooldown:
        yield "still cooling down"
    if change.after == "ACTIVE" and past.revived and NOW - past.revived < rails.revive_every:
        yield "revived too soon"
    parent = seen.campaign_id if isinstance(seen, AdSet) else seen.id
    never = {
        "name ~ 'DNT'": "DNT" in seen.name,
        "id == '1'": seen.id == "1",
        "campaign == 'c1'": parent == "c1",
        "name ~ '^$'": not seen.name,
    }
    if any(never[text] for text in map(str, rails.never_touch)):
        yield "never to be touched"
    if change.field != "status":
        yield from _of_a_budget(change, seen, past, all_seen, rails)


def _of_a_budget(
    change: Change, seen: AdSet | Campaign, past: History, all_seen: Snapshot, rails: Guardrails
) -> Iterator[str]:
    before, after, money = int(change.before), int(change.after), all_seen.account.money
    base = past.base or 0
    if after <= before:
        yield "a rise that does not rise"
    if isinstance(seen, AdSet) and seen.learning == "LEARNING":
        yield "learning"
    if past.budget_edits >= 4:
        yield "more edits than Meta takes"
    if after > max(base, before * (1 + Fraction(rails.max_step))):
        yield "too large a step"
    if past.budget_day_ago and after > max(base, past.budget_day_ago * (1 + Fraction(rails.max_step_24h))):
        yield "too large a step in 24 hours"
    if rails.max_daily_budget and after > money.parse(rails.max_daily_budget):
        yield "above the ceiling"
    if rails.min_daily_budget and after < min(before, money.parse(rails.min_daily_budget)):
        yield "below the floor"


def _of_the_account(plan: Plan, seen: Snapshot, rails: Guardrails, now: dict[str, int]) -> Iterator[str]:
    own = {a.id: a.daily_budget or 0 for a in seen.ad_sets}
    rises = sum(int(c.after) - int(c.before) for c in plan.changes if c.field != "status")
    started = sum(own[c.object.id] for c in plan.changes if c.after == "ACTIVE")
    total = sum(now.values())
    ceiling = rails.max_account_daily_budget
    if rises + started and ceiling is not None and total + rises + started > seen.account.money.parse(ceiling):
        yield "the account's budgets pass their ceiling"
    earlier = sum(max(budget - (seen.history(id_).budget_day_ago or budget), 0) for id_, budget in now.items())
    if rises and rises + earlier > (total - earlier) * Fraction(rails.max_account_step_24h):
        yield "the account's budgets rise too fast"


@settings(max_examples=300)
@given(accounts(most=10), policies(), st.sampled_from([None, None, 0, 1, 3]))
def test_a_plan_of_the_engine_breaks_no_guardrail(seen: Snapshot, policy: Policy, most: int | None) -> None:
    plan = plan_of(seen, policy, most)
    assert list(breaches(plan, seen, policy)) == []
    assert most is None or len(plan.changes) <= most


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        ({"after": 12_001}, "too large a step"),
        ({"before": 9_000}, "not what was seen"),
        ({"after": 10_000}, "a rise that does not rise"),
    ],
)
def test_the_checker_sees_what_it_is_for(change: dict[str, Any], breach: str) -> None:
    seen = ordinary()
    plan = plan_of(seen, under(max_account_step_24h=Share(1, 2)))
    scale = next(c for c in plan.changes if c.is_budget)
    found = list(breaches(replace(plan, changes=(replace(scale, **change),)), seen, OPEN))
    assert breach in [one.partition(":")[0] for one in found]


@given(accounts(most=10), policies())
def test_every_verdict_that_asks_for_something_is_planned_or_refused_with_a_reason(
    seen: Snapshot, policy: Policy
) -> None:
    plan = plan_of(seen, policy)
    answered = sorted([*(c.object.id for c in plan.changes), *(r.change.object.id for r in plan.refusals)])
    asking = [v for v in plan.verdicts if v.kind != "hold"]
    tiny = [v for v in asking if v.kind == "scale" and (v.budget or 0) < 5]  # a fifth of it is no minor unit
    assert answered == sorted(v.object.id for v in asking if v not in tiny)
    assert all(refusal.sentence for refusal in plan.refusals)


@given(accounts(most=10), policies())
def test_a_plan_is_intact_and_reads_back_from_json(seen: Snapshot, policy: Policy) -> None:
    plan = plan_of(seen, policy)
    back = msgspec.json.decode(msgspec.json.encode(plan), type=Plan)
    assert (back, back.is_intact) == (plan, True)


@given(accounts(most=10), policies())
def test_the_order_of_ad_sets_does_not_change_a_plan(seen: Snapshot, policy: Policy) -> None:
    last = len(seen.ad_sets) - 1
    turned = replace(seen, ad_sets=seen.ad_sets[::-1], days=replace(seen.days, object=last - seen.days.object))
    assert plan_of(turned, policy).id == plan_of(seen, policy).id


# -- what the rules propose ---------------------------------------------------------------------


def test_an_ordinary_account_gets_its_loser_paused_and_its_winner_scaled() -> None:
    plan = plan_of(ordinary())
    assert told(plan) == [("1", "daily_budget", 10_000, 12_000), ("0", "status", "ACTIVE", "PAUSED")]
    assert [(c.rule, c.stake, c.trims) for c in plan.changes] == [
        ("scale winners", 200_000, ()),
        ("stop losers", 85_000, ()),
    ]
    assert (plan.refusals, plan.notes, plan.origin, plan.method) == ((), (), "engine", "wilson")
    assert plan.expires_at - plan.made_at == timedelta(hours=24)


def test_only_listed_rules_act() -> None:
    stop = Rule(name="stop", use="safe-stop")
    assert told(plan_of(ordinary(), replace(OPEN, rule=(stop,)))) == [("0", "status", "ACTIVE", "PAUSED")]
    assert plan_of(ordinary(), replace(OPEN, rule=())).changes == ()


def test_of_two_rules_with_one_preset_the_first_is_named() -> None:
    rules = (Rule(name="first", use="safe-stop"), Rule(name="second", use="safe-stop"))
    assert [c.rule for c in plan_of(ordinary(), replace(OPEN, rule=rules)).changes] == ["first"]


def test_an_empty_account_gets_an_empty_plan() -> None:
    plan = plan_of(snapshot(campaigns=()))
    assert (plan.changes, plan.refusals, plan.verdicts, plan.is_intact) == ((), (), (), True)


def test_with_a_campaign_budget_ad_sets_are_paused_and_the_campaign_scaled() -> None:
    sets = [ad_set("1", daily_budget=None), ad_set("2", daily_budget=None)]
    seen = snapshot(
        sets, [Row(0, 10, *LOSER), Row(1, 10, 400_000, 4_000, 400)], campaigns=(campaign(daily_budget=50_000),)
    )
    assert sorted(told(plan_of(seen))) == [
        ("1", "status", "ACTIVE", "PAUSED"),
        ("c", "daily_budget", 50_000, 60_000),
    ]


def test_what_we_paused_comes_back_and_what_a_person_paused_is_shown() -> None:
    seen = one(WINNER, status="PAUSED")
    ours = replace(seen, histories={"1": History(paused_by="adopt", touched=NOW - timedelta(days=4))})
    assert told(plan_of(ours)) == [("1", "status", "PAUSED", "ACTIVE")]
    for histories in ({}, {"1": History(paused_by="person")}):
        plan = plan_of(replace(seen, histories=histories))
        assert (plan.changes, refused(plan)) == ((), [("1", "paused_by_you")])
        assert plan.refusals[0].sentence == "paused by you, so it is for you to start again"
        assert plan.verdicts[0].kind == "revive"


def test_a_lifetime_budget_is_left_to_a_person_who_is_told_so() -> None:
    plan = plan_of(one(WINNER, daily_budget=None, lifetime_budget=90_000))
    assert (plan.changes, refused(plan)) == ((), [("1", "lifetime_budget")])
    assert (plan.refusals[0].change.before, plan.refusals[0].change.after) == (90_000, 108_000)


def test_a_budget_too_small_to_rise_by_a_minor_unit_is_left_alone() -> None:
    assert plan_of(one(WINNER, daily_budget=4)).changes == ()


# -- guardrails, one by one ---------------------------------------------------------------------

YESTERDAY = NOW - timedelta(hours=23, minutes=59)
LONG_AGO = NOW - timedelta(hours=24)


@pytest.mark.parametrize(
    ("limits", "ad", "past", "after"),
    [
        ({}, {}, {}, 12_000),
        ({"max_step": Share(1, 10)}, {}, {}, 11_000),
        ({"max_step": Share(1, 10)}, {}, {"base": 11_500}, 11_500),
        ({"max_step": Share(1, 10)}, {}, {"base": 20_000}, 12_000),
        ({"max_step": Share(0)}, {}, {}, "max_step"),
        ({"max_step": Share(1, 125)}, {}, {}, "max_step"),
        ({"max_step": Share(1, 100)}, {}, {}, 10_100),
        ({}, {}, {"budget_day_ago": 7_000}, 10_500),
        ({}, {}, {"budget_day_ago": 7_000, "base": 11_000}, 11_000),
        ({}, {}, {"budget_day_ago": 6_000}, "max_step_24h"),
        ({"max_daily_budget": Decimal(110)}, {}, {}, 11_000),
        ({"max_daily_budget": Decimal(100)}, {}, {}, "max_daily_budget"),
        ({"max_daily_budget": Decimal(50)}, {}, {}, "max_daily_budget"),
        ({"max_daily_budget": Decimal("0.40")}, {"daily_budget": 50}, {}, "max_daily_budget"),
        ({"min_daily_budget": Decimal(500)}, {}, {}, 12_000),
        ({"max_account_daily_budget": Decimal(120)}, {}, {}, 12_000),
        ({"max_account_daily_budget": Decimal("119.99")}, {}, {}, "max_account_daily_budget"),
        ({"max_account_step_24h": Share(1, 5)}, {}, {}, 12_000),
        ({"max_account_step_24h": Share(19, 100)}, {}, {}, "max_account_step_24h"),
        ({"max_account_step_24h": Share(1, 2)}, {}, {"budget_day_ago": 8_000}, 12_000),
        ({"max_account_step_24h": Share(2, 5)}, {}, {"budget_day_ago": 8_000}, "max_account_step_24h"),
        ({}, {}, {"touched": YESTERDAY}, "cooldown"),
        ({}, {}, {"touched": LONG_AGO}, 12_000),
        ({"cooldown": Span(hours=1)}, {}, {"touched": YESTERDAY}, 12_000),
        ({}, {}, {"budget_edits": 4}, "meta_edits"),
        ({}, {}, {"budget_edits": 3}, 12_000),
        ({}, {"learning": "LEARNING"}, {}, "learning"),
        ({}, {"learning": "FAIL"}, {}, 12_000),
        ({}, {"created": NOW - timedelta(days=2, hours=23)}, {}, "min_age"),
        ({}, {"created": NOW - timedelta(days=3)}, {}, 12_000),
        ({}, {"created": None}, {}, 12_000),
        ({"never_touch": (Matcher.parse("name ~ 'DNT'"),)}, {"name": "🔥 DNT\x00"}, {}, "never_touch"),
        ({"never_touch": (Matcher.parse("name == 'DNT'"),)}, {"name": "DNT 2"}, {}, 12_000),
        ({"never_touch": (Matcher.parse("campaign == 'Campaign c'"),)}, {}, {}, "never_touch"),
        ({"never_touch": (Matcher.parse("campaign == 'c'"),)}, {}, {}, "never_touch"),
        ({"never_touch": (Matcher.parse("campaign ~ 'x'"),)}, {"campaign_id": "gone"}, {}, 12_000),
    ],
)
def test_a_rise_passes_is_trimmed_or_is_refused(
    limits: dict[str, Any], ad: dict[str, Any], past: dict[str, Any], after: int | str
) -> None:
    seen = replace(one(WINNER, **ad), histories={"1": History(**past)})
    plan = plan_of(seen, under(**limits))
    assert ([c.after for c in plan.changes] or refused(plan)) == ([after] if isinstance(after, int) else [("1", after)])


def test_a_trimmed_change_names_what_trimmed_it() -> None:
    plan = plan_of(one(WINNER), under(max_step=Share(1, 10), max_daily_budget=Decimal(105)))
    assert [(c.after, c.trims) for c in plan.changes] == [(10_500, ("max_step", "max_daily_budget"))]


def test_a_pause_waits_for_no_cooldown_but_for_age() -> None:
    seen = replace(one(LOSER), histories={"1": History(touched=YESTERDAY)})
    assert told(plan_of(seen)) == [("1", "status", "ACTIVE", "PAUSED")]
    assert refused(plan_of(one(LOSER, created=NOW - timedelta(days=1)))) == [("1", "min_age")]


@pytest.mark.parametrize(
    ("past", "limits", "answer"),
    [
        ({"revived": NOW - timedelta(days=3)}, {}, []),
        ({"revived": NOW - timedelta(days=2)}, {}, [("1", "revive_every")]),
        ({"touched": YESTERDAY}, {}, [("1", "cooldown")]),
        ({}, {"max_account_daily_budget": Decimal(25)}, []),
        ({}, {"max_account_daily_budget": Decimal("24.99")}, [("1", "max_account_daily_budget")]),
    ],
)
def test_a_comeback_waits_and_its_budget_counts(
    past: dict[str, Any], limits: dict[str, Any], answer: list[tuple[str, str]]
) -> None:
    seen = replace(one(WINNER, status="PAUSED"), histories={"1": History(paused_by="adopt", **past)})
    assert refused(plan_of(seen, under(**limits))) == answer


def test_a_second_look_on_one_account_day_acts_on_nothing_and_says_when_the_first_was() -> None:
    seen = ordinary(looked=NOW.replace(hour=0, minute=5).astimezone(UTC))
    plan = plan_of(seen)
    assert (plan.changes, refused(plan)) == ((), [("0", "one_look_a_day"), ("1", "one_look_a_day")])
    assert plan.refusals[0].sentence == (
        "the 95 % is for one look a day, and today's was at 00:05; the next is tomorrow"
    )
    assert plan_of(ordinary(looked=NOW.replace(hour=0) - timedelta(minutes=5))).changes != ()
    assert plan_of(seen, replace(OPEN, decision=replace(OPEN.decision, one_look_a_day=False))).changes != ()


def losers(count: int, **more: Any) -> Snapshot:
    """So many losers, the last with the most at stake."""
    rows = [Row(n, 10, 100_000 + n, 1_000, 0) for n in range(count)]
    return snapshot([ad_set(f"{n:02}", **more) for n in range(count)], rows)


@pytest.mark.parametrize(
    ("share", "most", "made", "guardrail"),
    [
        (Share(3, 10), None, 3, "max_changes_per_plan"),
        (Share(39, 100), None, 3, "max_changes_per_plan"),
        (Share(0), None, 1, "max_changes_per_plan"),
        (Share(1), None, 10, ""),
        (Share(3, 10), 2, 2, "--max-changes"),
        (Share(3, 10), 9, 3, "max_changes_per_plan"),
        (Share(3, 10), 0, 0, "--max-changes"),
        (Share(3, 10), -1, 0, "--max-changes"),
    ],
)
def test_a_plan_changes_a_share_of_the_account_the_most_money_first(
    share: Share, most: int | None, made: int, guardrail: str
) -> None:
    plan = plan_of(losers(10), under(max_changes_per_plan=share), most)
    assert [c.object.id for c in plan.changes] == [f"{n:02}" for n in range(9, 9 - made, -1)]
    assert {name for _, name in refused(plan)} == ({guardrail} if guardrail else set())


def test_a_change_that_the_account_has_no_room_for_leaves_its_place_to_the_next() -> None:
    rows = [Row(0, 10, *WINNER), Row(1, 10, *LOSER)]
    plan = plan_of(
        snapshot([ad_set("0"), ad_set("1"), ad_set("2")], rows),
        under(max_changes_per_plan=Share(1, 3), max_account_step_24h=Share(0)),
    )
    assert told(plan) == [("1", "status", "ACTIVE", "PAUSED")]


def test_the_rises_of_a_plan_share_the_room_of_the_account() -> None:
    rows = [Row(n, 10, *WINNER) for n in range(4)]
    plan = plan_of(snapshot([ad_set(str(n)) for n in range(4)], rows), under(max_account_step_24h=Share(1, 10)))
    assert told(plan) == [("0", "daily_budget", 10_000, 12_000), ("1", "daily_budget", 10_000, 12_000)]
    assert refused(plan) == [("2", "max_account_step_24h"), ("3", "max_account_step_24h")]


def test_yen_are_planned_in_yen() -> None:
    yen = replace(one((300_000, 1_000, 40), daily_budget=999), account=replace(ACCOUNT, currency="JPY"))
    policy = replace(
        CPA_30,
        target=replace(CPA_30.target, cpa=Decimal(20_000)),
        guardrails=replace(WIDE, max_daily_budget=Decimal(1_100)),
    )
    assert told(plan_of(yen, policy)) == [("1", "daily_budget", 999, 1_100)]


# -- a person's own change ----------------------------------------------------------------------

NEVER_1 = (Matcher.parse("id == '1'"),)


def by_hand(seen: Snapshot, policy: Policy, field: Any, before: Any, after: Any) -> Plan:
    ref = Ref(level="adset", id="1", name="Set 1")
    asked = Change(object=ref, field=field, before=before, after=after, rule="by hand", sentence="You asked for it.")
    return hand_plan(seen, policy, asked)


@pytest.mark.parametrize(
    ("limits", "budget", "answer"),
    [
        ({}, 11_000, None),
        ({}, 1, None),
        ({}, 12_001, ("max_step", "$120.00 would be allowed")),
        ({"min_daily_budget": Decimal(50)}, 100, ("min_daily_budget", "$50.00 would be allowed")),
        ({"max_daily_budget": Decimal(110)}, 12_000, ("max_daily_budget", "$110.00 would be allowed")),
        (
            {"max_account_step_24h": Share(1, 100)},
            11_000,
            ("max_account_step_24h", "the account's budgets would rise by more than 1% in 24 hours"),
        ),
        ({"never_touch": NEVER_1}, 9_000, ("never_touch", "the policy says never_touch id == '1'")),
    ],
)
def test_a_person_s_budget_passes_whole_or_is_refused_with_what_would_be_allowed(
    limits: dict[str, Any], budget: int, answer: tuple[str, str] | None
) -> None:
    plan = by_hand(one(CLOSE), under(**limits), "daily_budget", 10_000, budget)
    assert [(r.guardrail, r.sentence) for r in plan.refusals] == ([answer] if answer else [])
    assert [c.after for c in plan.changes] == ([] if answer else [budget])
    assert plan.origin == "person"


@pytest.mark.parametrize(("before", "after"), [("ACTIVE", "PAUSED"), ("PAUSED", "ACTIVE")])
def test_a_person_pauses_and_starts_what_the_policy_does_not_name(before: str, after: str) -> None:
    seen = one(CLOSE, status=before)
    assert told(by_hand(seen, OPEN, "status", before, after)) == [("1", "status", before, after)]
    assert refused(by_hand(seen, under(never_touch=NEVER_1), "status", before, after)) == [("1", "never_touch")]


@pytest.mark.parametrize(("named", "kept"), [("name ~ 'DNT'", True), ("id == '1'", True), ("name ~ 'other'", False)])
def test_a_campaign_s_budget_is_not_moved_under_an_ad_set_that_is_never_touched(named: str, *, kept: bool) -> None:
    sets = (ad_set("1", name="DNT 1", daily_budget=None), ad_set("2", campaign_id="elsewhere", name="other"))
    seen = snapshot(sets, campaigns=(campaign(daily_budget=50_000),))
    policy = under(never_touch=(Matcher.parse(named),))
    about = {"object": Ref(level="campaign", id="c", name="Campaign c"), "rule": "by hand", "sentence": "You asked."}
    cut = Change(field="daily_budget", before=50_000, after=40_000, **about)
    pause = Change(field="status", before="ACTIVE", after="PAUSED", **about)
    plan = hand_plan(seen, policy, cut)
    said = [f"it is the budget of DNT 1 too, and the policy says never_touch {named}"] if kept else []
    assert [one.sentence for one in plan.refusals] == said
    assert hand_plan(seen, policy, pause).refusals == ()


def test_a_person_waits_for_no_patience() -> None:
    young = one(CLOSE, created=NOW, status="PAUSED", learning="LEARNING")
    seen = replace(young, histories={"1": History(paused_by="person", touched=NOW)}, looked=NOW)
    assert by_hand(seen, OPEN, "status", "PAUSED", "ACTIVE").refusals == ()


# -- a change taken back ------------------------------------------------------------------------


def back(before: Any, after: Any, id_: str = "1", field: Any = "daily_budget") -> Change:
    ref = Ref(level="adset", id=id_, name=f"Set {id_}")
    return Change(object=ref, field=field, before=before, after=after, rule="undo", sentence="Takes it back.")


@pytest.mark.parametrize(
    ("limits", "change", "answer"),
    [
        ({}, back(10_000, 30_000), None),  # three times as much is no step too great: so it was
        ({"max_account_step_24h": Share(1, 100)}, back(10_000, 20_000), None),
        ({"never_touch": NEVER_1}, back(10_000, 20_000), ("never_touch", "the policy says never_touch id == '1'")),
        ({"max_daily_budget": Decimal(150)}, back(10_000, 20_000), ("max_daily_budget", "$150.00 would be allowed")),
        ({"min_daily_budget": Decimal(50)}, back(10_000, 4_000), ("min_daily_budget", "$50.00 would be allowed")),
        (
            {"max_account_daily_budget": Decimal(150)},
            back(10_000, 20_000),
            ("max_account_daily_budget", "the budgets would pass $150.00 a day"),
        ),
    ],
)
def test_an_undo_may_take_any_step_back_within_what_the_policy_allows_today(
    limits: dict[str, Any], change: Change, answer: tuple[str, str] | None
) -> None:
    plan = undo_plan(one(CLOSE), under(**limits), [change])
    assert [(r.guardrail, r.sentence) for r in plan.refusals] == ([answer] if answer else [])
    assert plan.changes == (() if answer else (change,))
    assert (plan.origin, plan.is_intact) == ("undo", True)


def test_an_undo_keeps_to_meta_s_edits_an_hour() -> None:
    seen = replace(one(CLOSE), histories={"1": History(budget_edits=4)})
    assert refused(undo_plan(seen, OPEN, [back(10_000, 20_000)])) == [("1", "meta_edits")]
    assert undo_plan(seen, OPEN, [back("PAUSED", "ACTIVE", field="status")]).refusals == ()


def test_an_undo_of_a_whole_plan_stops_at_the_ceiling_of_the_account() -> None:
    seen = snapshot([ad_set("1", daily_budget=10_000), ad_set("2", daily_budget=10_000)])
    policy = under(max_account_daily_budget=Decimal(300))
    plan = undo_plan(seen, policy, [back(10_000, 18_000), back(10_000, 18_000, "2")])
    assert told(plan) == [("1", "daily_budget", 10_000, 18_000)]
    assert refused(plan) == [("2", "max_account_daily_budget")]


def test_an_undo_of_what_is_gone_is_left_to_applying_to_tell() -> None:
    gone = back("PAUSED", "ACTIVE", "9", "status")
    assert undo_plan(one(CLOSE), under(never_touch=NEVER_1), [gone]).changes == (gone,)
