"""Conversions one by one: when they were caused, when they happened, when a report may show them."""

from dataclasses import dataclass, fields

import numpy as np

from adopt.mock.calendar import HOUR
from adopt.mock.chance import Flags, Floats, Ints, Keys, normal, uniforms
from adopt.mock.equations import RECOVERED, TRACKED

CLICK, VIEW, ENGAGED = 0, 1, 2
DELAYS = ((0.50, 0.35), (0.80, 9.0), (1.0, 60.0))  # running weight, mean hours
CLICK_LIMIT, VIEW_LIMIT, VIEW_MEAN = 168.0, 24.0, 6.0
VALUE_SIGMA = 0.80
ENGAGED_SHARE = 0.1  # of view-through conversions, those after an engaged view
NOT_CAUSED = (0.25, 0.35)  # share of click and view conversions that would have come anyway
REFUNDED = 0.02
DAY = 86400
WITHDRAWN, WITHDRAWN_DAYS = 0.009, 150  # reported conversions later taken back
STRAY, STRAY_DAYS = 0.002, 28  # reported conversions that come when their day was thought complete


@dataclass(frozen=True)
class Sales:
    """Conversions as columns; times are Unix seconds."""

    ad: Ints
    kind: Ints
    cause: Floats  # the click or view
    done: Floats  # the conversion
    seen: Floats  # from when reports show it; infinite if never
    dated: Floats  # the moment reports say it happened at: a modelled one is dated when it is shown
    gone: Floats  # until when
    value: Ints  # minor units
    caused: Flags
    refunded: Flags

    def where(self, flags: Flags) -> "Sales":
        """Keep some rows."""
        return Sales(*(getattr(self, column.name)[flags] for column in fields(self)))


class Orders:
    """Every conversion so far, those still to happen included."""

    def __init__(self, keys: Keys, aov: Floats, start: int) -> None:
        self._keys, self._start = keys, start
        self._mean = np.log(aov) - VALUE_SIGMA**2 / 2
        self._parts: list[Sales] = []

    def add(self, hours: Ints, ads: Ints, counts: Ints, view: int, factor: Floats) -> None:
        """Take in so many conversions caused by ads in hours, by click (0) or view (1), worth a factor more."""
        if not counts.size:
            return
        nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        hour, ad = np.repeat(hours, counts), np.repeat(ads, counts)
        self._parts.append(self._draw(hour, ad, nth, view, np.repeat(factor, counts)))

    def grow(self, keys: Keys, aov: Floats) -> None:
        """Take in conversions of more ads."""
        self._keys = np.concatenate([self._keys, keys])
        self._mean = np.concatenate([self._mean, np.log(aov) - VALUE_SIGMA**2 / 2])

    def all(self) -> Sales:
        """Give every conversion as one table."""
        if len(self._parts) != 1:
            parts = self._parts or [_nothing()]
            names = [column.name for column in fields(Sales)]
            self._parts = [Sales(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))]
        return self._parts[0]

    def _draw(self, hours: Ints, ads: Ints, nth: Ints, view: int, factor: Floats) -> Sales:
        keys, lane = self._keys[ads], (nth * 2 + view) * 4
        moment, which, wait, size = uniforms(keys, hours, lane)
        tracked, late, withdrawn, caused = uniforms(keys, hours, lane + 1)
        refunded, back, engaged, stray = uniforms(keys, hours, lane + 2)
        cause = self._start + (hours + moment) * HOUR
        delay = _view_delay(wait) if view else click_delay(which, wait)
        done = cause + delay * HOUR
        seen = done + _shown_after(tracked, late) * HOUR
        return Sales(
            ad=ads,
            kind=np.where(engaged < ENGAGED_SHARE, ENGAGED, VIEW) if view else np.zeros_like(ads),
            cause=cause,
            done=done,
            seen=seen + np.where(stray < STRAY, DAY * (1 + back * STRAY_DAYS), 0.0),
            dated=np.where(tracked < TRACKED, done, seen),
            gone=np.where(withdrawn < WITHDRAWN, done + DAY * (1 + back * WITHDRAWN_DAYS), np.inf),
            value=np.rint(np.exp(self._mean[ads] + VALUE_SIGMA * normal(size)) * factor).astype(np.int64),
            caused=caused >= NOT_CAUSED[view],
            refunded=refunded < REFUNDED,
        )


def click_delay(which: Floats, wait: Floats) -> Floats:
    """Give hours from click to conversion for two uniform numbers."""
    mean = np.full_like(which, DELAYS[2][1])
    for weight, hours in DELAYS[1::-1]:
        mean = np.where(which < weight, hours, mean)
    return _truncated(mean, wait, CLICK_LIMIT)


def _view_delay(wait: Floats) -> Floats:
    return _truncated(np.full_like(wait, VIEW_MEAN), wait, VIEW_LIMIT)


def _truncated(mean: Floats, u: Floats, limit: float) -> Floats:
    return -mean * np.log1p(-u * -np.expm1(-limit / mean))


def _shown_after(tracked: Floats, late: Floats) -> Floats:
    """Give hours from conversion to report: soon if the pixel saw it, days if modelled, else never."""
    modelled = tracked < TRACKED + (1 - TRACKED) * RECOVERED
    return np.where(tracked < TRACKED, 0.1 + 1.9 * late, np.where(modelled, 24 + 48 * late, np.inf))


def _nothing() -> Sales:
    none, never, no = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, bool)
    return Sales(none, none, never, never, never, never, never, none, no, no)
