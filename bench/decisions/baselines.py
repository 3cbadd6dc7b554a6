"""The policies that people use: Wilson's interval read every hour, and the recipes that pass from hand to hand."""

import numpy as np

from adopt.engine.belief import fit_prior, posterior
from adopt.engine.delay import SLOW, DelayCurve
from adopt.engine.statistics import wilson_interval
from bench.decisions.curves import shares
from bench.decisions.living import Look
from bench.decisions.log import Log
from bench.decisions.scenarios import Delay
from bench.decisions.worlds import TARGET, Bools, Floats, Poll, Setting

DAY_H = 24.0
MOST_STEPS = 4096
DOLLAR = 1 / TARGET  # in target CPAs


class Rule:
    """A policy that pauses for good what its rule finds, and says what it would scale."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.log = Log(setting)
        self.share = np.full(self.log.size, min(setting.total, setting.cap))

    def begin(self) -> Floats:
        """An equal split of what there is."""
        return self.share

    def look(self, poll: Poll) -> Look:
        """Pause what is found now."""
        self.observe(poll)
        self.share = np.where((self.share > 0) & self.stops(), 0.0, self.share)
        self.share = np.where((self.share == 0) & self.returns(), 1.0, self.share)
        return Look(self.share, scale=self.scales(), p_good=self.believes())

    def observe(self, poll: Poll) -> None:
        """Take in a poll without deciding anything."""
        self.log.record(poll)

    def stops(self) -> Bools:
        """Which ad sets the rule is against."""
        return self.none()

    def returns(self) -> Bools:
        """Which of those paused may run again."""
        return self.none()

    def scales(self) -> Bools:
        """Which ad sets the rule would give more."""
        return self.none()

    def believes(self) -> Floats | None:
        """The chance that each is good, if it says so."""
        return None

    def none(self) -> Bools:
        """No ad set."""
        return np.zeros(self.log.size, dtype=np.bool_)

    def worth(self, poll: Poll) -> Floats:
        """What results are worth in target CPAs."""
        return poll.results if self.setting.roas is None else poll.revenue / self.setting.roas


class Wilson(Rule):
    """Pause when even the upper end of today's 95 % interval misses the target: the naive reading, every hour."""

    def stops(self) -> Bools:
        """The interval of the conversion rate against the cost of a click."""
        return self._bounds()[1] < self.log.last.spend

    def scales(self) -> Bools:
        """Even the lower end beats the target."""
        return self._bounds()[0] > self.log.last.spend

    def values(self) -> Floats:
        """What the upper end is worth, for each target CPA spent."""
        return np.nan_to_num(self._bounds()[1] / np.maximum(self.log.last.spend, 1e-12))

    def _bounds(self) -> tuple[Floats, Floats]:
        """What the clicks so far are worth at either end of the interval; no bound before the first result's value."""
        poll, clicks = self.log.last, self.log.last.clicks
        low, high = wilson_interval(np.maximum(poll.results, 0.0), clicks)
        with np.errstate(divide="ignore", invalid="ignore"):
            price = np.where(poll.results > 0, self.worth(poll) / poll.results, 1.0)
        return low * clicks * price, np.where(clicks > 0, high * clicks * price, np.inf)


class GuardedWilson(Wilson):
    """The same with 100 matured clicks, three target CPAs of spend, and one look a day."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._shares = shares(DelayCurve(SLOW, setting.window_h), "mid", MOST_STEPS, setting.step_h)

    def stops(self) -> Bools:
        """Matured clicks decide."""
        if not self.log.is_midnight:
            return self.none()
        poll = self.log.last
        with np.errstate(divide="ignore", invalid="ignore"):
            ripe = np.nan_to_num(self.log.matured(self._shares) / poll.spend)
        clicks = np.rint(poll.clicks * ripe)
        _, high = wilson_interval(np.maximum(poll.results, 0.0), clicks)
        return (clicks >= 100) & (poll.spend >= 3) & (high * poll.clicks < poll.spend)


class Bayes(Rule):
    """Pause once the chance of meeting the target, given the past and the true delay curve, is below 5 %."""

    def __init__(self, setting: Setting, delay: Delay) -> None:
        super().__init__(setting)
        self._shares = shares(DelayCurve(delay.weights, delay.window_h), "mid", MOST_STEPS, setting.step_h)
        pairs = zip(setting.past_results, setting.past_spend, strict=True)
        priors = [fit_prior(results, spend) for results, spend in pairs]
        self._a = np.array([prior.a for prior in priors])[setting.account]
        self._b = np.array([prior.b for prior in priors])[setting.account]
        self._p_good = np.ones(self.log.size)

    def stops(self) -> Bools:
        """The posterior's tail."""
        due = self.log.matured(self._shares)
        self._p_good = posterior(self.log.last.results, due, self._a, self._b)[1]
        return self._p_good < 0.05

    def scales(self) -> Bools:
        """A chance above 95 %."""
        return self._p_good > 0.95

    def believes(self) -> Floats:
        """The posterior's tail again."""
        return self._p_good


class ThreeDays(Rule):
    """Pause when the last three days cost more than the target a result, after two target CPAs in them."""

    def stops(self) -> Bools:
        """Cost over three days, once there is that much."""
        recent = self.log.within(3 * DAY_H)
        return (recent.spend > 2) & (recent.spend > self.worth(recent))

    def scales(self) -> Bools:
        """Three days below 80 % of the target."""
        recent = self.log.within(3 * DAY_H)
        return (self.log.now_h >= 3 * DAY_H) & (recent.spend < 0.8 * self.worth(recent))


class Lifetime(Rule):
    """After three target CPAs of spend, pause when a result has cost more than 1.3 times the target."""

    def stops(self) -> Bools:
        """Over its life."""
        poll = self.log.last
        return (poll.spend > 3) & (poll.spend > 1.3 * self.worth(poll))


class K1(Rule):
    """Pause after two target CPAs without a result in the last three days, hour by hour."""

    def stops(self) -> Bools:
        """Nothing came of it."""
        recent = self.log.within(3 * DAY_H)
        return (self.log.now_h >= 3 * DAY_H) & (recent.spend > 2) & (recent.results <= 0)


class K16(Rule):
    """Pause when seven days cost more than 1.5 times the target a result, after $50 in them."""

    def stops(self) -> Bools:
        """Cost over seven days."""
        recent = self.log.within(7 * DAY_H)
        return (recent.spend > 50 * DOLLAR) & (recent.spend > 1.5 * self.worth(recent))


class S1K16(K16):
    """K16, and S1: more for what beats the target by a fifth over three days, after $50 in them."""

    def scales(self) -> Bools:
        """Return over three days."""
        recent = self.log.within(3 * DAY_H)
        return (recent.spend > 50 * DOLLAR) & (self.worth(recent) > 1.2 * recent.spend)


class S2Revive(K16):
    """K16 that starts again what late results have made worth it, and S2: more for what a week ago was good."""

    def returns(self) -> Bools:
        """The whole life meets the target by now; asked at midnight, so that it does not flap by the hour."""
        poll = self.log.last
        return self.log.is_midnight & (poll.spend > 0) & (self.worth(poll) >= poll.spend)

    def scales(self) -> Bools:
        """Return over the week that ended seven days ago."""
        ripe = self.log.within(14 * DAY_H, 7 * DAY_H)
        return (self.log.now_h >= 8 * DAY_H) & (ripe.spend > 0) & (self.worth(ripe) > ripe.spend)
