"""The OpenAPI document, told from the table of routes and the types in it."""

from functools import cache
from typing import Any

import msgspec

from adopt import __version__
from adopt.routes import ACCOUNT_HEADER, API, EVENTS, GRAPH_HEADER, HEALTH, PREFIX, ROUTES, Failure, Route

_COMMON = (ACCOUNT_HEADER, GRAPH_HEADER)


@cache
def document() -> bytes:
    """The document, as JSON."""
    types = [Failure, *(type_ for route in ROUTES for type_ in (*route.params.values(), route.result))]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    rest = iter(schemas)
    failure = next(rest)
    paths: dict[str, dict[str, Any]] = {
        HEALTH: {"get": {"summary": "Whether it answers.", "responses": {"200": {"description": "It does."}}}},
        EVENTS: {"get": _events()},
    }
    for route in ROUTES:
        known = {name: next(rest) for name in route.params}
        paths.setdefault(PREFIX + route.path, {})[route.verb.lower()] = _operation(route, known, next(rest), failure)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "adopt", "version": __version__, "description": f"API {API} of adopt's daemon."},
            "paths": paths,
            "components": {"schemas": components},
        }
    )


def _operation(route: Route, known: dict[str, Any], result: Any, failure: Any) -> dict[str, Any]:
    inside = [name for name in known if f"{{{name}}}" in route.path]
    outside = {name: schema for name, schema in known.items() if name not in inside}
    parameters = [_parameter("path", name, known[name], required=True) for name in inside]
    parameters += [_parameter("header", name, {"type": "string"}) for name in _COMMON]
    told: dict[str, Any] = {"operationId": route.method, "parameters": parameters}
    if route.verb == "GET":
        parameters += [_parameter("query", name, of, required=name in route.needs) for name, of in outside.items()]
    elif outside:
        body = {"type": "object", "properties": outside, "required": [name for name in outside if name in route.needs]}
        told["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return {**told, "responses": {"200": _content("What it gives.", result), "default": _content("An error.", failure)}}


def _parameter(place: str, name: str, schema: Any, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _content(said: str, schema: Any) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _events() -> dict[str, Any]:
    """The stream: each event has an `Event` of the vocabulary as its data."""
    parameters = [
        _parameter("query", "after", {"type": "integer"}),
        _parameter("header", "last-event-id", {"type": "integer"}),
        *(_parameter("header", name, {"type": "string"}) for name in _COMMON),
    ]
    stream = {"description": "Events, for ever.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    return {"operationId": "follow", "parameters": parameters, "responses": {"200": stream}}
