"""The Graph API over a world: a call in, an answer out, no HTTP."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from adopt.mock import (
    accounts,
    copies,
    dates,
    directory,
    errors,
    estimates,
    identity,
    images,
    labels,
    mishaps,
    oauth,
    periods,
    reports,
    requestsets,
    search,
    videos,
    writing,
)
from adopt.mock.account import Options
from adopt.mock.activities import owners_activities
from adopt.mock.api import Api, Handler, Makers, Routes, Written, key_of_route
from adopt.mock.batch import run_batch
from adopt.mock.call import CURRENT, VERSIONS, Answer, Call
from adopt.mock.chance import key_of
from adopt.mock.clock import Clock
from adopt.mock.errors import GraphError
from adopt.mock.faults import Faults
from adopt.mock.injections import Injections
from adopt.mock.insights import Insights
from adopt.mock.limits import Limits, Meter
from adopt.mock.objects import NODE_TYPES, Node, Objects
from adopt.mock.params import text, words
from adopt.mock.reading import EDGES
from adopt.mock.tokens import Token, Tokens, check_fields, check_permission
from adopt.mock.wishes import Wish, scenario_named, understand
from adopt.mock.world import World


def _batch(api: Api, call: Call, _: Node) -> list[Any]:
    return run_batch(call, api.answer)


def _many(api: Api, call: Call, _: Node) -> dict[str, Any]:
    idents = words(call.params, "ids")
    if idents and api.world.account.options.strict_v26:
        raise errors.invalid("The parameter ids is not supported at the root since v26.0")
    if not idents:
        raise GraphError("Unsupported get request. Please read the Graph API documentation", 100, kind=errors.METHOD)
    check_permission(identity.caller(api, call), "GET", "account")
    reader = api.reader(call)
    return {ident: reader.node(api.node("GET", ident), call.params) for ident in idents}


# Each room lists its own routes; what is read in the common way, nodes and their children, needs none.
ROUTES: Routes = {
    "GET ": _many,
    "POST ": _batch,
    **identity.ROUTES,
    **oauth.ROUTES,
    **accounts.ROUTES,
    **writing.ROUTES,
    **periods.ROUTES,
    **requestsets.ROUTES,
    **labels.ROUTES,
    **images.ROUTES,
    **videos.ROUTES,
    **copies.ROUTES,
    **reports.ROUTES,
    **directory.ROUTES,
    **estimates.ROUTES,
    **search.ROUTES,
}
MAKERS: Makers = {
    **accounts.MAKERS,
    **writing.MAKERS,
    **periods.MAKERS,
    **requestsets.MAKERS,
    **labels.MAKERS,
    **images.MAKERS,
    **videos.MAKERS,
    **reports.MAKERS,
    **directory.MAKERS,
}
NO_NODES = frozenset({"me", "debug_token", "oauth", "dialog"})


class Graph:
    """One simulated Graph API; every write is remembered, so that it can be made again."""

    def __init__(
        self,
        options: Options,
        clock: Clock,
        written: tuple[Written, ...] = (),
        *,
        made: tuple[Token, ...] = (),
        limits: Limits | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.world = World(options, clock)
        self.objects = Objects(self.world)
        directory.draw_directory(self.objects, self.world)
        self.tokens = Tokens(self.world.account, self.world.calendar, made)
        self.written: list[Written] = []
        self._calls = 0
        self._faults = faults or Faults()
        self._meter = Meter(limits or Limits(), self.world.account.id, self._delivering)
        insights, log = Insights(self.world, self.objects), owners_activities(self.objects, self.world)
        self._injections = Injections()
        makers = {**MAKERS, **self._injections.makers}
        self._api = Api(self.world, self.objects, insights, log, self.written, makers, self.tokens, self._operation)
        if options.realistic:
            self._injections.happen(self._api, mishaps.draw(self.world.account, self.world.calendar))
        for one in written:
            self._injections.catch_up(self._api, one.moment)
            self._api.make(one)
        self.catch_up()

    def catch_up(self) -> None:
        """Let happen what scenarios do to objects up to now; before delivery goes on."""
        self._injections.catch_up(self._api, self.world.now())

    def start_scenario(self, wish: Wish) -> dict[str, Any]:
        """Begin a scenario now or later; ValueError says what cannot be."""
        self.catch_up()
        return self._injections.wished(self._api, understand(self._api, wish, len(self._injections.all) + 1))

    def stop_scenarios(self, name: str) -> list[dict[str, Any]]:
        """End the scenarios of a name, of a number, or all that have not ended."""
        self.catch_up()
        return self._injections.ended(self._api, name, scenario_named)

    def scenarios(self) -> list[dict[str, Any]]:
        """Give every scenario, in order of its start in the journal."""
        return self._injections.told(self._api)

    def answer(self, call: Call) -> Answer:
        """Answer a call, an error included."""
        self._calls += 1
        self.catch_up()
        try:
            found = self._handle(call)
            answer = found if isinstance(found, Answer) else Answer(200, _dated(call, found))
        except GraphError as error:
            answer = Answer(error.status, error.envelope(self._trace(call)), _challenge(error))
        return replace(answer, headers=self.headers(call, answer) | answer.headers)

    def headers(self, call: Call, answer: Answer) -> dict[str, str]:
        """Give the headers that every answer has: the version, and how much of the limits is used."""
        told = {"facebook-api-version": call.version if call.version in VERSIONS else CURRENT}
        if call.version in VERSIONS[:-1]:
            told["x-ad-api-version-warning"] = f"The call has been auto-upgraded from {call.version} to {CURRENT}"
        return told | self._meter.headers(call, error_code(answer), self.world.now())

    def _operation(self, call: Call) -> Answer | None:
        """Answer one operation of a batch; None is what a lost one is answered with."""
        fault = self._faults.next(call.method, "/" + "/".join(call.path), ("error", "null"))
        if fault is None:
            return self.answer(call)
        if fault.kind == "null":
            self.answer(call)
            return None
        return Answer(fault.status, fault.error().envelope(self._trace(call)))

    def _trace(self, call: Call) -> str:
        return "A" + f"{key_of(self._calls, call.path):016x}{key_of(call.method, self._calls):016x}"[:22]

    def _delivering(self) -> int:
        return sum(1 for ad in self.objects.ads if ad.status == "ACTIVE")

    def as_of(self, moment: float) -> AbstractContextManager[None]:
        """Let objects be as they were at a moment."""
        return self._api.as_of(moment)

    def spoil(self, ident: str, fate: str, seconds: float) -> None:
        """Let a report run go wrong."""
        reports.spoil(self._api, ident, fate, seconds)

    def _handle(self, call: Call) -> Any:
        _check_version(call)
        _check_dates(call, self.world.account.options)
        call = replace(call, method="GET") if call.method == "HEAD" else call
        if call.path[:1] == (self.world.account.user,):
            call = replace(call, path=("me", *call.path[1:]))
        key = f"{call.method} {'/'.join(call.path)}"
        if key in oauth.OPEN:
            return ROUTES[key](self._api, call, self.objects.account)
        token = self.tokens.admit(call, self.world.now())
        if key != "POST ":
            self._meter.admit(call, self.world.now())
        if key in ROUTES:
            return ROUTES[key](self._api, call, self.objects.account)
        if len(call.path) not in (1, 2) or call.path[0] in NO_NODES:
            raise errors.unknown_path("/".join(call.path))
        ident, edge = (*call.path, "")[:2]
        ident = f"act_{ident}" if ident == self.world.account.id else ident
        node = self._api.node(call.method, ident)
        handler = self._handler(call, node, edge)
        check_permission(token, call.method, node.kind)
        if node.kind == "account" and not edge:
            check_fields(token, call)
        return handler(self._api, call, node)

    def _handler(self, call: Call, node: Node, edge: str) -> Handler:
        handler = ROUTES.get(key_of_route(call.method, node.kind, edge))
        if handler is not None:
            return handler
        if call.method == "GET":
            return _edge_reader(edge) if edge else _read
        raise self._unsupported(call, node, edge)

    def _unsupported(self, call: Call, node: Node, edge: str) -> GraphError:
        known = not edge or edge in EDGES[node.kind] or key_of_route("GET", node.kind, edge) in ROUTES
        if known or edge == "insights":
            return errors.no_object(call.method, node.id)
        return errors.no_field(edge, NODE_TYPES[node.kind])


def _dated(call: Call, found: Any) -> Any:
    form = text(call.params, "date_format")
    return dates.dated(found, form) if form and call.method == "GET" else found


def _check_dates(call: Call, options: Options) -> None:
    """Refuse what Meta takes away on 2026-10-27."""
    if options.strict_v26 and "date_format" in call.params:
        raise errors.invalid("The parameter date_format is not supported since v26.0")


def _read(api: Api, call: Call, node: Node) -> dict[str, Any]:
    return api.reader(call).node(node, call.params)


def _edge_reader(edge: str) -> Callable[[Api, Call, Node], Any]:
    return lambda api, call, node: api.reader(call).edge(node, edge, call.params)


def _check_version(call: Call) -> None:
    if call.version in VERSIONS:
        return
    if float(call.version[1:]) < float(VERSIONS[0][1:]):
        raise GraphError(
            "(#2635) You are calling a deprecated version of the Ads API. "
            f"Please update to the latest version: {CURRENT}.",
            2635,
        )
    raise errors.unknown_path("/".join((call.version, *call.path)))


def _challenge(error: GraphError) -> dict[str, str]:
    if error.code != 190:  # noqa: PLR2004 - Meta's code for tokens
        return {}
    return {"WWW-Authenticate": f'OAuth "Facebook Platform" "invalid_token" "{error}"'}


def error_code(answer: Answer) -> int:
    """Give Meta's code of an answer that is an error, else 0."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else 0
