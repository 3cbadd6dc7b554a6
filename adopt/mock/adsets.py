"""Ad sets: what a new one needs, and what may be changed in one."""

from typing import Any

from adopt.mock.api import Api
from adopt.mock.budgets import (
    BUDGETS,
    check_amounts,
    check_flight,
    check_level,
    check_rate,
    floor_of,
    is_shared,
)
from adopt.mock.businesses import OF_GOALS
from adopt.mock.errors import invalid, missing, refused
from adopt.mock.legality import check_destination, check_goal, check_promoted
from adopt.mock.objects import GONE, Node
from adopt.mock.properties import minimum_budget, raw
from adopt.mock.targeting import is_european, normalised
from adopt.mock.values import object_of, objects_of

MOST = 10_000  # that are not archived
LONGEST_PARTY = 512  # characters of a beneficiary's or payor's name
CAPPED = ("COST_CAP", "LOWEST_COST_WITH_BID_CAP")
WINDOWS = {"CLICK_THROUGH": (1, 7), "VIEW_THROUGH": (0, 1), "ENGAGED_VIDEO_VIEW": (0, 1)}
_USUAL_WINDOWS = [{"event_type": "CLICK_THROUGH", "window_days": 7}, {"event_type": "VIEW_THROUGH", "window_days": 1}]
_CLICK_ONLY = [{"event_type": "CLICK_THROUGH", "window_days": 1}]
_PIXEL_GOALS = ("OFFSITE_CONVERSIONS", "VALUE")
_ONE_SHOT = ("frequency_control_specs",)


def check_new_ad_set(api: Api, _: Node, values: dict[str, Any]) -> dict[str, Any]:
    """Check a new ad set, and give its fields."""
    for name in ("name", "campaign_id", "optimization_goal", "billing_event"):
        if not values.get(name):
            raise missing(name)
    if "targeting" not in values:
        raise missing("targeting")
    campaign = api.objects.find(values["campaign_id"])
    if campaign is None or campaign.kind != "campaign" or campaign.status in GONE:
        raise refused(None, "Campaign not found", "The campaign does not exist or was deleted.", "campaign_id")
    if sum(one.status not in GONE for one in api.objects.ad_sets) >= MOST:
        raise refused(1487809, "Too many ad sets", f"An ad account can have {MOST} ad sets that are not archived.")
    now = int(api.world.now())
    spec = normalised(values["targeting"], raw(campaign, "special_ad_categories", api.world) or [])
    whole = values | {"targeting": spec, "start_time": values.get("start_time") or now}
    if not values.get("end_time"):
        whole.pop("end_time", None)
    _check_money(api, campaign, whole)
    _check_purpose(api, campaign, whole)
    _check_parties(api, spec, whole)
    check_flight(whole, max(whole["start_time"], now), whole.get("end_time"), now)
    return _defaults(campaign, whole, api) | whole


def check_ad_set_change(api: Api, node: Node, values: dict[str, Any]) -> dict[str, Any]:
    """Check a change of an ad set, and give the fields it sets."""
    world, campaign, now = api.world, node.above("campaign"), api.world.now()
    changes = dict(values)
    for name in _ONE_SHOT:
        if name in values and values[name] != raw(node, name, world):
            raise refused(1815198, "Frequency cap can't be edited", "A frequency cap is set at creation only.", name)
    check_level(campaign, values)
    given = {name: values[name] for name in BUDGETS if name in values}
    if given:
        check_amounts(given, world, minimum_budget(world))
        chosen = next(name for name in BUDGETS if given.get(name))
        changes |= {name: given[name] if name == chosen else None for name in BUDGETS}
    if given or {"start_time", "end_time"} & set(values):
        _check_schedule(api, node, values)
        changes |= {"end_time": values["end_time"] or None} if "end_time" in values else {}
    if "targeting" in values:
        spec = normalised(values["targeting"], raw(campaign, "special_ad_categories", world) or [])
        _check_parties(api, spec, {name: values.get(name) or raw(node, name, world) for name in _PARTIES})
        changes["targeting"] = spec
    _check_settings(api, node, values)
    check_rate(node, values, now)
    return changes


_PARTIES = ("dsa_beneficiary", "dsa_payor")


def _check_schedule(api: Api, node: Node, values: dict[str, Any]) -> None:
    world = api.world
    begins = values.get("start_time") or raw(node, "start_time", world)
    ends = values["end_time"] if "end_time" in values else raw(node, "end_time", world)
    both = {"lifetime_budget": raw(node, "lifetime_budget", world)} | values
    if both.get("daily_budget"):
        both["lifetime_budget"] = None
    check_flight(both, int(begins), ends, world.now())


def _check_settings(api: Api, node: Node, values: dict[str, Any]) -> None:
    """Check what a change leaves: goal, promoted object, bidding and attribution together."""
    world, campaign = api.world, node.above("campaign")
    names = (
        "optimization_goal", "billing_event", "destination_type", "promoted_object", "bid_strategy", "bid_amount",
        "bid_constraints", "attribution_spec", "is_incremental_attribution_enabled", "adset_schedule", "pacing_type",
    )  # fmt: skip
    if not set(names) & set(values):
        return
    left = {name: values[name] if name in values else raw(node, name, world) for name in names}
    event, before = (_event(one) for one in (left["promoted_object"], raw(node, "promoted_object", world)))
    if event != before:
        advice = "The conversion event of an ad set cannot be changed after it was published."
        raise refused(3260011, "Conversion event can't be edited", advice, "promoted_object")
    _check_purpose(api, campaign, left)
    if not is_shared(campaign):
        _check_bid(left)


def _event(promoted: Any) -> Any:
    return promoted.get("custom_event_type") if isinstance(promoted, dict) else None


def _check_money(api: Api, campaign: Node, values: dict[str, Any]) -> None:
    check_level(campaign, values)
    if is_shared(campaign):
        return
    if not any(values.get(name) is not None for name in BUDGETS):
        raise refused(1487061, "Ad set budget required", "Set a daily or a lifetime budget.", "daily_budget")
    least = floor_of(values["optimization_goal"], api.world)
    if values.get("bid_strategy") in CAPPED:
        least = max(least, values.get("bid_amount") or 0)
    check_amounts(values, api.world, least)
    if not values.get("bid_strategy") and not values.get("bid_amount") and not _of_campaign(campaign, api):
        advice = "Choose a bid strategy, or give a bid amount."
        raise refused(2490487, "Bid amount required", advice, "bid_amount")
    _check_bid(values)


def _check_bid(values: dict[str, Any]) -> None:
    strategy, amount = values.get("bid_strategy"), values.get("bid_amount")
    if strategy in CAPPED and not amount:
        advice = f"The bid strategy {strategy} needs a bid amount."
        raise refused(1815857, "Bid amount required", advice, "bid_amount")
    if amount is not None and amount < 0:
        raise invalid("Param bid_amount must be an integer greater than or equal to 0")
    if strategy == "LOWEST_COST_WITH_MIN_ROAS":
        floor = object_of(values.get("bid_constraints") or {}, "bid_constraints").get("roas_average_floor")
        if not floor or values.get("optimization_goal") != "VALUE":
            advice = "A ROAS goal needs bid_constraints with roas_average_floor, and the performance goal VALUE."
            raise refused(2490487, "Bid constraints required", advice, "bid_constraints")


def _check_purpose(api: Api, campaign: Node, values: dict[str, Any]) -> None:
    objective = str(raw(campaign, "objective", api.world))
    goal, destination = values["optimization_goal"], values.get("destination_type")
    check_goal(objective, goal, values["billing_event"])
    check_destination(objective, destination)
    promoted = object_of(values.get("promoted_object") or {}, "promoted_object")
    check_promoted(objective, goal, destination, promoted, api.world.account.pixel)
    _check_attribution(values)
    parts = objects_of(values.get("adset_schedule") or [], "adset_schedule")
    if parts and "day_parting" not in (values.get("pacing_type") or ()):
        advice = "An ad schedule needs the pacing type day_parting."
        raise refused(None, "Pacing type required", advice, "adset_schedule")


def _check_attribution(values: dict[str, Any]) -> None:
    given = values.get("attribution_spec")
    if given and values.get("is_incremental_attribution_enabled"):
        advice = "Incremental attribution has no attribution windows."
        raise refused(None, "Attribution setting isn't available", advice, "attribution_spec")
    for one in objects_of(given or [], "attribution_spec"):
        allowed = WINDOWS.get(str(one.get("event_type")))
        if allowed is None or str(one.get("window_days")) not in map(str, allowed):
            known = "; ".join(f"{name}: {' or '.join(map(str, days))} days" for name, days in WINDOWS.items())
            advice = f"{one.get('event_type')} within {one.get('window_days')} days is no window. There are {known}."
            raise refused(None, "Attribution window isn't available", advice, "attribution_spec")


def _check_parties(api: Api, spec: dict[str, Any], values: dict[str, Any]) -> None:
    for name in _PARTIES:
        given = values.get(name) or raw(api.objects.account, f"default_{name}", api.world)
        if is_european(spec) and not given:
            party = "beneficiary" if name == "dsa_beneficiary" else "payor"
            advice = f"Ads that reach people in the European Union must name their {party}: set {name}."
            raise refused(None, f"No {party} given", advice, name)
        if len(str(given or "")) > LONGEST_PARTY:
            raise invalid(f"Param {name} must be at most {LONGEST_PARTY} characters")


def _of_campaign(campaign: Node, api: Api) -> Any:
    return raw(campaign, "bid_strategy", api.world) if campaign.own.get("is_adset_budget_sharing_enabled") else None


def _defaults(campaign: Node, values: dict[str, Any], api: Api) -> dict[str, Any]:
    inherited = raw(campaign, "bid_strategy", api.world)
    bid = "LOWEST_COST_WITH_BID_CAP" if values.get("bid_amount") else "LOWEST_COST_WITHOUT_CAP"
    converts = values["optimization_goal"] in (*_PIXEL_GOALS, *OF_GOALS)
    return {
        "bid_strategy": inherited or bid,
        "destination_type": "UNDEFINED",
        "is_dynamic_creative": False,
        "attribution_spec": _USUAL_WINDOWS if converts else _CLICK_ONLY,
        "pacing_type": ["standard"],
        "source_adset_id": "0",
        "lifetime_imps": 0,
        "optimization_sub_event": "NONE",
        "recurring_budget_semantics": False,
        "is_incremental_attribution_enabled": False,
        "is_budget_schedule_enabled": False,
        "use_new_app_click": False,
    }
