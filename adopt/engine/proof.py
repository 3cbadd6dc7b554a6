"""The evidence method: pause on proof, throttle on belief.

Results arrive as a Poisson process whose compensator is the matured spend, so the
gamma-Poisson mixture e-process may be looked at any time: an ad set that meets
its target reaches 1/alpha with a chance of at most alpha, however often we look
(`statistics.md` 2.1-2.6).
"""

from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from adopt.engine import belief as beliefs
from adopt.engine import dispersion, evidence
from adopt.engine.delay import DelayCurve
from adopt.engine.horizon import Horizon, horizon
from adopt.engine.judgement import BAD, GOOD, UNSURE, Belief, Bools, Judgement, Ledger
from adopt.engine.maturing import matured
from adopt.engine.revenue import RevenueUnit, capped, revenue_unit
from adopt.engine.snapshot import Days, Floats, Integers, summed, totals
from adopt.engine.throttle import RESTORED
from adopt.model import Currency
from adopt.policy import Decision, Target

_PROVEN_GOOD = np.log(20.0)
_LIFETIME = np.log(2.0)  # the weight of the lifetime among the restarts, 1/2: what proves a pause by itself
_WORTHLESS = RevenueUnit(b=1.0, kappa=0.0, cap=0.0, mean=1.0)  # where nothing says what a result is worth, none is due


class Scale(NamedTuple):
    """What one piece of evidence is: a result at the target CPA, or a unit of capped revenue at the target ROAS."""

    target: Target
    currency: Currency
    unit: RevenueUnit | None  # None for a CPA target

    def pieces(self, days: Days) -> Floats:
        """The pieces of evidence in each daily row; negative corrections count as nothing, unknown revenue as usual."""
        results = np.fmax(days.results, 0.0)
        if self.unit is None:
            return results
        seen = capped(days.revenue, days.results, self.unit)
        return self.unit.pieces(np.where(np.isnan(days.revenue), results * self.unit.mean, seen))

    def dispersed(self, pieces: Floats, phi: Floats) -> Floats:
        """What those pieces count where days vary by an index of dispersion phi."""
        smaller = phi if self.unit is None else self.unit.size(phi) / self.unit.b
        return np.asarray(pieces / smaller)

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


def worthless(target: Target, currency: Currency) -> Scale:
    """The scale of an account of which nothing says what a result is worth: none is due. By a CPA it is known."""
    return Scale(target, currency, None if target.cpa is not None else _WORTHLESS)


class Evident(NamedTuple):
    """The counts that proof rests on, by row; what is dear is worked out for the rows that are asked for."""

    found: Floats  # (n, 1 + weeks), pieces since the epoch and since each week began
    due: Floats  # (n, 1 + weeks), at the target, by the curve's lower bound
    due_upper: Floats  # (n,), by its upper bound, over the epoch
    started: Bools  # (n, 1 + weeks)
    prior: tuple[Floats, Floats]
    limit: Floats  # of the e-value's log
    piece: Floats  # minor units of matured spend that one piece of evidence is due for
    decision: Decision
    horizon: Horizon | None = None  # where one is declared

    def log_e(self, rows: Integers) -> Floats:
        """The evidence (k,) against meeting the target over the whole epoch, mixed with that since each week."""
        if self.horizon is not None:
            return self.horizon.log_e(self.found[rows, 0], self.due[rows, 0], rows)
        started, (a, b) = self.started[rows], (prior[rows] for prior in self.prior)
        against = evidence.mixture_log_e(self.found[rows], self.due[rows], a, b, _weights(started), started)
        if self.decision.method == "evidence":
            return against  # else a Bayes factor: both sides by the same matured spend
        return against - evidence.hybrid_log_e(self.found[rows, 0], self.due[rows, 0], a, b, 1.0, "above")

    def log_e_above(self, rows: Integers) -> Floats:
        """The evidence (k,) for beating the target."""
        a, b = (prior[rows] for prior in self.prior)
        return evidence.hybrid_log_e(self.found[rows, 0], self.due_upper[rows], a, b, 1.0, "above")

    def state(self) -> npt.NDArray[np.int8]:
        """What is proven (n,)."""
        state = np.full(self.limit.size, UNSURE, dtype=np.int8)
        state[self.good()] = GOOD
        state[self.bad()] = BAD
        return state

    def good(self) -> Integers:
        """The rows proven to beat the target: no mixture exceeds its best ratio, so most rows need no integral."""
        best = evidence.most_log_e(self.found[:, 0], self.due_upper, "above")
        rows = np.flatnonzero((best >= _PROVEN_GOOD) & (self.due[:, 0] > 0))
        return np.asarray(rows[self.log_e_above(rows) >= _PROVEN_GOOD])

    def bad(self) -> Integers:
        """The rows proven to miss the target."""
        rows = self._doubtful()
        return np.asarray(rows[self.log_e(rows) >= self.limit[rows]])

    def _doubtful(self) -> Integers:
        """The rows that may be proven bad: a ratio is no higher than what is missing, nor a mixture than its best."""
        if self.decision.method == "account":
            return np.flatnonzero(self.due[:, 0] > 0)
        if self.horizon is not None:
            return np.flatnonzero(self.horizon.doubtful(self.found[:, 0], self.due[:, 0]))
        rows = np.flatnonzero((self.due - self.found).max(axis=1) >= self.limit)
        worst = evidence.most_log_e(self.found[rows], self.due[rows], "below").max(axis=1)
        return np.asarray(rows[worst >= self.limit[rows]])

    def to_pause(self, rows: Integers) -> Floats:
        """The minor units (k,) of matured spend without a further piece until a pause is proven."""
        if self.decision.method == "account":
            return np.full(rows.size, np.inf)
        found, (a, b) = self.found[rows, 0], (prior[rows] for prior in self.prior)
        if self.horizon is not None:
            boundary = self.horizon.boundary(found, rows)
        else:
            boundary = evidence.pause_boundary(found, a, b, self.limit[rows] + _LIFETIME)
        return np.asarray(np.maximum(boundary - self.due[rows, 0], 0.0) * self.piece[rows])

    def rates(self, rows: Integers) -> tuple[Floats, Floats]:
        """The confidence sequence (k,) of target CPA / true CPA."""
        found, alpha = self.found[rows, 0], self.decision.alpha
        low, _ = evidence.rate_confseq(found, self.due_upper[rows], alpha=alpha)
        _, high = evidence.rate_confseq(found, self.due[rows, 0], alpha=alpha)
        return low, high


def judge_evidence(
    ledger: Ledger, target: Target, decision: Decision, currency: Currency, curve: DelayCurve, now: datetime
) -> Judgement:
    """The judgement of each object by its matured spend and what that brought; none where that has no known worth."""
    priced, count = scale(ledger.days, target, currency), len(ledger.refs)
    evident, belief = _believe(ledger, priced or worthless(target, currency), decision, curve, now)
    judged = (belief.matured > 0) & (priced is not None)

    def interval(rows: Integers) -> tuple[Floats, Floats]:
        low, high = _interval(target, currency, *evident.rates(rows))
        return np.where(judged[rows], low, 0.0), np.where(judged[rows], high, np.inf)

    def comeback(rows: Integers) -> Bools:
        return np.asarray(judged[rows] & (belief.p_good[rows] > RESTORED) & (evident.log_e(rows) < 0))

    return Judgement(
        totals=totals(ledger.refs, ledger.days, now, curve),
        state=evident.state() if priced else np.full(count, UNSURE, dtype=np.int8),
        low=lambda rows: interval(rows)[0],
        high=lambda rows: interval(rows)[1],
        worth=_worth(target, currency, ledger.days, count),
        comeback=comeback,
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
    found = summed(days.object, priced.pieces(days), count)
    ripe = summed(spent.object, spent.shares(curve.reported(spent.ages_h)), count)
    return found, priced.due(ripe, np.ones(count))


def _believe(
    ledger: Ledger, priced: Scale, decision: Decision, curve: DelayCurve, now: datetime
) -> tuple[Evident, Belief]:
    """Proof and belief of each object, in pieces of evidence corrected for overdispersion."""
    count = len(ledger.refs)
    pieces = priced.pieces(ledger.days)
    uneven = dispersion.spread(ledger.days, pieces, curve, now.toordinal(), count)
    phi = index_of_dispersion(uneven.cv2, uneven.usual, priced)
    ripe = matured(ledger, pieces, curve, now)
    due, prior = priced.due(ripe.lower, phi[:, None]), (ledger.prior_a, ledger.prior_b)
    alpha = evidence.epoch_alpha(decision.alpha, ledger.epoch)
    evident = Evident(
        found=priced.dispersed(ripe.found, phi[:, None]),
        due=due,
        due_upper=priced.due(ripe.upper, phi),
        started=ripe.started,
        prior=prior,
        limit=-np.log(alpha),
        piece=np.divide(ripe.lower[:, 0], due[:, 0], out=np.zeros(count), where=due[:, 0] > 0),
        decision=decision,
        horizon=None if decision.horizon is None else horizon(decision.horizon, alpha),
    )
    lately = priced.dispersed(ripe.found_lately, phi), priced.due(ripe.ripe_lately, phi)
    mean, p_good = beliefs.mean_and_chance(*lately, *prior)
    belief = Belief(
        limit=evident.limit,
        p_good=p_good,
        mean=mean,
        due=priced.due(ripe.lower[:, 0], np.ones(count)),
        matured=ripe.lower[:, 0],
        log_e=evident.log_e,
        log_e_above=evident.log_e_above,
        to_pause=evident.to_pause,
    )
    return evident, belief


def _weights(started: Bools) -> Floats:
    """The weight of each term of an object by its own count of restarts; of a term that has not started, 0."""
    weights = evidence.restart_weights(started.shape[1])
    return np.where(started, weights[np.maximum(np.cumsum(started, axis=1) - 1, 0)], 0.0)


def spread(days: Days, priced: Scale, curve: DelayCurve, now: datetime, count: int) -> dispersion.Spread:
    """How unevenly the pieces of evidence of an account's objects come."""
    return dispersion.spread(days, priced.pieces(days), curve, now.toordinal(), count)


def index_of_dispersion(cv2: float, usual: Floats, priced: Scale) -> Floats:
    """The index (n,) of objects that spend so much on a usual day, in an account of that spread."""
    a_day = priced.due(usual, np.ones(usual.size))
    return dispersion.index(cv2, a_day * (1.0 if priced.unit is None else priced.unit.b / priced.unit.mean))


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
