"""Checks of daily noise: prices, click and conversion rates, and how figures move together (1 to 6, 8, 9, 17)."""

import numpy as np

from bench.realism.frame import Daily, Floats, Panel
from bench.realism.measuring import autocorrelation, change, correlation, log, pairwise, residual, running, spread

FEW, MANY = 10, 100  # conversions a day
SEEN = 20  # conversions, for an entity's dispersion to be looked at
OLD, WEEK, TAPS = 21, 7, 10  # days of an ad's life; days compared; clicks in the first of them


def price_memory(panel: Panel) -> Floats:
    """Autocorrelation of log CPM."""
    return np.array([autocorrelation(log(_cpm(panel.days.long())))])


def spend_and_impressions(panel: Panel) -> Floats:
    """Correlation of the daily changes of spend and impressions."""
    days = panel.days.long()
    return np.array([correlation(change(days.spend), change(days.impressions))])


def impressions_and_clicks(panel: Panel) -> Floats:
    """Correlation of the daily changes of impressions and clicks."""
    days = panel.days.long()
    return np.array([correlation(change(days.impressions), change(days.clicks))])


def price_noise(panel: Panel) -> Floats:
    """Spread of log CPM about its running median."""
    return np.array([spread(residual(_cpm(panel.days.long())))])


def click_noise(panel: Panel) -> Floats:
    """Spread of log CTR about its running median."""
    days = panel.days.long()
    return np.array([spread(residual(_over(days.clicks, days.impressions)))])


def dispersion(panel: Panel) -> Floats:
    """Pearson's dispersion of conversions about clicks times the running rate: of few a day, and of many."""
    days = panel.days.long()
    clicks, bought = (np.where(days.clicks > 0, column, np.nan) for column in (days.clicks, days.conversions))
    expected = clicks * _over(running(bought, total=True), running(clicks, total=True))
    terms = _over((bought - expected) ** 2, expected)
    many = (~np.isnan(terms)).sum(axis=1)
    each = np.nansum(terms, axis=1) / np.maximum(many, 1)
    daily = np.nansum(bought, axis=1) / np.maximum((~np.isnan(bought)).sum(axis=1), 1)
    enough = (many > 0) & (np.nansum(bought, axis=1) >= SEEN)
    groups = (enough & (daily < FEW), enough & (daily >= FEW) & (daily < MANY))
    return np.array([np.average(each[g], weights=many[g]) if g.any() else np.nan for g in groups])


def repetition(panel: Panel) -> Floats:
    """Spread of log frequency, and the share of days on which fewer were shown an ad than were reached."""
    days = panel.days.long()
    known = ~np.isnan(days.reach) & days.active
    wrong = float((days.reach > days.impressions)[known].mean()) if known.any() else np.nan
    return np.array([spread(log(_over(days.impressions, np.where(known, days.reach, np.nan)))), wrong])


def likeness(panel: Panel) -> Floats:
    """Median correlation of log clicks between entities."""
    return np.array([pairwise(log(panel.days.long().clicks))])


def tiring(panel: Panel) -> Floats:
    """CTR of an old ad's last week over its first: lower quartile, median, upper quartile."""
    ads = panel.ads
    found = [one for row in range(len(ads)) if (one := _wear(ads, row)) is not None]
    return np.asarray(np.quantile(found, [0.25, 0.5, 0.75])) if len(found) >= WEEK else np.full(3, np.nan)


def _wear(ads: Daily, row: int) -> float | None:
    """Give one ad's last week over its first, None if it is young or was hardly seen."""
    at = np.flatnonzero(ads.active[row] & ~np.isnan(ads.clicks[row]))
    if len(at) < 2 * WEEK or at[-1] - at[0] < OLD:
        return None
    first, last = (ads.clicks[row, part].sum() / ads.impressions[row, part].sum() for part in (at[:WEEK], at[-WEEK:]))
    return float(last / first) if ads.clicks[row, at[:WEEK]].sum() >= TAPS else None


def _cpm(days: Daily) -> Floats:
    return _over(np.where(days.active, days.spend, np.nan), days.impressions)


def _over(top: Floats, bottom: Floats) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0))
