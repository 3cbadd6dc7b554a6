"""The simulator's two doors over HTTP: the Graph API, and the control port."""

import asyncio
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from adopt.mock.call import CURRENT, Answer, Call
from adopt.mock.errors import GraphError
from adopt.mock.faults import KINDS, Fault
from adopt.mock.intake import bounded, read_call
from adopt.mock.reply import common_headers, preflight, respond
from adopt.mock.runs import FATES
from adopt.mock.scenarios import known
from adopt.mock.simulator import Simulator, Wanted
from adopt.mock.wishes import Wish

Drop = Callable[[Request], None]
PIECES = 10  # in which a slow answer comes
BROKEN_GATEWAY = (
    "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1>"
    "<p>We're working on getting this fixed as soon as we can.</p></body></html>"
)


def graph_app(simulator: Simulator, drop: Drop) -> ASGIApp:
    """Give the Graph API; `drop` closes a request's connection."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await _serve(simulator, drop, Request(scope, receive))
        await response(scope, receive, send)

    return app


async def _serve(simulator: Simulator, drop: Drop, request: Request) -> Response:
    common = common_headers(simulator.clock.now(), simulator.served)
    if request.method == "OPTIONS":
        return preflight(simulator.clock.now(), simulator.served)
    try:
        taken = bounded(request.receive, request.headers.get("content-length", ""))
        call = await read_call(Request(request.scope, taken))
    except GraphError as error:
        return respond(request, {}, Answer(error.status, error.envelope("A" + "0" * 22)), _plain_headers(common))
    path = "/" + "/".join(call.path)
    simulator.note(call, path)
    kinds = [kind for kind in KINDS if kind != "null"]
    fault = simulator.faults.next(call.method, path, kinds)
    if fault is None:
        tagged = not simulator.options.strict_v26
        return respond(request, call.params, _answer(simulator, call), common, tagged=tagged)
    return await _go_wrong(simulator, drop, request, call, fault, common)


def _plain_headers(common: dict[str, str]) -> dict[str, str]:
    return {**common, "facebook-api-version": CURRENT}


async def _go_wrong(  # the call, how it fails, and what both need
    simulator: Simulator, drop: Drop, request: Request, call: Call, fault: Fault, common: dict[str, str]
) -> Response:
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds)
    if fault.kind == "revoke":
        simulator.revoke(call.token)
    if fault.kind == "drop":
        drop(request)
        return Response()
    answer = _faulty(simulator, call, fault) or simulator.bend(call, fault, lambda one: _answer(simulator, one))
    if fault.kind in FATES and isinstance(answer.body, dict):
        simulator.graph.spoil(str(answer.body.get("report_run_id")), fault.kind, fault.seconds)
    if fault.kind == "drop_after":
        drop(request)
        return Response()
    response = respond(request, call.params, answer, common)
    if fault.kind == "truncate":
        return _halved(response)
    if fault.kind == "cut":
        return StreamingResponse(_broken_off(response, lambda: drop(request)), response.status_code, response.headers)
    if fault.kind == "slow":
        return StreamingResponse(_in_pieces(response, fault.seconds), response.status_code, response.headers)
    return response


def _halved(response: Response) -> Response:
    body = bytes(response.body)
    del response.headers["content-length"]
    return Response(body[: len(body) // 2], response.status_code, response.headers)


async def _broken_off(response: Response, drop: Callable[[], None]) -> AsyncIterator[bytes]:
    body = bytes(response.body)
    yield body[: len(body) // 2]
    await asyncio.sleep(0.05)  # let what was sent arrive, as from a gateway that dies in between
    drop()


async def _in_pieces(response: Response, seconds: float) -> AsyncIterator[bytes]:
    body = bytes(response.body)
    size = max(1, -(-len(body) // PIECES))
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / PIECES)
        yield body[start : start + size]


def _faulty(simulator: Simulator, call: Call, fault: Fault) -> Answer | None:
    if fault.kind == "http":
        return Answer(fault.status, None)
    if fault.kind == "html":
        return Answer(502 if fault.status == 500 else fault.status, BROKEN_GATEWAY)  # noqa: PLR2004 - the default
    if fault.kind != "error":
        return None
    answer = Answer(fault.status, fault.error().envelope("A" + "f" * 22))
    return simulator.with_headers(call, answer)


def _answer(simulator: Simulator, call: Call) -> Answer:
    try:
        return simulator.answer(call)
    except Exception:  # noqa: BLE001 - the edge: Meta answers code 1, and the operator sees why
        traceback.print_exc(file=sys.stderr)
        error = GraphError("An unknown error occurred", 1, status=500)
        return Answer(500, error.envelope("A" + "1" * 22))


def control_app(simulator: Simulator, ready: dict[str, Any]) -> Starlette:
    """Give the control port: time, truth, faults and calls. Pages in a browser are refused."""

    def door(work: Callable[[Any], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            if "origin" in request.headers:
                return _plain({"error": "the control port does not serve web pages"}, 403)
            try:
                body = msgspec.json.decode(await request.body() or b"{}")
                return _plain(work(body))
            except (msgspec.DecodeError, msgspec.ValidationError, ValueError, KeyError) as error:
                return _plain({"error": str(error)}, 400)

        return serve

    def fault(body: Any) -> dict[str, Any]:
        simulator.faults.add(msgspec.convert(body, Fault))
        return {"fault": body}

    def token(body: Any) -> dict[str, Any]:
        return simulator.mint(msgspec.convert(body, Wanted))

    def revoke(body: Any) -> dict[str, Any]:
        simulator.revoke(str(body["token"]))
        return {}

    def forget_faults(_: Any) -> dict[str, Any]:
        simulator.faults.clear()
        return {}

    def forget_calls(_: Any) -> dict[str, Any]:
        simulator.calls.clear()
        return {}

    routes: list[tuple[str, str, Callable[[Any], Any]]] = [
        ("GET", "/", lambda _: ready),
        ("POST", "/advance", lambda body: {"now": simulator.advance(str(body["by"]))}),
        ("POST", "/reset", lambda _: {"now": simulator.reset()}),
        ("GET", "/truth", lambda _: simulator.truth()),
        ("GET", "/fault", lambda _: {"faults": simulator.faults.waiting()}),
        ("POST", "/fault", fault),
        ("DELETE", "/fault", forget_faults),
        ("GET", "/scenario", lambda _: {"scenarios": known(), "injected": simulator.graph.scenarios()}),
        ("POST", "/scenario", lambda body: {"started": simulator.start_scenario(msgspec.convert(body, Wish))}),
        ("DELETE", "/scenario", lambda body: {"stopped": simulator.stop_scenarios(str(body["name"]))}),
        ("GET", "/token", lambda _: {"tokens": simulator.tokens()}),
        ("POST", "/token", token),
        ("DELETE", "/token", revoke),
        ("GET", "/calls", lambda _: {"calls": list(simulator.calls)}),
        ("DELETE", "/calls", forget_calls),
    ]
    return Starlette(routes=[Route(path, door(work), methods=[method]) for method, path, work in routes])


def _plain(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body) + b"\n", status, media_type="application/json")
