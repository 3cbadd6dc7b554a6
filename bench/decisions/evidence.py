"""The policy under test: polls in, the engine's own proof and belief out.

Nothing here computes a statistic. Proof is looked at hourly, but only where the largest possible likelihood ratio
could have reached the threshold; belief, dispersion, priors and the delay curve are brought up to date at midnight.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from msgspec import Struct

from adopt.engine import evidence
from adopt.engine.belief import dispersion, fit_prior, phi, posterior
from adopt.engine.delay import SLOW, Arrivals, Bound, DelayCurve, Spends, fit_delay
from adopt.engine.revenue import RevenueUnit, capped, revenue_unit
from adopt.engine.snapshot import Days, Snapshot
from adopt.engine.tracking import silent_tracking
from adopt.model import Account
from bench.decisions.curves import shares
from bench.decisions.living import Look
from bench.decisions.log import Log
from bench.decisions.worlds import Bools, Floats, Poll, Setting

DAY_H: Final = 24.0
MOST_STEPS: Final = 4096
WEEK_H: Final = 168.0
FLOOR: Final = 0.05
LOG_5: Final = np.log(5.0)
COMEBACK: Final = 0.25
DOUBTED: Final = 0.30
RESTORED: Final = 0.40
HALF_LIFE_H: Final = 21 * DAY_H
REFITS_D: Final = (1, 2, 3, 5, 8, 12, 18, 25)  # days on which a curve is learned anew
EPOCH: Final = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
ACCOUNT: Final = Account(id="act_1", name="Bench", currency="USD", timezone="UTC")


class Options(Struct, frozen=True):
    """What an experiment may change of the method."""

    alpha: float = 0.05
    account: bool = False  # the Bayes factor decides, not the proof alone
    throttles: bool = True
    restarts: bool = True
    guard: bool = True  # whether silent tracking freezes an account
    margin: Bound = "lower"  # of the delay curve, for proof


class Evidence:
    """Pause on proof, revive when it is gone, throttle on belief."""

    def __init__(self, setting: Setting, options: Options | None = None) -> None:
        self.setting = setting
        self.options = options or Options()
        self.log = Log(setting)
        self.share = np.ones(self.log.size)
        self._limit = -np.log(self.options.alpha)
        self._rows = _slices(setting)
        self._curves = [_given(setting)] * len(self._rows)
        pairs = zip(setting.past_results, setting.past_spend, strict=True)
        priors = [fit_prior(results, spend) for results, spend in pairs]
        self._a = np.array([prior.a for prior in priors])[setting.account]
        self._b = np.array([prior.b for prior in priors])[setting.account]
        self._phi = np.ones(self.log.size)
        self._units: list[RevenueUnit | None] = [None] * len(self._rows)
        self._pieces = np.zeros((self.log.size, 0))  # new ones by day, complete days only
        self._due = np.zeros((self.log.size, 0))  # likewise, by the curve's middle
        self._ripe = np.zeros((self.log.size, 0))  # total at the end of each day, by the curve's margin
        self._p_good = np.full(self.log.size, np.nan)
        self._frozen = np.zeros(self.log.size, dtype=np.bool_)

    def begin(self) -> Floats:
        """Base budgets."""
        return self.share

    def look(self, poll: Poll) -> Look:
        """Pause, revive and, at midnight, throttle."""
        self.observe(poll)
        against = self._against()
        running = self.share > 0
        stop = running & (against >= self._limit)
        stop &= ~self._frozen
        if self.options.guard and stop.any():
            stop &= ~self._silent(np.unique(self.setting.account[stop]))
        back = ~running & (against < 0)
        self.share = np.where(stop, 0.0, np.where(back, COMEBACK, self.share))
        if not self.log.is_midnight:
            return Look(self.share)
        if self.options.throttles:
            self.share = np.where(self._frozen, self.share, self._budgets())
        return Look(self.share, scale=self._may_scale(), p_good=self._p_good)

    def observe(self, poll: Poll) -> None:
        """Take in a poll without deciding anything."""
        self.log.record(poll)
        if self.log.is_midnight:
            self._wake()

    def values(self) -> Floats:
        """The log e-value of every ad set now."""
        return self._proof(*self._terms(), np.ones(self.log.size, dtype=np.bool_))

    def _now(self) -> tuple[Floats, Floats]:
        """Pieces of evidence found and due at target by now, before overdispersion, each (n,)."""
        today = self._new_pieces(self._pieces.shape[1]).sum(axis=1)
        return self._pieces.sum(axis=1) + today, self._exposure(self.options.margin)

    def _against(self) -> Floats:
        """The log e-value (n,); 0 where it cannot have reached the limit, and nothing is paused."""
        n, e = self._terms()
        look = (_most(n, e).max(axis=1) >= self._limit) | (self.share == 0)
        found = np.zeros(self.log.size)
        found[look] = self._proof(n[look], e[look], look)
        return found

    def _terms(self) -> tuple[Floats, Floats]:
        """Found and due over the lifetime and since each week, corrected for overdispersion, each (n, terms)."""
        count, due = self._now()
        terms = self._ripe.shape[1] // 7 + 1 if self.options.restarts else 1
        n, e = np.empty((self.log.size, terms)), np.empty((self.log.size, terms))
        n[:, 0], e[:, 0] = count, due
        for j in range(1, terms):
            n[:, j] = count - self._pieces[:, : 7 * j].sum(axis=1)
            e[:, j] = due - self._ripe[:, 7 * j - 1]
        return np.maximum(n, 0.0) / self._phi[:, None], np.maximum(e, 0.0) / self._phi[:, None]

    def _proof(self, n: Floats, e: Floats, rows: Bools) -> Floats:
        a, b = self._a[rows], self._b[rows]
        weights = evidence.restart_weights(n.shape[1]) if n.shape[1] > 1 else np.ones(1)
        found = evidence.mixture_log_e(n, e, a, b, weights, np.ones(n.shape, dtype=np.bool_))
        if self.options.account:
            found = found - evidence.hybrid_log_e(n[:, 0], e[:, 0], a, b, 1.0, "above")
        return found

    def _may_scale(self) -> Bools:
        """Where an e-value of 5 speaks for more than the target."""
        count = self._pieces.sum(axis=1) / self._phi
        due = self._exposure("upper") / self._phi
        return np.asarray(evidence.hybrid_log_e(count, due, self._a, self._b, 1.0, "above") >= LOG_5)

    def _budgets(self) -> Floats:
        """Half for what is doubted, half as much again for what is not, within the floor and the base."""
        running = self.share > 0
        down, up = running & (self._p_good < DOUBTED), running & (self._p_good > RESTORED)
        moved = np.where(down, 0.5 * self.share, np.where(up, 1.5 * self.share, self.share))
        return np.where(running, np.clip(moved, FLOOR, 1.0), 0.0)

    def _wake(self) -> None:
        """Bring up to date, at midnight, what changes once a day."""
        day = round(self.log.now_h / DAY_H)
        if self.setting.delay is None and day in REFITS_D:
            self._curves = [self._learned(rows) for rows in self._rows]
        if self.setting.roas is not None:
            self._units = [self._unit(rows) for rows in self._rows]
        if self.setting.delay is None or self.setting.roas is not None:
            self._pieces, self._due, self._ripe = (np.zeros((self.log.size, 0)) for _ in range(3))
        for end in range(self._pieces.shape[1] + 1, day + 1):
            self._add_day(end)
        self._phi = self._dispersion()
        self._believe()
        if self.options.guard:
            self._frozen = self._silent(np.arange(len(self._rows)))

    def _add_day(self, end: int) -> None:
        before = self._due.sum(axis=1)
        self._pieces = np.column_stack([self._pieces, self._new_pieces(end - 1, end)])
        self._due = np.column_stack([self._due, self._exposure("mid", end * DAY_H) - before])
        self._ripe = np.column_stack([self._ripe, self._exposure(self.options.margin, end * DAY_H)])

    def _believe(self) -> None:
        """The chance that each meets the target, older days counting less."""
        age_h = DAY_H * np.arange(self._pieces.shape[1])[::-1]
        fade = np.exp2(-age_h / HALF_LIFE_H)
        count, due = self._pieces @ fade / self._phi, self._due @ fade / self._phi
        self._p_good = posterior(count, due, self._a, self._b)[1]

    def _dispersion(self) -> Floats:
        """How much more than by chance the days of each ad set vary."""
        found, due = self._pieces.sum(axis=1), self._due.sum(axis=1)
        rate = np.divide(found, due, out=np.zeros_like(due), where=due > 0)
        mean = rate[:, None] * self._due
        index = np.ones(self.log.size)
        for rows in self._rows:
            index[rows] = phi(dispersion(self._pieces[rows], mean[rows]), found[rows] / max(self._due.shape[1], 1))
        return index

    def _new_pieces(self, start: int, end: int | None = None) -> Floats:
        """Pieces of evidence from the start of a day on, in one column a day if an end is given."""
        a_day = round(DAY_H / self.setting.step_h)
        cut = slice(start * a_day, None if end is None else end * a_day)
        new = self.log.new[:, cut]
        if self.setting.roas is None:
            return np.asarray(new.sum(axis=1, keepdims=True))
        pieces = np.zeros((self.log.size, 1))
        for rows, unit in zip(self._rows, self._units, strict=True):
            if unit is not None:
                pieces[rows, 0] = unit.pieces(capped(self.log.earned[rows, cut], new[rows], unit)).sum(axis=1)
        return pieces

    def _exposure(self, bound: Bound, at_h: float | None = None) -> Floats:
        """Pieces due at target by a moment, (n,)."""
        due = np.zeros(self.log.size)
        for rows, curve in self._groups:
            table = shares(curve, bound, MOST_STEPS, self.setting.step_h)
            due[rows] = self.log.matured(table, rows, at_h)
        if self.setting.roas is None:
            return due
        for rows, unit in zip(self._rows, self._units, strict=True):
            due[rows] = unit.exposure(due[rows], self.setting.roas) if unit is not None else 0.0
        return due

    @property
    def _groups(self) -> list[tuple[slice, DelayCurve]]:
        """Rows that share a curve."""
        if len(set(self._curves)) == 1:
            return [(slice(None), self._curves[0])]
        return list(zip(self._rows, self._curves, strict=True))

    def _unit(self, rows: slice) -> RevenueUnit | None:
        new = self.log.new[rows]
        sold = new > 0
        return revenue_unit(self.log.earned[rows][sold], new[sold])

    def _learned(self, rows: slice) -> DelayCurve:
        """The account's curve from its polls so far."""
        ad_set, step = np.indices(self.log.new[rows].shape).reshape(2, -1).astype(np.int64)
        since = np.asarray(step * self.setting.step_h, dtype=np.float64)
        until = since + self.setting.step_h
        return fit_delay(
            Arrivals(ad_set, since, until, self.log.new[rows].ravel()),
            Spends(ad_set, since, until, self.log.spent[rows].ravel()),
            "28d_click" if self.setting.window_h > WEEK_H else "7d_click",
        )

    def _silent(self, accounts: np.ndarray) -> Bools:
        """Ad sets of these accounts whose results have fallen silent."""
        found = np.zeros(self.log.size, dtype=np.bool_)
        for account in accounts:
            rows, curve = self._rows[account], self._curves[account]
            found[rows] = silent_tracking(self._snapshot(rows), curve) is not None
        return found

    def _snapshot(self, rows: slice) -> Snapshot:
        """The account's days as the engine's guard reads them; a minute before midnight rather than a new day."""
        a_day = round(DAY_H / self.setting.step_h)
        day = np.arange(len(self.log.polls)) // a_day
        spend, results = (
            np.bincount(day, rows_of[rows].sum(axis=0)).astype(np.float64) for rows_of in (self.log.spent, self.log.new)
        )
        zero = np.zeros(spend.size)
        place = np.zeros(spend.size, dtype=np.int64)
        dates = EPOCH.toordinal() + np.arange(spend.size, dtype=np.int64)
        days = Days(place, dates, spend, zero, zero, np.maximum(results, 0.0), zero)
        now = EPOCH + timedelta(hours=self.log.now_h, minutes=-1)
        return Snapshot(account=ACCOUNT, now=now, campaigns=(), ad_sets=(), histories={}, days=days)


def _most(count: Floats, due: Floats) -> Floats:
    """The log of the largest likelihood ratio against the target, which no mixture exceeds."""
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = due - count + np.where(count > 0, count * np.log(count / due), 0.0)
    return np.where(count < due, gain, 0.0)


def _given(setting: Setting) -> DelayCurve:
    """The curve known from before, or the slow default until one is learned."""
    weights = SLOW if setting.delay is None else setting.delay.weights
    return DelayCurve(weights, setting.window_h, assumed=setting.delay is None)


def _slices(setting: Setting) -> list[slice]:
    """The rows of each account."""
    starts = np.flatnonzero(np.diff(setting.account, prepend=-1))
    ends = [*starts[1:].tolist(), len(setting.account)]
    return [slice(start, end) for start, end in zip(starts.tolist(), ends, strict=True)]
