"""Meta's sign-in: the dialog's address, codes and tokens exchanged, and what a token is worth.

Source: docs/facebook-login/guides/advanced/manual-flow and docs/facebook-login/guides/access-tokens. The calls that
carry a secret go as POST bodies, so that no address ever holds one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode, urlsplit

from adopt.errors import AdoptError, NeedsPerson, Temporary
from adopt.graph.answers import Call
from adopt.graph.client import META, Graph

CALLBACK = "/connect/meta/callback"
VERSION = "v26.0"
READS, WRITES = "ads_read", "ads_management"
SCOPES = {
    READS: "to read campaigns and their figures",
    WRITES: "to pause, start and budget them, and to launch new ones",
    "pages_show_list": "to see the pages that ads can speak for",
    "pages_read_engagement": "to use such a page in an ad",
}


class App(NamedTuple):
    """A developer's own app at Meta."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return f"App({self.id!r})"


class Worth(NamedTuple):
    """What a token is worth, by debug_token; None stands for never."""

    kind: Literal["user", "system_user"]
    user_id: str
    app_id: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    data_until: datetime | None


def dialog(graph_url: str, app_id: str, redirect: str, state: str) -> str:
    """The address of the page on which a person agrees; Meta has it on its web host, not on Graph's."""
    host = "https://www.facebook.com" if graph_url == META else graph_url
    asked = {"client_id": app_id, "redirect_uri": redirect, "state": state, "response_type": "code"}
    return f"{host}/{VERSION}/dialog/oauth?{urlencode({**asked, 'scope': ','.join(SCOPES)})}"


def redeem(graph: Graph, app: App, code: str, redirect: str) -> str:
    """The token of a code: worth an hour or two."""
    return _token(graph, client_id=app.id, client_secret=app.secret, redirect_uri=redirect, code=code)


def lengthen(graph: Graph, app: App, token: str) -> str:
    """A token worth about 60 days, for one worth hours."""
    return _token(
        graph, client_id=app.id, client_secret=app.secret, grant_type="fb_exchange_token", fb_exchange_token=token
    )


def examine(graph: Graph, token: str) -> Worth:
    """What a token is worth; NeedsPerson if nothing. It asks about itself, which Meta allows."""
    answer = graph.batch([Call("GET", "debug_token", {"input_token": token})])[0]
    if isinstance(answer, AdoptError):
        raise answer
    data = (answer or {}).get("data")
    if not isinstance(data, dict):
        raise Temporary("Meta did not say what the token is worth", try_next="try again")
    if not data.get("is_valid"):
        said = (data.get("error") or {}).get("message") or "it is not valid"
        raise NeedsPerson(f"Meta refuses the token: {said}", try_next="make a new one and run adopt auth login")
    return Worth(
        kind="system_user" if data.get("type") == "SYSTEM_USER" else "user",
        user_id=str(data.get("user_id") or ""),
        app_id=str(data.get("app_id") or ""),
        scopes=tuple(str(scope) for scope in data.get("scopes") or ()),
        expires_at=_moment(data.get("expires_at")),
        data_until=_moment(data.get("data_access_expires_at")),
    )


def who(graph: Graph) -> tuple[str, str]:
    """Id and name of the person or system user whom the token stands for."""
    answer = graph.get("me", fields="id,name")
    return str(answer.get("id") or ""), str(answer.get("name") or "")


def missing(scopes: Sequence[str]) -> tuple[str, ...]:
    """The permissions without which adopt cannot do its work; ads_management reads, too."""
    reads = {READS, WRITES} & set(scopes)
    return tuple(scope for scope in (READS, WRITES) if scope not in scopes and not (scope == READS and reads))


def is_meta(graph_url: str) -> bool:
    """Whether this is Meta's own host."""
    return (urlsplit(graph_url).hostname or "").endswith(".facebook.com")


def _token(graph: Graph, **params: Any) -> str:
    token = graph.post("oauth/access_token", **params).get("access_token")
    if not isinstance(token, str) or not token:
        raise Temporary("Meta answered the sign-in without a token", try_next="adopt auth login")
    return token


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds else None
