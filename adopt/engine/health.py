"""What an account has taught so far, as figures that a doctor can read out."""

from typing import NamedTuple

import numpy as np

from adopt.engine import belief
from adopt.engine.delay import DelayCurve
from adopt.engine.snapshot import UNDATED, Snapshot, summed

AGES_H = (1.0, 24.0, 72.0, 168.0)
_RIPE_D = 3  # days old enough to be compared


class Share(NamedTuple):
    """The share of results reported within so many hours, and its standard error; None where it is assumed."""

    hours: float
    share: float
    error: float | None


class Variation(NamedTuple):
    """How much more than Poisson the days of ad sets vary, pooled over the account."""

    cells: int  # ad-set days that were compared
    cv: float  # of a day's rate, beyond chance
    over_chance: float  # variance over mean at the usual number of results a day


def shares(curve: DelayCurve) -> tuple[Share, ...]:
    """What a delay curve says at the ages that people ask about."""
    ages = np.array(AGES_H)
    mid, low = curve.reported(ages), curve.reported(ages, "lower")
    errors = [None] * ages.size if curve.assumed or not curve.se else (mid - low).tolist()
    return tuple(map(Share, AGES_H, mid.tolist(), errors))


def variation(snapshot: Snapshot) -> Variation:
    """How unevenly results come, by each ad set's ripe days against its own rate."""
    count, days = len(snapshot.ad_sets), snapshot.days
    ripe = days.only((days.date != UNDATED) & (days.date <= snapshot.now.toordinal() - _RIPE_D) & (days.spend > 0))
    found = np.maximum(np.nan_to_num(ripe.results), 0.0)
    lasted = np.bincount(ripe.object, minlength=count)
    total, paid = summed(ripe.object, found, count), summed(ripe.object, ripe.spend, count)
    rate = np.divide(total, paid, out=np.zeros(count), where=paid > 0)
    kept = (lasted[ripe.object] > 1) & (rate[ripe.object] > 0)
    mean = (rate[ripe.object] * ripe.spend)[kept]
    free = np.sqrt(lasted / np.maximum(lasted - 1.0, 1.0))[ripe.object][kept]  # a rate was fitted to each ad set's days
    cv2 = belief.dispersion(mean + (found[kept] - mean) * free, mean)
    usual = float(mean.mean()) if mean.size else 0.0
    return Variation(int(mean.size), float(np.sqrt(cv2)), 1 + cv2 * usual)
