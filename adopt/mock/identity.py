"""The calls about oneself: who a token speaks for, what it may do, and what it reaches."""

from dataclasses import replace
from typing import Any

from adopt.mock import errors
from adopt.mock.api import Api, Routes
from adopt.mock.call import Call
from adopt.mock.fieldspec import Field
from adopt.mock.objects import Node
from adopt.mock.params import flag
from adopt.mock.reading import wanted, written
from adopt.mock.tokens import Token, check_permission

PAGE_FIELDS = "access_token,category,name,tasks,id"  # as Meta answers me/accounts unless asked for others
_ABOUT_ME = ("id", "name", "first_name", "last_name", "email", "adaccounts", "accounts", "businesses", "permissions")


def _me(api: Api, call: Call, account: Node) -> dict[str, Any]:
    known = {"id": api.world.account.user, "name": _name(caller(api, call))}
    known |= dict(zip(("first_name", "last_name"), known["name"].split(" ", 1), strict=True))
    asked = wanted(call.params) or (Field("name"), Field("id"))
    answer: dict[str, Any] = {}
    for one in asked:
        if one.name not in _ABOUT_ME:
            raise errors.no_field(one.name, "User")
        if one.name == "adaccounts":
            answer[one.label] = _adaccounts(api, call, account, ",".join(inner.name for inner in one.inner or ()))
        elif one.name in _EDGES:
            fields = {"fields": written(one.inner)} if one.inner else {}
            answer[one.label] = _EDGES[one.name](api, replace(call, params={**dict(one.params), **fields}), account)
        elif one.name == "permissions":
            answer[one.label] = _permissions(api, call, account)
        elif one.name in known:
            answer[one.label] = known[one.name]
    return answer | {"id": known["id"]}


def _name(token: Token) -> str:
    return "Simulated person" if token.kind == "USER" else "Simulated system user"


def caller(api: Api, call: Call) -> Token:
    """Give the token a call came with; it has been let in."""
    return api.tokens.find(call.token or "") or Token("", scopes=())


def _ad_accounts(api: Api, call: Call, account: Node) -> dict[str, Any]:
    check_permission(caller(api, call), "GET", "account")
    answer = _adaccounts(api, call, account, call.params.get("fields") or "")
    if not answer["data"]:
        return answer
    return answer | ({"summary": {"total_count": 1}} if flag(call.params, "summary") else {})


def _adaccounts(api: Api, call: Call, account: Node, fields: str) -> dict[str, Any]:
    if "after" in call.params or "before" in call.params:
        return {"data": []}
    data = [api.reader(call).node(account, {**call.params, "fields": fields or "account_id,id"})]
    return {"data": data, "paging": {"cursors": {"before": "MAZDZD", "after": "MAZDZD"}}}


def _permissions(api: Api, call: Call, _: Node) -> dict[str, Any]:
    return {"data": [{"permission": name, "status": "granted"} for name in caller(api, call).scopes]}


def _my_pages(api: Api, call: Call, account: Node) -> dict[str, Any]:
    if not {"pages_show_list", "pages_manage_ads"} & set(caller(api, call).scopes):
        return {"data": []}
    params = call.params if call.params.get("fields") else {**call.params, "fields": PAGE_FIELDS}
    return api.reader(call).page(account, "accounts", "page", params)


def _my_businesses(api: Api, call: Call, account: Node) -> dict[str, Any]:
    check_permission(caller(api, call), "GET", "business")
    params = call.params if call.params.get("fields") else {**call.params, "fields": "id,name"}
    return api.reader(call).page(account, "businesses", "business", params)


_EDGES = {"accounts": _my_pages, "businesses": _my_businesses}


def _leave(api: Api, call: Call, _: Node) -> dict[str, Any]:
    """Take back everything the app was allowed: the token is worth nothing from here on."""
    api.tokens.revoke(call.token or "", api.world.now())
    return {"success": True}


ROUTES: Routes = {
    "GET me/accounts": _my_pages,
    "GET me/businesses": _my_businesses,
    "GET me": _me,
    "GET me/adaccounts": _ad_accounts,
    "GET me/permissions": _permissions,
    "DELETE me/permissions": _leave,
}
