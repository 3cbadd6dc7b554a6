"""The daemon's API over HTTP: every route of the table, answered by the same methods that a face calls in process."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from threading import Thread
from types import NoneType
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route as Served

from adopt import __version__
from adopt.client import Client
from adopt.daemon.feed import Feed
from adopt.daemon.openapi import document
from adopt.errors import AdoptError, Invalid, Unreachable
from adopt.routes import (
    ACCOUNT_HEADER,
    API,
    API_HEADER,
    EVENTS,
    GRAPH_HEADER,
    HEALTH,
    OPENAPI,
    PREFIX,
    ROUTES,
    VERSION_HEADER,
    WAIT_HEADER,
    Route,
)
from adopt.settings import account_id

T = TypeVar("T")

_HEADERS = {API_HEADER: str(API), VERSION_HEADER: __version__, "cache-control": "no-store"}


class Rooms(NamedTuple):
    """What the API stands on."""

    graph_url: str
    account: str | None  # where a request names none
    client: Callable[[str | None, float], Client]  # for an account, with so many seconds of patience
    feed: Feed
    log: Callable[[str], None]


def app(rooms: Rooms) -> Starlette:
    """The API; whoever reaches it is its owner, since only they can open its socket."""
    served = [
        Served(HEALTH, _healthy),
        Served(OPENAPI, lambda _: _answer(200, document())),
        Served(EVENTS, _streamed(rooms)),
        *(Served(PREFIX + route.path, _served(rooms, route), methods=[route.verb]) for route in ROUTES),
    ]
    return Starlette(routes=served, exception_handlers={HTTPException: _unknown})


def _served(rooms: Rooms, route: Route) -> Callable[[Request], Any]:
    """What answers a route."""
    params = _struct(route)

    async def answer(request: Request) -> Response:
        body = await request.body()

        def call() -> bytes:
            _require_same(request, rooms.graph_url)
            given = _given(request, body, route, params)
            client = rooms.client(_account(request, rooms), _patience(request))
            found = getattr(client, route.method)(**given)
            return msgspec.json.encode(tuple(found) if isinstance(found, Iterator) else found)

        return await _answered(rooms, call)

    return answer


def _streamed(rooms: Rooms) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            _require_same(request, rooms.graph_url)
            account, after = _account(request, rooms), _cursor(request)
        except AdoptError as error:
            return _failed(error)
        events = rooms.feed.stream(account or "", after)
        return StreamingResponse(events, headers=_HEADERS, media_type="text/event-stream")

    return answer


async def _answered(rooms: Rooms, call: Callable[[], bytes]) -> Response:
    """The answer that a call gives; what went wrong as the error's own status and object."""
    try:
        return _answer(200, await in_thread(call))
    except AdoptError as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 - a defect of one call must not close the door to the others
        rooms.log(f"a call failed: {type(error).__name__}: {error}")
        return _failed(AdoptError(f"adopt itself failed: {type(error).__name__}", try_next="adopt daemon logs"))


async def in_thread(call: Callable[[], T]) -> T:
    """What a call gives that blocks; its thread keeps no process from ending."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[T] = loop.create_future()

    def settle(set_: Callable[[Any], None], value: object) -> None:
        if not found.done():
            set_(value)

    def run() -> None:
        try:
            value = call()
        except BaseException as error:  # noqa: BLE001 - handed to the loop
            loop.call_soon_threadsafe(settle, found.set_exception, error)
        else:
            loop.call_soon_threadsafe(settle, found.set_result, value)

    Thread(target=run, name="call", daemon=True).start()
    return await found


async def _healthy(_: Request) -> Response:
    return _answer(200, b'{"ok":true}')


async def _unknown(_: Request, error: Exception) -> Response:
    """What the server itself refuses: no such path, or not by this verb."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for nothing else
    return _failed(Invalid(f"{error.detail}: see {OPENAPI}"), error.status_code)


def _answer(status: int, content: bytes) -> Response:
    return Response(content, status, _HEADERS, "application/json")


def _failed(error: AdoptError, status: int | None = None) -> Response:
    return _answer(status or error.status, msgspec.json.encode(error.as_json()))


def _require_same(request: Request, graph_url: str) -> None:
    """Refuse a client whose API is another one, or who means another Graph."""
    spoken = request.headers.get(API_HEADER, str(API))
    if spoken not in (str(API), str(API - 1)):
        raise Unreachable(
            f"the daemon ({__version__}) speaks API {API} and the caller {spoken}", try_next="adopt daemon restart"
        )
    asked = request.headers.get(GRAPH_HEADER, graph_url)
    if asked != graph_url:
        raise Invalid(f"this daemon asks {graph_url}, and the call is for {asked}")


def _account(request: Request, rooms: Rooms) -> str | None:
    named = request.headers.get(ACCOUNT_HEADER)
    try:
        return account_id(named) if named else rooms.account
    except ValueError as error:
        raise Invalid(f"{ACCOUNT_HEADER}: {error}") from None


def _patience(request: Request) -> float:
    return _number(WAIT_HEADER, request.headers.get(WAIT_HEADER, "0"), float)


def _cursor(request: Request) -> int | None:
    """What a stream goes on behind: what its reader saw last, else what it asks for."""
    named = request.headers.get("last-event-id") or request.query_params.get("after")
    return _number("after", named, int) if named else None


def _number(name: str, text: str, kind: Callable[[str], T]) -> T:
    try:
        return kind(text)
    except ValueError:
        raise Invalid(f"{name}: {text!r} is no number") from None


def _struct(route: Route) -> type[Struct]:
    """The parameters of a route as a struct that is checked."""
    needed: list[Any] = [*route.needs.items()]
    taken = [(name, type_ | UnsetType, UNSET) for name, type_ in route.takes.items()]
    return msgspec.defstruct(route.method, [*needed, *taken], frozen=True, forbid_unknown_fields=True, kw_only=True)


def _given(request: Request, body: bytes, route: Route, params: type[Struct]) -> Mapping[str, Any]:
    """The arguments of a call; Invalid says which is wrong and why."""
    try:
        if route.verb == "GET":
            raw: dict[str, Any] = _queried(request, route)
        else:
            raw = msgspec.json.decode(body or b"{}", type=dict[str, Any])
        found = msgspec.convert({**raw, **request.path_params}, params, strict=route.verb != "GET")
    except msgspec.MsgspecError as error:
        raise Invalid(f"{route.verb} {PREFIX}{route.path}: {error}", try_next=f"see {OPENAPI}") from None
    known = {name: getattr(found, name) for name in params.__struct_fields__}
    return {name: value for name, value in known.items() if value is not UNSET}


def _queried(request: Request, route: Route) -> dict[str, Any]:
    """What the query says: lists where a list is meant, else the last word; None where nothing is said."""
    query = request.query_params
    lists = {name: query.getlist(name) for name, type_ in route.params.items() if _is_list(type_)}
    return {**{name: _worded(word, route.params.get(name)) for name, word in query.items()}, **lists}


def _worded(word: str, type_: Any) -> str | None:
    return None if word == "" and NoneType in get_args(type_) else word


def _is_list(type_: Any) -> bool:
    origin: Any = get_origin(type_)
    return origin is tuple
