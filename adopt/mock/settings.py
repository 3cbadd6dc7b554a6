"""What delivery obeys: switches and budgets by column, and the changes waiting for their hour."""

import heapq
from dataclasses import dataclass, field

import numpy as np

from adopt.mock.account import Account, AdSet, Campaign, Newcomers
from adopt.mock.chance import Flags, Ints

SIGNIFICANT = 0.2  # a budget change beyond this starts learning again
LONG_PAUSE = 168  # and so does coming back after so many hours

CAMPAIGN = {"campaign_on": "on", "campaign_budget": "budget", "campaign_lifetime": "lifetime", "campaign_cap": "cap"}
AD_SET = {
    "ad_set_on": "on",
    "ad_set_budget": "budget",
    "ad_set_lifetime": "lifetime",
    "ad_set_cap": "cap",
    "ad_set_begins": "begins",
    "ad_set_ends": "ends",
}
ACCOUNT_CAP = "account_cap"  # spend of the whole account from the change on, at most; 0: no cap
AD = {"ad_on": "on", "ad_passed": "on"}  # passed: its review is over and went well
EDITED, WAKE, GROW = "ad_set_edited", "wake", "grow"
KINDS = frozenset({*CAMPAIGN, *AD_SET, *AD, ACCOUNT_CAP, EDITED, WAKE, GROW})


@dataclass(order=True, frozen=True)
class Change:
    """One setting of one object, from an hour on; or objects that join."""

    hour: int
    order: int
    what: str = field(compare=False)
    index: int = field(compare=False)
    value: int = field(compare=False)
    new: Newcomers | None = field(compare=False, default=None)


class Agenda:
    """The changes waiting for their hour, first come first."""

    def __init__(self) -> None:
        self._waiting: list[Change] = []
        self._count = 0

    def add(self, hour: int, what: str, index: int = 0, value: int = 0, new: Newcomers | None = None) -> None:
        """Let something change from an hour on."""
        if what not in KINDS:
            raise ValueError(f"{what} is no setting: one of {', '.join(sorted(KINDS))}")
        heapq.heappush(self._waiting, Change(hour, self._count, what, index, value, new))
        self._count += 1

    def until(self, hour: int) -> int:
        """Give the hour up to which nothing changes, at most the given one."""
        return min(hour, self._waiting[0].hour) if self._waiting else hour

    def due(self, hour: int) -> list[Change]:
        """Take out the changes due, in order."""
        found = []
        while self._waiting and self._waiting[0].hour <= hour:
            found.append(heapq.heappop(self._waiting))
        return found


class Settings:
    """The switches and budgets of the present hour, as columns by name: see CAMPAIGN, AD_SET and AD."""

    def __init__(self, account: Account) -> None:
        self.of = _columns(Newcomers(account.campaigns, account.ad_sets, account.ads))
        self.of["campaign_budget"] = np.array([_first_budget(c) for c in account.campaigns], np.int64)
        self.of["ad_set_budget"] = np.array([_first_budget(a) for a in account.ad_sets], np.int64)
        self.of["ad_set_on"] = np.array([a.on and a.starts == 0 for a in account.ad_sets], np.int64)
        self.of["ad_on"] = np.array([a.on and a.starts == 0 for a in account.ads], np.int64)
        self.of["ad_passed"] = np.ones(len(account.ads), np.int64)
        self.of[ACCOUNT_CAP] = np.zeros(1, np.int64)
        self._paused = np.full(len(account.ad_sets), -LONG_PAUSE, np.int64)

    def grow(self, new: Newcomers) -> None:
        """Take in objects that join; their ads wait for review."""
        fresh = _columns(new)
        fresh["ad_passed"] = np.zeros(len(new.ads), np.int64)
        self.of |= {name: np.concatenate([self.of[name], column]) for name, column in fresh.items()}
        self._paused = np.concatenate([self._paused, np.full(len(new.ad_sets), -LONG_PAUSE, np.int64)])

    def apply(self, change: Change) -> bool:
        """Make a change; tell whether its ad set's learning starts again."""
        column = self.of[change.what]
        before = int(column[change.index])
        column[change.index] = change.value
        if change.what in ("ad_set_budget", "ad_set_lifetime"):
            return bool(before) and abs(change.value / before - 1) > SIGNIFICANT
        if change.what != "ad_set_on" or change.value == before:
            return False
        if not change.value:
            self._paused[change.index] = change.hour
            return False
        return bool(change.hour - self._paused[change.index] >= LONG_PAUSE)

    def shared(self) -> Flags:
        """Tell which campaigns carry the budget of their ad sets."""
        return (self.of["campaign_budget"] > 0) | (self.of["campaign_lifetime"] > 0)

    def sets_on(self, campaign_of_set: Ints, moment: int) -> Flags:
        """Tell which ad sets may deliver at a moment, were there an ad to show."""
        on = (self.of["ad_set_on"] > 0) & (self.of["campaign_on"][campaign_of_set] > 0)
        ends = self.of["ad_set_ends"]
        return np.asarray(on & (self.of["ad_set_begins"] <= moment) & ((ends == 0) | (ends > moment)))

    def ads_on(self) -> Flags:
        """Tell which ads may be shown, were their ad sets on."""
        return np.asarray((self.of["ad_on"] > 0) & (self.of["ad_passed"] > 0))


def _first_budget(one: Campaign | AdSet) -> int:
    return one.edits[0].before if one.edits else one.budget


def _columns(new: Newcomers) -> dict[str, Ints]:
    kinds = ((CAMPAIGN, new.campaigns), (AD_SET, new.ad_sets), (AD, new.ads))
    return {
        name: np.array([getattr(one, source) for one in objects], np.int64)
        for columns, objects in kinds
        for name, source in columns.items()
    }
