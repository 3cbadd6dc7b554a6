"""Budget schedules: periods for which a campaign's or an ad set's daily budget is raised, announced ahead."""

from typing import Any

from adopt.mock.api import Api, Handler, Makers, Routes, key_of_route
from adopt.mock.call import Call
from adopt.mock.errors import GraphError, invalid, missing, refused
from adopt.mock.objects import Node
from adopt.mock.params import Params
from adopt.mock.reading import wanted
from adopt.mock.surges import Surge
from adopt.mock.values import objects_of, read_values

KIND, EDGE = "period", "budget_schedules"
NEEDS = ("budget_value", "budget_value_type", "time_start", "time_end")
QUARTER, SHORTEST = 900, 3 * 3600  # periods begin and end on quarters of an hour
MOST, HIGHEST = 50, 8  # periods of an object; a raised budget, of the usual one


def check_periods(api: Api, given: Any, daily: int | None, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Check the `budget_schedule_specs` of a write on an object with a daily budget, and give the periods."""
    found: list[dict[str, Any]] = []
    for one in objects_of(given or [], "budget_schedule_specs"):
        found.append(_checked(api, one, daily, known + found))
    return found


def make_period(api: Api, owner: Node, fields: dict[str, Any], moment: float) -> Node:
    """Announce a period."""
    node = api.objects.add(KIND, owner, {**fields, "created_time": moment, "updated_time": moment})
    _plan(api, node, moment)
    return node


def _change(api: Api, node: Node, fields: dict[str, Any], moment: float) -> Node:
    node.own |= fields | {"updated_time": moment}
    _plan(api, node, moment)
    return node


def _plan(api: Api, node: Node, moment: float) -> None:
    own, owner = node.own, node.above("campaign" if node.parent and node.parent.kind == "campaign" else "ad set")
    raised = own["budget_value_type"] == "ABSOLUTE"
    surge = Surge(
        owner.kind, owner.index, times=1 if raised else own["budget_value"], more=own["budget_value"] if raised else 0
    )
    ends = own["time_end"] if own.get("status") != "DELETED" else 0
    api.world.raise_budget(moment, node.id, surge, own["time_start"], ends)


def _create(api: Api, call: Call, owner: Node) -> dict[str, Any]:
    fields = _checked(api, call.params, owner.own.get("daily_budget"), periods_of(api, owner))
    made = api.write(owner, EDGE, fields)
    return api.reader(call).node(made, call.params) if wanted(call.params) else {"id": made.id}


def _update(api: Api, call: Call, node: Node) -> dict[str, Any]:
    owner = node.parent or api.objects.account
    params = {name: node.own[name] for name in NEEDS} | call.params
    others = [one for one in periods_of(api, owner) if one is not node.own]
    api.write(node, "", _checked(api, params, owner.own.get("daily_budget"), others, begun=node.own["time_start"]))
    return {"success": True}


def _delete(api: Api, _: Call, node: Node) -> dict[str, Any]:
    api.write(node, "", {"status": "DELETED"})
    return {"success": True}


def periods_of(api: Api, owner: Node) -> list[dict[str, Any]]:
    """Give an object's periods."""
    return [one.own for one in api.objects.kinds[KIND] if one.parent is owner and one.status != "DELETED"]


def _checked(
    api: Api, params: Params, daily: int | None, others: list[dict[str, Any]], *, begun: int = 0
) -> dict[str, Any]:
    values = read_values("create period", params, api.world.calendar.zone)
    for name in NEEDS:
        if values.get(name) is None:
            raise missing(name)
    value, raised = values["budget_value"], values["budget_value_type"] == "ABSOLUTE"
    if not daily:
        raise _refused("Budget scheduling needs a daily budget on this campaign or ad set.")
    if any(one["budget_value_type"] != values["budget_value_type"] for one in others):
        raise _refused("Can't mix your budget scaling selection: give amounts, or factors, for all periods.")
    least = 1 if raised else 2
    if not least <= value or (daily + value if raised else daily * value) > HIGHEST * daily:
        raise _refused(f"A period can raise a budget of {daily} to {HIGHEST * daily} at most.")
    _check_times(values, others, api.world.now(), begun)
    return values


def _check_times(values: dict[str, Any], others: list[dict[str, Any]], now: float, begun: int) -> None:
    begins, ends = values["time_start"], values["time_end"]
    if begins % QUARTER or ends % QUARTER:
        raise invalid("Params time_start and time_end must be on a quarter of an hour")
    if ends - begins < SHORTEST or ends <= now or (begins < now and begins != begun):
        raise _refused("A period begins in the future and lasts at least 3 hours.")
    if len(others) >= MOST:
        raise _refused(f"There can be {MOST} periods.")
    if any(begins < one["time_end"] and one["time_start"] < ends for one in others):
        raise _refused("Periods cannot overlap.")


def _refused(advice: str) -> GraphError:
    return refused(None, "Budget schedule isn't available", advice, "budget_schedule_specs")


def _read(api: Api, call: Call, owner: Node) -> dict[str, Any]:
    def mine(one: Node) -> bool:
        return one.parent is owner

    return api.reader(call).page(owner, EDGE, KIND, call.params, holds=mine, under=api.objects.account)


_CREATES: dict[str, Handler] = {key_of_route("POST", kind, EDGE): _create for kind in ("campaign", "ad set")}
ROUTES: Routes = {
    **_CREATES,
    **{key_of_route("GET", kind, EDGE): _read for kind in ("campaign", "ad set")},
    key_of_route("POST", KIND, ""): _update,
    key_of_route("DELETE", KIND, ""): _delete,
}
MAKERS: Makers = {**dict.fromkeys(_CREATES, make_period), key_of_route("POST", KIND, ""): _change}
