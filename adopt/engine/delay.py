"""The delay curve: which share of the conversions of a click has been reported at a given age.

Meta dates website conversions by the day they happen, so a date tells nothing about delays. The curve is
fitted from what each ad set's new conversions between two polls say about its spend of the hours before:
new ~ Poisson(rate of the ad set x sum over spend of F(end - spent) - F(start - spent)), rates profiled out.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Bound: TypeAlias = Literal["lower", "mid", "upper"]
_Columns = TypeVar("_Columns", "Spends", "Arrivals")

TAU_H = np.array([0.3, 2.0, 8.0, 24.0, 72.0, 200.0])  # scales of the exponential mixture, hours
HORIZON_H = 720.0
KNOTS_H = np.array([0.25, 1, 2, 4, 8, 12, 18, 24, 36, 48, 72, 96, 120, 144, 160, 240, 336, 480, 640])  # ages of the SE

# Weights at the 30-day horizon that give 37 % within 1 h, 52 % within 24 h, 65 % within 72 h and a mean of 90 h:
# the slow published case (Chapelle 2014), used until an account's own curve is known.
SLOW = (0.35, 0.06, 0.01, 0.05, 0.07, 0.46)
_WINDOW_H = {"1d_click": 24.0, "1d_view": 24.0, "1d_ev": 24.0, "7d_click": 168.0, "28d_click": 672.0, "default": 168.0}

LEAST_CONVERSIONS = 100  # with fewer the slow default is kept
MOST_SE = 0.10  # of F(24 h); a curve less certain than this is no better than the slow default
_PSEUDO = 2.0  # conversions of known delay that the slow default is worth as a prior
_TURNS = 200  # of the optimiser, at most
_SAME = 1e-9  # a gain in log likelihood that ends the climb
_DAY_H = 24.0
_NOISE = 1e-12  # of the exposure of a chunk: no spend stands behind conversions of less
_CHUNK = 100_000  # rows of spend and arrivals held as six columns at once


class DelayCurve(Struct, frozen=True):
    """A mixture of exponentials cut off at the attribution window, with the standard errors of a fit."""

    weights: tuple[float, ...]
    window_h: float
    se: tuple[float, ...] = ()  # of F at KNOTS_H; empty for a curve taken as given
    conversions: float = 0.0  # it was fitted from
    assumed: bool = False  # a default: conservative as it is, and with everything reported at once as its upper bound

    def reported(self, age_h: Floats, bound: Bound = "mid") -> Floats:
        """The share, in the shape of age_h (hours), that is reported by then: 0 at age 0, 1 from the window on.

        `lower` and `upper` are one standard error away, only grow with age and stay within 0 and 1.
        """
        share: Floats = np.minimum(_mixture(self.weights, age_h) / _mixture(self.weights, np.array(self.window_h)), 1.0)
        if bound == "upper" and self.assumed:
            return np.where(share > 0, 1.0, 0.0)
        if bound == "mid" or not self.se:
            return share
        return self._lower(share, age_h) if bound == "lower" else self._upper(share, age_h)

    def lately(self, age_h: Floats, half_life_h: float) -> Floats:
        """The share, in the shape of age_h, that is reported by then, each part the less the longer ago it was.

        It is what fades with results that fade from the day of their report: money is older than what it brings.
        """
        ages = np.asarray(np.maximum(age_h, 0.0), dtype=np.float64)[..., None]
        within, rates, fading = np.minimum(ages, self.window_h), 1 / TAU_H, np.log(2) / half_life_h
        since = np.where(np.isinf(ages), 0.0, ages) * fading
        parts = rates * np.exp(-since) * -np.expm1(-(rates - fading) * within) / (rates - fading)
        faded = (np.array(self.weights) * parts / -np.expm1(-HORIZON_H / TAU_H)).sum(axis=-1)
        share: Floats = faded / _mixture(self.weights, np.array(self.window_h))
        return np.where(np.isinf(age_h), 1.0, share)

    # Factors on F and on 1 - F that only grow and only shrink with age keep the bounds monotone between the knots too.

    def _lower(self, share: Floats, age_h: Floats) -> Floats:
        ages, se = self._errors()
        kept = np.clip(1 - se / self.reported(ages), 0.0, 1.0)
        kept = np.append(np.minimum.accumulate(kept[::-1])[::-1], 1.0)
        return share * np.interp(age_h, np.append(ages, self.window_h), kept)

    def _upper(self, share: Floats, age_h: Floats) -> Floats:
        ages, se = self._errors()
        left = 1 - self.reported(ages)
        added = np.clip(np.divide(se, left, out=np.zeros_like(se), where=left > 0), 0.0, 1.0)
        added = np.append(0.0, np.maximum.accumulate(added))
        upper: Floats = share + (1 - share) * np.interp(age_h, np.append(0.0, ages), added)
        return upper

    def _errors(self) -> tuple[Floats, Floats]:
        """The knots within the window, and the standard errors there."""
        within = self.window_h > KNOTS_H
        return KNOTS_H[within], np.array(self.se)[within]


class Spends(Struct, frozen=True):
    """What ad sets spent, evenly over stretches of time; the stretches of one ad set do not overlap."""

    ad_set: Integers  # (r,), 0..n-1
    since_h: Floats  # hours since any common moment
    until_h: Floats  # equal to since_h for money spent at a moment
    amount: Floats  # minor units


class Arrivals(Struct, frozen=True):
    """New conversions between two polls, or of an account day: one row an ad set and interval, those with 0 too."""

    ad_set: Integers  # (m,)
    since_h: Floats  # on the clock of Spends
    until_h: Floats
    new: Floats  # negative corrections count as 0


def slow(attribution: str) -> DelayCurve:
    """The slow default, cut off at an attribution window of Meta."""
    return DelayCurve(SLOW, _WINDOW_H[attribution], assumed=True)


def fit_delay(arrivals: Arrivals, spends: Spends, attribution: str, known_h: Floats | None = None) -> DelayCurve:
    """The curve of an account by conditional maximum likelihood, with standard errors; slow if it stays uncertain.

    known_h (n,) says from when on each ad set's spend is known; -inf if from its start. Intervals that begin less
    than a window later are left out.
    """
    window_h = _WINDOW_H[attribution]
    arrivals = _usable(arrivals, window_h, known_h)
    if not _are_enough(arrivals, spends):
        return slow(attribution)
    evidence = _gather(arrivals, spends, window_h)
    if evidence.new.sum() < LEAST_CONVERSIONS:
        return slow(attribution)
    prior = _PSEUDO * _cut_off(np.array(SLOW), window_h)
    weights = _climb(evidence, prior)
    se = _standard_errors(evidence, prior, weights, window_h)
    if float(np.interp(min(_DAY_H, window_h / 4), KNOTS_H, se)) > MOST_SE:
        return slow(attribution)
    found = _at_horizon(weights, window_h)
    return DelayCurve(tuple(found.tolist()), window_h, tuple(se.tolist()), float(evidence.new.sum()))


def _are_enough(arrivals: Arrivals, spends: Spends) -> bool:
    """Whether ad sets that spent have conversions enough to look closer."""
    theirs = np.isin(arrivals.ad_set, spends.ad_set)
    return bool(arrivals.new[theirs].clip(0.0).sum() >= LEAST_CONVERSIONS)


def _mixture(weights: tuple[float, ...], age_h: Floats) -> Floats:
    ages = np.maximum(np.asarray(age_h, dtype=np.float64), 0.0)[..., None]
    shares: Floats = (np.array(weights) * -np.expm1(-ages / TAU_H) / -np.expm1(-HORIZON_H / TAU_H)).sum(axis=-1)
    return shares


def _cut_off(weights: Floats, window_h: float) -> Floats:
    """The weights (6,) of components cut off at the window, from those at the horizon."""
    return _normal(weights * np.expm1(-window_h / TAU_H) / np.expm1(-HORIZON_H / TAU_H))


def _at_horizon(weights: Floats, window_h: float) -> Floats:
    return _normal(weights * np.expm1(-HORIZON_H / TAU_H) / np.expm1(-window_h / TAU_H))


def _normal(weights: Floats) -> Floats:
    normal: Floats = weights / weights.sum()
    return normal


def _components(age_h: Floats, window_h: float) -> Floats:
    """Each component's share (..., 6) reported at an age."""
    ages = np.clip(age_h, 0.0, window_h)[..., None]
    shares: Floats = np.expm1(-ages / TAU_H) / np.expm1(-window_h / TAU_H)
    return shares


# -- evidence: the spend whose conversions are due in each interval, by component ----------------


class _Evidence(NamedTuple):
    """What the likelihood needs: intervals with new conversions, and the exposure of all of them by ad set and day."""

    new: Floats  # (h,)
    exposure: Floats  # (h, 6), minor units
    row: Integers  # (h,), the row of its ad set and day
    days: Floats  # (d, 6), the exposure of an ad set in the intervals that end in a day
    owner: Integers  # (d,), 0..n-1 over the ad sets with new conversions
    day: Integers  # (d,), 0..
    total: Floats  # (n, 6), the exposure of an ad set
    conversions: Floats  # (n,), its new ones


def _usable(arrivals: Arrivals, window_h: float, known_h: Floats | None) -> Arrivals:
    """The intervals whose whole window of spend is known, in order."""
    keep = arrivals.until_h > arrivals.since_h
    if known_h is not None:
        keep &= arrivals.since_h >= known_h[arrivals.ad_set] + window_h
    return _pick(arrivals, keep)


def _gather(arrivals: Arrivals, spends: Spends, window_h: float) -> _Evidence:
    """The evidence of ordered intervals, put together from chunks of ad sets."""
    parts = [_part(*chunk, window_h) for chunk in _chunks(arrivals, _pick(spends))]
    new, exposure, rows, days, ad_set, day = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    before = np.cumsum([0, *(len(part[4]) for part in parts[:-1])])
    row = rows + np.repeat(before, [len(part[0]) for part in parts])
    kept = np.isin(ad_set, ad_set[row])  # the others say nothing
    row = (np.cumsum(kept) - 1)[row]
    days, owner, day = days[kept], _places(ad_set[kept]), _places(day[kept])
    conversions = np.bincount(owner[row], weights=new).astype(np.float64)
    return _Evidence(new, exposure, row, days, owner, day, _sums(owner, days), conversions)


def _part(
    arrivals: Arrivals, spends: Spends, window_h: float
) -> tuple[Floats, Floats, Integers, Floats, Integers, Integers]:
    """The columns new, exposure, row, days, ad set and day of a chunk."""
    exposure = _exposure(arrivals, spends, window_h)
    day = np.ceil(arrivals.until_h / _DAY_H).astype(np.int64)
    opens = np.flatnonzero((np.diff(arrivals.ad_set, prepend=-1) != 0) | (np.diff(day, prepend=day[0]) != 0))
    hit = np.flatnonzero((arrivals.new > 0) & (exposure.max(axis=1) > _NOISE * exposure.sum()))
    row = np.searchsorted(opens, hit, "right") - 1
    days = np.add.reduceat(exposure, opens)
    return arrivals.new[hit], exposure[hit], row, days, arrivals.ad_set[opens], day[opens]


def _chunks(arrivals: Arrivals, spends: Spends) -> Iterator[tuple[Arrivals, Spends]]:
    """Runs of ad sets with about _CHUNK rows, both sides in order; those without either are left out."""
    both = np.intersect1d(arrivals.ad_set, spends.ad_set)
    rows = np.bincount(arrivals.ad_set)[both] + np.bincount(spends.ad_set)[both]
    for part in np.split(both, np.flatnonzero(np.diff(np.cumsum(rows) // _CHUNK)) + 1):
        yield _between(arrivals, part[0], part[-1]), _between(spends, part[0], part[-1])


def _pick(columns: _Columns, keep: Bools | None = None) -> _Columns:
    """The rows that are kept, by ad set and time."""
    order = np.lexsort((columns.since_h, columns.ad_set))
    order = order if keep is None else order[keep[order]]
    return type(columns)(*(getattr(columns, name)[order] for name in columns.__struct_fields__))


def _between(columns: _Columns, first: int, last: int) -> _Columns:
    cut = slice(np.searchsorted(columns.ad_set, first), np.searchsorted(columns.ad_set, last, "right"))
    return type(columns)(*(getattr(columns, name)[cut] for name in columns.__struct_fields__))


def _places(values: Integers) -> Integers:
    return np.unique(values, return_inverse=True)[1]


def _sums(place: Integers, columns: Floats) -> Floats:
    """Columns (r, c) added up by place (r,)."""
    return np.stack([np.bincount(place, weights=column) for column in columns.T], axis=1)


def _exposure(arrivals: Arrivals, spends: Spends, window_h: float) -> Floats:
    """Spend (m, 6) whose conversions are due in each interval, by component."""
    reported = _Reported.of(spends, window_h)
    opens = np.append(True, (np.diff(arrivals.ad_set) != 0) | (arrivals.since_h[1:] != arrivals.until_h[:-1]))
    opens = opens[: arrivals.ad_set.size]
    ends = reported.by(arrivals.ad_set, arrivals.until_h)
    starts = np.roll(ends, 1, axis=0)  # an interval mostly starts where the one before it ends
    starts[opens] = reported.by(arrivals.ad_set[opens], arrivals.since_h[opens])
    return np.maximum(ends - starts, 0.0)


class _Reported(NamedTuple):
    """Spend of each ad set whose conversions are reported by a moment, by component, from sums along its stretches.

    With S the spend so far and M = sum of spend x exp(-age / tau), a component without a cut-off has reported S - M.
    """

    spends: Spends  # in order
    total: Floats  # (r + 1,) spend before each stretch, over all ad sets
    memory: Floats  # (r, 6) M at the end of each stretch, of its ad set
    window_h: float

    @classmethod
    def of(cls, spends: Spends, window_h: float) -> "_Reported":
        """The sums of ordered stretches."""
        total = np.append(0.0, np.cumsum(spends.amount))
        return cls(spends, total, _memory(spends), window_h)

    def by(self, ad_set: Integers, at_h: Floats) -> Floats:
        """The spend (m, 6) reported by a moment (m,)."""
        spent, memory = self._at(ad_set, at_h)
        old, faded = self._at(ad_set, at_h - self.window_h)
        lost = np.exp(-self.window_h / TAU_H)
        reported: Floats = old[:, None] + ((spent - old)[:, None] - memory + lost * faded) / (1 - lost)
        return reported

    def _at(self, ad_set: Integers, at_h: Floats) -> tuple[Floats, Floats]:
        """Spend (m,) and memory (m, 6) at a moment."""
        row, first = self._last(ad_set, at_h)
        ours = row >= first
        at = np.maximum(row, 0)
        since, until, amount = self.spends.since_h[at], self.spends.until_h[at], self.spends.amount[at]
        inside, length = np.minimum(at_h, until) - since, until - since
        part = np.where(ours, amount * np.divide(inside, length, out=np.ones_like(length), where=length > 0), 0.0)
        memory = part[:, None] * _left(np.maximum(inside, 0.0)) * _fade(at_h - np.minimum(at_h, until))
        carried = np.flatnonzero(row > first)
        memory[carried] += self.memory[row[carried] - 1] * _fade(at_h[carried] - self.spends.until_h[row[carried] - 1])
        memory[~ours] = 0.0
        return np.where(ours, self.total[at] - self.total[first] + part, 0.0), memory

    def _last(self, ad_set: Integers, at_h: Floats) -> tuple[Integers, Integers]:
        """The last stretch that has begun by then, and the ad set's first: before it if none has."""
        known, since = self.spends.ad_set, self.spends.since_h
        low = min(float(since.min()), float(at_h.min(initial=np.inf))) - 1
        span = max(float(since.max()), float(at_h.max(initial=-np.inf))) + 1 - low
        row = np.searchsorted(known * span + (since - low), ad_set * span + (at_h - low), "right") - 1
        return row, np.searchsorted(known, ad_set)


def _memory(spends: Spends) -> Floats:
    """M (r, 6) at the end of each stretch, carried along all ad sets at once, one stretch a turn."""
    memory = spends.amount[:, None] * _left(spends.until_h - spends.since_h)
    fade = _fade(np.diff(spends.until_h, prepend=spends.until_h[:1]).clip(0.0))
    starts, counts = np.unique(spends.ad_set, return_index=True, return_counts=True)[1:]
    longest = np.argsort(-counts, kind="stable")
    starts, counts = starts[longest], counts[longest]
    for turn in range(1, int(counts[0])):
        row = starts[: np.searchsorted(-counts, -turn)] + turn
        memory[row] += memory[row - 1] * fade[row]
    return memory


def _fade(hours: Floats) -> Floats:
    faded: Floats = np.exp(-hours[:, None] / TAU_H)
    return faded


def _left(hours: Floats) -> Floats:
    """The mean share (m, 6) not reported yet of money spent evenly over the last hours."""
    scaled = hours[:, None] / TAU_H
    left: Floats = np.divide(-np.expm1(-scaled), scaled, out=np.ones_like(scaled), where=scaled > 0)
    return left


# -- likelihood: in which of an ad set's intervals its conversions came --------------------------


def _climb(evidence: _Evidence, prior: Floats) -> Floats:
    """The most likely weights (6,): Newton steps on their logarithms, damped until they climb."""
    weights, damping = _normal(prior + 0.01), 1.0
    best = _log_likelihood(evidence, prior, weights)
    for _ in range(_TURNS):
        tried = _normal(weights * np.exp(_step(evidence, prior, weights, damping)))
        gain = _log_likelihood(evidence, prior, tried) - best
        if gain > 0:
            weights, best = tried, best + gain
        if 0 <= gain < _SAME:
            break
        damping *= 0.25 if gain > 0 else 8
    return weights


def _step(evidence: _Evidence, prior: Floats, weights: Floats, damping: float) -> Floats:
    score, bend = _slope(evidence, prior, weights)
    steepness, axes = np.linalg.eigh(_curvature(weights, score, bend))
    pull = axes.T @ (_jacobian(weights) @ score)
    step: Floats = np.clip(axes @ (pull / (np.abs(steepness) + damping)), -2.0, 2.0)
    return step


def _log_likelihood(evidence: _Evidence, prior: Floats, weights: Floats) -> float:
    seen = evidence.new @ np.log(evidence.exposure @ weights)
    return float(seen - evidence.conversions @ np.log(evidence.total @ weights) + prior @ np.log(weights))


def _slope(evidence: _Evidence, prior: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Gradient (6,) of the log likelihood in the weights, and its curvature (6, 6) downwards."""
    seen = evidence.exposure / (evidence.exposure @ weights)[:, None]
    due = evidence.total / (evidence.total @ weights)[:, None]
    score = evidence.new @ seen - evidence.conversions @ due + prior / weights
    bend = (seen * evidence.new[:, None]).T @ seen - (due * evidence.conversions[:, None]).T @ due
    return score, bend + np.diag(prior / weights**2)


def _jacobian(weights: Floats) -> Floats:
    """Of the weights in their softmax logits, (6, 6)."""
    return np.diag(weights) - np.outer(weights, weights)


def _curvature(weights: Floats, score: Floats, bend: Floats) -> Floats:
    """The curvature (6, 6) downwards in the logits."""
    jacobian = _jacobian(weights)
    pull = jacobian @ score
    turn = np.diag(pull) - np.outer(pull, weights) - np.outer(weights, pull)
    return jacobian @ bend @ jacobian - turn


# -- standard errors: how much else the curve might be -------------------------------------------


def _standard_errors(evidence: _Evidence, prior: Floats, weights: Floats, window_h: float) -> Floats:
    """The largest of three standard errors of F at KNOTS_H: of the counts, between ad sets, and between days.

    The first is the curvature's (Laplace); the others are sandwiches over clusters, which also see bursts, rates
    that move and a shape that six scales cannot take.
    """
    flat = _curvature(weights, *_slope(evidence, prior, weights))
    inverse = np.linalg.pinv(flat, rcond=1e-10, hermitian=True)
    reach = _components(KNOTS_H, window_h) @ _jacobian(weights) @ inverse  # (knots, 6)
    counts = np.einsum("ak,kl,al->a", reach, flat, reach)
    moves = _day_scores(evidence, weights) @ _jacobian(weights) @ reach.T  # (d, knots)
    clusters = [_clustered(moves, cluster) for cluster in (evidence.owner, evidence.day)]
    errors: Floats = np.sqrt(np.maximum.reduce([counts, *clusters]))
    return errors


def _day_scores(evidence: _Evidence, weights: Floats) -> Floats:
    """The gradient (d, 6) of the log likelihood in the weights, by ad set and day; the rates are profiled out."""
    seen = evidence.exposure * (evidence.new / (evidence.exposure @ weights))[:, None]
    rate = evidence.conversions / (evidence.total @ weights)
    found = np.zeros_like(evidence.days)
    np.add.at(found, evidence.row, seen)
    return found - evidence.days * rate[evidence.owner][:, None]


def _clustered(moves: Floats, cluster: Integers) -> Floats:
    """The variance (knots,) of a sum of moves (d, knots) that are independent between clusters only."""
    sums = _sums(cluster, moves)
    variance: Floats = (sums**2).sum(axis=0) * len(sums) / max(len(sums) - 1, 1)
    return variance
