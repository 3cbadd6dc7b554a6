"""How objects stand when they are judged: running, or held back by whom, with which budget."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from adopt.engine.snapshot import Snapshot, budgeted
from adopt.model import History, Money, budget_of

State: TypeAlias = Literal["running", "paused by adopt", "paused by you", "parent paused", "unknown"]

STATES: Final[tuple[State, ...]] = ("running", "paused by adopt", "paused by you", "parent paused", "unknown")
_OURS: Final = STATES.index("paused by adopt")
PARENT: Final = STATES.index("parent paused")
PAUSED: Final = np.array([state in ("paused by adopt", "paused by you") for state in STATES])  # by state


class Standings(Struct, frozen=True, kw_only=True):
    """One row an object; an export may not say."""

    states: npt.NDArray[np.int8]  # places in STATES
    budgets: Sequence[Money | None]
    throttled: npt.NDArray[np.bool_]  # the throttle took of its budget what a person had set
    under_campaign_budget: npt.NDArray[np.bool_]
    on_trial: npt.NDArray[np.bool_]  # in the epoch that a probe of ours began
    may_be_tried: npt.NDArray[np.bool_]  # paused by us for so long that a probe is due
    can_pause: bool = True  # a campaign with a budget is scaled as a whole, its ad sets are paused one by one


def ad_sets_stand(snapshot: Snapshot, throttles: AbstractSet[str], tried: AbstractSet[str]) -> Standings:
    """How the ad sets stand, of which some campaigns are paused; throttles are the names of the rules that do so.

    `tried` are the ids of those that are due to be tried again, unless their campaign is paused.
    """
    past, states = snapshot.past(snapshot.ad_sets), _states(snapshot)
    budgets = [budget_of(ad_set) for ad_set in snapshot.ad_sets]
    return Standings(
        states=states,
        budgets=budgets,
        throttled=_throttled(budgets, past, throttles),
        under_campaign_budget=_flags([budget is None for budget in budgets]),
        on_trial=_flags([history.probed is not None for history in past]),
        may_be_tried=(states == _OURS) & _flags([ad_set.id in tried for ad_set in snapshot.ad_sets]),
    )


def campaigns_stand(snapshot: Snapshot, throttles: AbstractSet[str]) -> Standings:
    """How the campaigns that hold a budget stand."""
    held = budgeted(snapshot)
    past = snapshot.past(held)
    budgets = [budget_of(campaign) for campaign in held]
    states = (STATES.index("paused by you" if campaign.status == "PAUSED" else "running") for campaign in held)
    return Standings(
        states=np.fromiter(states, dtype=np.int8, count=len(held)),
        budgets=budgets,
        throttled=_throttled(budgets, past, throttles),
        under_campaign_budget=np.zeros(len(held), dtype=np.bool_),
        on_trial=np.zeros(len(held), dtype=np.bool_),
        may_be_tried=np.zeros(len(held), dtype=np.bool_),
        can_pause=False,
    )


def _states(snapshot: Snapshot) -> npt.NDArray[np.int8]:
    """How each ad set stands: by its own pause first, then by its campaign's."""
    halted = frozenset(campaign.id for campaign in snapshot.campaigns if campaign.status == "PAUSED")
    ad_sets = snapshot.ad_sets
    paused = _flags([ad_set.status == "PAUSED" for ad_set in ad_sets])
    off = _flags([one.campaign_id in halted or one.effective_status == "CAMPAIGN_PAUSED" for one in ad_sets])
    ours = np.zeros(paused.size, dtype=np.bool_)
    rows = np.flatnonzero(paused)
    ours[rows] = [snapshot.history(ad_sets[row].id).paused_by == "adopt" for row in rows.tolist()]
    states = np.full(paused.size, STATES.index("running"), dtype=np.int8)
    states[paused] = _OURS
    states[off] = PARENT
    states[paused & ~ours] = STATES.index("paused by you")
    return states


def _throttled(
    budgets: Sequence[Money | None], past: Sequence[History], throttles: AbstractSet[str]
) -> npt.NDArray[np.bool_]:
    """Whether the throttle last set a budget, and it is below what a person had set."""
    return _flags(
        [
            h.budget_rule in throttles and budget is not None and h.base is not None and budget < h.base
            for budget, h in zip(budgets, past, strict=True)
        ]
    )


def _flags(values: Sequence[bool]) -> npt.NDArray[np.bool_]:
    return np.array(values, dtype=np.bool_)
