"""The silent-tracking guard: an account whose conversions stop all at once has lost its tracking, not its luck."""

from datetime import date

import numpy as np

from adopt.engine.delay import DelayCurve
from adopt.engine.snapshot import Days, Snapshot, ages_h
from adopt.engine.statistics import poisson_tail

_WINDOWS_D = (1, 2, 3)  # complete account days before today, each with what today has brought so far
_BASE_D = 28  # days before the window that say what is usual
_SHARE = 0.6  # of the expected arrivals: a bad day is no outage
_CHANCE = 1e-4


def silent_tracking(snapshot: Snapshot, curve: DelayCurve) -> str | None:
    """A sentence when the account's arrivals fell silent in any of the windows, else None."""
    today = snapshot.now.toordinal()
    for length in _WINDOWS_D:
        start = today - length
        expected = _rate(snapshot.days, start) * _ripe_spend(snapshot, curve, start)
        arrived = float(snapshot.days.results[snapshot.days.date >= start].sum())
        if expected > 0 and poisson_tail(arrived, _SHARE * expected) < _CHANCE:
            return (
                f"tracking looks down: {arrived:g} results since {date.fromordinal(start)} where about "
                f"{expected:.0f} were due; nothing is paused or changed until they come back"
            )
    return None


def _rate(days: Days, before: int) -> float:
    """Results per minor unit of spend over the base days before an ordinal day."""
    base = (days.date < before) & (days.date >= before - _BASE_D)
    spend = float(days.spend[base].sum())
    return max(float(days.results[base].sum()), 0.0) / spend if spend > 0 else 0.0


def _ripe_spend(snapshot: Snapshot, curve: DelayCurve, start: int) -> float:
    days = snapshot.days
    recent = days.date >= start
    return float(np.sum(days.spend[recent] * curve.reported(ages_h(days.date[recent], snapshot.now))))
