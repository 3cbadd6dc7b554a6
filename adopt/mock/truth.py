"""What only the simulator knows: each ad set's true rates, and whether it is worth its money."""

from typing import Any

import numpy as np

from adopt.mock.account import Money
from adopt.mock.chance import Floats, Ints
from adopt.mock.equations import conversions_a_click, share_within
from adopt.mock.objects import Objects, effective_status
from adopt.mock.orders import CLICK
from adopt.mock.outcomes import outcome_of
from adopt.mock.world import World

ATTRIBUTED = ("7d_click", "1d_view")  # what the ad sets of the history ask reports for
VALUES = ("value", "refunded_value")
MONEY = ("spend", *VALUES)


def truth(world: World, objects: Objects) -> dict[str, Any]:
    """Give the hidden state of the account."""
    account, reported = world.account, _reported(world)
    costs, sums = expected_cpa(world), _so_far(world)
    valued = np.array([outcome_of(node, world).valued for node in objects.ad_sets[: len(costs)]], bool)
    for known in (sums, reported):
        known |= {name: known[name][: len(costs)] * valued for name in VALUES if name in known}
    return {
        "now": world.calendar.local(world.now()).isoformat(timespec="seconds"),
        "currency": account.money.code,
        "target_cpa": account.money.text(account.target_cpa),
        "target_roas": account.target_roas,
        "result": account.trade.result,
        "shop": _shop(world),
        "ad_sets": [
            {
                "id": node.id,
                "name": node.own["name"],
                "effective_status": effective_status(node, world),
                "expected_cpa": round(float(costs[n]) / account.money.offset, 4),
                "good": bool(costs[n] <= account.target_cpa),
                "quality": round(float(account.target_cpa / costs[n]), 4),
                "cvr": round(float(world.delivery.traits.cvr[n]), 6),
                "audience": int(account.ad_sets[n].audience),
                "true_cpa": _ratio(int(sums["spend"][n]), int(sums["conversions"][n]) * account.money.offset),
                **{name: _show(name, int(column[n]), account.money) for name, column in sums.items()},
                "reported": {
                    **{name: _show(name, int(column[n]), account.money) for name, column in reported.items()},
                    "cpa": _ratio(int(reported["spend"][n]), int(reported["conversions"][n]) * account.money.offset),
                },
            }
            for n, node in enumerate(objects.ad_sets[: len(costs)])
        ],
    }


def expected_cpa(world: World) -> Floats:
    """Give each ad set's long-run reported cost per purchase, minor units, at its budget and its audience's fatigue."""
    t, purse, tired = world.delivery.traits, world.delivery.purse_of_set(), world.delivery.frequency()
    sets, p = len(t.quality), world.account.parameters
    budgets = world.delivery.budgets()
    budget = budgets[purse] * share_within(t.quality**p.gamma, purse, len(budgets))
    shares = share_within(t.appeal, t.set_of_ad, sets)
    buyers = np.bincount(t.set_of_ad, shares * 1000 * t.ctr / t.cpm * tired ** -(p.tired_clicks + p.tired_buyers), sets)
    return 1 / (buyers * t.cvr * conversions_a_click(p, budget / t.reference) * p.seen)


def _so_far(world: World) -> dict[str, np.ndarray[Any, Any]]:
    """Give what really happened, reported or not."""
    t = world.delivery.traits
    sets, sales = len(t.quality), world.reporting.happened()
    happened = sales.where(sales.done <= world.now())
    owner = t.set_of_ad[happened.ad]
    spend = np.bincount(t.set_of_ad, world.delivery.spent, sets)
    return {
        "spend": spend.astype(np.int64),
        "conversions": np.bincount(owner, minlength=sets),
        "click_conversions": np.bincount(owner, happened.kind == CLICK, sets).astype(np.int64),
        "incremental_conversions": np.bincount(owner, happened.caused, sets).astype(np.int64),
        "value": np.bincount(owner, happened.value, sets).astype(np.int64),
        "refunded_value": np.bincount(owner, happened.value * happened.refunded, sets).astype(np.int64),
    }


def _reported(world: World) -> dict[str, Ints]:
    """Give what the account reports of each ad set so far, attributed as its ad sets ask for."""
    table, sets = world.report(), len(world.account.ad_sets)
    owner = np.array([ad.ad_set for ad in world.account.ads], np.int64)

    def total(*columns: Ints) -> Ints:
        return np.bincount(owner, sum(column.sum(axis=0) for column in columns), sets).astype(np.int64)

    return {
        "spend": total(table.counts["spend"]),
        "conversions": total(*(table.purchases[window] for window in ATTRIBUTED)),
        "value": total(*(table.values[window] for window in ATTRIBUTED)),
    }


def _shop(world: World) -> dict[str, Any]:
    """Give what the shop itself would count: its orders, whatever brought them."""
    sales = world.reporting.happened()
    ads = sales.where(sales.done <= world.now())
    organic = sum(world.delivery.organic)
    return {
        "orders": organic + len(ads.ad),
        "organic_orders": organic,
        "orders_after_ads": len(ads.ad),
        "incremental_orders": int(ads.caused.sum()),
        "refunded_orders": int(ads.refunded.sum()),
    }


def _show(name: str, value: int, money: Money) -> int | str:
    return money.text(value) if name in MONEY else value


def _ratio(top: int, bottom: int) -> float | None:
    return round(top / bottom, 4) if bottom else None
