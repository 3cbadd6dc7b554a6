"""Checks of reports and of the truth: delay, restatement, response, spread, funnel, sameness (13 to 16, 20 to 22)."""

import numpy as np

from bench.realism.frame import Daily, Floats, Panel


def delay(panel: Panel) -> Floats:
    """Share of purchases on the day of the click; purchases 1, 2 and 8 days after a stop over a usual day's."""
    if panel.waves is None:
        return np.full(4, np.nan)
    return np.array([(panel.waves.lags == 0).mean(), *panel.waves.after_stop])


def restatement(panel: Panel) -> Floats:
    """Purchases dated by conversion, of those seen in the end: at noon, a day later; then how many still move."""
    if panel.waves is None:
        return np.full(3, np.nan)
    waves = panel.waves
    return np.array([waves.noon, waves.next_day, waves.later])


def growth(panel: Panel) -> Floats:
    """Purchases dated by click, after 1, 3 and 7 days: the reported share less the share that had happened."""
    return np.full(3, np.nan) if panel.waves is None else panel.waves.early


def response(panel: Panel) -> Floats:
    """Elasticity of conversions on spend under budget steps, and how far it is from the configured one."""
    if panel.response is None:
        return np.full(2, np.nan)
    estimate, configured = panel.response
    return np.array([estimate, estimate - configured])


def spread(panel: Panel) -> Floats:
    """Spread between accounts of log CPM, CTR, conversions a click and return; known of many accounts together."""
    return np.asarray(np.std(panel.levels, axis=0, ddof=1)) if len(panel.levels) > 1 else np.full(4, np.nan)


def levels(days: Daily) -> Floats:
    """Give an account's log CPM, CTR, conversions a click and return."""
    spend, shown, clicks, bought, value = (
        np.nansum(grid) for grid in (days.spend, days.impressions, days.clicks, days.conversions, days.value)
    )
    ratios: Floats = np.array([spend / shown, clicks / shown, bought / clicks, value / spend])
    return np.log(ratios)


def funnel(panel: Panel) -> Floats:
    """Days on which more click than see, more land than click, or value is below 0; entities that sell too much."""
    days = panel.days
    wrong = (days.clicks > days.impressions) | (days.landed > days.clicks) | (days.value < 0) | (days.conversions < 0)
    most = np.nansum(np.where(np.isnan(days.clicks), 0, days.clicks) + np.nan_to_num(days.impressions), axis=1)
    return np.array([wrong.sum(), (np.nansum(days.conversions, axis=1) > most).sum()], np.float64)


def sameness(panel: Panel) -> Floats:
    """Whether a seed repeats itself, 30 + 30 days are 60, newcomers disturb nobody, and another seed differs."""
    return np.full(4, np.nan) if panel.same is None else panel.same.astype(np.float64)
