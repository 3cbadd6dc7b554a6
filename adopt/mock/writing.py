"""Writing: status, name and budget of an object, by Meta's rules."""

from dataclasses import dataclass, replace
from typing import Any

from adopt.mock.account import CURRENCIES
from adopt.mock.activities import changes_of
from adopt.mock.api import Api, Makers, Routes, key_of_route
from adopt.mock.call import Call
from adopt.mock.errors import GraphError, invalid, refused, too_many_budgets
from adopt.mock.objects import Node
from adopt.mock.params import Params, text, whole, words
from adopt.mock.properties import minimum_budget
from adopt.mock.reading import wanted
from adopt.mock.settings import SIGNIFICANT
from adopt.mock.world import World

STATUSES = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED")
BUDGETS = ("daily_budget", "lifetime_budget")
BUDGET_WRITES, WINDOW = 4, 3600  # an ad set and hour
MOST_DOLLARS = 1_000_000
LONGEST_NAME = 400
_SWITCH = {"campaign": "campaign_on", "ad set": "ad_set_on", "ad": "ad_on"}
_BUDGET = {"campaign": "campaign_budget", "ad set": "ad_set_budget"}


@dataclass(frozen=True)
class Edit:
    """What a write sets on an object."""

    name: str | None = None
    status: str | None = None
    daily_budget: int | None = None

    def fields(self) -> dict[str, Any]:
        """Give what is set."""
        return {name: value for name, value in vars(self).items() if value is not None}


def read_edit(node: Node, params: Params, world: World) -> Edit:
    """Read and check a write; raises what Meta would answer."""
    if node.kind not in (*_SWITCH, "creative"):
        raise invalid("This object cannot be edited here")
    edit = Edit(_name(params), _status(params), whole(params, "daily_budget") if node.kind in _BUDGET else None)
    _check_state(node, edit)
    if node.kind in _BUDGET:
        _check_budgets(node, params, world)
    if not any(name in params for name in ("name", "status", *BUDGETS)):
        raise invalid("No parameter to update was given")
    return edit


def check_rate(node: Node, edit: Edit, moment: float) -> None:
    """Refuse a fifth budget change of an ad set within an hour."""
    recent = [when for when in node.own.get("budget_writes", ()) if when > moment - WINDOW]
    if node.kind == "ad set" and edit.daily_budget is not None and len(recent) >= BUDGET_WRITES:
        raise too_many_budgets()


def apply_edit(node: Node, edit: Edit, world: World, moment: float) -> None:
    """Make a checked write, at a moment."""
    before = dict(node.own)
    node.own |= edit.fields() | {"updated_time": moment}
    if edit.status is not None and node.kind in _SWITCH:
        world.change(moment, _SWITCH[node.kind], node.index, int(edit.status == "ACTIVE"))
        _note_pause(node, before, moment)
    if edit.daily_budget is not None:
        world.change(moment, _BUDGET[node.kind], node.index, edit.daily_budget)
        recent = [when for when in before.get("budget_writes", ()) if when > moment - WINDOW]
        node.own["budget_writes"] = (*recent, moment)
        old = before["daily_budget"]
        if node.kind == "ad set" and abs(edit.daily_budget / old - 1) > SIGNIFICANT:
            node.own["edited"] = moment


def _note_pause(node: Node, before: dict[str, Any], moment: float) -> None:
    week = 7 * 86400
    if (
        node.status == "ACTIVE" != before.get("status")
        and moment - before["updated_time"] >= week
        and "edited" in before
    ):
        node.own["edited"] = moment


def _name(params: Params) -> str | None:
    name = text(params, "name")
    if name is not None and not 0 < len(name.strip()) <= LONGEST_NAME:
        raise invalid("Param name must be a string with 1 to 400 characters")
    return name


def _status(params: Params) -> str | None:
    status = text(params, "status")
    if status is not None and status not in STATUSES:
        raise invalid(f"Param status must be one of {{{', '.join(STATUSES)}}}")
    return status


def _check_state(node: Node, edit: Edit) -> None:
    changes = set(edit.fields())
    if node.status == "DELETED" and changes - {"name"}:
        raise refused(1487056, "Object was deleted", "A deleted object can only be renamed.", "status")
    if node.status == "ARCHIVED" and (changes - {"name", "status"} or edit.status in ("ACTIVE", "PAUSED")):
        raise refused(1487056, "Object is archived", "An archived object can only be renamed or deleted.", "status")


def _check_budgets(node: Node, params: Params, world: World) -> None:
    given = {name: whole(params, name) for name in BUDGETS if name in params}
    if not given:
        return
    shared = node.above("campaign").own.get("daily_budget") is not None
    if node.kind == "ad set" and shared:
        raise _both_levels()
    if node.kind == "campaign" and not shared:
        raise _both_levels()
    if len(given) > 1 and all(given.values()):
        raise refused(
            1885621, "Only one budget", "Set either a daily or a lifetime budget, not both.", "lifetime_budget"
        )
    if given.get("lifetime_budget"):
        raise refused(1487094, "No lifetime budget", "A lifetime budget needs an end time.", "lifetime_budget")
    _check_amount(given.get("daily_budget"), world)


def _check_amount(amount: int | None, world: World) -> None:
    money, least = world.account.money, minimum_budget(world)
    if amount is None or amount < least:
        advice = f"Your budget must be at least {money.text(least)} {money.code} a day."
        raise refused(1885272, "Budget Is Too Low", advice, "daily_budget")
    if amount > MOST_DOLLARS * CURRENCIES[money.code] * money.offset:
        raise refused(
            1885261, "Budget Is Too High", "Your budget is above the most an ad set may have.", "daily_budget"
        )


def _both_levels() -> GraphError:
    return refused(
        1885621,
        "Can't set both an ad set and a campaign budget",
        "You can set a budget for the campaign or for its ad sets, not for both.",
        "daily_budget",
    )


def validates_only(params: Params) -> bool:
    """Tell whether a write is only to be checked."""
    return "validate_only" in (words(params, "execution_options") or ())


def _update(api: Api, call: Call, node: Node) -> dict[str, Any]:
    edit = read_edit(node, call.params, api.world)
    fields = wanted(call.params)
    check_rate(node, edit, api.world.now())
    if not validates_only(call.params):
        api.write(node, "", edit.fields())
    if not fields:
        return {"success": True}
    return api.reader(call).node(node, call.params) | {"success": True}


def _delete(api: Api, call: Call, node: Node) -> dict[str, Any]:
    return _update(api, replace(call, params={"status": "DELETED"}), node)


def _make_edit(api: Api, node: Node, fields: dict[str, Any], moment: float) -> Node:
    before = dict(node.own)
    apply_edit(node, Edit(**fields), api.world, moment)
    api.activities += changes_of(node, before, moment)
    return node


_EDITED = ("account", "campaign", "ad set", "ad", "creative")
ROUTES: Routes = {
    **{key_of_route("POST", kind, ""): _update for kind in _EDITED},
    **{key_of_route("DELETE", kind, ""): _delete for kind in _EDITED},
}
MAKERS: Makers = {key_of_route("POST", kind, ""): _make_edit for kind in _EDITED}
