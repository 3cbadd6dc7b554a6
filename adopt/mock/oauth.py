"""Meta's part of a sign-in: the dialog a person sees, and the exchanges of codes and tokens."""

import hmac
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from adopt.mock.api import Api, Routes
from adopt.mock.call import Answer, Call
from adopt.mock.errors import GraphError, invalid
from adopt.mock.objects import Node
from adopt.mock.params import Params, text
from adopt.mock.tokens import LONG, MORE_SCOPES, SCOPES, SHORT, Token

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_RESPONSES = ("code", "token", "granted_scopes")
_ASKED = ("client_id", "redirect_uri", "state", "scope", "config_id", "response_type")
_CLOSED = {"error": "access_denied", "error_code": "200", "error_reason": "user_denied"}

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 30rem; margin: 10vh auto; padding: 0 1rem; color: #1c1e21; }}
form {{ display: flex; gap: .5rem; margin-top: 2rem; }}
button {{ font: inherit; padding: .6rem 1.4rem; border: 1px solid #ccd0d5; border-radius: .4rem; background: #fff; }}
button[value=yes] {{ background: #0a5dc2; border-color: #0a5dc2; color: #fff; }}
small {{ color: #606770; }} code {{ background: #f0f2f5; padding: 0 .3em; }}
</style>
<small>The flight simulator speaking, not Meta.</small>
{body}
</html>
"""


def _dialog(api: Api, call: Call, account: Node) -> Answer:
    """Show the dialog; once a person has answered, send the browser back."""
    problem = _problem(api, call.params)
    if problem is not None:
        return _page(400, "This does not work", f"<h1>Facebook Login Error</h1><p>{escape(problem)}</p>")
    answer = text(call.params, "answer")
    if answer is None:
        return _page(200, "Continue?", _question(api, call.params, account))
    return _send_back(api, call.params, agreed=answer == "yes")


def _problem(api: Api, params: Params) -> str | None:
    if text(params, "client_id") != api.world.account.app:
        return f"Invalid App ID: The provided app ID does not look like a valid app ID; it is {api.world.account.app}."
    redirect = text(params, "redirect_uri") or ""
    try:
        parts = urlsplit(redirect)
        local = parts.hostname in _LOOPBACK
    except ValueError:
        return "Invalid redirect_uri: it is no URL."
    if not parts.hostname or parts.fragment or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        return (
            "URL blocked: This redirect failed because the redirect URI is not white-listed in the app's client OAuth "
            "settings. https:// URLs are, and http://localhost with any port."
        )
    kind = text(params, "response_type") or "code"
    if not set(kind.replace(",", " ").split()) <= set(_RESPONSES):
        return f"Invalid response_type: one of {', '.join(_RESPONSES)}."
    return None


def _scopes(params: Params) -> tuple[str, ...]:
    """Give the permissions asked for; those Meta does not know are left out, as it leaves them out."""
    if text(params, "config_id"):
        return SCOPES
    asked = (text(params, "scope") or "").replace(",", " ").split()
    return tuple(dict.fromkeys(("public_profile", *(one for one in asked if one in (*SCOPES, *MORE_SCOPES)))))


def _question(api: Api, params: Params, account: Node) -> str:
    asked = "".join(f"<li><code>{scope}</code></li>" for scope in _scopes(params))
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(text(params, name) or "", quote=True)}">'
        for name in _ASKED
        if text(params, name) is not None
    )
    name, host = escape(str(account.own["name"])), escape(urlsplit(text(params, "redirect_uri") or "").netloc)
    return (
        f"<h1>Let the app <i>Simulator</i> act for you?</h1><p>Ad account <b>{name}</b> "
        f"({account.id}, {api.world.account.money.code}). It asks for:</p><ul>{asked}</ul>"
        f'<p><small>You will be sent back to {host}.</small></p><form method="get">{hidden}'
        '<button name="answer" value="yes">Continue</button><button name="answer" value="no">Cancel</button></form>'
    )


def _send_back(api: Api, params: Params, *, agreed: bool) -> Answer:
    redirect, state = text(params, "redirect_uri") or "", text(params, "state")
    kind = (text(params, "response_type") or "code").replace(",", " ").split()
    now, scopes = api.world.now(), _scopes(params)
    said: dict[str, Any] = {}
    if not agreed:
        said = {**_CLOSED, "error_description": "Permissions error"}
    elif "token" in kind:
        token = api.tokens.mint(now, scopes=scopes, life=SHORT, kind="USER")
        said = {"access_token": token.text, "expires_in": SHORT, "data_access_expiration_time": int(now) + LONG}
    else:
        said = {"code": api.tokens.grant(now, redirect, scopes)}
    if agreed and "granted_scopes" in kind:
        said["granted_scopes"] = ",".join(scopes)
    said |= {} if state is None else {"state": state}
    mark = "#" if "access_token" in said else "&" if urlsplit(redirect).query else "?"
    return Answer(302, "", {"Location": f"{redirect}{mark}{urlencode(said)}"})


def _page(status: int, title: str, body: str) -> Answer:
    return Answer(status, _PAGE.format(title=title, body=body), {"Content-Security-Policy": "frame-ancestors 'none'"})


def _access_token(api: Api, call: Call, _: Node) -> dict[str, Any]:
    params, now = call.params, api.world.now()
    _check_app(api, params)
    match text(params, "grant_type") or "authorization_code":
        case "client_credentials":
            return {"access_token": api.tokens.app_token, "token_type": "bearer"}
        case "fb_exchange_token":
            token = _exchanged(api, text(params, "fb_exchange_token"))
        case "authorization_code":
            code = text(params, "code")
            if not code:
                raise invalid("Missing code parameter")
            token = api.tokens.redeem(code, text(params, "redirect_uri") or "", now)
        case other:
            raise GraphError(f"Unsupported grant_type: {other[:40]}", 100)
    return {"access_token": token.text, "token_type": "bearer", **_life(token, now)}


def _life(token: Token, now: float) -> dict[str, int]:
    return {"expires_in": int(token.expires - now)} if token.expires else {}


def _exchanged(api: Api, given: str | None) -> Token:
    now = api.world.now()
    if not given:
        raise invalid("Missing fb_exchange_token parameter")
    problem, token = api.tokens.problem(given, now), api.tokens.find(given)
    if problem is not None:
        raise problem
    if token is None or token.kind == "APP":
        raise invalid("fb_exchange_token must be a user access token")
    if token.kind == "SYSTEM_USER" and not token.expires:
        return token
    return api.tokens.mint(now, scopes=token.scopes, life=LONG, kind=token.kind)


def _check_app(api: Api, params: Params) -> None:
    account = api.world.account
    ident, secret = text(params, "client_id"), text(params, "client_secret")
    if not ident:
        raise GraphError("Missing client_id parameter.", 101)
    if ident != account.app:
        raise GraphError(
            "Error validating application. Cannot get application info due to a system error.", 101, status=400
        )
    if not secret:
        raise GraphError("Missing client_secret parameter.", 1)
    if not hmac.compare_digest(secret.encode(), account.secret.encode()):
        raise GraphError("Error validating client secret.", 1)


def _debug_token(api: Api, call: Call, _: Node) -> dict[str, Any]:
    given, now = text(call.params, "input_token"), api.world.now()
    if not given:
        raise invalid("The parameter input_token is required")
    problem, token = api.tokens.problem(given, now), api.tokens.find(given)
    if token is None:
        return {"data": {"error": _told(problem), "is_valid": False, "scopes": []}}
    account = api.world.account
    common = {
        "app_id": account.app,
        "type": token.kind,
        "application": "Simulator",
        "data_access_expires_at": token.issued + 90 * 86400 if token.kind == "USER" else 0,
        "expires_at": token.expires,
    }
    if problem is not None:
        common |= {"error": _told(problem)}
    owner = {} if token.kind == "APP" else {"user_id": account.user}
    return {
        "data": {
            **common,
            "is_valid": problem is None,
            "issued_at": token.issued,
            "scopes": list(token.scopes) if problem is None else [],
            "granular_scopes": [_granular(api, scope) for scope in token.scopes] if problem is None else [],
            **owner,
        }
    }


def _told(problem: GraphError | None) -> dict[str, Any]:
    if problem is None:
        return {}
    return {"code": problem.code, "message": str(problem), **({"subcode": problem.subcode} if problem.subcode else {})}


def _granular(api: Api, scope: str) -> dict[str, Any]:
    account = api.world.account
    targets = {"ads_": account.id, "page": account.page, "busi": account.business}.get(scope[:4])
    return {"scope": scope} | ({"target_ids": [targets]} if targets else {})


def _revoke(api: Api, call: Call, _: Node) -> dict[str, Any]:
    _check_app(api, call.params)
    given = text(call.params, "revoke_token") or ""
    if api.tokens.find(given) is None:
        raise invalid("revoke_token is no access token of this app")
    api.tokens.revoke(given, api.world.now())
    return {"success": True}


ROUTES: Routes = {
    "GET dialog/oauth": _dialog,
    "POST dialog/oauth": _dialog,
    "GET oauth/access_token": _access_token,
    "POST oauth/access_token": _access_token,
    "GET oauth/revoke": _revoke,
    "POST oauth/revoke": _revoke,
    "GET debug_token": _debug_token,
}
OPEN = frozenset(ROUTES) - {"GET debug_token"}  # these need no token
