"""The plain threshold that buyers know: after a least spend, CPA or ROAS against the target; it promises nothing."""

import numpy as np

from adopt.engine.judgement import BAD, GOOD, UNSURE, Judgement
from adopt.engine.prices import missing_spend, ratio, values, worth
from adopt.engine.snapshot import Totals
from adopt.model import Currency
from adopt.policy import Decision, Target


def judge_threshold(totals: Totals, target: Target, decision: Decision, currency: Currency) -> Judgement:
    """The judgement of each object by what a result cost beside what it may cost, both as the totals say."""
    results = np.maximum(totals.results, 0.0)
    _, price, usual = values(totals, results, target, currency)
    unpriced = np.isnan(price)
    spend_needed = missing_spend(totals, decision, usual)
    enough = (spend_needed == 0) & (totals.spend > 0) & ~unpriced
    with np.errstate(invalid="ignore"):
        times = ratio(totals.spend, results * price)  # of the target CPA, or the target over the ROAS
        times = np.where((results > 0) | unpriced, times, np.inf)
        bad, good = enough & (times > decision.worse_than), enough & (times < decision.better_than)
        comeback = enough & (times <= 1)
    count = len(totals.refs)
    return Judgement(
        totals=totals,
        state=np.where(bad, BAD, np.where(good, GOOD, UNSURE)).astype(np.int8),
        low=np.zeros(count).take,
        high=np.full(count, np.inf).take,
        worth=worth(totals, results, target, price),
        comeback=comeback.take,
        enough=enough,
        clicks_needed=np.zeros(count),
        spend_needed=spend_needed,
        overcounted=np.zeros(count, dtype=np.bool_),
        unpriced=unpriced,
    )
