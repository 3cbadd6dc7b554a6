"""Purses: what carries a budget. Every campaign and every ad set has one; an ad set spends from one of the two."""

import numpy as np

from adopt.mock.account import Newcomers
from adopt.mock.chance import Floats, Ints, Keys, keys_of
from adopt.mock.settings import Settings


class Purses:
    """The purses of an account; one keeps its number however the account grows."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.campaign: Ints = np.zeros(0, np.int64)  # of each campaign
        self.ad_set: Ints = np.zeros(0, np.int64)  # of each ad set
        self.pace_keys: Keys = np.zeros(0, np.uint64)
        self.hour_keys: Keys = np.zeros(0, np.uint64)

    def __len__(self) -> int:
        return len(self.pace_keys)

    def grow(self, new: Newcomers) -> Keys:
        """Take in objects that join; give the keys of their pace."""
        ids = [*(one.id for one in new.campaigns), *(one.id for one in new.ad_sets)]
        places = np.arange(len(self), len(self) + len(ids))
        self.campaign = np.concatenate([self.campaign, places[: len(new.campaigns)]])
        self.ad_set = np.concatenate([self.ad_set, places[len(new.campaigns) :]])
        pace = keys_of(self._seed, ids, "pace")
        self.pace_keys = np.concatenate([self.pace_keys, pace])
        self.hour_keys = np.concatenate([self.hour_keys, keys_of(self._seed, ids, "hours")])
        return pace

    def of_sets(self, settings: Settings, campaign_of_set: Ints) -> Ints:
        """Give the purse each ad set spends from."""
        return np.where(settings.shared()[campaign_of_set], self.campaign[campaign_of_set], self.ad_set)

    def filled(self, settings: Settings, what: str) -> Ints:
        """Give each purse's budget, lifetime budget or cap."""
        found = np.zeros(len(self), np.int64)
        found[self.campaign] = settings.of[f"campaign_{what}"]
        found[self.ad_set] = settings.of[f"ad_set_{what}"]
        return found

    def ends(self, settings: Settings, campaign_of_set: Ints) -> Floats:
        """Give the moment up to which each purse must last; infinite where it has no end."""
        ends = settings.of["ad_set_ends"].astype(np.float64)
        ends[ends == 0] = np.inf
        found = np.zeros(len(self))
        found[self.ad_set] = ends
        last = np.zeros(len(self.campaign))
        np.maximum.at(last, campaign_of_set, ends)
        found[self.campaign] = last
        return found
