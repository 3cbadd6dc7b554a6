"""Ads: what a new one needs, and what may be changed in one."""

from typing import Any

from adopt.mock.api import Api
from adopt.mock.creatives import check_new_creative
from adopt.mock.errors import invalid, missing, refused
from adopt.mock.objects import GONE, Node
from adopt.mock.properties import raw
from adopt.mock.values import object_of, read_values

MOST_IN_AD_SET = 50


def check_new_ad(api: Api, account: Node, values: dict[str, Any]) -> dict[str, Any]:
    """Check a new ad, and give its fields; a creative given in full is made with it."""
    for name in ("name", "adset_id", "creative"):
        if not values.get(name):
            raise missing(name)
    ad_set = api.objects.find(str(values["adset_id"]))
    if ad_set is None or ad_set.kind != "ad set" or ad_set.status in GONE:
        raise refused(None, "Ad set not found", "The ad set does not exist or was deleted.", "adset_id")
    alive = [one for one in ad_set.children if one.status not in GONE]
    if len(alive) >= MOST_IN_AD_SET:
        advice = f"An ad set can have {MOST_IN_AD_SET} ads that are not archived."
        raise refused(1487809, "Too many ads in the ad set", advice, "adset_id")
    creative = _creative(api, account, values["creative"])
    _check_dynamic(api, ad_set, creative)
    _check_domain(values)
    promoted = raw(ad_set, "promoted_object", api.world) or {}
    watched = [{"action.type": ["offsite_conversion"], "fb_pixel": [str(promoted.get("pixel_id"))]}]
    usual = {"tracking_specs": watched} if promoted.get("pixel_id") else {}
    whole = {**usual, "source_ad_id": "0", **values, "adset_id": ad_set.id, "creative": creative}
    return {name: value for name, value in whole.items() if name not in ("adset_spec", "include_demolink_hashes")}


def check_ad_change(api: Api, node: Node, values: dict[str, Any]) -> dict[str, Any]:
    """Check a change of an ad, and give the fields it sets."""
    changes = {name: value for name, value in values.items() if name not in ("adset_spec", "include_demolink_hashes")}
    _check_domain(values)
    if "creative" in values:
        changes["creative"] = _creative(api, api.objects.account, values["creative"])
        _check_dynamic(api, node.above("ad set"), changes["creative"])
    return changes


def _creative(api: Api, account: Node, given: Any) -> dict[str, Any]:
    """Give a creative's id, or the fields of one that is given in full."""
    spec = object_of(given, "creative")
    ident = spec.get("creative_id") or spec.get("id")
    if not ident:
        return check_new_creative(api, account, read_values("create creative", spec, api.world.calendar.zone))
    node = api.objects.find(str(ident))
    if node is None or node.kind != "creative" or node.status == "DELETED":
        raise refused(None, "Creative not found", f"The creative {ident} does not exist or was deleted.", "creative")
    return {"creative_id": node.id}


def _check_dynamic(api: Api, ad_set: Node, creative: dict[str, Any]) -> None:
    node = api.objects.find(creative.get("creative_id", ""))
    feed = raw(node, "asset_feed_spec", api.world) if node else creative.get("asset_feed_spec")
    hosts = raw(ad_set, "is_dynamic_creative", api.world)
    regular = isinstance(feed, dict) and feed.get("optimization_type", "REGULAR") == "REGULAR"
    if regular and not hosts:
        advice = "Dynamic Creative ads need an ad set with is_dynamic_creative set to true."
        raise refused(1885998, "Dynamic Creative isn't enabled", advice, "adset_id")
    if hosts and not feed:
        advice = "An ad set for Dynamic Creative takes only Dynamic Creative ads."
        raise refused(1885998, "Dynamic Creative is enabled", advice, "creative")


def _check_domain(values: dict[str, Any]) -> None:
    domain = values.get("conversion_domain")
    if domain and ("/" in domain or ":" in domain or "." not in domain):
        raise invalid("Param conversion_domain must be a domain such as example.com")
