"""The ad account itself: its name, its spending limit, and for whom its ads in the European Union run."""

from typing import Any

from adopt.mock.api import Api, Makers, Routes, key_of_route
from adopt.mock.call import Call
from adopt.mock.errors import GraphError, invalid
from adopt.mock.objects import Node
from adopt.mock.reading import wanted
from adopt.mock.values import read_values

CAP_WRITES, DAY = 10, 86400  # changes of the spending limit, a day (17/1885172)
LONGEST_NAME, LONGEST_PARTY = 255, 512
ACTIONS = ("reset", "delete")


def _update(api: Api, call: Call, account: Node) -> dict[str, Any]:
    values = read_values("update account", call.params, api.world.calendar.zone)
    if not values:
        raise invalid("No parameter to update was given")
    api.write(account, "", _checked(values) | _cap(api, account, values))
    return {"success": True} | (api.reader(call).node(account, call.params) if wanted(call.params) else {})


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    name = values.get("name")
    if name is not None and not 0 < len(name.strip()) <= LONGEST_NAME:
        raise invalid(f"Param name must be a string with 1 to {LONGEST_NAME} characters")
    for party in ("default_dsa_payor", "default_dsa_beneficiary"):
        if len(values.get(party) or "") > LONGEST_PARTY:
            raise invalid(f"Param {party} must be at most {LONGEST_PARTY} characters")
    return {name: value for name, value in values.items() if not name.startswith("spend_cap")}


def _cap(api: Api, account: Node, values: dict[str, Any]) -> dict[str, Any]:
    """Read a spending limit, given in whole units: it counts what is spent from now on, and 0 is none."""
    amount, action = values.get("spend_cap"), values.get("spend_cap_action")
    if amount is None and action is None:
        return {}
    if action is not None and action not in ACTIONS:
        raise invalid(f"Param spend_cap_action must be one of {{{', '.join(ACTIONS)}}}")
    if amount is not None and amount < 0:
        raise invalid("Param spend_cap must be a number greater than or equal to 0")
    now = api.world.now()
    writes = [when for when in account.own.get("cap_writes", ()) if when > now - DAY]
    if len(writes) >= CAP_WRITES:
        raise _too_often()
    cap = account.own.get("spend_cap") or 0
    if amount is not None:
        cap = round(amount * api.world.account.money.offset)
    if action == "delete":
        cap = 0
    return {"spend_cap": cap, "cap_writes": [*writes, now]}


def _too_often() -> GraphError:
    return GraphError(
        "(#17) User request limit reached",
        17,
        1885172,
        person=("Spending limit changed too often", f"A spending limit can be changed {CAP_WRITES} times a day."),
        transient=True,
    )


def make_account_change(api: Api, account: Node, fields: dict[str, Any], moment: float) -> Node:
    """Change the account; delivery heeds its limit from the next hour on."""
    account.own |= fields
    if "spend_cap" in fields:
        account.own["capped_from"] = api.world.change(moment, "account_cap", 0, fields["spend_cap"])
    return account


ROUTES: Routes = {key_of_route("POST", "account", ""): _update}
MAKERS: Makers = {key_of_route("POST", "account", ""): make_account_change}
