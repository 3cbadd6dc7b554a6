"""What a result is worth at the target, for the methods that compare totals with it."""

import numpy as np

from adopt.engine.snapshot import Totals
from adopt.engine.statistics import Floats
from adopt.model import Currency
from adopt.policy import Decision, Target

_DUST = 1e-6  # of a minor unit: what arithmetic in floats leaves over


def missing_spend(totals: Totals, decision: Decision, usual: Floats) -> Floats:
    """Minor units (n,) still to be spent before an object is judged; `usual` is the price of a result at the target."""
    return np.nan_to_num(np.maximum(np.ceil(decision.min_spend * usual - totals.spend - _DUST), 0.0))


def values(totals: Totals, results: Floats, target: Target, currency: Currency) -> tuple[Floats, Floats, Floats]:
    """The revenue of one result, the price at which it exactly meets the target, and the price usual in the account.

    NaN where unknown: a result without revenue says that no values are sent, not that it is worth nothing.
    """
    if target.cpa is not None:
        price = np.full(results.shape, float(target.cpa * currency.offset))
        return price, price, price
    revenue = np.where(totals.revenue > 0, totals.revenue, np.nan)
    priced = ~np.isnan(revenue) & (results > 0)
    account = ratio(revenue[priced].sum(keepdims=True), results[priced].sum(keepdims=True))
    own = ratio(revenue, results)
    value = np.where((results > 0) | (totals.revenue > 0), own, account)
    roas = float(target.roas or 1)
    return value, value / roas, np.broadcast_to(account / roas, value.shape)


def worth(totals: Totals, results: Floats, target: Target, price: Floats) -> Floats:
    """What the results are worth at the target, minor units (n,)."""
    if target.cpa is not None:
        return results * price
    return np.nan_to_num(np.maximum(totals.revenue, 0.0)) / float(target.roas or 1)


def ratio(above: Floats, below: Floats) -> Floats:
    """Elementwise quotient, NaN where the divisor is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)
