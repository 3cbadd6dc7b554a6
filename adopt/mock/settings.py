"""What delivery obeys: switches and budgets by column, and the changes waiting for their hour."""

import heapq
from dataclasses import dataclass, field

import numpy as np

from adopt.mock.account import Account
from adopt.mock.chance import Flags, Ints
from adopt.mock.traits import Traits

SIGNIFICANT = 0.2  # a budget change beyond this starts learning again
LONG_PAUSE = 168  # and so does coming back after so many hours


@dataclass(order=True, frozen=True)
class Change:
    """One setting of one object, from an hour on."""

    hour: int
    order: int
    what: str = field(compare=False)
    index: int = field(compare=False)
    value: int = field(compare=False)


class Settings:
    """The switches and budgets of the present hour."""

    def __init__(self, account: Account) -> None:
        self.campaign_on: Flags = np.ones(len(account.campaigns), bool)
        self.campaign_budget: Ints = np.array([c.budget for c in account.campaigns], np.int64)
        self.ad_set_on: Flags = np.array([a.starts == 0 for a in account.ad_sets], bool)
        self.ad_set_budget: Ints = np.array([a.budget for a in account.ad_sets], np.int64)
        self.ad_on: Flags = np.ones(len(account.ads), bool)
        self._paused = np.full(len(account.ad_sets), -LONG_PAUSE, np.int64)
        self._waiting: list[Change] = []
        self._count = 0

    def schedule(self, hour: int, what: str, index: int, value: int) -> None:
        """Let a setting take another value from an hour on."""
        heapq.heappush(self._waiting, Change(hour, self._count, what, index, value))
        self._count += 1

    def until(self, hour: int) -> int:
        """Give the hour up to which nothing changes, at most the given one."""
        return min(hour, self._waiting[0].hour) if self._waiting else hour

    def catch_up(self, hour: int) -> list[int]:
        """Make the changes due; give the ad sets whose learning starts again."""
        again: list[int] = []
        while self._waiting and self._waiting[0].hour <= hour:
            again += self._apply(heapq.heappop(self._waiting))
        return again

    def budgets(self, traits: Traits) -> Ints:
        """Give the daily budget of each pacing unit."""
        own = self.ad_set_budget[traits.set_of_unit]
        return np.where(traits.campaign_of_unit >= 0, self.campaign_budget[traits.campaign_of_unit], own)

    def sets_on(self, traits: Traits) -> Flags:
        """Tell which ad sets may deliver, were there an ad to show."""
        return self.ad_set_on & self.campaign_on[traits.campaign_of_set]

    def _apply(self, change: Change) -> list[int]:
        column = getattr(self, change.what)
        before = int(column[change.index])
        column[change.index] = change.value
        if change.what == "ad_set_budget":
            return [change.index] if before and abs(change.value / before - 1) > SIGNIFICANT else []
        if change.what != "ad_set_on" or change.value == before:
            return []
        if not change.value:
            self._paused[change.index] = change.hour
            return []
        return [change.index] if change.hour - self._paused[change.index] >= LONG_PAUSE else []
