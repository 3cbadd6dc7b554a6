"""The throttle: what a doubted budget becomes, and how it comes back; reversible, within [5 %, 100 %] of the base."""

from typing import Final

from adopt.model import Money
from adopt.policy import Share

DOUBTED: Final = 0.30  # a chance of meeting the target below this lowers the budget
RESTORED: Final = 0.40  # and above this gives it back
KEPT: Final = Share(1, 5)  # of the budget, a day
REGAINED: Final = Share(4)  # times the budget, a day
FLOOR: Final = Share(1, 20)  # of the base: the least that is left


def lowered(budget: Money, base: Money) -> Money:
    """A day's step down, to no less than the floor; a budget below that stays."""
    return min(max(KEPT.of(budget), FLOOR.of(base), 1), budget)


def regained(budget: Money, base: Money) -> Money:
    """A day's step back, to no more than the base; a budget above that stays."""
    return max(min(REGAINED.of(budget), base), budget)
