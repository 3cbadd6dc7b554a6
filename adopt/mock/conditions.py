"""What is out of the ordinary: factors on a stage of delivery or of reporting, by hour and by object."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from adopt.mock.chance import Flags, Floats, Ints

Stage = Literal["spend", "cpm", "ctr", "landing", "cvr", "value", "tracked", "copies", "lag"]
Level = Literal["account", "campaign", "ad set", "ad"]
Event = Literal["", "landed", "carts", "checkouts", "purchases"]


@dataclass(frozen=True)
class Effect:
    """One factor on one stage from an hour of the world's calendar up to another; hours are counted as Calendar does.

    spend multiplies planned spend (0 stops delivery), cpm the price, ctr link clicks, landing and cvr the shares that
    arrive and that buy, value the order values, tracked the share of an event (all, if none is named) that reports
    see, copies adds so many reported purchases without value to each; lag holds reports back so many hours.
    """

    stage: Stage
    factor: float
    first: int
    last: int
    level: Level = "account"
    index: int = 0
    event: Event = ""
    ramp: int = 0  # hours over which the factor is reached, evenly in logarithms (copies, lag: at once)


@dataclass(frozen=True)
class Places:
    """Where ads hang: by ad (m), its campaign and its ad set."""

    campaign: Ints
    ad_set: Ints
    ad: Ints

    def under(self, level: Level, index: int) -> Flags:
        """Tell which ads lie on or under an object."""
        if level == "account":
            return np.ones(len(self.ad), bool)
        column = {"campaign": self.campaign, "ad set": self.ad_set, "ad": self.ad}[level]
        return np.asarray(column == index)


@dataclass(frozen=True)
class Conditions:
    """All that is out of the ordinary, past and to come; none by default."""

    effects: tuple[Effect, ...] = ()

    def factors(self, stage: Stage, hours: Ints, places: Places, event: Event = "") -> Floats:
        """Give a stage's factor by hour (rows) and ad (columns); one cell where nothing is unusual."""
        found = np.ones((1, 1))
        for effect in self._over(stage, hours):
            if effect.event in ("", event):
                touched = places.under(effect.level, effect.index)
                found = found * np.where(touched, _course(effect, hours)[:, None], 1.0)
        return found

    def copies(self, hours: Ints, places: Places) -> Floats:
        """Give how many more times each purchase is reported, by event: its hour and its ad's place."""
        found = np.zeros(len(hours))
        for effect in self._over("copies", hours):
            within = (hours >= effect.first) & (hours < effect.last) & places.under(effect.level, effect.index)
            found += np.where(within, effect.factor, 0.0)
        return found

    def tracked(self, hours: Ints, places: Places) -> Floats:
        """Give the factor on each purchase's chance to be seen, by event: its hour and its ad's place."""
        found = np.ones(len(hours))
        for effect in self._over("tracked", hours):
            if effect.event in ("", "purchases"):
                found *= np.where(places.under(effect.level, effect.index), _course(effect, hours), 1.0)
        return found

    def held_back(self, hour: float) -> float:
        """Give the hour up to which reports made at an hour know of delivery; it never runs backwards."""
        known = hour
        for effect in self.effects:
            if effect.stage == "lag" and effect.first <= hour < effect.last:
                known = min(known, max(float(effect.first), hour - effect.factor))
        return known

    def _over(self, stage: Stage, hours: Ints) -> list[Effect]:
        if not self.effects or not hours.size:
            return []
        first, last = int(hours.min()), int(hours.max())
        return [one for one in self.effects if one.stage == stage and one.first <= last and one.last > first]


NORMAL = Conditions()


def _course(effect: Effect, hours: Ints) -> Floats:
    """Give an effect's factor at each hour, 1 outside of its time."""
    reached = np.clip((hours - effect.first + 1) / max(effect.ramp, 1), 0.0, 1.0)
    gradual = effect.ramp > 1 and effect.factor > 0
    full = np.power(effect.factor, reached) if gradual else np.full(len(hours), effect.factor)
    factors: Floats = np.where((hours >= effect.first) & (hours < effect.last), full, 1.0)
    return factors
