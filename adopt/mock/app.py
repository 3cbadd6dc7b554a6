"""The simulator's two doors over HTTP: the Graph API, and the control port."""

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from hashlib import blake2b
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adopt.mock.call import CURRENT, Answer, Call, File, read_path
from adopt.mock.errors import GraphError, invalid
from adopt.mock.faults import Fault
from adopt.mock.params import Params
from adopt.mock.runs import FATES
from adopt.mock.scenarios import known
from adopt.mock.simulator import Simulator
from adopt.mock.wishes import Wish

JSON = "application/json; charset=UTF-8"
RATE_LIMITED = 80004
LARGEST_TEXT = 64 << 20  # bytes of a text part: pictures may come as text
Drop = Callable[[Request], None]


def graph_app(simulator: Simulator, drop: Drop) -> Starlette:
    """Give the Graph API; `drop` closes a request's connection."""

    async def serve(request: Request) -> Response:
        return await _serve(simulator, drop, request)

    methods = ["GET", "POST", "DELETE", "PUT", "PATCH"]
    return Starlette(routes=[Route("/{path:path}", serve, methods=methods)])


async def _serve(simulator: Simulator, drop: Drop, request: Request) -> Response:
    try:
        call = await _read(request)
    except GraphError as error:
        return _respond(simulator, request, None, Answer(error.status, error.envelope("A" + "0" * 22)))
    path = "/" + "/".join(call.path)
    simulator.calls.append({"method": call.method, "path": path, "version": call.version})
    fault = simulator.faults.next(call.method, path)
    if fault is not None and fault.kind == "hang":
        await asyncio.sleep(fault.seconds)
    if fault is not None and fault.kind == "drop":
        drop(request)
        return Response()
    answer = _faulty(fault) or _answer(simulator, call)
    if fault is not None and fault.kind in FATES and isinstance(answer.body, dict):
        simulator.graph.spoil(str(answer.body.get("report_run_id")), fault.kind, fault.seconds)
    if fault is not None and fault.kind == "drop_after":
        drop(request)
        return Response()
    return _respond(simulator, request, call, answer, cut=fault is not None and fault.kind == "truncate")


def _faulty(fault: Fault | None) -> Answer | None:
    if fault is None or fault.kind not in ("error", "http"):
        return None
    if fault.kind == "http":
        return Answer(fault.status, None)
    return Answer(fault.status, fault.error().envelope("A" + "f" * 22))


def _answer(simulator: Simulator, call: Call) -> Answer:
    try:
        return simulator.answer(call)
    except Exception:  # noqa: BLE001 - the edge: Meta answers code 1, and the operator sees why
        traceback.print_exc(file=sys.stderr)
        error = GraphError("An unknown error occurred", 1, status=500)
        return Answer(500, error.envelope("A" + "1" * 22))


async def _read(request: Request) -> Call:
    params: Params = dict(request.query_params)
    form, files = await _body(request)
    params |= form
    method = str(params.pop("method", request.method)).upper() if request.method == "POST" else request.method
    version, path = read_path(request.url.path)
    kind, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = params.get("access_token") or (bearer.strip() if kind.lower() == "bearer" else None)
    base = f"{request.url.scheme}://{request.url.netloc}"
    return Call(method, path, params, str(token) if token else None, version, base, files)


async def _body(request: Request) -> tuple[Params, dict[str, File]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            found = msgspec.json.decode(await request.body() or b"{}")
            return (found if isinstance(found, dict) else {}), {}
        if kind == "multipart/form-data":
            return await _multipart(request)
        return dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True)), {}
    except (msgspec.DecodeError, RecursionError, HTTPException, ValueError):
        raise invalid("The body of the request cannot be read") from None


async def _multipart(request: Request) -> tuple[Params, dict[str, File]]:
    texts, files = {}, {}
    async with request.form(max_part_size=LARGEST_TEXT) as form:
        for name, value in form.items():
            if isinstance(value, str):
                texts[name] = value
            else:
                files[name] = File(value.filename or name, await value.read())
    return texts, files


def _respond(
    simulator: Simulator, request: Request, call: Call | None, answer: Answer, *, cut: bool = False
) -> Response:
    body = b"" if answer.body is None else msgspec.json.encode(answer.body)
    headers = _headers(simulator, call, answer) | answer.headers
    tagged = request.method == "GET" and not cut and not simulator.options.strict_v26
    if answer.status == HTTPStatus.OK and tagged:
        headers["ETag"] = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
    return Response(body[: len(body) // 2] if cut else body, answer.status, headers, JSON)


def _headers(simulator: Simulator, call: Call | None, answer: Answer) -> dict[str, str]:
    version = call.version if call else CURRENT
    code = answer.body.get("error", {}) if isinstance(answer.body, dict) else {}
    limited = isinstance(code, dict) and code.get("code") == RATE_LIMITED
    headers = {
        "Date": formatdate(simulator.clock.now(), usegmt=True),
        "facebook-api-version": version,
        "x-fb-trace-id": f"{len(simulator.calls):011d}",
        "x-fb-rev": "1030000000",
        "Cache-Control": "private, no-cache, no-store, must-revalidate",
        "Access-Control-Allow-Origin": "*",
    }
    if version != CURRENT:
        headers["X-Ad-Api-Version-Warning"] = f"The call has been auto-upgraded from {version} to {CURRENT}"
    about_insights = bool(call and "insights" in call.path)
    return headers | simulator.usage.headers(simulator.clock.now(), about_insights=about_insights, limited=limited)


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
        ("POST", "/fault", fault),
        ("DELETE", "/fault", forget_faults),
        ("GET", "/scenario", lambda _: {"scenarios": known(), "injected": simulator.graph.scenarios()}),
        ("POST", "/scenario", lambda body: {"started": simulator.start_scenario(msgspec.convert(body, Wish))}),
        ("DELETE", "/scenario", lambda body: {"stopped": simulator.stop_scenarios(str(body["name"]))}),
        ("GET", "/calls", lambda _: {"calls": list(simulator.calls)}),
        ("DELETE", "/calls", forget_calls),
    ]
    return Starlette(routes=[Route(path, door(work), methods=[method]) for method, path, work in routes])


def _plain(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body) + b"\n", status, media_type="application/json")
