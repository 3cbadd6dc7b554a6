"""What an account teaches about itself: its delay curve, and the priors of objects judged for the first time."""

from datetime import datetime

import numpy as np

from adopt.engine import delay
from adopt.engine.belief import fit_prior_others
from adopt.engine.delay import Arrivals, DelayCurve, Spends
from adopt.engine.judgement import Ledger
from adopt.engine.ledgers import ledgers
from adopt.engine.proof import found_and_due
from adopt.engine.snapshot import UNDATED, Days, Floats, Integers, Snapshot, ad_set_refs, campaign_refs, summed
from adopt.policy import Policy

_DAY_H = 24.0
_TEACHERS = 200  # ad sets with the most results; more of them only take time


def learn_curve(snapshot: Snapshot, attribution: str) -> DelayCurve:
    """The account's delay curve from each day's results against the spend before; the slow default until it is sure."""
    days, count = snapshot.days, len(snapshot.ad_sets)
    found = summed(days.object, np.maximum(days.results, 0.0), count)
    teachers = np.flatnonzero(found > 0)
    teachers = teachers[np.argsort(-found[teachers], kind="stable")][:_TEACHERS]
    place = np.full(count, -1, dtype=np.int64)
    place[teachers] = np.arange(teachers.size)
    today = snapshot.now.toordinal()
    kept = days.only((place[days.object] >= 0) & (days.date != UNDATED) & (days.date <= today))
    if not kept.object.size:
        return delay.slow(attribution)
    arrivals, spends, known_h = _lessons(place[kept.object], kept, teachers.size, snapshot.now)
    return delay.fit_delay(arrivals, spends, attribution, known_h)


def first_priors(snapshot: Snapshot, policy: Policy) -> dict[str, tuple[float, float]]:
    """The prior, as (a, b), of each object that has none yet: fitted on the others of its level."""
    if all(ref.id in snapshot.priors for ref in (*ad_set_refs(snapshot), *campaign_refs(snapshot))):
        return {}  # as at every pass but the first, and those that meet something new
    return {
        object_id: prior
        for ledger in ledgers(snapshot, policy)
        for object_id, prior in _fitted(ledger, snapshot, policy).items()
        if object_id not in snapshot.priors
    }


def _fitted(ledger: Ledger, snapshot: Snapshot, policy: Policy) -> dict[str, tuple[float, float]]:
    curve = snapshot.curve or delay.slow(policy.target.window)
    n, e = found_and_due(ledger, policy.target, snapshot.account.money, curve)
    a, b = fit_prior_others(n, e)
    return {ref.id: (x, y) for ref, x, y in zip(ledger.refs, a.tolist(), b.tolist(), strict=True)}


def _lessons(place: Integers, days: Days, count: int, now: datetime) -> tuple[Arrivals, Spends, Floats]:
    """Every day of each teacher, those without a row too, in hours since the first of them."""
    first = int(days.date.min())
    length = now.toordinal() - first + 1
    cell = place * length + days.date - first
    new, spend = (summed(cell, np.nan_to_num(column), count * length) for column in (days.results, days.spend))
    teacher = np.repeat(np.arange(count), length)
    since = np.tile(np.arange(length) * _DAY_H, count)
    until = np.minimum(since + _DAY_H, (length - 1) * _DAY_H + now.hour + now.minute / 60)
    began = np.full(count, float(length))
    np.minimum.at(began, place, (days.date - first).astype(np.float64))
    arrivals = Arrivals(ad_set=teacher, since_h=since, until_h=until, new=np.maximum(new, 0.0))
    paid = spend > 0
    return arrivals, Spends(teacher[paid], since[paid], until[paid], spend[paid]), began * _DAY_H
