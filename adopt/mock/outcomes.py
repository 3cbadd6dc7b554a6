"""What each ad set's people do in the end, as its settings say, and reports told apart by it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adopt.mock.businesses import OF_EVENTS, OF_GOALS, PURCHASE, Outcome
from adopt.mock.measures import Daily
from adopt.mock.objects import Node
from adopt.mock.properties import raw
from adopt.mock.reporting import BUYERS_TOO, WINDOWS
from adopt.mock.world import World


def outcome_of(ad_set: Node, world: World) -> Outcome:
    """Give what an ad set's people do: by its goal, else by its pixel's event, else what the business lives on."""
    found = OF_GOALS.get(str(raw(ad_set, "optimization_goal", world)))
    if found is not None:
        return found
    promoted = raw(ad_set, "promoted_object", world)
    event = promoted.get("custom_event_type") if isinstance(promoted, dict) else None
    return OF_EVENTS.get(str(event), world.account.trade.outcomes[0])


def by_outcome(known: Daily, outcomes: Sequence[Outcome]) -> Daily:
    """Name conversions by each ad's outcome, and take from each what its people cannot do: land, buy, be of value."""
    kinds = set(outcomes)
    if kinds <= {PURCHASE}:
        return known
    buyers, landing, valued = (
        np.array(flags, bool)
        for flags in zip(*((one is PURCHASE, one.on_site, one.valued) for one in outcomes), strict=True)
    )
    possible = {"landed": landing, **dict.fromkeys(BUYERS_TOO, buyers)}
    purchases = {name: column * buyers for name, column in known.purchases.items()}
    for kind in kinds - {PURCHASE}:
        mine = np.array([one is kind for one in outcomes], bool)
        purchases |= {f"{kind.name} {window}": known.purchases[window] * mine for window in WINDOWS}
    counts = known.counts | {name: known.counts[name] * mask for name, mask in possible.items()}
    values = {name: column * valued for name, column in known.values.items()}
    return replace(known, counts=counts, purchases=purchases, values=values)
