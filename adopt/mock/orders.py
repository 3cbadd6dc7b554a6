"""Conversions one by one: when they were caused, when they happened, when a report may show them."""

from dataclasses import dataclass, fields

import numpy as np

from adopt.mock.calendar import HOUR
from adopt.mock.chance import Flags, Floats, Ints, Keys, normal, uniforms
from adopt.mock.parameters import Parameters

CLICK, VIEW, ENGAGED = 0, 1, 2
CLICK_LIMIT, VIEW_LIMIT = 168.0, 24.0
ENGAGED_SHARE = 0.1  # of view-through conversions, those after an engaged view
DAY = 86400
WITHDRAWN = (28, 150)  # days after which, and within which, reported conversions are taken back
STRAY, STRAY_DAYS = 0.0003, 28  # reported conversions that come when their day was thought complete


@dataclass(frozen=True)
class Sales:
    """Conversions as columns; times are Unix seconds."""

    ad: Ints
    kind: Ints
    cause: Floats  # the click or view
    done: Floats  # the conversion
    seen: Floats  # from when reports show it; infinite if never
    gone: Floats  # until when
    value: Ints  # minor units
    caused: Flags
    refunded: Flags

    def where(self, flags: Flags) -> "Sales":
        """Keep some rows."""
        return Sales(*(getattr(self, column.name)[flags] for column in fields(self)))


class Orders:
    """Every conversion so far, those still to happen included."""

    def __init__(self, p: Parameters, start: int) -> None:
        self._p, self._start = p, start
        self._keys: Keys = np.zeros(0, np.uint64)
        self._mean: Floats = np.zeros(0)  # log order value
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
        self._mean = np.concatenate([self._mean, np.log(aov) - self._p.aov_sigma**2 / 2])

    def all(self) -> Sales:
        """Give every conversion as one table."""
        if len(self._parts) != 1:
            parts = self._parts or [_nothing()]
            names = [column.name for column in fields(Sales)]
            self._parts = [Sales(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))]
        return self._parts[0]

    def _draw(self, hours: Ints, ads: Ints, nth: Ints, view: int, factor: Floats) -> Sales:
        p, keys, lane = self._p, self._keys[ads], (nth * 2 + view) * 4
        moment, which, wait, size = uniforms(keys, hours, lane)
        tracked, late, withdrawn, caused = uniforms(keys, hours, lane + 1)
        refunded, back, engaged, stray = uniforms(keys, hours, lane + 2)
        cause = self._start + (hours + moment) * HOUR
        delay = _truncated(np.full_like(wait, p.view_hours), wait, VIEW_LIMIT) if view else click_delay(p, which, wait)
        done = cause + delay * HOUR
        seen = done + _shown_after(p, tracked, late) * HOUR
        gone = done + DAY * (WITHDRAWN[0] + back * (WITHDRAWN[1] - WITHDRAWN[0]))
        return Sales(
            ad=ads,
            kind=np.where(engaged < ENGAGED_SHARE, ENGAGED, VIEW) if view else np.zeros_like(ads),
            cause=cause,
            done=done,
            seen=seen + np.where(stray < STRAY, DAY * (1 + back * STRAY_DAYS), 0.0),
            gone=np.where(withdrawn < p.withdrawn, gone, np.inf),
            value=np.rint(np.exp(self._mean[ads] + p.aov_sigma * normal(size)) * factor).astype(np.int64),
            caused=caused >= (p.not_caused_view if view else p.not_caused_click),
            refunded=refunded < p.refunded,
        )


def click_delay(p: Parameters, which: Floats, wait: Floats) -> Floats:
    """Give hours from click to conversion for two uniform numbers."""
    later = np.where(which < p.delay_soon + p.delay_day, p.delay_day_hours, p.delay_late_hours)
    mean = np.where(which < p.delay_soon, p.delay_soon_hours, later)
    return _truncated(mean, wait, CLICK_LIMIT)


def _truncated(mean: Floats, u: Floats, limit: float) -> Floats:
    return -mean * np.log1p(-u * -np.expm1(-limit / mean))


def _shown_after(p: Parameters, tracked: Floats, late: Floats) -> Floats:
    """Give hours from conversion to report: soon if the pixel saw it, by the next day if modelled, else never."""
    modelled = tracked < p.seen
    return np.where(tracked < p.tracked, 0.1 + 1.9 * late, np.where(modelled, 1 + 11 * late, np.inf))


def _nothing() -> Sales:
    none, never, no = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, bool)
    return Sales(none, none, never, never, never, never, none, no, no)
