"""What a dashboard shows of an account: how it stands, each ad set's week, and how it went day by day; asks nobody."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from msgspec.structs import replace

from adopt.model import (
    Account,
    AdSet,
    AdSetRow,
    Branch,
    Campaign,
    Change,
    Currency,
    Day,
    Goal,
    Kind,
    KnownAccount,
    Mark,
    Measured,
    Outcome,
    Overview,
    Ref,
    Refusal,
    RuleCount,
    Series,
    budget_field,
    budget_of,
)
from adopt.operations import measuring
from adopt.operations.asking import running_budget
from adopt.operations.measuring import CONFIDENCE, Figures
from adopt.policy import Policy, Target
from adopt.store import changes, plans, polls, sums
from adopt.store import hold as button
from adopt.store.changes import Made
from adopt.store.database import Store
from adopt.store.plans import Said

T = TypeVar("T")
C = TypeVar("C", Campaign, AdSet)

_WEEK = 7
_NOTHING = Measured(spend=0, results=0, revenue=0)

# What comes next for an ad set that nothing is done to, by the reason of its verdict.
NEXT: Mapping[str, str] = {
    "no_spend": "spends nothing",
    "no_clicks": "no clicks yet",
    "unpriced": "no revenue reported",
    "overcounted": "more results than clicks",
    "too_little": "wait for more data",
    "unripe": "wait for results",
    "comeback": "could come back",
    "probe": "could be tried again",
    "stays_paused": "stays paused",
    "parent_paused": "its campaign is paused",
    "misses_target": "bad: pause it",
    "past_threshold": "bad: pause it",
    "proven_bad": "bad: pause it",
    "bad_campaign": "judged by ad set",
    "good_in_campaign": "good",
    "beats_target": "good: could grow",
    "within_threshold": "good: could grow",
    "proven_good": "good: could grow",
    "on_trial": "on trial",
    "doubted": "doubted: less budget",
    "restored": "good again: its budget back",
    "unsure": "wait and see",
    "between": "wait and see",
    "open": "wait and see",
}


class _Pass(NamedTuple):
    """The last pass, by object."""

    said: Mapping[str, Said]
    changes: Mapping[str, Change]
    refusals: Mapping[str, Refusal]
    outcomes: Mapping[str, Outcome]
    state: str


def overview(store: Store, account_id: str, policy: Policy | None) -> Overview:
    """How an account stands; without rows and figures where it was never polled."""
    last = polls.newest(store, account_id)
    plan = next(iter(plans.recent(store, account_id, limit=1)), None)
    account, campaigns, ad_sets = _objects(store, account_id, last.as_of) if last else (None, (), ())
    target = _target(policy, last)
    today, week, before = (_NOTHING,) * 3
    rows: tuple[AdSetRow, ...] = ()
    if account and last:
        now = _local(account, last.as_of)
        today, week, before = _weeks(store, account, target, now)
        rows = _rows(store, account, target, now, campaigns, ad_sets)
    return Overview(
        account=account_id,
        name=account.name if account else None,
        currency=account.currency if account else None,
        timezone=account.timezone if account else None,
        as_of=last.as_of if last else None,
        goal=_goal(account, policy),
        spend_today=today.spend,
        daily_budget=running_budget(campaigns, ad_sets),
        week=week,
        week_before=before,
        confidence=CONFIDENCE,
        plan=plan.id if plan else None,
        plan_state=plan.state if plan else None,
        plan_changes=plan.changes if plan else 0,
        hold=button.hold(store),
        rows=rows,
    )


def series(store: Store, account_id: str, policy: Policy | None, days: int, span: int) -> Series:
    """The last days of an account up to the last poll, each with those before it that its span holds."""
    last = polls.newest(store, account_id)
    account = polls.objects(store, account_id)[0] if last else None
    target = _target(policy, last)
    points: tuple[Day, ...] = ()
    marks: tuple[Mark, ...] = ()
    if account and last:
        now = _local(account, last.as_of)
        found = measuring.trailing(_days(store, account, target, now, days + span - 1), span)
        first = now.date() - timedelta(days=days - 1)
        measured = measuring.measured(found, account.money)
        points = tuple(Day(date=first + timedelta(days=n), figures=one) for n, one in enumerate(measured))
        since = datetime.combine(first, datetime.min.time(), now.tzinfo)
        marks = tuple(_mark(made, account.money) for made in changes.made_since(store, account_id, since))
    return Series(
        currency=account.currency if account else None,
        timezone=account.timezone if account else None,
        goal=_goal(account, policy),
        confidence=CONFIDENCE,
        span=span,
        days=points,
        marks=marks,
    )


def tree(store: Store, account_id: str) -> tuple[Branch, ...]:
    """The campaigns of the last poll with their ad sets, by name."""
    last = polls.newest(store, account_id)
    if last is None:
        return ()
    _, campaigns, ad_sets = _objects(store, account_id, last.as_of)
    below: dict[str, list[AdSet]] = {}
    for ad_set in ad_sets:
        below.setdefault(ad_set.campaign_id, []).append(ad_set)
    return tuple(
        _branch("campaign", campaign, tuple(_branch("adset", one, ()) for one in _named(below.get(campaign.id, ()))))
        for campaign in _named(campaigns)
    )


def known_accounts(store: Store) -> tuple[KnownAccount, ...]:
    """Every ad account that was polled."""
    return tuple(
        KnownAccount(id=one.id, name=one.name, currency=one.currency, timezone=one.timezone, last_poll=at)
        for one, at in polls.known(store)
    )


def rule_counts(store: Store, account_id: str, policy: Policy | None) -> tuple[RuleCount, ...]:
    """How often each rule has spoken: those of the policy in their order, then those it no longer has."""
    fired, made = plans.fired(store, account_id), changes.of_rules(store, account_id)
    names = dict.fromkeys([*(rule.name for rule in policy.rule), *fired] if policy else fired)
    return tuple(
        RuleCount(
            rule=name,
            fired=fired[name][0] if name in fired else 0,
            last=fired[name][1] if name in fired else None,
            applied=made.get(name, (0, 0))[0],
            undone=made.get(name, (0, 0))[1],
        )
        for name in names
    )


def _weeks(store: Store, account: Account, target: Target, now: datetime) -> Sequence[Measured]:
    """Today, the week that ends today, and the week before that."""
    days = _days(store, account, target, now, 2 * _WEEK)
    spans = (slice(2 * _WEEK - 1, None), slice(_WEEK, None), slice(0, _WEEK))
    summed = Figures(*(np.array([column[span].sum() for span in spans]) for column in days))
    return measuring.measured(summed, account.money)


def _days(store: Store, account: Account, target: Target, now: datetime, count: int) -> Figures:
    """The last days of an account, today included, one row each."""
    since = now.date() - timedelta(days=count - 1)
    kept = sums.by_day(store, account.id, target.result, target.window, since)
    return measuring.by_day(kept, measuring.shares(target, since, now.date(), now), since)


def _objects(
    store: Store, account_id: str, polled: datetime
) -> tuple[Account, tuple[Campaign, ...], tuple[AdSet, ...]]:
    """The account's objects as the last poll saw them, with what adopt has changed in them since."""
    account, campaigns, ad_sets = polls.objects(store, account_id)
    since: dict[str, dict[str, object]] = {}
    for made in changes.made_since(store, account_id, polled):
        for field, after in zip(made.change.fields, made.change.afters, strict=True):
            since.setdefault(made.change.object.id, {})[field] = after
    moved = tuple(_moved(one, since.get(one.id), is_off=False) for one in campaigns)
    off = {one.id for one in moved if one.effective_status != "ACTIVE"}
    return account, moved, tuple(_moved(one, since.get(one.id), is_off=one.campaign_id in off) for one in ad_sets)


def _moved(one: C, fields: dict[str, object] | None, *, is_off: bool) -> C:
    """An object with other fields; its effective status follows its own and its campaign's."""
    if not fields:
        return one
    status = fields.get("status")
    shown = "CAMPAIGN_PAUSED" if status == "ACTIVE" and is_off else status or one.effective_status
    return replace(one, **{**fields, "effective_status": shown})


def _rows(
    store: Store,
    account: Account,
    target: Target,
    now: datetime,
    campaigns: Iterable[Campaign],
    ad_sets: Sequence[AdSet],
) -> tuple[AdSetRow, ...]:
    share = measuring.shares(target, now.date() - timedelta(days=_WEEK - 1), now.date(), now)
    kept = sums.by_ad_set(store, account.id, target.result, target.window, share)
    weeks = dict(zip(kept.keys, measuring.measured(measuring.figures(kept), account.money), strict=True))
    last, made = _last_pass(store, account.id), changes.last_made(store, account.id)
    parents = {campaign.id: campaign for campaign in campaigns}
    return tuple(
        _row(one, parents.get(one.campaign_id), weeks.get(one.id, _NOTHING), last, made, account.money)
        for one in ad_sets
    )


def _row(  # what a row is made of, one by one
    one: AdSet,
    parent: Campaign | None,
    week: Measured,
    last: _Pass,
    made: Mapping[str, Made],
    currency: Currency,
) -> AdSetRow:
    holder = one if budget_of(one) is not None else parent
    held = budget_of(holder) if holder else None
    said, latest = last.said.get(one.id), made.get(one.id)
    change = _proposed(last, one.id)
    return AdSetRow(
        id=one.id,
        name=one.name,
        campaign_id=one.campaign_id,
        campaign=parent.name if parent else "",
        status=one.status,
        effective_status=one.effective_status,
        learning=one.learning,
        budget=held,
        budget_field=budget_field(holder) if holder and held is not None else None,
        budget_of=None if held is None else "adset" if holder is one else "campaign",
        week=week,
        verdict=said.kind if said else None,
        reason=said.reason if said else "",
        rule=change.rule if change else None,
        next=_next(last, one.id, said),
        changed_at=latest.at if latest else None,
        changed=latest.change.show(currency) if latest else "",
    )


def _proposed(last: _Pass, id_: str) -> Change | None:
    """What the last pass would change in an object, whether or not a guardrail lets it."""
    refusal = last.refusals.get(id_)
    return last.changes.get(id_) or (refusal.change if refusal else None)


def _next(last: _Pass, id_: str, said: Said | None) -> str:
    """A few words: what was done, what waits, what holds it back, or what to wait for."""
    change, refusal, outcome = last.changes.get(id_), last.refusals.get(id_), last.outcomes.get(id_)
    if change and outcome:
        return _deed(change) if outcome.state in ("applied", "already") else f"{_deed(change)}: {outcome.state}"
    if change:
        return f"{_deed(change)}: {_WAITS.get(last.state, last.state)}"
    if refusal:
        return f"{_deed(refusal.change)}: held back by {refusal.guardrail}"
    return NEXT.get(said.reason, "") if said else ""


_WAITS = {"waiting": "waits for a yes", "approved": "comes", "shadow": "in shadow only", "applied": "not made"}


def _deed(change: Change) -> str:
    """`pause`, `start`, `+20 %`, `-80 %`."""
    if not change.is_budget:
        return "pause" if change.after == "PAUSED" else "start"
    before, after = int(change.before), int(change.after)
    return f"{(after - before) / before * 100:+.0f} %" if before else "budget"


def _last_pass(store: Store, account_id: str) -> _Pass:
    found = plans.last_said(store, account_id)
    if found is None:
        return _Pass({}, {}, {}, {}, "")
    plan, said = found
    return _Pass(
        _by_object(said, lambda one: one.object),
        _by_object(plan.changes, lambda one: one.object),
        _by_object(plan.refusals, lambda one: one.change.object),
        _by_object(changes.of_plan(store, plan.id), lambda one: one.change.object),
        plans.header(store, plan.id).state,
    )


def _by_object(many: Iterable[T], ref: Callable[[T], Ref]) -> dict[str, T]:
    return {ref(one).id: one for one in many}


def _mark(made: Made, currency: Currency) -> Mark:
    change = made.change
    kind = "budget" if change.is_budget else "pause" if change.after == "PAUSED" else "start"
    return Mark(
        at=made.at,
        id=made.id,
        kind=kind,  # type: ignore[arg-type] # one of the three
        by=made.by,
        object=change.object,
        text=change.show(currency),
    )


def _branch(level: Kind | str, one: AdSet | Campaign, below: tuple[Branch, ...]) -> Branch:
    held = budget_of(one)
    return Branch(
        object=Ref(level=level, id=one.id, name=one.name),  # type: ignore[arg-type] # campaign or adset
        status=one.status,
        effective_status=one.effective_status,
        budget=held,
        budget_field=None if held is None else budget_field(one),
        below=below,
    )


def _named(many: Iterable[T]) -> list[T]:
    return sorted(many, key=lambda one: (one.name.casefold(), one.id))  # type: ignore[attr-defined] # objects of Meta


def _target(policy: Policy | None, last: polls.PollHeader | None) -> Target:
    """Whose results count, and by which window; without a policy those of the last poll."""
    if policy:
        return policy.target
    return Target(cpa=Decimal(1), result=last.result if last else "purchase")


def _goal(account: Account | None, policy: Policy | None) -> Goal | None:
    if policy is None or account is None:
        return None
    target = policy.target
    price = None if target.cpa is None else account.money.parse(target.cpa)
    return Goal(
        metric="roas" if price is None else "cpa",
        value=float(target.roas or 0) if price is None else price,
        result=target.result,
        attribution=target.attribution,
    )


def _local(account: Account, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(account.timezone))
