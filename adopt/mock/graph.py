"""The Graph API over a world: a call in, an answer out, no HTTP."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from adopt.mock import errors
from adopt.mock.account import Options
from adopt.mock.activities import changes_of, owners_activities
from adopt.mock.batch import run_batch
from adopt.mock.call import CURRENT, VERSIONS, Answer, Call
from adopt.mock.chance import key_of
from adopt.mock.clock import Clock
from adopt.mock.errors import GraphError
from adopt.mock.insights import Insights
from adopt.mock.objects import NODE_TYPES, Node, Objects
from adopt.mock.params import flag, text, words
from adopt.mock.reading import EDGES, Reader, wanted
from adopt.mock.world import World
from adopt.mock.writing import Edit, apply_edit, check_rate, read_edit, validates_only

SCOPES = (
    "ads_management",
    "ads_read",
    "business_management",
    "pages_read_engagement",
    "pages_show_list",
    "public_profile",
)


class Written(msgspec.Struct, frozen=True):
    """A write that was made: enough to make it again."""

    moment: float
    node: str
    name: str | None = None
    status: str | None = None
    daily_budget: int | None = None


class Graph:
    """One simulated Graph API; every write is remembered, so that it can be made again."""

    def __init__(self, options: Options, clock: Clock, written: tuple[Written, ...] = ()) -> None:
        self.world = World(options, clock)
        self.objects = Objects(self.world)
        self.insights = Insights(self.world, self.objects)
        self.activities = owners_activities(self.objects)
        self.written: list[Written] = []
        self._calls = 0
        for one in written:
            self._write(self._node("POST", one.node), Edit(one.name, one.status, one.daily_budget), one.moment)

    def answer(self, call: Call) -> Answer:
        """Answer a call, an error included."""
        self._calls += 1
        try:
            return Answer(200, self._handle(call))
        except GraphError as error:
            trace = "A" + f"{key_of(self._calls, call.path):016x}{key_of(call.method, self._calls):016x}"[:22]
            return Answer(error.status, error.envelope(trace), _challenge(error))

    def _handle(self, call: Call) -> Any:
        self._check_version(call)
        if call.path[:1] == ("debug_token",):
            return self._debug_token(call)
        self._check_token(call)
        match call.method, call.path:
            case "GET", _:
                return self._read(call)
            case "POST", ():
                return run_batch(call, self.answer)
            case "POST", (ident,):
                return self._update(call, ident)
            case "DELETE", (ident,):
                return self._update(replace(call, params={"status": "DELETED"}), ident)
        raise self._unsupported(call)

    def _read(self, call: Call) -> Any:
        own: dict[tuple[str, ...], Callable[[Call], Any]] = {
            (): self._many,
            ("me",): self._me,
            ("me", "adaccounts"): self._ad_accounts,
            ("me", "permissions"): _permissions,
        }
        if call.path in own:
            return own[call.path](call)
        match call.path:
            case (ident,):
                return self._reader(call).node(self._node("GET", ident), call.params)
            case (ident, edge):
                return self._reader(call).edge(self._node("GET", ident), edge, call.params)
        raise self._unsupported(call)

    def _unsupported(self, call: Call) -> GraphError:
        if len(call.path) == 2:  # noqa: PLR2004 - a node and an edge
            node = self._node(call.method, call.path[0])
            known = call.path[1] in EDGES[node.kind] or call.path[1] == "insights"
            return (
                errors.no_object(call.method, node.id)
                if known
                else errors.no_field(call.path[1], NODE_TYPES[node.kind])
            )
        return errors.unknown_path("/".join(call.path))

    def _check_version(self, call: Call) -> None:
        if call.version in VERSIONS:
            return
        if float(call.version[1:]) < float(VERSIONS[0][1:]):
            raise GraphError(
                "(#2635) You are calling a deprecated version of the Ads API. "
                f"Please update to the latest version: {CURRENT}.",
                2635,
            )
        raise errors.unknown_path("/".join((call.version, *call.path)))

    def _check_token(self, call: Call) -> None:
        good, expired, limited = self.world.account.tokens
        if not call.token:
            raise errors.no_token(about_me=call.path[:1] == ("me",))
        if call.token == expired:
            raise errors.expired_token(self._when(self.world.now() - 3600))
        if call.token == limited:
            raise errors.too_many_calls()
        if call.token != good:
            raise errors.bad_token()

    def _when(self, moment: float) -> str:
        return self.world.calendar.local(moment).strftime("%A, %d-%b-%y %H:%M:%S %Z")

    def _node(self, method: str, ident: str) -> Node:
        node = self.objects.find(ident)
        if node is None:
            raise errors.no_object(method, ident)
        return node

    def _reader(self, call: Call) -> Reader:
        return Reader(self.world, self.objects, self.insights, self.activities, f"{call.base}/{call.version}")

    def _many(self, call: Call) -> dict[str, Any]:
        idents = words(call.params, "ids")
        if not idents:
            raise GraphError(
                "Unsupported get request. Please read the Graph API documentation", 100, kind=errors.METHOD
            )
        reader = self._reader(call)
        return {ident: reader.node(self._node("GET", ident), call.params) for ident in idents}

    def _me(self, call: Call) -> dict[str, Any]:
        known = {"id": self.world.account.user, "name": "Simulated system user"}
        names = [one.name for one in wanted(call.params)] or ["name", "id"]
        for name in names:
            if name not in ("id", "name", "first_name", "last_name", "email", "adaccounts"):
                raise errors.no_field(name, "User")
        answer: dict[str, Any] = {name: known[name] for name in (*names, "id") if name in known}
        if "adaccounts" in names:
            inner = next(one.inner for one in wanted(call.params) if one.name == "adaccounts")
            fields = ",".join(one.name for one in inner or ())
            answer["adaccounts"] = self._ad_accounts(replace(call, params={"fields": fields}))
        return answer

    def _ad_accounts(self, call: Call) -> dict[str, Any]:
        params = call.params if call.params.get("fields") else {**call.params, "fields": "account_id,id"}
        data = [self._reader(call).node(self.objects.account, params)] if "after" not in params else []
        answer: dict[str, Any] = {"data": data}
        if data:
            answer["paging"] = {"cursors": {"before": "MAZDZD", "after": "MAZDZD"}}
        return answer | ({"summary": {"total_count": 1}} if flag(params, "summary") else {})

    def _debug_token(self, call: Call) -> dict[str, Any]:
        token = text(call.params, "input_token")
        account, now = self.world.account, int(self.world.now())
        common = {"app_id": account.app, "type": "SYSTEM_USER", "application": "Simulator", "user_id": account.user}
        if token is None:
            raise errors.invalid("The parameter input_token is required")
        if token == account.tokens[1]:
            problem = {"code": 190, "message": str(errors.expired_token(self._when(now - 3600))), "subcode": 463}
            return {"data": common | {"error": problem, "expires_at": now - 3600, "is_valid": False, "scopes": []}}
        if token not in account.tokens:
            return {
                "data": {"error": {"code": 190, "message": str(errors.bad_token())}, "is_valid": False, "scopes": []}
            }
        valid = {
            "expires_at": 0,
            "data_access_expires_at": 0,
            "is_valid": True,
            "issued_at": int(self.world.calendar.start),
        }
        return {"data": common | valid | {"scopes": list(SCOPES)}}

    def _update(self, call: Call, ident: str) -> dict[str, Any]:
        node = self._node(call.method, ident)
        edit = read_edit(node, call.params, self.world)
        fields = wanted(call.params)
        moment = self.world.now()
        check_rate(node, edit, moment)
        if not validates_only(call.params):
            self._write(node, edit, moment)
        if not fields:
            return {"success": True}
        return self._reader(call).node(node, call.params) | {"success": True}

    def _write(self, node: Node, edit: Edit, moment: float) -> None:
        before = dict(node.own)
        apply_edit(node, edit, self.world, moment)
        self.insights.forget()
        self.activities += changes_of(node, before, moment)
        self.written.append(Written(moment, node.id, edit.name, edit.status, edit.daily_budget))


def _permissions(_: Call) -> dict[str, Any]:
    return {"data": [{"permission": name, "status": "granted"} for name in SCOPES]}


def _challenge(error: GraphError) -> dict[str, str]:
    if error.code != 190:  # noqa: PLR2004 - Meta's code for tokens
        return {}
    return {"WWW-Authenticate": f'OAuth "Facebook Platform" "invalid_token" "{error}"'}
