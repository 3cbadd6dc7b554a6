"""Copies of campaigns, ad sets and ads, with or without what is in them."""

from typing import Any

from adopt.mock.ads import check_new_ad
from adopt.mock.adsets import check_new_ad_set
from adopt.mock.api import Api, Handler, Routes, key_of_route
from adopt.mock.call import Call
from adopt.mock.campaigns import check_new_campaign
from adopt.mock.errors import invalid, refused
from adopt.mock.objects import GONE, Node
from adopt.mock.properties import raw
from adopt.mock.values import PARAMETERS, object_of, read_values

MOST_ADS = 3  # that one call copies at once
SUFFIX = " - Copy"
DEEP, TOP, NONE = "DEEP_RENAME", "ONLY_TOP_LEVEL_RENAME", "NO_RENAME"
_SOURCE = {"campaign": "source_campaign_id", "ad set": "source_adset_id", "ad": "source_ad_id"}
_EDGE = {"campaign": "campaigns", "ad set": "adsets", "ad": "ads"}
_TYPE = {"campaign": "campaign", "ad set": "ad_set", "ad": "ad"}
_KEY = {"campaign": "copied_campaign_id", "ad set": "copied_adset_id", "ad": "copied_ad_id"}
_INTO = {"ad set": "campaign_id", "ad": "adset_id"}
_CHECK = {"campaign": check_new_campaign, "ad set": check_new_ad_set, "ad": check_new_ad}
_LEFT_OUT = frozenset({"adlabels", "source_campaign_id", "source_adset_id", "source_ad_id", "topline_id"})


def _copy(api: Api, call: Call, source: Node) -> dict[str, Any]:
    values = read_values(f"copy {source.kind}", call.params, api.world.calendar.zone)
    if source.status == "DELETED":
        raise refused(1487056, "Object was deleted", "A deleted object cannot be copied.", "id")
    into = _target(api, source, values)
    nodes = [source, *(_inside(source) if values.get("deep_copy") else ())]
    if sum(one.kind == "ad" for one in nodes) > MOST_ADS and source.kind != "ad":
        advice = f"At most {MOST_ADS} ads can be copied at once. Copy fewer objects, or copy them one by one."
        raise refused(1885194, "Copy request is too large", advice, "deep_copy")
    plans = [(one, _fields(api, one, values, into=into if one is source else None, top=one is source)) for one in nodes]
    copies: dict[str, str] = {}
    for one, fields in plans:
        parent = copies.get(one.parent.id) if one.parent else None
        moved = {_INTO[one.kind]: parent} if parent else {}
        copies[one.id] = api.write(api.objects.account, _EDGE[one.kind], fields | moved).id
    made = [{"ad_object_type": _TYPE[one.kind], "source_id": one.id, "copied_id": copies[one.id]} for one in nodes]
    return {_KEY[source.kind]: copies[source.id], "ad_object_ids": made}


def _target(api: Api, source: Node, values: dict[str, Any]) -> str | None:
    """Give the id of what the copy goes into, where it is not where its source is."""
    name = _INTO.get(source.kind)
    if name is None or name not in values:
        return None
    node = api.objects.find(values[name])
    if node is None or node.kind != ("campaign" if name == "campaign_id" else "ad set") or node.status in GONE:
        raise invalid(f"Param {name} must be the id of an object of this ad account")
    return node.id


def _inside(source: Node) -> list[Node]:
    """Give what is in an object and not archived or deleted, parents before children."""
    found = []
    for one in source.children:
        if one.status not in GONE:
            found += [one, *_inside(one)]
    return found


def _fields(api: Api, one: Node, values: dict[str, Any], *, into: str | None, top: bool) -> dict[str, Any]:
    """Check a copy as if it were new, where its source is, and give its fields."""
    given = {name: raw(one, name, api.world) for name in PARAMETERS[f"create {one.kind}"] if name not in _LEFT_OUT}
    kept = {name: value for name, value in given.items() if value is not None}
    kept |= {"name": _renamed(one, values, top=top), "status": _status(one, values)}
    if one.kind == "campaign":
        kept.pop("start_time", None)
        kept |= object_of(values.get("parameter_overrides") or {}, "parameter_overrides")
    elif one.kind == "ad set":
        kept |= {"campaign_id": into or one.above("campaign").id} | _flight(api, kept, values)
    else:
        creative = {"creative_id": one.extra.id} if one.extra else {}
        kept |= {"adset_id": into or one.above("ad set").id, "creative": creative}
    return _CHECK[one.kind](api, api.objects.account, kept) | {_SOURCE[one.kind]: one.id}


def _flight(api: Api, kept: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    now = int(api.world.now())
    begins = values.get("start_time") or max(now, kept.get("start_time") or now)
    return {"start_time": begins, "end_time": values.get("end_time") or kept.get("end_time")}


def _status(one: Node, values: dict[str, Any]) -> str:
    option = values.get("status_option", "PAUSED")
    if option != "INHERITED_FROM_SOURCE":
        return str(option)
    return "PAUSED" if one.status in GONE else one.status


def _renamed(one: Node, values: dict[str, Any], *, top: bool) -> str:
    options = object_of(values.get("rename_options") or {}, "rename_options")
    strategy = options.get("rename_strategy", TOP)
    if strategy not in (DEEP, TOP, NONE):
        raise invalid(f"Param rename_options[rename_strategy] must be one of {{{DEEP}, {TOP}, {NONE}}}")
    name = str(one.own["name"])
    if strategy == NONE or (strategy == TOP and not top):
        return name
    prefix = options.get("rename_prefix", "")
    suffix = options.get("rename_suffix", "" if prefix else SUFFIX)
    return f"{prefix}{name}{suffix}"


def _copies_of(kind: str) -> Handler:
    def answer(api: Api, call: Call, node: Node) -> dict[str, Any]:
        def holds(one: Node) -> bool:
            return one.own.get(_SOURCE[kind]) == node.id

        return api.reader(call).page(node, "copies", kind, call.params, holds=holds, under=api.objects.account)

    return answer


ROUTES: Routes = {
    **{key_of_route("POST", kind, "copies"): _copy for kind in _CHECK},
    **{key_of_route("GET", kind, "copies"): _copies_of(kind) for kind in _CHECK},
}
