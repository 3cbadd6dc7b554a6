"""Snapshot in, one verdict an object out: pause, throttle, hold, scale or revive, and why."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from math import inf, isnan
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from msgspec import Struct

from adopt.engine import delay
from adopt.engine.sentences import Speaker
from adopt.engine.snapshot import UNDATED, Integers, Snapshot, Totals, ad_set_refs, last_days, pooled, totals
from adopt.engine.wilson import BAD, GOOD, Judgement, judge_wilson
from adopt.model import AdSet, Campaign, Currency, Evidence, History, Kind, Money, Ref, Verdict
from adopt.policy import Decision, Policy, Target

State: TypeAlias = Literal["running", "paused by adopt", "paused by you", "parent paused", "unknown"]

_OVERCOUNTED = ("more results than clicks",)


class Standing(Struct, frozen=True, kw_only=True):
    """How an object stands when it is judged; an export may not say."""

    state: State = "unknown"
    budget: Money | None = None
    under_campaign_budget: bool = False
    can_pause: bool = True  # a campaign with a budget is scaled as a whole, its ad sets are paused one by one


class Brief(NamedTuple):
    """What the figures are held against."""

    target: Target
    decision: Decision
    currency: Currency
    clicks: str = "link clicks"  # what rates are formed over, in the words of the figures


def judge(snapshot: Snapshot, policy: Policy) -> tuple[Verdict, ...]:
    """A verdict for every ad set, then one for every campaign that holds a budget itself."""
    brief = Brief(policy.target, policy.decision, snapshot.account.money)
    curve = delay.slow(policy.target.window)
    before = policy.decision.window.days - 1
    days = snapshot.days.since(_lasts(snapshot) - before)
    campaigns, pool = pooled(snapshot)
    pool = pool.since(np.full(len(campaigns), snapshot.now.toordinal() - before))
    groups = [Ref(level="campaign", id=c.id, name=c.name) for c in campaigns]
    paused = frozenset(c.id for c in snapshot.campaigns if c.status == "PAUSED")
    return (
        *verdicts(
            totals(ad_set_refs(snapshot), days, snapshot.now, curve),
            [_standing(ad_set, snapshot.history(ad_set.id), paused) for ad_set in snapshot.ad_sets],
            brief,
        ),
        *verdicts(
            totals(groups, pool, snapshot.now, curve),
            [_campaign_standing(campaign) for campaign in campaigns],
            brief,
        ),
    )


def _lasts(snapshot: Snapshot) -> Integers:
    """The last day that is judged of each ad set: what we paused is not better because its bad days grow old."""
    days, count = snapshot.days, len(snapshot.ad_sets)
    spent = last_days(days.only(days.spend > 0), count)
    ours = np.fromiter(map(snapshot.is_ours, snapshot.ad_sets), dtype=np.bool_, count=count)
    return np.where(ours & (spent != UNDATED), spent, snapshot.now.toordinal())


def verdicts(sums: Totals, standings: Sequence[Standing], brief: Brief) -> tuple[Verdict, ...]:
    """A verdict for each row of the totals, in their order."""
    judged = judge_wilson(sums, brief.target, brief.decision, brief.currency)
    evidences = _evidences(sums, judged, brief)
    gains = (np.rint(judged.worth) - np.rint(sums.spend)).astype(np.int64).tolist()
    conclusions = map(_conclude, standings, *_leanings(sums, judged))
    say = Speaker(brief.target, brief.currency, brief.clicks).say
    return tuple(
        Verdict(
            object=ref,
            kind=kind,
            reason=reason,
            sentence=say(reason, evidence),
            stake=_stake(kind, gain),
            evidence=evidence,
            status=stands.state,
            budget=stands.budget,
        )
        for ref, stands, evidence, gain, (kind, reason) in zip(
            sums.refs, standings, evidences, gains, conclusions, strict=True
        )
    )


def _standing(ad_set: AdSet, history: History, paused: AbstractSet[str]) -> Standing:
    """How an ad set stands, among campaigns of which some are paused: running, or held back by whom."""
    budget = ad_set.daily_budget if ad_set.daily_budget is not None else ad_set.lifetime_budget
    return Standing(state=_state(ad_set, history, paused), budget=budget, under_campaign_budget=budget is None)


def _campaign_standing(campaign: Campaign) -> Standing:
    """How a campaign stands, with the budget its ad sets share."""
    budget = campaign.daily_budget if campaign.daily_budget is not None else campaign.lifetime_budget
    state: State = "paused by you" if campaign.status == "PAUSED" else "running"
    return Standing(state=state, budget=budget, can_pause=False)


def _state(ad_set: AdSet, history: History, paused: AbstractSet[str]) -> State:
    if ad_set.status == "PAUSED" and history.paused_by != "adopt":
        return "paused by you"
    if ad_set.campaign_id in paused or ad_set.effective_status == "CAMPAIGN_PAUSED":
        return "parent paused"
    return "paused by adopt" if ad_set.status == "PAUSED" else "running"


def _conclude(stands: Standing, unjudged: str, leaning: str, comeback: bool) -> tuple[Kind, str]:  # noqa: FBT001
    """The verdict and its reason: what cannot be judged first, then what stands still, then what runs."""
    if unjudged:
        return "hold", unjudged
    if stands.state in ("paused by adopt", "paused by you"):
        return ("revive", "comeback") if comeback else ("hold", "stays_paused")
    if stands.state == "parent paused":
        return "hold", "parent_paused"
    if leaning == "misses_target":
        return ("pause", leaning) if stands.can_pause else ("hold", "bad_campaign")
    if leaning == "beats_target":
        return ("hold", "good_in_campaign") if stands.under_campaign_budget else ("scale", leaning)
    return "hold", leaning


def _leanings(sums: Totals, judged: Judgement) -> tuple[list[str], list[str], list[bool]]:
    """By row: why no judgement can be formed, if none can; what the figures say; whether it has come back."""
    unjudged = np.select(
        [sums.spend <= 0, sums.clicks <= 0, judged.unpriced, judged.overcounted, ~judged.enough],
        ["no_spend", "no_clicks", "unpriced", "overcounted", "too_little"],
        "",
    )
    leaning = np.select(
        [judged.state == BAD, judged.state == GOOD],
        ["misses_target", "beats_target"],
        "unsure",
    )
    return unjudged.tolist(), leaning.tolist(), judged.comeback.tolist()


def _stake(kind: Kind, gain: Money) -> Money:
    """The money a verdict is about: lost by a loser, won by a winner, either way for what is held."""
    if kind in ("pause", "throttle"):
        return max(-gain, 0)
    return abs(gain) if kind == "hold" else max(gain, 0)


def _evidences(sums: Totals, judged: Judgement, brief: Brief) -> Iterator[Evidence]:
    """The figures of each row as plain numbers."""
    metric: Literal["cpa", "roas"] = "cpa" if brief.target.cpa is not None else "roas"
    columns = (
        *(sums.since, sums.until),
        *(np.rint(c).astype(np.int64) for c in (sums.spend, sums.impressions, sums.clicks, sums.matured_clicks)),
        *(sums.results, sums.revenue, judged.low, judged.high),
        *(np.rint(c).astype(np.int64) for c in (judged.spend_needed, judged.clicks_needed)),
        judged.overcounted,
    )
    for since, until, spend, impressions, clicks, matured, results, revenue, low, high, money, more, over in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        known = None if isnan(revenue) else round(revenue)
        yield Evidence(
            method=brief.decision.method,
            metric=metric,
            since=date.fromordinal(since) if since else None,
            until=date.fromordinal(until) if until else None,
            spend=spend,
            impressions=impressions,
            clicks=clicks,
            matured_clicks=matured,
            results=int(results) if results.is_integer() else results,
            revenue=known,
            cpa=round(spend / results) if results > 0 else None,
            roas=known / spend if known is not None and spend > 0 else None,
            low=low,
            high=None if high == inf else high,
            confidence=brief.decision.confidence,
            spend_needed=money or None,
            clicks_needed=more or None,
            flags=_OVERCOUNTED if over else (),
        )
