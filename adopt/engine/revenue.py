"""Revenue as evidence: how much of it weighs as much as one result (statistics 2.5). Floats only, no Money."""

import numpy as np
from msgspec import Struct

from adopt.engine.statistics import Floats, Numbers


class RevenueUnit(Struct, frozen=True):
    """The unit in which an account's revenue is counted; b, cap and mean in the currency of its cells."""

    b: float  # the size-biased mean of a capped order: one piece of evidence
    kappa: float  # the share of revenue that the cap leaves
    cap: float  # of one order
    mean: float  # of a capped order

    def size(self, phi: Numbers = 1.0) -> Numbers:
        """One piece of evidence where days vary by an index of dispersion phi (n,)."""
        return self.b + self.mean * (phi - 1)

    def pieces(self, capped_revenue: Floats, phi: Numbers = 1.0) -> Floats:
        """The count (n,) that capped revenue (n,) stands for."""
        return np.asarray(capped_revenue / self.size(phi))

    def exposure(self, matured_spend: Floats, target_roas: float, phi: Numbers = 1.0) -> Floats:
        """The pieces (n,) that matured spend (n,) should have brought at exactly the target."""
        return np.asarray(matured_spend * target_roas * self.kappa / self.size(phi))


def revenue_unit(revenue_cells: Floats, count_cells: Floats, cap_mult: float = 3.0) -> RevenueUnit | None:
    """The unit of an account, pooled over its cells (any shape) of revenue and orders; None before the first value.

    Cells of several orders show the spread of one order through the spread of their sums. There b may exceed the cap:
    a cell is cut as a whole, which spares its large orders.
    """
    revenue, count = _clean(revenue_cells), _clean(count_cells)
    if not (revenue.sum() > 0 and count.sum() > 0 and np.any((revenue > 0) & (count > 0))):
        return None
    cap = float(cap_mult * revenue.sum() / count.sum())
    kept = np.minimum(revenue, cap * count)
    mean = float(kept.sum() / count.sum())
    sold = count > 0
    spread = float(np.mean((kept[sold] - mean * count[sold]) ** 2 / count[sold]))
    b = mean + spread / mean
    return RevenueUnit(b=b, kappa=float(kept.sum() / revenue.sum()), cap=cap, mean=mean)


def capped(revenue: Floats, counts: Floats, unit: RevenueUnit) -> Floats:
    """The revenue of each cell, in the shape given, with no order worth more than the cap."""
    return np.minimum(_clean(revenue), unit.cap * _clean(counts))


def _clean(cells: Floats) -> Floats:
    """Corrections below 0 and unknown values count as nothing."""
    return np.maximum(np.nan_to_num(cells), 0.0)
