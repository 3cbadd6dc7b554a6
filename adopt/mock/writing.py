"""Writing: creates, changes and deletions of every kind of object, checked by Meta's rules before anything is made."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from adopt.mock.ads import check_ad_change, check_new_ad
from adopt.mock.adsets import check_ad_set_change, check_new_ad_set
from adopt.mock.api import Api, Handler, Maker, Makers, Routes, key_of_route
from adopt.mock.call import Call
from adopt.mock.campaigns import check_campaign_change, check_new_campaign
from adopt.mock.creatives import check_content_kept, check_creative_change, check_dead, check_new_creative
from adopt.mock.errors import invalid, missing, refused
from adopt.mock.growing import make_ad, make_ad_set, make_campaign, make_change, make_creative
from adopt.mock.labels import check_labels
from adopt.mock.objects import NODE_TYPES, Node
from adopt.mock.params import Params, text, whole, words
from adopt.mock.periods import check_periods, periods_of
from adopt.mock.properties import FIELDS, read
from adopt.mock.reading import wanted
from adopt.mock.values import CONTROL, ENUMS, PARAMETERS, moment, read_values

LONGEST_NAME, PERIODS = 400, "budget_schedule_specs"
NEW = ("ACTIVE", "PAUSED")
STRATEGIES = ("DELETE_ANY", "DELETE_OLDEST", "DELETE_ARCHIVED_BEFORE")
_EDGES = {"campaigns": "campaign", "adsets": "ad set", "ads": "ad", "adcreatives": "creative"}
_Check = Callable[[Api, Node, dict[str, Any]], dict[str, Any]]
_CHECK_NEW: dict[str, _Check] = {
    "campaign": check_new_campaign,
    "ad set": check_new_ad_set,
    "ad": check_new_ad,
    "creative": check_new_creative,
}
_CHECK_CHANGE: dict[str, _Check] = {
    "campaign": check_campaign_change,
    "ad set": check_ad_set_change,
    "ad": check_ad_change,
    "creative": check_creative_change,
}
_MAKE: dict[str, Maker] = {
    "campaign": make_campaign,
    "ad set": make_ad_set,
    "ad": make_ad,
    "creative": make_creative,
}
_COMPUTED = frozenset({"id", "account_id"})  # sent along by clients that send back what they read


def check_new(api: Api, kind: str, params: Params) -> dict[str, Any]:
    """Check a new object of a kind, and give its fields."""
    if kind == "creative":
        check_dead(params)
    values = read_values(f"create {kind}", params, api.world.calendar.zone)
    _check_common(api, values)
    if values.get("status", "ACTIVE") not in NEW:
        raise invalid(f"Param status must be one of {{{', '.join(NEW)}}}")
    return _CHECK_NEW[kind](api, api.objects.account, values)


def validates_only(params: Params) -> bool:
    """Tell whether a write is only to be checked."""
    asked = words(params, "execution_options") or ()
    for one in asked:
        if one not in ENUMS["ad_execution_options"]:
            raise invalid(f"Param execution_options must be one of {{{', '.join(ENUMS['ad_execution_options'])}}}")
    return "validate_only" in asked


def _creates(kind: str, edge: str) -> Handler:
    def create(api: Api, call: Call, node: Node) -> dict[str, Any]:
        only = validates_only(call.params)
        fields = check_new(api, kind, call.params)
        periods = check_periods(api, fields.pop(PERIODS, None), fields.get("daily_budget"), [])
        if only:
            return {"success": True}
        made = api.write(node, edge, fields)
        for one in periods:
            api.write(made, "budget_schedules", one)
        return api.reader(call).node(made, call.params) if wanted(call.params) else {"id": made.id}

    return create


def _update(api: Api, call: Call, node: Node) -> dict[str, Any]:
    only = validates_only(call.params)
    changes = _changes(api, node, call.params)
    daily = changes.get("daily_budget", node.own.get("daily_budget"))
    periods = check_periods(api, changes.pop(PERIODS, None), daily, periods_of(api, node))
    if not only:
        api.write(node, "", changes)
        for one in periods:
            api.write(node, "budget_schedules", one)
    if not wanted(call.params):
        return {"success": True}
    return api.reader(call).node(node, call.params) | {"success": True}


def _delete(api: Api, call: Call, node: Node) -> dict[str, Any]:
    return _update(api, replace(call, params={"status": "DELETED"}), node)


def _deletes_many(api: Api, call: Call, _: Node) -> dict[str, Any]:
    """Delete several campaigns: any, the oldest, or those archived before a date."""
    strategy = text(call.params, "delete_strategy")
    if strategy not in STRATEGIES:
        raise invalid(f"Param delete_strategy must be one of {{{', '.join(STRATEGIES)}}}")
    most = whole(call.params, "object_count")
    before = moment(call.params, "before_date", api.world.calendar.zone) if "before_date" in call.params else None
    found = [one for one in api.objects.campaigns if one.status != "DELETED"]
    if strategy == "DELETE_ARCHIVED_BEFORE":
        if before is None:
            raise missing("before_date")
        found = [one for one in found if one.status == "ARCHIVED" and one.own["updated_time"] < before]
    chosen = found[: max(0, len(found) if most is None else most)]
    for one in chosen:
        api.write(one, "", {"status": "DELETED"})
    return {
        "objects_left_to_delete_count": len(found) - len(chosen),
        "deleted_object_ids": [one.id for one in chosen],
    }


def _changes(api: Api, node: Node, params: Params) -> dict[str, Any]:
    if node.kind == "creative":
        check_content_kept(params)
    values = read_values(f"update {node.kind}", params, api.world.calendar.zone)
    _check_fixed(api, node, params)
    if not values:
        raise invalid("No parameter to update was given")
    _check_state(node, values)
    _check_common(api, values)
    return _CHECK_CHANGE[node.kind](api, node, values)


def _check_common(api: Api, values: dict[str, Any]) -> None:
    name = values.get("name")
    if name is not None and not 0 < len(name.strip()) <= LONGEST_NAME:
        raise invalid("Param name must be a string with 1 to 400 characters")
    if "adlabels" in values:
        values["adlabels"] = check_labels(api, values["adlabels"])


def _check_fixed(api: Api, node: Node, params: Params) -> None:
    """Refuse to change what is set at creation only, and what only Meta sets."""
    known = PARAMETERS[f"update {node.kind}"]
    for name in params:
        if name in known or name in CONTROL or name in _COMPUTED or name not in FIELDS[node.kind]:
            continue
        if text(params, name) != text({name: read(node, name, api.world)}, name):
            raise invalid(f"Param {name} of {NODE_TYPES[node.kind]} cannot be changed")


def _check_state(node: Node, values: dict[str, Any]) -> None:
    changes = set(values)
    if node.status == "DELETED" and changes - {"name"}:
        raise refused(1487056, "Object was deleted", "A deleted object can only be renamed.", "status")
    if node.status == "ARCHIVED" and (changes - {"name", "status"} or values.get("status") in NEW):
        raise refused(1487056, "Object is archived", "An archived object can only be renamed or deleted.", "status")


ROUTES: Routes = {
    "DELETE <account>/campaigns": _deletes_many,
    **{key_of_route("POST", "account", edge): _creates(kind, edge) for edge, kind in _EDGES.items()},
    **{key_of_route("POST", kind, ""): _update for kind in _CHECK_CHANGE},
    **{key_of_route("DELETE", kind, ""): _delete for kind in _CHECK_CHANGE},
}
MAKERS: Makers = {
    **{key_of_route("POST", "account", edge): _MAKE[kind] for edge, kind in _EDGES.items()},
    **{key_of_route("POST", kind, ""): make_change for kind in (*_CHECK_CHANGE, "image", "video", "label")},
}
