"""What a checked write does: objects join the account and its world, or are changed in both."""

from typing import Any

from adopt.mock.account import Campaign
from adopt.mock.activities import Activity, changes_of
from adopt.mock.api import Api
from adopt.mock.blocks import look_again
from adopt.mock.budgets import BUDGETS, recent_writes
from adopt.mock.labels import labels_of
from adopt.mock.newcomers import Schedule, new_ad, new_ad_set
from adopt.mock.objects import Node
from adopt.mock.properties import raw
from adopt.mock.settings import EDITED, SIGNIFICANT
from adopt.mock.targeting import people_of

LONG_PAUSE = 7 * 86400
_SETTINGS = {
    "campaign": {
        "daily_budget": "campaign_budget",
        "lifetime_budget": "campaign_lifetime",
        "spend_cap": "campaign_cap",
    },
    "ad set": {
        "daily_budget": "ad_set_budget",
        "lifetime_budget": "ad_set_lifetime",
        "lifetime_spend_cap": "ad_set_cap",
        "start_time": "ad_set_begins",
        "end_time": "ad_set_ends",
    },
    "ad": {},
}
_SWITCH = {"campaign": "campaign_on", "ad set": "ad_set_on", "ad": "ad_on"}
_TEACHING = ("targeting", "optimization_goal", "bid_strategy", "bid_amount", "promoted_object", "attribution_spec")
_APART = frozenset({"adlabels", "creative", "adset_budgets", "campaign_id", "adset_id"})  # not kept as they came


def make_campaign(api: Api, account: Node, fields: dict[str, Any], moment: float) -> Node:
    """Let a campaign join."""
    node = _add(api, "campaign", account, fields, moment)
    own = node.own
    daily, lifetime, cap = (own.get(name) or 0 for name in (*BUDGETS, "spend_cap"))
    api.world.grow(moment, campaigns=(Campaign(node.id, own["name"], daily, lifetime, cap, node.status == "ACTIVE"),))
    return node


def make_ad_set(api: Api, _: Node, fields: dict[str, Any], moment: float) -> Node:
    """Let an ad set join; its people, price and quality are drawn, or are like its source's."""
    campaign, account = api.node("POST", fields["campaign_id"]), api.world.account
    node = _add(api, "ad set", campaign, fields, moment)
    own, source = node.own, api.objects.find(fields.get("source_adset_id") or "")
    node.own["edited"] = moment
    schedule = Schedule(
        budget=own.get("daily_budget") or 0,
        lifetime=own.get("lifetime_budget") or 0,
        cap=own.get("lifetime_spend_cap") or 0,
        begins=own["start_time"] if own["start_time"] > moment else 0,
        ends=own.get("end_time") or 0,
        on=node.status == "ACTIVE",
    )
    made = new_ad_set(
        account.options,
        account.money,
        node.id,
        own["name"],
        campaign.index,
        schedule,
        people=people_of(own["targeting"]),
        goal=own["optimization_goal"],
        like=account.ad_sets[source.index] if source else None,
    )
    api.world.grow(moment, ad_sets=(made,))
    return node


def make_ad(api: Api, account: Node, fields: dict[str, Any], moment: float) -> Node:
    """Let an ad join, with a creative that was there or comes with it; it is handed in for review."""
    ad_set, creative = api.node("POST", fields["adset_id"]), _creative(api, account, fields["creative"], moment)
    node = _add(api, "ad", ad_set, fields, moment)
    node.extra, ad_set.own["edited"] = creative, moment
    made = new_ad(
        api.world.account.options,
        api.world.account.ad_sets[ad_set.index],
        ad_set.index,
        node.id,
        creative.id,
        node.own["name"],
        video=raw(creative, "video_id", api.world) is not None,
        on=node.status == "ACTIVE",
    )
    api.world.grow(moment, ads=(made,))
    return node


def make_creative(api: Api, account: Node, fields: dict[str, Any], moment: float) -> Node:
    """Let a creative join."""
    node = _add(api, "creative", account, fields, moment)
    node.extra = api.objects.find(str(fields.get("video_id", "")))
    return node


def make_change(api: Api, node: Node, fields: dict[str, Any], moment: float) -> Node:
    """Change an object, and let delivery obey."""
    before = dict(node.own)
    for ident, amounts in fields.get("adset_budgets", {}).items():
        make_change(api, api.node("POST", ident), amounts, moment)
    node.own |= {name: value for name, value in fields.items() if name not in _APART} | {"updated_time": moment}
    if "adlabels" in fields:
        node.labels = labels_of(api, fields["adlabels"], moment)
    if "creative" in fields:
        _change_creative(api, node, _creative(api, api.objects.account, fields["creative"], moment), moment)
    if node.kind in _SETTINGS:
        _let_obey(api, node, fields, moment)
    if node.kind == "ad set":
        look_again(api.objects, api.world, node, fields, moment)
        _note_edits(api, node, before, fields, moment)
    api.activities += changes_of(node, before, moment)
    return node


def _add(api: Api, kind: str, parent: Node, fields: dict[str, Any], moment: float) -> Node:
    own = {name: value for name, value in fields.items() if name not in _APART}
    node = api.objects.add(kind, parent, {"status": "ACTIVE", **own, "created_time": moment, "updated_time": moment})
    node.labels = labels_of(api, fields.get("adlabels") or [], moment)
    if kind != "creative":
        api.activities.append(Activity(moment, node, "created", None, own["name"], by_person=False))
    return node


def _creative(api: Api, account: Node, fields: dict[str, Any], moment: float) -> Node:
    known = api.objects.find(fields.get("creative_id", ""))
    return known or make_creative(api, account, fields, moment)


def _change_creative(api: Api, ad: Node, creative: Node, moment: float) -> None:
    if ad.extra is creative:
        return
    ad.extra, ad.above("ad set").own["edited"] = creative, moment
    api.world.submit(moment, ad.index)
    api.world.change(moment, EDITED, ad.above("ad set").index, 1)


def _let_obey(api: Api, node: Node, fields: dict[str, Any], moment: float) -> None:
    if "status" in fields:
        api.world.change(moment, _SWITCH[node.kind], node.index, int(fields["status"] == "ACTIVE"))
    for name, setting in _SETTINGS[node.kind].items():
        if name in fields:
            api.world.change(moment, setting, node.index, int(fields[name] or 0))


def _note_edits(api: Api, ad_set: Node, before: dict[str, Any], fields: dict[str, Any], moment: float) -> None:
    """Begin learning again where an edit is significant, and count the changes of a budget."""
    changed = [name for name in _TEACHING if name in fields and fields[name] != before.get(name)]
    if changed:
        api.world.change(moment, EDITED, ad_set.index, 1)
    jumps = [
        before.get(name) and fields.get(name) and abs(fields[name] / before[name] - 1) > SIGNIFICANT for name in BUDGETS
    ]
    paused = moment - before["updated_time"] if ad_set.status == "ACTIVE" != before.get("status") else 0
    if changed or any(jumps) or paused >= LONG_PAUSE:
        ad_set.own["edited"] = moment
    if any(name in fields for name in BUDGETS):
        ad_set.own["budget_writes"] = (*recent_writes(ad_set, moment), moment)
