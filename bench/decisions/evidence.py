"""The policy under test: polls in, the engine's own proof and belief out.

Nothing here computes a statistic: sums over the polls go to the functions that a pass gives them to. Proof is looked at
hourly, where all that was spent could have reached the limit; belief, dispersion, priors and the delay curve are
brought up to date at midnight.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
from msgspec import Struct

from adopt.engine import evidence, throttle
from adopt.engine.belief import fit_prior, mean_and_chance
from adopt.engine.delay import SLOW, Arrivals, Bound, DelayCurve, Spends, fit_delay
from adopt.engine.dispersion import daily_due, shock, usual_day
from adopt.engine.maturing import HALF_LIFE_D, fading, week_starts
from adopt.engine.presets import COMEBACK
from adopt.engine.proof import Evident, Scale, index_of_dispersion, scale, worthless
from adopt.engine.snapshot import Days, Pulse, Snapshot
from adopt.engine.tracking import silent_tracking
from adopt.model import Account
from adopt.policy import Decision, Target
from bench.decisions.curves import shares
from bench.decisions.living import Look
from bench.decisions.log import Log, lags_h
from bench.decisions.worlds import TARGET, Bools, Floats, Integers, Poll, Setting

DAY_H: Final = 24.0
MOST_STEPS: Final = 4096
WEEK_H: Final = 168.0
CENTS: Final = 100 * TARGET  # a target CPA in minor units
REFITS_D: Final = (1, 2, 3, 5, 8, 12, 18, 25)  # days on which a curve is learned anew
EPOCH: Final = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
ACCOUNT: Final = Account(id="act_1", name="Bench", currency="USD", timezone="UTC")


class Options(Struct, frozen=True):
    """What an experiment may change of the method."""

    decision: Decision = Decision()
    throttles: bool = True
    guard: bool = True  # whether silent tracking freezes an account


class Evidence:
    """Pause on proof, revive when it is gone, throttle on belief."""

    def __init__(self, setting: Setting, options: Options | None = None) -> None:
        self.setting = setting
        self.options = options or Options()
        self.log = Log(setting)
        self._a_day = round(DAY_H / setting.step_h)
        self.base = np.rint(setting.base * CENTS).astype(np.int64)
        self.budget = self.base.copy()
        self.runs = np.ones(self.log.size, dtype=np.bool_)
        self._limit = np.full(self.log.size, -np.log(evidence.epoch_alpha(self.options.decision.alpha, 1)))
        self._target = Target(cpa=Decimal(TARGET)) if setting.roas is None else Target(roas=Decimal(str(setting.roas)))
        self._accounts = _slices(setting)
        self._curves = [_given(setting)] * len(self._accounts)
        self._prior = _priors(setting)
        self._scales = [(slice(None), worthless(self._target, ACCOUNT.money))]  # of all, or of each account
        self._weight, self._due_a_cpa = np.ones(self.log.size), np.ones(self.log.size)
        self._pieces = np.zeros((self.log.size, 0))  # of evidence by complete day
        self._p_good = np.full(self.log.size, np.nan)
        self._mean = np.ones(self.log.size)
        self._frozen = np.zeros(self.log.size, dtype=np.bool_)

    @property
    def share(self) -> Floats:
        """What runs, of the base budgets."""
        return np.where(self.runs, self.budget / self.base, 0.0)

    def begin(self) -> Floats:
        """Base budgets."""
        return self.share

    def look(self, poll: Poll) -> Look:
        """Pause, revive and, at midnight, throttle."""
        self.observe(poll)
        stop = self._bad() & ~self._frozen
        if self.options.guard and stop.any():
            stop &= ~self._silent(np.unique(self.setting.account[stop]))
        back = self._comebacks()
        self.budget[back] = [COMEBACK.of(base) for base in self.base[back].tolist()]
        self.runs = (self.runs & ~stop) | back
        if not self.log.is_midnight:
            return Look(self.share)
        if self.options.throttles:
            self._move(np.flatnonzero(self.runs & ~self._frozen))
        good = self._evident(np.arange(self.log.size), upper=True).good()
        return Look(self.share, scale=np.isin(np.arange(self.log.size), good), p_good=self._p_good)

    def observe(self, poll: Poll) -> None:
        """Take in a poll without deciding anything."""
        self.log.record(poll)
        if self.log.is_midnight:
            self._wake()

    def values(self) -> Floats:
        """The log e-value of every ad set now."""
        rows = np.arange(self.log.size)
        return self._evident(rows).log_e(rows)

    def _bad(self) -> Bools:
        """Which running ad sets are proven bad; those whose money could not have proven it are not looked at."""
        found = np.zeros(self.log.size, dtype=np.bool_)
        every = np.arange(self.log.size)
        due = self._since(self.log.spent, self._starts()) * self._due_a_cpa[:, None]
        missing = (due - self._found(every) * self._weight[:, None]).max(axis=1)
        rows = np.flatnonzero(self.runs & (missing >= self._limit))
        found[rows[self._evident(rows).bad()]] = True
        return found

    def _comebacks(self) -> Bools:
        """Which paused ad sets have lost their proof and are probably good."""
        found = np.zeros(self.log.size, dtype=np.bool_)
        rows = np.flatnonzero(~self.runs & (self._p_good > throttle.RESTORED))
        if rows.size:
            found[rows] = self._evident(rows).log_e(np.arange(rows.size)) < 0
        return found

    def _evident(self, rows: Integers, *, upper: bool = False) -> Evident:
        """What proof rests on for some rows; the curve's upper bound where more than the target is to be proven."""
        steps, worth = self._starts(), self._due_a_cpa[rows]
        due = self._since(self._ripe("lower", rows), steps) * worth[:, None]
        return Evident(
            found=self._found(rows) * self._weight[rows, None],
            due=due,
            due_upper=self._ripe("upper", rows).sum(axis=1) * worth if upper else np.zeros(rows.size),
            started=np.ones(due.shape, dtype=np.bool_),
            prior=(self._prior[0][rows], self._prior[1][rows]),
            limit=self._limit[rows],
            piece=np.ones(rows.size),
            decision=self.options.decision,
        )

    def _ripe(self, bound: Bound, rows: Integers) -> Floats:
        """Spend of each step whose results have had time to arrive, target CPAs, (rows, steps)."""
        count = len(self.log.polls)
        tables = np.stack([shares(curve, bound, MOST_STEPS, self.setting.step_h) for curve in self._curves])
        tables = tables[:, :count][:, ::-1]
        return np.asarray(self.log.spent[rows] * tables[self.setting.account[rows]])

    def _starts(self) -> Integers:
        """The steps with which the epoch and each week in it began."""
        first, today = EPOCH.toordinal(), EPOCH.toordinal() + (len(self.log.polls) - 1) // self._a_day
        weeks = week_starts(np.arange(first, today + 1), today) - first
        return np.concatenate([[0], weeks]) * self._a_day

    def _since(self, columns: Floats, starts: Integers) -> Floats:
        """Sums (n, terms) of columns from each of some starts on."""
        parts = np.add.reduceat(columns, starts, axis=1)
        return np.asarray(parts[:, ::-1].cumsum(axis=1)[:, ::-1])

    def _found(self, rows: Integers) -> Floats:
        """Pieces of evidence (rows, terms) since each start."""
        pieces = self._pieces[rows]
        if pieces.shape[1] * self._a_day < len(self.log.polls):
            pieces = np.column_stack([pieces, self._counted(pieces.shape[1])[rows]])
        return self._since(pieces, self._starts() // self._a_day)

    def _counted(self, first: int) -> Floats:
        """Pieces of evidence (n, days) of each day from one on, today's so far among them."""
        return np.concatenate([priced.pieces(self._days(rows, first)) for rows, priced in self._scales]).reshape(
            self.log.size, -1
        )

    def _move(self, rows: Integers) -> None:
        """A day's step of the throttle."""
        for row in rows.tolist():
            budget, base = int(self.budget[row]), int(self.base[row])
            if self._p_good[row] < throttle.DOUBTED:
                self.budget[row] = throttle.lowered(budget, base)
            elif self._p_good[row] > throttle.RESTORED:
                self.budget[row] = throttle.regained(budget, base)

    def _wake(self) -> None:
        """Bring up to date, at midnight, what changes once a day."""
        day = round(self.log.now_h / DAY_H)
        if self.setting.delay is None and day in REFITS_D:
            self._curves = [self._learned(rows) for rows in self._accounts]
        if self.setting.roas is not None:
            self._scales = [(rows, self._priced(rows)) for rows in self._accounts]
        self._pieces = self._counted(0)
        self._weigh()
        self._believe()
        if self.options.guard:
            self._frozen = self._silent(np.arange(len(self._accounts)))

    def _weigh(self) -> None:
        """What a piece found and a target CPA of matured spend count of each ad set, by how much its days vary."""
        spend = self._by_day(self.log.spent) * CENTS
        for account, rows in enumerate(self._accounts):
            priced = self._scales[min(account, len(self._scales) - 1)][1]
            paid, due = spend[rows], daily_due(spend[rows], self._curves[account])
            usual = usual_day(paid.sum(axis=1), (paid**2).sum(axis=1))
            phi = index_of_dispersion(shock(self._pieces[rows], due), usual, priced)
            self._weight[rows] = priced.dispersed(np.ones(phi.size), phi)
            self._due_a_cpa[rows] = priced.due(np.full(phi.size, CENTS), phi)

    def _believe(self) -> None:
        """The chance that each meets the target, older days counting less."""
        noons = np.asarray(DAY_H * (np.arange(self._pieces.shape[1])[::-1] + 0.5), dtype=np.float64)
        found = self._pieces @ fading(noons) * self._weight
        ages = lags_h(len(self.log.polls), self.setting.step_h)[::-1]
        tables = {curve: curve.lately(ages, DAY_H * HALF_LIFE_D) for curve in set(self._curves)}
        late = np.concatenate(
            [self.log.spent[r] @ tables[c] for r, c in zip(self._accounts, self._curves, strict=True)]
        )
        self._mean, self._p_good = mean_and_chance(found, late * self._due_a_cpa, *self._prior)

    def _by_day(self, by_step: Floats, first: int = 0) -> Floats:
        """Sums (n, days) of columns a step, today's so far among them."""
        return np.asarray(
            np.add.reduceat(by_step, np.arange(first * self._a_day, by_step.shape[1], self._a_day), axis=1)
        )

    def _days(self, rows: slice, first: int = 0) -> Days:
        """The daily rows of some ad sets, as the engine reads them."""
        spend, results, revenue = (
            self._by_day(column[rows], first) for column in (self.log.spent, self.log.new, self.log.earned)
        )
        place, day = np.indices(spend.shape).reshape(2, -1).astype(np.int64)
        zero = np.zeros(place.size)
        dates = EPOCH.toordinal() + first + day
        return Days(place, dates, spend.ravel() * CENTS, zero, zero, results.ravel(), revenue.ravel() * CENTS)

    def _priced(self, rows: slice) -> Scale:
        return scale(self._days(rows), self._target, ACCOUNT.money) or worthless(self._target, ACCOUNT.money)

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
            rows, curve = self._accounts[account], self._curves[account]
            found[rows] = silent_tracking(self._snapshot(rows), curve) is not None
        return found

    def _snapshot(self, rows: slice) -> Snapshot:
        """The account's pulse as the engine's guard reads it."""
        back = np.arange(len(self.log.polls))[::-1]
        spend, results = self.log.spent[rows].sum(axis=0), np.maximum(self.log.new[rows], 0.0).sum(axis=0)
        pulse = Pulse(np.sort(back * self.setting.step_h), spend[back] * CENTS, results[back])
        none = np.zeros(0, dtype=np.int64)
        days, now = Days(none, none, *(np.zeros(0),) * 5), EPOCH + timedelta(hours=self.log.now_h)
        return Snapshot(account=ACCOUNT, now=now, campaigns=(), ad_sets=(), histories={}, days=days, pulse=pulse)


def _priors(setting: Setting) -> tuple[Floats, Floats]:
    """Shape and rate (n,) of each ad set's prior, fitted to its account's past."""
    fits = [fit_prior(results, spend) for results, spend in zip(setting.past_results, setting.past_spend, strict=True)]
    a, b = (np.array(column)[setting.account] for column in zip(*((fit.a, fit.b) for fit in fits), strict=True))
    return a, b


def _given(setting: Setting) -> DelayCurve:
    """The curve known from before, or the slow default until one is learned."""
    weights = SLOW if setting.delay is None else setting.delay.weights
    return DelayCurve(weights, setting.window_h, assumed=setting.delay is None)


def _slices(setting: Setting) -> list[slice]:
    """The rows of each account."""
    starts = np.flatnonzero(np.diff(setting.account, prepend=-1))
    ends = [*starts[1:].tolist(), len(setting.account)]
    return [slice(start, end) for start, end in zip(starts.tolist(), ends, strict=True)]
