"""What a method makes of the figures, as columns, before status and rules have their say."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from adopt.engine.snapshot import Aged, Days, Floats, Integers, Totals
from adopt.model import Currency, Ref
from adopt.policy import Decision, Target

BAD: Final = -1
UNSURE: Final = 0
GOOD: Final = 1

Bools = npt.NDArray[np.bool_]
Asked: TypeAlias = Callable[[Integers], Floats]  # figures that are worked out where they are asked for, by row


class Brief(NamedTuple):
    """What the figures are held against."""

    target: Target
    decision: Decision
    currency: Currency
    clicks: str = "link clicks"  # what rates are formed over, in the words of the figures


class Ledger(Struct, frozen=True, kw_only=True):
    """All that a method may count of some objects: what they spent and brought, and what was believed before."""

    refs: tuple[Ref, ...]
    days: Days
    spent: Aged
    prior_a: Floats  # of each object's gamma prior over target CPA / true CPA, frozen when it started
    prior_b: Floats
    epoch: Integers  # how often its hypothesis has changed, from 1


class Belief(Struct, frozen=True, kw_only=True):
    """What the evidence method adds, one row an object."""

    limit: Floats  # the log_e from which a pause is proven
    p_good: Floats  # chance that it meets the target
    mean: Floats  # expected target CPA / true CPA
    due: Floats  # results that its matured spend should have bought at the target
    matured: Floats  # spend whose results have had time to arrive, minor units
    log_e: Asked  # evidence against meeting the target, nats
    log_e_above: Asked  # evidence for beating it
    to_pause: Asked  # matured spend without a further result after which a pause is proven, minor units


class Judgement(Struct, frozen=True, kw_only=True):
    """One row an object; `belief` where the method forms one."""

    totals: Totals
    state: npt.NDArray[np.int8]  # BAD, UNSURE, GOOD
    low: Asked  # the interval of CPA (minor units) or ROAS
    high: Asked
    worth: Floats  # what the results are worth at the target, minor units
    comeback: Callable[[Integers], Bools]  # enough data, and it meets the target now
    enough: Bools  # whether the data guards are passed
    clicks_needed: Floats  # matured clicks still missing
    spend_needed: Floats  # minor units still missing
    overcounted: Bools  # more results than clicks: no share of clicks can be formed
    unpriced: Bools  # a ROAS target without a revenue to value a result by, or with revenue of no result
    belief: Belief | None = None
