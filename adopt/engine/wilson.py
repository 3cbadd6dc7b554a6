"""The guarded Wilson method: a classical interval of the conversion rate, for one look a day.

Newer clicks may still convert, so the interval covers both readings: its upper
end counts matured clicks only, its lower end all of them, as if the newer ones
brought nothing more. An ad set is bad when even the upper end misses the target,
good when even the lower end beats it.
"""

import numpy as np

from adopt.engine.judgement import BAD, GOOD, UNSURE, Judgement
from adopt.engine.prices import missing_spend, ratio, values, worth
from adopt.engine.snapshot import Totals
from adopt.engine.statistics import Floats, wilson_interval
from adopt.model import Currency
from adopt.policy import Decision, Target


def judge_wilson(totals: Totals, target: Target, decision: Decision, currency: Currency) -> Judgement:
    """The judgement of each object by its cost per click and the Wilson interval of its conversion rate."""
    results = np.maximum(totals.results, 0.0)
    clicks = np.maximum(totals.clicks, 0.0)
    matured = np.clip(np.rint(totals.matured_clicks), 0.0, clicks)
    value, price, usual = values(totals, results, target, currency)
    cpc = ratio(totals.spend, clicks)
    rate_low, _ = wilson_interval(results, clicks, decision.confidence)
    _, rate_high = wilson_interval(results, matured, decision.confidence)

    unpriced = np.isnan(price)
    overcounted = results > clicks
    clicks_needed = np.maximum(decision.min_clicks - matured, 0.0)
    spend_needed = missing_spend(totals, decision, usual)
    enough = (clicks_needed == 0) & (spend_needed == 0) & (clicks > 0) & ~unpriced
    judged = enough & ~overcounted
    with np.errstate(invalid="ignore", divide="ignore"):
        bad = judged & (cpc > rate_high * price)
        good = judged & (cpc < rate_low * price)
        comeback = judged & (totals.spend * matured <= results * price * clicks)
    low, high = _interval(target, cpc, rate_low, rate_high, value)
    blank = overcounted | (clicks == 0) | unpriced | (totals.spend <= 0)
    return Judgement(
        totals=totals,
        state=np.where(bad, BAD, np.where(good, GOOD, UNSURE)).astype(np.int8),
        low=np.where(blank, 0.0, low).take,
        high=np.where(blank, np.inf, high).take,
        worth=worth(totals, results, target, price),
        comeback=comeback.take,
        enough=enough,
        clicks_needed=clicks_needed,
        spend_needed=spend_needed,
        overcounted=overcounted,
        unpriced=unpriced,
    )


def _interval(target: Target, cpc: Floats, low: Floats, high: Floats, value: Floats) -> tuple[Floats, Floats]:
    """The interval of the conversion rate as one of CPA, or of ROAS."""
    if target.cpa is not None:
        return ratio(cpc, high), np.where(low > 0, ratio(cpc, low), np.inf)
    return ratio(low * value, cpc), ratio(high * value, cpc)
