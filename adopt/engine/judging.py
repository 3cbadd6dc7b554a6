"""Snapshot in, one verdict an object out: pause, throttle, hold, scale or revive, and why."""

import numpy as np

from adopt.engine import delay
from adopt.engine.judgement import BAD, GOOD, Bools, Brief, Judgement, Ledger
from adopt.engine.ledgers import ledgers
from adopt.engine.probing import LEAST_DUE, probes
from adopt.engine.proof import judge_evidence
from adopt.engine.snapshot import Integers, Snapshot, totals
from adopt.engine.standing import PARENT, PAUSED, Standings, ad_sets_stand, campaigns_stand
from adopt.engine.threshold import judge_threshold
from adopt.engine.throttle import DOUBTED, RESTORED
from adopt.engine.verdicts import Part, Verdicts, coded, stakes
from adopt.engine.wilson import judge_wilson
from adopt.policy import Policy

_NAMES = {
    "wilson": ("misses_target", "beats_target", "unsure"),
    "threshold": ("past_threshold", "within_threshold", "between"),
}


def judge(snapshot: Snapshot, policy: Policy) -> Verdicts:
    """A verdict for every ad set, then one for every campaign that holds a budget itself."""
    brief = Brief(policy.target, policy.decision, snapshot.account.money)
    throttles = policy.rules_using("throttle", "revive")
    own, pooled = ledgers(snapshot, policy)
    return Verdicts(
        verdicts(weigh(own, snapshot, policy), ad_sets_stand(snapshot, throttles, probes(snapshot, policy)), brief),
        verdicts(weigh(pooled, snapshot, policy), campaigns_stand(snapshot, throttles), brief),
    )


def weigh(ledger: Ledger, snapshot: Snapshot, policy: Policy) -> Judgement:
    """What the policy's method makes of a ledger."""
    target, decision, currency = policy.target, policy.decision, snapshot.account.money
    curve = snapshot.curve or delay.slow(target.window)
    if decision.compares_totals:
        plain = judge_wilson if decision.method == "wilson" else judge_threshold
        return plain(totals(ledger.refs, ledger.days, snapshot.now, curve), target, decision, currency)
    return judge_evidence(ledger, target, decision, currency, curve, snapshot.now)


def verdicts(judged: Judgement, stand: Standings, brief: Brief) -> Part:
    """The verdict of each row of a judgement, in its order."""
    reasons = _conclude(judged, stand, brief.decision.method)
    return Part(judged, stand, brief, reasons, stakes(reasons, judged))


def _conclude(judged: Judgement, stand: Standings, method: str) -> Integers:
    """The reason of each verdict: what cannot be judged first, then what stands still, then what runs."""
    sums, believed, state = judged.totals, judged.belief, stand.states
    worse, better, between = _NAMES.get(method, ("proven_bad", "proven_good", "open"))
    bad, good = judged.state == BAD, judged.state == GOOD
    held = stand.under_campaign_budget
    doubted, likely = (None, None) if believed is None else (believed.p_good < DOUBTED, believed.p_good > RESTORED)
    young = None if believed is None else stand.on_trial & (believed.due < LEAST_DUE)
    back = _come_back(judged, PAUSED[state])
    cases = (
        ("probe", stand.may_be_tried & ~back),
        ("no_spend", sums.spend <= 0),
        ("no_clicks", (sums.clicks <= 0) if method == "wilson" else None),
        ("unpriced", judged.unpriced),
        ("overcounted", judged.overcounted),
        ("too_little" if believed is None else "unripe", ~judged.enough),
        ("comeback", back),
        ("stays_paused", PAUSED[state]),
        ("parent_paused", state == PARENT),
        (worse, bad if stand.can_pause else None),
        ("bad_campaign", bad),
        ("good_in_campaign", good & held),
        (better, good),
        ("on_trial", young),
        ("doubted", doubted & ~held if doubted is not None else None),
        ("restored", likely & ~held & stand.throttled if likely is not None else None),
    )
    return coded(cases, between, len(sums.refs))


def _come_back(judged: Judgement, paused: Bools) -> Bools:
    """Which of the paused rows meet the target again."""
    rows = np.flatnonzero(paused)
    found = np.zeros(paused.size, dtype=np.bool_)
    found[rows] = judged.comeback(rows)
    return found
