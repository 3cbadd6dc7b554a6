"""The guarded Wilson method: a classical interval of the conversion rate, for one look a day.

Newer clicks may still convert, so the interval covers both readings: its upper
end counts matured clicks only, its lower end all of them, as if the newer ones
brought nothing more. An ad set is bad when even the upper end misses the target,
good when even the lower end beats it.
"""

import numpy as np

from adopt.engine.judgement import BAD, GOOD, UNSURE, Judgement
from adopt.engine.snapshot import Totals
from adopt.engine.statistics import Floats, wilson_interval
from adopt.model import Currency
from adopt.policy import Decision, Target

_DUST = 1e-6  # of a minor unit: what arithmetic in floats leaves over


def judge_wilson(totals: Totals, target: Target, decision: Decision, currency: Currency) -> Judgement:
    """The judgement of each object by its cost per click and the Wilson interval of its conversion rate."""
    results = np.maximum(totals.results, 0.0)
    clicks = np.maximum(totals.clicks, 0.0)
    matured = np.clip(np.rint(totals.matured_clicks), 0.0, clicks)
    value, price, usual = _values(totals, results, target, currency)
    cpc = _ratio(totals.spend, clicks)
    rate_low, _ = wilson_interval(results, clicks, decision.confidence)
    _, rate_high = wilson_interval(results, matured, decision.confidence)

    unpriced = np.isnan(price)
    overcounted = results > clicks
    clicks_needed = np.maximum(decision.min_clicks - matured, 0.0)
    spend_needed = np.nan_to_num(np.maximum(np.ceil(decision.min_spend * usual - totals.spend - _DUST), 0.0))
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
        worth=_worth(totals, results, target, price),
        comeback=comeback.take,
        enough=enough,
        clicks_needed=clicks_needed,
        spend_needed=spend_needed,
        overcounted=overcounted,
        unpriced=unpriced,
    )


def _values(totals: Totals, results: Floats, target: Target, currency: Currency) -> tuple[Floats, Floats, Floats]:
    """The revenue of one result, the price at which it exactly meets the target, and the price usual in the account.

    NaN where unknown: a result without revenue says that no values are sent, not that it is worth nothing.
    """
    if target.cpa is not None:
        price = np.full(results.shape, float(target.cpa * currency.offset))
        return price, price, price
    revenue = np.where(totals.revenue > 0, totals.revenue, np.nan)
    priced = ~np.isnan(revenue) & (results > 0)
    account = _ratio(revenue[priced].sum(keepdims=True), results[priced].sum(keepdims=True))
    own = _ratio(revenue, results)
    value = np.where((results > 0) | (totals.revenue > 0), own, account)
    roas = float(target.roas or 1)
    return value, value / roas, np.broadcast_to(account / roas, value.shape)


def _interval(target: Target, cpc: Floats, low: Floats, high: Floats, value: Floats) -> tuple[Floats, Floats]:
    """The interval of the conversion rate as one of CPA, or of ROAS."""
    if target.cpa is not None:
        return _ratio(cpc, high), np.where(low > 0, _ratio(cpc, low), np.inf)
    return _ratio(low * value, cpc), _ratio(high * value, cpc)


def _worth(totals: Totals, results: Floats, target: Target, price: Floats) -> Floats:
    if target.cpa is not None:
        return results * price
    return np.nan_to_num(np.maximum(totals.revenue, 0.0)) / float(target.roas or 1)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Elementwise quotient, NaN where the divisor is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)
