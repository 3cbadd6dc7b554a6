"""What each object's spend has brought and was due: over its epoch, and since the start of each week in it."""

from datetime import datetime
from typing import NamedTuple

import numpy as np

from adopt.engine.delay import DelayCurve
from adopt.engine.judgement import Bools, Ledger
from adopt.engine.snapshot import UNDATED, Floats, Integers, Rows, ages_h, by_day, summed

HALF_LIFE_D = 21.0  # of what belief remembers
_WEEK_D = 7


class Matured(NamedTuple):
    """Raw sums a ledger's row; the columns of a table are the whole epoch, then since the start of each week."""

    found: Floats  # (n, 1 + weeks), pieces of evidence since then
    lower: Floats  # (n, 1 + weeks), minor units whose results have had time to arrive, by the curve's lower bound
    upper: Floats  # (n,), by its upper bound, over the epoch
    found_lately: Floats  # (n,), pieces over the epoch, the older the less
    ripe_lately: Floats  # (n,), minor units likewise
    started: Bools  # (n, 1 + weeks), whether the object is older than that start


def matured(ledger: Ledger, pieces: Floats, curve: DelayCurve, now: datetime) -> Matured:
    """One reading of the curve at the few ages there are, for all that is asked of it.

    What was spent before a week is due nothing in it: a curve that is slower than the truth would expect there what
    has come already.
    """
    count, days, paid = len(ledger.refs), ledger.days, ledger.spent
    ordinals, day = by_day(days.date)
    starts = week_starts(ordinals, now.toordinal())
    ages, hours = paid.ages_h, ages_h(starts - 1, now)
    weeks_of_days = np.searchsorted(starts, ordinals, "right")
    weeks_of_ages = np.searchsorted(-hours, -ages, "left")
    shape = (count, starts.size + 1)
    brought, spent = Rows(days.object, count), Rows(paid.object, count)
    first = brought.first(days.date)[:, None]
    return Matured(
        found=_since(days.object, weeks_of_days.take(day), pieces, shape),
        lower=_since(paid.object, weeks_of_ages.take(paid.age), paid.shares(curve.reported(ages, "lower")), shape),
        upper=spent.sum(paid.shares(curve.reported(ages, "upper"))),
        found_lately=brought.sum(pieces * fading(noons_h(ordinals, now)).take(day)),
        ripe_lately=spent.sum(paid.shares(curve.lately(ages, 24.0 * HALF_LIFE_D))),
        started=np.hstack([np.ones((count, 1), dtype=np.bool_), (starts > first) & (first != UNDATED)]),
    )


def _since(place: Integers, week: Integers, column: Floats, shape: tuple[int, int]) -> Floats:
    """The sums (n, 1 + weeks) of a column from each week on: of each week once, then of it and all later ones."""
    count, weeks = shape
    cells = summed(place * weeks + week, column, count * weeks).reshape(shape)
    return cells[:, ::-1].cumsum(axis=1)[:, ::-1]


def week_starts(ordinals: Integers, today: int) -> Integers:
    """The first days of the calendar weeks since the first dated row, this week's included."""
    dated = ordinals[ordinals != UNDATED]
    first = int(dated.min()) // _WEEK_D + 1 if dated.size else today // _WEEK_D + 1
    return np.arange(first, today // _WEEK_D + 1, dtype=np.int64) * _WEEK_D


def noons_h(ordinals: Integers, now: datetime) -> Floats:
    """Hours since the middle of each day, where its results are on average; infinite for undated rows."""
    ages = ages_h(ordinals, now)
    return np.where(ordinals < now.toordinal(), ages + 12.0, ages)


def fading(age_h: Floats) -> Floats:
    """What belief still counts of something so many hours old; all of what has no date."""
    return np.where(np.isinf(age_h), 1.0, np.exp2(-age_h / (24.0 * HALF_LIFE_D)))
