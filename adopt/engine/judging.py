"""Snapshot in, one verdict an object out: pause, throttle, hold, scale or revive, and why."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Literal, TypeAlias

import numpy as np
from msgspec import Struct

from adopt.engine import delay
from adopt.engine.figures import figures
from adopt.engine.judgement import BAD, GOOD, Brief, Judgement, Ledger
from adopt.engine.ledgers import ledgers
from adopt.engine.proof import DOUBTED, RESTORED, judge_evidence
from adopt.engine.sentences import Speaker
from adopt.engine.snapshot import Snapshot, budgeted, totals
from adopt.engine.wilson import judge_wilson
from adopt.model import AdSet, Campaign, History, Kind, Money, Verdict, budget_of
from adopt.policy import Policy

State: TypeAlias = Literal["running", "paused by adopt", "paused by you", "parent paused", "unknown"]


class Standing(Struct, frozen=True, kw_only=True):
    """How an object stands when it is judged; an export may not say."""

    state: State = "unknown"
    budget: Money | None = None
    base: Money | None = None  # the last budget a person set
    throttled: bool = False  # its budget was last set by the throttle
    under_campaign_budget: bool = False
    can_pause: bool = True  # a campaign with a budget is scaled as a whole, its ad sets are paused one by one

    @property
    def is_throttled(self) -> bool:
        """Whether the throttle took of its budget what a person had set."""
        return self.throttled and self.budget is not None and self.base is not None and self.budget < self.base


def judge(snapshot: Snapshot, policy: Policy) -> tuple[Verdict, ...]:
    """A verdict for every ad set, then one for every campaign that holds a budget itself."""
    brief = Brief(policy.target, policy.decision, snapshot.account.money)
    campaigns = budgeted(snapshot)
    paused = frozenset(c.id for c in snapshot.campaigns if c.status == "PAUSED")
    throttles = {rule.name for rule in policy.rule if rule.use == "throttle"}
    ad_sets = [_standing(ad_set, snapshot.history(ad_set.id), paused, throttles) for ad_set in snapshot.ad_sets]
    held = [_campaign_standing(campaign, snapshot.history(campaign.id), throttles) for campaign in campaigns]
    return tuple(
        verdict
        for ledger, standings in zip(ledgers(snapshot, policy), (ad_sets, held), strict=True)
        for verdict in verdicts(weigh(ledger, snapshot, policy), standings, brief)
    )


def weigh(ledger: Ledger, snapshot: Snapshot, policy: Policy) -> Judgement:
    """What the policy's method makes of a ledger."""
    target, decision, currency = policy.target, policy.decision, snapshot.account.money
    curve = snapshot.curve or delay.slow(target.window)
    if decision.method == "wilson":
        return judge_wilson(totals(ledger.refs, ledger.days, snapshot.now, curve), target, decision, currency)
    return judge_evidence(ledger, target, decision, currency, curve, snapshot.now)


def verdicts(judged: Judgement, standings: Sequence[Standing], brief: Brief) -> tuple[Verdict, ...]:
    """A verdict for each row of a judgement, in its order."""
    sums = judged.totals
    gains = (np.rint(judged.worth) - np.rint(sums.spend)).astype(np.int64).tolist()
    conclusions = map(_conclude, standings, *_leanings(judged))
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
            sums.refs, standings, figures(judged, brief), gains, conclusions, strict=True
        )
    )


def _standing(ad_set: AdSet, history: History, paused: AbstractSet[str], throttles: AbstractSet[str]) -> Standing:
    """How an ad set stands, among campaigns of which some are paused: running, or held back by whom."""
    budget = budget_of(ad_set)
    return Standing(
        state=_state(ad_set, history, paused),
        budget=budget,
        base=history.base,
        throttled=(history.budget_rule or "") in throttles,
        under_campaign_budget=budget is None,
    )


def _campaign_standing(campaign: Campaign, history: History, throttles: AbstractSet[str]) -> Standing:
    """How a campaign stands, with the budget its ad sets share."""
    return Standing(
        state="paused by you" if campaign.status == "PAUSED" else "running",
        budget=budget_of(campaign),
        base=history.base,
        throttled=(history.budget_rule or "") in throttles,
        can_pause=False,
    )


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
    return _running(stands, leaning)


def _running(stands: Standing, leaning: str) -> tuple[Kind, str]:
    if leaning in ("misses_target", "proven_bad"):
        return ("pause", leaning) if stands.can_pause else ("hold", "bad_campaign")
    if stands.under_campaign_budget and leaning in ("beats_target", "proven_good"):
        return "hold", "good_in_campaign"
    if stands.under_campaign_budget or leaning in ("unsure", "open"):
        return "hold", "open" if leaning in ("doubted", "likely") else leaning
    if leaning == "doubted":
        return "throttle", leaning
    if leaning == "likely":  # good enough to have its budget back, if it was taken
        return ("scale", "restored") if stands.is_throttled else ("hold", "open")
    return "scale", leaning


def _leanings(judged: Judgement) -> tuple[list[str], list[str], list[bool]]:
    """By row: why no judgement can be formed, if none can; what the figures say; whether it has come back."""
    sums, believed = judged.totals, judged.belief
    clickless = (sums.clicks <= 0) if believed is None else np.zeros(len(sums.refs), dtype=np.bool_)
    unjudged = np.select(
        [sums.spend <= 0, clickless, judged.unpriced, judged.overcounted, ~judged.enough],
        ["no_spend", "no_clicks", "unpriced", "overcounted", "too_little" if believed is None else "unripe"],
        "",
    )
    if believed is None:
        leaning = np.select([judged.state == BAD, judged.state == GOOD], ["misses_target", "beats_target"], "unsure")
    else:
        doubted, likely = believed.p_good < DOUBTED, believed.p_good > RESTORED
        leaning = np.select(
            [judged.state == BAD, judged.state == GOOD, doubted, likely],
            ["proven_bad", "proven_good", "doubted", "likely"],
            "open",
        )
    return unjudged.tolist(), leaning.tolist(), judged.comeback.tolist()


def _stake(kind: Kind, gain: Money) -> Money:
    """The money a verdict is about: lost by a loser, won by a winner, either way for what is held."""
    if kind in ("pause", "throttle"):
        return max(-gain, 0)
    return abs(gain) if kind == "hold" else max(gain, 0)
