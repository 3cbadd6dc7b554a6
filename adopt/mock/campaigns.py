"""Campaigns: what a new one needs, and what may be changed in one."""

from typing import Any

from adopt.mock.api import Api
from adopt.mock.budgets import (
    BUDGETS,
    NO_CAP,
    both_levels,
    check_amounts,
    check_cap,
    check_new_shared,
    is_shared,
    moved_down,
)
from adopt.mock.errors import invalid, missing, refused
from adopt.mock.legality import check_objective
from adopt.mock.objects import GONE, Node, effective_status
from adopt.mock.properties import minimum_budget, raw
from adopt.mock.values import objects_of

MOST = 10_000  # that are not archived
_SHARING = "is_adset_budget_sharing_enabled"


def check_new_campaign(api: Api, _: Node, values: dict[str, Any]) -> dict[str, Any]:
    """Check a new campaign, and give its fields."""
    for name in ("name", "objective"):
        if not values.get(name):
            raise missing(name)
    if "special_ad_categories" not in values:
        raise missing("special_ad_categories")
    check_objective(values["objective"])
    categories = _categories(values)
    _check_budget(api, values)
    _check_bidding(values)
    cap = values.get("spend_cap")
    check_cap(None if cap == NO_CAP else cap, api.world)
    count = sum(one.status not in GONE for one in api.objects.campaigns)
    if count >= MOST:
        raise refused(1487809, "Too many campaigns", f"An ad account can have {MOST} campaigns that are not archived.")
    shared = any(values.get(name) for name in BUDGETS)
    return {
        "buying_type": "AUCTION",
        "budget_rebalance_flag": False,
        "can_use_spend_cap": True,
        "is_skadnetwork_attribution": False,
        "smart_promotion_type": "GUIDED_CREATION",
        "pacing_type": ["standard"],
        "source_campaign_id": "0",
        "topline_id": "0",
        "start_time": int(api.world.now()),
        **({"bid_strategy": "LOWEST_COST_WITHOUT_CAP"} if shared else {}),
        **{name: value for name, value in values.items() if name not in BUDGETS or value},
        "special_ad_categories": categories,
        "spend_cap": None if cap == NO_CAP else cap,
    }


def check_campaign_change(api: Api, node: Node, values: dict[str, Any]) -> dict[str, Any]:
    """Check a change of a campaign, and give the fields it sets."""
    changes = dict(values)
    if "objective" in values and values["objective"] != raw(node, "objective", api.world):
        check_objective(values["objective"])
        if any(one.status not in GONE for one in node.children):
            raise invalid("The objective of a campaign that has ad sets cannot be changed")
    if "special_ad_categories" in values:
        changes["special_ad_categories"] = _categories(values)
    if "spend_cap" in values:
        cap = None if values["spend_cap"] == NO_CAP else values["spend_cap"]
        check_cap(cap, api.world)
        changes["spend_cap"] = cap
    _check_sharing(api, node, values)
    return changes | _budget_changes(api, node, values)


def _budget_changes(api: Api, node: Node, values: dict[str, Any]) -> dict[str, Any]:
    now = api.world.now()
    toggled: dict[str, Any] = {}
    if "adset_budgets" in values:
        if not is_shared(node):
            raise both_levels()
        budgets = moved_down(node, objects_of(values["adset_budgets"], "adset_budgets"))
        for amounts in budgets.values():
            check_amounts(amounts, api.world, minimum_budget(api.world))
        toggled = {"adset_budgets": budgets, "daily_budget": None, "lifetime_budget": None, "bid_strategy": None}
        return toggled | {"last_budget_toggling_time": int(now), _SHARING: False}
    given = {name: values[name] for name in BUDGETS if name in values}
    if not given:
        return {}
    if not is_shared(node):
        check_new_shared(node)
        toggled = {"last_budget_toggling_time": int(now), _SHARING: None}
        toggled |= {"bid_strategy": values.get("bid_strategy", "LOWEST_COST_WITHOUT_CAP")}
    ends = [one.own.get("end_time") for one in node.below("ad set") if one.status not in GONE]
    if given.get("lifetime_budget") and not (ends and all(ends)):
        raise refused(1487094, "End time required", "A lifetime budget needs an end time.", "lifetime_budget")
    check_amounts(given, api.world, minimum_budget(api.world))
    chosen = next(name for name in BUDGETS if given.get(name))
    return toggled | {name: given[name] if name == chosen else None for name in BUDGETS}


def _check_budget(api: Api, values: dict[str, Any]) -> None:
    check_amounts(values, api.world, minimum_budget(api.world))
    shared, sharing = any(values.get(name) for name in BUDGETS), values.get(_SHARING)
    if not shared and sharing is None:
        advice = f"Set {_SHARING} to true or false for a campaign without a campaign budget."
        raise refused(4834011, "Must specify ad set budget sharing", advice, _SHARING)
    if shared and sharing:
        advice = "A campaign with a campaign budget cannot share ad set budgets."
        raise refused(4834002, "Ad set budget sharing isn't available", advice, _SHARING)
    if sharing and not values.get("bid_strategy"):
        advice = "Choose a bid strategy to share budgets between ad sets."
        raise refused(4834005, "Bid strategy required", advice, "bid_strategy")


def _check_bidding(values: dict[str, Any]) -> None:
    shared = any(values.get(name) for name in BUDGETS) or values.get(_SHARING)
    if values.get("bid_strategy") and not shared:
        advice = "A bid strategy can be set on a campaign only with a campaign budget or budget sharing."
        raise refused(None, "Bid strategy isn't available", advice, "bid_strategy")
    if values.get("smart_promotion_type", "GUIDED_CREATION") != "GUIDED_CREATION":
        advice = "Advantage+ shopping and app campaigns can no longer be created in this way."
        raise refused(None, "Campaign type isn't available", advice, "smart_promotion_type")
    if values.get("buying_type", "AUCTION") not in ("AUCTION", "RESERVED"):
        raise invalid("Param buying_type must be one of {AUCTION, RESERVED}")


def _check_sharing(api: Api, node: Node, values: dict[str, Any]) -> None:
    sharing = raw(node, _SHARING, api.world)
    if values.get(_SHARING) and not sharing and effective_status(node, api.world) == "ACTIVE":
        advice = "Ad set budget sharing cannot be switched on while the campaign delivers."
        raise refused(3858418, "Campaign is delivering", advice, _SHARING)
    if sharing and "bid_strategy" in values and values["bid_strategy"] != raw(node, "bid_strategy", api.world):
        advice = "The bid strategy cannot be changed while ad sets share their budgets."
        raise refused(4834006, "Bid strategy can't be changed", advice, "bid_strategy")


def _categories(values: dict[str, Any]) -> list[str]:
    chosen = [one for one in values["special_ad_categories"] if one != "NONE"]
    if "ISSUES_ELECTIONS_POLITICS" in chosen and not values.get("special_ad_category_country"):
        raise missing("special_ad_category_country")
    return chosen
