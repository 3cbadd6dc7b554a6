"""Hold changes that were not made against what really came: who did the same, what was spent, what it brought."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import numpy as np
from msgspec.structs import replace

from adopt.engine.hindsight import Grown, Question, first_pauses, later, support, tally
from adopt.engine.snapshot import Snapshot
from adopt.model import Change, Done, Evidence, Hindsight, Later, Plan, Remark, WouldBe
from adopt.operations import watching
from adopt.policy import Policy
from adopt.store import history, polls
from adopt.store.database import Store
from adopt.store.history import Setting

WEEK = timedelta(days=7)  # in which somebody else may have done the same


class Case(NamedTuple):
    """A change that was not made, when it would have been, and on what evidence."""

    at: datetime
    plan: str
    change: Change
    evidence: Evidence | None
    counterfactual: bool
    backfilled: bool = False


class End(NamedTuple):
    """All that is known by the last poll."""

    snapshot: Snapshot
    grown: Grown
    settings: Mapping[str, Sequence[Setting]]
    members: Mapping[str, Sequence[str]]  # the ad sets of each campaign


def end_of(store: Store, header: polls.PollHeader, policy: Policy) -> End:
    """The account as its last poll left it."""
    seen = watching.taught_then(store, header, policy)
    members: defaultdict[str, list[str]] = defaultdict(list)
    for ad_set in seen.ad_sets:
        members[ad_set.campaign_id].append(ad_set.id)
    given: defaultdict[str, list[Setting]] = defaultdict(list)
    for setting in history.settings(store, header.account, header.as_of):
        given[setting.object].append(setting)
    return End(seen, _grown(store, header, policy), given, members)


def examine(cases: Sequence[Case], end: End, policy: Policy) -> tuple[WouldBe, ...]:
    """Each change beside what was done and what came after it."""
    asked = [Question(_ad_sets(case.change, end), case.at) for case in cases]
    answers = later(asked, end.grown, end.snapshot, policy.target)
    return tuple(_held_against(case, answer, end) for case, answer in zip(cases, answers, strict=True))


class Told(NamedTuple):
    """A pass that has been replayed, or was made in shadow: its plan, without verdicts, and its changes."""

    plan: Plan
    cases: Sequence[Case]
    backfilled: bool = False


def hindsight(  # what it is made of, one by one
    kind: Literal["backtest", "shadow"],
    told: Sequence[Told],
    end: End,
    policy: Policy,
    known: Sequence[polls.PollHeader],
    notes: tuple[str, ...],
) -> Hindsight:
    """What the passes would have done, together, by what came after; `known` are all polls, oldest first."""
    account, plans = end.snapshot.account, [one.plan for one in told]
    changes = examine([case for one in told for case in one.cases], end, policy)
    first, last = (plans[0].made_at, plans[-1].made_at) if plans else (None, None)
    lasted = (last - first) / timedelta(days=1) if first and last else 0.0
    rules = dict.fromkeys(one.change.rule for one in changes)
    return Hindsight(
        kind=kind,
        account=account.id,
        currency=account.currency,
        timezone=account.timezone,
        target=policy.target.show(account.money),
        attribution=policy.target.attribution,
        method=policy.decision.method,
        since=first,
        until=last,
        passes=len(told),
        backfilled=sum(one.backfilled for one in told),
        first_poll=known[0].as_of,
        known_until=known[-1].as_of,
        changes=changes,
        refused=dict(Counter(refusal.guardrail for plan in plans for refusal in plan.refusals).most_common()),
        changes_a_day=len(changes) / max(lasted, 1.0) if plans else None,
        pauses=tally("pauses", first_pauses(changes)),
        rules=tuple(tally(rule, [one for one in changes if one.change.rule == rule]) for rule in rules),
        remarks=_remarks(plans),
        notes=notes,
    )


def _remarks(plans: Iterable[Plan]) -> tuple[Remark, ...]:
    """What passes had to say, as often as it changed."""
    said: list[Remark] = []
    standing: frozenset[str] = frozenset()
    for plan in plans:
        said += [Remark(at=plan.made_at, text=note) for note in plan.notes if note not in standing]
        standing = frozenset(plan.notes)
    return tuple(said)


def told(plan: Plan, parted: Collection[str], *, backfilled: bool = False) -> Told:
    """A plan with the evidence its changes stand on; `parted` are the objects that would have been changed before."""
    wanted = {change.object.id for change in plan.changes}
    seen = {v.object.id: v.evidence for v in plan.verdicts if v.object.id in wanted} if wanted else {}
    cases = [
        Case(plan.made_at, plan.id, change, seen.get(change.object.id), change.object.id in parted, backfilled)
        for change in plan.changes
    ]
    return Told(replace(plan, verdicts=()), cases, backfilled)


def _held_against(case: Case, answer: Later, end: End) -> WouldBe:
    change = case.change
    done = [
        setting
        for setting in end.settings.get(change.object.id, ())
        if setting.is_budget == change.is_budget and case.at <= setting.at <= case.at + WEEK
    ]
    return WouldBe(
        at=case.at,
        plan=case.plan,
        change=change,
        evidence=case.evidence,
        counterfactual=case.counterfactual,
        backfilled=case.backfilled,
        done=tuple(Done(at=one.at, before=one.before, after=one.after, by=one.by) for one in done),
        by_person=any(one.by == "person" and _is_same(change, one) for one in done),
        later=answer,
        support=support(change, answer),
    )


def _is_same(change: Change, setting: Setting) -> bool:
    """Whether a setting went the way of a change."""
    if not change.is_budget:
        return setting.after == change.after
    if not (isinstance(setting.before, int) and isinstance(setting.after, int)):
        return False
    return (setting.after > setting.before) == (int(change.after) > int(change.before))


def _ad_sets(change: Change, end: End) -> Sequence[str]:
    return (change.object.id,) if change.object.level == "adset" else end.members.get(change.object.id, ())


def _grown(store: Store, header: polls.PollHeader, policy: Policy) -> Grown:
    """Every increment of every day, sorted by ad set."""
    target = policy.target
    kept = polls.exposures(store, header.account, target.result, target.window, date.min, header.id)
    owner = np.asarray(kept.ad_set, dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    edges = np.searchsorted(owner[order], np.arange(len(kept.ad_sets) + 1)).tolist()
    at = np.asarray(kept.at, dtype=np.float64)[order]
    columns = (np.asarray(getattr(kept, n), dtype=np.float64)[order] for n in ("spend", "clicks", "results", "revenue"))
    return Grown(
        {id_: slice(edges[n], edges[n + 1]) for n, id_ in enumerate(kept.ad_sets)},
        np.maximum(header.as_of.timestamp() - at, 0.0) / 3600,
        np.asarray(kept.day, dtype=np.int64)[order],
        *columns,
    )
