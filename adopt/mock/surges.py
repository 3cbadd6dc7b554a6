"""Budgets raised for a while: which purse, by how much, from which hour up to which."""

from dataclasses import dataclass

from adopt.mock.chance import Ints
from adopt.mock.purses import Purses


@dataclass(frozen=True)
class Surge:
    """One period: the purse of a campaign or an ad set spends `times` its budget and `more`."""

    kind: str  # campaign or ad set
    index: int
    times: int = 1
    more: int = 0
    first: int = 0  # the hour it begins
    last: int = 0  # and the one in which it is over

    def holds(self, hour: int) -> bool:
        """Tell whether it is on in an hour."""
        return self.first <= hour < self.last


def raised(budgets: Ints, surges: tuple[Surge, ...], purses: Purses, hour: int) -> Ints:
    """Give each purse's budget in an hour; the same array where nothing is raised."""
    on = [one for one in surges if one.holds(hour)]
    if not on:
        return budgets
    found = budgets.copy()
    for one in on:
        purse = (purses.campaign if one.kind == "campaign" else purses.ad_set)[one.index]
        found[purse] = found[purse] * one.times + one.more if found[purse] else 0
    return found
