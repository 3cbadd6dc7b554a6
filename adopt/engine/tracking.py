"""The silent-tracking guard: an account whose results stop all at once has lost its tracking, not its luck.

In windows that begin with a poll, what was reported is held against what the spend so far should have been reported to
bring, by the delay curve and by the account's rate of the 28 days before. Of both ends of the curve the one counts by
which less is due. How unsure the rate is counts too, and how unevenly windows of this length have come before.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from adopt.engine.belief import dispersion
from adopt.engine.delay import Bound, DelayCurve
from adopt.engine.snapshot import Floats, Pulse, Snapshot, pulse_of
from adopt.engine.statistics import negative_binomial_tail

WINDOWS_H: Final = (12.0, 24.0, 48.0, 72.0)  # at least: each begins with a poll
_BASE_H: Final = 28 * 24.0  # before the window, that say what is usual
_SHARE: Final = 0.6  # of what is due: a bad day is no outage
_CHANCE: Final = 1e-4 / len(WINDOWS_H)  # of so few results in a window without an outage; all windows share 1e-4
_GRID_H: Final = 0.25  # steps in which a curve is added up
_FEWEST: Final = 4  # stretches that tell how unevenly they come


class Window(NamedTuple):
    """What came in a window, and what was due in it."""

    since: datetime
    hours: float
    arrived: float
    due: float  # results, by the rate before
    base: float  # results that the rate is known from
    reports: "_Reports"

    @property
    def is_silent(self) -> bool:
        """Whether so few results are no chance."""
        return self._is_no_chance(self.arrived)

    @property
    def can_tell(self) -> bool:
        """Whether none at all would be no chance."""
        return self._is_no_chance(0.0)

    def _is_no_chance(self, count: float) -> bool:
        mean, unsure = _SHARE * self.due, 1 / self.base
        if negative_binomial_tail(count, mean, unsure) >= _CHANCE:  # and the more so where windows come unevenly
            return False
        return negative_binomial_tail(count, mean, unsure + self.reports.unevenness(self.hours)) < _CHANCE


def silent_tracking(snapshot: Snapshot, curve: DelayCurve) -> str | None:
    """A sentence when the account's results fell silent in any of the windows, else None."""
    silent = next((window for window in windows(snapshot, curve) if window.is_silent), None)
    if silent is None:
        return None
    return (
        f"tracking looks down: {silent.arrived:g} results since {silent.since:%Y-%m-%d %H:%M} where about "
        f"{silent.due:.0f} were due; nothing is paused or changed until they come back"
    )


def windows(snapshot: Snapshot, curve: DelayCurve) -> Iterator[Window]:
    """The windows that end now, the shortest first; none where nothing says what is usual."""
    pulse = pulse_of(snapshot)
    slow, fast = _Reports.of(pulse, curve, "lower"), _Reports.of(pulse, curve, "upper")
    starts = np.array([start for hours in WINDOWS_H if (start := slow.before(hours)) is not None])
    edges = np.stack([np.zeros(starts.size), starts, starts + _BASE_H])
    arrived, base = np.diff(slow.came(edges), axis=0)
    due = base * np.minimum(*(_due(*-np.diff(reports.ripe(edges), axis=0)) for reports in (slow, fast)))
    known = due > 0
    columns = (column[known].tolist() for column in (starts, arrived, due, base))
    for start, found, usual, sure in zip(*columns, strict=True):
        yield Window(snapshot.now - timedelta(hours=start), start, found, usual, sure, slow)


def _due(now: Floats, before: Floats) -> Floats:
    """Of each window the reports due in it as a share of those before it; nothing where none were."""
    return np.divide(np.maximum(now, 0.0), before, out=np.zeros(now.size), where=before > 0)


class _Reports(NamedTuple):
    """An account's pulse, and how much of its spend had been reported on at a moment."""

    pulse: Pulse
    grid_h: Floats  # ages from 0 to the attribution window
    area: Floats  # hours, the curve added up to each of them

    @classmethod
    def of(cls, pulse: Pulse, curve: DelayCurve, bound: Bound) -> "_Reports":
        """The pulse by an end of a curve."""
        grid = np.arange(0.0, curve.window_h + _GRID_H, _GRID_H)
        share = curve.reported(grid, bound)
        return cls(pulse, grid, np.append(0.0, np.cumsum((share[1:] + share[:-1]) / 2) * _GRID_H))

    def came(self, ago_h: Floats) -> Floats:
        """Results since ages (...)."""
        so_far = np.append(0.0, np.cumsum(self.pulse.results))
        return np.asarray(so_far[np.searchsorted(self.pulse.age_h, ago_h)], dtype=np.float64)

    def ripe(self, ago_h: Floats) -> Floats:
        """Minor units (...) that had been reported on by then, each piece spent evenly over its time."""
        newest, oldest = self.pulse.age_h, self.pulse.began_h
        ripe = self._added(oldest - ago_h[..., None]) - self._added(newest - ago_h[..., None])
        return np.asarray(ripe @ (self.pulse.spend / (oldest - newest)))

    def _added(self, age_h: Floats) -> Floats:
        """The curve added up to ages, below 0 nothing."""
        return np.asarray(np.interp(age_h, self.grid_h, self.area) + np.maximum(age_h - self.grid_h[-1], 0.0))

    def before(self, hours: float) -> float | None:
        """The age of the newest moment that is so many hours ago or more: what came since is known from there on."""
        place = int(np.searchsorted(self.pulse.age_h, hours))
        return float(self.pulse.age_h[place]) if place < self.pulse.age_h.size else None

    def unevenness(self, hours: float) -> float:
        """The squared coefficient of variation, beyond chance, of the rate in such stretches of the base.

        The newest that were low one after another are left out: they may be the outage itself.
        """
        edges = [hours]
        while (edge := self.before(edges[-1] + hours)) is not None and edge <= hours + _BASE_H:
            edges.append(edge)
        found, due = np.diff(self.came(np.array(edges))), -np.diff(self.ripe(np.array(edges)))
        if not found.any() or due.sum() <= 0:
            return 0.0
        usual = found > _SHARE * due * found.sum() / due.sum()
        found, due = (column[int(usual.argmax()) :] for column in (found, due))
        if found.size < _FEWEST:
            return 0.0
        mean = due * found.sum() / due.sum()
        free = np.sqrt(found.size / (found.size - 1))  # a rate was fitted to them
        return dispersion(mean + (found - mean) * free, mean)
