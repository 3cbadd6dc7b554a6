"""What an account has taught so far, as figures that a doctor can read out."""

from typing import NamedTuple

import numpy as np

from adopt.engine.delay import DelayCurve, slow
from adopt.engine.ledgers import ledgers
from adopt.engine.proof import index_of_dispersion, scale, spread
from adopt.engine.snapshot import Snapshot, summed
from adopt.policy import Policy

AGES_H = (1.0, 24.0, 72.0, 168.0)


class Share(NamedTuple):
    """The share of results reported within so many hours, and its standard error; None where it is assumed."""

    hours: float
    share: float
    error: float | None


class Variation(NamedTuple):
    """How much more than by chance the results of ad sets vary, as the evidence method takes it into account."""

    cells: int  # days of ad sets that were compared
    cv: float  # of the rate of some days together, beyond chance
    over_chance: float  # variance over mean, where the average unit is spent: results count for so much less


def shares(curve: DelayCurve) -> tuple[Share, ...]:
    """What a delay curve says at the ages that people ask about."""
    ages = np.array(AGES_H)
    mid, low = curve.reported(ages), curve.reported(ages, "lower")
    errors = [None] * ages.size if curve.assumed or not curve.se else (mid - low).tolist()
    return tuple(map(Share, AGES_H, mid.tolist(), errors))


def variation(snapshot: Snapshot, policy: Policy) -> Variation:
    """The spread that decisions go by, and the index of dispersion it gives, by what is spent at each."""
    own, _ = ledgers(snapshot, policy)
    priced = scale(own.days, policy.target, snapshot.account.money)
    if priced is None:
        return Variation(0, 0.0, 1.0)
    curve, count = snapshot.curve or slow(policy.target.window), len(own.refs)
    uneven = spread(own.days, priced, curve, snapshot.now, count)
    paid = summed(own.days.object, np.maximum(own.days.spend, 0.0), count)
    if not paid.any():
        return Variation(uneven.cells, float(np.sqrt(uneven.cv2)), 1.0)
    index = index_of_dispersion(uneven.cv2, uneven.usual, priced)
    return Variation(uneven.cells, float(np.sqrt(uneven.cv2)), float(np.average(index, weights=paid)))
