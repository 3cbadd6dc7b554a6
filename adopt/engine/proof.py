"""The evidence method: pause on proof, throttle on belief.

Results arrive as a Poisson process whose compensator is the matured spend, so the
gamma-Poisson mixture e-process may be looked at any time: an ad set that meets
its target reaches 1/alpha with a chance of at most alpha, however often we look
(`statistics.md` 2.1-2.6).
"""

from collections.abc import Sequence
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
from adopt.engine.snapshot import UNDATED, Days, Floats, Integers, summed, totals
from adopt.engine.throttle import RESTORED
from adopt.model import Currency
from adopt.policy import Decision, Target

_PROVEN_GOOD = np.log(20.0)
_LIFETIME = np.log(2.0)  # the weight of the lifetime among the restarts, 1/2: what proves a pause by itself
_TEACHERS = 200  # objects whose days tell how much days vary
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
    phi = _dispersion(ledger.days, priced, curve, now, count)
    ripe = matured(ledger, priced.pieces(ledger.days), curve, now)
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


def _dispersion(days: Days, priced: Scale, curve: DelayCurve, now: datetime, count: int) -> Floats:
    """The index of dispersion of each object: pooled over the complete days of those with the most results."""
    owner, date, spend, pieces = _cells(days, priced.pieces(days), now.toordinal())
    chosen = _with_most(owner, pieces, count)
    if not chosen.size:
        return np.ones(count)
    paid, found = _daily(owner, date, (spend, pieces), chosen)
    cv2 = dispersion.shock(found, dispersion.daily_due(paid, curve))
    return _index(cv2, summed(owner, spend, count), summed(owner, spend**2, count), priced)


def _cells(days: Days, pieces: Floats, today: int) -> tuple[Integers, Integers, Floats, Floats]:
    """Object, date, spend and pieces of each complete day of an object, however many rows it came in."""
    keep = (days.date != UNDATED) & (days.date < today)
    owner, date, spend, found = days.object[keep], days.date[keep], days.spend[keep], pieces[keep]
    key = owner * (today + 1) + date
    if np.any(key[1:] <= key[:-1]):  # else each row is a day of its own already
        order = np.argsort(key, kind="stable")
        opens = np.flatnonzero(np.diff(key[order], prepend=-1))
        owner, date = owner[order][opens], date[order][opens]
        spend, found = (np.add.reduceat(column[order], opens) for column in (spend, found))
    return owner, date, spend, found


def index_of_dispersion(spend: Floats, pieces: Floats, priced: Scale, curve: DelayCurve) -> Floats:
    """The index (n,) of an account's objects by what they spent and brought, each (n, days), on complete days."""
    cv2 = dispersion.shock(pieces, dispersion.daily_due(spend, curve))
    return _index(cv2, spend.sum(axis=1), (spend**2).sum(axis=1), priced)


def _index(cv2: float, spend: Floats, squared: Floats, priced: Scale) -> Floats:
    a_day = priced.due(dispersion.usual_day(spend, squared), np.ones(spend.size))
    return dispersion.index(cv2, a_day * (1.0 if priced.unit is None else priced.unit.b / priced.unit.mean))


def _with_most(owner: Integers, pieces: Floats, count: int) -> Integers:
    """The objects with the most pieces of evidence; more of them only take time."""
    found = summed(owner, pieces, count)
    return np.argsort(-found, kind="stable")[: min(_TEACHERS, int((found > 0).sum()))]


def _daily(owner: Integers, date: Integers, columns: Sequence[Floats], chosen: Integers) -> Floats:
    """Columns (r,) of rows as (columns, chosen, days), from the first day to the last."""
    place = np.full(int(owner.max(initial=0)) + 1, -1, dtype=np.int64)
    place[chosen] = np.arange(chosen.size)
    kept = np.flatnonzero(place[owner] >= 0)
    first, last = int(date.min()), int(date.max())
    cell = place[owner[kept]] * (last - first + 1) + date[kept] - first
    shape = (chosen.size, last - first + 1)
    return np.stack(
        [summed(cell, column, chosen.size * shape[1]).reshape(shape) for column in (of[kept] for of in columns)]
    )


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
