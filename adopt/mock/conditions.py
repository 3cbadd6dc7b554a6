"""What is out of the ordinary: factors on a stage of delivery or of reporting, by hour and by object."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from adopt.mock.chance import Flags, Floats, Ints

Stage = Literal["spend", "cpm", "ctr", "landing", "cvr", "shop", "value", "tracked", "copies", "lag"]
Level = Literal["account", "campaign", "ad set", "ad"]
Event = Literal["", "landed", "carts", "checkouts", "purchases"]


@dataclass(frozen=True)
class Effect:
    """One factor on one stage from an hour of the world's calendar up to another; hours are counted as Calendar does.

    spend multiplies planned spend (0 stops delivery), cpm the price, ctr link clicks, landing and cvr the shares that
    arrive and that buy, shop the share of those about to buy, whenever they clicked, who can, value the order values.
    Of reports, tracked multiplies the share of an event (of all, if none is named) that they see, copies adds so many
    purchases without value to each, and lag holds them back so many hours.
    """

    stage: Stage
    factor: float
    first: int
    last: int
    level: Level = "account"
    index: int = 0
    event: Event = ""
    ramp: int = 0  # hours over which the factor is reached, evenly in logarithms


@dataclass(frozen=True)
class Places:
    """Where ads hang, as columns: the ad, its ad set and its campaign."""

    campaign: Ints
    ad_set: Ints
    ad: Ints

    def under(self, effect: Effect) -> Flags:
        """Tell which ads an effect is on."""
        if effect.level == "account":
            return np.ones(len(self.ad), bool)
        column = {"campaign": self.campaign, "ad set": self.ad_set, "ad": self.ad}[effect.level]
        return np.asarray(column == effect.index)

    def take(self, rows: Ints) -> "Places":
        """Give some rows."""
        return Places(self.campaign[rows], self.ad_set[rows], self.ad[rows])


@dataclass(frozen=True)
class Conditions:
    """All that is out of the ordinary, past and to come."""

    effects: tuple[Effect, ...] = ()

    def touches(self, stages: Iterable[Stage], hours: Ints) -> bool:
        """Tell whether any of some stages is unusual in any of some hours."""
        return any(self._over(stage, hours) for stage in stages)

    def factors(self, stage: Stage, hours: Ints, places: Places, event: Event = "") -> Floats:
        """Give a stage's factor by hour (rows) and ad (columns); one cell where nothing is unusual."""
        found = np.ones((1, 1))
        for effect in self._over(stage, hours, event):
            found = found * np.where(places.under(effect), _course(effect, hours, 1.0)[:, None], 1.0)
        return found

    def by_event(self, stage: Stage, hours: Ints, places: Places, event: Event = "") -> Floats:
        """Give a stage's factor for many events, by the hour and the ad of each; of copies, how many."""
        copies = stage == "copies"
        found = np.zeros(len(hours)) if copies else np.ones(len(hours))
        for effect in self._over(stage, hours, event):
            course, under = _course(effect, hours, 0.0 if copies else 1.0), places.under(effect)
            found = found + np.where(under, course, 0.0) if copies else found * np.where(under, course, 1.0)
        return found

    def known_at(self, moment: float, start: int) -> float:
        """Give the moment up to which reports made at a moment know of delivery; it never runs backwards."""
        hour = (moment - start) / 3600
        held = [one for one in self.effects if one.stage == "lag" and one.first <= hour < one.last]
        return min([moment, *(start + 3600 * max(one.first, hour - one.factor) for one in held)])

    def _over(self, stage: Stage, hours: Ints, event: Event | None = None) -> list[Effect]:
        if not self.effects or not hours.size:
            return []
        first, last = int(hours.min()), int(hours.max())
        return [
            one
            for one in self.effects
            if one.stage == stage and one.first <= last and one.last > first
            if event is None or one.event in ("", event)
        ]


NORMAL = Conditions()


def _course(effect: Effect, hours: Ints, usual: float) -> Floats:
    """Give an effect's factor at each hour, the usual one outside of its time."""
    reached = np.clip((hours - effect.first + 1) / max(effect.ramp, 1), 0.0, 1.0)
    gradual = effect.ramp > 1 and effect.factor > 0
    full = np.power(effect.factor, reached) if gradual else np.full(len(hours), effect.factor)
    factors: Floats = np.where((hours >= effect.first) & (hours < effect.last), full, usual)
    return factors
