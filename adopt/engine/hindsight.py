"""What really came after a change that was not made, and whether that speaks for it.

Only what was reported after the moment counts, held against what the spend before and after it should have brought
since: the bad days that led to a decision cannot speak for it once more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import numpy as np
from msgspec import Struct

from adopt.engine import belief, delay
from adopt.engine.delay import DelayCurve
from adopt.engine.ledgers import START
from adopt.engine.proof import Scale, index_of_dispersion, scale, spread
from adopt.engine.snapshot import Days, Floats, Integers, Snapshot
from adopt.model import Change, Count, Later, Tally, WouldBe
from adopt.policy import Target

BAD_BELOW = 0.10  # chance of meeting the target
GOOD_ABOVE = 0.90


class Grown(Struct, frozen=True):
    """What each day of each ad set grew by from poll to poll, as columns sorted by ad set."""

    place: Mapping[str, slice]  # the rows of each ad set
    age_h: Floats  # hours before the end, at least: by when it had been spent, and was known
    day: Integers  # ordinals
    spend: Floats  # minor units, as is revenue
    clicks: Floats
    results: Floats
    revenue: Floats


class Question(NamedTuple):
    """What became of these ad sets, together, after a moment."""

    ad_sets: Sequence[str]
    at: datetime


def later(questions: Sequence[Question], grown: Grown, end: Snapshot, target: Target) -> list[Later]:
    """The answer to each question, as far as the end knows."""
    curve = end.curve or delay.slow(target.window)
    priced = scale(end.days, target, end.account.money)
    sums = [_sums(question, grown, end.now, curve, priced) for question in questions]
    if priced is None:
        return [_answer(one, None, end.now) for one in sums]
    found, ripened = (np.array([getattr(one, name) for one in sums], dtype=np.float64) for name in ("found", "ripened"))
    phi = _unevenness(questions, end, curve, priced)
    p_good = belief.posterior(priced.dispersed(found, phi), priced.due(ripened, phi), *START)[1].tolist()
    return [_answer(one, p, end.now) for one, p in zip(sums, p_good, strict=True)]


def _unevenness(questions: Sequence[Question], end: Snapshot, curve: DelayCurve, priced: Scale) -> Floats:
    """The index of dispersion of what each question is about: ad sets asked about together share their luck."""
    uneven = spread(end.days, priced, curve, end.now, len(end.ad_sets))
    usual = {ad_set.id: spent for ad_set, spent in zip(end.ad_sets, uneven.usual.tolist(), strict=True)}
    together = [sum(usual.get(id_, 0.0) for id_ in question.ad_sets) for question in questions]
    return index_of_dispersion(uneven.cv2, np.array(together, dtype=np.float64), priced)


class _Sums(NamedTuple):
    spend: float
    results: float
    revenue: float
    found: float  # pieces of evidence
    ripened: float  # minor units of the spend whose results came due since
    due: float


def _sums(question: Question, grown: Grown, now: datetime, curve: DelayCurve, priced: Scale | None) -> _Sums:
    found = [grown.place[id_] for id_ in question.ad_sets if id_ in grown.place]
    rows = np.concatenate([np.arange(part.start, part.stop) for part in found]) if found else np.zeros(0, np.int64)
    gone_h = (now - question.at).total_seconds() / 3600
    age_h, spend = grown.age_h[rows], grown.spend[rows]
    after = age_h < gone_h
    ripened = spend * curve.reported(age_h)
    ripened[~after] -= spend[~after] * curve.reported(np.maximum(age_h[~after] - gone_h, 0.0))
    came = rows[after]
    results, revenue = grown.results[came], grown.revenue[came]
    ripe = max(float(ripened.sum()), 0.0)
    pieces, due = (0.0, 0.0) if priced is None else _evidence(came, grown, ripe, priced)
    return _Sums(float(spend[after].sum()), float(results.sum()), float(revenue.sum()), pieces, ripe, due)


def _evidence(rows: Integers, grown: Grown, ripened: float, priced: Scale) -> tuple[float, float]:
    """The pieces of evidence in some rows, and those that ripened spend should have brought."""
    ones = np.ones(rows.size)
    columns = (grown.spend, ones, grown.clicks, grown.results, grown.revenue)
    days = Days(np.zeros(rows.size, dtype=np.int64), grown.day[rows], *(c if c is ones else c[rows] for c in columns))
    due = priced.due(np.array([ripened]), np.ones(1))
    return float(priced.pieces(days).sum()), float(due[0])


def _answer(sums: _Sums, p_good: float | None, now: datetime) -> Later:
    spend, results = round(sums.spend), _count(sums.results)
    return Later(
        until=now,
        spend=spend,
        results=results,
        revenue=round(sums.revenue),
        cpa=round(spend / results) if results > 0 else None,
        roas=sums.revenue / spend if spend > 0 else None,
        due=sums.due,
        p_good=p_good,
        says=_says(p_good),
    )


def _says(p_good: float | None) -> Literal["bad", "good", "open"]:
    if p_good is None or BAD_BELOW <= p_good <= GOOD_ABOVE:
        return "open"
    return "bad" if p_good < BAD_BELOW else "good"


def support(change: Change, after: Later) -> Literal["supported", "contradicted", "open"]:
    """What the figures after a change say of it: less for what is bad and more for what is good was right."""
    if after.says == "open":
        return "open"
    return "supported" if is_less(change) == (after.says == "bad") else "contradicted"


def is_less(change: Change) -> bool:
    """Whether a change takes money away: a pause or a cut."""
    return int(change.after) < int(change.before) if change.is_budget else change.after == "PAUSED"


def tally(name: str, changes: Sequence[WouldBe]) -> Tally:
    """How these changes look together."""
    said = [one.support for one in changes]
    return Tally(
        name=name,
        changes=len(changes),
        supported=said.count("supported"),
        contradicted=said.count("contradicted"),
        open=said.count("open"),
        by_person=sum(one.by_person for one in changes),
        spend=sum(one.later.spend for one in _firsts(changes)),
    )


def _firsts(changes: Sequence[WouldBe]) -> list[WouldBe]:
    """The first change of each object: what came after the others came after it too."""
    found: dict[str, WouldBe] = {}
    for one in changes:
        found.setdefault(one.change.object.id, one)
    return list(found.values())


def first_pauses(changes: Sequence[WouldBe]) -> list[WouldBe]:
    """The first pause of each object."""
    return _firsts([one for one in changes if one.change.after == "PAUSED"])


def _count(value: float) -> Count:
    return int(value) if value.is_integer() else value
