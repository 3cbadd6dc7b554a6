"""Ads asked for in one call and made one after another: request sets, and the requests in them."""

from collections import Counter
from typing import Any

from adopt.mock.api import Api, Makers, Routes, key_of_route
from adopt.mock.call import Call
from adopt.mock.errors import GraphError, invalid, missing
from adopt.mock.objects import Node
from adopt.mock.params import flag, text, words
from adopt.mock.requests import status
from adopt.mock.values import objects_of, read_values
from adopt.mock.writing import check_new

SET, REQUEST, EDGE = "request set", "request", "asyncadrequestsets"
MOST = 1000  # specs of a set
_DONE = ("SUCCESS", "ERROR", "CANCELED", "USER_CANCELED")


def _create(api: Api, call: Call, account: Node) -> dict[str, Any]:
    values = read_values("create request set", call.params, api.world.calendar.zone)
    for name in ("name", "ad_specs"):
        if not values.get(name):
            raise missing(name)
    specs = objects_of(values.pop("ad_specs"), "ad_specs")
    if len(specs) > MOST:
        raise invalid(f"Param ad_specs must have at most {MOST} items")
    made = [_made(api, spec) for spec in specs]
    usual = {"notification_mode": "OFF", "notification_status": "NOT_SENT", "owner_id": api.world.account.id}
    node = api.write(account, EDGE, usual | values)
    for place, (spec, done) in enumerate(zip(specs, made, strict=True)):
        api.write(node, "requests", {"input": spec, "place": place, "done": done})
    return {"id": node.id}


def _made(api: Api, spec: dict[str, Any]) -> dict[str, Any]:
    """Make the ad of one spec, or tell what is wrong with it."""
    try:
        return {"id": api.write(api.objects.account, "ads", check_new(api, "ad", spec)).id}
    except GraphError as error:
        return error.envelope("")


def _join_set(api: Api, account: Node, fields: dict[str, Any], moment: float) -> Node:
    return api.objects.add(SET, account, {**fields, "created_time": moment, "updated_time": moment})


def _join(api: Api, node: Node, fields: dict[str, Any], moment: float) -> Node:
    return api.objects.add(REQUEST, node, {**fields, "created_time": moment, "updated_time": moment})


def _change(_: Api, node: Node, fields: dict[str, Any], moment: float) -> Node:
    node.own |= {**fields, "updated_time": moment}
    return node


def requests_of(api: Api, node: Node) -> list[Node]:
    """Give the requests of a set."""
    return [one for one in api.objects.kinds[REQUEST] if one.parent is node]


def _counts(api: Api, node: Node) -> dict[str, Any]:
    """Give how far a set is."""
    found = [status(one, api.world.now()) for one in requests_of(api, node)]
    many = Counter(found)
    return {
        "total_count": len(found),
        "initial_count": many["INITIAL"],
        "in_progress_count": many["IN_PROGRESS"],
        "success_count": many["SUCCESS"],
        "error_count": many["ERROR"],
        "canceled_count": many["USER_CANCELED"],
        "is_completed": all(one in _DONE for one in found),
    }


def _refresh(api: Api, node: Node) -> Node:
    node.own |= _counts(api, node)
    return node


def _read_set(api: Api, call: Call, node: Node) -> dict[str, Any]:
    params = call.params if call.params.get("fields") else {**call.params, "fields": "id,owner_id,name,is_completed"}
    return api.reader(call).node(_refresh(api, node), params)


def _list_sets(api: Api, call: Call, account: Node) -> dict[str, Any]:
    def holds(node: Node) -> bool:
        done = _refresh(api, node).own["is_completed"]
        return text(call.params, "is_completed") is None or done is flag(call.params, "is_completed")

    return api.reader(call).page(account, EDGE, SET, call.params, holds=holds)


def _list_requests(api: Api, call: Call, node: Node) -> dict[str, Any]:
    wanted = words(call.params, "statuses")

    def holds(one: Node) -> bool:
        return one.parent is node and (wanted is None or status(one, api.world.now()) in wanted)

    return api.reader(call).page(node, "requests", REQUEST, call.params, holds=holds, under=api.objects.account)


def _rename(api: Api, call: Call, node: Node) -> dict[str, Any]:
    values = read_values("create request set", call.params, api.world.calendar.zone)
    values.pop("ad_specs", None)
    if not values:
        raise invalid("No parameter to update was given")
    api.write(node, "", values)
    return {"success": True}


def _cancel(api: Api, _: Call, node: Node) -> dict[str, Any]:
    """Call off what is not done yet; ads that were made stay."""
    for one in requests_of(api, node) if node.kind == SET else [node]:
        if status(one, api.world.now()) not in _DONE:
            _call_off(api, one)
    if node.kind == SET:
        api.write(node, "", {"status": "DELETED"})
    return {"success": True}


def _call_off(api: Api, one: Node) -> None:
    made = one.own["done"].get("id")
    if made:
        api.write(api.node("POST", made), "", {"status": "DELETED"})
    api.write(one, "", {"called_off": True})


ROUTES: Routes = {
    key_of_route("POST", "account", EDGE): _create,
    key_of_route("GET", "account", EDGE): _list_sets,
    key_of_route("GET", SET, ""): _read_set,
    key_of_route("GET", SET, "requests"): _list_requests,
    key_of_route("POST", SET, ""): _rename,
    key_of_route("DELETE", SET, ""): _cancel,
    key_of_route("DELETE", REQUEST, ""): _cancel,
}
MAKERS: Makers = {
    key_of_route("POST", "account", EDGE): _join_set,
    key_of_route("POST", SET, "requests"): _join,
    key_of_route("POST", SET, ""): _change,
    key_of_route("POST", REQUEST, ""): _change,
}
