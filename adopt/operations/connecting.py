"""Sign in at Meta: a token examined, kept in the vault, and known by the ad accounts that it sees."""

import hashlib
from datetime import UTC, datetime

from adopt.errors import NeedsPerson
from adopt.graph import oauth, objects
from adopt.graph.client import Graph
from adopt.graph.oauth import App
from adopt.model import Connection
from adopt.store import activity, connections
from adopt.store.database import Store, transaction
from adopt.store.vault import Vault

TOKEN = "token"  # noqa: S105 - the secret's name in the vault


def connect(store: Store, vault: Vault, graph_url: str, token: str) -> Connection:
    """The connection that a token makes, kept with it; NeedsPerson if Meta refuses it or it lacks a permission."""
    found = examined(graph_url, token)
    with transaction(store):
        vault.put(found.id, TOKEN, token)
        connections.keep(store, found)
        for account in found.accounts:
            activity.append(store, found.made_at, account, "connect", "info", f"signed in as {found.user_name}")
    return found


def examined(graph_url: str, token: str) -> Connection:
    """What Meta says of a token now; NeedsPerson if it refuses it, or if adopt could not work with it."""
    with Graph(graph_url, token) as graph:
        return _examined(graph, graph_url, token)


def nobody(graph_url: str) -> Connection:
    """What is known of a token that Meta did not tell of."""
    at = datetime.now(UTC)
    return Connection(
        id="",
        graph_url=graph_url,
        kind="user",
        user_id="",
        user_name="",
        app_id="",
        scopes=(),
        accounts=(),
        made_at=at,
    )


def fetch(graph_url: str, app: App, code: str, redirect: str) -> str:
    """The token worth about 60 days, for the code that a sign-in brought; the short one is thrown away."""
    with Graph(graph_url, f"{app.id}|{app.secret}") as graph:
        return oauth.lengthen(graph, app, oauth.redeem(graph, app, code, redirect))


def _examined(graph: Graph, graph_url: str, token: str) -> Connection:
    worth = oauth.examine(graph, token)
    if lacking := oauth.missing(worth.scopes):
        said = " and ".join(f"{scope} ({oauth.SCOPES[scope]})" for scope in lacking)
        raise NeedsPerson(f"the token lacks {said}", try_next="make one with these permissions, then adopt auth login")
    user_id, name = oauth.who(graph)
    accounts = tuple(account.id for account in objects.accounts(graph))
    if not accounts:
        raise NeedsPerson(
            f"the token of {name or user_id} sees no ad account", try_next="assign one to it in the Business settings"
        )
    return Connection(
        id=hashlib.sha256(f"{graph_url} {worth.user_id or user_id}".encode()).hexdigest()[:12],
        graph_url=graph_url,
        kind=worth.kind,
        user_id=worth.user_id or user_id,
        user_name=name,
        app_id=worth.app_id,
        scopes=worth.scopes,
        accounts=accounts,
        made_at=graph.moment,
        expires_at=worth.expires_at,
        data_until=worth.data_until,
    )
