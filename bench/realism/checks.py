"""The checks by number: what is measured, and what is accepted."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.realism import money, noise, reports
from bench.realism.frame import Floats, Panel

ANY: Final = math.inf
Range = tuple[float, float]


@dataclass(frozen=True)
class Check:
    """One check: the figures it measures of a panel, the range of each, and the share of seeds that must pass."""

    number: int
    name: str
    measure: Callable[[Panel], Floats]
    accept: tuple[Range, ...]
    real: str  # what real accounts have
    seeds: float = 1.0

    def passes(self, figures: Floats) -> bool | None:
        """Tell whether figures are accepted; None where nothing could be measured."""
        known = ~np.isnan(figures)
        if not known.any():
            return None
        low, high = np.array(self.accept).T
        return bool(((figures >= low) & (figures <= high))[known].all())


MOST: Final = 0.9
CAP: Final = 1.0 + 1e-9  # of what budgets allow
SPREAD: Final = ((0.35, 0.7), (0.45, 0.9), (0.5, 1.0), (0.6, 1.3))  # log sd of CPM, CTR, CVR and ROAS
CHECKS: Final = (
    Check(1, "memory of log CPM", noise.price_memory, ((0.40, 0.95),), "0.47-0.93", MOST),
    Check(2, "spend with impressions", noise.spend_and_impressions, ((0.65, 0.99),), "0.66-0.96", MOST),
    Check(3, "impressions with clicks", noise.impressions_and_clicks, ((0.50, 0.97),), "0.54-0.86", MOST),
    Check(4, "noise of log CPM", noise.price_noise, ((0.06, 0.30),), "0.07-0.28", MOST),
    Check(5, "noise of log CTR", noise.click_noise, ((0.12, 0.45),), "0.16-0.44", MOST),
    Check(6, "dispersion of few, many", noise.dispersion, ((0.6, 1.6), (1.0, 10.0)), "0.67-1.19; 2.1-8.1", MOST),
    Check(7, "memory of log spend", money.spend_memory, ((0.25, 0.98),), "0.35-0.97", MOST),
    Check(8, "frequency; reach above", noise.repetition, ((0.015, 0.20), (0.0, 0.0)), "0.027-0.19; 0", MOST),
    Check(9, "likeness of ad sets", noise.likeness, ((-0.1, 0.65),), "-0.05-0.64", MOST),
    Check(10, "whole-unit spends", money.round_sums, ((0.0, 0.08),), "0.01-0.07", MOST),
    Check(11, "Sunday, Saturday", money.weekend, ((1.02, 1.12), (0.87, 0.99)), "four accounts", MOST),
    Check(12, "high days; day, week caps", money.peaks, ((0.02, 0.12), (0.0, CAP), (0.0, CAP)), "0.05-0.10", MOST),
    Check(13, "delay; after stop", reports.delay, ((0.55, 0.80), (0.15, 0.45), (0.03, 0.20), (0.0, 0.0)), "0.3 0.06 0"),
    Check(14, "noon, next day, later", reports.restatement, ((0.40, 0.65), (0.98, 1.02), (0.0, 1.0)), "0.54 1.01 1.00"),
    Check(15, "growth by click date", reports.growth, ((-0.02, 0.02),) * 3, "-"),
    Check(16, "response to budgets", reports.response, ((0.5, 1.0), (-0.07, 0.07)), "0.5-0.98"),
    Check(17, "CTR last over first week", noise.tiring, ((-ANY, 0.9), (0.55, 1.0), (0.9, ANY)), "0.57-0.98"),
    Check(18, "order values", money.order_values, ((0.6, 1.0), (0.7, 1.3)), "0.73-0.81; 0.96-0.97"),
    Check(19, "concentration on ads", money.concentration, ((0.45, 0.80), (1.1, 1.9)), "0.69; 1.54"),
    Check(20, "spread of accounts", reports.spread, SPREAD, "0.5 0.7 0.8 1.0"),
    Check(21, "impossible figures", reports.funnel, ((0.0, 0.0), (0.0, 0.0)), "0"),
    Check(22, "sameness", reports.sameness, ((1.0, 1.0),) * 4, "-"),
)  # fmt: skip
