"""The evidence method: pause on proof, throttle on belief.

Results arrive as a Poisson process whose compensator is the matured spend, so the
gamma-Poisson mixture e-process may be looked at any time: an ad set that meets
its target reaches 1/alpha with a chance of at most alpha, however often we look
(`statistics.md` 2.1-2.6).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np

from adopt.engine import belief as beliefs
from adopt.engine import evidence
from adopt.engine.delay import Bound, DelayCurve, matured_spend
from adopt.engine.judgement import BAD, GOOD, UNSURE, Belief, Bools, Judgement, Ledger
from adopt.engine.revenue import RevenueUnit, capped, revenue_unit
from adopt.engine.snapshot import UNDATED, Days, Floats, Integers, Spent, ages_h, first_days, summed, totals
from adopt.model import Currency
from adopt.policy import Decision, Target

BOUNDS: tuple[Bound, ...] = ("lower", "upper")
WEEK_D = 7
RIPE_D = 3  # days old enough for a day's count to be compared with its rate
HALF_LIFE_D = 21.0  # of what belief remembers
DOUBTED = 0.30  # a chance of meeting the target below this halves the budget
RESTORED = 0.40  # and above this gives it back
_PROVEN_GOOD = np.log(20.0)
_LIFETIME = np.log(2.0)  # the weight of the lifetime among the restarts, 1/2: what proves a pause by itself
_WORTHLESS = RevenueUnit(b=1.0, kappa=0.0, cap=0.0, mean=1.0)  # where nothing says what a result is worth, none is due


class Scale(NamedTuple):
    """What one piece of evidence is: a result at the target CPA, or a unit of capped revenue at the target ROAS."""

    target: Target
    currency: Currency
    unit: RevenueUnit | None  # None for a CPA target

    def pieces(self, days: Days, phi: Floats) -> Floats:
        """The pieces of evidence in each daily row; negative corrections count as nothing, unknown revenue as usual."""
        if self.unit is None:
            return np.maximum(np.nan_to_num(days.results), 0.0) / phi
        usual = np.maximum(np.nan_to_num(days.results), 0.0) * self.unit.mean
        seen = capped(days.revenue, days.results, self.unit)
        return self.unit.pieces(np.where(np.isnan(days.revenue), usual, seen), phi)

    def due(self, matured: Floats, phi: Floats) -> Floats:
        """The pieces that matured spend should have brought at exactly the target."""
        if self.unit is None:
            return matured / float((self.target.cpa or 1) * self.currency.offset) / phi
        return self.unit.exposure(matured, float(self.target.roas or 1), phi)


def scale(days: Days, target: Target, currency: Currency) -> Scale | None:
    """What a piece of evidence is in this account; None where no revenue says what a result is worth."""
    if target.cpa is not None:
        return Scale(target, currency, None)
    known = ~np.isnan(days.revenue)
    unit = revenue_unit(days.revenue[known], days.results[known])
    return Scale(target, currency, unit) if unit else None


def judge_evidence(
    ledger: Ledger, target: Target, decision: Decision, currency: Currency, curve: DelayCurve, now: datetime
) -> Judgement:
    """The judgement of each object by its matured spend and what that brought; none where that has no known worth."""
    priced = scale(ledger.days, target, currency)
    believed = _believe(ledger, priced or Scale(target, currency, _WORTHLESS), decision, curve, now)
    belief, count = believed.belief, len(ledger.refs)
    judged = (belief.matured > 0) & (priced is not None)
    low, high = _interval(target, currency, *believed.rates)
    return Judgement(
        totals=totals(ledger.refs, ledger.days, now, curve),
        state=np.select(
            [judged & (belief.log_e >= belief.limit), judged & (belief.log_e_above >= _PROVEN_GOOD)],
            [BAD, GOOD],
            UNSURE,
        ).astype(np.int8),
        low=np.where(judged, low, 0.0),
        high=np.where(judged, high, np.inf),
        worth=_worth(target, currency, ledger.days, count),
        comeback=judged & (belief.log_e < 0) & (belief.p_good > RESTORED),
        enough=judged,
        clicks_needed=np.zeros(count),
        spend_needed=np.zeros(count),
        overcounted=np.zeros(count, dtype=np.bool_),
        unpriced=np.full(count, priced is None),
        belief=belief,
    )


def found_and_due(ledger: Ledger, target: Target, currency: Currency, curve: DelayCurve) -> tuple[Floats, Floats]:
    """The pieces of evidence of each object, and those due at the target: what a prior is fitted to."""
    count, days, spent = len(ledger.refs), ledger.days, ledger.spent
    priced = scale(days, target, currency)
    if priced is None:
        return np.zeros(count), np.zeros(count)
    ones = np.ones(count)
    found = summed(days.object, priced.pieces(days, ones[days.object]), count)
    return found, priced.due(matured_spend(spent.object, spent.age_h, spent.amount, count, curve), ones)


class _Believed(NamedTuple):
    belief: Belief
    rates: tuple[Floats, Floats]  # the confidence sequence of target CPA / true CPA


def _believe(ledger: Ledger, priced: Scale, decision: Decision, curve: DelayCurve, now: datetime) -> _Believed:
    """Proof and belief of each object, in pieces of evidence corrected for overdispersion."""
    count, days, spent = len(ledger.refs), ledger.days, ledger.spent
    phi = _dispersion(days, priced, now, count)
    pieces = priced.pieces(days, phi[days.object])
    ripe = {bound: matured_spend(spent.object, spent.age_h, spent.amount, count, curve, bound) for bound in BOUNDS}
    n, low, high = (
        summed(days.object, pieces, count),
        priced.due(ripe["lower"], phi),
        priced.due(ripe["upper"], phi),
    )
    a, b = ledger.prior_a, ledger.prior_b
    limit = -np.log(evidence.epoch_alpha(decision.alpha, ledger.epoch))
    mean, p_good, _, _ = beliefs.posterior(*_remembered(ledger, pieces, priced, phi, curve, now), a, b)
    a_piece = np.divide(ripe["lower"], low, out=np.zeros(count), where=low > 0)  # minor units of matured spend
    against = _since_restarts(ledger, pieces, priced, phi, curve, now)
    to_pause = np.maximum(evidence.pause_boundary(n, a, b, limit + _LIFETIME) - low, 0.0) * a_piece
    if decision.method == "account":  # a Bayes factor: both sides by the same matured spend
        against, to_pause = against - evidence.hybrid_log_e(n, low, a, b, 1.0, "above"), np.full(count, np.inf)
    belief = Belief(
        log_e=against,
        log_e_above=evidence.hybrid_log_e(n, high, a, b, 1.0, "above"),
        limit=limit,
        p_good=p_good,
        mean=mean,
        due=priced.due(ripe["lower"], np.ones(count)),
        matured=ripe["lower"],
        to_pause=to_pause,
    )
    return _Believed(belief, (_confseq(n, high, decision)[0], _confseq(n, low, decision)[1]))


def _confseq(count: Floats, exposure: Floats, decision: Decision) -> tuple[Floats, Floats]:
    return evidence.rate_confseq(count, exposure, alpha=decision.alpha)


def _since_restarts(
    ledger: Ledger, pieces: Floats, priced: Scale, phi: Floats, curve: DelayCurve, now: datetime
) -> Floats:
    """The e-process over the whole epoch, mixed with ones that begin anew each week: drift is seen sooner."""
    count, days = len(ledger.refs), ledger.days
    starts = _weeks(days, now)
    n, e = np.empty((2, count, starts.size + 1))
    n[:, 0] = summed(days.object, pieces, count)
    for j, start in enumerate(starts, 1):
        later = days.date >= start
        n[:, j] = summed(days.object[later], pieces[later], count)
    for j, ripe in enumerate(_ripened(ledger.spent, ages_h(starts - 1, now), count, curve)):
        e[:, j] = priced.due(ripe, phi)
    began = first_days(days, count)[:, None]
    started = np.column_stack([np.ones(count, dtype=np.bool_), (starts > began) & (began != UNDATED)])
    return evidence.mixture_log_e(n, e, ledger.prior_a, ledger.prior_b, _weights(started), started)


def _ripened(spent: Spent, hours: Floats, count: int, curve: DelayCurve) -> Iterator[Floats]:
    """The matured spend of each object: all of it, then only what was spent in the last hours.

    What was spent before a restart is due nothing after it: a curve that is slower than the truth would expect there
    what has come already.
    """
    ages, place = np.unique(spent.age_h, return_inverse=True)  # many rows of few ages
    ripe = spent.amount * curve.reported(ages, "lower")[place]
    yield summed(spent.object, ripe, count)
    for last in hours.tolist():
        yield summed(spent.object, np.where(spent.age_h < last, ripe, 0.0), count)


def _weights(started: Bools) -> Floats:
    """The weight of each term of an object by its own count of restarts; of a term that has not started, 0."""
    weights = evidence.restart_weights(started.shape[1])
    return np.where(started, weights[np.maximum(np.cumsum(started, axis=1) - 1, 0)], 0.0)


def _weeks(days: Days, now: datetime) -> Integers:
    """The first days of the calendar weeks since the first row, this week's included."""
    dated = days.date[days.date != UNDATED]
    first = int(dated.min()) // WEEK_D + 1 if dated.size else now.toordinal() // WEEK_D + 1
    return np.arange(first, now.toordinal() // WEEK_D + 1, dtype=np.int64) * WEEK_D


def _remembered(
    ledger: Ledger, pieces: Floats, priced: Scale, phi: Floats, curve: DelayCurve, now: datetime
) -> tuple[Floats, Floats]:
    """Pieces found and due, the older the less."""
    count, days, spent = len(ledger.refs), ledger.days, ledger.spent
    found = summed(days.object, pieces * _fading(ages_h(days.date, now)), count)
    faded = spent.amount * _fading(spent.age_h)
    return found, priced.due(matured_spend(spent.object, spent.age_h, faded, count, curve), phi)


def _fading(age_h: Floats) -> Floats:
    return np.where(np.isinf(age_h), 1.0, np.exp2(-age_h / (24.0 * HALF_LIFE_D)))


def _dispersion(days: Days, priced: Scale, now: datetime, count: int) -> Floats:
    """How much more than Poisson the days of each object vary, 1 and up: pooled over ripe days of its own rate."""
    ripe = days.only((days.date != UNDATED) & (days.date <= now.toordinal() - RIPE_D))
    owner, spend, pieces = _by_day(ripe, priced.pieces(ripe, np.ones(ripe.object.size)))
    lasted = np.bincount(owner, minlength=count)
    found, total = summed(owner, pieces, count), summed(owner, spend, count)
    per_day = np.divide(found, lasted, out=np.zeros(count), where=lasted > 1)
    rate = np.divide(found, total, out=np.zeros(count), where=lasted > 1)
    mean = (rate[owner] * spend)[compared := lasted[owner] > 1]
    free = np.sqrt(lasted / np.maximum(lasted - 1.0, 1.0))[owner][compared]  # a rate was fitted to each object's days
    cv2 = beliefs.dispersion(mean + (pieces[compared] - mean) * free, mean)
    return beliefs.phi(cv2, per_day * (1.0 if priced.unit is None else priced.unit.b / priced.unit.mean))


def _by_day(days: Days, pieces: Floats) -> tuple[Integers, Floats, Floats]:
    """The object, spend and pieces of each day on which an object spent, however many rows it came in."""
    cells, place = np.unique(np.stack([days.object, days.date]), axis=1, return_inverse=True)
    spend, found = (summed(place.ravel(), column, cells.shape[1]) for column in (days.spend, pieces))
    paid = spend > 0
    return cells[0][paid], spend[paid], found[paid]


def _interval(target: Target, currency: Currency, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The interval of target CPA / true CPA as one of CPA in minor units, or of ROAS."""
    if target.roas is not None:
        return low * float(target.roas), high * float(target.roas)
    price = float((target.cpa or 0) * currency.offset)
    with np.errstate(divide="ignore"):
        return price / high, price / low


def _worth(target: Target, currency: Currency, days: Days, count: int) -> Floats:
    """What the results are worth at the target, minor units."""
    if target.cpa is not None:
        return summed(days.object, np.maximum(days.results, 0.0), count) * float(target.cpa * currency.offset)
    return summed(days.object, np.nan_to_num(np.maximum(days.revenue, 0.0)), count) / float(target.roas or 1)
