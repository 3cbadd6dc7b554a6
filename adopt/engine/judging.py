"""Snapshot in, one verdict an object out: pause, throttle, hold, scale or revive, and why."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from msgspec import Struct

from adopt.engine import delay
from adopt.engine.sentences import say
from adopt.engine.snapshot import Snapshot, Totals, ad_set_refs, pooled, totals
from adopt.engine.wilson import BAD, GOOD, Judgement, judge_wilson
from adopt.model import AdSet, Campaign, Currency, Evidence, Kind, Money, Ref, Verdict
from adopt.policy import Decision, Policy, Target

State: TypeAlias = Literal["running", "paused by adopt", "paused by you", "parent paused", "unknown"]


class Standing(Struct, frozen=True, kw_only=True):
    """How an object stands when it is judged; an export may not say."""

    state: State = "unknown"
    budget: Money | None = None
    under_campaign_budget: bool = False


class Brief(NamedTuple):
    """What the figures are held against."""

    target: Target
    decision: Decision
    currency: Currency


def judge(snapshot: Snapshot, policy: Policy) -> tuple[Verdict, ...]:
    """A verdict for every ad set, then one for every campaign that holds a budget itself."""
    brief = Brief(policy.target, policy.decision, snapshot.account.money)
    curve = delay.slow(policy.target.window)
    first = snapshot.now.toordinal() - policy.decision.window.days + 1
    campaigns, pool = pooled(snapshot)
    groups = [Ref(level="campaign", id=c.id, name=c.name) for c in campaigns]
    return (
        *verdicts(
            totals(ad_set_refs(snapshot), snapshot.days.since(first), snapshot.now, curve),
            [standing(snapshot, ad_set) for ad_set in snapshot.ad_sets],
            brief,
        ),
        *verdicts(
            totals(groups, pool.since(first), snapshot.now, curve),
            [campaign_standing(campaign) for campaign in campaigns],
            brief,
        ),
    )


def verdicts(sums: Totals, standings: Sequence[Standing], brief: Brief) -> tuple[Verdict, ...]:
    """A verdict for each row of the totals, in their order."""
    judged = judge_wilson(sums, *brief)
    return tuple(_verdict(i, sums, judged, standings[i], brief) for i in range(len(sums.refs)))


def standing(snapshot: Snapshot, ad_set: AdSet) -> Standing:
    """How an ad set stands: running, or held back by whom."""
    budget = ad_set.daily_budget if ad_set.daily_budget is not None else ad_set.lifetime_budget
    return Standing(state=_state(snapshot, ad_set), budget=budget, under_campaign_budget=budget is None)


def campaign_standing(campaign: Campaign) -> Standing:
    """How a campaign stands, with the budget its ad sets share."""
    budget = campaign.daily_budget if campaign.daily_budget is not None else campaign.lifetime_budget
    return Standing(state="paused by you" if campaign.status == "PAUSED" else "running", budget=budget)


def _state(snapshot: Snapshot, ad_set: AdSet) -> State:
    if ad_set.status == "PAUSED":
        return "paused by adopt" if snapshot.history(ad_set.id).paused_by == "adopt" else "paused by you"
    return "parent paused" if ad_set.effective_status == "CAMPAIGN_PAUSED" else "running"


def _verdict(i: int, sums: Totals, judged: Judgement, stands: Standing, brief: Brief) -> Verdict:
    ref = sums.refs[i]
    kind, reason = _conclude(i, sums, judged, stands)
    evidence = _evidence(i, sums, judged, brief)
    return Verdict(
        object=ref,
        kind=kind,
        reason=reason,
        sentence=say(reason, evidence, brief.target, brief.currency),
        stake=_stake(kind, round(float(judged.worth[i])) - evidence.spend),
        evidence=evidence,
        status=stands.state,
        budget=stands.budget,
    )


def _conclude(i: int, sums: Totals, judged: Judgement, stands: Standing) -> tuple[Kind, str]:
    """The verdict and its reason: what cannot be judged first, then what stands still, then what runs."""
    if unjudged := _unjudged(i, sums, judged):
        return "hold", unjudged
    if stands.state in ("paused by adopt", "paused by you"):
        return ("revive", "comeback") if judged.comeback[i] else ("hold", "stays_paused")
    if stands.state == "parent paused":
        return "hold", "parent_paused"
    if judged.state[i] == BAD:
        return ("hold", "bad_campaign") if sums.refs[i].level == "campaign" else ("pause", "misses_target")
    if judged.state[i] == GOOD:
        return ("hold", "good_in_campaign") if stands.under_campaign_budget else ("scale", "beats_target")
    return "hold", "unripe" if judged.unripe[i] else "unsure"


def _unjudged(i: int, sums: Totals, judged: Judgement) -> str | None:
    """Why no judgement can be formed, if none can."""
    if sums.spend[i] <= 0:
        return "no_spend"
    if sums.clicks[i] <= 0:
        return "no_clicks"
    if judged.unpriced[i]:
        return "unpriced"
    if judged.overcounted[i]:
        return "overcounted"
    return None if judged.enough[i] else "too_little"


def _stake(kind: Kind, gain: Money) -> Money:
    """The money a verdict is about: lost by a loser, won by a winner, either way for what is held."""
    if kind in ("pause", "throttle"):
        return max(-gain, 0)
    return abs(gain) if kind == "hold" else max(gain, 0)


def _evidence(i: int, sums: Totals, judged: Judgement, brief: Brief) -> Evidence:
    spend, clicks = round(float(sums.spend[i])), round(float(sums.clicks[i]))
    results = _count(float(sums.results[i]))
    revenue = None if sums.revenue[i] != sums.revenue[i] else round(float(sums.revenue[i]))  # NaN is not itself
    return Evidence(
        method=brief.decision.method,
        metric="cpa" if brief.target.cpa is not None else "roas",
        since=sums.since,
        until=sums.until,
        spend=spend,
        impressions=round(float(sums.impressions[i])),
        clicks=clicks,
        matured_clicks=round(float(sums.matured_clicks[i])),
        results=results,
        revenue=revenue,
        cpa=round(spend / results) if results > 0 else None,
        roas=revenue / spend if revenue is not None and spend > 0 else None,
        low=float(judged.low[i]),
        high=None if judged.high[i] == float("inf") else float(judged.high[i]),
        confidence=brief.decision.confidence,
        spend_needed=round(float(judged.spend_needed[i])) or None,
        clicks_needed=round(float(judged.clicks_needed[i])) or None,
        flags=("more results than clicks",) if judged.overcounted[i] else (),
    )


def _count(value: float) -> int | float:
    return int(value) if value.is_integer() else value
