"""Access tokens: who calls, what the token may do, and the calls about oneself."""

from dataclasses import replace
from typing import Any

from adopt.mock import errors
from adopt.mock.api import Api, Routes
from adopt.mock.call import Call
from adopt.mock.objects import Node
from adopt.mock.params import flag, text
from adopt.mock.reading import wanted
from adopt.mock.world import World

SCOPES = (
    "ads_management",
    "ads_read",
    "business_management",
    "pages_read_engagement",
    "pages_show_list",
    "public_profile",
)
_ABOUT_ME = ("id", "name", "first_name", "last_name", "email", "adaccounts")


def check_token(world: World, call: Call) -> None:
    """Refuse a call whose token is missing, wrong, expired or above its quota."""
    good, expired, limited = world.account.tokens
    if not call.token:
        raise errors.no_token(about_me=call.path[:1] == ("me",))
    if call.token == expired:
        raise errors.expired_token(_when(world, world.now() - 3600))
    if call.token == limited:
        raise errors.too_many_calls()
    if call.token != good:
        raise errors.bad_token()


def _when(world: World, moment: float) -> str:
    return world.calendar.local(moment).strftime("%A, %d-%b-%y %H:%M:%S %Z")


def _me(api: Api, call: Call, _: Node) -> dict[str, Any]:
    known = {"id": api.world.account.user, "name": "Simulated system user"}
    names = [one.name for one in wanted(call.params)] or ["name", "id"]
    for name in names:
        if name not in _ABOUT_ME:
            raise errors.no_field(name, "User")
    answer: dict[str, Any] = {name: known[name] for name in (*names, "id") if name in known}
    if "adaccounts" in names:
        inner = next(one.inner for one in wanted(call.params) if one.name == "adaccounts")
        fields = ",".join(one.name for one in inner or ())
        answer["adaccounts"] = _ad_accounts(api, replace(call, params={"fields": fields}), api.objects.account)
    return answer


def _ad_accounts(api: Api, call: Call, account: Node) -> dict[str, Any]:
    params = call.params if call.params.get("fields") else {**call.params, "fields": "account_id,id"}
    data = [api.reader(call).node(account, params)] if "after" not in params else []
    answer: dict[str, Any] = {"data": data}
    if data:
        answer["paging"] = {"cursors": {"before": "MAZDZD", "after": "MAZDZD"}}
    return answer | ({"summary": {"total_count": 1}} if flag(params, "summary") else {})


def _permissions(_: Api, __: Call, ___: Node) -> dict[str, Any]:
    return {"data": [{"permission": name, "status": "granted"} for name in SCOPES]}


def _debug_token(api: Api, call: Call, _: Node) -> dict[str, Any]:
    token = text(call.params, "input_token")
    account, now = api.world.account, int(api.world.now())
    common = {"app_id": account.app, "type": "SYSTEM_USER", "application": "Simulator", "user_id": account.user}
    if token is None:
        raise errors.invalid("The parameter input_token is required")
    if token == account.tokens[1]:
        message = str(errors.expired_token(_when(api.world, now - 3600)))
        problem = {"code": 190, "message": message, "subcode": 463}
        return {"data": common | {"error": problem, "expires_at": now - 3600, "is_valid": False, "scopes": []}}
    if token not in account.tokens:
        return {"data": {"error": {"code": 190, "message": str(errors.bad_token())}, "is_valid": False, "scopes": []}}
    valid = {
        "expires_at": 0,
        "data_access_expires_at": 0,
        "is_valid": True,
        "issued_at": int(api.world.calendar.start),
    }
    return {"data": common | valid | {"scopes": list(SCOPES)}}


ROUTES: Routes = {
    "GET debug_token": _debug_token,
    "GET me": _me,
    "GET me/adaccounts": _ad_accounts,
    "GET me/permissions": _permissions,
}
