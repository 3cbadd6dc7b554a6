"""The account's activity log: who changed what, and when."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adopt.mock.errors import no_field
from adopt.mock.objects import Node, Objects
from adopt.mock.paging import page
from adopt.mock.params import Params, text, words
from adopt.mock.properties import FIELDS, stamp
from adopt.mock.world import PAUSED_HOUR, World

_OBJECT_TYPES = {"campaign": "CAMPAIGN", "ad set": "ADSET", "ad": "AD"}
_EVENTS = {"campaign": "campaign", "ad set": "ad_set", "ad": "ad"}
_CREATED = {"campaign": "create_campaign_group", "ad_set": "create_ad_set", "ad": "create_ad"}
_WHAT = {
    "status": "run_status",
    "daily_budget": "budget",
    "lifetime_budget": "budget",
    "targeting": "target_spec",
    "bid_amount": "bidding",
}
_RENAMED = {("ad", "name"): "update_ad_friendly_name"}
_DEFAULT = "event_time,event_type,extra_data"
_RUN_STATUS = {"ACTIVE": "Active", "PAUSED": "Inactive", "DELETED": "Deleted", "ARCHIVED": "Archived"}


@dataclass(frozen=True)
class Activity:
    """One change of one object."""

    moment: float
    node: Node
    what: str
    before: Any
    after: Any
    by_person: bool


def owners_activities(objects: Objects, world: World) -> list[Activity]:
    """Give what the owner did in the history."""
    paused = [
        Activity(node.own["updated_time"], node, "status", "ACTIVE", "PAUSED", by_person=True)
        for node in objects.ad_sets
        if node.status == "PAUSED"
    ]
    return [*paused, *_busy_owner(objects, world)]


def _busy_owner(objects: Objects, world: World) -> Iterable[Activity]:
    """Give the budgets edited and the ad sets rested in the history."""
    for node, ad_set in zip(objects.ad_sets, world.account.ad_sets, strict=True):
        for rest in ad_set.rests:
            for day, before, after in zip(rest, ("ACTIVE", "PAUSED"), ("PAUSED", "ACTIVE"), strict=True):
                yield Activity(world.moment_of(day, PAUSED_HOUR), node, "status", before, after, by_person=True)
    account = world.account
    edited = [
        *zip(objects.campaigns, (one.edits for one in account.campaigns), strict=True),
        *zip(objects.ad_sets, (one.edits for one in account.ad_sets), strict=True),
    ]
    for node, edits in edited:
        for edit in edits:
            moment = world.moment_of(edit.day, edit.hour)
            yield Activity(moment, node, "daily_budget", edit.before, edit.after, by_person=True)


def changes_of(node: Node, before: dict[str, Any], moment: float) -> Iterable[Activity]:
    """Give the changes a write made to a node, which was as given before."""
    if node.kind in _EVENTS:
        for what in ("status", "name", "daily_budget", "lifetime_budget", "targeting", "bid_strategy", "bid_amount"):
            if before.get(what) != node.own.get(what):
                yield Activity(moment, node, what, before.get(what), node.own.get(what), by_person=False)


def activities(world: World, log: list[Activity], node: Node, params: Params, url: str) -> dict[str, Any]:
    """Answer the activities edge of a node: newest first."""
    names = (text(params, "fields") or _DEFAULT).split(",")
    for name in names:
        if name not in FIELDS["activity"]:
            raise no_field(name, "AdActivity")
    objects = words(params, "oid")
    rows = [
        _shape(one, world)
        for one in sorted(log, key=lambda one: one.moment)[::-1]
        if _under(one.node, node) and (not objects or one.node.id in objects)
    ]
    found = [row for row in rows if _within(row["event_time"], params)]
    shown = [{name: row[name] for name in names if name in row} for row in found]
    return page(shown, range(len(shown)), params, url, list)


def _under(node: Node | None, top: Node) -> bool:
    while node is not None and node is not top:
        node = node.parent
    return node is top


def _within(when: str, params: Params) -> bool:
    """Tell whether a stamp lies between `since` and `until`, both dates."""
    since, until = (text(params, "since") or "", text(params, "until") or "9")
    return since[:10] <= when[:10] <= until[:10]


def _shape(one: Activity, world: World) -> dict[str, Any]:
    kind, account = _EVENTS[one.node.kind], world.account
    made = one.what == "created"
    what = _WHAT.get(one.what, one.what)
    return {
        "event_time": stamp(one.moment, world),
        "event_type": _CREATED[kind] if made else _RENAMED.get((kind, what), f"update_{kind}_{what}"),
        "translated_event_type": f"{kind.replace('_', ' ').capitalize()} "
        + ("created" if made else f"{what.replace('_', ' ')} updated"),
        "object_id": one.node.id,
        "object_name": one.node.own["name"],
        "object_type": _OBJECT_TYPES[one.node.kind],
        "actor_id": account.business if one.by_person else account.user,
        "actor_name": "Account owner" if one.by_person else "Simulated system user",
        "application_id": "" if one.by_person else account.app,
        "application_name": "Ads Manager" if one.by_person else "Simulator",
        "extra_data": json.dumps(_extra(one, account.money.code)),
    }


def _extra(one: Activity, currency: str) -> dict[str, Any]:
    if one.what in ("daily_budget", "lifetime_budget"):
        return {"type": "payment_amount", "currency": currency, "old_value": one.before, "new_value": one.after}
    if one.what == "status":
        return {"type": "run_status", "old_value": _RUN_STATUS[one.before], "new_value": _RUN_STATUS[one.after]}
    return {"old_value": one.before, "new_value": one.after}
