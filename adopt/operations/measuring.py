"""Sums turned into CPA and ROAS with their intervals, as the guarded Wilson method forms them for one look."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import NamedTuple

import numpy as np

from adopt.engine import delay
from adopt.engine.snapshot import Floats, Integers, Totals, ages_h
from adopt.engine.wilson import judge_wilson
from adopt.model import Count, Currency, Measured, Rate
from adopt.policy import Decision, Target
from adopt.store.sums import Sums

CONFIDENCE = 0.9
_DECISION = Decision(method="wilson", confidence=CONFIDENCE)
_CPA, _ROAS = Target(cpa=Decimal(1)), Target(roas=Decimal(1))  # an interval does not depend on its target


class Figures(NamedTuple):
    """Columns over spans of days or objects."""

    spend: Floats
    impressions: Floats
    clicks: Floats
    matured: Floats  # clicks weighted by the share of their results that has been reported
    results: Floats
    revenue: Floats


def shares(target: Target, since: date, until: date, now: datetime) -> dict[int, float]:
    """The share of the results of each day's clicks, by its ordinal, that is reported by now: the slow default's."""
    ordinals = np.arange(since.toordinal(), until.toordinal() + 1)
    found = delay.slow(target.window).reported(ages_h(ordinals, now))
    return dict(zip(ordinals.tolist(), found.tolist(), strict=True))


def figures(kept: Sums) -> Figures:
    """The columns of sums."""
    columns = (kept.spend, kept.impressions, kept.clicks, kept.shares, kept.results, kept.revenue)
    return Figures(*(np.asarray(column, dtype=np.float64) for column in columns))


def by_day(kept: Sums, share: dict[int, float], since: date) -> Figures:
    """Sums by day as columns with a row for every day from `since` to the last one with a share."""
    first, count = since.toordinal(), max(share) - since.toordinal() + 1
    place = np.array(kept.keys, dtype=np.int64) - first
    known = (place >= 0) & (place < count)
    rows = []
    for column in figures(kept):
        row = np.zeros(count)
        row[place[known]] = column[known]
        rows.append(row)
    found = Figures(*rows)
    return found._replace(matured=found.clicks * np.array([share[first + day] for day in range(count)]))


def trailing(days: Figures, span: int) -> Figures:
    """The sums of each day and those before it, `span` of them in all; the first `span - 1` days are gone."""
    return Figures(*(np.convolve(column, np.ones(span), mode="valid") for column in days))


def measured(known: Figures, currency: Currency) -> list[Measured]:
    """The figures of each row, with the intervals of its rates."""
    count = known.spend.size
    totals = Totals((), *(np.zeros(count, dtype=np.int64),) * 2, *known)
    cpa, roas = (_rates(totals, target, currency) for target in (_CPA, _ROAS))
    columns = (np.rint(known.spend).astype(np.int64), known.results, np.rint(known.revenue).astype(np.int64))
    return [
        Measured(spend=spend, results=_whole(results), revenue=revenue, cpa=one, roas=other)
        for spend, results, revenue, one, other in zip(*(c.tolist() for c in columns), cpa, roas, strict=True)
    ]


def _rates(totals: Totals, target: Target, currency: Currency) -> list[Rate | None]:
    """Each row's rate; None where nothing can be said of it."""
    rows: Integers = np.arange(totals.spend.size)
    judged = judge_wilson(totals, target, _DECISION, currency)
    is_cpa, unknown = target is _CPA, totals.revenue <= 0
    with np.errstate(divide="ignore", invalid="ignore"):
        value = totals.spend / totals.results if is_cpa else totals.revenue / totals.spend
    none = (totals.results <= 0) if is_cpa else unknown | (totals.spend <= 0)
    columns = (np.where(none, np.nan, value), judged.low(rows), judged.high(rows))
    end = _minor if is_cpa else _ratio
    return [_rate(tuple(map(end, row))) for row in zip(*(c.tolist() for c in columns), strict=True)]


def _rate(row: Sequence[Count | None]) -> Rate | None:
    value, low, high = row
    return Rate(value=value, low=low or None, high=high) if value is not None or low or high is not None else None


def _minor(value: float) -> Count | None:
    return round(value) if isfinite(value) else None


def _ratio(value: float) -> Count | None:
    return round(value, 4) if isfinite(value) else None


def _whole(value: float) -> Count:
    return int(value) if value.is_integer() else value
