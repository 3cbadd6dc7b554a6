"""Checks of money: pacing, weekdays, round sums, caps, order values and concentration (7, 10 to 12, 18, 19)."""

from datetime import date

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bench.realism.frame import Daily, Floats, Panel
from bench.realism.measuring import autocorrelation, log, running, share

WEEK = 7
DAY_CAP = 1.75
HIGH = 1.25
FEW_WEEKS, FEW_ORDERS, FEW_ADS = 8, 30, 20
CENT = 0.005


def spend_memory(panel: Panel) -> Floats:
    """Autocorrelation of log spend."""
    return np.array([autocorrelation(log(panel.days.long().spend))])


def round_sums(panel: Panel) -> Floats:
    """Share of days whose spend is a whole number of units."""
    spend = panel.days.spend
    return np.array([share(np.abs(spend - np.rint(spend)) < CENT / WEEK, spend > 0)])


def weekend(panel: Panel) -> Floats:
    """Spend of Sunday and of Saturday over the mean of the seven days about it, where there is spend on each."""
    days = panel.days
    edge = np.full((len(days), WEEK // 2), np.nan)
    spend = np.hstack([edge, np.where(days.spend > 0, days.spend, np.nan), edge])
    if spend.shape[1] <= FEW_WEEKS * WEEK // 2:
        return np.full(2, np.nan)
    shape = days.spend / sliding_window_view(spend, WEEK, axis=1).mean(axis=2)
    found = [shape[:, (_sunday(days) + place) % WEEK :: WEEK] for place in (0, WEEK - 1)]
    known = [column[~np.isnan(column)] for column in found]
    return np.array([column.mean() if len(column) >= FEW_WEEKS else np.nan for column in known])


def peaks(panel: Panel) -> Floats:
    """Share of days above 1.25 of the running median; the largest day and week over what budgets allow."""
    days = panel.days.long()
    spend = np.where(days.spend > 0, days.spend, np.nan)
    high = share(spend > HIGH * running(spend), ~np.isnan(spend))
    return np.array([high, *(_caps(panel.purses) if panel.purses else (np.nan, np.nan))])


def order_values(panel: Panel) -> Floats:
    """Spread of log order values, and their coefficient of variation."""
    values = panel.order_values[panel.order_values > 0]
    if len(values) >= FEW_ORDERS:
        return np.array([np.log(values).std(), values.std() / values.mean()])
    return np.array([np.nan, _variation(panel.days)])


def concentration(panel: Panel) -> Floats:
    """Share of spend on the dearest tenth of ads, and the spread of log spend."""
    spend = np.sort(panel.lifetime_spend[panel.lifetime_spend > 0])[::-1]
    if len(spend) < FEW_ADS:
        return np.full(2, np.nan)
    top = max(1, round(len(spend) / 10))
    return np.array([spend[:top].sum() / spend.sum(), np.log(spend).std()])


def _variation(days: Daily) -> float:
    """Give the variation of single orders, from the value and the number of each day's."""
    some = (days.conversions > 0) & (days.value > 0)
    number, value = days.conversions[some], days.value[some]
    if number.sum() < FEW_ORDERS:
        return float("nan")
    mean = value.sum() / number.sum()
    return float(np.sqrt(np.mean(number * (value / number - mean) ** 2)) / mean)


def _caps(purses: Daily) -> tuple[float, float]:
    day = np.nanmax(purses.spend / (DAY_CAP * purses.budget), initial=0.0)
    spend, budget = _weeks(purses, purses.spend), _weeks(purses, purses.budget)
    spend = np.where(np.isnan(spend), 0.0, spend)
    whole = ~np.isnan(budget).any(axis=1)
    week = (spend[whole].sum(axis=1) / budget[whole].sum(axis=1)).max() if whole.any() else np.nan
    return float(day), float(week)


def _weeks(days: Daily, grid: Floats) -> Floats:
    """Give whole weeks, Sunday to Saturday, of every entity as rows."""
    sunday = _sunday(days)
    count = max((grid.shape[1] - sunday) // WEEK, 0)
    return grid[:, sunday : sunday + count * WEEK].reshape(-1, WEEK)


def _sunday(days: Daily) -> int:
    """Give the column of the first Sunday."""
    return -(date.fromordinal(days.first).weekday() + 1) % WEEK
